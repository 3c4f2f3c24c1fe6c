/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/json.h"
#include "base/os.h"
#include "bundle/diff.h"
#include "bundle/live_lock.h"
#include "bundle/plan.h"
#include "plugin/app.h"
#include "plugin/bundle_diff.h"
#include "plugin/bundle_options.h"
#include "plugin/command.h"
#include "plugin/output.h"

#define COMMITS_SHOWN 20
#define FILES_SHOWN 50

struct diff_opts {
	bool all;
	struct strv base;
	const char *output;
	struct strv parts;
};

static const struct option options[] = {
	OPT_FLAG(struct diff_opts, all, 0, "all", "every commit and file, not the first of each"),
	OPT_LIST(struct diff_opts, base, 0, "base", "FILE",
		"a bundle that NEW builds on; OLD is taken for one if it is (repeatable)"),
	OPT_CHOICE(struct diff_opts, output, 'o', "output", "FORMAT", "text, json or yaml",
		"text json yaml"),
	OPT_PARTS(struct diff_opts, parts),
	OPT_END,
};

static const struct example examples[] = {
	{"what a bundle would bring to the cluster", "bundle diff tuesday.tar"},
	{"what a new bundle brings", "bundle diff monday.tar tuesday.tar"},
	{"for a script", "bundle diff monday.tar tuesday.tar -o json"},
	{NULL, NULL},
};

/* What is compared: a bundle, or the cluster's lock, with a bundle and those that it builds on. */
struct pair {
	struct bundle *before, *after;
	struct lock live;
	struct bundle **bases;
	size_t base_count;
	const char *names[2];
};

static void pair_clear(struct pair *pair)
{
	bundle_bases_free(pair->bases, pair->base_count);
	bundle_free(pair->before);
	bundle_free(pair->after);
	lock_clear(&pair->live);
}

static int open_bases(
	struct pair *pair, const struct strv *base, const char *before, struct error *err)
{
	autostrv paths = STRV_INIT;

	strv_push_all(&paths, base);
	if (pair->before && streq(pair->after->lock.base.text, pair->before->id.text))
		strv_push(&paths, before);
	if (!paths.len)
		return 0;
	return bundle_bases_open(pair->after, &paths, &pair->bases, &pair->base_count, err);
}

static int read_live(struct app *app, struct pair *pair, struct error *err)
{
	const char *namespace = app->globals->kube.namespace;
	struct plan_options plan_options = {.namespace = namespace};
	autoplan plan = PLAN_INIT;

	if (app_open_kube(app, err) < 0)
		return -1;
	app_progress(app, "reading the cluster");
	if (plan_read(app->kube, &plan_options, &plan, err) < 0)
		return error_wrap(err, "reading the cluster");
	for (size_t i = 0; i < plan.unread.len; i++)
		app_warn(app, "not compared: %s", plan.unread.items[i]);
	live_lock(&plan, &pair->live);
	return 0;
}

static int open_pair(struct app *app, const struct strv *args, const struct diff_opts *given,
	struct pair *pair, struct error *err)
{
	bool live = args->len == 1;

	pair->names[0] = live ? "the cluster" : args->items[0];
	pair->names[1] = args->items[args->len - 1];
	if (!live && bundle_open(pair->names[0], &given->parts, &pair->before, err) < 0)
		return -1;
	if (bundle_open(pair->names[1], &given->parts, &pair->after, err) < 0 ||
		open_bases(pair, &given->base, pair->names[0], err) < 0)
		return -1;
	return live ? read_live(app, pair, err) : 0;
}

static int compare(
	struct app *app, const struct pair *pair, bool all, struct diff *diff, struct error *err)
{
	struct diff_options diff_options = {
		.commits = all ? 0 : COMMITS_SHOWN,
		.files = all ? 0 : FILES_SHOWN,
		.tick = app_tick,
		.tick_ctx = app,
	};
	struct diff_side before = {
		.lock = pair->before ? &pair->before->lock : &pair->live,
		.bundle = pair->before,
		.bases = pair->bases,
		.base_count = pair->base_count,
	};
	struct diff_side after = {
		.lock = &pair->after->lock,
		.bundle = pair->after,
		.bases = pair->bases,
		.base_count = pair->base_count,
	};

	app_progress(app, "comparing %s and %s", pair->names[0], pair->names[1]);
	return diff_locks(&before, &after, &diff_options, diff, err);
}

static int print(struct app *app, const struct diff *diff, const struct pair *pair,
	const char *format, struct error *err)
{
	autojson struct json_object *tree = NULL;

	app_progress_end(app);
	if (!format || streq(format, "text")) {
		bundle_diff_print(app, diff, pair->names[0], pair->names[1]);
		return 0;
	}
	tree = bundle_diff_json(diff, pair->names[0], pair->names[1]);
	return output_tree(app, format, tree, err);
}

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct diff_opts *given = opts;
	CLEANUP(pair_clear) struct pair pair = {.live = LOCK_INIT};
	CLEANUP(diff_clear) struct diff diff = DIFF_INIT;

	os_interrupt_watch();
	if (open_pair(app, args, given, &pair, err) < 0 ||
		compare(app, &pair, given->all, &diff, err) < 0 ||
		print(app, &diff, &pair, given->output, err) < 0)
		return -1;
	return diff_is_empty(&diff) ? 0 : error_set(err, ERROR_FINDINGS, "%s", "");
}

const struct command cmd_bundle_diff = {
	.name = "bundle diff",
	.args = "[OLD] NEW",
	.min_args = 1,
	.max_args = 2,
	.complete_args = COMPLETE_FILE,
	.summary = "Show what a bundle brings that another, or the cluster, does not have",
	.description = "Sources, refs, commits with author and subject, files, charts and bytes, "
		       "straight from "
		       "the files. The exit status is 3 when they differ.\n\n"
		       "With one bundle the cluster is the older side: sources are found by their "
		       "URL, or by "
		       "the name of their GitRepository where they were pushed to another place.",
	.options = options,
	.opts_size = sizeof(struct diff_opts),
	.examples = examples,
	.run = run,
};
