/* SPDX-License-Identifier: Apache-2.0 */
/* What both walks over the command line share (plugin/options.c); nobody else includes this. */
#ifndef PLUGIN_OPTIONS_INTERNAL_H
#define PLUGIN_OPTIONS_INTERNAL_H

#include "base/base.h"
#include "plugin/command.h"

bool options_is_option(const char *word);
/* A value of its own, or the next word whatever that is. */
bool options_takes_value(const struct option *option);
/* Words behind the option's name that are its values. */
size_t options_count_values(const struct option *option, char *const words[], size_t count);
/* The row by name, or with `len` 0 by the letter at `name`; of an alias the row it stands for. */
const struct option *options_find(const struct option *options, const char *name, size_t len);
/* What to write instead of an option that is unknown, or of a value that is not taken (else NULL); NULL: no
 * idea. */
const char *options_mixup(const struct command *command, const char *option, const char *value);

#endif
