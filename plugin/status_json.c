/* SPDX-License-Identifier: Apache-2.0 */
/* `status -o json`: all that the screen tells, and the numbers behind it. */
#include "base/base.h"

#include "base/json.h"
#include "base/time.h"
#include "plugin/status.h"

static void set_time(struct json_object *object, const char *key, int64_t moment)
{
	autobuf text = BUF_INIT;

	if (moment == TIME_NONE)
		return;
	time_format_utc(&text, moment);
	json_set_str(object, key, text.ptr);
}

static void set_text(struct json_object *object, const char *key, const char *text)
{
	if (str_set(text))
		json_set_str(object, key, text);
}

static void set_count(struct json_object *object, const char *key, size_t count)
{
	json_set(object, key, json_new_uint(count));
}

static struct json_object *ref_json(const struct survey_ref *ref)
{
	struct json_object *object = json_new_object();

	json_set_str(object, "kind", ref->kind);
	set_text(object, "namespace", ref->namespace);
	json_set_str(object, "name", ref->name);
	return object;
}

static struct json_object *texts_json(const struct strv *texts)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < texts->len; i++)
		json_push(array, json_new_string(texts->items[i]));
	return array;
}

/* ---- cluster and Flux */

static struct json_object *cluster_json(const struct status *status)
{
	const struct survey *survey = status->look.survey;
	const struct survey_list *nodes = survey_list(survey, "Node", "");
	struct json_object *config = survey->arc_config ? survey->arc_config : survey->aks_config;
	struct json_object *cluster = json_new_object();

	set_text(cluster, "context", status->app->kube->context_name);
	set_text(cluster, "kubernetes", json_str(survey->version, "gitVersion"));
	if (nodes && nodes->outcome == SURVEY_OK)
		set_count(cluster, "nodes", nodes->count);
	if (!config)
		return cluster;
	json_set_str(cluster, "type", survey->arc_config ? "connectedClusters" : "managedClusters");
	set_text(cluster, "subscription", json_str(config, "AZURE_SUBSCRIPTION_ID"));
	set_text(cluster, "resourceGroup", json_str(config, "AZURE_RESOURCE_GROUP"));
	set_text(cluster, "name", json_str(config, "AZURE_RESOURCE_NAME"));
	set_text(cluster, "region", json_str(config, "AZURE_REGION"));
	set_text(cluster, "agentVersion", json_str(config, "AZURE_ARC_AGENT_VERSION"));
	return cluster;
}

static struct json_object *flux_json(const struct status *status)
{
	static const char *const words[] = {
		[DISTRIBUTION_NONE] = "none",
		[DISTRIBUTION_AZURE] = "azure-extension",
		[DISTRIBUTION_BOOTSTRAP] = "bootstrap",
		[DISTRIBUTION_OPERATOR] = "flux-operator",
		[DISTRIBUTION_UPSTREAM] = "upstream",
	};
	const struct install *install = status->look.install;
	struct json_object *flux = json_new_object();
	autobuf behind = BUF_INIT;

	json_set_str(flux, "distribution",
		install->distribution == DISTRIBUTION_NONE && status->look.unread
			? "unknown"
			: words[install->distribution]);
	set_text(flux, "version", install->flux_version);
	set_text(flux, "extensionVersion", install->extension_version);
	set_text(flux, "namespace", install->namespace);
	status_behind(status, &behind);
	set_text(flux, "behind", behind.ptr);
	if (install->extension)
		json_set(flux, "extension", survey_tree(install->extension));
	return flux;
}

static struct json_object *controller_json(const struct controller *controller)
{
	struct json_object *object = json_new_object();

	json_set_str(object, "name", controller->name);
	json_set_str(object, "state", controller_fault_words(controller->fault));
	if (controller->deployment) {
		json_set_str(object, "namespace", controller->deployment->namespace);
		json_set_str(object, "deployment", controller->deployment->name);
		json_set(object, "ready", json_new_int(controller->ready));
		json_set(object, "wanted", json_new_int(controller->wanted));
		json_set(object, "restarts", json_new_int(controller->restarts));
	}
	json_set(object, "runs", json_new_bool(!controller->down));
	json_set(object, "agent", json_new_bool(controller->role == ROLE_AGENT));
	set_text(object, "image", controller->image);
	set_text(object, "pod", controller->pod);
	set_text(object, "container", controller->container);
	set_text(object, "waiting", controller->waiting);
	set_text(object, "message", controller->waiting_message);
	if (controller->exited) {
		json_set(object, "lastExitCode", json_new_int(controller->exit_code));
		set_text(object, "lastExitReason", controller->exit_reason);
		set_time(object, "lastExitAt", controller->exited_at);
	}
	return object;
}

static struct json_object *controllers_json(const struct status *status)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < status->look.install->count; i++)
		json_push(array, controller_json(&status->look.install->controllers[i]));
	return array;
}

/* ---- kinds, workloads */

static struct json_object *kinds_json(const struct status *status)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < status->look.survey->list_count; i++) {
		const struct survey_list *list = &status->look.survey->lists[i];
		struct json_object *object;
		size_t counts[STATE_COUNT];

		if (!(list->kind->flags & KIND_FLUX))
			continue;
		object = json_new_object();
		json_set_str(object, "kind", list->kind->name);
		json_set_str(object, "group", list->kind->group);
		set_text(object, "version", list->version);
		json_set_str(object, "outcome", survey_outcome_word(list->outcome));
		set_count(object, "total", list->count);
		status_count(status, list, counts);
		for (size_t k = 0; k < STATE_COUNT; k++)
			if (counts[k])
				set_count(
					object, object_state_word((enum object_state)k), counts[k]);
		json_set(object, "unwatched",
			json_new_bool(install_down(status->look.install, list->kind)));
		json_push(array, object);
	}
	return array;
}

static struct json_object *workload_json(const struct survey_object *workload)
{
	struct survey_ref ref = {workload->kind->name, workload->namespace, workload->name};
	struct json_object *object = ref_json(&ref);

	json_set(object, "ready", json_new_int(workload->ready));
	json_set(object, "wanted", json_new_int(workload->wanted));
	json_set(object, "owner", ref_json(&workload->owner));
	return object;
}

static struct json_object *workloads_json(const struct status *status)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < status->look.survey->list_count; i++) {
		const struct survey_list *list = &status->look.survey->lists[i];

		for (size_t k = 0; streq(list->kind->group, "apps") && k < list->count; k++)
			if (list->objects[k].owner.name)
				json_push(array, workload_json(&list->objects[k]));
	}
	return array;
}

/* ---- configurations */

static struct json_object *part_json(
	const struct status *status, const struct fluxconfig_part *part)
{
	struct json_object *object = ref_json(&part->ref);

	json_set(object, "exists", json_new_bool(part->object != NULL));
	if (part->object) {
		json_set_str(object, "state",
			object_state_word(graph_state(status->look.graph, part->object)));
		set_text(object, "revision", part->object->revision);
	}
	set_text(object, "compliance", part->compliance);
	json_set(object, "differences", texts_json(&part->differences));
	return object;
}

static struct json_object *configs_json(const struct status *status)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < status->look.config_count; i++) {
		const struct fluxconfig *config = &status->look.configs[i];
		struct json_object *object = json_new_object();
		struct json_object *parts = json_new_array();

		json_set_str(object, "namespace", config->object->namespace);
		json_set_str(object, "name", config->object->name);
		set_text(object, "provisioningState", config->provisioning);
		set_text(object, "compliance", config->compliance);
		json_set(object, "syncedWithAzure", json_new_bool(config->synced));
		set_time(object, "lastSynced", config->synced_at);
		for (size_t k = 0; k < config->count; k++)
			json_push(parts, part_json(status, &config->parts[k]));
		json_set(object, "parts", parts);
		json_push(array, object);
	}
	return array;
}

/* ---- causes */

static struct json_object *node_json(const struct status *status, const struct graph_node *node)
{
	struct json_object *object = ref_json(&node->ref);
	struct json_object *waiting = json_new_array();
	autostrv remarks = STRV_INIT;
	autobuf text = BUF_INIT;

	if (node->controller)
		json_set_str(object, "state", controller_fault_words(node->controller->fault));
	else
		json_set_str(object, "state",
			node->missing ? "missing" : object_state_word(node->state));
	look_state(&status->look, node, &text);
	json_set_str(object, "summary", text.ptr);
	set_text(object, "reason", node->object ? node->object->reason : NULL);
	set_text(object, "message", look_message(node));
	set_text(object, "because", node->because);
	if (node->object) {
		set_time(object, "since", node->object->since);
		set_text(object, "revision", node->object->revision);
		json_set(object, "retrying", json_new_bool(node->object->retrying));
	}
	set_text(object, "waitsBy", graph_edge_word(node->edge));
	json_set(object, "inCycle", json_new_bool(node->in_cycle));
	look_remarks(&status->look, node, &remarks);
	json_set(object, "remarks", texts_json(&remarks));
	buf_reset(&text);
	look_command(&status->look, node, &text);
	set_text(object, "command", text.ptr);
	json_set(object, "waiting", waiting);
	return object;
}

/* Chains may be long: no recursion. The tree is as deep as the chain, cut where JSON would be. */
#define MAX_DEPTH 60

static struct json_object *subtree_json(
	const struct status *status, const struct graph_node *node, unsigned depth)
{
	struct json_object *object = node_json(status, node);
	struct json_object *waiting = json_get(object, "waiting");

	for (const struct graph_node *child = node->first_child; child; child = child->next) {
		if (depth >= MAX_DEPTH) {
			json_set(object, "cut", json_new_bool(true));
			break;
		}
		json_push(waiting, subtree_json(status, child, depth + 1));
	}
	return object;
}

static struct json_object *causes_json(const struct status *status)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < status->look.graph->root_count; i++)
		json_push(array, subtree_json(status, status->look.graph->roots[i], 0));
	return array;
}

static struct json_object *unread_json(const struct status *status)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < status->look.survey->question_count; i++) {
		const struct survey_question *question = &status->look.survey->questions[i];
		struct json_object *object;

		if (question->outcome <= SURVEY_NOT_INSTALLED)
			continue;
		object = json_new_object();
		json_set_str(object, "what", question->what);
		json_set_str(object, "outcome", survey_outcome_word(question->outcome));
		set_text(object, "message", question->error.message);
		json_push(array, object);
	}
	return array;
}

struct json_object *status_json(const struct status *status)
{
	const struct graph *graph = status->look.graph;
	struct json_object *tree = json_new_object();
	struct json_object *objects = json_new_object();

	json_set_str(tree, "verdict", status_verdict_words(status_verdict(status)));
	set_time(tree, "now", status->look.survey->now);
	json_set(tree, "cluster", cluster_json(status));
	if (status->azure.asked)
		json_set(tree, "azure", status_azure_json(status));
	json_set(tree, "flux", flux_json(status));
	json_set(tree, "controllers", controllers_json(status));
	set_count(objects, "total", graph->counted);
	set_count(objects, "notReady", graph->not_ready);
	set_count(objects, "stale", graph->stale);
	set_count(objects, "unwatched", graph->unwatched);
	json_set(tree, "objects", objects);
	json_set(tree, "kinds", kinds_json(status));
	json_set(tree, "workloads", workloads_json(status));
	json_set(tree, "configurations", configs_json(status));
	json_set(tree, "causes", causes_json(status));
	json_set(tree, "notRead", unread_json(status));
	return tree;
}
