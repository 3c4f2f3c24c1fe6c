/* SPDX-License-Identifier: Apache-2.0 */
/* A change of a configuration: checked, shown, agreed to, sent. */
#include "base/base.h"

#include <strings.h>

#include "base/alloc.h"
#include "base/json.h"
#include "plugin/ask.h"
#include "plugin/config.h"
#include "plugin/text.h"

#define MAX_VALUE 60 /* columns of a value in a difference */

int config_check(struct config *config, struct json_object *properties, struct json_object *asked,
	bool creates, struct error *err)
{
	struct arm_config_check check = {
		.name = config->name,
		.properties = properties,
		.asked = asked,
		.creates = creates,
		.warnings = &config->warnings,
	};

	if (arm_config_check(&check, err) < 0)
		return -1;
	for (size_t i = 0; i < config->warnings.len; i++)
		app_warn(config->app, "%s", config->warnings.items[i]);
	return 0;
}

/* ---- the difference */

static void add_value(struct buf *out, const char *value)
{
	autobuf safe = BUF_INIT;

	text_cell(&safe, value);
	text_cut(out, safe.ptr, MAX_VALUE);
}

static void print_change(const struct app *app, const struct arm_config_change *change)
{
	autobuf line = BUF_INIT;
	char mark = !change->before ? '+' : !change->after ? '-' : '~';
	enum app_style style = mark == '+' ? STYLE_GOOD : mark == '-' ? STYLE_BAD : STYLE_WARN;

	buf_addf(&line, "  %c ", mark);
	text_cell(&line, change->path);
	if (!streq(change->before, "there") && !streq(change->after, "there")) {
		buf_adds(&line, ": ");
		if (change->before)
			add_value(&line, change->before);
		if (change->before && change->after)
			buf_adds(&line, " -> ");
		if (change->after)
			add_value(&line, change->after);
	}
	if (app->err_color && app->color)
		fprintf(app->err, "%s%s%s\n", app_style(app, style), line.ptr, app_style_end(app));
	else
		fprintf(app->err, "%s\n", line.ptr);
}

bool config_print_diff(const struct config *config, struct json_object *after)
{
	struct arm_config_diff diff;
	bool any;

	arm_config_diff(config->current, after, &diff);
	app_progress_end(config->app);
	if (diff.count && config->heading)
		fprintf(config->app->err, "%s\n", config->heading);
	for (size_t i = 0; i < diff.count; i++)
		print_change(config->app, &diff.changes[i]);
	any = diff.count > 0;
	arm_config_diff_clear(&diff);
	return any;
}

/* ---- sending a PATCH */

static int send_patch(struct config *config, struct json_object *patch, struct json_object **reply,
	struct error *err)
{
	CLEANUP(arm_request_clear) struct arm_request request = ARM_REQUEST_INIT;
	autofree char *what = xasprintf("updating configuration '%s'", config->name);

	request.method = "PATCH";
	request.path = config->path;
	request.api_version = arm_api_version(config->azure->arm, ARM_FLUX_CONFIGURATIONS);
	request.body = patch;
	request.secret = arm_config_holds_secrets(json_get(patch, "properties"));
	if (config->azure->flags->dry_run)
		return azure_print_request(config->azure, &request, err);
	return azure_change(config->azure, &request, what, reply, err);
}

/* Azure sometimes wants to see the source again, though nothing of it changes. */
static bool wants_source(const struct error *err)
{
	return err->message && strstr(err->message, "Invalid source kind match");
}

static int send_again(struct config *config, struct json_object *patch, struct json_object **reply,
	struct error *err)
{
	autojson struct json_object *whole = json_copy(patch);

	error_clear(err);
	if (config_read_existing(config, err) < 0)
		return -1;
	arm_config_patch_whole_source(whole, config->current);
	return send_patch(config, whole, reply, err);
}

/* What goes with kustomizations that the patch takes away; how many of these prune. */
static size_t print_pruned(const struct config *config, struct json_object *asked)
{
	struct json_iter iter = JSON_ITER_INIT;
	size_t count = 0;

	while (json_next(json_get(asked, "kustomizations"), &iter))
		if (json_kind(iter.value) == JSON_NULL && config_print_pruned(config, iter.key))
			count++;
	return count;
}

int config_agree(
	struct config *config, const char *question, struct json_object *asked, struct error *err)
{
	size_t pruned = print_pruned(config, asked);
	autofree char *place = azure_place(config->azure);
	autofree char *actor = NULL;

	if (config->azure->flags->dry_run || config->azure->flags->yes)
		return 0;
	actor = azure_actor(config->azure, err);
	if (!actor)
		return -1;
	if (ask_yes(config->app, false, err, "%s '%s' on %s, %s?", question, config->name, place,
		    actor) < 0)
		return -1;
	return pruned ? ask_yes(config->app, false, err,
				"delete what was applied to the cluster, too?")
		      : 0;
}

static bool is_empty(struct json_object *patch)
{
	return !json_next(json_get(patch, "properties"), &(struct json_iter)JSON_ITER_INIT);
}

int config_patch(struct config *config, struct json_object *patch, const char *question,
	struct json_object **reply, struct error *err)
{
	struct json_object *asked = json_get(patch, "properties");
	autojson struct json_object *after = arm_config_merge(config->current, asked);

	bool other_kind = arm_config_kind_of(after) != arm_config_kind_of(config->current);

	*reply = NULL;
	app_progress_end(config->app);
	if (config_check(config, after, asked, other_kind, err) < 0)
		return -1;
	if (is_empty(patch) || !config_print_diff(config, after)) {
		fprintf(config->app->err, "'%s' is as it was asked for: nothing to change\n",
			config->name);
		return 0;
	}
	if (config_agree(config, question, asked, err) < 0)
		return -1;
	if (send_patch(config, patch, reply, err) == 0)
		return 0;
	return wants_source(err) ? send_again(config, patch, reply, err) : -1;
}
