/* SPDX-License-Identifier: Apache-2.0 */
/* One line on the terminal: what, how much of how much, how fast, how long still. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/os.h"
#include "base/time.h"
#include "plugin/create.h"
#include "plugin/text.h"

#define ERR_FD 2
#define EVERY_MS 100
#define ERASE_LINE "\r\033[K"

/* True where it is time for the line again. */
static bool is_due(struct create *create, const char *what)
{
	struct create_rate *rate = &create->rate;
	int64_t now = time_monotonic();

	if (!create->app->progress)
		return false;
	if (rate->what != what)
		*rate = (struct create_rate){.what = what, .began = now};
	if (now - rate->shown < EVERY_MS)
		return false;
	rate->shown = now;
	return true;
}

static void show(struct app *app, const char *line)
{
	int width = os_terminal_width(ERR_FD);
	autobuf safe = BUF_INIT;
	autobuf cut = BUF_INIT;

	text_cell(&safe, line);
	text_cut(&cut, safe.ptr, width > 1 ? (size_t)width - 1 : 79);
	fprintf(app->err, ERASE_LINE "%s", cut.ptr);
	fflush(app->err);
	app->progress_shown = true;
	app->waiting_since = time_monotonic();
}

/* ", 3.1 MiB/s, 12s left": from `done` of `total` (0: not known) of any unit. */
static void add_rate(struct buf *out, const struct create_rate *rate, uint64_t bytes, uint64_t done,
	uint64_t total)
{
	int64_t elapsed = rate->shown - rate->began;

	if (elapsed < 1000)
		return;
	buf_adds(out, ", ");
	text_bytes(out, bytes * 1000 / (uint64_t)elapsed);
	buf_adds(out, "/s");
	if (!done || total <= done)
		return;
	buf_adds(out, ", ");
	time_format_age(out, (int64_t)((double)elapsed * ((double)(total - done) / (double)done)));
	buf_adds(out, " left");
}

void create_on_collect(void *ctx, const struct collect_progress *progress)
{
	struct create *create = ctx;
	autobuf line = BUF_INIT;

	if (!is_due(create, progress->what))
		return;
	/* What it is comes last: on a narrow terminal the end is cut. */
	buf_addf(&line, "%zu/%zu ", progress->item, progress->items);
	if (!progress->received && progress->server_says) {
		buf_adds(&line, progress->server_says);
	} else {
		text_bytes(&line, progress->received);
		if (progress->total) {
			buf_adds(&line, " of ");
			text_bytes(&line, progress->total);
		}
		if (progress->of)
			buf_addf(&line, ", %u of %u objects", progress->objects, progress->of);
		add_rate(&line, &create->rate, progress->received,
			progress->total ? progress->received : progress->objects,
			progress->total ? progress->total : progress->of);
	}
	buf_addf(&line, ": %s", progress->what);
	show(create->app, line.ptr);
}

int create_on_write(void *ctx, uint64_t done, uint64_t total, struct error *err)
{
	struct create *create = ctx;
	autobuf line = BUF_INIT;

	create->written = total;
	if (os_interrupted())
		return error_set(err, ERROR_FAILED, "interrupted");
	if (!is_due(create, create->file))
		return 0;
	buf_addf(&line, "writing %s: ", create->file);
	text_bytes(&line, done);
	buf_adds(&line, " of ");
	text_bytes(&line, total);
	add_rate(&line, &create->rate, done, done, total);
	show(create->app, line.ptr);
	return 0;
}
