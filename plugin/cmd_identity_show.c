/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/json.h"
#include "plugin/identity.h"
#include "plugin/output.h"

struct show_opts {
	struct azure_flags azure;
	const char *identity_group, *output;
};

/* clang-format off */
static const struct option options[] = {
	AZURE_OPT_AUTH(struct show_opts),
	AZURE_OPT_CLOUD(struct show_opts),
	AZURE_OPT_CLUSTER(struct show_opts),
	AZURE_OPT_PROVIDER(struct show_opts),
	AZURE_OPT_TYPE(struct show_opts),
	OPT_STRING(struct show_opts, identity_group, 0, "identity-group", "GROUP", "resource group of the managed identity, if it is not the cluster's"),
	AZURE_OPT_NAME(struct show_opts, "managed identity; without it the one that the extension acts as"),
	OPT_CHOICE(struct show_opts, output, 'o', "output", "FORMAT", "json or yaml", OUTPUT_FORMATS),
	AZURE_OPT_GROUP(struct show_opts),
	AZURE_OPT_SUBSCRIPTION(struct show_opts),
	AZURE_OPT_TENANT(struct show_opts),
	AZURE_OPT_TOKEN_FILE(struct show_opts),
	OPT_END,
};
/* clang-format on */

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct show_opts *wanted = opts;
	CLEANUP(identity_clear) struct identity identity = IDENTITY_INIT;
	autojson struct json_object *tree = NULL;

	(void)args;
	if (identity_read(app->azure, wanted->azure.name, wanted->identity_group, &identity, err) <
			0 ||
		identity_judge(&identity, err) < 0)
		return -1;
	app_progress_end(app);
	if (!wanted->output) {
		identity_print(&identity);
		return identity_outcome(&identity, err);
	}
	tree = identity_json(&identity);
	if (output_tree(app, wanted->output, tree, err) < 0)
		return -1;
	return identity_outcome(&identity, err);
}

static const struct example examples[] = {
	{"what is in place and what is missing, for the cluster of the kubeconfig context",
		"identity show"},
	{"the same of a cluster that is named",
		"identity show -g flux-demo-rg -c flux-demo-arc -t connectedClusters"},
	{NULL, NULL},
};

const struct command cmd_identity_show = {
	.name = "identity show",
	.needs = NEEDS_AZURE_CLUSTER,
	.summary = "Show what workload identity has and what it lacks",
	.description = "Looks at the cluster's OIDC issuer, the managed identity that Flux acts "
		       "as, its federated "
		       "credentials for the service accounts of the controllers that are deployed, "
		       "the settings of the "
		       "extension, the sources in the cluster that fetch from Azure, and the roles "
		       "of the identity on "
		       "their registries. What could not be asked is shown as unknown. Exit status "
		       "3 if something is "
		       "missing.",
	.options = options,
	.opts_size = sizeof(struct show_opts),
	.examples = examples,
	.run = run,
};
