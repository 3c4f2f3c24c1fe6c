/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that we build ourselves as a tree, printed for programs: -o json and -o yaml. */
#ifndef PLUGIN_OUTPUT_H
#define PLUGIN_OUTPUT_H

#include "base/base.h"
#include "base/error.h"
#include "plugin/app.h"

struct json_object;

/* For OPT_CHOICE of commands whose answer is a tree. */
#define OUTPUT_FORMATS "json yaml"

/* Print `tree` on app->out as kubectl would print an object: `format` "json" or "yaml". */
int output_tree(struct app *app, const char *format, struct json_object *tree,
	struct error *err) MUST_CHECK;

#endif
