/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/json.h"
#include "plugin/config.h"

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct config_show_opts *wanted = opts;
	autoconfig config = CONFIG_INIT;
	autojson struct json_object *reply = NULL;
	autojson struct json_object *body = json_new_object();
	struct json_object *properties = json_new_object();
	struct json_object *map = json_new_object();
	struct config_after after = {.did = "changed"};

	(void)args;
	json_set(body, "properties", properties);
	json_set(properties, "kustomizations", map);
	config.name = wanted->azure.name;
	if (wanted->azure.yes && azure_require_typed(app->azure, err) < 0)
		return -1;
	if (config_open_kustomization(app->azure, wanted->kustomization, true, &config, err) < 0)
		return -1;
	json_set(map, wanted->kustomization, NULL);
	if (config_patch(&config, body, "delete that from configuration", &reply, err) < 0)
		return -1;
	return config_after(&config, &after, &reply, err);
}

static const struct example examples[] = {
	{"with all that it has applied, if it prunes",
		"config kustomization delete -n cluster-config -k apps"},
	{NULL, NULL},
};

const struct command cmd_config_kustomization_delete = {
	.name = "config kustomization delete",
	.needs = NEEDS_AZURE_CLUSTER,
	.summary = "Delete a kustomization from a Flux configuration",
	.description = "One that another depends on stays: change that one first.",
	.options = config_kustomization_delete_options,
	.opts_size = sizeof(struct config_show_opts),
	.examples = examples,
	.run = run,
};
