/* SPDX-License-Identifier: Apache-2.0 */
/* Configurations as tables and trees; secrets in neither. */
#include "base/base.h"

#include <inttypes.h>
#include <strings.h>

#include "arm/duration.h"
#include "base/alloc.h"
#include "base/json.h"
#include "base/time.h"
#include "plugin/config.h"
#include "plugin/output.h"
#include "plugin/table.h"
#include "plugin/text.h"

/* ---- words */

static const char *text_or(struct json_object *object, const char *key, const char *fallback)
{
	const char *text = json_str(object, key);

	return str_set(text) ? text : fallback;
}

static enum app_style compliance_style(const char *state)
{
	if (!state)
		return STYLE_PLAIN;
	return strcasecmp(state, "Compliant") == 0       ? STYLE_GOOD
	       : strcasecmp(state, "Non-Compliant") == 0 ? STYLE_BAD
							 : STYLE_WARN;
}

/* "4m ago" */
static void add_age(const struct app *app, struct buf *out, const char *moment)
{
	int64_t at = time_parse(moment);

	if (at == TIME_NONE) {
		buf_addc(out, '-');
		return;
	}
	time_format_age(out, arm_tokens_now(app->azure->tokens) - at);
	buf_adds(out, " ago");
}

static void add_seconds(struct buf *out, struct json_object *object, const char *key)
{
	int64_t seconds = json_int(object, -1, key);

	if (seconds < 0)
		buf_addc(out, '-');
	else
		arm_duration_text(out, seconds);
}

/* "branch main", "tag v1", "-" */
static void add_ref(struct buf *out, struct json_object *source)
{
	static const char *const names[] = {"digest", "commit", "semver", "tag", "branch"};

	for (size_t i = 0; i < countof(names); i++) {
		const char *value = json_str(source, "repositoryRef", names[i]);

		if (str_set(value)) {
			buf_addf(out, "%s %s", names[i], value);
			return;
		}
	}
	buf_adds(out, text_or(source, "bucketName", text_or(source, "containerName", "-")));
}

static void add_names(struct buf *out, struct json_object *names)
{
	for (size_t i = 0; i < json_len(names); i++)
		buf_addf(out, "%s%s", i ? "," : "", json_text(json_item(names, i)));
	if (!json_len(names))
		buf_addc(out, '-');
}

struct json_object *config_condition(struct json_object *status)
{
	struct json_object *conditions = json_get(status, "statusConditions");
	struct json_object *found = NULL;

	for (size_t i = 0; i < json_len(conditions); i++) {
		struct json_object *condition = json_item(conditions, i);

		if (streq(json_str(condition, "type"), "Ready"))
			return condition;
		if (!found || (streq(json_str(found, "status"), "True") &&
				      !streq(json_str(condition, "status"), "True")))
			found = condition;
	}
	return found;
}

/* ---- trees */

static int print_tree(
	struct app *app, const char *format, struct json_object *tree, struct error *err)
{
	return output_tree(app, format, tree, err);
}

static bool is_tree(const char *format)
{
	return streq(format, "json") || streq(format, "yaml");
}

static struct json_object *redacted_list(struct json_object *array)
{
	struct json_object *copy = json_new_array();

	for (size_t i = 0; i < json_len(array); i++)
		json_push(copy, arm_config_redacted(json_item(array, i)));
	return copy;
}

/* ---- a list of configurations */

/* clang-format off */
enum { L_NAME, L_NAMESPACE, L_SCOPE, L_SOURCE, L_PROVISIONING, L_COMPLIANCE, L_SYNCED, L_URL, L_MESSAGE, L_COLUMNS };
static const struct table_column list_columns[L_COLUMNS] = {
	{"NAME", false, false}, {"NAMESPACE", false, false}, {"SCOPE", false, false},
	{"SOURCE", false, false}, {"PROVISIONING", false, false}, {"COMPLIANCE", false, false},
	{"SYNCED", false, false}, {"URL", false, false}, {"MESSAGE", true, false},
};
static const struct table_column narrow_columns[] = {
	{"NAME", false, false}, {"NAMESPACE", false, false}, {"SCOPE", false, false},
	{"SOURCE", false, false}, {"PROVISIONING", false, false}, {"COMPLIANCE", false, false},
	{"SYNCED", false, false}, {"MESSAGE", true, false},
};
/* clang-format on */

static const char *last_synced(struct json_object *properties)
{
	const char *updated = json_str(properties, "sourceUpdatedAt");

	return str_set(updated) ? updated : json_str(properties, "statusUpdatedAt");
}

static void add_config(
	const struct app *app, struct table *table, struct json_object *item, bool wide)
{
	struct json_object *properties = json_get(item, "properties");
	const struct arm_config_kind *kind = arm_config_kind_of(properties);
	struct json_object *source = json_get(properties, kind->member);
	const char *compliance = text_or(properties, "complianceState", "Unknown");
	const char *cells[L_COLUMNS];
	autobuf synced = BUF_INIT;
	size_t count = L_SYNCED + 1;

	add_age(app, &synced, last_synced(properties));
	cells[L_NAME] = text_or(item, "name", "-");
	cells[L_NAMESPACE] = text_or(properties, "namespace", "default");
	cells[L_SCOPE] = text_or(properties, "scope", "cluster");
	cells[L_SOURCE] = kind->source_kind;
	cells[L_PROVISIONING] = text_or(properties, "provisioningState", "-");
	cells[L_COMPLIANCE] = compliance;
	cells[L_SYNCED] = synced.ptr;
	if (wide)
		cells[count++] = text_or(source, "url", "-");
	cells[count] = text_or(properties, "errorMessage", "");
	table_add(table, cells, compliance_style(compliance), L_COMPLIANCE);
}

static void print_names(struct app *app, struct json_object *array)
{
	for (size_t i = 0; i < json_len(array); i++) {
		autobuf safe = BUF_INIT;

		text_safe(&safe, text_or(json_item(array, i), "name", ""));
		fprintf(app->out, "%s\n", safe.ptr);
	}
}

int config_print_list(
	struct app *app, const char *format, struct json_object *array, struct error *err)
{
	bool wide = streq(format, "wide");
	CLEANUP(table_free_pointer) struct table *table = NULL;

	if (is_tree(format)) {
		autojson struct json_object *shown = redacted_list(array);

		return print_tree(app, format, shown, err);
	}
	if (streq(format, "name")) {
		print_names(app, array);
		return 0;
	}
	if (!json_len(array)) {
		fprintf(app->err, "no configurations\n");
		return 0;
	}
	table = wide ? table_new(list_columns, countof(list_columns))
		     : table_new(narrow_columns, countof(narrow_columns));
	for (size_t i = 0; i < json_len(array); i++)
		add_config(app, table, json_item(array, i), wide);
	table_print(table, app, true, 0);
	return 0;
}

/* ---- kustomizations */

/* clang-format off */
static const struct table_column kustomization_columns[] = {
	{"NAME", false, false}, {"PATH", true, false}, {"DEPENDS ON", false, false}, {"INTERVAL", false, false},
	{"TIMEOUT", false, false}, {"PRUNE", false, false}, {"FORCE", false, false},
	/* for -o wide */
	{"RETRY", false, false}, {"WAIT", false, false}, {"SUBSTITUTE", true, false},
};
#define NARROW_KUSTOMIZATION 7
/* clang-format on */

static void add_substitutes(struct buf *out, struct json_object *build)
{
	struct json_object *from = json_get(build, "substituteFrom");
	struct json_iter iter = JSON_ITER_INIT;

	while (json_next(json_get(build, "substitute"), &iter))
		buf_addf(out, "%s%s", out->len ? "," : "", iter.key);
	for (size_t i = 0; i < json_len(from); i++)
		buf_addf(out, "%s%s/%s", out->len ? "," : "",
			text_or(json_item(from, i), "kind", "?"),
			text_or(json_item(from, i), "name", "?"));
	if (!out->len)
		buf_addc(out, '-');
}

static void add_kustomization(struct table *table, const char *name, struct json_object *item)
{
	autobuf depends = BUF_INIT;
	autobuf interval = BUF_INIT;
	autobuf timeout = BUF_INIT;
	autobuf retry = BUF_INIT;
	autobuf build = BUF_INIT;
	struct json_object *wait = json_get(item, "wait");

	add_names(&depends, json_get(item, "dependsOn"));
	add_seconds(&interval, item, "syncIntervalInSeconds");
	add_seconds(&timeout, item, "timeoutInSeconds");
	add_seconds(&retry, item, "retryIntervalInSeconds");
	add_substitutes(&build, json_get(item, "postBuild"));
	table_add(table,
		(const char *const[]){name, text_or(item, "path", "-"), depends.ptr, interval.ptr,
			timeout.ptr, json_bool(item, "prune") ? "true" : "false",
			json_bool(item, "force") ? "true" : "false", retry.ptr,
			wait && !json_bool(item, "wait") ? "false" : "true", build.ptr},
		STYLE_PLAIN, 0);
}

static void print_kustomization_table(
	struct app *app, struct json_object *kustomizations, bool wide)
{
	CLEANUP(table_free_pointer)
	struct table *table = table_new(kustomization_columns,
		wide ? countof(kustomization_columns) : NARROW_KUSTOMIZATION);
	struct json_iter iter = JSON_ITER_INIT;

	while (json_next(kustomizations, &iter))
		add_kustomization(table, iter.key, iter.value);
	table_print(table, app, true, 0);
}

int config_print_kustomizations(
	struct app *app, const char *format, struct json_object *kustomizations, struct error *err)
{
	struct json_iter iter = JSON_ITER_INIT;

	if (is_tree(format))
		return print_tree(app, format, kustomizations, err);
	if (!json_next(kustomizations, &(struct json_iter)JSON_ITER_INIT)) {
		fprintf(app->err, "no kustomizations\n");
		return 0;
	}
	if (!streq(format, "name")) {
		print_kustomization_table(app, kustomizations, streq(format, "wide"));
		return 0;
	}
	while (json_next(kustomizations, &iter)) {
		autobuf safe = BUF_INIT;

		text_safe(&safe, iter.key);
		fprintf(app->out, "%s\n", safe.ptr);
	}
	return 0;
}

/* ---- objects */

/* clang-format off */
static const struct table_column object_columns[] = {
	{"KIND", false, false}, {"NAMESPACE", false, false}, {"NAME", false, false},
	{"COMPLIANCE", false, false}, {"SINCE", false, false}, {"MESSAGE", true, false},
};
static const struct table_column wide_object_columns[] = {
	{"KIND", false, false}, {"NAMESPACE", false, false}, {"NAME", false, false},
	{"COMPLIANCE", false, false}, {"SINCE", false, false}, {"APPLIED BY", false, false},
	{"REASON", false, false}, {"MESSAGE", true, false},
};
/* clang-format on */

static void add_object(
	const struct app *app, struct table *table, struct json_object *status, bool wide)
{
	struct json_object *condition = config_condition(status);
	const char *compliance = text_or(status, "complianceState", "Unknown");
	const char *by = json_str(status, "appliedBy", "name");
	autobuf since = BUF_INIT;
	const char *cells[countof(wide_object_columns)];
	size_t count = 5;

	if (json_str(condition, "lastTransitionTime"))
		time_format_age(
			&since, arm_tokens_now(app->azure->tokens) -
					time_parse(json_str(condition, "lastTransitionTime")));
	cells[0] = text_or(status, "kind", "-");
	cells[1] = text_or(status, "namespace", "-");
	cells[2] = text_or(status, "name", "-");
	cells[3] = compliance;
	cells[4] = since.len ? since.ptr : "-";
	if (wide) {
		cells[count++] = str_set(by) ? by : "-";
		cells[count++] = text_or(condition, "reason", "-");
	}
	cells[count] = text_or(condition, "message", "");
	table_add(table, cells, compliance_style(compliance), 3);
}

static void print_object_table(struct app *app, struct json_object *statuses, bool wide)
{
	CLEANUP(table_free_pointer)
	struct table *table = wide ? table_new(wide_object_columns, countof(wide_object_columns))
				   : table_new(object_columns, countof(object_columns));

	for (size_t i = 0; i < json_len(statuses); i++)
		add_object(app, table, json_item(statuses, i), wide);
	table_print(table, app, true, 0);
}

int config_print_objects(
	struct app *app, const char *format, struct json_object *statuses, struct error *err)
{
	if (is_tree(format))
		return print_tree(app, format, statuses, err);
	if (!json_len(statuses)) {
		fprintf(app->err, "Azure was told of no objects yet\n");
		return 0;
	}
	if (streq(format, "name"))
		print_names(app, statuses);
	else
		print_object_table(app, statuses, streq(format, "wide"));
	return 0;
}

/* ---- one configuration */

static void print_line(struct app *app, const char *label, const char *text)
{
	autobuf safe = BUF_INIT;

	if (!str_set(text))
		return;
	text_wrap(&safe, text, (size_t)app->width, 16);
	fprintf(app->out, "%-15s %s\n", label, safe.ptr);
}

static void print_source(struct app *app, struct json_object *properties)
{
	const struct arm_config_kind *kind = arm_config_kind_of(properties);
	struct json_object *source = json_get(properties, kind->member);
	autobuf ref = BUF_INIT;
	autobuf interval = BUF_INIT;

	print_line(app, "source", kind->source_kind);
	print_line(app, "url", json_str(source, "url"));
	add_ref(&ref, source);
	print_line(app, "follows", ref.ptr);
	print_line(app, "secret", json_str(source, "localAuthRef"));
	print_line(app, "provider", json_str(source, "provider"));
	if (json_get(source, "syncIntervalInSeconds"))
		add_seconds(&interval, source, "syncIntervalInSeconds");
	print_line(app, "interval", interval.ptr);
}

static void print_state(struct app *app, struct json_object *properties)
{
	const char *revision = json_str(properties, "sourceSyncedCommitId");
	autobuf synced = BUF_INIT;
	autobuf reported = BUF_INIT;

	print_line(app, "suspended", json_bool(properties, "suspend") ? "yes" : NULL);
	print_line(app, "provisioning", json_str(properties, "provisioningState"));
	print_line(app, "compliance", text_or(properties, "complianceState", "Unknown"));
	print_line(app, "revision", revision);
	if (json_str(properties, "sourceUpdatedAt"))
		add_age(app, &synced, json_str(properties, "sourceUpdatedAt"));
	print_line(app, "synced", synced.ptr);
	if (json_str(properties, "statusUpdatedAt"))
		add_age(app, &reported, json_str(properties, "statusUpdatedAt"));
	print_line(app, "reported", reported.ptr);
	print_line(app, "error", json_str(properties, "errorMessage"));
	print_line(app, "deploy key", json_str(properties, "repositoryPublicKey"));
}

int config_print(
	struct app *app, const char *format, struct json_object *resource, struct error *err)
{
	struct json_object *properties = json_get(resource, "properties");
	autojson struct json_object *shown = NULL;
	autojson struct json_object *list = NULL;

	if (is_tree(format)) {
		shown = arm_config_redacted(resource);
		return print_tree(app, format, shown, err);
	}
	if (format && !streq(format, "wide")) {
		list = json_new_array();
		json_push(list, json_ref(resource));
		return config_print_list(app, format, list, err);
	}
	print_line(app, "name", json_str(resource, "name"));
	print_line(app, "namespace", text_or(properties, "namespace", "default"));
	print_line(app, "scope", text_or(properties, "scope", "cluster"));
	print_source(app, properties);
	print_state(app, properties);
	fputs("\n", app->out);
	print_kustomization_table(
		app, json_get(properties, "kustomizations"), streq(format, "wide"));
	if (!json_len(json_get(properties, "statuses")))
		return 0;
	fputs("\n", app->out);
	print_object_table(app, json_get(properties, "statuses"), streq(format, "wide"));
	return 0;
}
