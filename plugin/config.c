/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <strings.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/nearest.h"
#include "plugin/config.h"

#define COLLECTION "fluxConfigurations"
#define MAX_NAMES 10 /* in a hint */

void config_clear(struct config *config)
{
	free(config->owned_name);
	free(config->path);
	json_free(config->resource);
	json_free(config->current);
	arm_config_clear(&config->asked);
	strv_clear(&config->warnings);
	*config = (struct config)CONFIG_INIT;
}

int config_open(struct azure *azure, const char *name, struct config *config, struct error *err)
{
	config->app = azure->app;
	config->azure = azure;
	config->name = name;
	if (!str_set(name)) {
		error_set(err, ERROR_USAGE, "the configuration's name is missing");
		return error_hint(err, "give it as -n NAME; 'config list' shows those there are");
	}
	if (arm_config_check_name(name, err) < 0)
		return -1;
	config->path = arm_target_child(&azure->target, COLLECTION, name);
	return 0;
}

/* ---- reading */

static bool mentions(const char *text, const char *part)
{
	size_t len = strlen(part);

	for (; text && *text; text++)
		if (strncasecmp(text, part, len) == 0)
			return true;
	return false;
}

/* A 404 is about the configuration unless it names something above it. */
static bool is_absent(const struct arm_request *request)
{
	static const char *const above[] = {
		"ResourceNotFound", "ResourceGroupNotFound", "SubscriptionNotFound"};

	/* a reply that broke off has a status, too */
	if (request->status != 404 || request->error.kind != ERROR_NOT_FOUND)
		return false;
	for (size_t i = 0; i < countof(above); i++)
		if (request->code && strcasecmp(request->code, above[i]) == 0)
			return mentions(request->error.message, COLLECTION);
	return true;
}

int config_read(struct config *config, struct error *err)
{
	CLEANUP(arm_request_clear) struct arm_request request = ARM_REQUEST_INIT;
	struct arm_request *requests[] = {&request};
	struct arm *arm = config->azure->arm;

	request.path = config->path;
	request.api_version = arm_api_version(arm, ARM_FLUX_CONFIGURATIONS);
	request.delay_ms = config->delay_ms;
	if (!config->delay_ms)
		app_progress(config->app, "reading configuration '%s'", config->name);
	if (arm_run(arm, requests, 1, err) < 0)
		return -1;
	json_free(config->resource);
	json_free(config->current);
	config->resource = NULL;
	config->current = NULL;
	if (is_absent(&request))
		return 0;
	if (request.error.kind != ERROR_NONE) {
		error_move(err, &request.error);
		return error_wrap(err, "reading configuration '%s'", config->name);
	}
	config->resource = TAKE(request.reply);
	config->current = arm_config_comparable(json_get(config->resource, "properties"));
	return 0;
}

int config_list(struct azure *azure, struct json_object **ret, struct error *err)
{
	autofree char *path = arm_target_child(&azure->target, COLLECTION, NULL);

	app_progress(azure->app, "listing configurations");
	if (arm_list(azure->arm, path, arm_api_version(azure->arm, ARM_FLUX_CONFIGURATIONS), ret,
		    err) < 0)
		return error_wrap(err, "listing configurations");
	return 0;
}

/* The hint names what is there: a failure to ask for it changes nothing. */
static void hint_others(struct config *config, struct error *err)
{
	autojson struct json_object *list = NULL;
	struct nearest nearest = {.word = config->name};
	autobuf names = BUF_INIT;
	autoerror ignored = ERROR_INIT;

	if (config_list(config->azure, &list, &ignored) < 0)
		return;
	for (size_t i = 0; i < json_len(list); i++) {
		const char *name = json_str(json_item(list, i), "name");

		nearest_offer(&nearest, name);
		if (name && i < MAX_NAMES)
			buf_addf(&names, "%s%s", i ? ", " : "", name);
	}
	if (nearest.best)
		error_hint(err, "did you mean %s?", nearest.best);
	else if (names.len)
		error_hint(err, "there are: %s", names.ptr);
	else
		error_hint(err, "the cluster has no configurations");
}

int config_read_existing(struct config *config, struct error *err)
{
	autofree char *place = azure_place(config->azure);

	if (config_read(config, err) < 0)
		return -1;
	if (config->resource)
		return 0;
	error_set(err, ERROR_NOT_FOUND, "no configuration named '%s' on %s", config->name, place);
	hint_others(config, err);
	return -1;
}
