/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Charts of HelmReleases. One that cannot be had is told and listed as not packed; one that is not
 * what the index says ends everything.
 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "base/os.h"
#include "bundle/artifact.h"
#include "bundle/collect.h"
#include "bundle/helm_index.h"
#include "bundle/limits.h"
#include "bundle/web.h"

/* Charts out of one repository, with one login. */
struct repository {
	struct collect *collect;
	const char *url;
	struct plan_chart **charts;
	struct helm_entry *entries; /* one for each */
	size_t count;
	struct git_credentials credentials;
	struct store_file file; /* what is being downloaded */
};

static void repository_clear(struct repository *repository)
{
	for (size_t i = 0; repository->entries && i < repository->count; i++)
		json_free(repository->entries[i].entry);
	free(repository->entries);
	free(repository->charts);
	git_credentials_clear(&repository->credentials);
}

/* ---- what went wrong */

static void chart_unresolved(
	struct collect *collect, const struct plan_chart *chart, const struct error *why)
{
	autofree char *ref = xasprintf("%s/%s %s", chart->repository, chart->name, chart->version);

	strv_pushf(&collect->warnings, "chart %s %s is not packed: %s", chart->name, chart->version,
		why->message);
	plan_add_unresolved(collect->plan, "chart", ref, NULL, NULL, why->message);
	for (size_t i = 0; i < chart->used_by.len; i++)
		plan_add_unresolved(
			collect->plan, "chart", ref, NULL, chart->used_by.items[i], why->message);
}

/* -1 for what is no matter of one chart: an interrupt, a full disk, something forged. */
static int pass_over(struct collect *collect, const struct plan_chart *chart, struct error *why,
	struct error *err)
{
	if (os_interrupted() || why->kind == ERROR_DAMAGED || why->kind == ERROR_FAILED)
		return error_move(err, why);
	chart_unresolved(collect, chart, why);
	return 0;
}

/* ---- downloading */

static int on_data(void *ctx, const void *data, size_t len, struct error *err)
{
	struct repository *repository = ctx;
	struct collect *collect = repository->collect;

	if (store_write(&repository->file, data, len, err) < 0)
		return -1;
	collect->progress.received = repository->file.size;
	if (collect->on_progress)
		collect->on_progress(collect->ctx, &collect->progress);
	return 0;
}

static int on_tick(void *ctx, struct error *err)
{
	struct collect *collect = ctx;

	return collect->tick ? collect->tick(collect->ctx, err) : 0;
}

/* A file into the store, not yet ended: repository->file. */
static int get(struct repository *repository, const char *url, uint64_t limit, struct error *err)
{
	struct collect *collect = repository->collect;
	struct web web = {
		.home = repository->url,
		.credentials = &repository->credentials,
		.pass_credentials = repository->charts[0]->access.pass_credentials,
		.user_agent = collect->user_agent,
		.tick = on_tick,
		.tick_ctx = collect,
	};
	struct web_file file = {.url = url, .limit = limit, .on_data = on_data, .ctx = repository};

	collect->progress = (struct collect_progress){.what = url, .item = 1, .items = 1};
	if (store_begin(collect->store, &repository->file, err) < 0)
		return -1;
	if (web_get(&web, &file, err) == 0)
		return 0;
	store_abandon(&repository->file);
	return -1;
}

/* ---- the index */

struct cursor {
	int fd;
	uint64_t at, size;
};

static int64_t read_index(void *ctx, void *data, size_t len, struct error *err)
{
	struct cursor *cursor = ctx;
	uint64_t left = cursor->size - cursor->at;

	if (left < len)
		len = (size_t)left;
	if (file_pread(cursor->fd, "the index", cursor->at, data, len, err) < 0)
		return -1;
	cursor->at += len;
	return (int64_t)len;
}

static int parse_index(struct repository *repository, int fd, uint64_t size, struct error *err)
{
	struct cursor cursor = {.fd = fd, .size = size};

	if (helm_index_read(read_index, &cursor, repository->entries, repository->count, err) == 0)
		return 0;
	return error_wrap(err, "%s/index.yaml", repository->url);
}

static int index_of_upstream(struct repository *repository, struct error *err)
{
	autofree char *url = helm_chart_url(repository->url, "index.yaml");
	int result;

	if (!url)
		return error_set(err, ERROR_CONFIG, "'%s' is no URL", repository->url);
	if (get(repository, url, LIMIT_CHART_INDEX, err) < 0)
		return -1;
	result = parse_index(repository, repository->file.fd, repository->file.size, err);
	store_abandon(&repository->file);
	return result;
}

/* ---- one chart */

static int mismatch(
	const struct plan_chart *chart, const char *has, const char *wanted, struct error *err)
{
	error_set(err, ERROR_DAMAGED, "chart %s %s of %s is %s, its index says sha256:%s",
		chart->name, chart->version, chart->repository, has, wanted);
	return error_hint(err, "somebody changed it after it was published, or on its way");
}

static int chart_of_upstream(struct repository *repository, size_t index,
	struct sha256_text *digest, uint64_t *size, struct error *err)
{
	struct collect *collect = repository->collect;
	const struct plan_chart *chart = repository->charts[index];
	struct json_object *entry = repository->entries[index].entry;
	const char *reference = helm_entry_url(entry);
	const char *wanted = helm_entry_digest(entry);
	autofree char *url = NULL;

	if (wanted) {
		snprintf(digest->text, sizeof(digest->text), SHA256_PREFIX "%s", wanted);
		if (store_has(collect->store, digest, size, NULL))
			return 0;
	}
	if (!wanted && *json_text(json_get(entry, "digest")))
		return error_set(err, ERROR_SERVER, "its digest in the index is malformed");
	url = reference ? helm_chart_url(repository->url, reference) : NULL;
	if (!url)
		return error_set(err, ERROR_SERVER, "the index has no usable URL for it");
	if (get(repository, url, LIMIT_CHART, err) < 0)
		return -1;
	*size = repository->file.size;
	collect->downloaded += *size;
	if (store_end(&repository->file, digest, err) < 0)
		return -1;
	if (!wanted)
		strv_pushf(&collect->warnings,
			"chart %s %s: the index has no digest to check it by", chart->name,
			chart->version);
	else if (!streq(digest->text + strlen(SHA256_PREFIX), wanted))
		return mismatch(chart, digest->text, wanted, err);
	return 0;
}

/* source-controller's own copy. */
static int chart_of_artifact(struct repository *repository, size_t index,
	struct sha256_text *digest, uint64_t *size, struct error *err)
{
	struct collect *collect = repository->collect;
	struct artifact artifact = {
		.kube = collect->access.kube,
		.store = collect->store,
		.what = &repository->charts[index]->artifact,
		.limit = LIMIT_CHART,
	};

	if (artifact_get(&artifact, err) < 0)
		return -1;
	*digest = artifact.digest;
	*size = artifact.size;
	collect->downloaded += artifact.recalled ? 0 : artifact.size;
	return 0;
}

/* The entry as JSON; nothing for one that is of other bytes (a chart packed anew in the cluster). */
static int add_entry(struct repository *repository, size_t index, const struct sha256_text *chart,
	struct sha256_text *ret, struct error *err)
{
	struct json_object *entry = repository->entries[index].entry;
	const char *digest = helm_entry_digest(entry);
	autobuf text = BUF_INIT;

	if (entry && (!digest || streq(chart->text + strlen(SHA256_PREFIX), digest)))
		json_write(&text, entry);
	if (store_add(repository->collect->store, text.ptr, text.len, ret, err) < 0)
		return -1;
	lock_add_blob(&repository->collect->lock, ret, text.len, MEDIA_CHART_ENTRY, LOCK_SELF);
	return 0;
}

static int add_chart(struct repository *repository, size_t index, struct error *err)
{
	struct collect *collect = repository->collect;
	const struct plan_chart *chart = repository->charts[index];
	struct lock *lock = &collect->lock;
	struct lock_chart row = {.used_by = STRV_INIT};
	uint64_t size = 0;
	int result = collect->history == HISTORY_ARTIFACT
			     ? chart_of_artifact(repository, index, &row.blob, &size, err)
			     : chart_of_upstream(repository, index, &row.blob, &size, err);

	if (result < 0 || add_entry(repository, index, &row.blob, &row.entry, err) < 0)
		return -1;
	lock_add_blob(lock, &row.blob, size, MEDIA_CHART, LOCK_SELF);
	row.repository = xstrdup(chart->repository);
	row.name = xstrdup(chart->name);
	row.version = xstrdup(chart->version);
	strv_push_all(&row.used_by, &chart->used_by);
	lock->charts = xreallocarray(lock->charts, lock->chart_count + 1, sizeof(*lock->charts));
	lock->charts[lock->chart_count++] = row;
	return 0;
}

/* ---- all */

/* The copy of the index that source-controller holds; without one the charts come without entries. */
static int index_of_artifact(struct repository *repository, struct error *err)
{
	struct collect *collect = repository->collect;
	struct artifact artifact = {
		.kube = collect->access.kube,
		.store = collect->store,
		.what = &repository->charts[0]->index,
		.limit = LIMIT_CHART_INDEX,
	};
	autofd fd = -1;

	if (!artifact.what->url)
		return 0;
	if (artifact_get(&artifact, err) < 0 ||
		store_read(collect->store, &artifact.digest, &fd, err) < 0)
		return -1;
	return parse_index(repository, fd, artifact.size, err);
}

static int open_repository(struct repository *repository, struct error *err)
{
	struct collect *collect = repository->collect;

	if (collect->history == HISTORY_ARTIFACT)
		return index_of_artifact(repository, err);
	if (access_chart(&collect->access, repository->url, &repository->charts[0]->access,
		    &repository->credentials, err) < 0)
		return -1;
	return index_of_upstream(repository, err);
}

static int check_entry(const struct repository *repository, size_t index, struct error *err)
{
	const struct helm_entry *entry = &repository->entries[index];

	if (entry->entry || repository->collect->history == HISTORY_ARTIFACT)
		return 0;
	if (!entry->versions)
		return error_set(
			err, ERROR_NOT_FOUND, "it is not in the index of %s", repository->url);
	return error_set(err, ERROR_NOT_FOUND,
		"its version is not among the %zu in the index of %s", entry->versions,
		repository->url);
}

static int collect_repository(struct repository *repository, struct error *err)
{
	autoerror unreadable = ERROR_INIT;
	int opened = open_repository(repository, &unreadable);

	for (size_t i = 0; i < repository->count; i++) {
		autoerror why = ERROR_INIT;

		if (opened < 0)
			error_set(&why, unreadable.kind, "%s", unreadable.message);
		else if (check_entry(repository, i, &why) == 0 &&
			 add_chart(repository, i, &why) == 0)
			continue;
		if (pass_over(repository->collect, repository->charts[i], &why, err) < 0)
			return -1;
	}
	return 0;
}

/* Charts from `first` on that are out of the same repository, by the same login. */
static void gather(struct repository *repository, size_t first, bool *done)
{
	struct plan *plan = repository->collect->plan;
	struct plan_chart *one = &plan->charts[first];

	repository->url = one->repository;
	repository->charts = xcalloc(plan->chart_count, sizeof(struct plan_chart *));
	repository->entries = xcalloc(plan->chart_count, sizeof(*repository->entries));
	for (size_t i = first; i < plan->chart_count; i++) {
		struct plan_chart *chart = &plan->charts[i];

		if (done[i] || !streq(chart->repository, one->repository) ||
			!plan_access_equal(&chart->access, &one->access))
			continue;
		done[i] = true;
		repository->entries[repository->count] =
			(struct helm_entry){.name = chart->name, .version = chart->version};
		repository->charts[repository->count++] = chart;
	}
}

int collect_charts(struct collect *collect, struct error *err)
{
	size_t count = collect->plan->chart_count;
	autofree bool *done = xcalloc(count + 1, sizeof(*done));

	for (size_t i = 0; i < count; i++) {
		CLEANUP(repository_clear)
		struct repository repository = {
			.collect = collect,
			.credentials = GIT_CREDENTIALS_INIT,
			.file = {.fd = -1},
		};

		if (done[i])
			continue;
		gather(&repository, i, done);
		if (collect_repository(&repository, err) < 0)
			return -1;
	}
	return 0;
}
