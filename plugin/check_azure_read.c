/* SPDX-License-Identifier: Apache-2.0 */
/* Asking Azure Resource Manager for `check --pre`. */
#include "base/base.h"

#include <ctype.h>

#include "base/alloc.h"
#include "base/json.h"
#include "plugin/check_azure.h"

#define REQUESTS (CHECK_AZURE_PROVIDERS + 3)

void check_azure_free(struct check_azure *azure)
{
	if (!azure)
		return;
	for (size_t i = 0; i < CHECK_AZURE_PROVIDERS; i++)
		arm_request_clear(&azure->providers[i]);
	arm_request_clear(&azure->cluster);
	arm_request_clear(&azure->extensions);
	arm_request_clear(&azure->permissions);
	for (size_t i = 0; i < REQUESTS; i++)
		free(azure->paths[i]);
	free(azure);
}

static enum arm_type type_of(const struct azure *azure)
{
	const char *name = azure->target.type->name;

	if (streq(name, "managedClusters"))
		return ARM_MANAGED_CLUSTERS;
	return streq(name, "connectedClusters") ? ARM_CONNECTED_CLUSTERS : ARM_PROVISIONED_CLUSTERS;
}

/* `path` is taken over. */
static void prepare(struct check_azure *ret, size_t index, struct arm_request *request, char *path,
	enum arm_type type)
{
	ret->paths[index] = path;
	*request = (struct arm_request)ARM_REQUEST_INIT;
	request->path = path;
	request->api_version = arm_api_version(ret->azure->arm, type);
}

static int ask(struct check_azure *ret, struct error *err)
{
	struct azure *azure = ret->azure;
	const char *providers[] = {
		"Microsoft.KubernetesConfiguration", azure->target.type->provider};
	struct arm_request *requests[REQUESTS];
	size_t count = 0;
	autobuf cluster = BUF_INIT;

	arm_target_path(&azure->target, &cluster);
	for (size_t i = 0; i < CHECK_AZURE_PROVIDERS; i++) {
		prepare(ret, count, &ret->providers[i],
			xasprintf("/subscriptions/%s/providers/%s", azure->target.subscription,
				providers[i]),
			ARM_PROVIDERS);
		requests[count++] = &ret->providers[i];
	}
	prepare(ret, count, &ret->cluster, xstrdup(cluster.ptr), type_of(azure));
	requests[count++] = &ret->cluster;
	prepare(ret, count, &ret->extensions, arm_target_child(&azure->target, "extensions", NULL),
		ARM_EXTENSIONS);
	requests[count++] = &ret->extensions;
	prepare(ret, count, &ret->permissions,
		xasprintf("%s/providers/Microsoft.Authorization/permissions", cluster.ptr),
		ARM_PERMISSIONS);
	requests[count++] = &ret->permissions;
	app_progress(azure->app, "asking Azure about %s", azure->target.cluster);
	return arm_run(azure->arm, requests, count, err);
}

struct check_azure *check_azure_read(struct app *app, struct error *err)
{
	static const struct azure_flags flags = {.no_wait = false};
	struct check_azure *ret = xcalloc(1, sizeof(*ret));
	const char *token;

	if (azure_open(app, &flags, true, &app->azure, err) == 0 &&
		arm_token(app->azure->tokens, app->azure->cloud.audience, NULL, &token, err) == 0) {
		ret->azure = app->azure;
		if (ask(ret, err) == 0)
			return ret;
	}
	check_azure_free(ret);
	return NULL;
}

/* ---- permissions */

/* "Microsoft.KubernetesConfiguration/ *" and the like: "*" is anything, case does not count. */
static bool matches(const char *pattern, const char *action)
{
	for (; *pattern; pattern++, action++) {
		if (*pattern == '*') {
			do {
				if (matches(pattern + 1, action))
					return true;
			} while (*action++);
			return false;
		}
		if (tolower((unsigned char)*pattern) != tolower((unsigned char)*action))
			return false;
	}
	return !*action;
}

static bool any_matches(struct json_object *patterns, const char *action)
{
	for (size_t i = 0; i < json_len(patterns); i++) {
		const char *pattern = json_text(json_item(patterns, i));

		/* Azure writes at most two stars; more would only cost time. */
		if (strlen(pattern) < 256 && matches(pattern, action))
			return true;
	}
	return false;
}

bool check_azure_allows(struct json_object *permissions, const char *action)
{
	for (size_t i = 0; i < json_len(permissions); i++) {
		struct json_object *entry = json_item(permissions, i);

		if (any_matches(json_get(entry, "actions"), action) &&
			!any_matches(json_get(entry, "notActions"), action))
			return true;
	}
	return false;
}
