/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <ctype.h>

#include "base/alloc.h"
#include "plugin/table.h"

#define GAP 3 /* between columns, and the least width: kubectl's */
#define MIN_COLUMN 6
#define NARROW_GAP 2    /* before anything is cut */
#define MIN_FLEXIBLE 16 /* columns that a cut text keeps at least */
#define NARROW 80       /* terminals below this show what does not fit as lines */

struct row {
	char *cells; /* terminated texts one after another; owned */
	enum app_style style;
	size_t style_column;
};

struct table {
	const struct table_column *columns; /* borrowed */
	size_t count;
	size_t *widths; /* widest cell of each column, without the heading */
	struct row *rows;
	size_t len, cap;
};

/* How one printing is laid out. */
struct layout {
	size_t *widths; /* of texts, without gaps; owned */
	size_t gap, min_column;
	size_t excess; /* display columns that do not fit */
	unsigned indent;
};

struct table *table_new(const struct table_column *columns, size_t count)
{
	struct table *table = xcalloc(1, sizeof(*table));

	table->columns = columns;
	table->count = count;
	table->widths = xcalloc(count, sizeof(*table->widths));
	return table;
}

void table_free(struct table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->len; i++)
		free(table->rows[i].cells);
	free(table->rows);
	free(table->widths);
	free(table);
}

void table_free_pointer(struct table **slot)
{
	table_free(*slot);
}

void table_add(
	struct table *table, const char *const *cells, enum app_style style, size_t style_column)
{
	autobuf text = BUF_INIT;

	for (size_t i = 0; i < table->count; i++) {
		size_t start = text.len;
		size_t width;

		text_cell(&text, cells[i] ? cells[i] : "");
		width = text_width(text.ptr + start);
		if (width > table->widths[i])
			table->widths[i] = width;
		buf_addc(&text, '\0');
	}
	if (table->len == table->cap) {
		table->cap = table->cap ? table->cap * 2 : 16;
		table->rows = xreallocarray(table->rows, table->cap, sizeof(*table->rows));
	}
	char *copy = xmalloc(text.len + 1);

	memcpy(copy, text.ptr, text.len + 1);
	table->rows[table->len++] = (struct row){copy, style, style_column};
}

size_t table_rows(const struct table *table)
{
	return table->len;
}

/* ---- layout */

static bool is_flexible(const struct table *table, size_t column)
{
	bool any = false;

	for (size_t i = 0; i < table->count; i++)
		any |= table->columns[i].flexible;
	return any ? table->columns[column].flexible : column + 1 == table->count;
}

/* Display columns from the start of a column to the start of the next. */
static size_t pitch(const struct table *table, const struct layout *layout, size_t column)
{
	size_t width = layout->widths[column];

	if (column + 1 == table->count)
		return width;
	width += layout->gap;
	return width < layout->min_column ? layout->min_column : width;
}

static void measure(const struct table *table, struct layout *layout, size_t width)
{
	size_t total = layout->indent;

	for (size_t i = 0; i < table->count; i++)
		total += pitch(table, layout, i);
	layout->excess = total > width ? total - width : 0;
}

/* Take display columns from the widest flexible columns until all fits or each is down to `least`.
 */
static void shrink(const struct table *table, struct layout *layout, size_t least)
{
	while (layout->excess > 0) {
		size_t widest = table->count;

		for (size_t i = 0; i < table->count; i++) {
			if (!is_flexible(table, i) || layout->widths[i] <= least)
				continue;
			if (widest == table->count || layout->widths[i] > layout->widths[widest])
				widest = i;
		}
		if (widest == table->count)
			return;
		layout->widths[widest]--;
		layout->excess--;
	}
}

static void layout_init(
	struct layout *layout, const struct table *table, bool headings, size_t width)
{
	layout->widths = xcalloc(table->count, sizeof(*layout->widths));
	for (size_t i = 0; i < table->count; i++) {
		size_t heading = headings ? text_width(table->columns[i].heading) : 0;
		size_t cells = table->widths[i];

		layout->widths[i] = cells > heading ? cells : heading;
	}
	layout->gap = GAP;
	layout->min_column = MIN_COLUMN;
	if (width == 0)
		return;
	measure(table, layout, width);
	if (layout->excess == 0)
		return;
	layout->gap = NARROW_GAP;
	layout->min_column = 0;
	measure(table, layout, width);
	shrink(table, layout, MIN_FLEXIBLE);
}

/* ---- printing */

/* Append one cell, `pitch` columns wide, coloured if a style is given. */
static void add_cell(
	struct buf *out, const char *text, size_t width, bool right, const char *const style[2])
{
	autobuf cut = BUF_INIT;
	size_t used = text_width(text);

	if (used > width) {
		text_cut(&cut, text, width);
		text = cut.ptr;
		used = text_width(text);
	}
	if (right && used < width)
		buf_fill(out, ' ', width - used);
	buf_adds(out, style[0]);
	buf_adds(out, text);
	buf_adds(out, style[1]);
	if (!right && used < width)
		buf_fill(out, ' ', width - used);
}

static void trim_end(struct buf *line)
{
	while (line->len > 0 && line->ptr[line->len - 1] == ' ')
		buf_truncate(line, line->len - 1);
}

static void print_line(const struct table *table, const struct layout *layout,
	const struct app *app, const struct row *row)
{
	autobuf line = BUF_INIT;
	const char *cell = row ? row->cells : NULL;

	buf_fill(&line, ' ', layout->indent);
	for (size_t i = 0; i < table->count; i++) {
		const char *style[2] = {"", ""};
		size_t column = pitch(table, layout, i);
		size_t width = layout->widths[i];

		if (row && row->style_column == i && row->style != STYLE_PLAIN) {
			style[0] = app_style(app, row->style);
			style[1] = app_style_end(app);
		}
		if (table->columns[i].right && i + 1 < table->count)
			width = column - layout->gap;
		add_cell(&line, cell ? cell : table->columns[i].heading, width,
			table->columns[i].right, style);
		buf_fill(&line, ' ', column - width);
		if (cell)
			cell += strlen(cell) + 1;
	}
	trim_end(&line);
	fprintf(app->out, "%s\n", line.ptr);
}

/* "name:   podinfo", one line a cell that is not empty. */
static void print_record(const struct table *table, const struct layout *layout,
	const struct app *app, const struct row *row)
{
	const char *cell = row->cells;
	size_t widest = 0;

	for (size_t i = 0; i < table->count; i++)
		if (text_width(table->columns[i].heading) > widest)
			widest = text_width(table->columns[i].heading);
	for (size_t i = 0; i < table->count; i++, cell += strlen(cell) + 1) {
		autobuf line = BUF_INIT;
		bool styled = row->style_column == i && row->style != STYLE_PLAIN;
		unsigned indent = layout->indent + (unsigned)widest + 2;

		if (!*cell)
			continue;
		buf_fill(&line, ' ', layout->indent);
		for (const char *letter = table->columns[i].heading; *letter; letter++)
			buf_addc(&line, (char)tolower((unsigned char)*letter));
		buf_addc(&line, ':');
		buf_fill(&line, ' ', indent - (unsigned)text_width(line.ptr));
		if (styled)
			buf_adds(&line, app_style(app, row->style));
		text_wrap(&line, cell, (size_t)app->width, indent);
		if (styled)
			buf_adds(&line, app_style_end(app));
		fprintf(app->out, "%s\n", line.ptr);
	}
}

void table_print(const struct table *table, const struct app *app, bool headings, unsigned indent)
{
	size_t width = app->width > 0 ? (size_t)app->width : 0;
	struct layout layout = {.indent = indent};

	layout_init(&layout, table, headings, width);
	if (layout.excess > 0 && width < NARROW) {
		for (size_t i = 0; i < table->len; i++) {
			if (i > 0)
				fputc('\n', app->out);
			print_record(table, &layout, app, &table->rows[i]);
		}
	} else {
		if (headings)
			print_line(table, &layout, app, NULL);
		for (size_t i = 0; i < table->len; i++)
			print_line(table, &layout, app, &table->rows[i]);
	}
	free(layout.widths);
}
