/* SPDX-License-Identifier: Apache-2.0 */
/* A file that should hold a key and its certificate: read or refused, and what was read can sign. */
#include "base/base.h"

#include "base/pem_key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autopemkey *key = NULL;
	autobuf certificate = BUF_INIT;
	autoerror err = ERROR_INIT;

	if (pem_key_read((const char *)data, size, "password", &key, &err) < 0) {
		if (!str_set(err.message))
			abort();
		return 0;
	}
	if (!pem_key_certificate(key, 0, &certificate) || !certificate.len)
		abort();
	pem_key_expires(key);
	return 0;
}
