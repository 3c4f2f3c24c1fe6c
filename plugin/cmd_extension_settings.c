/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <strings.h>

#include "arm/settings.h"
#include "base/alloc.h"
#include "base/json.h"
#include "base/strv.h"
#include "plugin/extension.h"
#include "plugin/output.h"
#include "plugin/table.h"

struct settings_opts {
	const char *output;
};

/* clang-format off */
static const struct option options[] = {
	OPT_CHOICE(struct settings_opts, output, 'o', "output", "FORMAT", "wide (what each does), json or yaml", "wide json yaml"),
	OPT_END,
};
/* clang-format on */

/* ---- all of them */

static char *since_of(const struct arm_setting *setting)
{
	if (setting->dead)
		return xasprintf("%s to %s", setting->since, setting->dead);
	if (!streq(setting->since, setting->since_arc))
		return xasprintf("%s, Arc %s", setting->since, setting->since_arc);
	return xstrdup(*setting->since ? setting->since : "-");
}

static void add_row(struct table *table, const struct arm_setting *setting, const char *title)
{
	autofree char *since = since_of(setting);
	autobuf takes = BUF_INIT;
	const char *cells[] = {title, NULL, setting->fallback, since, setting->effect};

	arm_setting_allowed(setting, &takes);
	cells[1] = takes.ptr;
	table_add(table, cells, setting->dead ? STYLE_DIM : STYLE_PLAIN, 0);
}

/* Of two controllers each has its row; of more the name stands for them. */
static void add_rows(struct table *table, const struct arm_setting *setting)
{
	autostrv controllers = STRV_INIT;
	autofree char *of_all = xasprintf("CONTROLLER%s", setting->key + 1);

	if (setting->controllers)
		strv_split(&controllers, setting->controllers, " ", false);
	if (controllers.len != 2) {
		add_row(table, setting, setting->controllers ? of_all : setting->key);
		return;
	}
	for (size_t i = 0; i < controllers.len; i++) {
		autofree char *title = xasprintf("%s%s", controllers.items[i], setting->key + 1);

		add_row(table, setting, title);
	}
}

static void print_table(struct app *app, bool wide)
{
	static const struct table_column columns[] = {{"SETTING", false, false},
		{"TAKES", true, false}, {"DEFAULT", false, false}, {"SINCE", false, false},
		{"EFFECT", true, false}};
	CLEANUP(table_free_pointer)
	struct table *table = table_new(columns, countof(columns) - !wide);

	for (size_t i = 0; i < arm_settings_count; i++)
		add_rows(table, &arm_settings[i]);
	table_print(table, app, true, 0);
	fputs("\nCONTROLLER is any that the setting is for: 'extension settings "
	      "source-controller.log-level'.\n",
		app->out);
}

/* ---- one of them */

static void print_field(const struct app *app, const char *name, const char *value)
{
	fprintf(app->out, "%-10s%s\n", name, value);
}

static void print_one(const struct app *app, const struct arm_setting *setting, const char *key)
{
	autofree char *since = since_of(setting);
	autobuf takes = BUF_INIT;

	arm_setting_allowed(setting, &takes);
	print_field(app, "setting", key);
	print_field(app, "takes", takes.ptr);
	print_field(app, "default", setting->fallback);
	print_field(app, "since", since);
	print_field(app, "effect", setting->effect);
	if (setting->controllers)
		print_field(app, "of", setting->controllers);
	if (setting->dead)
		print_field(app, "instead", setting->instead);
	if (setting->aks_only)
		print_field(app, "only", "on AKS");
	if (setting->undocumented)
		print_field(app, "note", "Microsoft does not document it");
}

static int unknown(const char *key, struct error *err)
{
	autofree char *nearest = arm_setting_nearest(key);

	error_set(err, ERROR_USAGE, "no setting named '%s' is known", key);
	return nearest ? error_hint(err, "did you mean %s?", nearest) : -1;
}

/* ---- trees */

static void push_row(void *ctx, const struct arm_setting *setting, const char *key)
{
	struct json_object *row = json_new_object();
	autobuf takes = BUF_INIT;

	arm_setting_allowed(setting, &takes);
	json_set_str(row, "key", key);
	json_set_str(row, "takes", takes.ptr);
	json_set_str(row, "default", setting->fallback);
	json_set_str(row, "since", *setting->since ? setting->since : NULL);
	json_set_str(row, "sinceArc", *setting->since_arc ? setting->since_arc : NULL);
	json_set_str(row, "deadSince", setting->dead);
	json_set_str(row, "instead", setting->instead);
	json_set(row, "aksOnly", json_new_bool(setting->aks_only));
	json_set(row, "documented", json_new_bool(!setting->undocumented));
	json_set_str(row, "effect", setting->effect);
	json_push(ctx, row);
}

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct settings_opts *wanted = opts;
	const char *key = args->len ? args->items[0] : NULL;
	const struct arm_setting *setting = key ? arm_setting_find(key) : NULL;
	bool tree = streq(wanted->output, "json") || streq(wanted->output, "yaml");
	autojson struct json_object *rows = json_new_array();

	if (key && !setting)
		return unknown(key, err);
	if (!tree && setting)
		print_one(app, setting, key);
	else if (!tree)
		print_table(app, wanted->output != NULL);
	else if (setting)
		push_row(rows, setting, key);
	else
		arm_settings_each(push_row, rows);
	return tree ? output_tree(app, wanted->output, rows, err) : 0;
}

static const struct example examples[] = {
	{"every setting that the extension knows", "extension settings"},
	{"one of them", "extension settings source-controller.log-level"},
	{NULL, NULL},
};

const struct command cmd_extension_settings = {
	.name = "extension settings",
	.args = "[KEY]",
	.max_args = 1,
	.summary = "List the settings of the extension: values, defaults, releases",
	.description = "Nothing is asked for it: the list is part of the program, and 'extension "
		       "create' and "
		       "'extension update' check settings against it.",
	.options = options,
	.opts_size = sizeof(struct settings_opts),
	.examples = examples,
	.run = run,
};
