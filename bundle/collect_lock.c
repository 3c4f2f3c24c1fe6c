/* SPDX-License-Identifier: Apache-2.0 */
/* The lock of what was collected. */
#include "base/base.h"

#include <ctype.h>

#include "base/alloc.h"
#include "bundle/collect.h"
#include "bundle/git_url.h"

#define MAX_NAME 100

/* ---- names */

/* "gitops-flux2" of "https://github.com/Azure/gitops-flux2.git". */
static char *name_of(const char *url)
{
	size_t end = strcspn(url, "?#");
	struct buf name = BUF_INIT;
	size_t start;

	while (end && url[end - 1] == '/')
		end--;
	if (end > 4 && strncmp(url + end - 4, ".git", 4) == 0)
		end -= 4;
	for (start = end; start && !strchr("/:", url[start - 1]); start--)
		;
	for (; start < end && name.len < MAX_NAME; start++) {
		char byte = (char)tolower((unsigned char)url[start]);

		if (!isalnum((unsigned char)byte) || (unsigned char)byte >= 0x80)
			byte = byte == '.' && name.len ? '.' : '-';
		if (byte != '-' || name.len)
			buf_addc(&name, byte);
	}
	if (!name.len)
		buf_adds(&name, "source");
	return buf_detach(&name);
}

static int compare_sources(const void *left, const void *right)
{
	const struct lock_git *a = left;
	const struct lock_git *b = right;
	int order = strcmp(a->url, b->url);

	/* Of one URL there may be several artifacts. */
	return order || !a->revision ? order : strcmp(a->snapshot.text, b->snapshot.text);
}

static bool is_taken(const struct lock *lock, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (streq(lock->git[i].name, name))
			return true;
	return false;
}

/* In the order of URLs, so that one set of sources always has the same names. */
void collect_lock_names(struct lock *lock)
{
	if (lock->git_count)
		qsort(lock->git, lock->git_count, sizeof(*lock->git), compare_sources);
	for (size_t i = 0; i < lock->git_count; i++) {
		autofree char *name = name_of(lock->git[i].url);
		char *unique = xstrdup(name);

		for (unsigned number = 2; is_taken(lock, i, unique); number++) {
			free(unique);
			unique = xasprintf("%s-%u", name, number);
		}
		lock->git[i].name = unique;
	}
}

static const char *name_by_url(const struct lock *lock, const char *url)
{
	for (size_t i = 0; i < lock->git_count; i++)
		if (streq(lock->git[i].url, url))
			return lock->git[i].name;
	return NULL;
}

/* ---- sources */

static void move_submodules(struct collect_git *from, struct lock_git *to)
{
	to->submodules = TAKE(from->submodules);
	to->submodule_count = from->submodule_count;
	from->submodule_count = 0;
}

/* As in the base. */
static void copy_packing(const struct lock_git *same, struct lock_git *git)
{
	str_replace(&git->packing, same->packing);
	git->thin = same->thin;
	git->prerequisites = xcalloc(same->prerequisite_count + 1, sizeof(*git->prerequisites));
	for (size_t i = 0; i < same->prerequisite_count; i++)
		git->prerequisites[git->prerequisite_count++] = same->prerequisites[i];
}

static void add_ignores(const struct plan_git *plan, struct lock_git *git)
{
	git->ignores = xcalloc(plan->want_count + 1, sizeof(*git->ignores));
	for (size_t i = 0; i < plan->want_count; i++) {
		const struct plan_want *want = &plan->wants[i];

		if (str_set(want->ignore) && want->used_by)
			git->ignores[git->ignore_count++] = (struct lock_ignore){
				.rules = xstrdup(want->ignore), .used_by = xstrdup(want->used_by)};
	}
}

static struct lock_git lock_git_of(
	const struct collect *collect, const struct plan_git *plan, struct collect_git *from)
{
	struct fetch *fetch = &from->fetch;
	struct lock_git git = {
		.url = xstrdup(plan->url),
		.used_by = STRV_INIT,
		.refs = TAKE(fetch->refs.items),
		.ref_count = fetch->refs.count,
		.head = TAKE(fetch->refs.head),
		.history = xstrdup("full"),
		.packing = xstrdup("received"),
		.bundle = fetch->bundle,
		.prerequisites = TAKE(fetch->prerequisites),
		.prerequisite_count = fetch->prerequisite_count,
		.objects = fetch->findings.objects,
		.thin = fetch->thin,
		.lfs_pointers = fetch->findings.lfs_pointers,
	};

	fetch->refs.count = 0;
	fetch->prerequisite_count = 0;
	if (collect->canonical)
		str_replace(&git.packing, "canonical");
	if (from->same)
		copy_packing(from->same, &git);
	strv_push_all(&git.used_by, &plan->used_by);
	strv_sort(&git.used_by);
	add_ignores(plan, &git);
	move_submodules(from, &git);
	return git;
}

/* ---- what is told beside */

void collect_tell_lfs(struct plan *plan, const struct lock_git *git)
{
	autofree char *why = xasprintf("%llu file%s stand%s in Git LFS, which Flux does not follow",
		(unsigned long long)git->lfs_pointers, git->lfs_pointers == 1 ? "" : "s",
		git->lfs_pointers == 1 ? "s" : "");

	if (!git->lfs_pointers)
		return;
	plan_add_unresolved(plan, "lfs", git->url, NULL, NULL, why);
	for (size_t i = 0; i < git->used_by.len; i++)
		plan_add_unresolved(plan, "lfs", git->url, NULL, git->used_by.items[i], why);
}

void collect_tell_bases(struct plan *plan, const char *source, const struct findings *findings)
{
	for (size_t i = 0; i < findings->base_count; i++) {
		autofree char *where = xasprintf("%s:%s", source, findings->bases[i].path);

		plan_add_unresolved(plan, "remote-base", findings->bases[i].url, NULL, where,
			"kustomize-controller fetches it by itself");
	}
}

void collect_lock_git(struct collect *collect)
{
	struct lock *lock = &collect->lock;

	lock->git = xcalloc(collect->git_count + 1, sizeof(*lock->git));
	for (size_t i = 0; i < collect->git_count; i++)
		lock->git[lock->git_count++] =
			lock_git_of(collect, &collect->plan->git[i], &collect->git[i]);
	collect_lock_names(lock);
	for (size_t i = 0; i < lock->git_count; i++) {
		struct lock_git *git = &lock->git[i];

		for (size_t j = 0; j < git->submodule_count; j++)
			str_replace(&git->submodules[j].source,
				name_by_url(lock, git->submodules[j].source));
		collect_tell_lfs(collect->plan, git);
	}
	for (size_t i = 0; i < collect->git_count; i++) {
		const char *name = name_by_url(lock, collect->plan->git[i].url);

		collect_tell_bases(collect->plan, name, &collect->git[i].fetch.findings);
		lock_add_blob(lock, &collect->git[i].fetch.bundle, collect->git[i].fetch.size,
			MEDIA_GIT_BUNDLE, LOCK_SELF);
	}
}
