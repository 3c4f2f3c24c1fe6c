/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/os.h"
#include "base/time.h"
#include "plugin/meter.h"
#include "plugin/text.h"

#define ERR_FD 2
#define EVERY_MS 100
#define ERASE_LINE "\r\033[K"

void meter_begin(struct meter *meter, struct app *app)
{
	*meter = (struct meter){.app = app, .began = time_monotonic()};
}

static void add_rate(struct buf *out, int64_t elapsed_ms, uint64_t done, uint64_t total)
{
	if (elapsed_ms < 1000)
		return;
	buf_adds(out, ", ");
	text_bytes(out, done * 1000 / (uint64_t)elapsed_ms);
	buf_adds(out, "/s");
	if (!done || total <= done)
		return;
	buf_adds(out, ", ");
	time_format_age(
		out, (int64_t)((double)elapsed_ms * ((double)(total - done) / (double)done)));
	buf_adds(out, " left");
}

void meter_show(struct meter *meter, const char *what, uint64_t done, uint64_t total)
{
	struct app *app = meter->app;
	int64_t now = time_monotonic();
	int width;
	autobuf line = BUF_INIT;
	autobuf safe = BUF_INIT;
	autobuf cut = BUF_INIT;

	if (!app->progress || now - meter->shown < EVERY_MS)
		return;
	meter->shown = now;
	buf_addf(&line, "%s: ", what);
	text_bytes(&line, done);
	if (total) {
		buf_adds(&line, " of ");
		text_bytes(&line, total);
	}
	add_rate(&line, now - meter->began, done, total);
	text_cell(&safe, line.ptr);
	width = os_terminal_width(ERR_FD);
	text_cut(&cut, safe.ptr, width > 1 ? (size_t)width - 1 : 79);
	fprintf(app->err, ERASE_LINE "%s", cut.ptr);
	fflush(app->err);
	app->progress_shown = true;
	app->waiting_since = now;
}
