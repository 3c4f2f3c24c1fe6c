/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/git_url.h"
#include "bundle/plan.h"
#include "bundle/plan_link.h"

/* ---- releasing */

void plan_access_clear(struct plan_access *access)
{
	free(access->namespace);
	free(access->secret);
	free(access->cert_secret);
	free(access->proxy_secret);
	str_wipe(&access->user);
	str_wipe(&access->password);
	free(access->provider);
	*access = (struct plan_access){.secret = NULL};
}

struct plan_access plan_access_copy(const struct plan_access *from)
{
	return (struct plan_access){
		.namespace = xstrdup_or_null(from->namespace),
		.secret = xstrdup_or_null(from->secret),
		.cert_secret = xstrdup_or_null(from->cert_secret),
		.proxy_secret = xstrdup_or_null(from->proxy_secret),
		.user = xstrdup_or_null(from->user),
		.password = xstrdup_or_null(from->password),
		.provider = xstrdup_or_null(from->provider),
		.pass_credentials = from->pass_credentials,
		.insecure = from->insecure,
	};
}

bool plan_access_equal(const struct plan_access *left, const struct plan_access *right)
{
	return streq(left->namespace, right->namespace) && streq(left->secret, right->secret) &&
	       streq(left->cert_secret, right->cert_secret) &&
	       streq(left->proxy_secret, right->proxy_secret) &&
	       streq(left->provider, right->provider) && streq(left->user, right->user) &&
	       streq(left->password, right->password) &&
	       left->pass_credentials == right->pass_credentials;
}

void plan_artifact_clear(struct plan_artifact *artifact)
{
	free(artifact->url);
	free(artifact->revision);
	free(artifact->digest);
	*artifact = (struct plan_artifact){.url = NULL};
}

struct plan_artifact plan_artifact_copy(const struct plan_artifact *from)
{
	return (struct plan_artifact){
		.url = xstrdup_or_null(from->url),
		.revision = xstrdup_or_null(from->revision),
		.digest = xstrdup_or_null(from->digest),
		.size = from->size,
	};
}

static void want_clear(struct plan_want *want)
{
	free(want->used_by);
	ref_want_clear(&want->ref);
	plan_access_clear(&want->access);
	plan_artifact_clear(&want->artifact);
	free(want->ignore);
}

static void git_clear(struct plan_git *git)
{
	for (size_t i = 0; i < git->want_count; i++)
		want_clear(&git->wants[i]);
	free(git->wants);
	free(git->url);
	strv_clear(&git->used_by);
}

static void chart_clear(struct plan_chart *chart)
{
	free(chart->repository);
	free(chart->name);
	free(chart->version);
	strv_clear(&chart->used_by);
	plan_access_clear(&chart->access);
	plan_artifact_clear(&chart->artifact);
	plan_artifact_clear(&chart->index);
}

static void unresolved_clear(struct lock_unresolved *unresolved)
{
	free(unresolved->kind);
	free(unresolved->ref);
	free(unresolved->digest);
	free(unresolved->why);
	strv_clear(&unresolved->used_by);
}

void plan_clear(struct plan *plan)
{
	for (size_t i = 0; i < plan->git_count; i++)
		git_clear(&plan->git[i]);
	for (size_t i = 0; i < plan->chart_count; i++)
		chart_clear(&plan->charts[i]);
	for (size_t i = 0; i < plan->unresolved_count; i++)
		unresolved_clear(&plan->unresolved[i]);
	free(plan->git);
	free(plan->charts);
	free(plan->unresolved);
	free(plan->flux);
	free(plan->kubernetes);
	strv_clear(&plan->unread);
	plan_link_free(plan->link);
	*plan = (struct plan)PLAN_INIT;
}

/* ---- building */

static void use(struct strv *used_by, const char *text)
{
	if (text && !strv_contains(used_by, text))
		strv_push(used_by, text);
}

static struct plan_git *find_git(struct plan *plan, const char *url)
{
	for (size_t i = 0; i < plan->git_count; i++)
		if (streq(plan->git[i].url, url))
			return &plan->git[i];
	plan->git = xreallocarray(plan->git, plan->git_count + 1, sizeof(*plan->git));
	plan->git[plan->git_count] = (struct plan_git){.url = xstrdup(url), .used_by = STRV_INIT};
	return &plan->git[plan->git_count++];
}

void plan_add_want(struct plan *plan, const char *url, struct plan_want *want)
{
	autofree char *public = git_url_public(url);
	struct plan_git *git = find_git(plan, public);

	use(&git->used_by, want->used_by);
	git->wants = xreallocarray(git->wants, git->want_count + 1, sizeof(*git->wants));
	git->wants[git->want_count++] = *want;
	*want = (struct plan_want){.used_by = NULL};
}

struct plan_chart *plan_add_chart(struct plan *plan, const char *repository, const char *name,
	const char *version, const char *used_by)
{
	struct plan_chart *chart = plan->charts;
	size_t i;

	for (i = 0; i < plan->chart_count; i++, chart++)
		if (streq(chart->repository, repository) && streq(chart->name, name) &&
			streq(chart->version, version))
			break;
	if (i == plan->chart_count) {
		plan->charts = xreallocarray(plan->charts, i + 1, sizeof(*plan->charts));
		chart = &plan->charts[plan->chart_count++];
		*chart = (struct plan_chart){
			.repository = xstrdup(repository),
			.name = xstrdup(name),
			.version = xstrdup(version),
			.used_by = STRV_INIT,
		};
	}
	use(&chart->used_by, used_by);
	return chart;
}

void plan_add_unresolved(struct plan *plan, const char *kind, const char *ref, const char *digest,
	const char *used_by, const char *why)
{
	struct lock_unresolved *row = plan->unresolved;
	size_t i;

	for (i = 0; i < plan->unresolved_count; i++, row++)
		if (streq(row->kind, kind) && streq(row->ref, ref) && streq(row->digest, digest))
			break;
	if (i == plan->unresolved_count) {
		plan->unresolved =
			xreallocarray(plan->unresolved, i + 1, sizeof(*plan->unresolved));
		row = &plan->unresolved[plan->unresolved_count++];
		*row = (struct lock_unresolved){
			.kind = xstrdup(kind),
			.ref = xstrdup(ref),
			.digest = xstrdup_or_null(digest),
			.used_by = STRV_INIT,
			.why = xstrdup(why),
		};
	}
	use(&row->used_by, used_by);
}

/* ---- Secrets */

struct secrets {
	struct plan_secret *items;
	size_t count;
};

static void add_secret(struct secrets *secrets, const char *namespace, const char *name,
	const struct strv *used_by)
{
	autofree char *full = xasprintf("%s/%s", namespace, name);
	struct plan_secret *row = secrets->items;
	size_t i;

	for (i = 0; i < secrets->count && !streq(row->name, full); i++)
		row++;
	if (i == secrets->count) {
		secrets->items = xreallocarray(secrets->items, i + 1, sizeof(*secrets->items));
		row = &secrets->items[secrets->count++];
		*row = (struct plan_secret){.name = TAKE(full), .used_by = STRV_INIT};
	}
	for (i = 0; i < used_by->len; i++)
		use(&row->used_by, used_by->items[i]);
}

static void add_access(
	struct secrets *secrets, const struct plan_access *access, const struct strv *used_by)
{
	const char *const names[] = {access->secret, access->cert_secret, access->proxy_secret};

	for (size_t i = 0; i < countof(names); i++)
		if (names[i])
			add_secret(secrets, access->namespace, names[i], used_by);
}

static int compare_secrets(const void *left, const void *right)
{
	const struct plan_secret *a = left;
	const struct plan_secret *b = right;

	return strcmp(a->name, b->name);
}

size_t plan_secrets(const struct plan *plan, bool (*skip)(void *ctx, const char *url), void *ctx,
	struct plan_secret **ret)
{
	struct secrets secrets = {.items = NULL};

	for (size_t i = 0; i < plan->git_count; i++) {
		bool skipped = skip && skip(ctx, plan->git[i].url);

		for (size_t j = 0; !skipped && j < plan->git[i].want_count; j++) {
			const struct plan_want *want = &plan->git[i].wants[j];
			autostrv used_by = STRV_INIT;

			use(&used_by, want->used_by);
			add_access(&secrets, &want->access, &used_by);
		}
	}
	for (size_t i = 0; i < plan->chart_count; i++)
		if (!skip || !skip(ctx, plan->charts[i].repository))
			add_access(&secrets, &plan->charts[i].access, &plan->charts[i].used_by);
	if (secrets.count)
		qsort(secrets.items, secrets.count, sizeof(*secrets.items), compare_secrets);
	*ret = secrets.items;
	return secrets.count;
}

void plan_secrets_free(struct plan_secret *secrets, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(secrets[i].name);
		strv_clear(&secrets[i].used_by);
	}
	free(secrets);
}
