/* SPDX-License-Identifier: Apache-2.0 */
/* A lock that is taken is written again byte for byte. */
#include "base/base.h"

#include "bundle/lock.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autobuf again = BUF_INIT;
	autolock lock;
	autoerror err = ERROR_INIT;

	if (lock_read((const char *)data, size, &lock, &err) < 0) {
		if (err.kind != ERROR_DAMAGED)
			abort();
		return 0;
	}
	lock_write(&lock, &again);
	if (again.len != size || memcmp(again.ptr, data, size) != 0)
		abort();
	return 0;
}
