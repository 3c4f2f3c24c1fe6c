/* SPDX-License-Identifier: Apache-2.0 */
/* A kubeconfig file of any bytes: read, and its parts in use taken out and judged. */
#include "base/base.h"

#include "base/alloc.h"
#include "kube/kubeconfig.h"
#include "kube/resolution.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(struct kubeconfig_set *set)
{
	const struct kube_flags flags = {.token = NULL};
	struct resolution resolution = {.flags = &flags};
	autostrv problems = STRV_INIT;
	autostrv names = STRV_INIT;
	CLEANUP(server_clear) struct server server = {NULL, false, NULL, NULL, NULL};

	kubeconfig_context_names(set, &names);
	resolution.context_name = kubeconfig_current_context(set);
	resolution.has_context =
		kubeconfig_take_context(set, resolution.context_name, &resolution.context);
	resolution.cluster_name = resolution.context.cluster;
	resolution.user_name = resolution.context.user;
	resolution.has_cluster =
		kubeconfig_take_cluster(set, resolution.cluster_name, &resolution.cluster);
	resolution.has_user = kubeconfig_take_user(set, resolution.user_name, &resolution.user);
	resolution_confirm(&resolution, &problems);
	if (str_set(resolution.cluster.server) &&
		server_parse(resolution.cluster.server, &server, NULL) == 0 && !server.url)
		abort();
	schema_clear(&kubeconfig_context_schema, &resolution.context);
	schema_clear(&kubeconfig_cluster_schema, &resolution.cluster);
	schema_clear(&kubeconfig_user_schema, &resolution.user);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kubeconfig_set set = KUBECONFIG_SET_INIT;
	autoerror err = ERROR_INIT;

	set.files = xcalloc(1, sizeof(*set.files));
	set.len = 1;
	kubeconfig_init(&set.files[0]);
	set.files[0].path = xstrdup("folder/file");
	if (kubeconfig_parse(&set.files[0], (const char *)data, size, &err) == 0)
		judge(&set);
	else if (!str_set(err.message))
		abort();
	kubeconfig_set_clear(&set);
	return 0;
}
