/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "kube/kinds.h"
#include "plugin/complete.h"
#include "plugin/help.h"
#include "plugin/options.h"

struct completion {
	struct buf *out;
	const char *prefix; /* what stands in front of each candidate and is not to be changed */
	size_t prefix_len;
	const char *typed;  /* what a candidate has to begin with */
	const char *suffix; /* "/" where a name follows, else "" */
	int directive;
};

/* Cobra's directives. */
enum {
	FILES_TOO = 0,
	NO_SPACE = 2,
	NO_FILES = 4,
};

static void offer(struct completion *completion, const char *value, const char *description)
{
	if (!starts_with(value, completion->typed))
		return;
	buf_add(completion->out, completion->prefix, completion->prefix_len);
	buf_addf(completion->out, "%s%s\t%s\n", value, completion->suffix, description);
}

static void offer_kinds(struct completion *completion)
{
	const char *comma = strrchr(completion->typed, ',');

	if (comma && completion->prefix_len == 0) {
		completion->prefix = completion->typed;
		completion->prefix_len = (size_t)(comma + 1 - completion->typed);
		completion->typed = comma + 1;
	}
	for (size_t i = 0; i < kinds_count; i++)
		if ((kinds[i].flags & KIND_GET) && kind_by_word(kinds[i].plural) == &kinds[i])
			offer(completion, kinds[i].plural, kinds[i].name);
}

/* Names of commands go word by word: after "scc" come the second words. */
static void offer_commands(struct completion *completion, const struct strv *operands)
{
	autofree char *words = strv_join(operands, " ");
	size_t len = strlen(words);
	const char *last = "";

	for (size_t i = 0; commands[i]; i++) {
		const char *name = commands[i]->name;
		autobuf word = BUF_INIT;

		if ((commands[i]->needs & HIDDEN) || !starts_with(name, words))
			continue;
		if (len > 0 && name[len] != ' ')
			continue;
		name += len > 0 ? len + 1 : 0;
		buf_add(&word, name, strcspn(name, " "));
		if (streq(word.ptr, last))
			continue;
		offer(completion, word.ptr, commands[i]->summary);
		last = name[word.len] ? last : name;
	}
}

static void offer_what(
	struct completion *completion, enum complete what, const struct strv *operands)
{
	const struct strv none = STRV_INIT;

	switch (what) {
	case COMPLETE_KIND:
		offer_kinds(completion);
		break;
	case COMPLETE_FILE:
		completion->directive = FILES_TOO;
		break;
	case COMPLETE_COMMAND:
		offer_commands(completion, operands ? operands : &none);
		for (const struct help_topic *topic = help_topics; topic->name; topic++)
			if (!operands || operands->len == 0)
				offer(completion, topic->name, topic->summary);
		break;
	case COMPLETE_NONE:
	case COMPLETE_NAMESPACE:
	case COMPLETE_CONTEXT:
	case COMPLETE_NAME:
		break;
	}
}

static void offer_values(struct completion *completion, const struct option *option)
{
	autostrv list = STRV_INIT;

	if (option->one_of)
		strv_split(&list, option->one_of, " ", false);
	for (size_t i = 0; i < list.len; i++)
		offer(completion, list.items[i], option->help);
	offer_what(completion, option->complete, NULL);
}

static void offer_options(struct completion *completion, const struct option *options)
{
	for (; options && options->name; options++) {
		autobuf word = BUF_INIT;

		buf_addf(&word, "--%s", options->name);
		offer(completion, word.ptr, options->help);
		if (!options->letter)
			continue;
		buf_reset(&word);
		buf_addf(&word, "-%c", options->letter);
		offer(completion, word.ptr, options->help);
	}
}

/* "--output=j": the values, each with the option in front. False: it is no such word. */
static bool offer_inline(struct completion *completion, const char *word)
{
	const char *equals = strchr(word, '=');
	autobuf name = BUF_INIT;
	const struct option *option;

	if (!equals || !starts_with(word, "--"))
		return false;
	buf_add(&name, word, (size_t)(equals - word));
	option = option_pending(name.ptr);
	completion->prefix = word;
	completion->prefix_len = (size_t)(equals + 1 - word);
	completion->typed = equals + 1;
	if (option)
		offer_values(completion, option);
	return true;
}

/* What goes with the kinds, by the form of the arguments that the command shows. */
static void fit_kinds(struct completion *completion, const char *args)
{
	if (strstr(args, "|all"))
		offer(completion, "all", "every kind of Flux and of Azure's extension");
	if (!strstr(args, "KIND/NAME"))
		return;
	completion->suffix = "/";
	completion->directive = NO_FILES | NO_SPACE;
}

static void offer_operand(struct completion *completion, const struct strv *operands)
{
	autostrv rest = STRV_INIT;
	size_t used;
	const struct command *command = command_find(operands->items, operands->len, &used);

	if (!command) {
		offer_commands(completion, operands);
		return;
	}
	if (command->max_args >= 0 && operands->len - used >= (size_t)command->max_args)
		return;
	/* The kind comes first; names behind it would have to be asked for. */
	if (command->complete_args == COMPLETE_KIND && operands->len > used)
		return;
	if (command->complete_args == COMPLETE_KIND)
		fit_kinds(completion, command->args ? command->args : "");
	for (size_t i = used; i < operands->len; i++)
		strv_push(&rest, operands->items[i]);
	offer_what(completion, command->complete_args, &rest);
}

/* Of two options of one name the command's own has the values. */
static const struct option *own_option(const struct command *command, const struct option *pending)
{
	const struct option *own = command ? command->options : NULL;

	while (own && own->name && !streq(own->name, pending->name))
		own++;
	return own && own->name ? own : pending;
}

static void complete_last(
	struct completion *completion, const struct strv *words, const char *current)
{
	autostrv operands = STRV_INIT;
	size_t before = words->len - 1;
	const struct option *pending = NULL;
	const struct command *command;
	size_t used;

	if (before > 0)
		pending = option_pending(words->items[before - 1]);
	options_operands(words->items, before, &operands);
	command = command_find(operands.items, operands.len, &used);
	if (pending) {
		offer_values(completion, own_option(command, pending));
	} else if (current[0] == '-') {
		if (offer_inline(completion, current))
			return;
		offer_options(completion, command ? command->options : NULL);
		offer_options(completion, global_options);
	} else {
		offer_operand(completion, &operands);
	}
}

void complete_words(const struct strv *words, struct buf *out)
{
	const char *current = words->len > 0 ? words->items[words->len - 1] : "";
	struct completion completion = {
		.out = out,
		.prefix = "",
		.typed = current,
		.suffix = "",
		.directive = NO_FILES,
	};

	if (words->len > 0)
		complete_last(&completion, words, current);
	buf_addf(out, ":%d\n", completion.directive);
}
