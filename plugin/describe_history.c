/* SPDX-License-Identifier: Apache-2.0 */
/* What happened to it: past reconciles or releases, and its events. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/time.h"
#include "plugin/describe.h"
#include "plugin/table.h"

#define MAX_HISTORY 5
#define MAX_EVENTS 10

/* ---- history */

static void add_reconcile(
	const struct describe *describe, struct table *table, struct json_object *item)
{
	autobuf age = BUF_INIT;
	autobuf revision = BUF_INIT;
	autofree char *times = NULL;

	look_age(&age, &describe->look, time_parse(json_str(item, "lastReconciled")));
	look_revision(&revision, json_str(item, "metadata", "revision"));
	times = xasprintf("%s in %s", json_text(json_get(item, "totalReconciliations")),
		json_text(json_get(item, "lastReconciledDuration")));
	const char *cells[] = {
		age.ptr, json_str(item, "lastReconciledStatus"), revision.ptr, times};
	table_add(table, cells, STYLE_PLAIN, 0);
}

static void add_release(
	const struct describe *describe, struct table *table, struct json_object *item)
{
	autobuf age = BUF_INIT;
	autofree char *chart = NULL;
	autofree char *release = NULL;

	look_age(&age, &describe->look, time_parse(json_str(item, "lastDeployed")));
	chart = xasprintf("%s@%s", json_text(json_get(item, "chartName")),
		json_text(json_get(item, "chartVersion")));
	release = xasprintf("%s/%s.v%s", json_text(json_get(item, "namespace")),
		json_text(json_get(item, "name")), json_text(json_get(item, "version")));
	const char *cells[] = {age.ptr, json_str(item, "status"), chart, release};
	table_add(table, cells, STYLE_PLAIN, 0);
}

void describe_print_history(const struct describe *describe)
{
	static const struct table_column columns[] = {
		{"HISTORY", false, false},
		{"STATUS", false, false},
		{"REVISION", false, false},
		{"", false, false},
	};
	struct json_object *history = json_get(describe->tree, "status", "history");
	size_t most = describe->look.wide ? SIZE_MAX : MAX_HISTORY;
	struct table *table;

	if (!json_len(history))
		return;
	table = table_new(columns, countof(columns));
	for (size_t i = 0; i < json_len(history) && i < most; i++) {
		if (streq(describe->kind->name, "HelmRelease"))
			add_release(describe, table, json_item(history, i));
		else
			add_reconcile(describe, table, json_item(history, i));
	}
	fputc('\n', describe->app->out);
	table_print(table, describe->app, true, 0);
	table_free(table);
}

/* ---- events */

static int64_t event_time(struct json_object *event)
{
	static const char *const names[] = {"lastTimestamp", "eventTime", "firstTimestamp"};

	for (size_t i = 0; i < countof(names); i++) {
		int64_t moment = time_parse(json_str(event, names[i]));

		if (moment != TIME_NONE)
			return moment;
	}
	return time_parse(json_str(event, "metadata", "creationTimestamp"));
}

static int newest_first(const void *a, const void *b)
{
	int64_t x = event_time(*(struct json_object *const *)a);
	int64_t y = event_time(*(struct json_object *const *)b);

	return x > y ? -1 : x < y;
}

static void print_event_table(
	const struct describe *describe, struct json_object **events, size_t count)
{
	static const char *const headings[] = {"EVENTS", "TYPE", "COUNT", "REASON", "MESSAGE"};
	size_t columns = countof(headings);
	autofree const char **cells = xcalloc((count + 1) * columns, sizeof(*cells));
	autostrv texts = STRV_INIT;

	memcpy(cells, headings, sizeof(headings));
	for (size_t i = 0; i < count; i++) {
		const char **row = cells + (i + 1) * columns;
		autobuf age = BUF_INIT;

		look_age(&age, &describe->look, event_time(events[i]));
		strv_push(&texts, age.ptr);
		strv_pushf(&texts, "%lld", (long long)json_int(events[i], 1, "count"));
		row[0] = texts.items[i * 2];
		row[1] = json_str(events[i], "type");
		row[2] = texts.items[i * 2 + 1];
		row[3] = json_str(events[i], "reason");
		row[4] = json_str(events[i], "message");
	}
	describe_rows(describe, cells, columns, count + 1);
}

void describe_print_events(const struct describe *describe)
{
	struct json_object *items = json_get(describe->events, "items");
	size_t count = json_len(items);
	size_t shown = describe->look.wide || count <= MAX_EVENTS ? count : MAX_EVENTS;
	autofree struct json_object **events = xcalloc(count + 1, sizeof(struct json_object *));

	fputc('\n', describe->app->out);
	if (describe->events_error.kind != ERROR_NONE) {
		autofree char *text = xasprintf("not read: %s", describe->events_error.message);

		describe_line(describe, "Events", text);
		return;
	}
	if (!count) {
		describe_line(describe, "Events", "none (the cluster keeps them for an hour)");
		return;
	}
	for (size_t i = 0; i < count; i++)
		events[i] = json_item(items, i);
	qsort(events, count, sizeof(*events), newest_first);
	print_event_table(describe, events, shown);
	if (shown < count)
		fprintf(describe->app->out, "and %zu older: -o wide\n", count - shown);
}
