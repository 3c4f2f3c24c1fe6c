/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/os.h"
#include "bundle/media_copy.h"
#include "bundle/parts.h"
#include "plugin/app.h"
#include "plugin/bundle_options.h"
#include "plugin/command.h"

struct join_opts {
	struct strv parts;
	const char *to;
};

/* clang-format off */
static const struct option options[] = {
	OPT_PARTS(struct join_opts, parts),
	OPT_STRING_FROM(struct join_opts, to, 0, "to", "FILE", "the file to write, in place of NAME.tar beside the parts", COMPLETE_FILE),
	OPT_END,
};
/* clang-format on */

static char *target_path(const struct media *media, const char *source)
{
	autofree char *beside = os_dirname(source);
	const char *name = media_list(media)->name;

	return streq(beside, ".") ? xstrdup(name) : xasprintf("%s/%s", beside, name);
}

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct join_opts *wanted = opts;
	const char *source = args->items[0];
	autofree char *what = xasprintf("joining %s", source);
	struct bundle_progress progress = {.app = app, .what = what};
	struct media_plan plan = {.progress = bundle_progress, .progress_ctx = &progress};
	autofree char *path = NULL;
	automedia *media = NULL;
	const char *mended = NULL;

	if (media_open(source, &wanted->parts, &media, err) < 0)
		return -1;
	if (!media_list(media))
		return error_set(err, ERROR_USAGE, "%s is one file already", source);
	path = wanted->to ? xstrdup(wanted->to) : target_path(media, source);
	plan.path = path;
	app_progress(app, "%s", what);
	os_interrupt_watch();
	if (media_copy(media, &plan, &mended, err) < 0)
		return -1;
	app_progress_end(app);
	if (mended)
		app_warn(app, "%s is damaged: the parity part stood for it", mended);
	fprintf(app->out, "%s\n", path);
	return 0;
}

static const struct example examples[] = {
	{"make site-a.tar of its parts", "bundle join site-a.parts.json"},
	{"of parts that lie on two media",
		"bundle join /media/one/site-a.parts.json --parts /media/two --to site-a.tar"},
	{NULL, NULL},
};

const struct command cmd_bundle_join = {
	.name = "bundle join",
	.args = "SET",
	.min_args = 1,
	.max_args = 1,
	.complete_args = COMPLETE_FILE,
	.summary = "Make one file of the parts of a bundle",
	.description =
		"SET is the list of parts (NAME.parts.json) or any of them. Each part is compared "
		"with its digest on the way; one that is missing or damaged is made from the "
		"parity "
		"part if there is one. No command needs this: all read the parts as they are.",
	.options = options,
	.opts_size = sizeof(struct join_opts),
	.examples = examples,
	.run = run,
};
