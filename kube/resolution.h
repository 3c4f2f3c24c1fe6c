/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the files and the target: the context, cluster and user in use with the command line's
 * values on top. Shared by kube/config_*.c alone.
 */
#ifndef KUBE_RESOLUTION_H
#define KUBE_RESOLUTION_H

#include "base/base.h"
#include "base/error.h"
#include "base/strv.h"
#include "kube/config.h"
#include "kube/kubeconfig.h"

/* Larger certificate, key and token files than this are refused. */
#define KUBE_MAX_PEM_BYTES ((size_t)4 << 20)
#define KUBE_MAX_TOKEN_BYTES ((size_t)256 << 10)

struct resolution {
	const struct kube_flags *flags; /* borrowed */
	struct kubeconfig_set set;
	const char *context_name; /* --context or current-context; may be NULL; borrowed */
	const char *cluster_name, *user_name;    /* as used, may be NULL; borrowed */
	bool has_context, has_cluster, has_user; /* whether there are entries of these names */
	/* Owned, with the flags on top; empty where there is no entry. */
	struct kubeconfig_context context;
	struct kubeconfig_cluster cluster;
	struct kubeconfig_user user;
	bool in_pod; /* nothing names a server and a service account is there: use it */
};

/* The server's address made a base URL. */
struct server {
	char *url;             /* without a trailing slash, query, fragment and user */
	bool https;            /* false also if it cannot be parsed */
	char *user, *password; /* that stood in the address, or NULL */
	char *host_and_path;   /* as client-go gives it to credential plugins */
};
/* rest.DefaultServerURL. ERROR_CONFIG; `ret` is to be cleared in any case. */
int server_parse(const char *address, struct server *ret, struct error *err) MUST_CHECK;
void server_clear(struct server *server);
/* An address for messages: a password in it is replaced by "xxxxx". The caller frees. */
char *server_redact(const char *address);

/* ---- kube/config_validate.c */

/* Everything that client-go's ConfirmUsable finds in the parts in use, one text each. */
void resolution_confirm(const struct resolution *resolution, struct strv *problems);

/* ---- kube/config_target.c */

/* Make the target of a resolution that names a server. */
int resolution_target(
	struct resolution *resolution, struct kube_target *ret, struct error *err) MUST_CHECK;
/* The parts of the target that need no cluster: impersonation, time-out. */
int resolution_target_common(
	struct resolution *resolution, struct kube_target *ret, struct error *err) MUST_CHECK;
/* The proxy of the environment for `ret->server`. */
void resolution_target_proxy(struct kube_target *ret);
/* Read a CA file or data into ret->ca_pem; "unable to load root certificates: …". */
int resolution_target_ca(struct kube_target *ret, const char *file, const struct buf *data,
	struct error *err) MUST_CHECK;

/* ---- kube/config_auth.c */

/* Credentials of the user for a server that is reached over TLS, in client-go's order. */
int resolution_credentials(
	struct resolution *resolution, struct kube_target *ret, struct error *err) MUST_CHECK;

/* ---- kube/config_pod.c */

/* Where the service account of a pod is mounted; tests set another folder. */
extern const char *kube_service_account_folder;
/* KUBERNETES_SERVICE_HOST and _PORT are set and there is a service account's token. */
bool pod_possible(void);
/* The service account's namespace: POD_NAMESPACE, its file, "default". The caller frees. */
char *pod_namespace(void);
/* The target that the pod's environment names, with the flags that apply to it. */
int pod_target(
	struct resolution *resolution, struct kube_target *ret, struct error *err) MUST_CHECK;

#endif
