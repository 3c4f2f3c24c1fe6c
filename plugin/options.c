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

static bool is_option(const char *word)
{
	return word[0] == '-' && word[1];
}

static bool takes_value(const struct option *option)
{
	return option->type != OPTION_FLAG;
}

static const struct option *find_name(const struct option *options, const char *name, size_t len)
{
	for (; options && options->name; options++)
		if (strlen(options->name) == len && memcmp(options->name, name, len) == 0)
			return options;
	return NULL;
}

static const struct option *find_letter(const struct option *options, char letter)
{
	for (; options && options->name; options++)
		if (options->letter == letter)
			return options;
	return NULL;
}

/* ---- the first walk */

/* By name, or with `len` 0 by the letter at `name`. */
static const struct option *find_in(const struct option *options, const char *name, size_t len)
{
	return len ? find_name(options, name, len) : find_letter(options, *name);
}

/* Whoever has it; NULL: nobody. */
static const struct option *find_anywhere(const char *name, size_t len)
{
	const struct option *found = find_in(global_options, name, len);

	for (size_t i = 0; !found && commands[i]; i++)
		found = find_in(commands[i]->options, name, len);
	return found;
}

const struct option *option_pending(const char *word)
{
	const struct option *option;
	size_t len;

	if (!is_option(word))
		return NULL;
	if (word[1] == '-') {
		len = strcspn(word + 2, "=");
		option = len && !word[2 + len] ? find_anywhere(word + 2, len) : NULL;
		return option && takes_value(option) ? option : NULL;
	}
	for (const char *letter = word + 1; *letter && *letter != '='; letter++) {
		option = find_anywhere(letter, 0);
		if (option && takes_value(option))
			return letter[1] ? NULL : option;
	}
	return NULL;
}

void options_operands(char *const words[], size_t count, struct strv *ret)
{
	for (size_t i = 0; i < count; i++) {
		if (streq(words[i], "--")) {
			while (++i < count)
				strv_push(ret, words[i]);
		} else if (!is_option(words[i])) {
			strv_push(ret, words[i]);
		} else if (option_pending(words[i])) {
			i++;
		}
	}
}

/* How many of `words` spell the command's name; 0 if they do not. */
static size_t words_matched(const char *name, char *const words[], size_t count)
{
	size_t used = 0;

	for (; used < count; used++) {
		size_t len = strcspn(name, " ");

		if (strlen(words[used]) != len || memcmp(words[used], name, len) != 0)
			return 0;
		if (!name[len])
			return used + 1;
		name += len + 1;
	}
	return 0;
}

const struct command *command_find(char *const words[], size_t count, size_t *used)
{
	const struct command *found = NULL;

	*used = 0;
	for (size_t i = 0; commands[i]; i++) {
		size_t matched = words_matched(commands[i]->name, words, count);

		if (matched > *used) {
			*used = matched;
			found = commands[i];
		}
	}
	return found;
}

/* ---- errors */

static int usage_hint(const struct command *command, const char *meant, struct error *err)
{
	autofree char *did = meant ? xasprintf("did you mean %s?\n", meant) : xstrdup("");
	const char *space = command ? " " : "";

	return error_hint(err, "%sSee 'kubectl flux-arc%s%s --help' for usage.", did, space,
		command ? command->name : "");
}

static int unknown_name(const struct command *command, const char *name, int len, struct error *err)
{
	autofree char *typed = xstrndup(name, (size_t)len);
	struct nearest nearest = {.word = typed};
	autofree char *meant = NULL;

	for (const struct option *o = global_options; o->name; o++)
		nearest_offer(&nearest, o->name);
	for (const struct option *o = command ? command->options : NULL; o && o->name; o++)
		nearest_offer(&nearest, o->name);
	if (nearest.best)
		meant = xasprintf("--%s", nearest.best);
	error_set(err, ERROR_USAGE, "unknown flag: --%s", typed);
	return usage_hint(command, meant, err);
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
	autobuf title = BUF_INIT;

	option_title(option, &title);
	error_set(err, ERROR_USAGE, "invalid argument \"%s\" for \"%s\" flag: %s", value, title.ptr,
		why);
	return usage_hint(parser->ret->command, NULL, err);
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

static int store(struct parser *parser, const struct option *option, void *base, const char *value,
	struct error *err)
{
	void *slot = field(base, option);
	autofree char *why = NULL;

	switch (option->type) {
	case OPTION_FLAG:
		if (read_bool(value, slot) < 0)
			return bad_value(parser, option, value, "neither true nor false", err);
		return 0;
	case OPTION_INT:
		if (read_int(value, slot) < 0)
			return bad_value(parser, option, value, "not a whole number", err);
		return 0;
	case OPTION_LIST:
		strv_push(slot, value);
		return 0;
	case OPTION_STRING:
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
	found = find_in(own, name, len);
	if (found)
		return found;
	*ret_base = &parser->ret->globals;
	return find_in(global_options, name, len);
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
	if (!value && !takes_value(option))
		value = "true";
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

		if (!option) {
			error_set(err, ERROR_USAGE, "unknown shorthand flag: '%c' in -%s", *letter,
				word);
			return usage_hint(command, NULL, err);
		}
		if (takes_value(option) || letter[1] == '=') {
			value = letter_value(parser, letter + 1);
			last = true;
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
		} else if (!is_option(word)) {
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
		if (options->type == OPTION_LIST)
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
	return check_count(ret, err) < 0 ? -1 : options_check_bundle(ret, err);
}

void parsed_clear(struct parsed *parsed)
{
	const struct option *options = parsed->command ? parsed->command->options : NULL;

	for (; parsed->opts && options && options->name; options++)
		if (options->type == OPTION_LIST)
			strv_clear(field(parsed->opts, options));
	free(parsed->opts);
	strv_clear(&parsed->args);
	globals_clear(&parsed->globals);
	*parsed = (struct parsed)PARSED_INIT;
}
