/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/os.h"
#include "bundle/bundle.h"
#include "bundle/media_copy.h"
#include "bundle/parts.h"
#include "plugin/app.h"
#include "plugin/bundle_options.h"
#include "plugin/command.h"

struct split_opts {
	bool parity;
	const char *part_size, *to;
	struct strv parts;
};

/* clang-format off */
static const struct option options[] = {
	OPT_PARITY(struct split_opts, parity),
	OPT_PART_SIZE(struct split_opts, part_size),
	OPT_PARTS(struct split_opts, parts),
	OPT_STRING_FROM(struct split_opts, to, 0, "to", "FOLDER", "where the parts go, in place of beside the bundle", COMPLETE_FILE),
	OPT_END,
};
/* clang-format on */

/* What the parts make together, in the folder that they go to. */
static char *target_path(const struct media *media, const char *source, const char *folder)
{
	const struct parts *list = media_list(media);
	const char *slash = strrchr(source, '/');
	const char *name = list ? list->name : slash ? slash + 1 : source;
	autofree char *beside = os_dirname(source);

	if (!folder && streq(beside, "."))
		return xstrdup(name);
	return xasprintf("%s/%s", folder ? folder : beside, name);
}

static void print_files(struct app *app, const struct media_plan *plan)
{
	size_t count = (size_t)media_plan_parts(plan);
	autofree char *list = parts_list_path(plan->path);
	autofree char *parity = parts_parity_path(plan->path);

	for (size_t i = 0; i < count; i++) {
		autofree char *part = parts_path(plan->path, i, count);

		fprintf(app->out, "%s\n", part);
	}
	if (plan->parity)
		fprintf(app->out, "%s\n", parity);
	fprintf(app->out, "%s\n", list);
	fprintf(app->err, "Copy %s onto every medium: it tells which parts there are.\n", list);
}

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct split_opts *wanted = opts;
	const char *source = args->items[0];
	autofree char *what = xasprintf("splitting %s", source);
	struct bundle_progress progress = {.app = app, .what = what};
	struct media_plan plan = {
		.parity = wanted->parity, .progress = bundle_progress, .progress_ctx = &progress};
	autofree char *path = NULL;
	autobundle *bundle = NULL;
	const char *mended = NULL;

	if (!wanted->part_size)
		return error_set(err, ERROR_USAGE, "say with --part-size how large the parts are");
	if (bundle_part_size(wanted->part_size, &plan.part_size, err) < 0 ||
		bundle_open(source, &wanted->parts, &bundle, err) < 0)
		return -1;
	path = target_path(bundle->media, source, wanted->to);
	plan.path = path;
	app_progress(app, "%s", what);
	os_interrupt_watch();
	if (media_copy(bundle->media, &plan, &mended, err) < 0)
		return -1;
	app_progress_end(app);
	if (mended)
		app_warn(app, "%s is damaged: the parity part stood for it", mended);
	print_files(app, &plan);
	return 0;
}

static const struct example examples[] = {
	{"for DVDs, any one of which may get lost",
		"bundle split site-a.tar --part-size 4400M --parity"},
	{"for a stick with FAT on it",
		"bundle split site-a.tar --part-size 4000M --to /media/stick"},
	{NULL, NULL},
};

const struct command cmd_bundle_split = {
	.name = "bundle split",
	.args = "FILE",
	.min_args = 1,
	.max_args = 1,
	.complete_args = COMPLETE_FILE,
	.summary = "Split a bundle into parts for media that are smaller",
	.description =
		"Beside NAME.tar go NAME.tar.0001-of-0007 and so on, and NAME.parts.json, which "
		"lists them with sizes and digests. Every command reads the set as it reads the "
		"file, whichever of its names it is given, and from several folders with --parts; "
		"'cat NAME.tar.*-of-*' makes the file again, and so does 'bundle join'.\n\n"
		"With --parity any one part may get lost, or damaged.",
	.options = options,
	.opts_size = sizeof(struct split_opts),
	.examples = examples,
	.run = run,
};
