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

/* A base that has nothing of what is packed was given by mistake. */
static int check_base(const struct collect *collect, struct error *err)
{
	const struct base *base = collect->base;
	const struct plan *plan = collect->plan;
	autostrv urls = STRV_INIT;
	autofree char *list = NULL;

	if (!base || !plan->git_count || !base->lock.git_count)
		return 0;
	for (size_t i = 0; i < base->lock.git_count; i++) {
		for (size_t j = 0; j < plan->git_count; j++)
			if (streq(base->lock.git[i].url, plan->git[j].url))
				return 0;
		strv_push(&urls, base->lock.git[i].url);
	}
	list = strv_join(&urls, ", ");
	return error_set(err, ERROR_INCOMPLETE,
		"--base %s does not fit: of what is packed it holds nothing, but %s", base->path,
		list);
}

/* A receipt speaks of sources: the pack of one that has arrived, and of no other. */
static bool is_confirmed(
	const struct base *base, const struct lock *lock, const struct sha256_text *digest)
{
	bool confirmed = false;

	for (size_t i = 0; i < lock->git_count; i++) {
		const struct lock_git *there = base_git(base, lock->git[i].url);

		if (!sha256_text_equal(&lock->git[i].bundle, digest))
			continue;
		if (!there || !sha256_text_equal(&there->bundle, digest))
			return false;
		confirmed = true;
	}
	return confirmed;
}

static void build_on_base(struct collect *collect)
{
	const struct base *base = collect->base;
	struct lock *lock = &collect->lock;

	lock->sequence = 1;
	if (!base)
		return;
	lock->base = base->id;
	lock->base_sequence = base->sequence;
	lock->sequence = base->sequence + 1;
	for (size_t i = 0; i < lock->blob_count; i++)
		if (base->confirmed ? is_confirmed(base, lock, &lock->blobs[i].digest)
				    : lock_blob(&base->lock, &lock->blobs[i].digest) != NULL)
			lock->blobs[i].where = LOCK_BASE;
}

int collect_run(struct collect *collect, struct error *err)
{
	collect->lock = (struct lock)LOCK_INIT;
	collect->warnings = (struct strv)STRV_INIT;
	if (check_base(collect, err) < 0)
		return -1;
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
	build_on_base(collect);
	collect->lock.flux = xstrdup_or_null(collect->plan->flux);
	collect->lock.kubernetes = xstrdup_or_null(collect->plan->kubernetes);
	return 0;
}
