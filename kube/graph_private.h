/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the graph share and nobody else sees. */
#ifndef KUBE_GRAPH_PRIVATE_H
#define KUBE_GRAPH_PRIVATE_H

#include "base/base.h"
#include "kube/graph.h"

struct graph_private {
	struct survey *survey;
	struct graph_node **by_object; /* nodes with an object, by its address */
	size_t by_object_count;
	size_t first_missing; /* index; 0: none, since something waits for it and comes before */
};

/* What a node waits for: NULL for a root. Missing objects become nodes on the way. */
struct graph_node *graph_wait(struct graph *graph, struct graph_node *node, enum graph_edge *edge);
/* What a FluxConfig that has something to say for itself stands under: the object that it
 * lacks, else the agent that is ill. */
struct graph_node *graph_wait_config(
	struct graph *graph, const struct graph_node *node, enum graph_edge *edge);
/* Why such a FluxConfig is told, where an object is missing. */
extern const char graph_part_missing[];
/* The node of something that is named but not there; made when needed. */
struct graph_node *graph_missing(struct graph *graph, const struct survey_ref *ref);
struct graph_node *graph_push(struct graph *graph, const struct survey_ref *ref);
/* Is the named object known not to be there? False where its kind was not read. */
bool graph_is_missing(const struct graph *graph, const struct survey_ref *ref);
/* The node of the controller of a kind, if that does not run. */
struct graph_node *graph_controller(const struct graph *graph, const struct kind *kind);

#endif
