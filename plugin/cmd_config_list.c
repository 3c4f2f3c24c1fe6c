/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/json.h"
#include "plugin/config.h"

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct config_show_opts *wanted = opts;
	autojson struct json_object *list = NULL;

	(void)args;
	if (config_list(app->azure, &list, err) < 0)
		return -1;
	app_progress_end(app);
	return config_print_list(app, wanted->output, list, err);
}

static const struct example examples[] = {
	{"those of the kubeconfig context's cluster", "config list"},
	{"with URLs", "config list -g flux-demo-rg -c flux-demo-arc -t connectedClusters -o wide"},
	{NULL, NULL},
};

const struct command cmd_config_list = {
	.name = "config list",
	.needs = NEEDS_AZURE_CLUSTER,
	.summary = "List the Flux configurations of a cluster in Azure",
	.options = config_list_options,
	.opts_size = sizeof(struct config_show_opts),
	.examples = examples,
	.run = run,
};
