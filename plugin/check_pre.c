/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of --pre: what an installation of the extension would meet in this cluster. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/quantity.h"
#include "plugin/check.h"

/* Requests of the extension with the default controllers: 370m CPU, 376Mi memory, 6 pods. */
#define NEEDED_CPU_MILLI 370
#define NEEDED_MEMORY_BYTES (376LL << 20)
#define NEEDED_PODS 6

static void rule_connected(struct check *check, const struct check_rule *rule);
static void rule_nodes(struct check *check, const struct check_rule *rule);
static void rule_namespace(struct check *check, const struct check_rule *rule);
static void rule_pod_security(struct check *check, const struct check_rule *rule);
static void rule_quota(struct check *check, const struct check_rule *rule);
static void rule_other_flux(struct check *check, const struct check_rule *rule);

/* clang-format off */
const struct check_rule check_pre_rules[] = {
	{ "not-connected",         SEVERITY_ERROR,   "the extension is installed by Azure's agents: connect the cluster to Azure Arc, or use AKS", rule_connected, 0 },
	{ "no-usable-node",        SEVERITY_ERROR,   "the controllers run on linux/amd64 or linux/arm64 and tolerate no taints", rule_nodes, 0 },
	{ "namespace-terminating", SEVERITY_ERROR,   "nothing can be created in a namespace that is being deleted", rule_namespace, 0 },
	{ "pod-security",          SEVERITY_WARNING, "before 1.22.1 the extension's pods did not meet this Pod Security level", rule_pod_security, 0 },
	{ "quota-too-small",       SEVERITY_ERROR,   "the API server refuses the pods of the controllers beyond the quota", rule_quota, 0 },
	{ "another-flux",          SEVERITY_ERROR,   "the extension and another installation would fight over CRDs and objects", rule_other_flux, 0 },
};
/* clang-format on */
const size_t check_pre_rules_count = countof(check_pre_rules);

/* Both ConfigMaps were asked for and are not there; what was forbidden or failed says nothing. */
static bool both_absent(const struct survey *survey)
{
	size_t answered = 0;

	for (size_t i = 0; i < survey->question_count; i++)
		answered += starts_with(survey->questions[i].what, "ConfigMap ") &&
			    survey->questions[i].outcome == SURVEY_OK;
	return answered == 2;
}

static void rule_connected(struct check *check, const struct check_rule *rule)
{
	const struct survey *survey = check->survey;

	if (survey->arc_config)
		check_passed(check, "connected by Azure Arc as %s/%s",
			json_text(json_get(survey->arc_config, "AZURE_RESOURCE_GROUP")),
			json_text(json_get(survey->arc_config, "AZURE_RESOURCE_NAME")));
	else if (survey->aks_config)
		check_passed(check, "AKS with extension agents");
	else if (both_absent(survey))
		check_found(check, rule, xstrdup("cluster"),
			xstrdup("neither ConfigMap azure-arc/azure-clusterconfig nor "
				"kube-system/extension-manager-config"),
			xstrdup("az connectedk8s connect -n NAME -g GROUP"));
}

static bool has_blocking_taint(struct json_object *node, const char **taint)
{
	struct json_object *taints = json_get(node, "spec", "taints");

	for (size_t i = 0; i < json_len(taints); i++) {
		const char *effect = json_str(json_item(taints, i), "effect");

		if (streq(effect, "NoSchedule") || streq(effect, "NoExecute")) {
			*taint = json_str(json_item(taints, i), "key");
			return true;
		}
	}
	return json_bool(node, "spec", "unschedulable");
}

static bool node_ready(struct json_object *node)
{
	struct json_object *conditions = json_get(node, "status", "conditions");

	for (size_t i = 0; i < json_len(conditions); i++) {
		struct json_object *condition = json_item(conditions, i);

		if (streq(json_str(condition, "type"), "Ready"))
			return streq(json_str(condition, "status"), "True");
	}
	return false;
}

/* Why a node cannot take a controller; NULL if it can. */
static const char *node_unusable(struct json_object *node)
{
	const char *os = json_str(node, "status", "nodeInfo", "operatingSystem");
	const char *arch = json_str(node, "status", "nodeInfo", "architecture");
	const char *taint = NULL;

	if (!streq(os, "linux"))
		return "not linux";
	if (!streq(arch, "amd64") && !streq(arch, "arm64"))
		return "neither amd64 nor arm64";
	if (!node_ready(node))
		return "not ready";
	if (has_blocking_taint(node, &taint))
		return taint ? taint : "unschedulable";
	return NULL;
}

static void rule_nodes(struct check *check, const struct check_rule *rule)
{
	const struct survey_list *nodes = survey_list(check->survey, "Node", NULL);
	autobuf seen = BUF_INIT;
	size_t usable = 0;

	if (!check_read(nodes))
		return;
	for (size_t i = 0; i < nodes->count; i++) {
		autojson struct json_object *node = survey_tree(&nodes->objects[i]);
		const char *why = node ? node_unusable(node) : "not read";

		usable += !why;
		if (why)
			buf_addf(&seen, "%s%s (%s)", seen.len ? ", " : "", nodes->objects[i].name,
				why);
	}
	if (usable)
		check_passed(
			check, "%zu of %zu nodes can take the controllers", usable, nodes->count);
	else
		check_found(check, rule, xstrdup("nodes"),
			nodes->count ? xstrdup(seen.ptr) : xstrdup("there is no node"),
			xstrdup("kubectl get nodes -o wide"));
}

static void rule_namespace(struct check *check, const struct check_rule *rule)
{
	struct survey_object *object = survey_find(check->survey, "Namespace", "", "flux-system");

	autojson struct json_object *tree = object ? survey_tree(object) : NULL;

	if (json_str(tree, "metadata", "deletionTimestamp") ||
		streq(json_str(tree, "status", "phase"), "Terminating"))
		check_found(check, rule, xstrdup("Namespace flux-system"),
			xstrdup("metadata.deletionTimestamp is set"),
			xstrdup("kubectl get namespace flux-system -o yaml"));
}

static void rule_pod_security(struct check *check, const struct check_rule *rule)
{
	struct survey_object *object = survey_find(check->survey, "Namespace", "", "flux-system");
	autojson struct json_object *tree = object ? survey_tree(object) : NULL;
	const char *level =
		json_str(tree, "metadata", "labels", "pod-security.kubernetes.io/enforce");

	if (streq(level, "restricted"))
		check_found(check, rule, xstrdup("Namespace flux-system"),
			xasprintf("label pod-security.kubernetes.io/enforce is %s", level), NULL);
}

/* What is left of one resource of a quota; INT64_MAX if the quota does not limit it. */
static int64_t quota_left(struct json_object *quota, const char *resource)
{
	const char *hard = json_str(quota, "status", "hard", resource);
	const char *used = json_str(quota, "status", "used", resource);
	int64_t limit;
	int64_t taken = 0;

	if (!hard || !quantity_parse(hard, &limit))
		return INT64_MAX;
	if (used && !quantity_parse(used, &taken))
		taken = 0;
	return limit - taken;
}

static bool quota_too_small(struct json_object *quota, struct buf *seen)
{
	static const struct {
		const char *resource;
		int64_t needed_milli;
		const char *words;
	} rows[] = {
		{"requests.cpu", NEEDED_CPU_MILLI, "370m"},
		{"cpu", NEEDED_CPU_MILLI, "370m"},
		{"requests.memory", NEEDED_MEMORY_BYTES * 1000, "376Mi"},
		{"memory", NEEDED_MEMORY_BYTES * 1000, "376Mi"},
		{"pods", NEEDED_PODS * 1000, "6"},
		{"count/deployments.apps", NEEDED_PODS * 1000, "6"},
	};

	for (size_t i = 0; i < countof(rows); i++) {
		if (quota_left(quota, rows[i].resource) >= rows[i].needed_milli)
			continue;
		buf_addf(seen, "%s%s: %s of %s used, %s needed", seen->len ? "; " : "",
			rows[i].resource,
			json_text(json_get(quota, "status", "used", rows[i].resource)),
			json_text(json_get(quota, "status", "hard", rows[i].resource)),
			rows[i].words);
	}
	return seen->len > 0;
}

static void rule_quota(struct check *check, const struct check_rule *rule)
{
	const struct survey_list *quotas = survey_list(check->survey, "ResourceQuota", NULL);
	bool found = false;

	if (!check_read(quotas) || check->install->distribution == DISTRIBUTION_AZURE)
		return; /* what runs has found its place */
	for (size_t i = 0; i < quotas->count; i++) {
		autojson struct json_object *quota = NULL;
		autobuf seen = BUF_INIT;

		if (!streq(quotas->objects[i].namespace, "flux-system"))
			continue;
		quota = survey_tree(&quotas->objects[i]);
		if (!quota || !quota_too_small(quota, &seen))
			continue;
		found = true;
		check_found(check, rule,
			xasprintf("ResourceQuota flux-system/%s", quotas->objects[i].name),
			buf_detach(&seen),
			xasprintf("kubectl -n flux-system describe quota %s",
				quotas->objects[i].name));
	}
	if (!found)
		check_passed(check, "quotas of flux-system");
}

static void rule_other_flux(struct check *check, const struct check_rule *rule)
{
	static const char *const words[] = {
		[DISTRIBUTION_BOOTSTRAP] = "flux bootstrap",
		[DISTRIBUTION_OPERATOR] = "the Flux Operator",
		[DISTRIBUTION_UPSTREAM] = "upstream manifests or a chart",
	};
	const struct install *install = check->install;

	if (!install->known)
		return;
	if (install->distribution == DISTRIBUTION_AZURE)
		check_passed(check, "the extension is installed already");
	else if (!install->namespace)
		/* Kinds may be there, or forbidden: what fights are controllers. */
		check_passed(check, "no other Flux");
	else
		check_found(check, rule, xasprintf("Namespace %s", install->namespace),
			xasprintf("Flux %s installed by %s",
				install->flux_version ? install->flux_version : "",
				words[install->distribution]),
			xasprintf("kubectl -n %s get deployments", install->namespace));
}
