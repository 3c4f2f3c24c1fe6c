/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a running command has: its streams, the global options, the cluster when it needs one, and
 * the terminal's measures. Answers go to `out` alone; warnings and progress to `err`.
 */
#ifndef PLUGIN_APP_H
#define PLUGIN_APP_H

#include <stdio.h>

#include "base/base.h"
#include "base/error.h"
#include "kube/kube.h"
#include "plugin/globals.h"

struct azure;

struct app {
	FILE *out, *err;
	const struct globals *globals;
	struct kube_target target;
	struct kube *kube;   /* set when the command NEEDS_KUBE */
	struct azure *azure; /* set when the command NEEDS_ARM; owned */
	int width;           /* columns of the terminal that `out` is; 0: not a terminal, nothing is
			      cut or wrapped */
	bool color;          /* on `out` */
	bool err_color;      /* on `err` */
	bool utf8;           /* the locale's character set, for "└" */
	bool progress;       /* `err` is a terminal */
	struct strv warned;  /* warnings already shown */
	int64_t started;     /* time_monotonic() */
	int64_t waiting_since; /* time_monotonic() of the last sign of life */
	bool progress_shown;   /* the line is on the terminal now */
	char *progress_text;   /* what is waited for: "listing 14 kinds on flux-demo-arc"; NULL:
				   nothing */
};

/* Look at the streams and the environment (NO_COLOR, TERM, the locale). `globals` is borrowed. */
void app_init(struct app *app, const struct globals *globals);
/* Resolve the target and make the client (nothing is sent yet), or read a bundle's index. From here on
 * Ctrl-C ends kube_run() with an error first. */
int app_open_kube(struct app *app, struct error *err) MUST_CHECK;
/* Where answers come from: the server's URL, the bundle's file. */
const char *app_place(const struct app *app);
/* Write out what is buffered: fails if the answer could not be written in full. */
int app_flush(struct app *app, struct error *err) MUST_CHECK;
void app_clear(struct app *app);
/* "Warning: TEXT" on stderr, each text once, made safe for a terminal. */
void app_warn(struct app *app, const char *format, ...) PRINTF(2, 3);
/*
 * Say what is waited for: shown on a terminal after one second of silence. A command calls
 * app_progress_end() before its answer, else the line is still there when the answer comes.
 */
void app_progress(struct app *app, const char *format, ...) PRINTF(2, 3);
void app_progress_end(struct app *app);
/* The `tick` of whatever takes long, with the app as its ctx: shows what is waited for, and fails after
 * a Ctrl-C (os_interrupt_watch() is the caller's). */
int app_tick(void *ctx, struct error *err) MUST_CHECK;

enum app_style {
	STYLE_PLAIN,
	STYLE_GOOD,
	STYLE_BAD,
	STYLE_WARN,
	STYLE_DIM,
	STYLE_BOLD
};
/* The escape sequence to begin a style, "" without colour; app_style_end() ends it. */
const char *app_style(const struct app *app, enum app_style style);
const char *app_style_end(const struct app *app);

#endif
