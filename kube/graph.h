/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What blocks what: every object that is not ready stands under the one thing that it waits for,
 * and what waits for nothing is a root, a cause. Pure.
 *
 * An object waits for another when it says so (DependencyNotReady, SourceNotReady, a health check
 * that lists it) and that other is not ready, does not exist, or its controller does not run. An
 * object that fails by itself is a root even where its dependencies fail too. Each object stands
 * once; a cycle is one root with all members.
 */
#ifndef KUBE_GRAPH_H
#define KUBE_GRAPH_H

#include "base/base.h"
#include "kube/install.h"
#include "kube/survey.h"

enum graph_edge {
	EDGE_NONE, /* a root */
	EDGE_DEPENDS,
	EDGE_SOURCE,
	EDGE_CHART,
	EDGE_HEALTH,
	EDGE_CONTROLLER, /* its own controller does not run */
	EDGE_PART,       /* a FluxConfig below an object that it makes and that is not there */
	EDGE_NAMESPACE,  /* a namespace that cannot go because of an object */
	EDGE_CYCLE,      /* a member of a cycle below its first */
};

/* An entry of "timeout waiting for: [Deployment/web/web status: 'InProgress', …]". Borrowed. */
struct health_entry {
	char *kind, *namespace, *name, *status;
};
struct health_list {
	struct health_entry *entries;
	size_t count;
};
/* Read the list out of a message; empty if there is none. At most 1000 entries. */
void health_list_parse(const char *message, struct health_list *ret);
void health_list_clear(struct health_list *list);

struct graph_node {
	struct survey_ref ref;               /* Kind/namespace/name; interned */
	const struct survey_object *object;  /* NULL: missing object or controller */
	const struct controller *controller; /* a controller that does not run */
	bool missing;                        /* named by others, but not there */
	enum object_state state; /* what the object is after looking at its neighbours */
	const char *because;     /* static text that explains a state found here */
	enum graph_edge edge;    /* to the parent */
	struct graph_node *parent, *first_child, *last_child, *next;
	size_t waiting; /* objects below it, at any depth */
	bool in_cycle;
	size_t visit; /* of the walks that build the graph */
};

struct graph {
	const struct survey *survey;
	const struct install *install;
	struct graph_node **nodes; /* all, in the order of the survey */
	size_t count;
	struct graph_node **roots; /* those with most waiting first */
	size_t root_count;
	size_t counted;          /* objects of Flux kinds */
	size_t not_ready;        /* of those */
	size_t stale, unwatched; /* unwatched: ready, but nobody looks */
	struct graph_private *private;
};

struct graph *graph_new(struct survey *survey, const struct install *install);
void graph_free(struct graph *graph);
void graph_free_pointer(struct graph **slot);
/* The node of an object that is not ready, or NULL. */
struct graph_node *graph_find(const struct graph *graph, const struct survey_object *object);
/* The state of any object as the graph sees it. */
enum object_state graph_state(const struct graph *graph, const struct survey_object *object);
/* Where its node hangs, in words ("dependsOn", "source"); "" for a root. */
const char *graph_edge_word(enum graph_edge edge);

#endif
