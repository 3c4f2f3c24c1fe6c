/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "kube/state.h"
#include "plugin/create.h"
#include "plugin/look.h"
#include "plugin/table.h"
#include "plugin/text.h"

#define MANY_NAMES 3

/* ---- reading */

static int read_hand(struct create *create, struct error *err)
{
	const struct create_opts *opts = create->opts;

	for (size_t i = 0; i < opts->git.len; i++)
		if (plan_add_url(&create->plan, opts->git.items[i], err) < 0)
			return -1;
	if (opts->sources && plan_add_file(&create->plan, opts->sources, err) < 0)
		return -1;
	plan_complete(&create->plan);
	return 0;
}

static int read_cluster(struct create *create, struct error *err)
{
	struct app *app = create->app;
	autostrv names = STRV_INIT;
	struct plan_options options = {
		.namespace = create->opts->all_namespaces ? NULL : app->globals->kube.namespace,
		.selector = create->opts->selector,
		.names = &names,
		.latest = create->opts->latest,
	};

	for (size_t i = 1; i < create->names->len; i++)
		strv_push(&names, create->names->items[i]);
	app_progress(app, "the sources of %s", app_place(app));
	if (plan_read(app->kube, &options, &create->plan, err) < 0)
		return -1;
	app_progress_end(app);
	for (size_t i = 0; i < create->plan.unread.len; i++)
		app_warn(app, "not looked at: %s", create->plan.unread.items[i]);
	return 0;
}

int create_read_plan(struct create *create, struct error *err)
{
	const struct create_opts *opts = create->opts;
	int result =
		opts->git.len || opts->sources ? read_hand(create, err) : read_cluster(create, err);

	if (result == 0 && !create->plan.git_count && !create->plan.chart_count)
		app_warn(create->app, "there is no Git source and no chart to pack");
	return result;
}

/* ---- Secrets */

/* A row of --credentials goes before the Secrets. */
static bool has_row(void *ctx, const char *url)
{
	const struct create *create = ctx;
	CLEANUP(git_credentials_clear) struct git_credentials found = GIT_CREDENTIALS_INIT;
	autofree char *folder = xasprintf("%s/", url);

	return create->credentials &&
	       (credentials_find(create->credentials, url, &found, NULL) > 0 ||
		       credentials_find(create->credentials, folder, &found, NULL) > 0);
}

void create_tell_secrets(struct create *create)
{
	struct plan_secret *secrets;
	size_t count = create->opts->from_artifacts
			       ? 0
			       : plan_secrets(&create->plan, has_row, create, &secrets);

	for (size_t i = 0; i < count; i++) {
		autobuf line = BUF_INIT;
		autobuf safe = BUF_INIT;

		buf_addf(&line, "reads Secret %s for ", secrets[i].name);
		look_names(&line, &secrets[i].used_by, MANY_NAMES);
		text_cell(&safe, line.ptr);
		fprintf(create->app->err, "%s\n", safe.ptr);
	}
	if (count)
		plan_secrets_free(secrets, count);
}

/* ---- --dry-run */

static void add_used_by(struct buf *out, const struct strv *used_by)
{
	if (used_by->len)
		look_names(out, used_by, MANY_NAMES);
	else
		buf_addc(out, '-');
}

static void add_size(struct buf *out, uint64_t size)
{
	if (size)
		text_bytes(out, size);
	else
		buf_addc(out, '-');
}

/* "refs/heads/main 1a2b3c4d" one a line would be long for --all-refs: the first ones. */
static void add_refs(struct buf *out, const struct refs *refs)
{
	autostrv names = STRV_INIT;

	for (size_t i = 0; i < refs->count && i <= MANY_NAMES; i++) {
		char hex[OID_HEX_LEN + 1];
		const char *name = refs->items[i].name;

		oid_hex(&refs->items[i].oid, hex);
		name += starts_with(name, "refs/heads/") ? strlen("refs/heads/") : 0;
		name += starts_with(name, "refs/tags/") ? strlen("refs/tags/") : 0;
		strv_pushf(&names, "%s@%.8s", name, hex);
	}
	if (refs->count > MANY_NAMES + 1)
		buf_addf(out, "%s, %s and %zu more", names.items[0], names.items[1],
			refs->count - 2);
	else
		look_names(out, &names, names.len);
}

/* The refs of one source as the server has them, and its size if it is in the cache. */
static int look_git(
	struct create *create, const struct plan_git *git, struct table *table, struct error *err)
{
	struct refs refs = {.items = NULL};
	uint64_t size = 0;
	autobuf text = BUF_INIT;
	autobuf used_by = BUF_INIT;
	autobuf bytes = BUF_INIT;
	const char *cells[] = {git->url, NULL, NULL, NULL};

	app_progress(create->app, "%s", git->url);
	if (collect_look(&create->collect, git, &refs, &size, err) < 0)
		return error_wrap(err, "%s", git->url);
	add_refs(&text, &refs);
	refs_clear(&refs);
	add_used_by(&used_by, &git->used_by);
	add_size(&bytes, size);
	cells[1] = text.ptr;
	cells[2] = bytes.ptr;
	cells[3] = used_by.ptr;
	table_add(table, cells, STYLE_PLAIN, 0);
	return 0;
}

/* What source-controller holds is known without asking anybody. */
static void add_artifacts(const struct plan_git *git, struct table *table)
{
	for (size_t i = 0; i < git->want_count; i++) {
		const struct plan_want *want = &git->wants[i];
		autobuf revision = BUF_INIT;
		autobuf bytes = BUF_INIT;
		autofree char *config = xasprintf("FluxConfig%s", strchr(want->used_by, '/'));
		autobuf used_by = BUF_INIT;
		const char *cells[] = {git->url, NULL, NULL, NULL};

		buf_adds(&used_by, want->used_by);
		if (!streq(config, want->used_by) && strv_contains(&git->used_by, config))
			buf_addf(&used_by, " and %s", config);

		if (want->artifact.revision)
			revision_short(&revision, want->artifact.revision);
		else
			buf_adds(&revision, "no artifact yet");
		add_size(&bytes, want->artifact.size);
		cells[1] = revision.ptr;
		cells[2] = bytes.ptr;
		cells[3] = used_by.ptr;
		table_add(table, cells, STYLE_PLAIN, 0);
	}
}

static int print_git(struct create *create, struct error *err)
{
	static const struct table_column columns[] = {{"GIT SOURCE", false, false},
		{"REFS", false, false}, {"SIZE", false, true}, {"USED BY", true, false}};
	CLEANUP(table_free_pointer) struct table *table = table_new(columns, countof(columns));

	for (size_t i = 0; i < create->plan.git_count; i++) {
		if (create->opts->from_artifacts)
			add_artifacts(&create->plan.git[i], table);
		else if (look_git(create, &create->plan.git[i], table, err) < 0)
			return -1;
	}
	app_progress_end(create->app);
	if (table_rows(table))
		table_print(table, create->app, true, 0);
	return 0;
}

static void print_charts(const struct create *create)
{
	static const struct table_column columns[] = {{"CHART", false, false},
		{"VERSION", false, false}, {"REPOSITORY", false, false}, {"SIZE", false, true},
		{"USED BY", true, false}};
	CLEANUP(table_free_pointer) struct table *table = table_new(columns, countof(columns));

	for (size_t i = 0; i < create->plan.chart_count; i++) {
		const struct plan_chart *chart = &create->plan.charts[i];
		autobuf used_by = BUF_INIT;
		autobuf bytes = BUF_INIT;
		const char *cells[] = {chart->name, chart->version, chart->repository, NULL, NULL};

		add_used_by(&used_by, &chart->used_by);
		add_size(&bytes, chart->artifact.size);
		cells[3] = bytes.ptr;
		cells[4] = used_by.ptr;
		table_add(table, cells, STYLE_PLAIN, 0);
	}
	if (!table_rows(table))
		return;
	fputc('\n', create->app->out);
	table_print(table, create->app, true, 0);
}

static void print_unresolved(const struct create *create)
{
	static const struct table_column columns[] = {{"NOT PACKED", false, false},
		{"REFERENCE", false, false}, {"DIGEST", false, false}, {"USED BY", true, false}};
	CLEANUP(table_free_pointer) struct table *table = table_new(columns, countof(columns));

	for (size_t i = 0; i < create->plan.unresolved_count; i++) {
		const struct lock_unresolved *row = &create->plan.unresolved[i];
		autobuf used_by = BUF_INIT;
		const char *cells[] = {row->kind, row->ref, row->digest ? row->digest : "-", NULL};

		add_used_by(&used_by, &row->used_by);
		cells[3] = used_by.ptr;
		table_add(table, cells, STYLE_PLAIN, 0);
	}
	if (!table_rows(table))
		return;
	fputc('\n', create->app->out);
	table_print(table, create->app, true, 0);
}

int create_dry_run(struct create *create, struct error *err)
{
	if (print_git(create, err) < 0)
		return -1;
	print_charts(create);
	print_unresolved(create);
	return create_check_strict(
		create, create->plan.unresolved, create->plan.unresolved_count, err);
}
