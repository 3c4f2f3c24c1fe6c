/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/json.h"
#include "plugin/config.h"

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct config_show_opts *wanted = opts;
	autoconfig config = CONFIG_INIT;
	autojson struct json_object *one = json_new_object();

	(void)args;
	config.name = wanted->azure.name;
	if (config_open_kustomization(app->azure, wanted->kustomization, true, &config, err) < 0)
		return -1;
	json_set(one, wanted->kustomization,
		json_ref(json_get(
			config.resource, "properties", "kustomizations", wanted->kustomization)));
	return config_print_kustomizations(app, wanted->output, one, err);
}

static const struct example examples[] = {
	{"one of them", "config kustomization show -n cluster-config -k apps -o yaml"},
	{NULL, NULL},
};

const struct command cmd_config_kustomization_show = {
	.name = "config kustomization show",
	.needs = NEEDS_AZURE_CLUSTER,
	.summary = "Show a kustomization of a Flux configuration",
	.options = config_kustomization_show_options,
	.opts_size = sizeof(struct config_show_opts),
	.examples = examples,
	.run = run,
};
