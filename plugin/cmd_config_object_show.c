/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <strings.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/nearest.h"
#include "plugin/config.h"
#include "plugin/table.h"
#include "plugin/text.h"

static bool fits(
	struct json_object *status, const struct config_show_opts *opts, const char *namespace)
{
	const char *kind = json_str(status, "kind");
	const char *in = json_str(status, "namespace");

	return streq(json_str(status, "name"), opts->object_name) &&
	       (!in || streq(in, namespace)) &&
	       (!opts->object_kind || (kind && strcasecmp(kind, opts->object_kind) == 0));
}

static int not_found(const struct config *config, const struct config_show_opts *opts,
	const char *namespace, struct error *err)
{
	struct json_object *statuses = json_get(config->resource, "properties", "statuses");
	struct nearest nearest = {.word = opts->object_name};

	for (size_t i = 0; i < json_len(statuses); i++)
		nearest_offer(&nearest, json_str(json_item(statuses, i), "name"));
	error_set(err, ERROR_NOT_FOUND, "Azure was told of no %s '%s' in namespace '%s'",
		opts->object_kind ? opts->object_kind : "object", opts->object_name, namespace);
	return nearest.best ? error_hint(err, "did you mean %s?", nearest.best)
			    : error_hint(err, "'config object list' shows what there is");
}

static void print_conditions(struct app *app, struct json_object *status)
{
	static const struct table_column columns[] = {{"CONDITION", false, false},
		{"STATUS", false, false}, {"REASON", false, false}, {"SINCE", false, false},
		{"MESSAGE", true, false}};
	struct json_object *conditions = json_get(status, "statusConditions");
	CLEANUP(table_free_pointer)
	struct table *table = table_new(columns, countof(columns));

	for (size_t i = 0; i < json_len(conditions); i++) {
		struct json_object *item = json_item(conditions, i);

		table_add(table,
			(const char *const[]){json_str(item, "type"), json_str(item, "status"),
				json_str(item, "reason"), json_str(item, "lastTransitionTime"),
				json_str(item, "message")},
			STYLE_PLAIN, 0);
	}
	fputs("\n", app->out);
	table_print(table, app, true, 0);
}

static void print_helm(struct app *app, struct json_object *status)
{
	static const char *const counts[] = {"lastRevisionApplied", "failureCount",
		"installFailureCount", "upgradeFailureCount"};
	struct json_object *helm = json_get(status, "helmReleaseProperties");

	if (!streq(json_str(status, "kind"), "HelmRelease"))
		return;
	for (size_t i = 0; i < countof(counts); i++)
		if (json_get(helm, counts[i]))
			fprintf(app->out, "%s: %s\n", counts[i],
				json_text(json_get(helm, counts[i])));
}

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct config_show_opts *wanted = opts;
	autoconfig config = CONFIG_INIT;
	struct json_object *statuses;
	struct json_object *found = NULL;
	const char *within;
	autojson struct json_object *one = json_new_array();

	(void)args;
	if (!wanted->object_name)
		return error_set(err, ERROR_USAGE, "--object-name is missing");
	if (config_open(app->azure, wanted->azure.name, &config, err) < 0 ||
		config_read_existing(&config, err) < 0)
		return -1;
	app_progress_end(app);
	statuses = json_get(config.resource, "properties", "statuses");
	within = wanted->object_namespace ? wanted->object_namespace
					  : json_str(config.resource, "properties", "namespace");
	if (!within)
		within = "default";
	for (size_t i = 0; i < json_len(statuses) && !found; i++)
		if (fits(json_item(statuses, i), wanted, within))
			found = json_item(statuses, i);
	if (!found)
		return not_found(&config, wanted, within, err);
	if (streq(wanted->output, "json") || streq(wanted->output, "yaml"))
		return config_print_objects(app, wanted->output, found, err);
	json_push(one, json_ref(found));
	if (config_print_objects(app, wanted->output, one, err) < 0 || wanted->output)
		return wanted->output ? 0 : -1;
	print_helm(app, found);
	print_conditions(app, found);
	return 0;
}

static const struct example examples[] = {
	{"the conditions of one object",
		"config object show -n cluster-config --object-kind Kustomization "
		"--object-name cluster-config-apps"},
	{NULL, NULL},
};

const struct command cmd_config_object_show = {
	.name = "config object show",
	.needs = NEEDS_AZURE_CLUSTER,
	.summary = "Show the conditions of an object of a Flux configuration",
	.options = config_object_show_options,
	.opts_size = sizeof(struct config_show_opts),
	.examples = examples,
	.run = run,
};
