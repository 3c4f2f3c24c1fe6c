/* SPDX-License-Identifier: Apache-2.0 */
/* What is not ready, each cause with what waits for it. */
#include "base/base.h"

#include "base/alloc.h"
#include "plugin/status.h"
#include "plugin/text.h"

#define MAX_ROOTS 10
#define MAX_CHILDREN 5
#define MAX_LINES 4     /* of one message */
#define STATE_COLUMN 61 /* where states begin, if the name is not longer */
#define MAX_INDENT 40   /* deeper than this nothing is indented further */
#define MAX_DEPTH 500   /* deeper than this nothing is shown: a chain that nobody reads */

/* Append `text` wrapped behind `indent`, at most MAX_LINES of it. */
static void print_text(const struct status *status, const char *text, unsigned indent, bool cut)
{
	autobuf wrapped = BUF_INIT;
	autobuf trimmed = BUF_INIT;
	const char *at;
	size_t lines = 0;
	size_t rest = 0;

	buf_adds(&trimmed, text);
	buf_trim(&trimmed);
	text_wrap(&wrapped, trimmed.ptr, (size_t)status->app->width, indent);
	fprintf(status->app->out, "%*s", (int)indent, "");
	for (at = wrapped.ptr; *at; at++) {
		if (*at == '\n' && ++lines == MAX_LINES && cut)
			break;
		fputc(*at, status->app->out);
	}
	for (; *at; at++)
		rest += *at == '\n';
	fputc('\n', status->app->out);
	if (!rest)
		return;
	fprintf(status->app->out, "%*s%s ", (int)indent, "", status->app->utf8 ? "…" : "...");
	autobuf count = BUF_INIT;
	look_count(&count, rest, "more line");
	fprintf(status->app->out, "%s: -o wide\n", count.ptr);
}

static void print_details(
	const struct status *status, const struct graph_node *node, unsigned indent)
{
	const char *message = look_message(node);
	autostrv remarks = STRV_INIT;
	autobuf command = BUF_INIT;

	if (str_set(message))
		print_text(status, message, indent, !status->look.wide);
	look_remarks(&status->look, node, &remarks);
	for (size_t i = 0; i < remarks.len; i++)
		print_text(status, remarks.items[i], indent, false);
	look_command(&status->look, node, &command);
	if (command.len)
		fprintf(status->app->out, "%*s%s\n", (int)indent, "", command.ptr);
}

static void print_title(const struct status *status, const struct graph_node *node, unsigned depth)
{
	const struct app *app = status->app;
	autobuf line = BUF_INIT;
	autobuf name = BUF_INIT;
	autobuf state = BUF_INIT;
	size_t width;

	buf_fill(&line, ' ', (size_t)depth * 2);
	if (depth)
		buf_adds(&line, app->utf8 ? "└ " : "- ");
	look_ref(&name, &node->ref);
	text_safe(&line, name.ptr);
	width = text_width(line.ptr);
	look_state(&status->look, node, &state);
	if (app->width > 0 && app->width < 100)
		buf_adds(&line, "  ");
	else
		buf_fill(&line, ' ', width + 2 > STATE_COLUMN ? 2 : STATE_COLUMN - width);
	buf_adds(&line, app_style(app, look_style(node->state)));
	text_safe(&line, state.ptr);
	fprintf(app->out, "%s%s\n", line.ptr, app_style_end(app));
}

static void print_rest(const struct status *status, const struct graph_node *node, unsigned depth)
{
	size_t rest = 0;
	const char *kind = node->ref.kind;
	autobuf text = BUF_INIT;

	for (const struct graph_node *other = node; other; other = other->next) {
		rest += 1 + other->waiting;
		if (!streq(kind, other->ref.kind) || other->waiting)
			kind = "object";
	}
	look_count(&text, rest, kind);
	fprintf(status->app->out, "%*sand %.*s more %s\n", (int)(depth * 2 + 2), "",
		(int)strcspn(text.ptr, " "), text.ptr, strchr(text.ptr, ' ') + 1);
}

static void print_node(
	const struct status *status, const struct graph_node *node, unsigned depth, size_t *budget)
{
	unsigned shown = depth > MAX_INDENT ? MAX_INDENT : depth;

	print_title(status, node, shown);
	print_details(status, node, shown * 2 + (depth ? 2 : 0) + 4);
	for (const struct graph_node *child = node->first_child; child; child = child->next) {
		if ((!*budget && !status->opts->all) || depth >= MAX_DEPTH) {
			print_rest(status, child, shown + 1);
			return;
		}
		if (*budget)
			--*budget;
		print_node(status, child, depth + 1, budget);
	}
}

void status_print_causes(const struct status *status)
{
	const struct graph *graph = status->look.graph;
	size_t shown =
		status->opts->all || graph->root_count <= MAX_ROOTS ? graph->root_count : MAX_ROOTS;
	autobuf count = BUF_INIT;

	if (!graph->root_count)
		return;
	look_count(&count, graph->root_count, "cause");
	fprintf(status->app->out, "\nNot ready, %s:\n", count.ptr);
	for (size_t i = 0; i < shown; i++) {
		size_t budget = MAX_CHILDREN;

		print_node(status, graph->roots[i], 0, &budget);
	}
	if (shown == graph->root_count)
		return;
	buf_reset(&count);
	look_count(&count, graph->root_count - shown, "more cause");
	fprintf(status->app->out, "and %s: --all\n", count.ptr);
}
