/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "plugin/describe.h"
#include "plugin/text.h"

#define GAP 3
#define LEAST 30 /* columns that a message needs beside the rest; with fewer it goes below */
#define BELOW 4  /* columns that it is indented there */

static void measure(
	const char *const *cells, size_t columns, size_t count, size_t *widths, size_t *total)
{
	*total = 0;
	for (size_t i = 0; i + 1 < columns; i++) {
		for (size_t k = 0; k < count; k++) {
			const char *cell = cells[k * columns + i];
			size_t width = cell ? text_width(cell) : 0;

			if (width > widths[i])
				widths[i] = width;
		}
		*total += widths[i] + GAP;
	}
}

static void add_cell(struct buf *line, const char *cell, size_t width)
{
	size_t start = line->len;

	text_safe(line, cell ? cell : "");
	if (text_width(line->ptr + start) < width)
		buf_fill(line, ' ', width - text_width(line->ptr + start));
	buf_fill(line, ' ', GAP);
}

void describe_rows(
	const struct describe *describe, const char *const *cells, size_t columns, size_t count)
{
	size_t width = describe->app->width > 0 ? (size_t)describe->app->width : 0;
	autofree size_t *widths = xcalloc(columns, sizeof(*widths));
	size_t total;
	bool below;

	measure(cells, columns, count, widths, &total);
	below = width && width < total + LEAST;
	for (size_t k = 0; k < count; k++) {
		const char *const *row = cells + k * columns;
		autobuf line = BUF_INIT;
		autobuf last = BUF_INIT;

		for (size_t i = 0; i + 1 < columns; i++)
			add_cell(&line, row[i], widths[i]);
		if (row[columns - 1])
			buf_adds(&last, row[columns - 1]);
		buf_trim(&last);
		if (below && last.len) {
			buf_trim(&line);
			buf_addc(&line, '\n');
			buf_fill(&line, ' ', BELOW);
		}
		text_wrap(&line, last.ptr, width, below ? BELOW : (unsigned)total);
		while (line.len && line.ptr[line.len - 1] == ' ')
			buf_truncate(&line, line.len - 1);
		fprintf(describe->app->out, "%s\n", line.ptr);
	}
}
