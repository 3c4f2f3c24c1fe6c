/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Completion as kubectl asks plugins for it: the words after "flux-arc", the last one to be
 * completed; answered by lines "VALUE<TAB>DESCRIPTION" and a last line ":N", a directive of cobra's.
 * Nothing is asked of a cluster, and nothing fails: what cannot be completed gives no lines.
 */
#include "base/base.h"

#include "plugin/app.h"
#include "plugin/complete.h"

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	autobuf out = BUF_INIT;

	(void)opts;
	(void)err;
	complete_words(args, &out);
	fputs(out.ptr, app->out);
	return 0;
}

static const struct example examples[] = {
	{"names of commands that begin with 'st'", "__complete st"},
	{NULL, NULL},
};

const struct command cmd_complete = {
	.name = "__complete",
	.args = "[WORD...]",
	.max_args = -1,
	.needs = HIDDEN | RAW_ARGS,
	.summary = "Answer what could stand in place of the last word",
	.examples = examples,
	.run = run,
};
