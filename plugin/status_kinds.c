/* SPDX-License-Identifier: Apache-2.0 */
/* How many objects of each kind are in which state; what was not read; what Flux deployed. */
#include "base/base.h"

#include "base/alloc.h"
#include "plugin/status.h"
#include "plugin/table.h"

#define MAX_COLUMNS (STATE_COUNT + 2)
#define MAX_NAMESPACES 10

void status_count(
	const struct status *status, const struct survey_list *list, size_t ret[STATE_COUNT])
{
	memset(ret, 0, STATE_COUNT * sizeof(*ret));
	for (size_t i = 0; i < list->count; i++)
		ret[graph_state(status->look.graph, &list->objects[i])]++;
}

/* READY first, then what is not, most telling first. */
static const enum object_state column_order[] = {
	STATE_READY,
	STATE_STATIC,
	STATE_DELETING,
	STATE_SUSPENDED,
	STATE_STALLED,
	STATE_FAILING,
	STATE_BLOCKED,
	STATE_PROGRESSING,
	STATE_STALE,
};

struct kinds_layout {
	struct table_column columns[MAX_COLUMNS];
	enum object_state states[STATE_COUNT];
	char headings[STATE_COUNT][16];
	size_t state_count;
};

static void upper(char *out, size_t size, const char *word)
{
	size_t i = 0;

	for (; word[i] && i + 1 < size; i++)
		out[i] = (char)(word[i] >= 'a' && word[i] <= 'z' ? word[i] - 'a' + 'A' : word[i]);
	out[i] = '\0';
}

static void layout_init(struct kinds_layout *layout, const size_t totals[STATE_COUNT])
{
	*layout = (struct kinds_layout){.state_count = 0};
	layout->columns[0] = (struct table_column){"KIND", false, false};
	layout->columns[1] = (struct table_column){"TOTAL", false, true};
	for (size_t i = 0; i < countof(column_order); i++) {
		enum object_state state = column_order[i];
		size_t at = layout->state_count;

		if (!totals[state] && state != STATE_READY)
			continue;
		upper(layout->headings[at], sizeof(layout->headings[at]), object_state_word(state));
		layout->states[at] = state;
		layout->columns[at + 2] = (struct table_column){layout->headings[at], false, true};
		layout->state_count++;
	}
}

static bool is_shown(const struct survey_list *list)
{
	return (list->kind->flags & KIND_FLUX) && list->count;
}

static void add_kind(const struct status *status, struct table *table,
	const struct kinds_layout *layout, const struct survey_list *list, bool *unwatched)
{
	const char *cells[MAX_COLUMNS] = {list->kind->name};
	char texts[MAX_COLUMNS][24];
	size_t counts[STATE_COUNT];
	bool down = install_down(status->look.install, list->kind);

	status_count(status, list, counts);
	snprintf(texts[1], sizeof(texts[1]), "%zu", list->count);
	cells[1] = texts[1];
	for (size_t i = 0; i < layout->state_count; i++) {
		enum object_state state = layout->states[i];
		bool mark = down && state == STATE_READY && counts[state];

		*unwatched |= mark;
		if (!counts[state] && state != STATE_READY)
			continue;
		if (state == STATE_READY && counts[STATE_STATIC] == list->count)
			continue;
		snprintf(texts[i + 2], sizeof(texts[0]), "%zu%s", counts[state], mark ? "*" : "");
		cells[i + 2] = texts[i + 2];
	}
	table_add(table, cells, STYLE_PLAIN, 0);
}

static void print_none(const struct status *status)
{
	const struct survey *survey = status->look.survey;
	autobuf none = BUF_INIT;
	autobuf absent = BUF_INIT;

	for (size_t i = 0; i < survey->list_count; i++) {
		const struct survey_list *list = &survey->lists[i];
		struct buf *out = list->outcome == SURVEY_NOT_INSTALLED ? &absent : &none;

		if (!(list->kind->flags & KIND_FLUX) || list->count ||
			list->outcome > SURVEY_NOT_INSTALLED)
			continue;
		buf_addf(out, "%s%s", out->len ? " " : "", list->kind->name);
	}
	if (none.len)
		status_hanging(status, "none", none.ptr, STYLE_PLAIN);
	if (absent.len)
		status_hanging(status, "not installed", absent.ptr, STYLE_PLAIN);
}

static void print_unread(const struct status *status)
{
	const struct survey *survey = status->look.survey;
	bool forbidden = false;
	autostrv lines = STRV_INIT;

	look_unread_lines(&status->look, &lines);
	for (size_t i = 0; i < lines.len; i++)
		status_hanging(status, "not read", lines.items[i], STYLE_WARN);
	for (size_t i = 0; i < survey->question_count; i++)
		forbidden |= survey->questions[i].outcome == SURVEY_FORBIDDEN;
	if (forbidden && !survey->namespace)
		fputs("try -n NAMESPACE: then only Flux objects of that one are asked for\n",
			status->app->out);
}

static void print_unwatched(const struct status *status)
{
	const struct install *install = status->look.install;
	autostrv names = STRV_INIT;
	autobuf text = BUF_INIT;

	for (size_t i = 0; i < install->count; i++)
		if (install->controllers[i].down && install->controllers[i].role == ROLE_FLUX &&
			install->controllers[i].deployment)
			strv_push(&names, install->controllers[i].name);
	look_names(&text, &names, 6);
	fprintf(status->app->out, "* as %s left them; nobody looks at them now\n",
		names.len ? text.ptr : "their controller");
}

void status_print_kinds(const struct status *status)
{
	const struct survey *survey = status->look.survey;
	size_t totals[STATE_COUNT] = {0};
	struct kinds_layout layout;
	struct table *table;
	bool unwatched = false;

	for (size_t i = 0; i < survey->list_count; i++) {
		size_t counts[STATE_COUNT];

		if (!is_shown(&survey->lists[i]))
			continue;
		status_count(status, &survey->lists[i], counts);
		for (size_t k = 0; k < STATE_COUNT; k++)
			totals[k] += counts[k];
	}
	layout_init(&layout, totals);
	table = table_new(layout.columns, layout.state_count + 2);
	for (size_t i = 0; i < survey->list_count; i++)
		if (is_shown(&survey->lists[i]))
			add_kind(status, table, &layout, &survey->lists[i], &unwatched);
	fputc('\n', status->app->out);
	if (table_rows(table))
		table_print(table, status->app, true, 0);
	else if (!status->look.unread)
		fputs("no objects of Flux\n", status->app->out);
	table_free(table);
	if (unwatched)
		print_unwatched(status);
	print_none(status);
	print_unread(status);
}

/* ---- what Flux deployed */

struct space {
	const char *namespace;
	long ready, wanted;
};

static size_t collect_spaces(const struct survey *survey, struct space **ret)
{
	struct space *spaces = NULL;
	size_t count = 0;

	for (size_t i = 0; i < survey->list_count; i++) {
		const struct survey_list *list = &survey->lists[i];

		for (size_t k = 0; streq(list->kind->group, "apps") && k < list->count; k++) {
			const struct survey_object *object = &list->objects[k];
			size_t at = count;

			if (!object->owner.name || streq(list->kind->name, "ReplicaSet"))
				continue;
			/* Lists are sorted by namespace: it is near the end, or new. */
			while (at > 0 && spaces[at - 1].namespace != object->namespace)
				at--;
			if (!at) {
				spaces = xreallocarray(spaces, count + 1, sizeof(*spaces));
				spaces[count] = (struct space){object->namespace, 0, 0};
				at = ++count;
			}
			spaces[at - 1].ready += object->ready;
			spaces[at - 1].wanted += object->wanted;
		}
	}
	*ret = spaces;
	return count;
}

/* Those that are short first. */
static int by_shortness(const void *a, const void *b)
{
	const struct space *x = a;
	const struct space *y = b;
	bool short_x = x->ready < x->wanted;
	bool short_y = y->ready < y->wanted;

	if (short_x != short_y)
		return short_x ? -1 : 1;
	return strcmp(x->namespace, y->namespace);
}

void status_print_workloads(const struct status *status)
{
	autofree struct space *spaces = NULL;
	size_t count = collect_spaces(status->look.survey, &spaces);
	size_t most = status->opts->all || status->look.wide ? count : MAX_NAMESPACES;
	autobuf text = BUF_INIT;
	long ready = 0;
	long wanted = 0;

	if (!count)
		return;
	qsort(spaces, count, sizeof(*spaces), by_shortness);
	for (size_t i = 0; i < count; i++) {
		ready += spaces[i].ready;
		wanted += spaces[i].wanted;
	}
	buf_addf(&text, "%ld of %ld pods ready: ", ready, wanted);
	for (size_t i = 0; i < count && i < most; i++)
		buf_addf(&text, "%s%s %ld of %ld", i ? ", " : "", spaces[i].namespace,
			spaces[i].ready, spaces[i].wanted);
	if (count > most) {
		buf_adds(&text, " and ");
		look_count(&text, count - most, "more namespace");
		buf_adds(&text, ": --all");
	}
	status_line(status, "Workloads", text.ptr);
}
