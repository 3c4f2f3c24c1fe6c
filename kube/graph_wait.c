/* SPDX-License-Identifier: Apache-2.0 */
/* For one object that is not ready: what it says, or shows, that it waits for. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "kube/fluxconfig.h"
#include "kube/graph.h"
#include "kube/graph_private.h"

/* A target that is in the way: missing, or a node itself. */
static struct graph_node *obstacle(struct graph *graph, const struct survey_ref *ref)
{
	const struct survey_object *object;

	if (!ref->name)
		return NULL;
	object = survey_find_ref(graph->survey, ref);
	if (object)
		return graph_find(graph, object);
	return graph_is_missing(graph, ref) ? graph_missing(graph, ref) : NULL;
}

/* The first "'namespace/name'" of a message; false if there is none. */
static bool quoted_name(const char *message, char **namespace, char **name)
{
	const char *from = message ? strchr(message, '\'') : NULL;
	const char *to = from ? strchr(from + 1, '\'') : NULL;
	const char *slash = to ? memchr(from, '/', (size_t)(to - from)) : NULL;

	if (!slash)
		return false;
	*namespace = xstrndup(from + 1, (size_t)(slash - from - 1));
	*name = xstrndup(slash + 1, (size_t)(to - slash - 1));
	return true;
}

/* ---- dependsOn */

static bool waits_for_dependency(const struct survey_object *object)
{
	return streq(object->reason, "DependencyNotReady") ||
	       (object->message && starts_with(object->message, "dependency '"));
}

static struct graph_node *wait_dependency(struct graph *graph, const struct survey_object *object)
{
	autofree char *namespace = NULL;
	autofree char *name = NULL;
	struct graph_node *found = NULL;

	/* An ImagePolicy says DependencyNotReady of its ImageRepository. */
	if (!object->depends_count)
		return obstacle(graph, &object->source);
	if (quoted_name(object->message, &namespace, &name))
		for (size_t i = 0; !found && i < object->depends_count; i++)
			if (streq(object->depends[i].name, name) &&
				streq(object->depends[i].namespace, namespace))
				found = obstacle(graph, &object->depends[i]);
	for (size_t i = 0; !found && i < object->depends_count; i++)
		found = obstacle(graph, &object->depends[i]);
	return found;
}

/* ---- sources */

/* The artifact could not be had; a path that is not in it is the object's own fault. */
static bool waits_for_source(const struct survey_object *object)
{
	static const char *const reasons[] = {"SourceNotReady", "SourceUnavailable",
		"NoSourceArtifact", "SourceFetchFailed", "IncludeUnavailable", "NoArtifact",
		"ArtifactOutdated"};

	for (size_t i = 0; i < countof(reasons); i++)
		if (streq(object->reason, reasons[i]))
			return true;
	if (object->state == STATE_PROGRESSING)
		return true;
	return streq(object->reason, "ArtifactFailed") && object->message &&
	       !starts_with(object->message, "kustomization path not found");
}

static struct graph_node *wait_source(
	struct graph *graph, const struct survey_object *object, enum graph_edge *edge)
{
	struct graph_node *found = obstacle(graph, &object->chart);
	struct survey_object *source;

	*edge = EDGE_CHART;
	if (found)
		return found;
	*edge = EDGE_SOURCE;
	found = obstacle(graph, &object->source);
	for (size_t i = 0; !found && i < object->depends_count; i++)
		if (!streq(object->depends[i].kind, object->kind->name))
			found = obstacle(graph, &object->depends[i]);
	if (found)
		return found;
	/* The source says Ready, but nobody serves its artifact. */
	*edge = EDGE_CONTROLLER;
	source = survey_find_ref(graph->survey, &object->source);
	return source ? graph_controller(graph, source->kind) : NULL;
}

/* ---- health checks */

static struct graph_node *wait_health_list(struct graph *graph, const struct graph_node *node)
{
	CLEANUP(health_list_clear) struct health_list list;
	struct graph_node *found = NULL;

	health_list_parse(node->object->message, &list);
	for (size_t i = 0; !found && i < list.count; i++) {
		const struct health_entry *entry = &list.entries[i];
		const struct survey_object *object =
			survey_find(graph->survey, entry->kind, entry->namespace, entry->name);

		if (object && object != node->object)
			found = graph_find(graph, object);
	}
	return found;
}

static bool owned_by(const struct survey_object *object, const struct survey_object *owner)
{
	return streq(object->owner.kind, owner->kind->name) && object->owner.name == owner->name &&
	       object->owner.namespace == owner->namespace;
}

/* While health checks run, the message names nobody: whatever it made and fails is waited for. */
static bool runs_health_checks(const struct survey_object *object)
{
	autojson struct json_object *tree = NULL;
	struct json_object *reconciling;
	const char *message;

	if (object->state != STATE_PROGRESSING)
		return false;
	tree = survey_tree(object);
	reconciling = object_condition(tree, "Reconciling");
	message = json_str(reconciling, "message");
	return message && starts_with(message, "Running health checks");
}

static struct graph_node *wait_owned(
	const struct graph *graph, const struct graph_node *node, enum object_state worst)
{
	for (size_t i = 0; i < graph->count; i++) {
		struct graph_node *other = graph->nodes[i];

		if (other->object && other != node && other->state <= worst &&
			other->state != STATE_SUSPENDED && owned_by(other->object, node->object))
			return other;
	}
	return NULL;
}

/* ---- all of them */

static struct graph_node *wait_stale(
	struct graph *graph, struct graph_node *node, enum graph_edge *edge)
{
	struct graph_node *found = graph_controller(graph, node->object->kind);

	*edge = EDGE_CONTROLLER;
	if (found)
		return found;
	*edge = EDGE_SOURCE;
	return obstacle(graph, &node->object->source);
}

static struct graph_node *wait_deleting(
	struct graph *graph, struct graph_node *node, enum graph_edge *edge)
{
	struct graph_node *found = graph_controller(graph, node->object->kind);

	*edge = EDGE_CONTROLLER;
	if (found)
		return found;
	*edge = EDGE_HEALTH;
	return wait_owned(graph, node, STATE_DELETING);
}

static struct graph_node *wait_trying(
	struct graph *graph, struct graph_node *node, enum graph_edge *edge)
{
	const struct survey_object *object = node->object;
	struct graph_node *found = NULL;

	if (waits_for_dependency(object)) {
		*edge = EDGE_DEPENDS;
		return wait_dependency(graph, object);
	}
	*edge = EDGE_HEALTH;
	found = wait_health_list(graph, node);
	if (!found && runs_health_checks(object))
		found = wait_owned(graph, node, STATE_FAILING);
	if (!found && waits_for_source(object))
		found = wait_source(graph, object, edge);
	if (!found && object->state == STATE_PROGRESSING) {
		*edge = EDGE_CONTROLLER;
		found = graph_controller(graph, object->kind);
	}
	return found;
}

struct graph_node *graph_wait(struct graph *graph, struct graph_node *node, enum graph_edge *edge)
{
	if (!node->object || !(node->object->kind->flags & KIND_FLUX))
		return NULL;
	switch (node->state) {
	case STATE_DELETING:
		return wait_deleting(graph, node, edge);
	case STATE_STALE:
		return wait_stale(graph, node, edge);
	case STATE_FAILING:
	case STATE_BLOCKED:
	case STATE_PROGRESSING:
		return wait_trying(graph, node, edge);
	default:
		return NULL;
	}
}

const char graph_part_missing[] = "an object that it makes does not exist";

/* Who talks to Azure for a FluxConfig, or acts on it, if it is ill. */
static struct graph_node *ill_agent(const struct graph *graph)
{
	static const char *const agents[] = {"fluxconfig-agent", "fluxconfig-controller"};

	for (size_t k = 0; k < countof(agents); k++)
		for (size_t i = 0; i < graph->count; i++)
			if (graph->nodes[i]->controller &&
				streq(graph->nodes[i]->controller->name, agents[k]))
				return graph->nodes[i];
	return NULL;
}

struct graph_node *graph_wait_config(
	struct graph *graph, const struct graph_node *node, enum graph_edge *edge)
{
	CLEANUP(fluxconfig_clear) struct fluxconfig config = FLUXCONFIG_INIT;
	const struct fluxconfig_part *part = NULL;

	fluxconfig_read(graph->private->survey, node->object, &config);
	if (streq(node->because, graph_part_missing))
		part = fluxconfig_missing(graph->survey, &config);
	*edge = part ? EDGE_PART : EDGE_CONTROLLER;
	return part ? graph_missing(graph, &part->ref) : ill_agent(graph);
}
