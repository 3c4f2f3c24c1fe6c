/* SPDX-License-Identifier: Apache-2.0 */
/* Showing what `bundle push` did or would do. */
#ifndef PLUGIN_BUNDLE_PUSH_H
#define PLUGIN_BUNDLE_PUSH_H

#include "bundle/push.h"
#include "plugin/app.h"

struct json_object;

/* For people, on app->out. */
void bundle_push_print(const struct app *app, const struct push *push, bool dry_run);
/* For programs; owned by the caller. */
struct json_object *bundle_push_json(const struct push *push, bool dry_run);

#endif
