/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "plugin/config.h"

static int check_given(const struct config *config, struct error *err)
{
	const struct arm_config *asked = &config->asked;
	bool any = asked->kind || asked->kustomizations;

	for (size_t i = 0; i < FLUX_FIELDS; i++) {
		any |= asked->given[i];
		if (!asked->given[i] || !arm_config_fields[i].create_only)
			continue;
		error_set(err, ERROR_USAGE, "--%s cannot be changed", arm_config_fields[i].name);
		return error_hint(err, "it is decided when a configuration is created");
	}
	return any ? 0 : error_set(err, ERROR_USAGE, "nothing to change was given");
}

static char *question(const struct config *config)
{
	const struct arm_config_kind *was = arm_config_kind_of(config->current);
	const struct arm_config_kind *kind = config->asked.kind;

	if (kind == was)
		return xstrdup("update configuration");
	return xasprintf("change the source's kind from %s to %s (its folders have to fit the "
			 "kustomizations) and update configuration",
		was->name, kind->name);
}

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct config_opts *wanted = opts;
	struct config_after after = {wanted->wait, wanted->wait_timeout, wanted->output, "updated"};
	autoconfig config = CONFIG_INIT;
	autojson struct json_object *patch = NULL;
	autojson struct json_object *reply = NULL;
	autojson struct json_object *merged = NULL;
	autofree char *ask = NULL;

	(void)args;
	if (config_check_wait(app->azure, wanted->wait, wanted->wait_timeout, err) < 0 ||
		config_ask(app->azure, wanted, &config, err) < 0 || check_given(&config, err) < 0 ||
		config_read_existing(&config, err) < 0)
		return -1;
	if (!config.asked.kind)
		config.asked.kind = arm_config_kind_of(config.current);
	if (arm_config_check_kind(&config.asked, err) < 0)
		return -1;
	patch = arm_config_patch(&config.asked, config.current);
	merged = arm_config_merge(config.current, json_get(patch, "properties"));
	ask = question(&config);
	if (config.asked.given[FLUX_LOCAL_AUTH_REF] &&
		config_check_secret(&config, merged, wanted->unchecked, err) < 0)
		return -1;
	if (config_patch(&config, patch, ask, &reply, err) < 0)
		return -1;
	if (!reply && after.wait)
		reply = json_ref(config.resource);
	return config_after(&config, &after, &reply, err);
}

static const struct example examples[] = {
	{"log in to Azure DevOps by workload identity",
		"config update -n cluster-config --provider azure"},
	{"follow another branch, without a question",
		"config update -n cluster-config --branch release --yes"},
	{"change one kustomization, and leave the others as they are",
		"config update -n cluster-config -k name=apps path=./apps/production"},
	{"take something away", "config update -n cluster-config --local-auth-ref="},
	{NULL, NULL},
};

const struct command cmd_config_update = {
	.name = "config update",
	.needs = NEEDS_AZURE_CLUSTER,
	.summary = "Change what was given of a Flux configuration, and nothing else",
	.description =
		"What was not given stays as it is, secrets included. An empty value takes "
		"something "
		"away: '--local-auth-ref=', or 'dependsOn=' of a kustomization. Of branch, tag, "
		"semver "
		"and commit only one is followed, so a new one replaces the others. Another --kind "
		"replaces the source. The difference is shown and has to be agreed to.",
	.options = config_options,
	.opts_size = sizeof(struct config_opts),
	.examples = examples,
	.run = run,
};
