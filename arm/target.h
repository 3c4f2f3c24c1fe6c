/* SPDX-License-Identifier: Apache-2.0 */
/* Which cluster in Azure, and the paths of what belongs to it. Names compare without case. */
#ifndef ARM_TARGET_H
#define ARM_TARGET_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"

/* CATALOG of the types of clusters, as -t names them. */
struct arm_cluster_type {
	const char *name;     /* "connectedClusters" */
	const char *provider; /* "Microsoft.Kubernetes" */
	const char *what;     /* "Azure Arc-enabled Kubernetes" */
	bool identity; /* an extension gets an identity of its own: not on AKS, which refuses one */
};
extern const struct arm_cluster_type arm_cluster_types[];
extern const size_t arm_cluster_types_count;
/* In any case; "arc" and "aks" too. NULL if unknown. */
const struct arm_cluster_type *arm_cluster_type_find(const char *name);

/* Owned texts; NULL while unknown. */
struct arm_target {
	char *subscription, *group, *cluster;
	const struct arm_cluster_type *type;
};
#define ARM_TARGET_INIT              \
	{                            \
		.subscription = NULL \
	}
void arm_target_clear(struct arm_target *target);
/* Are the names such that ARM takes them? ERROR_USAGE says which is not, and why. */
int arm_target_check(const struct arm_target *target, struct error *err) MUST_CHECK;

/* Append "/subscriptions/S/resourceGroups/G/providers/P/T/C". */
void arm_target_path(const struct arm_target *target, struct buf *out);
/* The same, and "/providers/Microsoft.KubernetesConfiguration/COLLECTION[/NAME]"; the caller frees. */
char *arm_target_child(const struct arm_target *target, const char *collection, const char *name);
/* Take a resource id of a cluster apart. False if it is none. */
bool arm_target_parse(const char *id, struct arm_target *ret);

#endif
