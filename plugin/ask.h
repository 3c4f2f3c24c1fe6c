/* SPDX-License-Identifier: Apache-2.0 */
/* Questions before something is changed or destroyed. */
#ifndef PLUGIN_ASK_H
#define PLUGIN_ASK_H

#include "base/base.h"
#include "base/error.h"
#include "plugin/app.h"

/*
 * Ask on stderr, read the answer from stdin: 0 for yes ("y", "yes"). With `yes` nothing is asked.
 * Without a terminal and without `yes` it refuses instead of waiting: ERROR_USAGE names --yes. "No"
 * is ERROR_FAILED ("not confirmed: nothing was changed").
 */
int ask_yes(struct app *app, bool yes, struct error *err, const char *format, ...)
	PRINTF(4, 5) MUST_CHECK;

#endif
