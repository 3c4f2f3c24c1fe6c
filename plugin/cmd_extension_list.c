/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/json.h"
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
	OPT_CHOICE(T, output, 'o', "output", "FORMAT", "table, wide, json, yaml or name", EXTENSION_FORMATS),
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
	autojson struct json_object *list = NULL;

	(void)args;
	if (extension_list(app->azure, &list, err) < 0)
		return -1;
	if (!json_len(list))
		fprintf(app->err, "no extension is installed on %s\n", app->azure->target.cluster);
	return extension_print_list(app, list, wanted->output, err);
}

static const struct example examples[] = {
	{"every extension of the kubeconfig context's cluster", "extension list"},
	{"the same with more columns", "extension list -o wide"},
	{NULL, NULL},
};

const struct command cmd_extension_list = {
	.name = "extension list",
	.needs = NEEDS_AZURE_CLUSTER,
	.summary = "List the extensions of a cluster",
	.options = options,
	.opts_size = sizeof(struct extension_show_opts),
	.examples = examples,
	.run = run,
};
