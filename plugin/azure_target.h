/* SPDX-License-Identifier: Apache-2.0 */
/* Which cluster is meant (part of azure_open()): what was typed, the environment, the kubeconfig's cluster,
 * az's default. */
#ifndef PLUGIN_AZURE_TARGET_H
#define PLUGIN_AZURE_TARGET_H

#include "plugin/azure.h"

struct json_object;

/* All of the target. */
int azure_find_cluster(struct azure *azure, struct error *err) MUST_CHECK;

#define AZURE_MAX_CANDIDATES 8
/* Clusters in Azure that the kubeconfig's may be. */
struct azure_candidates {
	struct arm_target items[AZURE_MAX_CANDIDATES];
	const char *sources[AZURE_MAX_CANDIDATES]; /* where it was read; literals */
	size_t len;
	char *context;        /* of the kubeconfig; owned; NULL */
	struct error unknown; /* what could not be asked; ERROR_NONE: all was */
};
#define AZURE_CANDIDATES_INIT \
	{                     \
		.len = 0      \
	}
void azure_candidates_clear(struct azure_candidates *candidates);
/*
 * Ask the kubeconfig's cluster: Arc's ConfigMap, AKS's ConfigMap, and where neither tells it, the
 * managedClusters of `subscription` (NULL: not asked) for its address. No candidate is no error; what
 * could not be asked is, where there is no candidate, and else stands in `unknown`.
 */
int azure_infer(struct azure *azure, const char *subscription, struct azure_candidates *ret,
	struct error *err) MUST_CHECK;
/* Of a ConfigMap, `type` of the cluster that it is in: false if it does not name a cluster. */
bool azure_read_config(
	struct json_object *map, const struct arm_cluster_type *type, struct arm_target *ret);
/* Out of managedClusters (an array), that whose API server has this host; false if none has. */
bool azure_match_host(struct json_object *clusters, const char *host, struct arm_target *ret);
/* The candidates that fit what is known of `wanted` (names without case). */
size_t azure_match(const struct azure_candidates *candidates, const struct arm_target *wanted,
	const struct arm_target **ret);

#endif
