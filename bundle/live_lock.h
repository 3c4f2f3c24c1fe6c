/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a cluster runs now, in the shape of a lock, so that it can be compared with a bundle: sources,
 * refs at their applied commits, charts. Nothing is downloaded, so there are no packs; a tag stands
 * for its commit, since a cluster knows no tag object.
 */
#ifndef BUNDLE_LIVE_LOCK_H
#define BUNDLE_LIVE_LOCK_H

#include "base/base.h"
#include "bundle/lock.h"
#include "bundle/plan.h"

/* Adds to `ret`, an initialised lock. */
void live_lock(const struct plan *plan, struct lock *ret);

#endif
