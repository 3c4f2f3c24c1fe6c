/* SPDX-License-Identifier: Apache-2.0 */
/* Bundles of repositories that the real git made: git_make("full") has been called. */
#ifndef TESTS_UNIT_EXTRACT_SAMPLE_H
#define TESTS_UNIT_EXTRACT_SAMPLE_H

#include "git_folder.h"

#include "bundle/bundle.h"
#include "bundle/gitbundle.h"

static struct store *store;

/* ---- bundles */

static struct sha256_text add_blob(
	struct lock *lock, const struct buf *content, const char *media_type)
{
	struct sha256_text digest;

	assert_int_equal(store_add(store, content->ptr, content->len, &digest, NULL), 0);
	lock_add_blob(lock, &digest, content->len, media_type, LOCK_SELF);
	return digest;
}

static void add_ref(struct lock_git *git, const char *name, const char *revision)
{
	git->refs = xreallocarray(git->refs, git->ref_count + 1, sizeof(*git->refs));
	git->refs[git->ref_count++] =
		(struct lock_ref){.name = xstrdup(name), .oid = git_oid("full", revision)};
}

/* Everything up to `main`, or what came since `since`. */
static void fill_git(struct lock *lock, struct lock_git *git, const char *main, const char *since)
{
	autobuf content = BUF_INIT;
	autobuf pack = BUF_INIT;

	*git = (struct lock_git){.name = xstrdup("fleet"),
		.url = xstrdup("https://git.test/fleet"),
		.used_by = STRV_INIT,
		.history = xstrdup("full"),
		.packing = xstrdup("received"),
		.head = xstrdup("refs/heads/main"),
		.thin = since != NULL};
	add_ref(git, "refs/heads/main", main);
	add_ref(git, "refs/heads/old", "main~21");
	add_ref(git, "refs/tags/v2", "v2");
	if (since) {
		git->prerequisites = xmalloc(sizeof(*git->prerequisites));
		git->prerequisites[git->prerequisite_count++] = git_oid("full", since);
	}
	git_shell(&pack,
		"cd full && (git rev-parse %s main~21 v2 %s%s) | git pack-objects -q --revs --thin "
		"--stdout",
		main, since ? "^" : "", since ? since : "");
	gitbundle_write(
		git->prerequisites, git->prerequisite_count, git->refs, git->ref_count, &content);
	buf_add(&content, pack.ptr, pack.len);
	git->objects = 1;
	git->bundle = add_blob(lock, &content, MEDIA_GIT_BUNDLE);
}

static void fill_chart(struct lock *lock, size_t at, const char *repository, const char *version)
{
	autobuf chart = BUF_INIT;
	autobuf entry = BUF_INIT;

	buf_addf(&chart, "chart %s of %s", version, repository);
	buf_addf(&entry, "{\"name\":\"podinfo\",\"version\":\"%s\"}", version);
	lock->charts[at] = (struct lock_chart){.repository = xstrdup(repository),
		.name = xstrdup("podinfo"),
		.version = xstrdup(version),
		.used_by = STRV_INIT,
		.blob = add_blob(lock, &chart, MEDIA_CHART),
		.entry = add_blob(lock, &entry, MEDIA_CHART_ENTRY)};
}

static void fill(struct lock *lock, const char *main, const char *since)
{
	const struct buf cluster = {.ptr = (char[]){"cluster"}, .len = 7};
	autobuf tarball = BUF_INIT;

	*lock = (struct lock){.sequence = 1};
	lock->git = xcalloc(2, sizeof(*lock->git));
	lock->git_count = 2;
	fill_git(lock, &lock->git[0], main, since);
	git_shell(&tarball, "mkdir -p in/d; echo text >in/d/file; tar -C in -cz d");
	lock->git[1] = (struct lock_git){.name = xstrdup("tip"),
		.url = xstrdup("https://git.test/tip"),
		.used_by = STRV_INIT,
		.history = xstrdup("tip"),
		.revision = xstrdup("main@sha1:0101010101010101010101010101010101010101"),
		.snapshot = add_blob(lock, &tarball, MEDIA_FLUX_CONTENT)};
	lock->charts = xcalloc(3, sizeof(*lock->charts));
	lock->chart_count = 3;
	fill_chart(lock, 0, "https://charts.test/a/", "1.0.0");
	fill_chart(lock, 1, "https://charts.test/a/", "1.1.0");
	fill_chart(lock, 2, "https://charts.test/a", "1.0.0");
	lock->snapshot = add_blob(lock, &cluster, MEDIA_CLUSTER);
}

static void write_bundle(struct lock *lock, const char *path, struct sha256_text *id)
{
	const struct bundle_output output = {.path = path};
	autoerror err = ERROR_INIT;

	if (bundle_write(lock, store, &output, id, &err) < 0)
		fail_msg("%s", err.message);
}

/* A source of the whole of a repository's main. */
static void fill_main(struct lock *lock, struct lock_git *git, const char *name)
{
	autobuf content = BUF_INIT;
	autobuf pack = BUF_INIT;

	*git = (struct lock_git){.name = xstrdup(name),
		.url = xasprintf("https://git.test/%s", name),
		.used_by = STRV_INIT,
		.history = xstrdup("full"),
		.packing = xstrdup("received"),
		.objects = 1};
	git->refs = xmalloc(sizeof(*git->refs));
	git->refs[git->ref_count++] =
		(struct lock_ref){.name = xstrdup("refs/heads/main"), .oid = git_oid(name, "main")};
	git_shell(&pack, "cd %s && git rev-parse main | git pack-objects -q --revs --stdout", name);
	gitbundle_write(NULL, 0, git->refs, 1, &content);
	buf_add(&content, pack.ptr, pack.len);
	git->bundle = add_blob(lock, &content, MEDIA_GIT_BUNDLE);
}

static void fill_submodule(struct lock_git *git, const char *path, const char *source)
{
	git->submodules = xcalloc(1, sizeof(*git->submodules));
	git->submodule_count = 1;
	git->submodules[0] = (struct lock_submodule){.path = xstrdup(path),
		.url = xasprintf("https://git.test/%s", source),
		.source = xstrdup(source),
		.oid = git_oid(source, "main")};
}

#endif
