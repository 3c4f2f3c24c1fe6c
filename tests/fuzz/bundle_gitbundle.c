/* SPDX-License-Identifier: Apache-2.0 */
/* The header of a git bundle: what is read is written back the same, and no part of it is an error. */
#include "base/base.h"

#include "bundle/gitbundle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autogitbundle header = {0};
	autogitbundle again = {0};
	autogitbundle part = {0};
	autobuf out = BUF_INIT;
	size_t pack;
	size_t at;

	if (gitbundle_read((const char *)data, size, &header, &pack, NULL) <= 0)
		return 0;
	if (pack > size || gitbundle_read((const char *)data, pack - 1, &part, &at, NULL) != 0)
		abort();
	gitbundle_write(header.prerequisites, header.prerequisite_count, header.refs,
		header.ref_count, &out);
	if (out.len > pack || gitbundle_read(out.ptr, out.len, &again, &at, NULL) != 1 ||
		at != out.len || again.ref_count != header.ref_count ||
		again.prerequisite_count != header.prerequisite_count)
		abort();
	return 0;
}
