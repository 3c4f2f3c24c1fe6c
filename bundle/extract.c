/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/digest.h"
#include "base/nearest.h"
#include "bundle/extract_private.h"
#include "bundle/limits.h"

#define CHUNK (1 * MiB)

static const char *const words[] = {"git", "bundle", "tree", "artifact", "charts", "snapshot"};

unsigned extract_form(const char *word)
{
	for (unsigned i = 0; i < countof(words); i++)
		if (streq(words[i], word))
			return 1U << i;
	return 0;
}

void extract_report_clear(struct extract_report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		free(report->rows[i].name);
		free(report->rows[i].path);
		free(report->rows[i].note);
	}
	free(report->rows);
	*report = (struct extract_report){.count = 0};
}

void extract_tell(
	struct extract *extract, const char *form, const char *name, char *path, char *note)
{
	struct extract_report *report = extract->report;

	report->rows = xreallocarray(report->rows, report->count + 1, sizeof(*report->rows));
	report->rows[report->count++] =
		(struct extract_row){form, xstrdup_or_null(name), path, note};
}

/* ---- files */

void extract_file_clear(struct extract_file *file)
{
	file_close_pointer(&file->fd);
	free(file->path);
}

int extract_file_open(struct extract *extract, char *path, bool executable,
	struct extract_file *ret, struct error *err)
{
	*ret = (struct extract_file){.fd = -1, .path = path};
	return tree_output_file(extract->tree, path, executable, &ret->fd, err);
}

int extract_file_write(void *ctx, const void *data, size_t len, struct error *err)
{
	const struct extract_file *file = ctx;

	return file_write_all(file->fd, file->path, data, len, err);
}

int extract_text(
	struct extract *extract, char *path, const void *data, size_t len, struct error *err)
{
	CLEANUP(extract_file_clear) struct extract_file file = EXTRACT_FILE_INIT;

	if (extract_file_open(extract, path, false, &file, err) < 0)
		return -1;
	return extract_file_write(&file, data, len, err);
}

/* ---- blobs */

/* The bundle that has the blob. */
static struct bundle *holder(const struct extract *extract, const struct sha256_text *digest)
{
	const struct extract_options *options = extract->options;
	const struct lock_blob *blob = lock_blob(&extract->bundle->lock, digest);

	if (!blob || blob->where == LOCK_SELF)
		return extract->bundle;
	for (size_t i = options->base_count; i > 0; i--) {
		blob = lock_blob(&options->bases[i - 1]->lock, digest);
		if (blob && blob->where == LOCK_SELF)
			return options->bases[i - 1];
	}
	return extract->bundle; /* which says that it is in the base */
}

static int read_blob(struct extract *extract, struct bundle *bundle,
	const struct sha256_text *digest,
	int (*take)(void *ctx, const void *data, size_t len, struct error *err), void *ctx,
	struct error *err)
{
	autodigest *sum = digest_new(DIGEST_SHA256);
	autofree char *chunk = xmalloc(CHUNK);
	struct sha256_text found;
	uint64_t offset, size;

	if (bundle_blob(bundle, digest, &offset, &size, err) < 0)
		return -1;
	for (uint64_t at = 0; at < size;) {
		size_t len = size - at < CHUNK ? (size_t)(size - at) : CHUNK;

		if (media_read(bundle->media, offset + at, chunk, len, err) < 0)
			return -1;
		digest_add(sum, chunk, len);
		if (take && take(ctx, chunk, len, err) < 0)
			return -1;
		if (extract->options->tick &&
			extract->options->tick(extract->options->tick_ctx, err) < 0)
			return -1;
		at += len;
	}
	sha256_text_end(sum, &found);
	if (sha256_text_equal(&found, digest))
		return 0;
	return error_set(err, ERROR_DAMAGED, "blob %s in %s has other bytes than its digest says",
		digest->text, media_part_at(bundle->media, offset));
}

int extract_blob(struct extract *extract, const struct sha256_text *digest,
	int (*take)(void *ctx, const void *data, size_t len, struct error *err), void *ctx,
	struct error *err)
{
	return read_blob(extract, holder(extract, digest), digest, take, ctx, err);
}

int extract_base_blob(struct extract *extract, struct bundle *base,
	const struct sha256_text *digest, struct error *err)
{
	const struct lock_blob *blob = lock_blob(&base->lock, digest);

	if (!blob || blob->where != LOCK_SELF)
		return 0;
	return read_blob(extract, base, digest, NULL, NULL, err);
}

/* ---- which sources, in which form */

static bool wanted(const struct extract *extract, const struct lock_git *git)
{
	const struct strv *sources = extract->options->sources;

	return !sources || !sources->len || strv_contains(sources, git->name);
}

static int check_sources(const struct extract *extract, struct error *err)
{
	const struct strv *sources = extract->options->sources;
	const struct lock *lock = &extract->bundle->lock;

	for (size_t i = 0; sources && i < sources->len; i++) {
		struct nearest nearest = {.word = sources->items[i]};

		if (lock_git_find(lock, sources->items[i]))
			continue;
		for (size_t k = 0; k < lock->git_count; k++)
			nearest_offer(&nearest, lock->git[k].name);
		error_set(err, ERROR_NOT_FOUND, "no Git source in %s is called '%s'",
			media_name(extract->bundle->media), sources->items[i]);
		return nearest.best ? error_hint(err, "did you mean '%s'?", nearest.best) : -1;
	}
	return 0;
}

static int one_source(
	struct extract *extract, const struct lock_git *git, unsigned forms, struct error *err)
{
	static int (*const write[])(
		struct extract * extract, const struct lock_git *git, struct error *err) = {
		extract_git, extract_gitbundle, extract_tree, extract_artifact};

	for (unsigned i = 0; i < countof(write); i++)
		if (forms & 1U << i && write[i](extract, git, err) < 0)
			return -1;
	return 0;
}

static int all_sources(struct extract *extract, struct error *err)
{
	const struct lock *lock = &extract->bundle->lock;
	unsigned forms = extract->options->forms;

	for (size_t i = 0; i < lock->git_count; i++) {
		const struct lock_git *git = &lock->git[i];
		unsigned usual = git->bundle.text[0] ? EXTRACT_GIT : EXTRACT_ARTIFACT;

		if (!wanted(extract, git))
			continue;
		if (one_source(extract, git, forms ? forms : usual, err) < 0)
			return -1;
	}
	return 0;
}

static int snapshot(struct extract *extract, struct error *err)
{
	CLEANUP(extract_file_clear) struct extract_file file = EXTRACT_FILE_INIT;
	const struct sha256_text *digest = &extract->bundle->lock.snapshot;

	if (extract_file_open(extract, xstrdup("cluster.jsonl.gz"), false, &file, err) < 0 ||
		extract_blob(extract, digest, extract_file_write, &file, err) < 0)
		return error_wrap(err, "the snapshot");
	extract_tell(extract, "snapshot", NULL, TAKE(file.path), NULL);
	return 0;
}

static int extract_all(struct extract *extract, struct error *err)
{
	const struct extract_options *options = extract->options;
	bool all = !options->sources || !options->sources->len;
	unsigned forms = options->forms;
	bool has_snapshot = extract->bundle->lock.snapshot.text[0];

	if (forms & EXTRACT_SNAPSHOT && !has_snapshot)
		return error_set(err, ERROR_NOT_FOUND, "%s has no snapshot of a cluster",
			media_name(extract->bundle->media));
	if ((!forms || forms & (EXTRACT_CHARTS - 1)) && all_sources(extract, err) < 0)
		return -1;
	if ((forms ? forms & EXTRACT_CHARTS : all) && extract_charts(extract, err) < 0)
		return -1;
	if ((forms ? forms & EXTRACT_SNAPSHOT : all && has_snapshot) && snapshot(extract, err) < 0)
		return -1;
	if (extract->report->count)
		return 0;
	return error_set(err, ERROR_NOT_FOUND, "%s holds nothing of that",
		media_name(extract->bundle->media));
}

/* Of the blobs that are copied; trees and artifacts that are made come on top, and end with an error of
 * the system's if there is no room for them. */
static uint64_t least_size(const struct extract *extract)
{
	const struct lock *lock = &extract->bundle->lock;
	unsigned forms = extract->options->forms;
	uint64_t sum = 0;

	for (size_t i = 0; i < lock->git_count; i++) {
		const struct lock_blob *blob = lock_blob(lock, &lock->git[i].bundle);

		if (blob && wanted(extract, &lock->git[i]) &&
			(!forms || forms & (EXTRACT_GIT | EXTRACT_BUNDLE)))
			sum += blob->size;
	}
	return sum;
}

static int check_space(const struct extract *extract, const char *folder, struct error *err)
{
	uint64_t need = least_size(extract);
	uint64_t space;

	if (folder_free_space(folder, &space, err) < 0)
		return -1;
	if (need <= space)
		return 0;
	return error_set(err, ERROR_FAILED, "%s: %llu bytes are needed, %llu are free", folder,
		(unsigned long long)need, (unsigned long long)space);
}

int bundle_extract(struct bundle *bundle, const char *folder, const struct extract_options *options,
	struct extract_report *report, struct error *err)
{
	struct extract extract = {.bundle = bundle, .options = options, .report = report};
	struct folder_output output;

	if (check_sources(&extract, err) < 0 || check_space(&extract, folder, err) < 0 ||
		folder_output_begin(folder, &output, err) < 0)
		return -1;
	extract.tree = output.tree;
	if (extract_all(&extract, err) < 0) {
		folder_output_abandon(&output);
		return -1;
	}
	return folder_output_end(&output, err);
}
