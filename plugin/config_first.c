/* SPDX-License-Identifier: Apache-2.0 */
/* What has to be there before a configuration: the provider, the extension, and nothing of Flux v1. */
#include "base/base.h"

#include <strings.h>

#include "arm/extension.h"
#include "base/alloc.h"
#include "base/json.h"
#include "base/os.h"
#include "plugin/config.h"
#include "plugin/extension.h"

#define PROVIDER "Microsoft.KubernetesConfiguration"

/* Three questions at once. */
struct first {
	struct config *config;
	struct arm_request provider, v1, extensions;
	char *provider_path, *v1_path, *extensions_path;
};

static void first_clear(struct first *first)
{
	arm_request_clear(&first->provider);
	arm_request_clear(&first->v1);
	arm_request_clear(&first->extensions);
	free(first->provider_path);
	free(first->v1_path);
	free(first->extensions_path);
}

static void fill(struct first *first)
{
	const struct azure *azure = first->config->azure;
	struct arm *arm = azure->arm;

	first->provider_path =
		xasprintf("/subscriptions/%s/providers/" PROVIDER, azure->target.subscription);
	first->v1_path = arm_target_child(&azure->target, "sourceControlConfigurations", NULL);
	first->extensions_path = arm_target_child(&azure->target, "extensions", NULL);
	first->provider.path = first->provider_path;
	first->provider.api_version = arm_api_version(arm, ARM_PROVIDERS);
	first->v1.path = first->v1_path;
	first->v1.api_version = arm_api_version(arm, ARM_SOURCE_CONTROL_CONFIGURATIONS);
	first->v1.absent_ok = true;
	first->extensions.path = first->extensions_path;
	first->extensions.api_version = arm_api_version(arm, ARM_EXTENSIONS);
}

/* ---- the provider: nobody is kept from trying */

static void look_at_provider(const struct first *first)
{
	const char *state = json_str(first->provider.reply, "registrationState");
	struct app *app = first->config->app;

	if (first->provider.error.kind != ERROR_NONE)
		app_warn(app, "whether " PROVIDER " is registered is not known: %s",
			first->provider.error.message);
	else if (state && strcasecmp(state, "Registered") != 0)
		app_warn(app,
			PROVIDER " is %s in this subscription: 'kubectl flux-arc provider "
				 "register' registers it",
			state);
}

/* ---- Flux v1: both would apply to one cluster */

static int look_at_v1(struct first *first, struct error *err)
{
	const char *name = json_str(json_item(json_get(first->v1.reply, "value"), 0), "name");

	if (first->v1.error.kind != ERROR_NONE) {
		app_warn(first->config->app, "whether the cluster has Flux v1 is not known: %s",
			first->v1.error.message);
		return 0;
	}
	if (!name)
		return 0;
	error_set(err, ERROR_FAILED,
		"the cluster has a configuration of Flux v1, '%s', and Flux v2 cannot run beside "
		"it",
		name);
	return error_hint(err, "delete those first: az k8s-configuration delete -n %s", name);
}

/* ---- the extension */

/* What az takes from the environment, too. */
static struct json_object *extension_body(const char *location)
{
	struct arm_extension_asked asked = {
		.upgrade = -1,
		.train = os_env("FLUX_EXTENSION_RELEASETRAIN"),
		.version = os_env("FLUX_EXTENSION_VERSION"),
	};

	return arm_extension_body(&asked, location);
}

/* Waited for even with --no-wait: nothing can follow before it is there. */
static int install_extension(struct config *config, struct error *err)
{
	CLEANUP(arm_request_clear) struct arm_request request = ARM_REQUEST_INIT;
	struct azure *azure = config->azure;
	struct azure_flags waiting = *azure->flags;
	const struct azure_flags *flags = azure->flags;
	autofree char *path =
		arm_target_child(&azure->target, "extensions", ARM_FLUX_EXTENSION_NAME);
	autofree char *location = NULL;
	autojson struct json_object *body = NULL;
	int result;

	if (extension_location(azure, &location, err) < 0)
		return -1;
	body = extension_body(location);
	request.method = "PUT";
	request.path = path;
	request.api_version = arm_api_version(azure->arm, ARM_EXTENSIONS);
	request.body = body;
	app_progress_end(config->app);
	if (flags->dry_run)
		return azure_print_request(azure, &request, err);
	fprintf(config->app->err, "the extension " ARM_FLUX_EXTENSION
				  " is not installed: installing it first, which takes some "
				  "minutes\n");
	waiting.no_wait = false;
	azure->flags = &waiting;
	result = azure_change(azure, &request,
		"installing the extension '" ARM_FLUX_EXTENSION_NAME "'", NULL, err);
	azure->flags = flags;
	return result;
}

static int look_at_extension(struct first *first, struct error *err)
{
	struct json_object *extension =
		arm_extension_find(json_get(first->extensions.reply, "value"), NULL);
	const char *state = json_str(extension, "properties", "provisioningState");
	const char *name = json_str(extension, "name");

	if (first->extensions.error.kind != ERROR_NONE) {
		error_move(err, &first->extensions.error);
		return error_wrap(err, "looking for the extension");
	}
	if (!extension)
		return install_extension(first->config, err);
	if (!state || strcasecmp(state, "Succeeded") == 0 || strcasecmp(state, "Updating") == 0)
		return 0;
	if (strcasecmp(state, "Creating") == 0) {
		error_set(err, ERROR_FAILED, "the extension '%s' is still being installed", name);
		return error_hint(
			err, "try again when 'kubectl flux-arc extension show' says Succeeded");
	}
	error_set(err, ERROR_FAILED, "the extension '%s' is %s: no configuration would be applied",
		name, state);
	return error_hint(err,
		"'kubectl flux-arc extension show' says why; 'extension delete' and 'extension "
		"create' install it anew");
}

int config_prepare(struct config *config, struct error *err)
{
	CLEANUP(first_clear)
	struct first first = {
		.config = config,
		.provider = ARM_REQUEST_INIT,
		.v1 = ARM_REQUEST_INIT,
		.extensions = ARM_REQUEST_INIT,
	};
	struct arm_request *requests[] = {&first.provider, &first.v1, &first.extensions};

	fill(&first);
	app_progress(config->app, "looking at provider and extension");
	if (arm_run(config->azure->arm, requests, countof(requests), err) < 0)
		return -1;
	app_progress_end(config->app);
	look_at_provider(&first);
	if (look_at_v1(&first, err) < 0)
		return -1;
	return look_at_extension(&first, err);
}
