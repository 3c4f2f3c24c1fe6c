/* SPDX-License-Identifier: Apache-2.0 */
/* What every row of the table of commands owes to its readers. */
#include "test.h"

#include "base/alloc.h"
#include "plugin/options.h"

/* A command line split as a shell does it: quotes, and nothing after a pipe. */
static void shell_words(const char *line, struct strv *ret)
{
	autobuf word = BUF_INIT;
	bool any = false;
	char quote = '\0';

	for (; *line && (quote || *line != '|'); line++) {
		if (quote ? *line == quote : (*line == '\'' || *line == '"')) {
			quote = quote ? '\0' : *line;
			any = true;
		} else if (*line == ' ' && !quote) {
			if (any)
				strv_push(ret, word.ptr);
			buf_reset(&word);
			any = false;
		} else {
			buf_addc(&word, *line);
			any = true;
		}
	}
	if (any)
		strv_push(ret, word.ptr);
}

static void check_sentence(const char *command, const char *text)
{
	if (!str_set(text))
		fail_msg("%s: a text is missing", command);
	if (ends_with(text, ".") || ends_with(text, " ") || text[0] == ' ')
		fail_msg("%s: no full stop or space around '%s'", command, text);
}

static void test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; commands[i]; i++) {
		const struct command *command = commands[i];

		check_sentence(command->name, command->summary);
		if (command->summary[0] < 'A' || command->summary[0] > 'Z')
			fail_msg("%s: the summary begins in lower case", command->name);
		if (strchr(command->summary, '\n') || strlen(command->summary) > 72)
			fail_msg("%s: the summary is longer than a line", command->name);
		if (command->max_args != 0 && !command->args)
			fail_msg("%s: arguments without a name", command->name);
		assert_non_null(command->run);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(command->name, commands[k]->name);
	}
}

static void test_examples_parse(void **state)
{
	(void)state;
	for (size_t i = 0; commands[i]; i++) {
		const struct example *example = commands[i]->examples;

		if (!example || !example->command)
			fail_msg("%s: no example", commands[i]->name);
		for (; example->command; example++) {
			CLEANUP(parsed_clear) struct parsed parsed = PARSED_INIT;
			autostrv words = STRV_INIT;
			autoerror err = ERROR_INIT;

			check_sentence(commands[i]->name, example->text);
			strv_push(&words, "kubectl-flux_arc");
			shell_words(example->command, &words);
			if (options_parse((int)words.len, words.items, &parsed, &err) < 0)
				fail_msg("'%s': %s", example->command, err.message);
			if (parsed.command != commands[i])
				fail_msg("'%s' is no example of %s", example->command,
					commands[i]->name);
		}
	}
}

/* Takes no value, or only "true" and "false". */
static bool is_flag(const struct option *option)
{
	return option->type == OPTION_FLAG || option->type == OPTION_SWITCH;
}

static void check_options(const char *owner, const struct option *options)
{
	const char *before = "";

	for (const struct option *option = options; option && option->name; option++) {
		check_sentence(owner, option->help);
		if (strcmp(before, option->name) >= 0)
			fail_msg("%s: --%s stands behind --%s", owner, option->name, before);
		if (is_flag(option) != (option->value == NULL))
			fail_msg("%s: --%s: a flag has no value, all else names it", owner,
				option->name);
		for (const struct option *other = options; other != option; other++)
			if (option->letter && other->letter == option->letter)
				fail_msg("%s: -%c is two options", owner, option->letter);
		before = option->name;
	}
}

static void test_options(void **state)
{
	(void)state;
	check_options("global options", global_options);
	for (size_t i = 0; commands[i]; i++) {
		check_options(commands[i]->name, commands[i]->options);
		if ((commands[i]->options != NULL) != (commands[i]->opts_size > 0))
			fail_msg("%s: options and opts_size do not agree", commands[i]->name);
	}
}

static void check_pair(const char *owner, const struct option *a, const struct option *b)
{
	bool same_name = streq(a->name, b->name);
	bool same_letter = a->letter && a->letter == b->letter;

	if (a->type == OPTION_ALIAS || b->type == OPTION_ALIAS)
		return;
	if ((same_name || same_letter) && is_flag(a) != is_flag(b))
		fail_msg("%s: --%s takes a value and --%s none, or the other way round", owner,
			a->name, b->name);
}

/* The parser finds a command behind options, so it has to know which of them take a value. */
static void test_options_mean_the_same_everywhere(void **state)
{
	(void)state;
	for (size_t i = 0; commands[i]; i++)
		for (const struct option *a = commands[i]->options; a && a->name; a++)
			for (size_t k = 0; k < i; k++)
				for (const struct option *b = commands[k]->options; b && b->name;
					b++)
					check_pair(commands[i]->name, a, b);
}

/* On the Azure side -n, --namespace and -s have the meaning that az gives them. */
static bool may_hide(const struct command *command, const struct option *option)
{
	return (command->needs & (NEEDS_ARM | NEEDS_AZURE_CLUSTER)) &&
	       (option->letter == 'n' || option->letter == 's' || streq(option->name, "namespace"));
}

static void test_no_clash_with_global_options(void **state)
{
	(void)state;
	for (size_t i = 0; commands[i]; i++)
		for (const struct option *a = commands[i]->options; a && a->name; a++)
			for (const struct option *b = global_options; b->name; b++)
				if (!may_hide(commands[i], a) &&
					(streq(a->name, b->name) ||
						(a->letter && a->letter == b->letter)))
					fail_msg("%s: --%s hides the global --%s",
						commands[i]->name, a->name, b->name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_examples_parse),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_options_mean_the_same_everywhere),
		cmocka_unit_test(test_no_clash_with_global_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
