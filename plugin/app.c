/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <ctype.h>
#include <errno.h>

#include "base/alloc.h"
#include "base/os.h"
#include "base/time.h"
#include "bundle/snapshot.h"
#include "plugin/app.h"
#include "plugin/azure.h"
#include "plugin/text.h"
#include "plugin/version.h"

#define OUT_FD 1
#define ERR_FD 2
#define SILENCE_MS 1000
#define MAX_WARNINGS 100
#define ERASE_LINE "\r\033[K"

/* ---- streams */

/* What the environment says about the character set: the first variable that is set decides. */
static bool locale_is_utf8(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

	for (size_t i = 0; i < countof(names); i++) {
		const char *value = os_env(names[i]);
		autobuf lower = BUF_INIT;

		if (!value)
			continue;
		for (; *value; value++)
			buf_addc(&lower, (char)tolower((unsigned char)*value));
		return strstr(lower.ptr, "utf-8") || strstr(lower.ptr, "utf8");
	}
	return false;
}

static bool wants_color(const char *when, int fd)
{
	if (streq(when, "always") || streq(when, "never"))
		return streq(when, "always");
	return os_is_terminal(fd) && !os_env("NO_COLOR") && !streq(os_env("TERM"), "dumb");
}

void app_init(struct app *app, const struct globals *globals)
{
	*app = (struct app){
		.out = stdout,
		.err = stderr,
		.globals = globals,
		.target = KUBE_TARGET_INIT,
		.warned = STRV_INIT,
	};
	app->width = os_terminal_width(OUT_FD);
	app->color = wants_color(globals->color, OUT_FD);
	app->err_color = wants_color(globals->color, ERR_FD);
	app->utf8 = locale_is_utf8();
	text_set_ascii(!app->utf8);
	app->progress = os_is_terminal(ERR_FD) && !streq(os_env("TERM"), "dumb");
	app->started = time_monotonic();
	app->waiting_since = app->started;
}

int app_flush(struct app *app, struct error *err)
{
	autofree char *why = NULL;

	errno = 0;
	if (fflush(app->out) == 0 && !ferror(app->out))
		return 0;
	why = os_errno_text(errno ? errno : EIO);
	return error_set(err, ERROR_FAILED, "write: %s", why);
}

void app_clear(struct app *app)
{
	app_progress_end(app);
	strv_clear(&app->warned);
	azure_free(app->azure);
	app->azure = NULL;
	kube_free(app->kube);
	app->kube = NULL;
	kube_target_clear(&app->target);
}

/* ---- warnings and progress */

static void erase_progress(struct app *app)
{
	if (app->progress_shown)
		fputs(ERASE_LINE, app->err);
	app->progress_shown = false;
}

static void warn_text(struct app *app, const char *text)
{
	autobuf safe = BUF_INIT;

	if (app->warned.len > MAX_WARNINGS || strv_contains(&app->warned, text))
		return;
	strv_push(&app->warned, text);
	text_safe(&safe, app->warned.len > MAX_WARNINGS ? "further warnings are not shown" : text);
	erase_progress(app);
	fprintf(app->err, "%sWarning:%s %s\n", app->err_color ? "\033[33;1m" : "",
		app->err_color ? "\033[0m" : "", safe.ptr);
}

void app_warn(struct app *app, const char *format, ...)
{
	va_list args;
	autofree char *text = NULL;

	va_start(args, format);
	text = xvasprintf(format, args);
	va_end(args);
	warn_text(app, text);
}

void app_progress(struct app *app, const char *format, ...)
{
	va_list args;

	free(app->progress_text);
	va_start(args, format);
	app->progress_text = xvasprintf(format, args);
	va_end(args);
	app->waiting_since = time_monotonic();
}

void app_progress_end(struct app *app)
{
	erase_progress(app);
	free(TAKE(app->progress_text));
}

/* ---- the cluster */

static void show_progress(struct app *app, int64_t waited_ms)
{
	const char *what = app->progress_text ? app->progress_text : app_place(app);
	int width = os_terminal_width(ERR_FD);
	autobuf line = BUF_INIT;
	autobuf safe = BUF_INIT;
	autobuf cut = BUF_INIT;

	buf_addf(&line, "waiting %llds for %s", (long long)(waited_ms / 1000), what);
	text_cell(&safe, line.ptr);
	/* One column stays free, or some terminals begin a new line. */
	text_cut(&cut, safe.ptr, width > 1 ? (size_t)width - 1 : 79);
	fprintf(app->err, ERASE_LINE "%s", cut.ptr);
	fflush(app->err);
	app->progress_shown = true;
}

int app_tick(void *ctx, struct error *err)
{
	struct app *app = ctx;
	int64_t waited = time_monotonic() - app->waiting_since;

	if (os_interrupted())
		return error_set(err, ERROR_FAILED, "interrupted");
	if (app->progress && waited >= SILENCE_MS)
		show_progress(app, waited);
	return 0;
}

static void on_warning(void *ctx, const char *text)
{
	warn_text(ctx, text);
}

const char *app_place(const struct app *app)
{
	return app->globals->bundle ? app->globals->bundle : app->target.server;
}

/* The second implementation of the seam, which no command tells from the first. */
static int open_bundle(struct app *app, struct error *err)
{
	const char *path = app->globals->bundle;
	const char *namespace = app->globals->kube.namespace;
	autobuf moment = BUF_INIT;

	if (kube_file_new(path, &app->globals->bundle_parts, &app->kube, err) < 0)
		return -1;
	if (str_set(namespace))
		app->kube->namespace = namespace;
	time_format_utc(&moment, app->kube->now);
	fprintf(app->err, "from bundle %s, as of %s\n", path, moment.ptr);
	return 0;
}

static int open_live(struct app *app, struct error *err)
{
	if (kube_target_resolve(&app->globals->kube, &app->target, err) < 0)
		return -1;
	app->kube = kube_live_new(&app->target, version_user_agent());
	return 0;
}

int app_open_kube(struct app *app, struct error *err)
{
	if (app->kube)
		return 0;
	if ((app->globals->bundle ? open_bundle(app, err) : open_live(app, err)) < 0)
		return -1;
	os_interrupt_watch();
	app->kube->tick = app_tick;
	app->kube->tick_ctx = app;
	app->kube->on_warning = on_warning;
	app->kube->warning_ctx = app;
	app->waiting_since = time_monotonic();
	return 0;
}

/* ---- styles */

const char *app_style(const struct app *app, enum app_style style)
{
	static const char *const sequences[] = {
		[STYLE_PLAIN] = "",
		[STYLE_GOOD] = "\033[32m",
		[STYLE_BAD] = "\033[31m",
		[STYLE_WARN] = "\033[33m",
		[STYLE_DIM] = "\033[2m",
		[STYLE_BOLD] = "\033[1m",
	};

	return app->color ? sequences[style] : "";
}

const char *app_style_end(const struct app *app)
{
	return app->color ? "\033[0m" : "";
}
