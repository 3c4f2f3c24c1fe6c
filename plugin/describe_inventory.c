/* SPDX-License-Identifier: Apache-2.0 */
/* What an object applied or made: each with its state, the rest counted. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "plugin/describe.h"
#include "plugin/table.h"

#define MAX_ENTRIES 20000

static const struct table_column columns[] = {
	{"OBJECT", false, false},
	{"NAMESPACE", false, false},
	{"STATE", false, false},
	{"REVISION", false, false},
};

/* Kinds of which nothing but the number is told. */
struct other {
	char *kind;
	size_t count;
};

struct inventory {
	const struct describe *describe;
	struct table *table;
	struct other *others;
	size_t other_count, total;
	long ready, wanted;
};

static void count_other(struct inventory *inventory, const char *kind)
{
	for (size_t i = 0; i < inventory->other_count; i++)
		if (streq(inventory->others[i].kind, kind)) {
			inventory->others[i].count++;
			return;
		}
	inventory->others = xreallocarray(
		inventory->others, inventory->other_count + 1, sizeof(*inventory->others));
	inventory->others[inventory->other_count++] = (struct other){xstrdup(kind), 1};
}

/* Pods of the workloads that a release deployed. */
static void owned_pods(const struct inventory *inventory, const struct survey_object *owner,
	long *ready, long *wanted)
{
	const struct survey *survey = inventory->describe->look.survey;

	for (size_t i = 0; i < survey->list_count; i++) {
		const struct survey_list *list = &survey->lists[i];

		for (size_t k = 0; streq(list->kind->group, "apps") && k < list->count; k++) {
			const struct survey_object *object = &list->objects[k];

			if (object->owner.name != owner->name ||
				object->owner.namespace != owner->namespace ||
				!streq(object->owner.kind, owner->kind->name))
				continue;
			*ready += object->ready;
			*wanted += object->wanted;
		}
	}
}

static void say_state(
	struct inventory *inventory, const struct survey_object *object, struct buf *out)
{
	long ready = 0;
	long wanted = 0;

	look_word(out, &inventory->describe->look, object);
	if (streq(object->kind->group, "apps")) {
		ready = object->ready;
		wanted = object->wanted;
	} else if (streq(object->kind->name, "HelmRelease")) {
		owned_pods(inventory, object, &ready, &wanted);
		if (wanted)
			buf_addf(out, ", %ld of %ld pods ready", ready, wanted);
	}
	inventory->ready += ready;
	inventory->wanted += wanted;
}

static void add_object(
	struct inventory *inventory, const char *kind, const char *namespace, const char *name)
{
	const struct describe *describe = inventory->describe;
	const struct survey_list *list = survey_list(describe->look.survey, kind, NULL);
	const struct survey_object *object =
		survey_find(describe->look.survey, kind, namespace, name);
	autofree char *label = xasprintf("%s/%s", kind, name);
	autobuf state = BUF_INIT;
	autobuf revision = BUF_INIT;
	const char *cells[countof(columns)] = {label, namespace};
	enum object_state color = STATE_STATIC;

	inventory->total++;
	if (!list || (!object && list->outcome != SURVEY_OK)) {
		count_other(inventory, kind);
		return;
	}
	if (object) {
		say_state(inventory, object, &state);
		color = graph_state(describe->look.graph, object);
		if (object->revision)
			look_revision(&revision, object->revision);
	} else {
		buf_adds(&state, "does not exist");
		color = STATE_FAILING;
	}
	cells[2] = state.ptr;
	cells[3] = revision.ptr;
	table_add(inventory->table, cells, look_style(color), 2);
}

/* "ns_name_group_Kind"; the group may be empty, the name may hold "__" for ":". */
static void add_entry(struct inventory *inventory, const char *id)
{
	const char *name = strchr(id, '_');
	const char *kind = strrchr(id, '_');
	const char *group;
	autofree char *namespace = NULL;
	autofree char *text = NULL;

	if (!name || kind <= name)
		return;
	for (group = kind - 1; group > name && *group != '_';)
		group--;
	if (group <= name)
		return;
	namespace = xstrndup(id, (size_t)(name - id));
	text = xstrndup(name + 1, (size_t)(group - name - 1));
	add_object(inventory, kind + 1, namespace, text);
}

/* Flux before 2.8 lists nothing for a HelmRelease: what carries its labels is shown. */
static void add_owned(struct inventory *inventory)
{
	const struct survey *survey = inventory->describe->look.survey;
	const struct survey_object *owner = inventory->describe->object;

	for (size_t i = 0; i < survey->list_count; i++)
		for (size_t k = 0; k < survey->lists[i].count; k++) {
			const struct survey_object *object = &survey->lists[i].objects[k];

			if (object->owner.name == owner->name &&
				object->owner.namespace == owner->namespace &&
				streq(object->owner.kind, owner->kind->name))
				add_object(inventory, object->kind->name, object->namespace,
					object->name);
		}
}

static void print_summary(const struct inventory *inventory, bool known)
{
	autobuf text = BUF_INIT;

	look_count(&text, inventory->total, "object");
	if (inventory->wanted)
		buf_addf(&text, ", %ld of %ld pods ready", inventory->ready, inventory->wanted);
	if (!known)
		buf_adds(&text, " (by label: this version keeps no list)");
	describe_line(inventory->describe, "Inventory", text.ptr);
	buf_reset(&text);
	for (size_t i = 0; i < inventory->other_count; i++) {
		buf_adds(&text, i ? ", " : "");
		look_count(&text, inventory->others[i].count, inventory->others[i].kind);
	}
	if (table_rows(inventory->table))
		table_print(inventory->table, inventory->describe->app, true, 2);
	if (text.len)
		fprintf(inventory->describe->app->out, "  %s%s\n",
			table_rows(inventory->table) ? "and " : "", text.ptr);
}

void describe_print_inventory(const struct describe *describe)
{
	struct json_object *entries = json_get(describe->tree, "status", "inventory", "entries");
	struct inventory inventory = {.describe = describe};
	bool known = json_len(entries) > 0;

	if (!describe->object || describe->kind->family != FAMILY_APPLIER)
		return;
	inventory.table = table_new(columns, countof(columns));
	for (size_t i = 0; i < json_len(entries) && i < MAX_ENTRIES; i++) {
		const char *id = json_str(json_item(entries, i), "id");

		if (id)
			add_entry(&inventory, id);
	}
	if (!known)
		add_owned(&inventory);
	fputc('\n', describe->app->out);
	print_summary(&inventory, known || !inventory.total);
	for (size_t i = 0; i < inventory.other_count; i++)
		free(inventory.others[i].kind);
	free(inventory.others);
	table_free(inventory.table);
}
