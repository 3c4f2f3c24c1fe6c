/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A subcommand is data: one `const struct command` in a file of its own (plugin/cmd_NAME.c), listed
 * in plugin/commands.c. The parser, --help, the man page, docs/commands, shell completion and a test
 * of the table all walk that array; nothing else knows which commands there are.
 *
 * To add one: write plugin/cmd_NAME.c exporting `cmd_NAME`, add a line to plugin/commands.c, add a
 * case to tests/cli, run `./dev docs`.
 *
 *	struct get_opts { bool all; const char *output; };
 *	static const struct option options[] = {
 *		OPT_FLAG(struct get_opts, all, 'A', "all-namespaces", "list every namespace"),
 *		OPT_STRING(struct get_opts, output, 'o', "output", "FORMAT", "table, json or yaml"),
 *		OPT_END,
 *	};
 */
#ifndef PLUGIN_COMMAND_H
#define PLUGIN_COMMAND_H

#include "base/base.h"
#include "base/error.h"
#include "base/strv.h"

struct app;

enum option_type {
	OPTION_FLAG,   /* bool; "--name" or "--name=true|false" */
	OPTION_STRING, /* const char * borrowed from argv; the last one stands */
	OPTION_LIST,   /* struct strv; may be repeated */
	OPTION_INT,    /* int, decimal, not negative */
	OPTION_SWITCH, /* enum option_switch; "--name", "--name=false", and "--name false" as az has it */
	OPTION_OPTIONAL, /* const char *; "--name=VALUE", or "--name" alone, which is "true" */
	OPTION_WORDS, /* struct strv; takes this word and those after it up to the next option, as az
			  does: "--config a=1 b=2"; each use begins with an item "--" */
	OPTION_ALIAS, /* another name, which az's users know, of the option whose name is `value`, in
			  the same table */
};

enum option_switch {
	SWITCH_UNSET,
	SWITCH_OFF,
	SWITCH_ON
};

/* What completes an option's value or an argument. */
enum complete {
	COMPLETE_NONE,
	COMPLETE_KIND,
	COMPLETE_NAMESPACE,
	COMPLETE_CONTEXT,
	COMPLETE_FILE,
	COMPLETE_NAME,
	COMPLETE_COMMAND
};

struct option {
	enum option_type type;
	char letter;       /* 0: none */
	const char *name;  /* without dashes; NULL ends a table */
	const char *value; /* how help calls the value: "FORMAT"; NULL for flags */
	const char *help;  /* one sentence in lower case without a full stop */
	size_t offset;     /* of the field in the options struct */
	enum complete complete;
	const char *one_of; /* allowed values separated by spaces, or NULL */
	bool live;          /* it asks what no bundle can tell: refused with --bundle */
};

/* The type of the field is checked at compile time: a wrong one has no association. */
#define OPT_FIELD(type, field, wanted) \
	(offsetof(type, field) + 0 * sizeof(_Generic(((type *)0)->field, wanted : 1)))
#define OPT_FLAG(type, field, letter, name, help)                                    \
	{                                                                            \
		OPTION_FLAG, letter, name, NULL, help, OPT_FIELD(type, field, bool), \
			COMPLETE_NONE, NULL, false                                   \
	}
#define OPT_FLAG_LIVE(type, field, letter, name, help)                               \
	{                                                                            \
		OPTION_FLAG, letter, name, NULL, help, OPT_FIELD(type, field, bool), \
			COMPLETE_NONE, NULL, true                                    \
	}
#define OPT_STRING(type, field, letter, name, value, help)                                      \
	{                                                                                       \
		OPTION_STRING, letter, name, value, help, OPT_FIELD(type, field, const char *), \
			COMPLETE_NONE, NULL, false                                              \
	}
#define OPT_STRING_FROM(type, field, letter, name, value, help, complete)                       \
	{                                                                                       \
		OPTION_STRING, letter, name, value, help, OPT_FIELD(type, field, const char *), \
			complete, NULL, false                                                   \
	}
#define OPT_CHOICE(type, field, letter, name, value, help, one_of)                              \
	{                                                                                       \
		OPTION_STRING, letter, name, value, help, OPT_FIELD(type, field, const char *), \
			COMPLETE_NONE, one_of, false                                            \
	}
#define OPT_LIST(type, field, letter, name, value, help)                                     \
	{                                                                                    \
		OPTION_LIST, letter, name, value, help, OPT_FIELD(type, field, struct strv), \
			COMPLETE_NONE, NULL, false                                           \
	}
#define OPT_INT(type, field, letter, name, value, help)                                            \
	{                                                                                          \
		OPTION_INT, letter, name, value, help, OPT_FIELD(type, field, int), COMPLETE_NONE, \
			NULL, false                                                                \
	}
#define OPT_SWITCH(type, field, letter, name, help)                                            \
	{                                                                                      \
		OPTION_SWITCH, letter, name, NULL, help,                                       \
			OPT_FIELD(type, field, enum option_switch), COMPLETE_NONE, NULL, false \
	}
#define OPT_OPTIONAL(type, field, letter, name, value, help)                                      \
	{                                                                                         \
		OPTION_OPTIONAL, letter, name, value, help, OPT_FIELD(type, field, const char *), \
			COMPLETE_NONE, NULL, false                                                \
	}
#define OPT_WORDS(type, field, letter, name, value, help)                                     \
	{                                                                                     \
		OPTION_WORDS, letter, name, value, help, OPT_FIELD(type, field, struct strv), \
			COMPLETE_NONE, NULL, false                                            \
	}
#define OPT_ALIAS(name, of)                                                                   \
	{                                                                                     \
		OPTION_ALIAS, 0, name, of, "the same as --" of, 0, COMPLETE_NONE, NULL, false \
	}
#define OPT_END              \
	{                    \
		.name = NULL \
	}

/* Acted on in one place (plugin/main.c and plugin/app.c). */
enum command_needs {
	NEEDS_KUBE =
		1
		<< 0, /* app->kube is ready when run() is called; kubeconfig options are accepted */
	MUTATES = 1 << 1,             /* changes something: gets --dry-run and --yes */
	HIDDEN = 1 << 2,              /* not in help (completion's own calls) */
	RAW_ARGS = 1 << 3,            /* all words after the name are arguments, options too */
	NEEDS_ARM = 1 << 5,           /* app->azure is ready; opts begin with struct azure_flags */
	NEEDS_AZURE_CLUSTER = 1 << 6, /* the same, and its target is known */
	NEEDS_LIVE = 1 << 4, /* a cluster that runs: refused with --bundle, as what MUTATES is */
};

struct example {
	const char *
		text; /* what it does, in lower case: "all that is not ready, in every namespace" */
	const char *command; /* without "kubectl flux-arc": "get all -A --state notready" */
};

struct command {
	const char *name;       /* several words allowed: "scc enable"; the longest match wins */
	const char *args;       /* "KIND [NAME...]" or NULL */
	int min_args, max_args; /* max -1: any number */
	unsigned needs;
	enum complete complete_args;
	const char *summary;          /* one line, in the imperative, no full stop */
	const char *description;      /* paragraphs separated by blank lines; NULL: none */
	const struct option *options; /* ends with OPT_END; NULL: none */
	size_t opts_size;
	const struct example *examples; /* ends with {NULL, NULL}; at least one */
	/* `opts` is the filled options struct. Returns 0, or -1 with `err`; ERROR_FINDINGS gives
	 * exit status 3. */
	int (*run)(struct app *app, void *opts, const struct strv *args, struct error *err);
};

/* NULL-terminated, in the order of help. */
extern const struct command *const commands[];

#endif
