/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two walks over the command line. The first finds the operands, hence the command, and has to know
 * which options take a value before it knows whose options they are: therefore an option of one
 * name takes a value in all commands or in none (a unit test holds the tables to it). The second
 * reads the options of that command and the global ones.
 */
#include "base/base.h"

#include <errno.h>
#include <limits.h>

#include "base/alloc.h"
#include "base/nearest.h"
#include "plugin/options.h"
#include "plugin/options_internal.h"

#define COMPLETE_PROGRAM "kubectl_complete-flux_arc"

struct parser {
	int argc;
	char *const *argv;
	int at; /* next word to read */
	struct parsed *ret;
};

static void *field(void *base, const struct option *option)
{
	return (char *)base + option->offset;
}

/* ---- errors */

static int usage_hint(const struct command *command, const char *meant, struct error *err)
{
	autofree char *did = meant ? xasprintf("did you mean %s?\n", meant) : xstrdup("");
	const char *space = command ? " " : "";

	return error_hint(err, "%sSee 'kubectl flux-arc%s%s --help' for usage.", did, space,
		command ? command->name : "");
}

/* A hint that goes before the one how to find help. */
static int hint_mixup(const struct command *command, const char *mixup, struct error *err)
{
	return error_hint(
		err, "%s\nSee 'kubectl flux-arc %s --help' for usage.", mixup, command->name);
}

static int unknown_name(const struct command *command, const char *name, int len, struct error *err)
{
	autofree char *typed = xstrndup(name, (size_t)len);
	struct nearest nearest = {.word = typed};
	const char *mixup = options_mixup(command, typed, NULL);
	autofree char *meant = NULL;

	for (const struct option *o = global_options; o->name; o++)
		nearest_offer(&nearest, o->name);
	for (const struct option *o = command ? command->options : NULL; o && o->name; o++)
		nearest_offer(&nearest, o->name);
	if (nearest.best)
		meant = xasprintf("--%s", nearest.best);
	error_set(err, ERROR_USAGE, "unknown flag: --%s", typed);
	if (mixup)
		return hint_mixup(command, mixup, err);
	return usage_hint(command, meant, err);
}

static int unknown_letter(
	const struct command *command, const char *letter, const char *word, struct error *err)
{
	const char name[] = {*letter, '\0'};
	const char *mixup = options_mixup(command, name, NULL);

	error_set(err, ERROR_USAGE, "unknown shorthand flag: '%s' in -%s", name, word);
	return mixup ? hint_mixup(command, mixup, err) : usage_hint(command, NULL, err);
}

static int unknown_command(const struct strv *words, struct error *err)
{
	struct nearest nearest = {.word = words->items[0]};

	for (size_t i = 0; commands[i]; i++)
		if (!(commands[i]->needs & HIDDEN))
			nearest_offer(&nearest, commands[i]->name);
	error_set(err, ERROR_USAGE, "unknown command \"%s\" for \"kubectl flux-arc\"",
		words->items[0]);
	return usage_hint(NULL, nearest.best, err);
}

/* "-o, --output", as messages and help name an option. */
void option_title(const struct option *option, struct buf *out)
{
	if (option->letter)
		buf_addf(out, "-%c, ", option->letter);
	buf_addf(out, "--%s", option->name);
}

static int bad_value(struct parser *parser, const struct option *option, const char *value,
	const char *why, struct error *err)
{
	const struct command *command = parser->ret->command;
	const char *mixup = options_mixup(command, option->name, value);
	autobuf title = BUF_INIT;

	option_title(option, &title);
	error_set(err, ERROR_USAGE, "invalid argument \"%s\" for \"%s\" flag: %s", value, title.ptr,
		why);
	return mixup ? hint_mixup(command, mixup, err) : usage_hint(command, NULL, err);
}

/* ---- the second walk */

/* Words that Go's strconv.ParseBool takes, since kubectl does. */
static int read_bool(const char *text, bool *ret)
{
	static const char *const yes[] = {"1", "t", "T", "true", "TRUE", "True"};
	static const char *const no[] = {"0", "f", "F", "false", "FALSE", "False"};

	for (size_t i = 0; i < countof(yes); i++) {
		if (!streq(text, yes[i]) && !streq(text, no[i]))
			continue;
		*ret = streq(text, yes[i]);
		return 0;
	}
	return -1;
}

static int read_int(const char *text, int *ret)
{
	char *end;
	long value;

	if (*text < '0' || *text > '9')
		return -1;
	errno = 0;
	value = strtol(text, &end, 10);
	if (*end || errno || value > INT_MAX)
		return -1;
	*ret = (int)value;
	return 0;
}

bool option_allows(const struct option *option, const char *value)
{
	size_t len = strlen(value);
	const char *at = option->one_of;

	if (!at)
		return true;
	while (*at) {
		size_t word = strcspn(at, " ");

		if (len > 0 && word == len && memcmp(at, value, len) == 0)
			return true;
		at += word + strspn(at + word, " ");
	}
	return false;
}

/* This value, and the words up to the next option. */
static void store_words(struct parser *parser, struct strv *words, const char *value)
{
	strv_push(words, "--");
	strv_push(words, value);
	while (parser->at < parser->argc && !options_is_option(parser->argv[parser->at]))
		strv_push(words, parser->argv[parser->at++]);
}

/* "true" or "false" behind a switch is its value. */
static const char *switch_value(struct parser *parser, const struct option *option)
{
	size_t left = (size_t)(parser->argc - parser->at);

	if (option->type == OPTION_SWITCH &&
		options_count_values(option, parser->argv + parser->at, left))
		return parser->argv[parser->at++];
	return "true";
}

static int store(struct parser *parser, const struct option *option, void *base, const char *value,
	struct error *err)
{
	void *slot = field(base, option);
	autofree char *why = NULL;
	bool truth;

	switch (option->type) {
	case OPTION_FLAG:
		if (read_bool(value, slot) < 0)
			return bad_value(parser, option, value, "neither true nor false", err);
		return 0;
	case OPTION_SWITCH:
		if (read_bool(value, &truth) < 0)
			return bad_value(parser, option, value, "neither true nor false", err);
		*(enum option_switch *)slot = truth ? SWITCH_ON : SWITCH_OFF;
		return 0;
	case OPTION_WORDS:
		store_words(parser, slot, value);
		return 0;
	case OPTION_INT:
		if (read_int(value, slot) < 0)
			return bad_value(parser, option, value, "not a whole number", err);
		return 0;
	case OPTION_LIST:
		strv_push(slot, value);
		return 0;
	case OPTION_STRING:
	case OPTION_OPTIONAL:
	case OPTION_ALIAS:
		break;
	}
	if (!option_allows(option, value)) {
		why = xasprintf("not one of: %s", option->one_of);
		return bad_value(parser, option, value, why, err);
	}
	memcpy(slot, &value, sizeof(value));
	return 0;
}

/* The command's own option first, then the global one; `base` is the struct that it writes to. */
static const struct option *lookup(
	struct parser *parser, const char *name, size_t len, void **ret_base)
{
	const struct command *command = parser->ret->command;
	const struct option *own = command ? command->options : NULL;
	const struct option *found;

	*ret_base = parser->ret->opts;
	found = options_find(own, name, len);
	if (found)
		return found;
	*ret_base = &parser->ret->globals;
	return options_find(global_options, name, len);
}

static int read_long(struct parser *parser, const char *word, struct error *err)
{
	const struct command *command = parser->ret->command;
	size_t len = strcspn(word, "=");
	const char *value = word[len] ? word + len + 1 : NULL;
	void *base;
	const struct option *option = len ? lookup(parser, word, len, &base) : NULL;

	if (!option)
		return unknown_name(command, word, (int)len, err);
	if (!value && !options_takes_value(option))
		value = switch_value(parser, option);
	if (!value && parser->at < parser->argc)
		value = parser->argv[parser->at++];
	if (!value) {
		error_set(err, ERROR_USAGE, "flag needs an argument: --%s", option->name);
		return usage_hint(command, NULL, err);
	}
	return store(parser, option, base, value, err);
}

/* The value of a letter: "-oVALUE", "-o=VALUE" or the next word; NULL if there is none. */
static const char *letter_value(struct parser *parser, const char *rest)
{
	if (*rest)
		return *rest == '=' ? rest + 1 : rest;
	return parser->at < parser->argc ? parser->argv[parser->at++] : NULL;
}

static int read_letters(struct parser *parser, const char *word, struct error *err)
{
	const struct command *command = parser->ret->command;

	for (const char *letter = word; *letter; letter++) {
		void *base;
		const struct option *option = lookup(parser, letter, 0, &base);
		const char *value = "true";
		bool last = false;

		if (!option)
			return unknown_letter(command, letter, word, err);
		if (options_takes_value(option) || letter[1] == '=') {
			value = letter_value(parser, letter + 1);
			last = true;
		} else if (!letter[1]) {
			value = switch_value(parser, option);
		}
		if (!value) {
			error_set(err, ERROR_USAGE, "flag needs an argument: '%c' in -%s", *letter,
				word);
			return usage_hint(command, NULL, err);
		}
		if (store(parser, option, base, value, err) < 0)
			return -1;
		if (last)
			break;
	}
	return 0;
}

static int read_words(struct parser *parser, struct error *err)
{
	struct strv *args = &parser->ret->args;

	while (parser->at < parser->argc) {
		const char *word = parser->argv[parser->at++];
		int result = 0;

		if (streq(word, "--")) {
			while (parser->at < parser->argc)
				strv_push(args, parser->argv[parser->at++]);
		} else if (!options_is_option(word)) {
			strv_push(args, word);
		} else if (word[1] == '-') {
			result = read_long(parser, word + 2, err);
		} else {
			result = read_letters(parser, word + 1, err);
		}
		if (result < 0)
			return -1;
	}
	return 0;
}

static int check_count(const struct parsed *parsed, struct error *err)
{
	const struct command *command = parsed->command;
	size_t count = parsed->args.len;

	if (count < (size_t)command->min_args)
		error_set(err, ERROR_USAGE, "'%s' needs an argument: %s", command->name,
			command->args);
	else if (command->max_args >= 0 && count > (size_t)command->max_args)
		error_set(err, ERROR_USAGE, "'%s' does not take the argument '%s'", command->name,
			parsed->args.items[command->max_args]);
	else
		return 0;
	return usage_hint(command, NULL, err);
}

static void lists_init(const struct option *options, void *base)
{
	for (; options && options->name; options++) {
		if (options->type == OPTION_LIST || options->type == OPTION_WORDS)
			*(struct strv *)field(base, options) = (struct strv)STRV_INIT;
	}
}

/* The command that takes its words raw, if that is what was called. */
static const struct command *raw_command(int argc, char *const argv[], int *ret_first)
{
	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
	const char *program = argc > 0 ? (slash ? slash + 1 : argv[0]) : "";
	const char *name = argc > 1 ? argv[1] : "";

	*ret_first = 2;
	if (starts_with(program, COMPLETE_PROGRAM)) {
		name = "__complete";
		*ret_first = 1;
	}
	for (size_t i = 0; commands[i]; i++)
		if ((commands[i]->needs & RAW_ARGS) && streq(commands[i]->name, name))
			return commands[i];
	return NULL;
}

int options_parse(int argc, char *const argv[], struct parsed *ret, struct error *err)
{
	struct parser parser = {.argc = argc, .argv = argv, .at = 1, .ret = ret};
	autostrv operands = STRV_INIT;
	size_t used = 0;

	*ret = (struct parsed)PARSED_INIT;
	lists_init(global_options, &ret->globals);
	ret->command = raw_command(argc, argv, &parser.at);
	if (ret->command) {
		while (parser.at < argc)
			strv_push(&ret->args, argv[parser.at++]);
		return 0;
	}
	parser.at = 1;
	if (argc > 1)
		options_operands(argv + 1, (size_t)argc - 1, &operands);
	ret->command = command_find(operands.items, operands.len, &used);
	if (!ret->command && operands.len > 0)
		return unknown_command(&operands, err);
	if (ret->command && ret->command->options) {
		ret->opts = xcalloc(1, ret->command->opts_size);
		lists_init(ret->command->options, ret->opts);
	}
	if (read_words(&parser, err) < 0)
		return -1;
	while (used-- > 0)
		strv_remove(&ret->args, 0);
	if (!ret->command || ret->globals.help)
		return 0;
	if (check_count(ret, err) < 0 || options_check_mixups(ret, err) < 0)
		return -1;
	return options_check_bundle(ret, err);
}

void parsed_clear(struct parsed *parsed)
{
	const struct option *options = parsed->command ? parsed->command->options : NULL;

	for (; parsed->opts && options && options->name; options++)
		if (options->type == OPTION_LIST || options->type == OPTION_WORDS)
			strv_clear(field(parsed->opts, options));
	free(parsed->opts);
	strv_clear(&parsed->args);
	globals_clear(&parsed->globals);
	*parsed = (struct parsed)PARSED_INIT;
}
