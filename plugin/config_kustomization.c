/* SPDX-License-Identifier: Apache-2.0 */
/* `config kustomization`: one entry of a configuration's map. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/nearest.h"
#include "plugin/config.h"

static int tell_absent(const struct config *config, const char *kustomization, struct error *err)
{
	struct json_object *map = json_get(config->resource, "properties", "kustomizations");
	struct nearest nearest = {.word = kustomization};
	struct json_iter iter = JSON_ITER_INIT;
	autobuf names = BUF_INIT;

	while (json_next(map, &iter)) {
		nearest_offer(&nearest, iter.key);
		buf_addf(&names, "%s%s", names.len ? ", " : "", iter.key);
	}
	error_set(err, ERROR_NOT_FOUND, "configuration '%s' has no kustomization '%s'",
		config->name, kustomization);
	if (nearest.best)
		return error_hint(err, "did you mean %s?", nearest.best);
	return names.len ? error_hint(err, "there are: %s", names.ptr) : -1;
}

int config_open_kustomization(struct azure *azure, const char *kustomization, bool exists,
	struct config *config, struct error *err)
{
	bool there;

	if (!str_set(kustomization))
		return error_set(err, ERROR_USAGE,
			"the kustomization's name is missing: give it as -k NAME");
	if (config_open(azure, config->name, config, err) < 0 ||
		config_read_existing(config, err) < 0)
		return -1;
	app_progress_end(azure->app);
	there = json_get(config->resource, "properties", "kustomizations", kustomization) != NULL;
	if (there == exists)
		return 0;
	if (exists)
		return tell_absent(config, kustomization, err);
	error_set(err, ERROR_FAILED, "configuration '%s' has a kustomization '%s' already",
		config->name, kustomization);
	return error_hint(err, "'config kustomization update' changes it");
}

static const char *switch_text(enum option_switch set)
{
	return set == SWITCH_UNSET ? NULL : set == SWITCH_ON ? "true" : "false";
}

static int set_substitutes(struct json_object *tree, const struct strv *words, struct error *err)
{
	for (size_t i = 0; i < words->len; i++) {
		const char *equals = strchr(words->items[i], '=');
		autofree char *key =
			equals ? xasprintf("substitute.%.*s", (int)(equals - words->items[i]),
					 words->items[i])
			       : NULL;

		if (!key)
			return error_set(err, ERROR_USAGE, "--substitute: '%s' is not NAME=VALUE",
				words->items[i]);
		if (arm_config_kustomization_set(tree, key, equals + 1, err) < 0)
			return -1;
	}
	return 0;
}

static int read_flags(
	const struct config_kustomization_opts *opts, struct json_object *tree, struct error *err)
{
	const struct {
		const char *key, *value;
	} rows[] = {
		{"path", opts->path},
		{"dependsOn", opts->depends_on},
		{"timeout", opts->timeout},
		{"syncInterval", opts->sync_interval},
		{"retryInterval", opts->retry_interval},
		{"prune", switch_text(opts->prune)},
		{"force", switch_text(opts->force)},
		{"disableHealthCheck", switch_text(opts->disable_health_check)},
		{"substituteFrom", opts->substitute_from},
	};

	for (size_t i = 0; i < countof(rows); i++)
		if (rows[i].value &&
			arm_config_kustomization_set(tree, rows[i].key, rows[i].value, err) < 0)
			return -1;
	return set_substitutes(tree, &opts->substitute, err);
}

static struct json_object *patch_of(const char *name, struct json_object *tree)
{
	struct json_object *body = json_new_object();
	struct json_object *properties = json_new_object();
	struct json_object *map = json_new_object();

	json_set(body, "properties", properties);
	json_set(properties, "kustomizations", map);
	json_set(map, name, tree);
	return body;
}

int config_change_kustomization(struct azure *azure, const struct config_kustomization_opts *opts,
	bool exists, struct error *err)
{
	autoconfig config = CONFIG_INIT;
	autojson struct json_object *tree = json_new_object();
	autojson struct json_object *patch = NULL;
	autojson struct json_object *reply = NULL;
	struct config_after after = {opts->wait, opts->wait_timeout, opts->output, "changed"};

	if (config_check_wait(azure, opts->wait, opts->wait_timeout, err) < 0 ||
		read_flags(opts, tree, err) < 0)
		return -1;
	if (exists && !json_next(tree, &(struct json_iter)JSON_ITER_INIT))
		return error_set(err, ERROR_USAGE, "nothing to change was given");
	config.name = opts->azure.name;
	if (config_open_kustomization(azure, opts->kustomization, exists, &config, err) < 0)
		return -1;
	if (!exists && !json_get(tree, "path"))
		json_set_str(tree, "path", "");
	patch = patch_of(opts->kustomization, TAKE(tree));
	if (config_patch(&config, patch,
		    exists ? "update this kustomization of configuration"
			   : "add this kustomization to configuration",
		    &reply, err) < 0)
		return -1;
	if (!reply && after.wait)
		reply = json_ref(config.resource);
	return config_after(&config, &after, &reply, err);
}
