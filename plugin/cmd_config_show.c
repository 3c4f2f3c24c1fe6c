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
	return config_print(app, wanted->output, config.resource, err);
}

static const struct example examples[] = {
	{"all that Azure knows of it", "config show -n cluster-config"},
	{"of a cluster that is named, for a program",
		"config show -g flux-demo-rg -c flux-demo-arc -t connectedClusters "
		"-n cluster-config -o json"},
	{NULL, NULL},
};

const struct command cmd_config_show = {
	.name = "config show",
	.needs = NEEDS_AZURE_CLUSTER,
	.summary = "Show a Flux configuration as Azure has it",
	.description =
		"Source, states, kustomizations, and what the cluster has reported of each "
		"object. Secrets are never shown. 'kubectl flux-arc status' has the cluster's own "
		"view.",
	.options = config_show_options,
	.opts_size = sizeof(struct config_show_opts),
	.examples = examples,
	.run = run,
};
