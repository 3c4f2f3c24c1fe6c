/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "plugin/config.h"

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	(void)args;
	return config_change_kustomization(app->azure, opts, true, err);
}

static const struct example examples[] = {
	{"apply another folder",
		"config kustomization update -n cluster-config -k apps --path ./apps/production"},
	{NULL, NULL},
};

const struct command cmd_config_kustomization_update = {
	.name = "config kustomization update",
	.needs = NEEDS_AZURE_CLUSTER,
	.summary = "Change what was given of a kustomization, and nothing else",
	.description =
		"What was not given stays. An empty value takes something away: '--depends-on='.",
	.options = config_kustomization_options,
	.opts_size = sizeof(struct config_kustomization_opts),
	.examples = examples,
	.run = run,
};
