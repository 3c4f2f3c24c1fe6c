/* SPDX-License-Identifier: Apache-2.0 */
/* What the kubeconfig's cluster is called in Azure: it says so itself, or its address does. */
#include "base/base.h"

#include <strings.h>

#include "arm/error.h"
#include "base/alloc.h"
#include "base/json.h"
#include "base/url.h"
#include "kube/survey.h"
#include "plugin/azure_target.h"

#define ARC_SOURCE "ConfigMap azure-arc/azure-clusterconfig"
#define AKS_SOURCE "ConfigMap kube-system/extension-manager-config"
#define HOST_SOURCE "the API server's address"

void azure_candidates_clear(struct azure_candidates *candidates)
{
	for (size_t i = 0; i < candidates->len; i++)
		arm_target_clear(&candidates->items[i]);
	free(candidates->context);
	error_clear(&candidates->unknown);
	*candidates = (struct azure_candidates)AZURE_CANDIDATES_INIT;
}

bool azure_read_config(
	struct json_object *map, const struct arm_cluster_type *type, struct arm_target *ret)
{
	const char *subscription = json_str(map, "data", "AZURE_SUBSCRIPTION_ID");
	const char *group = json_str(map, "data", "AZURE_RESOURCE_GROUP");
	const char *cluster = json_str(map, "data", "AZURE_RESOURCE_NAME");
	autoerror ignored = ERROR_INIT;

	if (!str_set(subscription) || !str_set(group) || !str_set(cluster))
		return false;
	ret->subscription = xstrdup(subscription);
	ret->group = xstrdup(group);
	ret->cluster = xstrdup(cluster);
	ret->type = type;
	if (arm_target_check(ret, &ignored) == 0)
		return true;
	arm_target_clear(ret);
	return false;
}

bool azure_match_host(struct json_object *clusters, const char *host, struct arm_target *ret)
{
	static const char *const names[] = {"fqdn", "privateFQDN", "azurePortalFQDN"};

	for (size_t i = 0; i < json_len(clusters); i++)
		for (size_t k = 0; k < countof(names); k++) {
			struct json_object *item = json_item(clusters, i);
			const char *fqdn = json_str(item, "properties", names[k]);
			const char *id = json_str(item, "id");

			if (fqdn && strcasecmp(fqdn, host) == 0 && id && arm_target_parse(id, ret))
				return true;
		}
	return false;
}

static void add(struct azure_candidates *candidates, struct arm_target *target, const char *source)
{
	if (candidates->len == AZURE_MAX_CANDIDATES) {
		arm_target_clear(target);
		return;
	}
	candidates->sources[candidates->len] = source;
	candidates->items[candidates->len++] = *target;
}

/* ---- asking the cluster */

/* What a ConfigMap says, or why it cannot be known; that it is not there is an answer. */
static int add_config(struct azure_candidates *candidates, struct kube_request *request,
	const char *type, const char *source, struct error *err)
{
	struct arm_target target = ARM_TARGET_INIT;
	autojson struct json_object *map = NULL;

	if (request->error.kind == ERROR_NOT_FOUND)
		return 0;
	if (request->error.kind != ERROR_NONE)
		return error_move(err, &request->error), error_wrap(err, "%s", source);
	if (json_parse(request->reply.ptr, request->reply.len, &map, err) < 0)
		return error_wrap(err, "%s", source);
	if (azure_read_config(map, arm_cluster_type_find(type), &target))
		add(candidates, &target, source);
	return 0;
}

static int ask_configs(struct app *app, struct azure_candidates *ret, struct error *err)
{
	CLEANUP(kube_request_clear) struct kube_request arc = KUBE_REQUEST_INIT;
	CLEANUP(kube_request_clear) struct kube_request aks = KUBE_REQUEST_INIT;
	struct kube_request *requests[] = {&arc, &aks};
	autoerror why = ERROR_INIT;

	arc.path = SURVEY_ARC_CONFIG_PATH;
	aks.path = SURVEY_AKS_CONFIG_PATH;
	if (kube_run(app->kube, requests, countof(requests), err) < 0)
		return -1;
	(void)add_config(ret, &arc, "connectedClusters", ARC_SOURCE, &ret->unknown);
	if (add_config(ret, &aks, "managedClusters", AKS_SOURCE, &why) < 0 &&
		ret->unknown.kind == ERROR_NONE)
		error_move(&ret->unknown, &why);
	if (ret->unknown.kind != ERROR_NONE && !ret->len)
		return error_move(err, &ret->unknown);
	return 0;
}

/* ---- asking Azure for the address */

/* "flux-demo-dns-1a2b3c.hcp.eastus.azmk8s.io", of whatever cloud. */
static bool is_aks_host(const char *host)
{
	return arm_text_find(host, ".azmk8s.") || arm_text_find(host, ".cx.prod.service.azk8s.");
}

static int ask_address(struct azure *azure, const char *subscription, struct azure_candidates *ret,
	struct error *err)
{
	struct arm_target target = ARM_TARGET_INIT;
	autojson struct json_object *clusters = NULL;
	autofree char *path = NULL;
	autourl url = URL_INIT;

	if (!subscription || !url_parse(azure->app->target.server, &url) || !is_aks_host(url.host))
		return 0;
	path = xasprintf("/subscriptions/%s/providers/Microsoft.ContainerService/managedClusters",
		subscription);
	if (arm_list(azure->arm, path, arm_api_version(azure->arm, ARM_MANAGED_CLUSTERS), &clusters,
		    err) < 0)
		return error_wrap(err, "looking for the AKS cluster at %s", url.host);
	if (azure_match_host(clusters, url.host, &target))
		add(ret, &target, HOST_SOURCE);
	return 0;
}

static bool has_aks(const struct azure_candidates *candidates)
{
	for (size_t i = 0; i < candidates->len; i++)
		if (streq(candidates->items[i].type->name, "managedClusters"))
			return true;
	return false;
}

int azure_infer(struct azure *azure, const char *subscription, struct azure_candidates *ret,
	struct error *err)
{
	struct app *app = azure->app;

	if (app_open_kube(app, err) < 0)
		return -1;
	app_progress(app, "the cluster at %s to say its name in Azure", app_place(app));
	ret->context = xstrdup_or_null(app->target.context);
	if (ask_configs(app, ret, err) < 0)
		return -1;
	return has_aks(ret) ? 0 : ask_address(azure, subscription, ret, err);
}

/* ---- choosing */

static bool same(const char *wanted, const char *name)
{
	return !wanted || strcasecmp(wanted, name) == 0;
}

size_t azure_match(const struct azure_candidates *candidates, const struct arm_target *wanted,
	const struct arm_target **ret)
{
	size_t count = 0;

	for (size_t i = 0; i < candidates->len; i++) {
		const struct arm_target *item = &candidates->items[i];

		if (!same(wanted->subscription, item->subscription) ||
			!same(wanted->group, item->group) ||
			!same(wanted->cluster, item->cluster) ||
			(wanted->type && wanted->type != item->type))
			continue;
		if (!count++)
			*ret = item;
	}
	return count;
}
