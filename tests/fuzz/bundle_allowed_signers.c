/* SPDX-License-Identifier: Apache-2.0 */
/* Trust files: whatever they hold, each line is an entry or an error. */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/allowed_signers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autofree char *text = xstrndup((const char *)data, size);
	const struct signature_trust trust = {.text = text, .principal = "a@x", .now = 1};
	struct allowed_signers file = {.at = text};
	CLEANUP(allowed_signer_clear) struct allowed_signer signer = ALLOWED_SIGNER_INIT;
	autofree char *found = NULL;
	autofree char *why = NULL;
	autoerror err = ERROR_INIT;
	int next;

	while ((next = allowed_signers_next(&file, &signer, &err)) > 0)
		if (!str_set(signer.principals) || !signer.key.type || !signer.line)
			abort();
	if (next == 0 && signer.key.type &&
		allowed_signers_find(&trust, &signer.key, &found, &why, &err) < 0)
		abort();
	return 0;
}
