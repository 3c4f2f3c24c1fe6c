/* SPDX-License-Identifier: Apache-2.0 */
/* What an authority, a metadata service or whoever else is there answers. */
#include "base/base.h"

#include "arm/auth.h"
#include "base/alloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(auth_token_clear) struct auth_token token = AUTH_TOKEN_INIT;
	const char *text = (const char *)data;
	autofree char *copy = xstrndup(text, size);
	autofree char *clean = auth_clean_text(copy, 100);
	autofree char *code = NULL;
	autoerror err = ERROR_INIT;

	if (strlen(clean) > 100)
		abort();
	/* What was taken fits into a header. */
	if (auth_reply_read(text, size, 1764000000000, &token, &err) == 0 &&
		(!auth_is_token(token.text, strlen(token.text)) || token.life_ms < -1))
		abort();
	auth_reply_refusal(text, size, 400, &code, &err);
	if (!str_set(err.message))
		abort();
	return 0;
}
