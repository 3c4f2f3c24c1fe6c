/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the kubeconfig's cluster is the one that Azure means. */
#include "base/base.h"

#include <strings.h>

#include "base/json.h"
#include "plugin/azure.h"

/* The context's cluster may be another one than Azure's: then nothing it says counts. */
static bool is_same(const struct azure *azure, struct json_object *map)
{
	const char *name = json_str(map, "data", "AZURE_RESOURCE_NAME");
	const char *group = json_str(map, "data", "AZURE_RESOURCE_GROUP");

	return name && group && strcasecmp(name, azure->target.cluster) == 0 &&
	       strcasecmp(group, azure->target.group) == 0;
}

bool azure_cluster_at_hand(struct azure *azure, struct error *err)
{
	static const char *const maps[] = {
		"/api/v1/namespaces/azure-arc/configmaps/azure-clusterconfig",
		"/api/v1/namespaces/kube-system/configmaps/extension-manager-config",
	};

	if (app_open_kube(azure->app, err) < 0)
		return false;
	if (azure->inferred)
		return true;
	for (size_t i = 0; i < countof(maps); i++) {
		autojson struct json_object *map = NULL;

		error_clear(err);
		if (kube_get(azure->app->kube, maps[i], &map, err) < 0)
			continue;
		if (is_same(azure, map))
			return true;
		error_set(err, ERROR_CONFIG, "the kubeconfig context is another cluster");
		return false;
	}
	if (err->kind == ERROR_NOT_FOUND)
		error_set(err, ERROR_CONFIG,
			"the kubeconfig context does not say that it is this cluster");
	return false;
}
