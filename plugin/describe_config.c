/* SPDX-License-Identifier: Apache-2.0 */
/* A FluxConfig and all that was made from it, at any depth. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/time.h"
#include "plugin/describe.h"
#include "plugin/table.h"

#define MAX_DEPTH 8

static const struct table_column columns[] = {
	{"MADE FROM IT", false, false},
	{"NAMESPACE", false, false},
	{"STATE", false, false},
	{"REVISION", false, false},
	{"AZURE", false, false},
	{"", false, false},
};

static void add_row(const struct describe *describe, struct table *table,
	const struct survey_ref *ref, unsigned depth, const struct fluxconfig_part *part)
{
	const struct survey_object *object = survey_find_ref(describe->look.survey, ref);
	enum object_state state =
		object ? graph_state(describe->look.graph, object) : STATE_FAILING;
	autofree char *label = xasprintf("%*s%s/%s", (int)(depth * 2), "", ref->kind, ref->name);
	autobuf word = BUF_INIT;
	autobuf revision = BUF_INIT;
	const char *cells[countof(columns)] = {label, ref->namespace};

	if (object)
		look_word(&word, &describe->look, object);
	else
		buf_adds(&word, "does not exist");
	cells[2] = word.ptr;
	if (object && object->revision)
		look_revision(&revision, object->revision);
	cells[3] = revision.ptr;
	cells[4] = part ? part->compliance : "";
	cells[5] = part && part->differences.len ? "differs" : "";
	table_add(table, cells, look_style(state), 2);
}

static void add_owned(const struct describe *describe, struct table *table,
	const struct survey_ref *owner, unsigned depth)
{
	const struct survey *survey = describe->look.survey;

	for (size_t i = 0; i < survey->list_count; i++)
		for (size_t k = 0; k < survey->lists[i].count; k++) {
			const struct survey_object *object = &survey->lists[i].objects[k];
			struct survey_ref ref = {
				object->kind->name, object->namespace, object->name};

			if (object->owner.name != owner->name ||
				object->owner.namespace != owner->namespace ||
				!streq(object->owner.kind, owner->kind))
				continue;
			add_row(describe, table, &ref, depth, NULL);
			if (depth < MAX_DEPTH)
				add_owned(describe, table, &ref, depth + 1);
		}
}

static void print_azure(const struct describe *describe, const struct fluxconfig *config)
{
	autobuf text = BUF_INIT;

	buf_addf(&text, "%s, %s", config->compliance ? config->compliance : "no report",
		config->synced ? "synced " : "not synced, last ");
	look_age(&text, &describe->look, config->synced_at);
	buf_adds(&text, " ago");
	if (config->provisioning)
		buf_addf(&text, ", provisioning %s", config->provisioning);
	describe_line(describe, "Azure", text.ptr);
}

static void print_differences(const struct describe *describe, const struct fluxconfig *config)
{
	const struct survey *survey = describe->look.survey;

	for (size_t i = 0; i < config->count; i++) {
		if (fluxconfig_part_missing(survey, &config->parts[i])) {
			autofree char *text = xasprintf("%s %s does not exist",
				config->parts[i].ref.kind, config->parts[i].ref.name);

			describe_line(describe, "Differs", text);
		}
		for (size_t k = 0; k < config->parts[i].differences.len; k++) {
			autofree char *text = xasprintf("%s %s: %s", config->parts[i].ref.kind,
				config->parts[i].ref.name, config->parts[i].differences.items[k]);

			describe_line(describe, "Differs", text);
		}
	}
	if (!config->differing && !fluxconfig_missing(survey, config))
		describe_line(describe, "Differs", "nothing: the cluster has what it asks for");
}

void describe_print_config(const struct describe *describe)
{
	const struct fluxconfig *config = NULL;
	struct table *table;

	for (size_t i = 0; i < describe->look.config_count; i++)
		if (describe->look.configs[i].object == describe->object)
			config = &describe->look.configs[i];
	if (!config || !describe->object)
		return;
	print_azure(describe, config);
	print_differences(describe, config);
	table = table_new(columns, countof(columns));
	for (size_t i = 0; i < config->count; i++) {
		add_row(describe, table, &config->parts[i].ref, 0, &config->parts[i]);
		add_owned(describe, table, &config->parts[i].ref, 1);
	}
	fputc('\n', describe->app->out);
	table_print(table, describe->app, true, 0);
	table_free(table);
}
