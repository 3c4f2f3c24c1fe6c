/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/collect.h"

void collect_clear(struct collect *collect)
{
	for (size_t i = 0; i < collect->git_count; i++)
		collect_git_clear(&collect->git[i]);
	free(collect->git);
	collect->git = NULL;
	collect->git_count = 0;
	strv_clear(&collect->warnings);
	lock_clear(&collect->lock);
}

/* What the plan could not resolve becomes the lock's. */
static void lock_unresolved(struct collect *collect)
{
	struct plan *plan = collect->plan;

	collect->lock.unresolved = TAKE(plan->unresolved);
	collect->lock.unresolved_count = plan->unresolved_count;
	plan->unresolved_count = 0;
}

int collect_run(struct collect *collect, struct error *err)
{
	collect->lock = (struct lock)LOCK_INIT;
	collect->lock.sequence = 1;
	collect->warnings = (struct strv)STRV_INIT;
	if (collect->history == HISTORY_ARTIFACT) {
		if (collect_artifacts(collect, err) < 0)
			return -1;
	} else {
		if (collect_git_all(collect, err) < 0)
			return -1;
		if (collect->history == HISTORY_FULL)
			collect_lock_git(collect);
		else if (collect_tips(collect, err) < 0)
			return -1;
	}
	if (collect_charts(collect, err) < 0)
		return -1;
	lock_unresolved(collect);
	collect->lock.flux = xstrdup_or_null(collect->plan->flux);
	collect->lock.kubernetes = xstrdup_or_null(collect->plan->kubernetes);
	return 0;
}
