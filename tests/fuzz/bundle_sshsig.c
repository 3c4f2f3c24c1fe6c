/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures as they come with a bundle: whatever they say, nobody is trusted. Input that is not armored is
 * armored first, so that what is inside is met too. */
#include "base/base.h"

#include "base/digest.h"
#include "bundle/signature.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct buf message = {.ptr = (char[]){"text"}, .len = 4};
	const struct signature_trust trust = {.text = "", .now = 1};
	autobuf signature = BUF_INIT;
	autobuf base64 = BUF_INIT;
	struct signer signer = {0};
	autoerror err = ERROR_INIT;

	if (size && *data != '-') {
		base64_encode(data, size, &base64);
		buf_adds(&signature, "-----BEGIN SSH SIGNATURE-----\n");
		for (size_t at = 0; at < base64.len; at += 70)
			buf_addf(&signature, "%.70s\n", base64.ptr + at);
		buf_adds(&signature, "-----END SSH SIGNATURE-----\n");
	} else {
		buf_add(&signature, data, size);
	}
	if (signature_verify(&signature, &message, &trust, &signer, &err) == 0) {
		if (signer.principal || !signer.fingerprint || !signer.why)
			abort();
	} else if (err.kind != ERROR_DAMAGED && err.kind != ERROR_NOT_TRUSTED) {
		abort();
	}
	signer_clear(&signer);
	return 0;
}
