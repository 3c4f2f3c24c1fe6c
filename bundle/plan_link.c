/* SPDX-License-Identifier: Apache-2.0 */
/* HelmReleases to the charts they run, FluxConfigs to the GitRepositories they made. */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/git_url.h"
#include "bundle/plan_link.h"

/* ---- releasing */

void plan_ref_clear(struct plan_ref *ref)
{
	free(ref->kind);
	free(ref->namespace);
	free(ref->name);
	*ref = (struct plan_ref){.kind = NULL};
}

static void release_clear(struct plan_release *release)
{
	plan_ref_clear(&release->self);
	plan_ref_clear(&release->source);
	plan_ref_clear(&release->chart_ref);
	free(release->chart);
	free(release->version);
}

static void helmchart_clear(struct plan_helmchart *chart)
{
	plan_ref_clear(&chart->self);
	plan_ref_clear(&chart->source);
	free(chart->chart);
	plan_artifact_clear(&chart->artifact);
}

static void repository_clear(struct plan_repository *repository)
{
	plan_ref_clear(&repository->self);
	free(repository->url);
	plan_access_clear(&repository->access);
	plan_artifact_clear(&repository->artifact);
}

static void config_clear(struct plan_config *config)
{
	plan_ref_clear(&config->self);
	free(config->url);
	free(config->secret);
	ref_want_clear(&config->ref);
}

void plan_link_free(struct plan_link *link)
{
	if (!link)
		return;
	for (size_t i = 0; i < link->repository_count; i++)
		repository_clear(&link->repositories[i]);
	for (size_t i = 0; i < link->helmchart_count; i++)
		helmchart_clear(&link->helmcharts[i]);
	for (size_t i = 0; i < link->release_count; i++)
		release_clear(&link->releases[i]);
	for (size_t i = 0; i < link->config_count; i++)
		config_clear(&link->configs[i]);
	for (size_t i = 0; i < link->source_count; i++)
		plan_ref_clear(&link->sources[i]);
	free(link->repositories);
	free(link->helmcharts);
	free(link->releases);
	free(link->configs);
	free(link->sources);
	strv_clear(&link->taken);
	free(link);
}

struct plan_link *plan_link(struct plan *plan)
{
	if (!plan->link) {
		plan->link = xcalloc(1, sizeof(*plan->link));
		plan->link->taken = (struct strv)STRV_INIT;
	}
	return plan->link;
}

/* ---- finding */

static bool same(const struct plan_ref *left, const struct plan_ref *right)
{
	return streq(left->kind, right->kind) && streq(left->namespace, right->namespace) &&
	       streq(left->name, right->name);
}

static char *ref_text(const struct plan_ref *ref)
{
	return xasprintf("%s/%s/%s", ref->kind, ref->namespace, ref->name);
}

static const struct plan_helmchart *find_helmchart(
	const struct plan_link *link, const struct plan_ref *ref)
{
	for (size_t i = 0; i < link->helmchart_count; i++)
		if (same(&link->helmcharts[i].self, ref))
			return &link->helmcharts[i];
	return NULL;
}

static const struct plan_repository *find_repository(
	const struct plan_link *link, const struct plan_ref *ref)
{
	for (size_t i = 0; i < link->repository_count; i++)
		if (same(&link->repositories[i].self, ref))
			return &link->repositories[i];
	return NULL;
}

/* What a release runs, from itself and from its HelmChart. */
struct running {
	const struct plan_ref *source;
	const char *chart, *version;
	const struct plan_artifact
		*artifact; /* of that version; NULL: source-controller has none */
};

static struct running running_of(const struct plan_link *link, const struct plan_release *release)
{
	const struct plan_helmchart *chart = find_helmchart(link, &release->chart_ref);
	struct running running = {
		.source = &release->source,
		.chart = release->chart,
		.version = release->version,
	};

	if (!chart)
		return running;
	if (!running.version)
		running.version = chart->artifact.revision;
	if (streq(running.version, chart->artifact.revision))
		running.artifact = &chart->artifact;
	if (!running.source->kind) {
		running.source = &chart->source;
		running.chart = chart->chart;
	}
	return running;
}

/* ---- missing ones */

static void add_missing(const struct plan_link *link, const struct plan_ref *ref, struct strv *ret)
{
	autofree char *text = ref->kind ? ref_text(ref) : NULL;

	if (text && !strv_contains(&link->taken, text) && !strv_contains(ret, text))
		strv_push(ret, text);
}

void plan_missing(const struct plan *plan, struct strv *ret)
{
	const struct plan_link *link = plan->link;

	if (!link)
		return;
	for (size_t i = 0; i < link->source_count; i++)
		add_missing(link, &link->sources[i], ret);
	for (size_t i = 0; i < link->release_count; i++) {
		const struct plan_release *release = &link->releases[i];
		struct running running = running_of(link, release);

		/* The HelmChart of a release only matters where it alone tells something. */
		if (!running.source->kind || !running.version)
			add_missing(link, &release->chart_ref, ret);
		add_missing(link, running.source, ret);
	}
}

/* ---- completing */

static void unresolved_chart(struct plan *plan, const struct plan_release *release,
	const struct running *running, const char *where, const char *why)
{
	autofree char *self = ref_text(&release->self);
	autofree char *ref =
		running->version ? xasprintf("%s/%s %s", where, running->chart, running->version)
				 : xasprintf("%s/%s", where, running->chart);

	plan_add_unresolved(plan, "chart", ref, NULL, self, why);
}

static void add_chart(struct plan *plan, const struct plan_release *release,
	const struct running *running, const struct plan_repository *repository)
{
	autofree char *self = ref_text(&release->self);
	struct plan_chart *chart =
		plan_add_chart(plan, repository->url, running->chart, running->version, self);

	if (!chart->access.namespace) {
		chart->access = plan_access_copy(&repository->access);
		chart->index = plan_artifact_copy(&repository->artifact);
	}
	if (running->artifact && !chart->artifact.url)
		chart->artifact = plan_artifact_copy(running->artifact);
}

/* A chart out of a Git repository or a bucket is part of that source. */
static void complete_release(struct plan *plan, const struct plan_release *release)
{
	struct running running = running_of(plan->link, release);
	const struct plan_repository *repository;

	if (!streq(running.source->kind, "HelmRepository") || !running.chart)
		return;
	repository = find_repository(plan->link, running.source);
	if (!repository) {
		autofree char *where = ref_text(running.source);

		unresolved_chart(plan, release, &running, where,
			"its HelmRepository is not there or could not be read");
	} else if (repository->oci) {
		unresolved_chart(plan, release, &running, repository->url,
			"charts of OCI registries are not packed");
	} else if (!running.version) {
		unresolved_chart(plan, release, &running, repository->url,
			"nothing is deployed, so its version is not known");
	} else {
		add_chart(plan, release, &running, repository);
	}
}

static struct plan_git *git_used_by(struct plan *plan, const char *used_by)
{
	for (size_t i = 0; i < plan->git_count; i++)
		if (strv_contains(&plan->git[i].used_by, used_by))
			return &plan->git[i];
	return NULL;
}

/* The GitRepository of the same name is the FluxConfig's; where there is none, its spec counts. */
static void complete_config(struct plan *plan, struct plan_config *config)
{
	autofree char *self = ref_text(&config->self);
	autofree char *made =
		xasprintf("GitRepository/%s/%s", config->self.namespace, config->self.name);
	struct plan_git *git = git_used_by(plan, made);
	struct plan_want want;

	if (git) {
		if (!strv_contains(&git->used_by, self))
			strv_push(&git->used_by, self);
		return;
	}
	want = (struct plan_want){
		.used_by = xstrdup(self),
		.ref = config->ref,
		.access =
			{
				.namespace = xstrdup(config->self.namespace),
				.secret = xstrdup_or_null(config->secret),
			},
	};
	config->ref = (struct ref_want){.branch = NULL};
	plan_add_want(plan, config->url, &want);
}

/* ---- order: what the cluster lists first must not matter */

static int compare_text(const char *left, const char *right)
{
	return strcmp(left ? left : "", right ? right : "");
}

static int compare_git(const void *left, const void *right)
{
	const struct plan_git *a = left;
	const struct plan_git *b = right;

	return strcmp(a->url, b->url);
}

static int compare_wants(const void *left, const void *right)
{
	const struct plan_want *a = left;
	const struct plan_want *b = right;

	return compare_text(a->used_by, b->used_by);
}

static int compare_charts(const void *left, const void *right)
{
	const struct plan_chart *a = left;
	const struct plan_chart *b = right;
	int order = strcmp(a->repository, b->repository);

	if (!order)
		order = strcmp(a->name, b->name);
	return order ? order : strcmp(a->version, b->version);
}

static int compare_unresolved(const void *left, const void *right)
{
	const struct lock_unresolved *a = left;
	const struct lock_unresolved *b = right;
	int order = strcmp(a->kind, b->kind);

	if (!order)
		order = strcmp(a->ref, b->ref);
	return order ? order : compare_text(a->digest, b->digest);
}

static void sort(void *items, size_t count, size_t size, int (*compare)(const void *, const void *))
{
	if (count)
		qsort(items, count, size, compare);
}

void plan_complete(struct plan *plan)
{
	struct plan_link *link = plan_link(plan);

	for (size_t i = 0; i < link->release_count; i++)
		complete_release(plan, &link->releases[i]);
	for (size_t i = 0; i < link->config_count; i++)
		complete_config(plan, &link->configs[i]);
	sort(plan->git, plan->git_count, sizeof(*plan->git), compare_git);
	for (size_t i = 0; i < plan->git_count; i++) {
		sort(plan->git[i].wants, plan->git[i].want_count, sizeof(*plan->git[i].wants),
			compare_wants);
		strv_sort(&plan->git[i].used_by);
	}
	sort(plan->charts, plan->chart_count, sizeof(*plan->charts), compare_charts);
	for (size_t i = 0; i < plan->chart_count; i++)
		strv_sort(&plan->charts[i].used_by);
	sort(plan->unresolved, plan->unresolved_count, sizeof(*plan->unresolved),
		compare_unresolved);
	for (size_t i = 0; i < plan->unresolved_count; i++)
		strv_sort(&plan->unresolved[i].used_by);
}
