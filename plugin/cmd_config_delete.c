/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <strings.h>

#include "base/alloc.h"
#include "base/json.h"
#include "plugin/ask.h"
#include "plugin/config.h"

static int agree(const struct config *config, bool force, struct error *err)
{
	struct app *app = config->app;
	const struct azure_flags *flags = config->azure->flags;
	autofree char *place = azure_place(config->azure);
	autofree char *actor = NULL;
	size_t pruned = config_print_pruned(config, NULL);

	if (force)
		app_warn(app, "--force: Azure forgets it at once, and what is in the cluster stays "
			      "there");
	if (flags->dry_run || flags->yes)
		return 0;
	actor = azure_actor(config->azure, err);
	if (!actor || ask_yes(app, false, err, "delete configuration '%s' on %s, %s?", config->name,
			      place, actor) < 0)
		return -1;
	return pruned && !force
		       ? ask_yes(app, false, err, "with all that it has applied to the cluster?")
		       : 0;
}

/* What answers a DELETE may be anything, a proxy's page too: that it is gone is seen by looking. */
static int confirm(struct config *config, struct error *err)
{
	const char *state;

	if (config_read(config, err) < 0)
		return error_wrap(err, "looking whether it is gone");
	app_progress_end(config->app);
	state = json_str(config->resource, "properties", "provisioningState");
	if (config->resource && (!state || strcasecmp(state, "Deleting") != 0))
		return error_set(err, ERROR_SERVER,
			"configuration '%s' is still there, though Azure said that it is deleted",
			config->name);
	fprintf(config->app->out, "%s configuration '%s'\n",
		config->resource ? "deleting" : "deleted", config->name);
	return 0;
}

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct config_show_opts *wanted = opts;
	bool force = wanted->force == SWITCH_ON;
	autoconfig config = CONFIG_INIT;
	CLEANUP(arm_request_clear) struct arm_request request = ARM_REQUEST_INIT;
	autofree char *what = NULL;

	(void)args;
	if (wanted->azure.yes && azure_require_typed(app->azure, err) < 0)
		return -1;
	if (config_open(app->azure, wanted->azure.name, &config, err) < 0 ||
		config_read(&config, err) < 0)
		return -1;
	app_progress_end(app);
	if (!config.resource) {
		fprintf(app->err, "no configuration named '%s': nothing to delete\n", config.name);
		return 0;
	}
	if (agree(&config, force, err) < 0)
		return -1;
	what = xasprintf("deleting configuration '%s'", config.name);
	request.method = "DELETE";
	request.path = config.path;
	request.api_version = arm_api_version(app->azure->arm, ARM_FLUX_CONFIGURATIONS);
	request.query = force ? "forceDelete=true" : NULL;
	if (wanted->azure.dry_run)
		return azure_print_request(app->azure, &request, err);
	if (azure_change(app->azure, &request, what, NULL, err) < 0)
		return -1;
	return wanted->azure.no_wait ? 0 : confirm(&config, err);
}

static const struct example examples[] = {
	{"delete it after two questions", "config delete -n cluster-config"},
	{"without a question: then the cluster has to be named",
		"config delete -g flux-demo-rg -c flux-demo-arc -n cluster-config "
		"-t connectedClusters --yes"},
	{NULL, NULL},
};

const struct command cmd_config_delete = {
	.name = "config delete",
	.needs = NEEDS_AZURE_CLUSTER,
	.summary = "Delete a Flux configuration, and what its kustomizations prune",
	.description =
		"Lists what prune takes with it, as far as Azure knows, and asks twice if there is "
		"any. One that is not there is no error. --force is Azure's own: the configuration "
		"is "
		"gone there at once, and the cluster keeps what it has.",
	.options = config_delete_options,
	.opts_size = sizeof(struct config_show_opts),
	.examples = examples,
	.run = run,
};
