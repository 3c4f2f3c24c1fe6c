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
	return config_print_kustomizations(app, wanted->output,
		json_get(config.resource, "properties", "kustomizations"), err);
}

static const struct example examples[] = {
	{"all of one configuration", "config kustomization list -n cluster-config"},
	{NULL, NULL},
};

const struct command cmd_config_kustomization_list = {
	.name = "config kustomization list",
	.needs = NEEDS_AZURE_CLUSTER,
	.summary = "List the kustomizations of a Flux configuration",
	.options = config_show_options,
	.opts_size = sizeof(struct config_show_opts),
	.examples = examples,
	.run = run,
};
