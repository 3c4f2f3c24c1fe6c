/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/json.h"
#include "base/os.h"
#include "bundle/diff.h"
#include "plugin/app.h"
#include "plugin/bundle_diff.h"
#include "plugin/command.h"
#include "plugin/output.h"

#define COMMITS_SHOWN 20
#define FILES_SHOWN 50

struct diff_opts {
	bool all;
	struct strv base;
	const char *output;
};

static const struct option options[] = {
	OPT_FLAG(struct diff_opts, all, 0, "all", "every commit and file, not the first of each"),
	OPT_LIST(struct diff_opts, base, 0, "base", "FILE",
		"a bundle that NEW builds on; OLD is taken for one if it is (repeatable)"),
	OPT_CHOICE(struct diff_opts, output, 'o', "output", "FORMAT", "text, json or yaml",
		"text json yaml"),
	OPT_END,
};

static const struct example examples[] = {
	{"what a new bundle brings", "bundle diff monday.tar tuesday.tar"},
	{"for a script", "bundle diff monday.tar tuesday.tar -o json"},
	{NULL, NULL},
};

/* Two bundles, and those that the newer one builds on. */
struct pair {
	struct bundle *before, *after;
	struct bundle **bases;
	size_t base_count;
};

static void pair_clear(struct pair *pair)
{
	bundle_bases_free(pair->bases, pair->base_count);
	bundle_free(pair->before);
	bundle_free(pair->after);
}

static int open_pair(
	const struct strv *args, const struct strv *base, struct pair *pair, struct error *err)
{
	autostrv paths = STRV_INIT;

	if (bundle_open(args->items[0], NULL, &pair->before, err) < 0 ||
		bundle_open(args->items[1], NULL, &pair->after, err) < 0)
		return -1;
	strv_push_all(&paths, base);
	if (streq(pair->after->lock.base.text, pair->before->id.text))
		strv_push(&paths, args->items[0]);
	if (!paths.len)
		return 0;
	return bundle_bases_open(pair->after, &paths, &pair->bases, &pair->base_count, err);
}

static int print(struct app *app, const struct diff *diff, const struct strv *args,
	const char *format, struct error *err)
{
	autojson struct json_object *tree = NULL;

	app_progress_end(app);
	if (!format || streq(format, "text")) {
		bundle_diff_print(app, diff, args->items[0], args->items[1]);
		return 0;
	}
	tree = bundle_diff_json(diff, args->items[0], args->items[1]);
	return output_tree(app, format, tree, err);
}

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct diff_opts *given = opts;
	CLEANUP(pair_clear) struct pair pair = {.before = NULL};
	CLEANUP(diff_clear) struct diff diff = DIFF_INIT;
	struct diff_options diff_options = {
		.commits = given->all ? 0 : COMMITS_SHOWN,
		.files = given->all ? 0 : FILES_SHOWN,
		.tick = app_tick,
		.tick_ctx = app,
	};
	struct diff_side before;
	struct diff_side after;

	os_interrupt_watch();
	app_progress(app, "comparing %s and %s", args->items[0], args->items[1]);
	if (open_pair(args, &given->base, &pair, err) < 0)
		return -1;
	before = (struct diff_side){.lock = &pair.before->lock,
		.bundle = pair.before,
		.bases = pair.bases,
		.base_count = pair.base_count};
	after = (struct diff_side){.lock = &pair.after->lock,
		.bundle = pair.after,
		.bases = pair.bases,
		.base_count = pair.base_count};
	if (diff_locks(&before, &after, &diff_options, &diff, err) < 0 ||
		print(app, &diff, args, given->output, err) < 0)
		return -1;
	return diff_is_empty(&diff) ? 0 : error_set(err, ERROR_FINDINGS, "%s", "");
}

const struct command cmd_bundle_diff = {
	.name = "bundle diff",
	.args = "OLD NEW",
	.min_args = 2,
	.max_args = 2,
	.complete_args = COMPLETE_FILE,
	.summary = "Show what a bundle brings that another does not have",
	.description = "Sources, refs, commits with author and subject, files, charts and bytes, "
		       "straight from "
		       "the files. The exit status is 3 when they differ.",
	.options = options,
	.opts_size = sizeof(struct diff_opts),
	.examples = examples,
	.run = run,
};
