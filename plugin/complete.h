/* SPDX-License-Identifier: Apache-2.0 */
/* What could stand in place of the last word of a command line, from the tables alone. */
#ifndef PLUGIN_COMPLETE_H
#define PLUGIN_COMPLETE_H

#include "base/base.h"
#include "base/buf.h"
#include "base/strv.h"

/*
 * Append one line "VALUE<TAB>DESCRIPTION" for each candidate that begins with the last of `words`
 * (none: nothing), then a line with cobra's directive: ":4" no file names, ":6" no
 * space behind it either (a name follows the "/"), ":0" file names too.
 */
void complete_words(const struct strv *words, struct buf *out);

#endif
