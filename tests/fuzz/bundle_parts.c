/* SPDX-License-Identifier: Apache-2.0 */
/* A parts list that is taken is written again byte for byte, and its name leads nowhere else. */
#include "base/base.h"

#include "bundle/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autobuf again = BUF_INIT;
	autoparts parts;
	autoerror err = ERROR_INIT;

	if (parts_read((const char *)data, size, &parts, &err) < 0) {
		if (err.kind != ERROR_DAMAGED)
			abort();
		return 0;
	}
	if (strchr(parts.name, '/') || *parts.name == '.')
		abort();
	parts_write(&parts, &again);
	if (again.len != size || memcmp(again.ptr, data, size) != 0)
		abort();
	return 0;
}
