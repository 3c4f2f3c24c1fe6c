/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running a credential plugin: client-go's plugin/pkg/client/auth/exec. Protocol
 * client.authentication.k8s.io/v1 and v1beta1.
 */
#ifndef KUBE_EXEC_H
#define KUBE_EXEC_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/time.h"
#include "kube/config.h"

/* What a plugin prints may not be longer. */
#define EXEC_MAX_OUTPUT ((size_t)1 << 20)

struct exec_reply {
	char *token;                  /* NULL: none */
	struct buf cert_pem, key_pem; /* both or neither */
	int64_t expires;              /* TIME_NONE: never */
};
#define EXEC_REPLY_INIT                                                         \
	{                                                                       \
		.cert_pem = BUF_INIT, .key_pem = BUF_INIT, .expires = TIME_NONE \
	}
void exec_reply_clear(struct exec_reply *reply);

/* Run the plugin once; its standard error is ours. ERROR_CONFIG in client-go's words. */
int exec_run(const struct kube_exec *exec, struct exec_reply *ret, struct error *err) MUST_CHECK;
/* Read what a plugin printed (JSON or YAML; `text[len]` is 0). `ret` is initialised, and to be cleared in any case.
 */
int exec_parse(const char *api_version, const char *text, size_t len, struct exec_reply *ret,
	struct error *err) MUST_CHECK;
/* The value of KUBERNETES_EXEC_INFO; the caller frees. */
char *exec_info(const struct kube_exec *exec, bool interactive);
/*
 * Text from a kubeconfig made safe for a terminal as client-go does: what does not print becomes
 * U+001B; tab, line feed, vertical tab, form feed and carriage return stay. The caller frees.
 */
char *exec_clean_text(const char *text);

#endif
