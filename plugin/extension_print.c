/* SPDX-License-Identifier: Apache-2.0 */
/* Extensions as tables and trees; values of protected settings in neither. */
#include "base/base.h"

#include <strings.h>

#include "arm/error.h"
#include "arm/settings.h"
#include "base/alloc.h"
#include "base/json.h"
#include "kube/releases.h"
#include "plugin/extension.h"
#include "plugin/output.h"
#include "plugin/table.h"
#include "plugin/text.h"

struct json_object *extension_public(struct json_object *resource)
{
	struct json_object *copy = json_copy(resource);
	struct json_object *secrets =
		json_get(json_get(copy, "properties"), "configurationProtectedSettings");
	struct json_object *hidden = json_new_object();
	struct json_iter iter = JSON_ITER_INIT;

	while (json_next(secrets, &iter))
		json_set_str(hidden, iter.key, "(secret)");
	if (secrets)
		json_set(json_get(copy, "properties"), "configurationProtectedSettings", hidden);
	else
		json_free(hidden);
	return copy;
}

static const char *property(struct json_object *resource, const char *key)
{
	const char *text = json_str(resource, "properties", key);

	return str_set(text) ? text : "-";
}

static enum app_style state_style(const char *state)
{
	return strcasecmp(state, "Succeeded") == 0 ? STYLE_GOOD
	       : strcasecmp(state, "Failed") == 0  ? STYLE_BAD
						   : STYLE_WARN;
}

static void print_field(const struct app *app, const char *name, const char *value)
{
	autobuf safe = BUF_INIT;

	text_cell(&safe, value);
	fprintf(app->out, "%-16s%s\n", name, safe.ptr);
}

/* "1.24.1, upgrades itself, Flux 2.7.5" */
static void print_version(const struct app *app, struct json_object *resource)
{
	const char *version = property(resource, "currentVersion");
	const struct extension_release *release = extension_release_find(version);
	autobuf line = BUF_INIT;

	buf_addf(&line, "%s%s", version,
		json_bool(resource, "properties", "autoUpgradeMinorVersion") ? ", upgrades itself"
									     : ", pinned");
	if (release)
		buf_addf(&line, ", Flux %s", release->flux);
	if (release && extension_release_minors_behind(version) > EXTENSION_SUPPORTED_BEHIND)
		buf_addf(&line, ", no longer supported (list of %s)", extension_releases_as_of());
	print_field(app, "version", line.ptr);
}

/* What went wrong, to its innermost cause. */
static void print_faults(const struct app *app, struct json_object *resource)
{
	struct json_object *statuses = json_get(resource, "properties", "statuses");
	struct json_object *info = json_get(resource, "properties", "errorInfo");

	for (size_t i = 0; i < json_len(statuses); i++) {
		struct json_object *status = json_item(statuses, i);
		const char *code = json_str(status, "code");
		const char *message = json_str(status, "message");
		autofree char *line = xasprintf(
			"%s%s%s", code ? code : "", message ? ": " : "", message ? message : "");

		print_field(app, "status", line);
	}
	if (info && (json_str(info, "code") || json_str(info, "message"))) {
		struct arm_failure failure = {.code = NULL};
		autofree char *line = NULL;

		arm_failure_of(info, &failure);
		line = xasprintf("%s%s%s", failure.code ? failure.code : "",
			failure.code ? ": " : "", failure.message);
		print_field(app, "error", line);
		arm_failure_clear(&failure);
	}
}

static void print_settings(const struct app *app, struct json_object *resource)
{
	static const struct table_column columns[] = {
		{"SETTING", false, false}, {"VALUE", true, false}, {"DEFAULT", false, false}};
	struct json_object *settings = json_get(resource, "properties", "configurationSettings");
	CLEANUP(table_free_pointer) struct table *table = table_new(columns, countof(columns));
	struct json_iter iter = JSON_ITER_INIT;

	while (json_next(settings, &iter)) {
		const struct arm_setting *setting = arm_setting_find(iter.key);
		const char *cells[] = {iter.key, json_text(iter.value),
			setting ? setting->fallback : "(not known)"};

		table_add(table, cells, STYLE_PLAIN, 0);
	}
	if (!table_rows(table))
		return;
	fputc('\n', app->out);
	table_print(table, app, true, 0);
}

static void print_secrets(const struct app *app, struct json_object *resource)
{
	struct json_object *secrets =
		json_get(resource, "properties", "configurationProtectedSettings");
	struct json_iter iter = JSON_ITER_INIT;

	while (json_next(secrets, &iter))
		print_field(app, "protected", iter.key);
}

static void print_one(const struct app *app, struct json_object *resource)
{
	const char *identity = json_str(resource, "identity", "principalId");

	if (!identity)
		identity = json_str(resource, "properties", "aksAssignedIdentity", "principalId");
	print_field(
		app, "extension", json_str(resource, "name") ? json_str(resource, "name") : "-");
	print_field(app, "type", property(resource, "extensionType"));
	print_field(app, "state", property(resource, "provisioningState"));
	print_version(app, resource);
	print_field(app, "release train", property(resource, "releaseTrain"));
	if (json_str(resource, "properties", "scope", "cluster", "releaseNamespace"))
		print_field(app, "namespace",
			json_str(resource, "properties", "scope", "cluster", "releaseNamespace"));
	if (identity)
		print_field(app, "identity", identity);
	print_faults(app, resource);
	print_secrets(app, resource);
	print_settings(app, resource);
}

/* ---- a list */

static void print_list(const struct app *app, struct json_object *list, bool wide)
{
	static const struct table_column columns[] = {{"NAME", false, false},
		{"TYPE", false, false}, {"VERSION", false, false}, {"STATE", false, false},
		{"UPGRADE", false, false}, {"TRAIN", false, false}, {"CHANGED", true, false}};
	CLEANUP(table_free_pointer)
	struct table *table = table_new(columns, countof(columns) - !wide);

	for (size_t i = 0; i < json_len(list); i++) {
		struct json_object *item = json_item(list, i);
		const char *state = property(item, "provisioningState");
		const char *changed = json_str(item, "systemData", "lastModifiedAt");
		const char *cells[] = {json_str(item, "name"), property(item, "extensionType"),
			property(item, "currentVersion"), state,
			json_bool(item, "properties", "autoUpgradeMinorVersion") ? "itself"
										 : "pinned",
			property(item, "releaseTrain"), changed ? changed : "-"};

		table_add(table, cells, state_style(state), 3);
	}
	table_print(table, app, true, 0);
}

static void print_name(const struct app *app, struct json_object *resource)
{
	fprintf(app->out, "extension/%s\n", json_str(resource, "name"));
}

int extension_print(
	struct app *app, struct json_object *resource, const char *output, struct error *err)
{
	autojson struct json_object *tree = NULL;

	if (!output || streq(output, "table") || streq(output, "wide")) {
		print_one(app, resource);
		return 0;
	}
	if (streq(output, "name")) {
		print_name(app, resource);
		return 0;
	}
	tree = extension_public(resource);
	return output_tree(app, output, tree, err);
}

int extension_print_list(
	struct app *app, struct json_object *list, const char *output, struct error *err)
{
	autojson struct json_object *tree = json_new_array();

	if (!output || streq(output, "table") || streq(output, "wide")) {
		print_list(app, list, streq(output, "wide"));
		return 0;
	}
	for (size_t i = 0; i < json_len(list); i++) {
		if (streq(output, "name"))
			print_name(app, json_item(list, i));
		else
			json_push(tree, extension_public(json_item(list, i)));
	}
	return streq(output, "name") ? 0 : output_tree(app, output, tree, err);
}
