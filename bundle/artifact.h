/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that source-controller holds, through the API server: where the upstream cannot be reached,
 * what runs is there all the same. By the Service first; by the pod where a NetworkPolicy is in the
 * way of that.
 */
#ifndef BUNDLE_ARTIFACT_H
#define BUNDLE_ARTIFACT_H

#include "base/base.h"
#include "base/error.h"
#include "bundle/plan.h"
#include "bundle/store.h"
#include "kube/kube.h"

struct artifact {
	/* Borrowed. */
	struct kube *kube;
	struct store *store;
	const struct plan_artifact *what;
	uint64_t limit; /* bytes */
	void (*on_progress)(void *ctx, uint64_t received);
	void *ctx;
	/* Results. */
	struct sha256_text digest;
	uint64_t size;
	bool recalled;  /* it was in the store already */
	bool unchecked; /* the object says no digest */
};
/* ERROR_DAMAGED: its digest is not the one of the object's status. */
int artifact_get(struct artifact *artifact, struct error *err) MUST_CHECK;

#endif
