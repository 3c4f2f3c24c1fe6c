/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/json.h"
#include "plugin/app.h"
#include "plugin/command.h"
#include "plugin/output.h"
#include "plugin/status.h"

/* clang-format off */
static const struct option status_options[] = {
	OPT_FLAG(struct status_opts, all, 0, "all", "every cause and all that waits for it, however many"),
	OPT_FLAG_LIVE(struct status_opts, azure, 0, "azure", "ask Azure itself too, and say where the two views differ"),
	OPT_FLAG(struct status_opts, exit_code, 0, "exit-code", "exit with status 3 unless all is ready and could be read"),
	OPT_CHOICE(struct status_opts, output, 'o', "output", "FORMAT", "wide (whole messages), json or yaml", "wide json yaml"),
	OPT_END,
};
/* clang-format on */

static void print_screen(const struct status *status)
{
	status_print_head(status);
	if (status_verdict(status) == VERDICT_NO_FLUX)
		return;
	status_print_workloads(status);
	status_print_kinds(status);
	status_print_configs(status);
	status_print_azure(status);
	status_print_causes(status);
}

static void status_clear(struct status *status)
{
	status_azure_clear(&status->azure);
	look_clear(&status->look);
}

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct status_opts *status_opts = opts;
	CLEANUP(status_clear)
	struct status status = {.app = app, .opts = status_opts, .look = LOOK_INIT};
	struct survey_options options = {
		.parts = SURVEY_FLUX | SURVEY_AZURE | SURVEY_WORKLOADS | SURVEY_PODS |
			 SURVEY_CLUSTER,
		.namespace = app->globals->kube.namespace,
	};
	const char *output = status_opts->output;
	int result = 0;

	(void)args;
	if (look_read(&status.look, app, &options, err) < 0)
		return -1;
	status.look.wide = streq(output, "wide");
	if (status_opts->azure)
		status_azure_read(&status);
	if (streq(output, "json") || streq(output, "yaml")) {
		autojson struct json_object *tree = status_json(&status);

		result = output_tree(app, output, tree, err);
	} else {
		print_screen(&status);
	}
	if (result == 0 && status_opts->exit_code && status_verdict(&status) != VERDICT_READY)
		return error_set(err, ERROR_FINDINGS, "%s", "");
	return result;
}

static const struct example examples[] = {
	{"the whole cluster on one screen", "status"},
	{"in a script: fail unless everything is ready", "status --exit-code"},
	{"with what Azure itself knows of each configuration", "status --azure"},
	{"all of it for a program", "status -o json"},
	{NULL, NULL},
};

const struct command cmd_status = {
	.name = "status",
	.needs = NEEDS_KUBE,
	.summary = "Show whether Flux and what it deploys are ready, and what is in the way",
	.description = "One screen for the whole cluster: how Flux got here and how old it is, its "
		       "controllers, "
		       "objects by state, FluxConfigs as the cluster and as Azure see them, then "
		       "every cause "
		       "with what waits for it.\n\n"
		       "The first line is the verdict: READY, NOT READY, or INCOMPLETE where "
		       "something could "
		       "not be read. With -n only Flux objects of that namespace are looked at.",
	.options = status_options,
	.opts_size = sizeof(struct status_opts),
	.examples = examples,
	.run = run,
};
