/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "plugin/help.h"
#include "plugin/options.h"
#include "plugin/text.h"

#define DEFAULT_WIDTH 80
#define MAX_WIDTH 100 /* longer lines are hard to read */
#define MAX_HEAD 34   /* an option whose name is wider has its text on the next line */
#define MAX_STATUS 7

/* clang-format off */
const struct help_variable help_variables[] = {
	{"COLUMNS", "width of the terminal, in place of what it says itself"},
	{"HTTPS_PROXY, HTTP_PROXY, NO_PROXY", "proxies for the API server, unless --proxy-url or the kubeconfig names one"},
	{"KUBECONFIG", "kubeconfig files, separated by colons, in place of ~/.kube/config"},
	{"LC_ALL, LC_CTYPE, LANG", "whether the terminal shows UTF-8"},
	{"NO_COLOR", "no colours, whatever it is set to"},
	{"TERM", "no colours and no progress line if it is 'dumb'"},
	{NULL, NULL},
};
/* clang-format on */

static void add_line(struct buf *out, const char *text)
{
	buf_adds(out, text);
	buf_addc(out, '\n');
}

/* Two columns, the second wrapped and begun at column `at`. */
static void add_pair(struct buf *out, const char *head, const char *text, size_t at, size_t width)
{
	size_t used = 2 + text_width(head);

	buf_addf(out, "  %s", head);
	if (used + 2 > at) {
		buf_addc(out, '\n');
		used = 0;
	}
	buf_fill(out, ' ', at - used);
	text_wrap(out, text, width, (unsigned)at);
	buf_addc(out, '\n');
}

/* ---- options */

void help_option_head(struct buf *out, const struct option *option)
{
	option_title(option, out);
	if (option->type == OPTION_SWITCH)
		buf_adds(out, "[=false]");
	else if (option->value && option->type != OPTION_ALIAS)
		buf_addf(out,
			option->type == OPTION_WORDS      ? " %s..."
			: option->type == OPTION_OPTIONAL ? "[=%s]"
							  : "=%s",
			option->value);
}

static void add_choices(struct buf *out, const char *words)
{
	autostrv list = STRV_INIT;

	strv_split(&list, words, " ", false);
	buf_adds(out, " (");
	for (size_t i = 0; i < list.len; i++) {
		if (i > 0)
			buf_adds(out, i + 1 == list.len ? " or " : ", ");
		buf_adds(out, list.items[i]);
	}
	buf_addc(out, ')');
}

/* Are all the words already in the help text? */
static bool names_choices(const char *help, const char *words)
{
	autostrv list = STRV_INIT;

	strv_split(&list, words, " ", false);
	for (size_t i = 0; i < list.len; i++)
		if (!strstr(help, list.items[i]))
			return false;
	return true;
}

void help_option_text(struct buf *out, const struct option *option)
{
	buf_adds(out, option->help);
	if (option->one_of && !names_choices(option->help, option->one_of))
		add_choices(out, option->one_of);
}

void help_options(struct buf *out, const struct option *options, size_t width)
{
	size_t widest = 0;

	for (const struct option *option = options; option->name; option++) {
		autobuf head = BUF_INIT;
		size_t columns;

		help_option_head(&head, option);
		columns = text_width(head.ptr) + (option->letter ? 0 : 4);
		if (columns > widest && columns <= MAX_HEAD)
			widest = columns;
	}
	for (const struct option *option = options; option->name; option++) {
		autobuf head = BUF_INIT;
		autobuf text = BUF_INIT;

		if (!option->letter)
			buf_adds(&head, "    ");
		help_option_head(&head, option);
		help_option_text(&text, option);
		add_pair(out, head.ptr, text.ptr, widest + 4, width);
	}
}

/* ---- commands */

void help_usage(struct buf *out, const struct command *command)
{
	buf_addf(out, "kubectl flux-arc %s", command->name);
	if (command->args)
		buf_addf(out, " %s", command->args);
	buf_adds(out, " [flags]");
}

/* As a shell's comment, "# " before each line. */
static void add_comment(struct buf *out, const char *text, size_t width)
{
	autobuf wrapped = BUF_INIT;
	autostrv lines = STRV_INIT;

	text_wrap(&wrapped, text, width, 4);
	strv_split(&lines, wrapped.ptr, "\n", false);
	for (size_t i = 0; i < lines.len; i++)
		buf_addf(out, "  # %s\n", lines.items[i] + strspn(lines.items[i], " "));
}

static void add_examples(struct buf *out, const struct command *command, size_t width)
{
	const struct example *example = command->examples;

	if (!example || !example->command)
		return;
	add_line(out, "\nExamples:");
	for (; example->command; example++) {
		if (example != command->examples)
			buf_addc(out, '\n');
		add_comment(out, example->text, width);
		buf_addf(out, "  kubectl flux-arc %s\n", example->command);
	}
}

void help_command(struct buf *out, const struct command *command, size_t width)
{
	buf_adds(out, "Usage: ");
	help_usage(out, command);
	buf_adds(out, "\n\n");
	text_wrap(out, command->summary, width, 0);
	add_line(out, ".");
	if (command->description) {
		buf_addc(out, '\n');
		text_wrap(out, command->description, width, 0);
		buf_addc(out, '\n');
	}
	if (command->options && command->options->name) {
		add_line(out, "\nOptions:");
		help_options(out, command->options, width);
	}
	add_examples(out, command, width);
	add_line(out, "\nGlobal options: kubectl flux-arc help options");
}

static void add_commands(struct buf *out, size_t width)
{
	size_t widest = 0;

	for (size_t i = 0; commands[i]; i++)
		if (!(commands[i]->needs & HIDDEN) && strlen(commands[i]->name) > widest)
			widest = strlen(commands[i]->name);
	for (size_t i = 0; commands[i]; i++)
		if (!(commands[i]->needs & HIDDEN))
			add_pair(out, commands[i]->name, commands[i]->summary, widest + 5, width);
}

void help_overview(struct buf *out, size_t width)
{
	size_t widest = 0;

	add_line(out, HELP_TAGLINE ".");
	add_line(out, "\nUsage: kubectl flux-arc COMMAND [flags]\n\nCommands:");
	add_commands(out, width);
	add_line(out, "\nHelp on other things:");
	for (const struct help_topic *topic = help_topics; topic->name; topic++)
		if (strlen(topic->name) > widest)
			widest = strlen(topic->name);
	for (const struct help_topic *topic = help_topics; topic->name; topic++)
		add_pair(out, topic->name, topic->summary, widest + 5, width);
	add_line(out, "\nMore on a command or a topic: kubectl flux-arc help NAME");
}

/* ---- topics */

void help_exit_statuses(void (*row)(void *ctx, int status, const char *text), void *ctx)
{
	static const struct {
		int status;
		const char *text;
	} kinds[] = {
#define X(name, status, text) {status, text},
		ERROR_KINDS(X)
#undef X
	};

	for (int status = 0; status < MAX_STATUS; status++) {
		autobuf text = BUF_INIT;

		for (size_t i = 0; i < countof(kinds); i++) {
			if (kinds[i].status != status)
				continue;
			if (text.len > 0)
				buf_adds(&text, strchr(text.ptr, ':') ? ", " : ": ");
			buf_adds(&text, kinds[i].text);
		}
		if (text.len > 0)
			row(ctx, status, text.ptr);
	}
}

struct page {
	struct buf *out;
	size_t width;
};

static void add_status(void *ctx, int status, const char *text)
{
	struct page *page = ctx;
	char head[2] = {(char)('0' + status), '\0'};

	add_pair(page->out, head, text, 5, page->width);
}

static void write_statuses(struct buf *out, size_t width)
{
	struct page page = {out, width};

	add_line(out, "Exit status:");
	help_exit_statuses(add_status, &page);
}

static void write_variables(struct buf *out, size_t width)
{
	add_line(out, "Environment variables:");
	for (const struct help_variable *variable = help_variables; variable->name; variable++)
		add_pair(out, variable->name, variable->text, 15, width);
}

static void write_options(struct buf *out, size_t width)
{
	add_line(out, "Options of every command, before or after its name:");
	help_options(out, global_options, width);
}

const struct help_topic help_topics[] = {
	{"options", "Options of every command", write_options},
	{"exit-status", "What the exit status says", write_statuses},
	{"environment", "Environment variables that are read", write_variables},
	{NULL, NULL, NULL},
};

/* ---- showing */

size_t help_width(const struct app *app)
{
	if (app->width <= 0)
		return DEFAULT_WIDTH;
	return app->width > MAX_WIDTH ? MAX_WIDTH : (size_t)app->width;
}

int help_show(struct app *app, const struct command *command)
{
	autobuf text = BUF_INIT;

	if (command)
		help_command(&text, command, help_width(app));
	else
		help_overview(&text, help_width(app));
	fputs(text.ptr, app->out);
	return 0;
}
