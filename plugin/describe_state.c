/* SPDX-License-Identifier: Apache-2.0 */
/* How it is and why; what it consists of. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/time.h"
#include "plugin/describe.h"
#include "plugin/text.h"

#define LABEL_WIDTH 12
#define MAX_CHAIN 20 /* causes above one object that are shown */
#define MAX_USERS 10
#define MAX_CAUSES 5 /* of what a FluxConfig made */

void describe_line(const struct describe *describe, const char *label, const char *text)
{
	autobuf line = BUF_INIT;

	if (*describe->gap)
		fputc('\n', describe->app->out);
	*describe->gap = false;
	buf_addf(&line, "%-*s ", LABEL_WIDTH, label);
	text_wrap(&line, text, (size_t)describe->app->width, LABEL_WIDTH + 1);
	fprintf(describe->app->out, "%s\n", line.ptr);
}

static void print_indented(const struct describe *describe, const char *text, unsigned indent)
{
	autobuf line = BUF_INIT;
	autobuf trimmed = BUF_INIT;

	buf_adds(&trimmed, text);
	buf_trim(&trimmed);
	text_wrap(&line, trimmed.ptr, (size_t)describe->app->width, indent);
	fprintf(describe->app->out, "%*s%s\n", (int)indent, "", line.ptr);
}

/* ---- the state */

static void print_title(const struct describe *describe, const char *state, enum app_style style)
{
	autobuf name = BUF_INIT;
	autobuf line = BUF_INIT;
	struct survey_ref ref = {describe->kind->name, describe->namespace, describe->name};

	look_ref(&name, &ref);
	text_safe(&line, name.ptr);
	buf_addf(&line, "   %s", app_style(describe->app, style));
	text_safe(&line, state);
	fprintf(describe->app->out, "%s%s\n", line.ptr, app_style_end(describe->app));
}

static void print_details(
	const struct describe *describe, const struct graph_node *node, unsigned indent)
{
	const char *message = look_message(node);
	autostrv remarks = STRV_INIT;
	autobuf command = BUF_INIT;

	if (str_set(message))
		print_indented(describe, message, indent);
	look_remarks(&describe->look, node, &remarks);
	for (size_t i = 0; i < remarks.len; i++)
		print_indented(describe, remarks.items[i], indent);
	look_command(&describe->look, node, &command);
	if (command.len)
		fprintf(describe->app->out, "%*s%s\n", (int)indent, "", command.ptr);
}

/* Up from the object to the root: what it waits for, and why that is not ready. */
static void print_chain(const struct describe *describe, const struct graph_node *node)
{
	const struct graph_node *above = node->parent;

	for (int i = 0; above && i < MAX_CHAIN; i++) {
		autobuf title = BUF_INIT;

		buf_adds(&title,
			above->parent ? "waits for " : "waits for, and this is the cause: ");
		look_ref(&title, &above->ref);
		buf_addf(&title, " (%s): ", graph_edge_word(node->edge));
		look_state(&describe->look, above, &title);
		print_indented(describe, title.ptr, 4);
		print_details(describe, above, 8);
		node = above;
		above = node->parent;
	}
}

/* Does a cause, or anything that waits for it, come from this FluxConfig? */
static bool concerns(const struct describe *describe, const struct graph_node *node)
{
	if (node->object && look_fluxconfig(&describe->look, node->object) == describe->object)
		return true;
	for (const struct graph_node *child = node->first_child; child; child = child->next)
		if (concerns(describe, child))
			return true;
	return false;
}

/* A FluxConfig is as ready as what it made: the causes of what is not. */
static void print_part_causes(const struct describe *describe)
{
	const struct graph *graph = describe->look.graph;
	size_t shown = 0;

	for (size_t i = 0; i < graph->root_count && shown < MAX_CAUSES; i++) {
		const struct graph_node *root = graph->roots[i];
		autobuf title = BUF_INIT;

		if (!concerns(describe, root))
			continue;
		shown++;
		buf_adds(&title, "cause: ");
		look_ref(&title, &root->ref);
		buf_adds(&title, ": ");
		look_state(&describe->look, root, &title);
		print_indented(describe, title.ptr, 4);
		print_details(describe, root, 8);
	}
}

/* The state of what is not in the way of anything, as far as this object can say. */
static enum object_state own_state(const struct describe *describe)
{
	for (size_t i = 0; i < describe->look.config_count; i++)
		if (describe->look.configs[i].object == describe->object)
			return look_config_state(&describe->look, &describe->look.configs[i]);
	return describe->object->state;
}

static void print_unblocked(const struct describe *describe)
{
	enum object_state state = own_state(describe);
	autobuf text = BUF_INIT;

	buf_adds(&text, object_state_word(state));
	if (install_down(describe->look.install, describe->kind))
		buf_addf(&text, ", but %s does not run: nobody looks at it",
			describe->kind->controller);
	print_title(describe, text.ptr, look_style(state));
	if (describe->object->message)
		print_indented(describe, describe->object->message, 4);
	if (describe->kind->family == FAMILY_AZURE)
		print_part_causes(describe);
}

void describe_print_state(const struct describe *describe)
{
	const struct graph_node *node =
		describe->object ? graph_find(describe->look.graph, describe->object) : NULL;
	autobuf state = BUF_INIT;

	if (!describe->object) {
		print_title(describe, "", STYLE_PLAIN);
	} else if (!node) {
		print_unblocked(describe);
	} else {
		look_state(&describe->look, node, &state);
		print_title(describe, state.ptr, look_style(node->state));
		print_details(describe, node, 4);
		print_chain(describe, node);
	}
}

/* ---- facts */

static void say_object_state(
	const struct describe *describe, const struct survey_ref *ref, struct buf *out)
{
	const struct survey_object *object = survey_find_ref(describe->look.survey, ref);
	const struct survey_list *list = survey_list(describe->look.survey, ref->kind, NULL);

	look_ref(out, ref);
	if (object && object->wanted)
		buf_addf(out, "   %d of %d ready", object->ready, object->wanted);
	else if (object)
		buf_addf(
			out, "   %s", object_state_word(graph_state(describe->look.graph, object)));
	else if (list && list->outcome == SURVEY_OK) {
		buf_adds(out, "   does not exist");
	}
	if (object && object->revision) {
		buf_adds(out, "   ");
		look_revision(out, object->revision);
	}
}

static void print_ref(
	const struct describe *describe, const char *label, const struct survey_ref *ref)
{
	autobuf text = BUF_INIT;

	if (!ref->name)
		return;
	say_object_state(describe, ref, &text);
	describe_line(describe, label, text.ptr);
}

static void print_revision(const struct describe *describe)
{
	const char *applied = describe->object->revision;
	const char *tries = json_str(describe->tree, "status", "lastAttemptedRevision");
	const char *at = json_str(describe->tree, "status", "artifact", "lastUpdateTime");
	autobuf text = BUF_INIT;

	if (!applied && !tries)
		return;
	look_revision(&text, applied);
	if (at && time_parse(at) != TIME_NONE) {
		buf_adds(&text, " of ");
		time_format_short(&text, time_parse(at), describe->look.survey->now);
	}
	if (tries && !streq(tries, applied)) {
		buf_adds(&text, ", last tried ");
		look_revision(&text, tries);
	}
	describe_line(describe, "Revision", text.ptr);
}

/* Fields of the spec that say what it is. */
static const struct fact {
	const char *label;
	const char *path[4];
} facts[] = {
	/* clang-format off */
	{"URL",       {"spec", "url"}},
	{"Endpoint",  {"spec", "endpoint"}},
	{"Bucket",    {"spec", "bucketName"}},
	{"Image",     {"spec", "image"}},
	{"Path",      {"spec", "path"}},
	{"Chart",     {"spec", "chart", "spec", "chart"}},
	{"Version",   {"spec", "chart", "spec", "version"}},
	{"Version",   {"spec", "version"}},
	{"Type",      {"spec", "type"}},
	{"Release",   {"spec", "releaseName"}},
	{"Into",      {"spec", "targetNamespace"}},
	{"As",        {"spec", "serviceAccountName"}},
	{"Secret",    {"spec", "secretRef", "name"}},
	{"Scope",     {"spec", "scope"}},
	{"Train",     {"spec", "releaseTrain"}},
	{"Extension", {"spec", "extensionType"}},
	/* clang-format on */
};

static void print_spec(const struct describe *describe)
{
	struct json_object *ref = json_get(describe->tree, "spec", "ref");
	struct json_iter iter = JSON_ITER_INIT;
	autobuf text = BUF_INIT;

	for (size_t i = 0; i < countof(facts); i++) {
		const struct fact *fact = &facts[i];
		struct json_object *value = json_get(
			describe->tree, fact->path[0], fact->path[1], fact->path[2], fact->path[3]);

		if (value && json_kind(value) != JSON_OBJECT && str_set(json_text(value)))
			describe_line(describe, fact->label, json_text(value));
	}
	while (json_next(ref, &iter))
		buf_addf(&text, "%s%s %s", text.len ? ", " : "", iter.key, json_text(iter.value));
	if (text.len)
		describe_line(describe, "Ref", text.ptr);
}

static void print_times(const struct describe *describe)
{
	static const char *const names[] = {"interval", "timeout", "retryInterval"};
	autobuf text = BUF_INIT;
	int64_t failures = json_int(describe->tree, 0, "status", "failures");

	for (size_t i = 0; i < countof(names); i++) {
		const char *value = json_str(describe->tree, "spec", names[i]);

		if (value)
			buf_addf(&text, "%s%s %s", text.len ? ", " : "", names[i], value);
	}
	if (failures > 0)
		buf_addf(&text, ", failed %lld times in a row", (long long)failures);
	if (text.len)
		describe_line(describe, "Times", text.ptr);
}

static bool uses(const struct survey_object *user, const struct describe *describe)
{
	const struct survey_object *object = describe->object;

	if (user->source.name == object->name && user->source.namespace == object->namespace &&
		streq(user->source.kind, object->kind->name))
		return true;
	if (user->chart.name == object->name && user->chart.namespace == object->namespace &&
		streq(object->kind->name, "HelmChart"))
		return true;
	for (size_t i = 0; i < user->depends_count; i++)
		if (user->depends[i].name == object->name &&
			user->depends[i].namespace == object->namespace &&
			streq(user->depends[i].kind, object->kind->name))
			return true;
	return false;
}

/* What names it as a source, a chart or a dependency. */
static void print_users(const struct describe *describe)
{
	const struct survey *survey = describe->look.survey;
	size_t shown = 0;
	size_t rest = 0;

	for (size_t i = 0; i < survey->list_count; i++)
		for (size_t k = 0; k < survey->lists[i].count; k++) {
			const struct survey_object *user = &survey->lists[i].objects[k];
			struct survey_ref ref = {user->kind->name, user->namespace, user->name};

			if (!uses(user, describe))
				continue;
			if (shown >= MAX_USERS && !describe->look.wide) {
				rest++;
				continue;
			}
			print_ref(describe, shown++ ? "" : "Needed by", &ref);
		}
	if (rest) {
		autofree char *text = xasprintf("and %zu more: -o wide", rest);

		describe_line(describe, "", text);
	}
}

static void print_relations(const struct describe *describe, const struct survey_object *object)
{
	print_revision(describe);
	print_ref(describe, "Source", &object->source);
	print_ref(describe, "HelmChart", &object->chart);
	print_ref(describe, "Made by", &object->owner);
	for (size_t i = 0; i < object->depends_count; i++)
		print_ref(describe, i ? "" : "Depends on", &object->depends[i]);
	print_users(describe);
}

void describe_print_facts(const struct describe *describe)
{
	const struct survey_object *object = describe->object;

	*describe->gap = true;
	print_spec(describe);
	print_times(describe);
	if (object)
		print_relations(describe, object);
	*describe->gap = false;
}

/* ---- conditions */

void describe_print_conditions(const struct describe *describe)
{
	static const char *const headings[] = {"CONDITION", "STATUS", "AGE", "REASON", "MESSAGE"};
	struct json_object *conditions = json_get(describe->tree, "status", "conditions");
	size_t columns = countof(headings);
	size_t count = json_len(conditions);
	autofree const char **cells = xcalloc((count + 1) * columns, sizeof(*cells));
	autostrv ages = STRV_INIT;

	if (!count)
		return;
	memcpy(cells, headings, sizeof(headings));
	for (size_t i = 0; i < count; i++) {
		struct json_object *condition = json_item(conditions, i);
		const char **row = cells + (i + 1) * columns;
		autobuf age = BUF_INIT;

		look_age(&age, &describe->look,
			time_parse(json_str(condition, "lastTransitionTime")));
		strv_push(&ages, age.ptr);
		row[0] = json_str(condition, "type");
		row[1] = json_str(condition, "status");
		row[2] = ages.items[i];
		row[3] = json_str(condition, "reason");
		row[4] = json_str(condition, "message");
	}
	fputc('\n', describe->app->out);
	describe_rows(describe, cells, columns, count + 1);
}
