/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A FluxConfig beside what it made: which objects those are, what Azure last heard of each, and
 * where they differ from it. Pure. Fields: clusterconfig.azure.com/v1alpha1, read tolerantly.
 */
#ifndef KUBE_FLUXCONFIG_H
#define KUBE_FLUXCONFIG_H

#include "base/base.h"
#include "base/strv.h"
#include "kube/survey.h"

/* One object that a FluxConfig makes. */
struct fluxconfig_part {
	char *label;                        /* "source cluster-config", "infra" */
	struct survey_ref ref;              /* interned */
	const struct survey_object *object; /* NULL: not there (or that kind was not read) */
	const char *compliance;             /* Azure's word of the last report; "" if none */
	struct strv differences;            /* "spec.path is ./b, FluxConfig asks for ./a" */
};

struct fluxconfig {
	const struct survey_object *object;
	struct json_object *tree;      /* owned */
	const char *compliance;        /* the worst of its parts; NULL: nothing reported */
	bool synced;                   /* isSyncedWithAzure; true when it does not say */
	int64_t synced_at;             /* lastSyncedTime, or TIME_NONE */
	const char *provisioning;      /* provisioningState, or NULL */
	struct fluxconfig_part *parts; /* the source, then Kustomizations in their order */
	size_t count;
	size_t differing; /* parts with differences */
};

#define FLUXCONFIG_INIT      \
	{                    \
		.tree = NULL \
	}

/* `object` must have its document kept. */
void fluxconfig_read(
	struct survey *survey, const struct survey_object *object, struct fluxconfig *ret);
/* A part that is known not to be in the cluster. */
bool fluxconfig_part_missing(const struct survey *survey, const struct fluxconfig_part *part);
/* The first part that is known not to be in the cluster, or NULL. */
const struct fluxconfig_part *fluxconfig_missing(
	const struct survey *survey, const struct fluxconfig *config);
void fluxconfig_clear(struct fluxconfig *config);

#endif
