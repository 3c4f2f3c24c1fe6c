/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "plugin/globals.h"

typedef struct globals G;

/* clang-format off */
const struct option global_options[] = {
	OPT_STRING(G, kube.as, 0, "as", "USER",
		"act as this user; it may be one that does not exist"),
	OPT_LIST(G, kube.as_groups, 0, "as-group", "GROUP",
		"act as a member of this group; may be repeated"),
	OPT_STRING(G, kube.as_uid, 0, "as-uid", "UID", "act with this user id"),
	OPT_LIST(G, kube.as_extra, 0, "as-user-extra", "KEY=VALUE",
		"act with this extra attribute of a user; may be repeated"),
	OPT_STRING_FROM(G, bundle, 0, "bundle", "FILE",
		"read this bundle in place of a cluster, as the cluster was when it was packed", COMPLETE_FILE),
	OPT_LIST(G, bundle_parts, 0, "bundle-parts", "FOLDER",
		"look for parts of that bundle here, too; may be repeated"),
	OPT_STRING_FROM(G, kube.certificate_authority, 0, "certificate-authority", "FILE",
		"certificates (PEM) of the authorities that may vouch for the API server", COMPLETE_FILE),
	OPT_STRING_FROM(G, kube.client_certificate, 0, "client-certificate", "FILE",
		"client certificate (PEM)", COMPLETE_FILE),
	OPT_STRING_FROM(G, kube.client_key, 0, "client-key", "FILE",
		"key of the client certificate (PEM)", COMPLETE_FILE),
	OPT_STRING(G, kube.cluster, 0, "cluster", "NAME", "cluster of the kubeconfig to use"),
	OPT_CHOICE(G, color, 0, "color", "WHEN",
		"colours: on a terminal only (auto), always or never", "auto always never"),
	OPT_STRING_FROM(G, kube.context, 0, "context", "NAME",
		"context of the kubeconfig to use", COMPLETE_CONTEXT),
	OPT_FLAG(G, kube.disable_compression, 0, "disable-compression",
		"ask the server not to compress its replies"),
	OPT_FLAG(G, help, 'h', "help", "show help for the command"),
	OPT_FLAG(G, kube.insecure_skip_tls_verify, 0, "insecure-skip-tls-verify",
		"do not check the API server's certificate: anybody may then answer in its place"),
	OPT_STRING_FROM(G, kube.kubeconfig, 0, "kubeconfig", "FILE",
		"kubeconfig file to use; KUBECONFIG and ~/.kube/config are then not read", COMPLETE_FILE),
	OPT_STRING_FROM(G, kube.namespace, 'n', "namespace", "NAMESPACE",
		"namespace to look at, in place of the context's", COMPLETE_NAMESPACE),
	OPT_STRING(G, kube.password, 0, "password", "PASSWORD",
		"password for basic authentication to the API server"),
	OPT_STRING(G, kube.proxy_url, 0, "proxy-url", "URL",
		"proxy for the API server: http, https or socks5"),
	OPT_STRING(G, kube.request_timeout, 0, "request-timeout", "DURATION",
		"how long one request may take, such as 5s or 2m; 0 means no limit"),
	OPT_STRING(G, kube.server, 's', "server", "URL", "address of the API server"),
	OPT_STRING(G, kube.tls_server_name, 0, "tls-server-name", "NAME",
		"name to expect in the API server's certificate"),
	OPT_STRING(G, kube.token, 0, "token", "TOKEN", "bearer token for the API server"),
	OPT_STRING(G, kube.user, 0, "user", "NAME", "user of the kubeconfig to be"),
	OPT_STRING(G, kube.username, 0, "username", "NAME",
		"user name for basic authentication to the API server"),
	OPT_INT(G, verbosity, 'v', "v", "LEVEL",
		"trace on stderr: 6 names each request, 8 adds headers and bodies"),
	OPT_END,
};
/* clang-format on */

void globals_clear(struct globals *globals)
{
	strv_clear(&globals->bundle_parts);
	strv_clear(&globals->kube.as_groups);
	strv_clear(&globals->kube.as_extra);
}
