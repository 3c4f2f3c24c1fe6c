/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kubeconfig files, flags and the pod's service account, resolved to one target exactly as
 * client-go's clientcmd does it, with deliberate differences: a missing user, cluster or
 * current-context is a clear error and never localhost:8080, nothing is prompted for, --token beats
 * tokenFile, the in-cluster configuration works together with --as and --request-timeout.
 */
#ifndef KUBE_CONFIG_H
#define KUBE_CONFIG_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/strv.h"

struct json_object;

/* The command line's part; NULL means not given. Borrowed. */
struct kube_flags {
	const char *kubeconfig, *context, *cluster, *user, *namespace;
	const char *server, *tls_server_name, *certificate_authority, *proxy_url;
	const char *client_certificate, *client_key, *token, *username, *password;
	const char *as, *as_uid;
	struct strv as_groups; /* --as-group */
	struct strv as_extra;  /* --as-user-extra key=value */
	const char *request_timeout;
	bool insecure_skip_tls_verify, disable_compression;
};

/* The `exec` stanza of a user. */
struct kube_exec {
	char *command; /* NULL: no exec credentials */
	struct strv args;
	struct strv env;        /* "NAME=value" */
	char *api_version;      /* client.authentication.k8s.io/v1 or v1beta1 */
	char *install_hint;     /* safe for a terminal; NULL: none */
	char *interactive_mode; /* Never, IfAvailable, Always */
	/* What KUBERNETES_EXEC_INFO is to say of the cluster; NULL without provideClusterInfo. */
	struct json_object *cluster_info;
};
#define KUBE_EXEC_INIT                              \
	{                                           \
		.args = STRV_INIT, .env = STRV_INIT \
	}
void kube_exec_clear(struct kube_exec *exec);

/* Where to go and as whom. All owned. */
struct kube_target {
	char *context, *cluster, *user; /* names, for messages; NULL in a pod */
	char *server;                   /* base URL without a trailing slash */
	bool https;
	char *tls_server_name;
	bool insecure, disable_compression;
	struct buf ca_pem; /* empty: the system's CAs */
	struct buf cert_pem, key_pem;
	char *proxy; /* "" for none; already decided between proxy-url and environment */
	char *token, *token_file, *username, *password;
	struct kube_exec exec;
	char *impersonate_user, *impersonate_uid;
	struct strv impersonate_groups;
	struct strv impersonate_extra; /* key, value, key, value …; keys repeat */
	char *namespace;               /* never NULL */
	int64_t timeout_ns;            /* --request-timeout; 0: none */
	bool in_cluster;
};
#define KUBE_TARGET_INIT                                                       \
	{                                                                      \
		.ca_pem = BUF_INIT, .cert_pem = BUF_INIT, .key_pem = BUF_INIT, \
		.exec = KUBE_EXEC_INIT, .impersonate_groups = STRV_INIT,       \
		.impersonate_extra = STRV_INIT                                 \
	}

/*
 * Read what the flags and the environment name, merge, override, validate. Reads files, runs no
 * program, sends nothing. ERROR_CONFIG in client-go's words.
 */
int kube_target_resolve(
	const struct kube_flags *flags, struct kube_target *ret, struct error *err) MUST_CHECK;
void kube_target_clear(struct kube_target *target);

#endif
