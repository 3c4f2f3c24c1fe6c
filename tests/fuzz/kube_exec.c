/* SPDX-License-Identifier: Apache-2.0 */
/* What a credential plugin may print: any bytes, read as JSON or YAML. */
#include "base/base.h"

#include "base/alloc.h"
#include "kube/exec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(exec_reply_clear) struct exec_reply reply = EXEC_REPLY_INIT;
	autofree char *text = xstrndup((const char *)data, size);
	autofree char *clean = exec_clean_text(text);
	autoerror err = ERROR_INIT;

	/* Cleaned text has nothing left that a terminal would obey. */
	if (strpbrk(clean, "\x1b\x07\x08\x7f"))
		abort();
	if (exec_parse("client.authentication.k8s.io/v1", text, size, &reply, &err) == 0) {
		/* What was taken can be used: a token, or a pair that belongs together. */
		if (!str_set(reply.token) && !(reply.cert_pem.len && reply.key_pem.len))
			abort();
	} else if (!str_set(err.message)) {
		abort();
	}
	return 0;
}
