/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables. All kinds are asked side by side and every object becomes cells as it arrives, so that no
 * object is held; kinds with the same columns share one table.
 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "plugin/get.h"
#include "plugin/table.h"

#define MAX_COLUMNS 64

/* The rows of one target, encoded one after another: style, then each cell terminated. */
struct listing {
	struct get *get;
	const struct get_target *target;
	const struct get_view *view;
	struct kind_list list;
	struct projection *projection;
	const struct get_column *columns[MAX_COLUMNS]; /* of the view, those shown */
	size_t column_count;
	size_t style_column; /* in the table */
	struct table *table; /* shared with others */
	bool direct;         /* rows go to the table at once */
	struct buf rows;
	uint64_t shown;
	bool restarted;
};

struct listings {
	struct listing *items;
	size_t count;
	struct table_column *columns; /* one table's after the other's */
	struct get_sorter sorter;
};

/* ---- columns */

static void choose_columns(struct listing *listing)
{
	bool wide = listing->get->format == GET_WIDE;

	for (const struct get_column *column = listing->view->columns; column->heading; column++)
		if ((wide || !(column->flags & COLUMN_WIDE)) && listing->column_count < MAX_COLUMNS)
			listing->columns[listing->column_count++] = column;
}

static bool same_columns(const struct listing *a, const struct listing *b)
{
	if (a->column_count != b->column_count)
		return false;
	for (size_t i = 0; i < a->column_count; i++)
		if (!streq(a->columns[i]->heading, b->columns[i]->heading))
			return false;
	return true;
}

/* "app.kubernetes.io/name" is headed NAME, as kubectl has it. */
static char *label_heading(const char *label)
{
	const char *slash = strrchr(label, '/');
	char *heading = xstrdup(slash ? slash + 1 : label);

	for (char *at = heading; *at; at++)
		if (*at >= 'a' && *at <= 'z')
			*at = (char)(*at - 'a' + 'A');
	return heading;
}

static size_t total_columns(const struct listing *listing)
{
	const struct get *get = listing->get;

	return get->show_namespace + 1 + listing->column_count + get->opts->label_columns.len +
	       get->opts->show_labels;
}

/* Fill the table's columns; `headings` of labels are owned by `owned`. */
static void fill_columns(
	const struct listing *listing, struct table_column *columns, struct strv *owned)
{
	const struct get *get = listing->get;
	size_t at = 0;

	if (get->show_namespace)
		columns[at++].heading = "NAMESPACE";
	columns[at++].heading = "NAME";
	for (size_t i = 0; i < listing->column_count; i++) {
		columns[at].heading = listing->columns[i]->heading;
		columns[at].flexible = listing->columns[i]->flags & COLUMN_FLEXIBLE;
		columns[at++].right = listing->columns[i]->flags & COLUMN_RIGHT;
	}
	for (size_t i = 0; i < get->opts->label_columns.len; i++) {
		strv_push_owned(owned, label_heading(get->opts->label_columns.items[i]));
		columns[at++].heading = owned->items[owned->len - 1];
	}
	if (get->opts->show_labels)
		columns[at++].heading = "LABELS";
}

/* ---- rows */

static void add_labels(struct buf *out, struct json_object *labels)
{
	struct json_iter iter = JSON_ITER_INIT;
	autostrv pairs = STRV_INIT;
	autofree char *joined = NULL;

	while (json_next(labels, &iter))
		strv_pushf(&pairs, "%s=%s", iter.key, json_text(iter.value));
	strv_sort(&pairs);
	joined = strv_join(&pairs, ",");
	buf_adds(out, pairs.len > 0 ? joined : "<none>");
}

static void add_name(struct buf *out, const struct listing *listing, struct json_object *object)
{
	if (listing->get->several_kinds)
		buf_addf(out, "%s/", listing->target->kind->singular);
	buf_adds(out, json_text(json_get(object, "metadata", "name")));
}

static void add_cell(struct buf *out, const struct get_column *column, struct get_cell *cell)
{
	autofree char *path = NULL;
	autobuf text = BUF_INIT;

	if (column->fields)
		path = xstrndup(column->fields, strcspn(column->fields, " "));
	cell->path = path;
	if (column->cell)
		column->cell(&text, cell);
	else
		buf_adds(&text, json_text(get_value_at(cell->object, path)));
	if (text.len == 0 && !(column->flags & COLUMN_EMPTY))
		buf_addc(&text, '-');
	/* A zero byte inside a text would look like its end. */
	buf_adds(out, text.ptr);
}

static void add_row(struct listing *listing, struct json_object *object, struct buf *out)
{
	const struct get *get = listing->get;
	struct state_reading reading;
	struct get_cell cell = {
		.kind = listing->target->kind,
		.object = object,
		.now = get->app->kube->now,
	};
	enum app_style style = STYLE_PLAIN;

	if (listing->view->has_state) {
		object_state_read(cell.kind, object, cell.now, &reading);
		cell.reading = &reading;
		style = get_state_style(reading.state);
	} else if (listing->view->style) {
		style = listing->view->style(&cell);
	}
	buf_addc(out, (char)style);
	if (get->show_namespace) {
		buf_adds(out, json_text(json_get(object, "metadata", "namespace")));
		buf_addc(out, '\0');
	}
	add_name(out, listing, object);
	buf_addc(out, '\0');
	for (size_t i = 0; i < listing->column_count; i++) {
		add_cell(out, listing->columns[i], &cell);
		buf_addc(out, '\0');
	}
	for (size_t i = 0; i < get->opts->label_columns.len; i++) {
		buf_adds(out, json_text(json_get(object, "metadata", "labels",
				      get->opts->label_columns.items[i])));
		buf_addc(out, '\0');
	}
	if (get->opts->show_labels) {
		add_labels(out, json_get(object, "metadata", "labels"));
		buf_addc(out, '\0');
	}
}

/* Give the encoded rows to the table. */
static void flush_rows(struct listing *listing)
{
	size_t count = total_columns(listing);
	const char **cells = xcalloc(count, sizeof(*cells));
	const char *at = listing->rows.ptr;

	while (at < listing->rows.ptr + listing->rows.len) {
		enum app_style style = (enum app_style) * at++;

		for (size_t i = 0; i < count; i++) {
			cells[i] = at;
			at += strlen(at) + 1;
		}
		table_add(listing->table, cells, style, listing->style_column);
	}
	buf_reset(&listing->rows);
	free(cells);
}

static void take_row(struct listing *listing, struct json_object *object)
{
	add_row(listing, object, &listing->rows);
	listing->shown++;
	if (listing->direct)
		flush_rows(listing);
}

static int on_object(struct kube_request *request, struct json_object *object, struct error *err)
{
	struct listing *listing = request->ctx;

	(void)err;
	if (request->restarted && !listing->restarted) {
		listing->restarted = true;
		listing->shown = 0;
		buf_reset(&listing->rows);
	}
	if (!get_name_wanted(listing->target, json_str(object, "metadata", "name")) ||
		!get_state_wanted(listing->get, listing->target->kind, object))
		return 0;
	take_row(listing, object);
	return 0;
}

/* ---- sorted */

struct sorting {
	struct listing *listing;
	struct get_sorter *sorter;
};

static int on_sorted_item(
	struct kube_request *request, const char *json, size_t len, struct error *err)
{
	struct sorting *sorting = request->ctx;

	return get_sorter_add(
		sorting->sorter, sorting->listing->get, sorting->listing->target, json, len, err);
}

static int take_sorted(struct listings *listings, struct get *get, struct error *err)
{
	bool complete = true;

	for (size_t i = 0; i < listings->count; i++)
		complete &= listings->items[i].list.request.error.kind == ERROR_NONE;
	if (get_sorter_sort(&listings->sorter, get, complete, err) < 0)
		return -1;
	for (size_t i = 0; i < listings->sorter.len; i++) {
		const struct get_sorted *item = &listings->sorter.items[i];
		autojson struct json_object *object = NULL;

		if (json_parse(item->json, item->len, &object, err) < 0)
			return -1;
		/* Targets and listings go side by side. */
		take_row(&listings->items[item->target - get->targets], object);
	}
	return 0;
}

/* ---- the run */

static void listing_init(struct listing *listing, struct get *get, size_t index)
{
	autostrv fields = STRV_INIT;

	listing->get = get;
	listing->target = &get->targets[index];
	listing->view = get_view_of(listing->target->kind);
	listing->rows = (struct buf)BUF_INIT;
	get_list_init(get, listing->target, &listing->list);
	choose_columns(listing);
	for (size_t i = 0; i < listing->column_count; i++)
		if (listing->columns[i]->flags & COLUMN_STYLED)
			listing->style_column = get->show_namespace + 1 + i;
	get_view_fields(get, listing->view, &fields);
	listing->projection = projection_new((const char *const *)fields.items);
}

static void listings_init(struct listings *listings, struct get *get)
{
	size_t total = 0;

	listings->items = xcalloc(get->count, sizeof(*listings->items));
	listings->count = get->count;
	for (size_t i = 0; i < get->count; i++) {
		listing_init(&listings->items[i], get, i);
		total += total_columns(&listings->items[i]);
	}
	listings->columns = xcalloc(total, sizeof(*listings->columns));
}

/* Kinds that follow each other with the same columns share a table. */
static void share_tables(struct listings *listings, struct get *get, struct strv *headings)
{
	bool alone = listings->count == 1 && get->opts->chunk_size == 0;
	struct table_column *columns = listings->columns;

	for (size_t i = 0; i < listings->count; i++) {
		struct listing *listing = &listings->items[i];

		listing->direct = alone || get->sort;
		if (i > 0 && same_columns(listing, listing - 1)) {
			listing->table = listing[-1].table;
			continue;
		}
		fill_columns(listing, columns, headings);
		listing->table = table_new(columns, total_columns(listing));
		columns += total_columns(listing);
	}
}

static void listings_clear(struct listings *listings)
{
	for (size_t i = 0; i < listings->count; i++) {
		struct listing *listing = &listings->items[i];

		if (i + 1 == listings->count || listing[1].table != listing->table)
			table_free(listing->table);
		kind_list_clear(&listing->list);
		projection_free(listing->projection);
		buf_clear(&listing->rows);
	}
	free(listings->items);
	free(listings->columns);
	get_sorter_clear(&listings->sorter);
}

static int run_lists(struct listings *listings, struct get *get, struct error *err)
{
	struct kind_list **lists = xcalloc(listings->count, sizeof(struct kind_list *));
	struct sorting *sortings = xcalloc(listings->count, sizeof(*sortings));
	int result;

	for (size_t i = 0; i < listings->count; i++) {
		struct kube_request *request = &listings->items[i].list.request;

		sortings[i] = (struct sorting){&listings->items[i], &listings->sorter};
		lists[i] = &listings->items[i].list;
		request->ctx = get->sort ? (void *)&sortings[i] : (void *)&listings->items[i];
		if (get->sort) {
			request->on_item = on_sorted_item;
			continue;
		}
		request->on_object = on_object;
		request->fields = listings->items[i].projection;
	}
	result = kind_lists_run(get->app->kube, lists, listings->count, err);
	if (result == 0 && get->sort)
		result = take_sorted(listings, get, err);
	free(lists);
	free(sortings);
	return result;
}

static void print_tables(struct listings *listings, struct get *get)
{
	bool any = false;

	for (size_t i = 0; i < listings->count; i++) {
		struct listing *listing = &listings->items[i];

		flush_rows(listing);
		if (i + 1 < listings->count && listing[1].table == listing->table)
			continue;
		if (table_rows(listing->table) == 0)
			continue;
		if (any)
			fputc('\n', get->app->out);
		table_print(listing->table, get->app, !get->opts->no_headers, 0);
		any = true;
	}
}

int get_tables(struct get *get, struct error *err)
{
	struct listings listings = {.sorter = GET_SORTER_INIT};
	autostrv headings = STRV_INIT;
	struct get_outcome *outcomes = xcalloc(get->count, sizeof(*outcomes));
	int result;

	listings_init(&listings, get);
	share_tables(&listings, get, &headings);
	result = run_lists(&listings, get, err);
	app_progress_end(get->app);
	if (result == 0)
		print_tables(&listings, get);
	for (size_t i = 0; i < listings.count; i++) {
		struct listing *listing = &listings.items[i];

		error_move(&outcomes[i].error, &listing->list.request.error);
		outcomes[i].not_installed = listing->list.not_installed;
		outcomes[i].shown = listing->shown;
	}
	if (result == 0)
		result = get_conclude(get, outcomes, err);
	for (size_t i = 0; i < get->count; i++)
		error_clear(&outcomes[i].error);
	free(outcomes);
	listings_clear(&listings);
	return result;
}
