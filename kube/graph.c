/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/time.h"
#include "kube/fluxconfig.h"
#include "kube/graph.h"
#include "kube/graph_private.h"

/* A Kustomization is told of a new artifact at once: what is older than this was missed. */
#define ARTIFACT_GRACE_MS (2 * 60 * 1000)

const char *graph_edge_word(enum graph_edge edge)
{
	static const char *const words[] = {
		[EDGE_NONE] = "",
		[EDGE_DEPENDS] = "dependsOn",
		[EDGE_SOURCE] = "source",
		[EDGE_CHART] = "chart",
		[EDGE_HEALTH] = "health check",
		[EDGE_CONTROLLER] = "controller",
		[EDGE_PART] = "made object",
		[EDGE_NAMESPACE] = "namespace",
		[EDGE_CYCLE] = "cycle",
	};

	return words[edge];
}

/* ---- nodes */

struct graph_node *graph_push(struct graph *graph, const struct survey_ref *ref)
{
	struct graph_node *node = xcalloc(1, sizeof(*node));

	node->ref = *ref;
	/* Grows at powers of two. */
	if ((graph->count & (graph->count - 1)) == 0)
		graph->nodes = xreallocarray(
			graph->nodes, graph->count ? graph->count * 2 : 1, sizeof(*graph->nodes));
	graph->nodes[graph->count++] = node;
	return node;
}

static struct graph_node *push_object(
	struct graph *graph, const struct survey_object *object, enum object_state state)
{
	struct survey_ref ref = {object->kind->name, object->namespace, object->name};
	struct graph_node *node = graph_push(graph, &ref);

	node->object = object;
	node->state = state;
	return node;
}

struct graph_node *graph_missing(struct graph *graph, const struct survey_ref *ref)
{
	struct graph_node *node;

	for (size_t i = graph->private->first_missing; i < graph->count; i++)
		if (graph->nodes[i]->missing && graph->nodes[i]->ref.name == ref->name &&
			graph->nodes[i]->ref.namespace == ref->namespace &&
			streq(graph->nodes[i]->ref.kind, ref->kind))
			return graph->nodes[i];
	if (!graph->private->first_missing)
		graph->private->first_missing = graph->count;
	node = graph_push(graph, ref);
	node->missing = true;
	node->state = STATE_FAILING;
	return node;
}

bool graph_is_missing(const struct graph *graph, const struct survey_ref *ref)
{
	const struct survey_list *list;

	if (!ref->name || !(graph->survey->parts & SURVEY_FLUX))
		return false;
	if (graph->survey->namespace && !streq(graph->survey->namespace, ref->namespace))
		return false;
	list = survey_list(graph->survey, ref->kind, NULL);
	return list && (list->outcome == SURVEY_OK || list->outcome == SURVEY_NOT_INSTALLED) &&
	       !survey_find_ref(graph->survey, ref);
}

static int by_address(const void *a, const void *b)
{
	uintptr_t x = (uintptr_t)(*(struct graph_node *const *)a)->object;
	uintptr_t y = (uintptr_t)(*(struct graph_node *const *)b)->object;

	return x < y ? -1 : x > y;
}

static void index_nodes(struct graph *graph)
{
	struct graph_private *private = graph->private;

	private->by_object = xcalloc(graph->count + 1, sizeof(*private->by_object));
	for (size_t i = 0; i < graph->count; i++)
		if (graph->nodes[i]->object)
	private->by_object[private->by_object_count++] = graph->nodes[i];
	qsort(private->by_object, private->by_object_count, sizeof(*private->by_object),
		by_address);
}

struct graph_node *graph_find(const struct graph *graph, const struct survey_object *object)
{
	const struct graph_private *private = graph->private;
	size_t low = 0;
	size_t high = private->by_object_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		uintptr_t at = (uintptr_t) private->by_object[middle]->object;

		if (at == (uintptr_t)object)
			return private->by_object[middle];
		if (at < (uintptr_t)object)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

enum object_state graph_state(const struct graph *graph, const struct survey_object *object)
{
	const struct graph_node *node = graph_find(graph, object);

	return node ? node->state : object->state;
}

struct graph_node *graph_controller(const struct graph *graph, const struct kind *kind)
{
	if (!install_down(graph->install, kind))
		return NULL;
	for (size_t i = 0; i < graph->count; i++)
		if (graph->nodes[i]->controller &&
			streq(graph->nodes[i]->controller->name, kind->controller) &&
			graph->nodes[i]->controller->down)
			return graph->nodes[i];
	return NULL;
}

/* ---- which objects are nodes */

/* The source holds something else than what is applied, and has done so for long enough. */
static bool missed_artifact(const struct graph *graph, const struct survey_object *object)
{
	const struct survey_object *source;
	autojson struct json_object *tree = NULL;
	int64_t at;

	if (!streq(object->kind->name, "Kustomization"))
		return false;
	source = survey_find_ref(graph->survey, &object->source);
	if (!source || !source->revision || !object->revision ||
		streq(source->revision, object->revision))
		return false;
	if (install_down(graph->install, object->kind))
		return true;
	tree = survey_tree(source);
	at = time_parse(json_str(tree, "status", "artifact", "lastUpdateTime"));
	return at != TIME_NONE && graph->survey->now - at > ARTIFACT_GRACE_MS;
}

/* What the object itself cannot know: its source is gone, or has moved on without it. */
static enum object_state look_around(
	const struct graph *graph, const struct survey_object *object, const char **because)
{
	*because = object->stale_because;
	if (object->state != STATE_READY)
		return object->state;
	if (graph_is_missing(graph, &object->source)) {
		*because = "its source does not exist";
		return STATE_STALE;
	}
	if (missed_artifact(graph, object)) {
		*because = "its source holds another revision";
		return STATE_STALE;
	}
	return STATE_READY;
}

static void add_flux(struct graph *graph, const struct survey_list *list)
{
	bool down = install_down(graph->install, list->kind);

	for (size_t i = 0; i < list->count; i++) {
		const struct survey_object *object = &list->objects[i];
		const char *because;
		enum object_state state = look_around(graph, object, &because);

		graph->counted++;
		if (!object_state_not_ready(state)) {
			graph->unwatched += down && state == STATE_READY;
			continue;
		}
		graph->not_ready++;
		graph->stale += state == STATE_STALE;
		push_object(graph, object, state)->because = because;
	}
}

static bool in_use(const struct graph *graph, const char *controller)
{
	for (size_t i = 0; i < graph->survey->list_count; i++)
		if (graph->survey->lists[i].count &&
			streq(graph->survey->lists[i].kind->controller, controller))
			return true;
	return false;
}

static void add_controllers(struct graph *graph)
{
	for (size_t i = 0; i < graph->install->count; i++) {
		const struct controller *controller = &graph->install->controllers[i];
		const char *namespace = graph->install->namespace;
		struct survey_ref ref = {"Deployment", namespace ? namespace : "", NULL};
		struct graph_node *node;

		if (controller->fault == CONTROLLER_NONE || controller->fault == CONTROLLER_UNKNOWN)
			continue;
		if (controller->fault == CONTROLLER_MISSING && !in_use(graph, controller->name))
			continue;
		ref.name = controller->name;
		if (controller->deployment) {
			ref.namespace = controller->deployment->namespace;
			ref.name = controller->deployment->name;
		}
		node = graph_push(graph, &ref);
		node->controller = controller;
		node->object = controller->deployment;
		node->state = STATE_FAILING;
	}
}

/* A FluxConfig's own part, apart from what it made: its state, Ready if there is nothing to say. */
static enum object_state config_state(
	struct graph *graph, const struct survey_object *object, const char **because)
{
	CLEANUP(fluxconfig_clear) struct fluxconfig read = FLUXCONFIG_INIT;

	*because = NULL;
	fluxconfig_read(graph->private->survey, object, &read);
	if (streq(read.provisioning, "Failed"))
		*because = "provisioning failed";
	else if (!read.synced)
		*because = "not synced with Azure";
	else if (fluxconfig_missing(graph->survey, &read))
		*because = graph_part_missing;
	if (object->state == STATE_DELETING)
		return STATE_DELETING;
	if (*because)
		return STATE_FAILING;
	*because = object->stale_because;
	return object->state == STATE_STALE ? STATE_STALE : STATE_READY;
}

/* An extension that failed; a FluxConfig whose own part did not work. */
static void add_azure(struct graph *graph, const struct survey_list *list)
{
	bool config = streq(list->kind->name, "FluxConfig");

	for (size_t i = 0; i < list->count; i++) {
		const struct survey_object *object = &list->objects[i];
		const char *because = NULL;
		enum object_state state =
			config ? config_state(graph, object, &because) : object->state;

		if (object_state_not_ready(state))
			push_object(graph, object, state)->because = because;
	}
}

/* A workload that Flux deployed and that is short of replicas while its maker says Ready. Where the
 * maker is not ready itself, the workload is told there. */
static void add_workloads(struct graph *graph, const struct survey_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct survey_object *object = &list->objects[i];
		const struct survey_object *owner = survey_find_ref(graph->survey, &object->owner);
		const char *because;

		if (!object->owner.name || object->ready >= object->wanted)
			continue;
		if (owner && object_state_not_ready(look_around(graph, owner, &because)))
			continue;
		if (!install_of(graph->install, object))
			push_object(graph, object, STATE_PROGRESSING);
	}
}

/* Namespaces that cannot go because an object in them cannot. */
static void add_namespaces(struct graph *graph)
{
	const struct survey_list *list = survey_list(graph->survey, "Namespace", "");

	for (size_t i = 0; list && i < list->count; i++) {
		autojson struct json_object *tree = survey_tree(&list->objects[i]);
		struct graph_node *holder = NULL;
		struct graph_node *node;

		if (!json_get(tree, "metadata", "deletionTimestamp"))
			continue;
		for (size_t k = 0; !holder && k < graph->count; k++)
			if (graph->nodes[k]->state == STATE_DELETING && graph->nodes[k]->object &&
				graph->nodes[k]->object->namespace == list->objects[i].name)
				holder = graph->nodes[k];
		if (!holder)
			continue;
		node = push_object(graph, &list->objects[i], STATE_DELETING);
		node->parent = holder;
		node->edge = EDGE_NAMESPACE;
	}
}

static void add_nodes(struct graph *graph)
{
	const struct survey *survey = graph->survey;

	add_controllers(graph);
	for (size_t i = 0; i < survey->list_count; i++) {
		const struct survey_list *list = &survey->lists[i];

		if (list->kind->flags & KIND_FLUX)
			add_flux(graph, list);
		else if (list->kind->family == FAMILY_AZURE)
			add_azure(graph, list);
		else if (streq(list->kind->group, "apps"))
			add_workloads(graph, list);
	}
	add_namespaces(graph);
}

/* ---- edges */

static int ref_compare(const struct survey_ref *a, const struct survey_ref *b)
{
	int order = strcmp(a->kind, b->kind);

	if (!order)
		order = strcmp(a->namespace, b->namespace);
	return order ? order : strcmp(a->name, b->name);
}

static void set_parents(struct graph *graph)
{
	size_t count = graph->count; /* missing objects are added behind */

	for (size_t i = 0; i < count; i++) {
		struct graph_node *node = graph->nodes[i];
		enum graph_edge edge = EDGE_NONE;
		struct graph_node *parent = node->parent;

		if (parent)
			continue;
		if (node->because && node->object && streq(node->ref.kind, "FluxConfig"))
			parent = graph_wait_config(graph, node, &edge);
		else
			parent = graph_wait(graph, node, &edge);
		if (!parent || parent == node)
			continue;
		node->parent = parent;
		node->edge = edge;
		/* What cannot be had, by nobody's doing below: it waits, it does not fail. */
		if (node->state == STATE_FAILING && node->object &&
			(edge == EDGE_DEPENDS || edge == EDGE_SOURCE || edge == EDGE_CHART))
			node->state = STATE_BLOCKED;
	}
}

/* A walk up that comes back to its start: the first member by name becomes the root, the others
 * stand right below it in the order of the cycle. */
static void open_cycle(struct graph_node *start)
{
	struct graph_node *root = start;
	struct graph_node *node = start;

	do {
		node->in_cycle = true;
		if (ref_compare(&node->ref, &root->ref) < 0)
			root = node;
		node = node->parent;
	} while (node != start);
	for (node = root->parent; node != root;) {
		struct graph_node *next = node->parent;

		node->parent = root;
		node->edge = EDGE_CYCLE;
		node = next;
	}
	root->parent = NULL;
	root->edge = EDGE_NONE;
}

static void open_cycles(struct graph *graph)
{
	for (size_t i = 0; i < graph->count; i++) {
		struct graph_node *node = graph->nodes[i];

		while (node && !node->visit) {
			node->visit = i + 1;
			node = node->parent;
		}
		if (node && node->visit == i + 1)
			open_cycle(node);
	}
}

static void link_children(struct graph *graph)
{
	for (size_t i = 0; i < graph->count; i++) {
		struct graph_node *node = graph->nodes[i];
		struct graph_node *parent = node->parent;

		if (!parent)
			continue;
		if (parent->last_child)
			parent->last_child->next = node;
		else
			parent->first_child = node;
		parent->last_child = node;
		for (struct graph_node *up = parent; up; up = up->parent)
			up->waiting++;
	}
}

static int by_waiting(const void *a, const void *b)
{
	const struct graph_node *x = *(struct graph_node *const *)a;
	const struct graph_node *y = *(struct graph_node *const *)b;

	if (x->waiting != y->waiting)
		return x->waiting > y->waiting ? -1 : 1;
	return x->visit < y->visit ? -1 : x->visit > y->visit;
}

static void collect_roots(struct graph *graph)
{
	graph->roots = xcalloc(graph->count + 1, sizeof(struct graph_node *));
	for (size_t i = 0; i < graph->count; i++) {
		if (graph->nodes[i]->parent)
			continue;
		graph->nodes[i]->visit = i;
		graph->roots[graph->root_count++] = graph->nodes[i];
	}
	qsort(graph->roots, graph->root_count, sizeof(struct graph_node *), by_waiting);
}

struct graph *graph_new(struct survey *survey, const struct install *install)
{
	struct graph *graph = xcalloc(1, sizeof(*graph));

	graph->survey = survey;
	graph->install = install;
	graph->private = xcalloc(1, sizeof(*graph->private));
	graph->private->survey = survey;
	add_nodes(graph);
	index_nodes(graph);
	set_parents(graph);
	open_cycles(graph);
	link_children(graph);
	collect_roots(graph);
	return graph;
}

void graph_free(struct graph *graph)
{
	if (!graph)
		return;
	for (size_t i = 0; i < graph->count; i++)
		free(graph->nodes[i]);
	free(graph->nodes);
	free(graph->roots);
	free(graph->private->by_object);
	free(graph->private);
	free(graph);
}

void graph_free_pointer(struct graph **slot)
{
	graph_free(*slot);
}
