/* SPDX-License-Identifier: Apache-2.0 */
/* What is said when a change is done, and what a deletion takes with it. */
#include "base/base.h"

#include <strings.h>

#include "base/alloc.h"
#include "base/json.h"
#include "plugin/config.h"
#include "plugin/text.h"

#define MAX_LISTED 50 /* objects that a question lists */

/* Without a key of its own, or a Secret, a source over ssh has a key that Flux made. */
static bool needs_key(const struct config *config, struct json_object *properties)
{
	const char *member = arm_config_kind_of(properties)->member;
	const char *url = json_str(properties, member, "url");

	return url && arm_config_url_is_ssh(url) && !config->asked.values[FLUX_SSH_PRIVATE_KEY] &&
	       !str_set(json_str(properties, member, "localAuthRef"));
}

void config_tell_key(struct config *config, struct json_object *properties)
{
	const char *key = json_str(properties, "repositoryPublicKey");
	autobuf safe = BUF_INIT;

	if (config->key_told || !str_set(key) || !needs_key(config, properties))
		return;
	text_safe(&safe, key);
	app_progress_end(config->app);
	fprintf(config->app->err, "the Git server has to know this key, read-only:\n%s\n",
		safe.ptr);
	config->key_told = true;
}

int config_finish(struct config *config, struct json_object *resource, const char *did,
	const char *output, struct error *err)
{
	struct json_object *properties = json_get(resource, "properties");
	const char *state = json_str(properties, "complianceState");
	const char *message = json_str(properties, "errorMessage");
	autofree char *place = azure_place(config->azure);
	autobuf safe = BUF_INIT;

	app_progress_end(config->app);
	config_tell_key(config, properties);
	if (!config->key_told && needs_key(config, properties) &&
		!str_set(json_str(properties, "repositoryPublicKey")))
		fprintf(config->app->err, "the Git server has to know a key that Flux makes: "
					  "'config show' shows it in a minute\n");
	if (str_set(message))
		app_warn(config->app, "%s", message);
	if (output)
		return config_print(config->app, output, resource, err);
	buf_addf(&safe, "%s configuration '%s' on %s: %s", did, config->name, place,
		state ? state : "Unknown");
	fprintf(config->app->out, "%s\n", safe.ptr);
	return 0;
}

int config_after(struct config *config, const struct config_after *after,
	struct json_object **resource, struct error *err)
{
	if (!*resource || config->azure->flags->dry_run)
		return 0;
	if (after->wait && config_wait(config, after->wait_timeout, resource, err) < 0)
		return -1;
	return config_finish(config, *resource, after->did, after->output, err);
}

/* ---- what prune deletes */

static bool prunes(const struct config *config, const char *kustomization)
{
	struct json_object *map = json_get(config->resource, "properties", "kustomizations");
	struct json_iter iter = JSON_ITER_INIT;

	while (json_next(map, &iter))
		if (json_bool(iter.value, "prune") &&
			(!kustomization || streq(kustomization, iter.key)))
			return true;
	return false;
}

/* Of what a kustomization that prunes has applied; Azure names only objects of Flux. */
static bool is_pruned(
	const struct config *config, struct json_object *status, const char *kustomization)
{
	const char *by = json_str(status, "appliedBy", "name");
	struct json_object *map = json_get(config->resource, "properties", "kustomizations");
	struct json_iter iter = JSON_ITER_INIT;

	while (by && json_next(map, &iter)) {
		autofree char *object = xasprintf("%s-%s", config->name, iter.key);

		if (json_bool(iter.value, "prune") && streq(by, object) &&
			(!kustomization || streq(kustomization, iter.key)))
			return true;
	}
	return false;
}

static void print_object(struct app *app, struct json_object *status)
{
	autofree char *line = xasprintf("%s %s/%s", json_text(json_get(status, "kind")),
		json_text(json_get(status, "namespace")), json_text(json_get(status, "name")));
	autobuf safe = BUF_INIT;

	text_cell(&safe, line);
	fprintf(app->err, "  - %s\n", safe.ptr);
}

size_t config_print_pruned(const struct config *config, const char *kustomization)
{
	struct json_object *statuses = json_get(config->resource, "properties", "statuses");
	struct app *app = config->app;
	size_t count = 0;

	app_progress_end(app);
	if (!prunes(config, kustomization))
		return 0;
	fprintf(app->err,
		"prune is on%s%s%s: what was applied is deleted from the cluster with it\n",
		kustomization ? " in '" : "", kustomization ? kustomization : "",
		kustomization ? "'" : "");
	for (size_t i = 0; i < json_len(statuses); i++) {
		if (!is_pruned(config, json_item(statuses, i), kustomization))
			continue;
		if (++count <= MAX_LISTED)
			print_object(app, json_item(statuses, i));
	}
	if (count > MAX_LISTED)
		fprintf(app->err, "  - and %zu more\n", count - MAX_LISTED);
	if (count)
		fprintf(app->err, "and all that these made, and what else the folders hold\n");
	return count ? count : 1;
}
