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
#include "base/error.h"
#include "base/strv.h"
#include "plugin/command.h"
#include "plugin/globals.h"

struct parsed {
	const struct command *command; /* NULL: none was named */
	struct globals globals;
	void *opts; /* the command's options struct, owned */
	struct strv args;
	bool help;
};
#define PARSED_INIT               \
	{                         \
		.args = STRV_INIT \
	}

int options_parse(int argc, char *const argv[], struct parsed *ret, struct error *err) MUST_CHECK;
void parsed_clear(struct parsed *parsed);
/* The command named by the first words, and how many words those were. */
const struct command *command_find(char *const words[], size_t count, size_t *used);

#endif
