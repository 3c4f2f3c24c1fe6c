/* SPDX-License-Identifier: Apache-2.0 */
/* Commits in the order of their time, newest first, each once. */
#ifndef BUNDLE_HISTORY_H
#define BUNDLE_HISTORY_H

#include "base/base.h"
#include "base/error.h"
#include "bundle/object.h"
#include "bundle/oid_map.h"

struct history_item;
/* Set `odb`, borrowed; all else zero. */
struct history {
	struct odb *odb;
	struct oid_map known; /* every commit that was added */
	struct history_item *items;
	size_t count, cap;
	uint32_t added;
};
void history_clear(struct history *history);
/* Unless it was added before. Its time is read. */
int history_add(struct history *history, const struct oid *oid, struct error *err) MUST_CHECK;
int history_add_parents(
	struct history *history, const struct commit *commit, struct error *err) MUST_CHECK;
/* The newest of those added; 0: there is none. `commit` is to be cleared by the caller. */
int history_next(struct history *history, struct oid *oid, struct commit *commit,
	struct error *err) MUST_CHECK;

#endif
