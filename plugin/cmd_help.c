/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/nearest.h"
#include "plugin/help.h"
#include "plugin/options.h"

static const struct help_topic *topic_find(const char *name)
{
	for (const struct help_topic *topic = help_topics; topic->name; topic++)
		if (streq(topic->name, name))
			return topic;
	return NULL;
}

static int unknown(const struct strv *args, struct error *err)
{
	autofree char *words = strv_join(args, " ");
	struct nearest nearest = {.word = words};

	for (size_t i = 0; commands[i]; i++)
		if (!(commands[i]->needs & HIDDEN))
			nearest_offer(&nearest, commands[i]->name);
	for (const struct help_topic *topic = help_topics; topic->name; topic++)
		nearest_offer(&nearest, topic->name);
	error_set(err, ERROR_USAGE, "no command and no topic is called '%s'", words);
	if (nearest.best)
		return error_hint(err, "did you mean kubectl flux-arc help %s?", nearest.best);
	return error_hint(err, "kubectl flux-arc help lists them");
}

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct help_topic *topic = args->len == 1 ? topic_find(args->items[0]) : NULL;
	size_t used;
	const struct command *command = command_find(args->items, args->len, &used);
	autobuf text = BUF_INIT;

	(void)opts;
	if (topic)
		topic->write(&text, help_width(app));
	else if (args->len == 0 || (command && used == args->len))
		return help_show(app, command);
	else
		return unknown(args, err);
	fputs(text.ptr, app->out);
	return 0;
}

static const struct example examples[] = {
	{"what there is", "help"},
	{"options that every command takes", "help options"},
	{NULL, NULL},
};

const struct command cmd_help = {
	.name = "help",
	.args = "[COMMAND|TOPIC]",
	.max_args = -1,
	.complete_args = COMPLETE_COMMAND,
	.summary = "Show help for a command or a topic",
	.examples = examples,
	.run = run,
};
