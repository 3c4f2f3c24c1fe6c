/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of --pre about the Azure side: what an installation of the extension would meet there. */
#include "base/base.h"

#include <strings.h>

#include "arm/error.h"
#include "arm/extension.h"
#include "base/alloc.h"
#include "base/json.h"
#include "base/version.h"
#include "kube/releases.h"
#include "plugin/check.h"
#include "plugin/check_azure.h"

/* The extension runs on arm64 from this release on. */
#define ARM64_SINCE "1.7.0"

static void rule_providers(struct check *check, const struct check_rule *rule);
static void rule_connected(struct check *check, const struct check_rule *rule);
static void rule_identity(struct check *check, const struct check_rule *rule);
static void rule_region(struct check *check, const struct check_rule *rule);
static void rule_extension(struct check *check, const struct check_rule *rule);
static void rule_support(struct check *check, const struct check_rule *rule);
static void rule_arm64(struct check *check, const struct check_rule *rule);
static void rule_permissions(struct check *check, const struct check_rule *rule);

/* clang-format off */
const struct check_rule check_azure_rules[] = {
	{ "provider-not-registered",    SEVERITY_ERROR,   "the subscription does not know the resource types before their provider is registered", rule_providers, 0 },
	{ "cluster-offline",            SEVERITY_ERROR,   "what is asked of Azure reaches the cluster through its agents", rule_connected, 0 },
	{ "service-principal-cluster",  SEVERITY_ERROR,   "extensions need a cluster with a managed identity", rule_identity, 0 },
	{ "region-without-extensions",  SEVERITY_ERROR,   "the extension is not offered in this region", rule_region, 0 },
	{ "extension-failed-in-azure",  SEVERITY_ERROR,   "Azure did not get the extension into the wanted state", rule_extension, 0 },
	{ "extension-too-old",          SEVERITY_WARNING, "Microsoft supports the newest minor release and the two before it", rule_support, 0 },
	{ "extension-without-arm64",    SEVERITY_ERROR,   "the extension runs on arm64 from " ARM64_SINCE " on", rule_arm64, 0 },
	{ "azure-permission-missing",   SEVERITY_ERROR,   "you may not do this to the cluster's resources in Azure", rule_permissions, 0 },
};
/* clang-format on */
const size_t check_azure_rules_count = countof(check_azure_rules);

/* What a question says that was not answered; true if it was. */
static bool answered(struct check *check, const char *what, const struct arm_request *request)
{
	if (request->error.kind == ERROR_NONE)
		return true;
	check_unanswered(check, "Azure: %s: %s", what, request->error.message);
	return false;
}

static char *place(const struct check *check)
{
	return xasprintf("cluster %s", check->azure->azure->target.cluster);
}

/* "-g G -c C -t T", as commands of ours take it. */
static char *target_words(const struct check *check)
{
	const struct arm_target *target = &check->azure->azure->target;

	return xasprintf("-g %s -c %s -t %s", target->group, target->cluster, target->type->name);
}

static void rule_providers(struct check *check, const struct check_rule *rule)
{
	size_t registered = 0;

	for (size_t i = 0; check->azure && i < CHECK_AZURE_PROVIDERS; i++) {
		const struct arm_request *request = &check->azure->providers[i];
		const char *name = strrchr(request->path, '/') + 1;
		const char *state = json_str(request->reply, "registrationState");

		if (!answered(check, name, request))
			continue;
		if (state && strcasecmp(state, "Registered") == 0) {
			registered++;
			continue;
		}
		check_found(check, rule, xasprintf("provider %s", name),
			xasprintf("registrationState is %s", state ? state : "not told"),
			xasprintf("kubectl flux-arc provider register %s --subscription %s", name,
				check->azure->azure->target.subscription));
	}
	if (registered == CHECK_AZURE_PROVIDERS)
		check_passed(check, "providers registered");
}

static bool is_type(const struct check *check, const char *type)
{
	return check->azure && streq(check->azure->azure->target.type->name, type);
}

static void rule_connected(struct check *check, const struct check_rule *rule)
{
	struct json_object *properties;
	const char *state;
	const char *last;

	if (!is_type(check, "connectedClusters") ||
		!answered(check, "the cluster", &check->azure->cluster))
		return;
	properties = json_get(check->azure->cluster.reply, "properties");
	state = json_str(properties, "connectivityStatus");
	last = json_str(properties, "lastConnectivityTime");
	if (state && strcasecmp(state, "Connected") == 0) {
		check_passed(check, "connected to Azure, agents %s",
			json_str(properties, "agentVersion") ? json_str(properties, "agentVersion")
							     : "of unknown version");
		return;
	}
	check_found(check, rule, place(check),
		xasprintf("connectivityStatus is %s%s%s", state ? state : "not told",
			last ? ", last seen " : "", last ? last : ""),
		xstrdup("kubectl -n azure-arc get pods"));
}

static void rule_identity(struct check *check, const struct check_rule *rule)
{
	struct json_object *cluster;
	const char *client;
	const struct arm_target *target;

	if (!is_type(check, "managedClusters") ||
		!answered(check, "the cluster", &check->azure->cluster))
		return;
	cluster = check->azure->cluster.reply;
	client = json_str(cluster, "properties", "servicePrincipalProfile", "clientId");
	target = &check->azure->azure->target;
	if (json_str(cluster, "identity", "type") && (!client || streq(client, "msi"))) {
		check_passed(check, "runs on a managed identity");
		return;
	}
	check_found(check, rule, place(check), xstrdup("it runs on a service principal"),
		xasprintf("az aks update -g %s -n %s --enable-managed-identity", target->group,
			target->cluster));
}

/* Microsoft's list of regions without cluster extensions on AKS. */
static void rule_region(struct check *check, const struct check_rule *rule)
{
	const char *location =
		check->azure ? json_str(check->azure->cluster.reply, "location") : NULL;

	if (!location)
		return;
	if (is_type(check, "managedClusters") && strcasecmp(location, "qatarcentral") == 0)
		check_found(check, rule, place(check), xasprintf("it is in %s", location), NULL);
	else
		check_passed(check, "region %s", location);
}

/* ---- the extension, if there is one already */

static struct json_object *extension_of(struct check *check)
{
	if (!check->azure || !answered(check, "extensions", &check->azure->extensions))
		return NULL;
	return arm_extension_find(json_get(check->azure->extensions.reply, "value"), NULL);
}

/* Newer extensions tell it in errorInfo, older ones in their statuses alone. */
static void why_failed(struct json_object *extension, struct arm_failure *ret)
{
	struct json_object *info = json_get(extension, "properties", "errorInfo");
	struct json_object *first = json_item(json_get(extension, "properties", "statuses"), 0);

	arm_failure_of(info ? info : first, ret);
}

static void rule_extension(struct check *check, const struct check_rule *rule)
{
	struct json_object *extension = extension_of(check);
	const char *state = json_str(extension, "properties", "provisioningState");
	struct arm_failure failure = {.code = NULL};
	autofree char *words = NULL;

	if (!extension || !state)
		return;
	if (strcasecmp(state, "Failed") != 0) {
		check_passed(check, "extension %s in Azure", state);
		return;
	}
	why_failed(extension, &failure);
	words = target_words(check);
	check_found(check, rule, xasprintf("extension %s", json_str(extension, "name")),
		xasprintf("provisioningState is Failed: %s", failure.message),
		xasprintf("kubectl flux-arc extension show %s", words));
	arm_failure_clear(&failure);
}

static void rule_support(struct check *check, const struct check_rule *rule)
{
	struct json_object *extension = extension_of(check);
	const char *version = json_str(extension, "properties", "currentVersion");
	autofree char *words = NULL;

	if (!version)
		return;
	if (extension_release_minors_behind(version) <= EXTENSION_SUPPORTED_BEHIND) {
		check_passed(check, "extension %s supported", version);
		return;
	}
	words = target_words(check);
	check_found(check, rule, xasprintf("extension %s", json_str(extension, "name")),
		xasprintf("version %s; the newest known here is %s", version,
			extension_releases[0].version),
		xasprintf("kubectl flux-arc extension update %s --auto-upgrade", words));
}

static size_t arm64_nodes(const struct survey_list *nodes)
{
	size_t count = 0;

	for (size_t i = 0; i < nodes->count; i++) {
		autojson struct json_object *node = survey_tree(&nodes->objects[i]);

		count += streq(json_str(node, "status", "nodeInfo", "architecture"), "arm64");
	}
	return count;
}

static void rule_arm64(struct check *check, const struct check_rule *rule)
{
	const struct survey_list *nodes = survey_list(check->survey, "Node", NULL);
	struct json_object *extension = extension_of(check);
	const char *version = json_str(extension, "properties", "currentVersion");
	autofree char *words = NULL;

	if (!version || !check_read(nodes) || !nodes->count || arm64_nodes(nodes) < nodes->count ||
		version_compare(version, ARM64_SINCE) >= 0)
		return;
	words = target_words(check);
	check_found(check, rule, xasprintf("extension %s", json_str(extension, "name")),
		xasprintf("version %s, and every node is arm64", version),
		xasprintf("kubectl flux-arc extension update %s --auto-upgrade", words));
}

/* ---- permissions */

static void rule_permissions(struct check *check, const struct check_rule *rule)
{
	static const char *const actions[] = {
		"Microsoft.KubernetesConfiguration/extensions/read",
		"Microsoft.KubernetesConfiguration/extensions/write",
		"Microsoft.KubernetesConfiguration/extensions/delete",
		"Microsoft.KubernetesConfiguration/fluxConfigurations/read",
		"Microsoft.KubernetesConfiguration/fluxConfigurations/write",
		"Microsoft.KubernetesConfiguration/fluxConfigurations/delete",
	};
	struct json_object *permissions;
	autobuf missing = BUF_INIT;

	if (!check->azure || !answered(check, "your permissions", &check->azure->permissions))
		return;
	permissions = json_get(check->azure->permissions.reply, "value");
	for (size_t i = 0; i < countof(actions); i++)
		if (!check_azure_allows(permissions, actions[i]))
			buf_addf(&missing, "%s%s", missing.len ? ", " : "",
				actions[i] + strlen("Microsoft.KubernetesConfiguration/"));
	if (!missing.len) {
		check_passed(check, "%zu permissions of yours in Azure", countof(actions));
		return;
	}
	check_found(check, rule, xstrdup("your permissions in Azure"),
		xasprintf("not allowed: %s of Microsoft.KubernetesConfiguration", missing.ptr),
		xstrdup("az role assignment list --assignee YOU --scope CLUSTER "
			"--include-inherited"));
}
