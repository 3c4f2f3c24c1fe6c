/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/live_lock.h"

#define DEFAULT_BRANCH "master" /* of a GitRepository without spec.ref */

/* The whole name of the ref that a want's revision is of; the caller frees. */
static char *ref_name(const struct ref_want *want, size_t ref_len, const struct oid *oid)
{
	char hex[OID_HEX_LEN + 1];
	bool tag = want->tag || want->semver;

	if (want->name && !want->commit)
		return xstrdup(want->name);
	if (starts_with(want->revision, "refs/") && ref_len)
		return xstrndup(want->revision, ref_len);
	if (ref_len)
		return xasprintf("refs/%s/%.*s", tag && !want->commit ? "tags" : "heads",
			(int)ref_len, want->revision);
	if (want->branch)
		return xasprintf("refs/heads/%s", want->branch);
	if (!want->commit)
		return xstrdup("refs/heads/" DEFAULT_BRANCH);
	oid_hex(oid, hex);
	return xasprintf(REFS_ANCHOR "%s", hex);
}

static bool has_ref(const struct lock_git *git, const char *name)
{
	for (size_t i = 0; i < git->ref_count; i++)
		if (streq(git->refs[i].name, name))
			return true;
	return false;
}

/* Of two sources that have applied one branch at different commits the first counts. */
static void add_ref(struct lock_git *git, const struct ref_want *want)
{
	autofree char *name = NULL;
	struct oid oid;
	size_t ref_len;

	if (!want->revision || !revision_parse(want->revision, &ref_len, &oid))
		return;
	name = ref_name(want, ref_len, &oid);
	if (has_ref(git, name))
		return;
	git->refs = xreallocarray(git->refs, git->ref_count + 1, sizeof(*git->refs));
	git->refs[git->ref_count++] = (struct lock_ref){.name = TAKE(name), .oid = oid};
}

static int compare_refs(const void *left, const void *right)
{
	const struct lock_ref *a = left;
	const struct lock_ref *b = right;

	return strcmp(a->name, b->name);
}

static void add_git(struct lock *lock, const struct plan_git *plan)
{
	const char *last = strrchr(plan->url, '/');
	struct lock_git *git;

	lock->git = xreallocarray(lock->git, lock->git_count + 1, sizeof(*lock->git));
	git = &lock->git[lock->git_count++];
	*git = (struct lock_git){
		.name = xstrdup(last && last[1] ? last + 1 : plan->url),
		.url = xstrdup(plan->url),
		.used_by = STRV_INIT,
		.history = xstrdup("full"),
	};
	strv_push_all(&git->used_by, &plan->used_by);
	for (size_t i = 0; i < plan->want_count; i++)
		add_ref(git, &plan->wants[i].ref);
	qsort(git->refs, git->ref_count, sizeof(*git->refs), compare_refs);
}

static void add_chart(struct lock *lock, const struct plan_chart *plan)
{
	struct lock_chart *chart;

	lock->charts = xreallocarray(lock->charts, lock->chart_count + 1, sizeof(*lock->charts));
	chart = &lock->charts[lock->chart_count++];
	*chart = (struct lock_chart){
		.repository = xstrdup(plan->repository),
		.name = xstrdup(plan->name),
		.version = xstrdup(plan->version),
		.used_by = STRV_INIT,
	};
	strv_push_all(&chart->used_by, &plan->used_by);
}

void live_lock(const struct plan *plan, struct lock *ret)
{
	for (size_t i = 0; i < plan->git_count; i++)
		add_git(ret, &plan->git[i]);
	for (size_t i = 0; i < plan->chart_count; i++)
		add_chart(ret, &plan->charts[i]);
}
