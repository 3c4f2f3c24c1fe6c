/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bundle and the delta on top of it as one bundle that builds on nothing. Packs are put behind each
 * other as they are, so no object is packed anew.
 */
#ifndef BUNDLE_MERGE_H
#define BUNDLE_MERGE_H

#include "base/base.h"
#include "base/error.h"
#include "bundle/bundle.h"

struct merge {
	/* Borrowed. The base must be whole, and the delta's. */
	struct bundle *base, *delta;
	struct store *store; /* where the blobs are brought together */
	/* As in base/http.h; may be NULL. */
	int (*tick)(void *ctx, struct error *err);
	void *ctx;
};
/*
 * The lock of the whole, its blobs in the store: for bundle_write(). It keeps the delta's number.
 * ERROR_INCOMPLETE: they do not fit, and why. ERROR_DAMAGED. `ret` is to be cleared in any case.
 */
int bundle_merge(const struct merge *merge, struct lock *ret, struct error *err) MUST_CHECK;

#endif
