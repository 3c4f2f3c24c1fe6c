/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/json.h"
#include "plugin/config.h"

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct config_show_opts *wanted = opts;
	autoconfig config = CONFIG_INIT;

	(void)args;
	if (config_open(app->azure, wanted->azure.name, &config, err) < 0 ||
		config_read_existing(&config, err) < 0)
		return -1;
	app_progress_end(app);
	return config_print_objects(
		app, wanted->output, json_get(config.resource, "properties", "statuses"), err);
}

static const struct example examples[] = {
	{"what Azure was told of each object", "config object list -n cluster-config"},
	{NULL, NULL},
};

const struct command cmd_config_object_list = {
	.name = "config object list",
	.needs = NEEDS_AZURE_CLUSTER,
	.summary = "List the objects of a Flux configuration, as Azure was told of them",
	.description = "The same as 'az k8s-configuration flux deployed-object list'. The cluster "
		       "reports once a minute at most.",
	.options = config_show_options,
	.opts_size = sizeof(struct config_show_opts),
	.examples = examples,
	.run = run,
};
