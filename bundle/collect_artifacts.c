/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/os.h"
#include "bundle/artifact.h"
#include "bundle/collect.h"
#include "bundle/failures.h"
#include "bundle/limits.h"
#include "bundle/tarball.h"

#define MAX_SMALL_FILE ((size_t)4 << 20)

/* ---- looking through a tarball */

struct looking {
	struct findings *findings;
	char *path; /* of the file whose bytes come, if they matter; else NULL */
	struct buf text;
};

static void looking_clear(struct looking *looking)
{
	free(looking->path);
	buf_clear(&looking->text);
}

static void end_file(struct looking *looking)
{
	if (looking->path)
		findings_add(looking->findings, looking->path, &looking->text);
	free(TAKE(looking->path));
	buf_reset(&looking->text);
}

static int on_entry(void *ctx, const struct tarball_entry *entry, struct error *err)
{
	struct looking *looking = ctx;

	(void)err;
	end_file(looking);
	if (!entry->folder && entry->size <= MAX_SMALL_FILE && findings_reads(entry->path))
		looking->path = xstrdup(entry->path);
	return 0;
}

static int on_data(void *ctx, const void *data, size_t len, struct error *err)
{
	struct looking *looking = ctx;

	(void)err;
	if (looking->path)
		buf_add(&looking->text, data, len);
	return 0;
}

/* Also finds out whether it is a tar that the other side will take. */
static int look_through(struct store *store, const struct artifact *artifact,
	struct findings *findings, struct error *err)
{
	CLEANUP(looking_clear) struct looking looking = {.findings = findings, .text = BUF_INIT};
	const struct tarball_visitor visitor = {
		.entry = on_entry, .data = on_data, .ctx = &looking};
	const struct tarball_limits limits = {.entries = LIMIT_TREE_FILES, .bytes = LIMIT_ARTIFACT};
	autotarball *reader = tarball_reader_new(&visitor, &limits);
	autofd fd = -1;
	char piece[65536];

	if (store_read(store, &artifact->digest, &fd, err) < 0)
		return -1;
	for (uint64_t at = 0; at < artifact->size;) {
		uint64_t left = artifact->size - at;
		size_t len = left < sizeof(piece) ? (size_t)left : sizeof(piece);

		if (file_pread(fd, "the artifact", at, piece, len, err) < 0 ||
			tarball_reader_feed(reader, piece, len, err) < 0)
			return -1;
		at += len;
	}
	if (tarball_reader_end(reader, err) < 0)
		return -1;
	end_file(&looking);
	return 0;
}

/* ---- one object */

struct job {
	struct collect *collect;
	const struct plan_git *git;
	const struct plan_want *want;
};

static void on_progress(void *ctx, uint64_t received)
{
	struct collect *collect = ctx;

	collect->progress.received = received;
	if (collect->on_progress)
		collect->on_progress(collect->ctx, &collect->progress);
}

/* The object itself, and the FluxConfig that made it. */
static void add_users(struct lock_git *git, const struct plan_git *plan, const char *used_by)
{
	const char *rest = strchr(used_by, '/');
	autofree char *config = xasprintf("FluxConfig%s", rest ? rest : "");

	if (!strv_contains(&git->used_by, used_by))
		strv_push(&git->used_by, used_by);
	if (strv_contains(&plan->used_by, config) && !strv_contains(&git->used_by, config))
		strv_push(&git->used_by, config);
}

/* Two objects may hold the very same. */
static struct lock_git *find_same(
	struct lock *lock, const char *url, const struct artifact *artifact)
{
	for (size_t i = 0; i < lock->git_count; i++)
		if (streq(lock->git[i].url, url) &&
			sha256_text_equal(&lock->git[i].snapshot, &artifact->digest) &&
			streq(lock->git[i].revision, artifact->what->revision))
			return &lock->git[i];
	return NULL;
}

static struct lock_git *add_git(struct lock *lock, const char *url, const struct artifact *artifact)
{
	lock->git = xreallocarray(lock->git, lock->git_count + 1, sizeof(*lock->git));
	lock->git[lock->git_count] = (struct lock_git){
		.url = xstrdup(url),
		.used_by = STRV_INIT,
		.history = xstrdup("artifact"),
		.snapshot = artifact->digest,
		.revision = xstrdup(artifact->what->revision),
	};
	lock_add_blob(lock, &artifact->digest, artifact->size, MEDIA_FLUX_CONTENT, LOCK_SELF);
	return &lock->git[lock->git_count++];
}

static int take(const struct job *job, struct error *err)
{
	struct collect *collect = job->collect;
	struct artifact artifact = {
		.kube = collect->access.kube,
		.store = collect->store,
		.what = &job->want->artifact,
		.limit = LIMIT_ARTIFACT,
		.on_progress = on_progress,
		.ctx = collect,
	};
	autofindings findings = {.objects = 0};
	struct lock_git *git;

	if (!job->want->used_by || !artifact.what->url || !artifact.what->revision)
		return error_set(
			err, ERROR_NOT_FOUND, "source-controller holds no artifact of it yet");
	if (artifact_get(&artifact, err) < 0 ||
		look_through(collect->store, &artifact, &findings, err) < 0)
		return -1;
	collect->downloaded += artifact.recalled ? 0 : artifact.size;
	if (artifact.unchecked)
		strv_pushf(&collect->warnings,
			"%s: its status has no digest to check the artifact by",
			job->want->used_by);
	git = find_same(&collect->lock, job->git->url, &artifact);
	if (!git)
		git = add_git(&collect->lock, job->git->url, &artifact);
	add_users(git, job->git, job->want->used_by);
	collect_tell_bases(collect->plan, job->want->used_by, &findings);
	return 0;
}

int collect_artifacts(struct collect *collect, struct error *err)
{
	autofailures failures = FAILURES_INIT;
	size_t total = 0;

	for (size_t i = 0; i < collect->plan->git_count; i++) {
		const struct plan_git *git = &collect->plan->git[i];

		for (size_t j = 0; j < git->want_count; j++, total++) {
			const struct plan_want *want = &git->wants[j];
			struct job job = {.collect = collect, .git = git, .want = want};
			autoerror failure = ERROR_INIT;

			collect->progress = (struct collect_progress){
				.what = git->url, .item = i + 1, .items = collect->plan->git_count};
			if (take(&job, &failure) == 0)
				continue;
			if (os_interrupted())
				return error_move(err, &failure);
			failures_add(&failures, want->used_by ? want->used_by : git->url, &failure);
		}
	}
	if (failures_end(&failures, total, "Git sources", err) < 0)
		return -1;
	collect_lock_names(&collect->lock);
	return 0;
}
