/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Help, made from the tables of commands and options; docs/gendocs.c makes the man page and
 * docs/commands from the same parts. Widths are display columns.
 */
#ifndef PLUGIN_HELP_H
#define PLUGIN_HELP_H

#include "base/base.h"
#include "base/buf.h"
#include "plugin/app.h"
#include "plugin/command.h"

#define HELP_TAGLINE "GitOps with Flux v2 on Azure Arc-enabled and AKS clusters"

/* A page of help that belongs to no command. */
struct help_topic {
	const char *name;
	const char *summary;
	void (*write)(struct buf *out, size_t width);
};
extern const struct help_topic help_topics[]; /* ends with a NULL name */

/* Print a command's help on app->out, or the overview for NULL. Returns 0. */
int help_show(struct app *app, const struct command *command);
/* Fitting the terminal; 80 where there is none. */
size_t help_width(const struct app *app);
void help_overview(struct buf *out, size_t width);
void help_command(struct buf *out, const struct command *command, size_t width);
/* "kubectl flux-arc get KIND [flags]". */
void help_usage(struct buf *out, const struct command *command);
/* "-o, --output=FORMAT". */
void help_option_head(struct buf *out, const struct option *option);
/* The option's help as a sentence, with the values that it allows. */
void help_option_text(struct buf *out, const struct option *option);
/* The options as a list of two columns. */
void help_options(struct buf *out, const struct option *options, size_t width);
/* Each exit status once, ascending, with what it stands for. */
void help_exit_statuses(void (*row)(void *ctx, int status, const char *text), void *ctx);

struct help_variable {
	const char *name; /* NULL ends the table */
	const char *text;
};
/* Environment variables that are read. */
extern const struct help_variable help_variables[];

#endif
