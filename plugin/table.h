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
#include "plugin/text.h"

struct table_column {
	const char *heading; /* upper case */
	bool flexible;       /* may be cut with "…" to fit; the last column unless said */
	bool right;          /* numbers */
};

struct table;
struct table *table_new(const struct table_column *columns, size_t count);
void table_free(struct table *table);
void table_free_pointer(struct table **slot);
/*
 * Append a row of as many cells as there are columns (copied and made safe as by text_cell(); NULL
 * is an empty cell). `style` colours the cell `style_column`.
 */
void table_add(
	struct table *table, const char *const *cells, enum app_style style, size_t style_column);
size_t table_rows(const struct table *table);
/* Print to app->out in the order of table_add(), each line after `indent` spaces. Columns are three
 * spaces apart and at least six wide, as kubectl's; the last is not padded. */
void table_print(const struct table *table, const struct app *app, bool headings, unsigned indent);
#endif
