/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables fitted to the terminal. Rows are cells of text; widths are display columns (wide
 * characters count two). On a terminal the flexible column gives way first; names, states and
 * commands are never cut, and below 80 columns a table that does not fit becomes "name: value"
 * lines. In a pipe nothing is cut.
 */
#ifndef PLUGIN_TABLE_H
#define PLUGIN_TABLE_H

#include "base/base.h"
#include "plugin/app.h"

struct table_column {
	const char *heading; /* upper case */
	bool flexible;       /* may be cut with "…" to fit; the last column unless said */
	bool right;          /* numbers */
};

struct table;
struct table *table_new(const struct table_column *columns, size_t count);
void table_free(struct table *table);
void table_free_pointer(struct table **slot);
/* Append a row of `count` cells (copied; NULL is an empty cell). `style` colours the cell
 * `style_column`. */
void table_add(
	struct table *table, const char *const *cells, enum app_style style, size_t style_column);
size_t table_rows(const struct table *table);
/* Sort rows by a column's text, or keep the order. */
void table_print(const struct table *table, const struct app *app, bool headings, unsigned indent);
/* Display columns of a UTF-8 text; an invalid byte counts one. */
size_t text_width(const char *text);
/* Append `text` cut to `width` display columns, with "…" if something was cut. */
void text_cut(struct buf *out, const char *text, size_t width);
/* Append `text` wrapped to `width` columns (0: not wrapped), each line after the first indented. */
void text_wrap(struct buf *out, const char *text, size_t width, unsigned indent);

#endif
