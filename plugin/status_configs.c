/* SPDX-License-Identifier: Apache-2.0 */
/* FluxConfigs: what the cluster says beside what Azure was told last. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/time.h"
#include "plugin/status.h"
#include "plugin/table.h"

#define WIDE 100  /* below, the time of the last sync moves into a row of its own */
#define NARROW 80 /* below, a table that does not fit becomes lines */

static const struct table_column columns[] = {
	{"CONFIGURATION", false, false},
	{"CLUSTER", false, false},
	{"REVISION", false, false},
	{"AZURE, LAST REPORT", false, false},
	{"SYNCED", false, false},
	{"VIEWS", false, false},
};

bool status_views_differ(enum object_state state, const char *compliance)
{
	bool compliant = streq(compliance, "Compliant");

	if (!str_set(compliance) || streq(compliance, "Pending") || streq(compliance, "Unknown"))
		return false;
	return compliant == object_state_not_ready(state);
}

static void synced_text(
	const struct status *status, const struct fluxconfig *config, struct buf *out)
{
	look_age(out, &status->look, config->synced_at);
	if (config->synced_at != TIME_NONE)
		buf_adds(out, " ago");
}

static void add_part(
	const struct status *status, struct table *table, const struct fluxconfig_part *part)
{
	enum object_state state = look_part_state(&status->look, part);
	bool differs = part->differences.len || status_views_differ(state, part->compliance);
	autofree char *label = xasprintf("  %s", part->label);
	autobuf revision = BUF_INIT;
	const char *cells[countof(columns)] = {label};

	look_revision(&revision, part->object ? part->object->revision : NULL);
	autofree char *word = xasprintf("%s%s", object_state_word(state),
		part->object && state == STATE_READY &&
				install_down(status->look.install, part->object->kind)
			? "*"
			: "");
	cells[1] = part->object ? word : "not there";
	cells[2] = revision.ptr;
	cells[3] = str_set(part->compliance) ? part->compliance : "-";
	cells[5] = differs ? "differs" : "";
	table_add(table, cells, look_style(state), 1);
}

static void add_config(const struct status *status, struct table *table,
	const struct fluxconfig *config, bool wide)
{
	enum object_state state = look_config_state(&status->look, config);
	autofree char *name = xasprintf("%s/%s", config->object->namespace, config->object->name);
	autobuf synced = BUF_INIT;
	const char *cells[countof(columns)] = {name};
	const char *compliance = config->compliance ? config->compliance : "-";

	synced_text(status, config, &synced);
	cells[1] = object_state_word(state);
	cells[3] = config->synced ? compliance : "not synced";
	cells[4] = wide ? synced.ptr : "";
	cells[5] = config->differing || status_views_differ(state, config->compliance) ? "differs"
										       : "";
	table_add(table, cells, look_style(state), 1);
	if (!wide) {
		autofree char *line = xasprintf("  synced %s", synced.ptr);
		const char *more[countof(columns)] = {line};

		table_add(table, more, STYLE_PLAIN, 0);
	}
	for (size_t i = 0; i < config->count; i++)
		add_part(status, table, &config->parts[i]);
}

static void print_differences(const struct status *status, const struct fluxconfig *config)
{
	for (size_t i = 0; i < config->count; i++) {
		const struct fluxconfig_part *part = &config->parts[i];

		for (size_t k = 0; k < part->differences.len; k++) {
			autofree char *text =
				xasprintf("differs: %s %s: %s: changed in the cluster, "
					  "not in Azure",
					part->ref.kind, part->ref.name, part->differences.items[k]);
			autobuf line = BUF_INIT;

			text_wrap(&line, text, (size_t)status->app->width, 9);
			fprintf(status->app->out, "%s\n", line.ptr);
		}
	}
}

/* Headings stand only over columns that say something. */
static struct table *new_table(const struct status *status, bool wide)
{
	static struct table_column used[countof(columns)];
	bool differ = false;

	for (size_t i = 0; i < status->look.config_count; i++) {
		const struct fluxconfig *config = &status->look.configs[i];

		differ |= config->differing > 0;
		for (size_t k = 0; k < config->count; k++)
			differ |= status_views_differ(
				look_part_state(&status->look, &config->parts[k]),
				config->parts[k].compliance);
	}
	memcpy(used, columns, sizeof(columns));
	if (!wide)
		used[4].heading = "";
	if (!differ)
		used[5].heading = "";
	return table_new(used, countof(used));
}

void status_print_configs(const struct status *status)
{
	const struct look *look = &status->look;
	int width = status->app->width;
	bool wide = width < NARROW || width >= WIDE;
	struct table *table;

	if (!look->config_count)
		return;
	table = new_table(status, wide);
	for (size_t i = 0; i < look->config_count; i++)
		add_config(status, table, &look->configs[i], wide);
	fputc('\n', status->app->out);
	table_print(table, status->app, true, 0);
	table_free(table);
	for (size_t i = 0; i < look->config_count; i++)
		print_differences(status, &look->configs[i]);
}
