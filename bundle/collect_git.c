/* SPDX-License-Identifier: Apache-2.0 */
/* Git sources, one after another, and the submodules that they bring up, until there are no more. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/os.h"
#include "bundle/collect.h"
#include "bundle/failures.h"
#include "bundle/git_url.h"

/* go-git's DefaultSubmoduleRecursionDepth: deeper ones are not followed in a cluster either. */
#define MAX_SUBMODULE_DEPTH 10

void collect_git_clear(struct collect_git *git)
{
	fetch_clear(&git->fetch);
	for (size_t i = 0; i < git->submodule_count; i++) {
		free(git->submodules[i].path);
		free(git->submodules[i].url);
		free(git->submodules[i].source);
	}
	free(git->submodules);
	for (size_t i = 0; git->tips && i < git->want_count; i++)
		free(git->tips[i].ref);
	free(git->tips);
	*git = (struct collect_git){.fetch = {.prefixes = STRV_INIT}};
}

/* ---- one source */

/* The wants of a source side by side, as a fetch takes them; the texts stay the plan's. */
static struct ref_want *ref_wants(const struct plan_git *git)
{
	struct ref_want *wants = xcalloc(git->want_count + 1, sizeof(*wants));

	for (size_t i = 0; i < git->want_count; i++)
		wants[i] = git->wants[i].ref;
	return wants;
}

/* Objects that share a repository may have different logins: the first that works is taken. */
static bool tried_before(const struct plan_git *git, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (plan_access_equal(&git->wants[i].access, &git->wants[index].access))
			return true;
	return false;
}

static int open_with(struct collect *collect, const struct plan_access *access,
	struct git_credentials *credentials, struct fetch *fetch, struct error *err)
{
	git_credentials_clear(credentials);
	if (access_git(&collect->access, fetch->url, access, credentials, err) < 0)
		return -1;
	return fetch_open(fetch, err);
}

/* `credentials` have to live as long as the fetch. */
static int open_source(struct collect *collect, const struct plan_git *git,
	struct git_credentials *credentials, struct fetch *fetch, struct error *err)
{
	autoerror first = ERROR_INIT;

	for (size_t i = 0; i < git->want_count; i++) {
		autoerror failure = ERROR_INIT;

		if (tried_before(git, i))
			continue;
		if (open_with(collect, &git->wants[i].access, credentials, fetch, &failure) == 0)
			return 0;
		if (first.kind == ERROR_NONE)
			error_move(&first, &failure);
		if (os_interrupted())
			break;
	}
	return error_move(err, &first);
}

static void on_progress(void *ctx, const struct fetch_progress *progress)
{
	struct collect *collect = ctx;

	collect->progress.received = progress->received;
	collect->progress.objects = progress->objects;
	collect->progress.of = progress->of;
	collect->progress.server_says = progress->server_says;
	if (collect->on_progress)
		collect->on_progress(collect->ctx, &collect->progress);
}

static int on_tick(void *ctx, struct error *err)
{
	struct collect *collect = ctx;

	return collect->tick ? collect->tick(collect->ctx, err) : 0;
}

static struct fetch fetch_of(struct collect *collect, const struct plan_git *git,
	const struct ref_want *wants, const struct git_credentials *credentials)
{
	return (struct fetch){
		.store = collect->store,
		.url = git->url,
		.credentials = credentials,
		.user_agent = collect->user_agent,
		.wants = wants,
		.want_count = git->want_count,
		.all_refs = collect->all_refs,
		.canonical = collect->canonical && collect->history != HISTORY_TIP,
		.tip_only = collect->history == HISTORY_TIP,
		.prefixes = STRV_INIT,
		.tick = on_tick,
		.on_progress = on_progress,
		.ctx = collect,
	};
}

int collect_look(struct collect *collect, const struct plan_git *git, struct refs *ret,
	uint64_t *size, struct error *err)
{
	autofree struct ref_want *wants = ref_wants(git);
	CLEANUP(git_credentials_clear) struct git_credentials credentials = GIT_CREDENTIALS_INIT;
	autofetch fetch = fetch_of(collect, git, wants, &credentials);

	if (open_source(collect, git, &credentials, &fetch, err) < 0)
		return -1;
	*size = fetch_stored(&fetch);
	*ret = fetch.refs;
	fetch.refs = (struct refs){.items = NULL};
	return 0;
}

static int fetch_source(struct collect *collect, size_t index, struct error *err)
{
	const struct plan_git *git = &collect->plan->git[index];
	struct collect_git *result = &collect->git[index];
	autofree struct ref_want *wants = ref_wants(git);
	CLEANUP(git_credentials_clear) struct git_credentials credentials = GIT_CREDENTIALS_INIT;
	int outcome;

	collect_git_clear(result);
	result->fetch = fetch_of(collect, git, wants, &credentials);
	result->want_count = git->want_count;
	outcome = open_source(collect, git, &credentials, &result->fetch, err);
	if (outcome == 0)
		outcome = collect_fetch(collect, git, result, err);
	remote_free(TAKE(result->fetch.remote));
	/* What it borrowed ends here. */
	result->fetch.credentials = NULL;
	result->fetch.wants = NULL;
	result->fetch.base = NULL;
	if (outcome < 0)
		return -1;
	if (!result->fetch.recalled && !result->same)
		collect->downloaded += result->fetch.size;
	return 0;
}

/* ---- submodules */

static bool follows_submodules(const struct plan_git *git)
{
	for (size_t i = 0; i < git->want_count; i++)
		if (git->wants[i].submodules)
			return true;
	return false;
}

/* Credentials of the parent go to its own host alone. */
static bool same_host(const char *left, const char *right)
{
	autogiturl a = GIT_URL_INIT;
	autogiturl b = GIT_URL_INIT;

	return git_url_parse(left, &a, NULL) == 0 && git_url_parse(right, &b, NULL) == 0 &&
	       a.scheme == b.scheme && streq(a.host, b.host) &&
	       streq(git_url_port(&a), git_url_port(&b));
}

static bool is_wanted(const struct plan *plan, const char *url, const char *commit)
{
	for (size_t i = 0; i < plan->git_count; i++) {
		const struct plan_git *git = &plan->git[i];

		for (size_t j = 0; streq(git->url, url) && j < git->want_count; j++)
			if (streq(git->wants[j].ref.commit, commit) && git->wants[j].submodules)
				return true;
	}
	return false;
}

static void want_submodule(struct collect *collect, const struct plan_git *parent,
	const struct lock_submodule *submodule)
{
	const struct plan_want *from = &parent->wants[0];
	char hex[OID_HEX_LEN + 1];
	struct plan_want want = {.submodules = true};

	for (size_t i = 0; i < parent->want_count && !from->submodules; i++)
		from = &parent->wants[i];
	oid_hex(&submodule->oid, hex);
	if (is_wanted(collect->plan, submodule->url, hex))
		return;
	want.ref.commit = xstrdup(hex);
	want.used_by = xstrdup_or_null(from->used_by);
	if (same_host(parent->url, submodule->url))
		want.access = plan_access_copy(&from->access);
	plan_add_want(collect->plan, submodule->url, &want);
}

static void not_followed(struct collect *collect, const struct plan_git *git,
	const struct lock_submodule *submodule, const char *why)
{
	char hex[OID_HEX_LEN + 1];
	autofree char *ref = xasprintf("%s %s", git->url, submodule->path);

	oid_hex(&submodule->oid, hex);
	for (size_t i = 0; i < git->used_by.len; i++)
		plan_add_unresolved(
			collect->plan, "submodule", ref, hex, git->used_by.items[i], why);
	if (!git->used_by.len)
		plan_add_unresolved(collect->plan, "submodule", ref, hex, NULL, why);
}

/* One that was found, with its URL made absolute. */
static void take_submodule(
	struct collect *collect, size_t index, const struct lock_submodule *found, int depth)
{
	const struct plan_git *git = &collect->plan->git[index];
	struct collect_git *result = &collect->git[index];
	autofree char *absolute = *found->url ? submodule_url(git->url, found->url) : NULL;
	autofree char *public = git_url_public(absolute ? absolute : found->url);
	struct lock_submodule *submodule = &result->submodules[result->submodule_count++];

	*submodule = (struct lock_submodule){
		.path = xstrdup(found->path),
		.url = xstrdup(*public ? public : "?"),
		.oid = found->oid,
	};
	if (!follows_submodules(git))
		not_followed(collect, git, submodule,
			"spec.recurseSubmodules is not set: source-controller leaves it out too");
	else if (collect->history == HISTORY_TIP)
		not_followed(collect, git, submodule, "a tree without history holds none");
	else if (!absolute)
		not_followed(collect, git, submodule, ".gitmodules has no usable URL for it");
	else if (depth == MAX_SUBMODULE_DEPTH)
		not_followed(collect, git, submodule, "it is nested too deeply");
	else
		submodule->source = xstrdup(public);
}

/* The plan grows by what is to be followed, which moves its sources: hence in two passes. */
static void take_submodules(struct collect *collect, size_t index, int depth)
{
	struct collect_git *result = &collect->git[index];
	const struct findings *findings = &result->fetch.findings;

	result->submodules = xcalloc(findings->submodule_count + 1, sizeof(*result->submodules));
	for (size_t i = 0; i < findings->submodule_count; i++)
		take_submodule(collect, index, &findings->submodules[i], depth);
	for (size_t i = 0; i < result->submodule_count; i++)
		if (result->submodules[i].source)
			want_submodule(collect, &collect->plan->git[index], &result->submodules[i]);
}

/* ---- all of them */

static void grow(struct collect *collect)
{
	size_t count = collect->plan->git_count;

	collect->git = xreallocarray(collect->git, count + 1, sizeof(*collect->git));
	for (; collect->git_count < count; collect->git_count++)
		collect->git[collect->git_count] =
			(struct collect_git){.fetch = {.prefixes = STRV_INIT}};
}

/* Those that are new, or wanted for more than they were fetched for. */
static int fetch_round(struct collect *collect, int depth, struct failures *failures, bool *fetched,
	struct error *err)
{
	size_t count = collect->plan->git_count;

	for (size_t i = 0; i < count; i++) {
		const struct plan_git *git = &collect->plan->git[i];
		autoerror failure = ERROR_INIT;

		if (collect->git[i].want_count == git->want_count)
			continue;
		*fetched = true;
		collect->progress =
			(struct collect_progress){.what = git->url, .item = i + 1, .items = count};
		if (fetch_source(collect, i, &failure) == 0) {
			take_submodules(collect, i, depth);
			continue;
		}
		if (os_interrupted())
			return error_move(err, &failure);
		failures_add(failures, git->url, &failure);
		collect->git[i].want_count = git->want_count;
	}
	return 0;
}

int collect_git_all(struct collect *collect, struct error *err)
{
	autofailures failures = FAILURES_INIT;
	bool fetched = true;

	for (int depth = 0; fetched && depth <= MAX_SUBMODULE_DEPTH; depth++) {
		fetched = false;
		grow(collect);
		if (fetch_round(collect, depth, &failures, &fetched, err) < 0)
			return -1;
	}
	return failures_end(&failures, collect->plan->git_count, "Git sources", err);
}
