/* SPDX-License-Identifier: Apache-2.0 */
/* The first walk over the command line (plugin/options.c): which words are operands, hence the command. */
#include "base/base.h"

#include "plugin/options.h"
#include "plugin/options_internal.h"

bool options_is_option(const char *word)
{
	return word[0] == '-' && word[1];
}

bool options_takes_value(const struct option *option)
{
	return option->type != OPTION_FLAG && option->type != OPTION_SWITCH &&
	       option->type != OPTION_OPTIONAL;
}

size_t options_count_values(const struct option *option, char *const words[], size_t count)
{
	size_t values = 0;

	if (option->type == OPTION_SWITCH)
		return count && (streq(words[0], "true") || streq(words[0], "false"));
	if (option->type != OPTION_WORDS)
		return options_takes_value(option);
	while (values < count && (values == 0 || !options_is_option(words[values])))
		values++;
	return values;
}

static const struct option *find_name(const struct option *options, const char *name, size_t len)
{
	const struct option *option = options;

	while (option && option->name &&
		(strlen(option->name) != len || memcmp(option->name, name, len) != 0))
		option++;
	if (!option || !option->name)
		return NULL;
	return option->type == OPTION_ALIAS
		       ? find_name(options, option->value, strlen(option->value))
		       : option;
}

static const struct option *find_letter(const struct option *options, char letter)
{
	for (; options && options->name; options++)
		if (options->letter == letter)
			return options;
	return NULL;
}

/* ---- the first walk */

const struct option *options_find(const struct option *options, const char *name, size_t len)
{
	return len ? find_name(options, name, len) : find_letter(options, *name);
}

/* Whoever has it; NULL: nobody. */
static const struct option *find_anywhere(const char *name, size_t len)
{
	const struct option *found = options_find(global_options, name, len);

	for (size_t i = 0; !found && commands[i]; i++)
		found = options_find(commands[i]->options, name, len);
	return found;
}

/* The option at the end of a word, to which the next word may belong; NULL: none. */
static const struct option *find_last(const char *word)
{
	const struct option *option = NULL;
	size_t len;

	if (!options_is_option(word))
		return NULL;
	if (word[1] == '-') {
		len = strcspn(word + 2, "=");
		return len && !word[2 + len] ? find_anywhere(word + 2, len) : NULL;
	}
	for (const char *letter = word + 1; *letter && *letter != '='; letter++) {
		option = find_anywhere(letter, 0);
		if (option && options_takes_value(option))
			return letter[1] ? NULL : option;
	}
	return option;
}

const struct option *option_pending(const char *word)
{
	const struct option *option = find_last(word);

	return option && options_takes_value(option) ? option : NULL;
}

/* Of a word that has its first value in it, "--config=a=1", those that follow. */
static const struct option *find_words(const char *word)
{
	size_t len = starts_with(word, "--") ? strcspn(word + 2, "=") : 0;
	const struct option *option = len && word[2 + len] ? find_anywhere(word + 2, len) : NULL;

	return option && option->type == OPTION_WORDS ? option : NULL;
}

/* How many of the words behind the option at `words` are its values. */
static size_t words_behind(char *const words[], size_t count)
{
	const struct option *option = find_last(words[0]);
	size_t values = 1;

	if (option)
		return options_count_values(option, words + 1, count - 1);
	if (!find_words(words[0]))
		return 0;
	while (values < count && !options_is_option(words[values]))
		values++;
	return values - 1;
}

void options_operands(char *const words[], size_t count, struct strv *ret)
{
	for (size_t i = 0; i < count; i++) {
		if (streq(words[i], "--")) {
			while (++i < count)
				strv_push(ret, words[i]);
		} else if (!options_is_option(words[i])) {
			strv_push(ret, words[i]);
		} else {
			i += words_behind(words + i, count - i);
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
