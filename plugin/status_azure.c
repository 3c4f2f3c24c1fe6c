/* SPDX-License-Identifier: Apache-2.0 */
/* `status --azure`: each configuration as Azure itself tells it, beside what the cluster tells. */
#include "base/base.h"

#include <strings.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/time.h"
#include "plugin/azure.h"
#include "plugin/status.h"
#include "plugin/table.h"

void status_azure_clear(struct status_azure *azure)
{
	free(azure->why);
	json_free(azure->list);
}

/* ---- asking */

static int ask(struct status *status, struct error *err)
{
	static const struct azure_flags flags = {.no_wait = false};
	struct app *app = status->app;
	autofree char *path = NULL;

	if (azure_open(app, &flags, true, &app->azure, err) < 0)
		return -1;
	path = arm_target_child(&app->azure->target, "fluxConfigurations", NULL);
	app_progress(app, "asking Azure about %s", app->azure->target.cluster);
	return arm_list(app->azure->arm, path,
		arm_api_version(app->azure->arm, ARM_FLUX_CONFIGURATIONS), &status->azure.list,
		err);
}

/* What nobody can sign in to is no failure of the rest. */
void status_azure_read(struct status *status)
{
	autoerror err = ERROR_INIT;

	status->azure.asked = true;
	if (ask(status, &err) < 0)
		status->azure.why = xstrndup(err.message, strcspn(err.message, "\n"));
	app_progress_end(status->app);
}

/* ---- both views */

/* Names differ in case between what was created and what is told. */
static bool is_same(const struct fluxconfig *config, struct json_object *resource)
{
	const char *name = json_str(resource, "name");
	const char *namespace = json_str(resource, "properties", "namespace");

	return name && namespace && strcasecmp(config->object->name, name) == 0 &&
	       strcasecmp(config->object->namespace, namespace) == 0;
}

static const struct fluxconfig *find_config(
	const struct status *status, struct json_object *resource)
{
	for (size_t i = 0; i < status->look.config_count; i++)
		if (is_same(&status->look.configs[i], resource))
			return &status->look.configs[i];
	return NULL;
}

static bool is_in_azure(const struct status *status, const struct fluxconfig *config)
{
	for (size_t i = 0; i < json_len(status->azure.list); i++)
		if (is_same(config, json_item(status->azure.list, i)))
			return true;
	return false;
}

/* One configuration in both views; texts borrowed. */
struct views {
	const char *namespace, *name, *provisioning, *compliance, *error;
	const struct fluxconfig *config; /* NULL: not in the cluster */
	enum object_state state;
	int64_t reported;
	bool differ;
	int64_t since; /* when the later of two views that differ came to be */
};

/* Of the objects of a configuration, the change that came last. */
static int64_t last_change(const struct fluxconfig *config)
{
	int64_t last = config->object->since;

	for (size_t i = 0; i < config->count; i++)
		if (config->parts[i].object && config->parts[i].object->since > last)
			last = config->parts[i].object->since;
	return last;
}

static void compare(const struct status *status, struct json_object *resource, struct views *ret)
{
	struct json_object *properties = json_get(resource, "properties");

	*ret = (struct views){
		.namespace = json_str(properties, "namespace"),
		.name = json_str(resource, "name"),
		.provisioning = json_str(properties, "provisioningState"),
		.compliance = json_str(properties, "complianceState"),
		.error = json_str(properties, "errorMessage"),
		.config = find_config(status, resource),
		.reported = time_parse(json_str(properties, "statusUpdatedAt")),
		.since = TIME_NONE,
	};
	if (!ret->config) {
		ret->differ = true;
		return;
	}
	ret->state = look_config_state(&status->look, ret->config);
	ret->differ = status_views_differ(ret->state, ret->compliance);
	if (ret->differ) {
		ret->since = last_change(ret->config);
		if (ret->reported > ret->since)
			ret->since = ret->reported;
	}
}

/* Why the views differ, in words. */
static void explain(const struct status *status, const struct views *views, struct buf *out)
{
	if (!views->config) {
		buf_adds(out, "not in the cluster");
		return;
	}
	if (!views->differ)
		return;
	buf_adds(out, "differs");
	if (views->since == TIME_NONE)
		return;
	buf_adds(out, " since ");
	look_age(out, &status->look, views->since);
	if (views->reported != TIME_NONE && views->reported < views->since)
		buf_adds(out, ": Azure has not heard of it yet");
}

/* ---- the table */

static const struct table_column columns[] = {
	{"IN AZURE", false, false},
	{"PROVISIONING", false, false},
	{"COMPLIANCE", false, false},
	{"IN THE CLUSTER", false, false},
	{"REPORTED", false, false},
	{"VIEWS", true, false},
};

static void add_row(const struct status *status, struct table *table, struct json_object *resource)
{
	struct views views;
	autofree char *name = NULL;
	autobuf reported = BUF_INIT;
	autobuf why = BUF_INIT;
	const char *cells[countof(columns)];

	compare(status, resource, &views);
	name = xasprintf(
		"%s/%s", views.namespace ? views.namespace : "", views.name ? views.name : "");
	look_age(&reported, &status->look, views.reported);
	explain(status, &views, &why);
	cells[0] = name;
	cells[1] = views.provisioning ? views.provisioning : "-";
	cells[2] = views.compliance ? views.compliance : "-";
	cells[3] = views.config ? object_state_word(views.state) : "not there";
	cells[4] = reported.ptr;
	cells[5] = why.ptr;
	table_add(table, cells, views.differ ? STYLE_WARN : STYLE_PLAIN, 5);
}

static void print_only_here(const struct status *status)
{
	for (size_t i = 0; i < status->look.config_count; i++) {
		const struct fluxconfig *config = &status->look.configs[i];

		if (!is_in_azure(status, config))
			fprintf(status->app->out, "not in Azure: FluxConfig %s/%s\n",
				config->object->namespace, config->object->name);
	}
}

static void print_errors(const struct status *status)
{
	for (size_t i = 0; i < json_len(status->azure.list); i++) {
		struct views views;
		autofree char *prefix = NULL;

		compare(status, json_item(status->azure.list, i), &views);
		prefix = xasprintf("%s", views.name ? views.name : "");
		if (str_set(views.error))
			status_hanging(status, prefix, views.error, STYLE_BAD);
	}
}

void status_print_azure(const struct status *status)
{
	CLEANUP(table_free_pointer) struct table *table = NULL;

	if (!status->azure.asked)
		return;
	fputc('\n', status->app->out);
	if (status->azure.why) {
		status_hanging(status, "Azure not asked", status->azure.why, STYLE_WARN);
		return;
	}
	table = table_new(columns, countof(columns));
	for (size_t i = 0; i < json_len(status->azure.list); i++)
		add_row(status, table, json_item(status->azure.list, i));
	if (table_rows(table))
		table_print(table, status->app, true, 0);
	else
		fputs("Azure has no configuration for this cluster\n", status->app->out);
	print_errors(status);
	print_only_here(status);
}

/* ---- the tree */

static void set_time(struct json_object *object, const char *key, int64_t moment)
{
	autobuf text = BUF_INIT;

	if (moment == TIME_NONE)
		return;
	time_format_utc(&text, moment);
	json_set_str(object, key, text.ptr);
}

static struct json_object *views_json(const struct status *status, struct json_object *resource)
{
	struct json_object *object = json_new_object();
	struct views views;

	compare(status, resource, &views);
	json_set_str(object, "namespace", views.namespace);
	json_set_str(object, "name", views.name);
	json_set_str(object, "provisioningState", views.provisioning);
	json_set_str(object, "complianceState", views.compliance);
	json_set_str(object, "errorMessage", views.error);
	set_time(object, "statusUpdatedAt", views.reported);
	json_set_str(object, "inCluster", views.config ? object_state_word(views.state) : NULL);
	json_set(object, "differs", json_new_bool(views.differ));
	set_time(object, "differsSince", views.since);
	return object;
}

struct json_object *status_azure_json(const struct status *status)
{
	struct json_object *tree = json_new_object();
	struct json_object *configurations = json_new_array();
	struct json_object *only_here = json_new_array();

	json_set_str(tree, "notAsked", status->azure.why);
	for (size_t i = 0; i < json_len(status->azure.list); i++)
		json_push(configurations, views_json(status, json_item(status->azure.list, i)));
	for (size_t i = 0; status->azure.list && i < status->look.config_count; i++)
		if (!is_in_azure(status, &status->look.configs[i]))
			json_push(only_here, json_new_string(status->look.configs[i].object->name));
	json_set(tree, "configurations", configurations);
	json_set(tree, "notInAzure", only_here);
	return tree;
}
