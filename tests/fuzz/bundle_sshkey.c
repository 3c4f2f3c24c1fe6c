/* SPDX-License-Identifier: Apache-2.0 */
/* Key files: private ones, and public ones as a line. Input that begins as the inside of a private one is
 * armored first. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/digest.h"
#include "bundle/ssh_key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autobuf text = BUF_INIT;
	CLEANUP(ssh_private_clear) struct ssh_private key = SSH_PRIVATE_INIT;
	CLEANUP(ssh_public_clear) struct ssh_public public_key = SSH_PUBLIC_INIT;
	autoerror err = ERROR_INIT;

	if (size > 14 && memcmp(data, "openssh-key-v1", 14) == 0) {
		buf_adds(&text, "-----BEGIN OPENSSH PRIVATE KEY-----\n");
		base64_encode(data, size, &text);
		buf_adds(&text, "\n-----END OPENSSH PRIVATE KEY-----\n");
	} else {
		buf_add(&text, data, size);
	}
	if (ssh_private_read(text.ptr, text.len, &key, &err) == 0 && !key.public_key.blob.len)
		abort();
	if (ssh_public_read(text.ptr, &public_key, &err) == 0) {
		autofree char *again = ssh_public_text(&public_key);

		if (!starts_with(text.ptr, public_key.type->name) || !*again)
			abort();
	}
	return 0;
}
