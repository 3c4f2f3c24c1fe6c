/* SPDX-License-Identifier: Apache-2.0 */
/* Inside a pod: the service account (client-go's rest.InClusterConfig and inClusterClientConfig). */
#include "base/base.h"

#include "base/alloc.h"
#include "base/log.h"
#include "base/os.h"
#include "kube/resolution.h"

const char *kube_service_account_folder = "/var/run/secrets/kubernetes.io/serviceaccount";

static char *account_file(const char *name)
{
	return xasprintf("%s/%s", kube_service_account_folder, name);
}

bool pod_possible(void)
{
	autofree char *token = account_file("token");

	return os_env("KUBERNETES_SERVICE_HOST") && os_env("KUBERNETES_SERVICE_PORT") &&
	       os_file_exists(token);
}

char *pod_namespace(void)
{
	autofree char *file = account_file("namespace");
	autobuf content = BUF_INIT;
	const char *given = os_env("POD_NAMESPACE");

	if (given)
		return xstrdup(given);
	if (os_read_file(file, 4096, &content, NULL) == 0)
		buf_trim(&content);
	return content.len ? buf_detach(&content) : xstrdup("default");
}

/* A CA that cannot be read leaves the system's, as in client-go, which says so in its log. */
static void read_ca(struct kube_target *ret)
{
	autofree char *file = account_file("ca.crt");
	autoerror failure = ERROR_INIT;
	const struct buf none = BUF_INIT;

	if (resolution_target_ca(ret, file, &none, &failure) < 0) {
		buf_reset(&ret->ca_pem);
		log_trace(1, "expected to load root CA config from %s, but got err: %s", file,
			failure.message);
	}
}

static int read_token(struct kube_target *ret, struct error *err)
{
	autobuf content = BUF_INIT;

	ret->token_file = account_file("token");
	if (os_read_file(ret->token_file, KUBE_MAX_TOKEN_BYTES, &content, err) < 0)
		return -1;
	buf_trim(&content);
	ret->token = buf_detach(&content);
	return 0;
}

int pod_target(struct resolution *resolution, struct kube_target *ret, struct error *err)
{
	const struct kube_flags *flags = resolution->flags;
	const char *host = os_env("KUBERNETES_SERVICE_HOST");
	const struct buf none = BUF_INIT;

	ret->in_cluster = true;
	ret->https = true;
	ret->server = xasprintf(strchr(host, ':') ? "https://[%s]:%s" : "https://%s:%s", host,
		os_env("KUBERNETES_SERVICE_PORT"));
	resolution_target_proxy(ret);
	if (str_set(flags->token))
		ret->token = xstrdup(flags->token);
	else if (read_token(ret, err) < 0)
		return -1;
	if (str_set(flags->certificate_authority))
		return resolution_target_ca(ret, flags->certificate_authority, &none, err);
	read_ca(ret);
	return 0;
}
