/* SPDX-License-Identifier: Apache-2.0 */
/* How `bundle diff` shows what changed. */
#ifndef PLUGIN_BUNDLE_DIFF_H
#define PLUGIN_BUNDLE_DIFF_H

#include "base/base.h"
#include "bundle/diff.h"
#include "plugin/app.h"

struct json_object;

/* `before` and `after`: what the sides are called, "old.tar" or "the cluster". */
void bundle_diff_print(
	const struct app *app, const struct diff *diff, const char *before, const char *after);
/* Owned by the caller. */
struct json_object *bundle_diff_json(
	const struct diff *diff, const char *before, const char *after);

#endif
