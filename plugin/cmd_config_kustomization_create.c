/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "plugin/config.h"

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	(void)args;
	return config_change_kustomization(app->azure, opts, false, err);
}

static const struct example examples[] = {
	{"a folder of the source more, after another one",
		"config kustomization create -n cluster-config -k apps --path ./apps/staging "
		"--prune "
		"--depends-on infra"},
	{NULL, NULL},
};

const struct command cmd_config_kustomization_create = {
	.name = "config kustomization create",
	.needs = NEEDS_AZURE_CLUSTER,
	.summary = "Add a kustomization to a Flux configuration",
	.description = "The configuration keeps all else. A kustomization of that name may not be "
		       "there yet.",
	.options = config_kustomization_options,
	.opts_size = sizeof(struct config_kustomization_opts),
	.examples = examples,
	.run = run,
};
