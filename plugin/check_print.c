/* SPDX-License-Identifier: Apache-2.0 */
/* The report of `check`: findings first, then in a paragraph each what passed and what has no answer. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "plugin/check.h"
#include "plugin/table.h"

#define LABEL_WIDTH 11 /* "passed     " */
#define FIELD_WIDTH 9  /* "  seen   " */

static size_t count_severity(const struct check *check, enum severity severity)
{
	size_t count = 0;

	for (size_t i = 0; i < check->count; i++)
		count += check->findings[i].rule->severity == severity;
	return count;
}

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

/* "1 error, 0 warnings, 1 question without an answer (flux-demo-arc)". */
static void print_verdict(const struct check *check)
{
	const struct app *app = check->app;
	size_t errors = count_severity(check, SEVERITY_ERROR);
	size_t warnings = count_severity(check, SEVERITY_WARNING);
	size_t open = check->unanswered.len;
	const char *name = app->kube->context_name;
	autobuf safe = BUF_INIT;
	enum app_style style = errors ? STYLE_BAD : (warnings || open ? STYLE_WARN : STYLE_GOOD);

	fprintf(app->out, "%s%zu error%s, %zu warning%s", app_style(app, style), errors,
		plural(errors), warnings, plural(warnings));
	if (open)
		fprintf(app->out, ", %zu question%s without an answer", open, plural(open));
	fprintf(app->out, "%s", app_style_end(app));
	if (str_set(name))
		text_cell(&safe, name);
	if (safe.len)
		fprintf(app->out, " (%s)", safe.ptr);
	fputs("\n", app->out);
}

static void print_field(const struct app *app, const char *label, const char *text, bool whole)
{
	autobuf wrapped = BUF_INIT;
	size_t width =
		app->width > FIELD_WIDTH + 20 && !whole ? (size_t)app->width - FIELD_WIDTH : 0;

	if (!text)
		return;
	text_wrap(&wrapped, text, width, FIELD_WIDTH);
	fprintf(app->out, "  %-*s%s\n", FIELD_WIDTH - 2, label, wrapped.ptr);
}

static void print_finding(const struct app *app, const struct finding *finding)
{
	bool error = finding->rule->severity == SEVERITY_ERROR;
	autobuf object = BUF_INIT;

	text_cell(&object, finding->object);
	fprintf(app->out, "\n%s%s%s  %s   %s\n", app_style(app, error ? STYLE_BAD : STYLE_WARN),
		error ? "ERROR" : "WARNING", app_style_end(app), finding->rule->id, object.ptr);
	print_field(app, "seen", finding->seen, false);
	print_field(app, "why", finding->rule->why, false);
	print_field(app, "do", finding->command, true);
}

/* Phrases with " · " between them, broken only between phrases. */
static void print_passed(const struct app *app, const struct strv *phrases)
{
	const char *dot = app->utf8 ? " \xc2\xb7 " : "; ";
	size_t width = app->width > 40 ? (size_t)app->width : 0;
	size_t column = LABEL_WIDTH;

	if (!phrases->len)
		return;
	fprintf(app->out, "\n%-*s", LABEL_WIDTH, "passed");
	for (size_t i = 0; i < phrases->len; i++) {
		autobuf phrase = BUF_INIT;
		size_t len;

		text_cell(&phrase, phrases->items[i]);
		len = text_width(phrase.ptr);
		if (i && width && column + 3 + len > width) {
			fprintf(app->out, "\n%*s", LABEL_WIDTH, "");
			column = LABEL_WIDTH;
		} else if (i) {
			fputs(dot, app->out);
			column += 3;
		}
		fputs(phrase.ptr, app->out);
		column += len;
	}
	fputs("\n", app->out);
}

static void print_unanswered(const struct app *app, const struct strv *lines)
{
	for (size_t i = 0; i < lines->len; i++) {
		autobuf safe = BUF_INIT;

		text_safe(&safe, lines->items[i]);
		fprintf(app->out, "%-*s%s\n", LABEL_WIDTH, i ? "" : "no answer", safe.ptr);
	}
}

static void print_severity(const struct check *check, enum severity severity)
{
	for (size_t i = 0; i < check->count; i++) {
		if (check->findings[i].rule->severity == severity)
			print_finding(check->app, &check->findings[i]);
	}
}

void check_print(const struct check *check)
{
	print_verdict(check);
	print_severity(check, SEVERITY_ERROR);
	print_severity(check, SEVERITY_WARNING);
	print_passed(check->app, &check->passed);
	print_unanswered(check->app, &check->unanswered);
}

static struct json_object *strings_json(const struct strv *strings)
{
	struct json_object *array = json_new_array();

	for (size_t i = 0; i < strings->len; i++)
		json_push(array, json_new_string(strings->items[i]));
	return array;
}

struct json_object *check_json(const struct check *check)
{
	struct json_object *root = json_new_object();
	struct json_object *findings = json_new_array();

	for (size_t i = 0; i < check->count; i++) {
		const struct finding *finding = &check->findings[i];
		struct json_object *item = json_new_object();

		json_set_str(item, "id", finding->rule->id);
		json_set_str(item, "severity",
			finding->rule->severity == SEVERITY_ERROR ? "error" : "warning");
		json_set_str(item, "object", finding->object);
		json_set_str(item, "seen", finding->seen);
		json_set_str(item, "why", finding->rule->why);
		json_set_str(item, "command", finding->command);
		json_push(findings, item);
	}
	json_set(root, "errors", json_new_int((int64_t)count_severity(check, SEVERITY_ERROR)));
	json_set(root, "warnings", json_new_int((int64_t)count_severity(check, SEVERITY_WARNING)));
	json_set(root, "findings", findings);
	json_set(root, "passed", strings_json(&check->passed));
	json_set(root, "unanswered", strings_json(&check->unanswered));
	return root;
}
