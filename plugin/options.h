/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line parser: "-a", "-bc", "-oVALUE", "-o=VALUE", "--opt=VALUE", "--opt VALUE", "--",
 * options after operands, global options before or after the command. No abbreviated long options:
 * a script must not change its meaning when an option is added. Errors are precise and exit with 2:
 * "unknown flag: --foo", with the nearest known one in the hint.
 */
#ifndef PLUGIN_OPTIONS_H
#define PLUGIN_OPTIONS_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/strv.h"
#include "plugin/command.h"
#include "plugin/globals.h"

struct parsed {
	const struct command *command; /* NULL: none was named */
	struct globals globals;        /* globals.help: --help stood anywhere */
	void *opts;                    /* the command's options struct, owned; NULL: no options */
	struct strv args;              /* operands after the command's name */
};
#define PARSED_INIT               \
	{                         \
		.args = STRV_INIT \
	}

/*
 * Parse main()'s arguments; texts in `ret` are borrowed from `argv`. With --help the number of
 * operands is not checked. ERROR_USAGE. `ret` has to be cleared in any case.
 */
int options_parse(int argc, char *const argv[], struct parsed *ret, struct error *err) MUST_CHECK;
void parsed_clear(struct parsed *parsed);
/* With --bundle: refuse what needs a cluster that runs (of options and of commands), and options that
 * choose one. Part of options_parse(). */
int options_check_bundle(const struct parsed *parsed, struct error *err) MUST_CHECK;
/* Refuse what is most likely meant in kubectl's sense where az's holds. Part of options_parse(). */
int options_check_mixups(const struct parsed *parsed, struct error *err) MUST_CHECK;
/* The command named by the first words, and how many words those were. */
const struct command *command_find(char *const words[], size_t count, size_t *used);
/*
 * The option of any command that takes the word after this one as its value; NULL if this word is
 * none, or holds its value, or needs none.
 */
const struct option *option_pending(const char *word);
/* Append those of the words that are neither options nor their values. */
void options_operands(char *const words[], size_t count, struct strv *ret);
/* "-o, --output": how messages and help name an option. Appends. */
void option_title(const struct option *option, struct buf *out);
/* Is the value one of those listed? True where none are. */
bool option_allows(const struct option *option, const char *value);

#endif
