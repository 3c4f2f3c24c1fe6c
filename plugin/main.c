/* SPDX-License-Identifier: Apache-2.0 */
/* Parse, prepare, run, say what went wrong. */
#include "base/base.h"

#include "base/log.h"
#include "base/os.h"
#include "plugin/app.h"
#include "plugin/azure.h"
#include "plugin/help.h"
#include "plugin/options.h"
#include "plugin/report.h"

#define OUT_FD 1

/* Files and pipes get large pieces, a terminal each line at once. */
static void buffer_output(void)
{
	static char buffer[64 << 10];

	if (!os_is_terminal(OUT_FD))
		setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
}

static int run(struct app *app, struct parsed *parsed, struct error *err)
{
	const struct command *command = parsed->command;

	if (!command || parsed->globals.help)
		return help_show(app, command);
	if ((command->needs & NEEDS_KUBE) && app_open_kube(app, err) < 0)
		return -1;
	if ((command->needs & (NEEDS_ARM | NEEDS_AZURE_CLUSTER)) &&
		azure_open(app, parsed->opts, command->needs & NEEDS_AZURE_CLUSTER, &app->azure,
			err) < 0)
		return -1;
	return command->run(app, parsed->opts, &parsed->args, err);
}

/* The outcome of both: of two failures the first counts, and findings that were not written in full
 * are a failure. */
static void finish(struct app *app, struct error *err)
{
	autoerror flush = ERROR_INIT;

	app_progress_end(app);
	if (app_flush(app, &flush) < 0 && (err->kind == ERROR_NONE || err->kind == ERROR_FINDINGS))
		error_move(err, &flush);
}

int main(int argc, char **argv)
{
	CLEANUP(parsed_clear) struct parsed parsed = PARSED_INIT;
	CLEANUP(app_clear) struct app app;
	autoerror err = ERROR_INIT;
	autobuf report = BUF_INIT;
	bool failed;

	os_prepare();
	buffer_output();
	failed = options_parse(argc, argv, &parsed, &err) < 0;
	app_init(&app, &parsed.globals);
	log_set_level(parsed.globals.verbosity);
	if (!failed)
		failed = run(&app, &parsed, &err) < 0;
	finish(&app, &err);
	/* What was begun elsewhere goes on: how to come back to it is said first. */
	if (os_interrupted() && str_set(err.hint)) {
		report_error(&report, &err);
		fputs(report.ptr, app.err);
	}
	if (os_interrupted())
		os_interrupt_die();
	if (err.kind != ERROR_NONE)
		report_error(&report, &err);
	fputs(report.ptr, app.err);
	return failed && err.kind == ERROR_NONE ? 1 : error_exit_status(err.kind);
}
