/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "plugin/extension.h"

typedef struct extension_show_opts T;

/* clang-format off */
static const struct option options[] = {
	AZURE_OPT_API_VERSION(T),
	AZURE_OPT_AUTH(T),
	AZURE_OPT_CLOUD(T),
	AZURE_OPT_CLUSTER(T),
	AZURE_OPT_PROVIDER(T),
	OPT_ALIAS("cluster-rp", "cluster-resource-provider"),
	AZURE_OPT_TYPE(T),
	AZURE_OPT_NAME(T, "name of the extension; without it the one of microsoft.flux"),
	OPT_CHOICE(T, output, 'o', "output", "FORMAT", "table, json, yaml or name", EXTENSION_FORMATS),
	AZURE_OPT_GROUP(T),
	AZURE_OPT_SUBSCRIPTION(T),
	AZURE_OPT_TENANT(T),
	AZURE_OPT_TOKEN_FILE(T),
	OPT_END,
};
/* clang-format on */

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct extension_show_opts *wanted = opts;
	autoextension extension = EXTENSION_INIT;

	(void)args;
	if (extension_read_existing(app->azure, wanted->azure.name, &extension, err) < 0)
		return -1;
	return extension_print(app, extension.now, wanted->output, err);
}

static const struct example examples[] = {
	{"the extension of the kubeconfig context's cluster", "extension show"},
	{"of a cluster that is named, for a program",
		"extension show -g flux-demo-rg -c flux-demo-arc -t connectedClusters -o json"},
	{NULL, NULL},
};

const struct command cmd_extension_show = {
	.name = "extension show",
	.needs = NEEDS_AZURE_CLUSTER,
	.summary = "Show the extension as Azure has it",
	.description =
		"State, version, which Flux that is, settings beside their defaults, and what went "
		"wrong to its innermost cause. Values of protected settings are never shown.",
	.options = options,
	.opts_size = sizeof(struct extension_show_opts),
	.examples = examples,
	.run = run,
};
