/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <strings.h>

#include "base/alloc.h"
#include "base/json.h"
#include "plugin/config.h"

/* What never changes afterwards has to be what it is. */
static int check_fixed(struct config *config, struct json_object *wanted, struct error *err)
{
	static const enum arm_config_id fixed[] = {FLUX_SCOPE, FLUX_NAMESPACE};

	for (size_t i = 0; i < countof(fixed); i++) {
		const char *key = arm_config_fields[fixed[i]].name;
		const char *has = json_str(config->current, key);

		if (!config->asked.given[fixed[i]] || !has || streq(has, json_str(wanted, key)))
			continue;
		error_set(err, ERROR_USAGE, "'%s' is there already, and its %s is '%s', not '%s'",
			config->name, key, has, json_str(wanted, key));
		return error_hint(
			err, "that cannot be changed: delete it first, or take another name");
	}
	return 0;
}

/* az replaces it without a word. */
static int change(struct config *config, struct json_object *wanted, struct json_object **reply,
	struct error *err)
{
	autojson struct json_object *patch = arm_config_patch_to(config->current, wanted);

	if (check_fixed(config, wanted, err) < 0)
		return -1;
	config->heading = "it is there already; what was asked for differs:";
	return config_patch(config, patch, "change configuration", reply, err);
}

static int make(struct config *config, struct json_object *body, struct json_object **reply,
	struct error *err)
{
	CLEANUP(arm_request_clear) struct arm_request request = ARM_REQUEST_INIT;
	autofree char *what = xasprintf("creating configuration '%s'", config->name);

	if (!config->asked.kustomizations)
		app_warn(config->app,
			"no kustomization was given: '" ARM_CONFIG_DEFAULT_KUSTOMIZATION
			"' will apply all of the source");
	if (config_prepare(config, err) < 0)
		return -1;
	request.method = "PUT";
	request.path = config->path;
	request.api_version = arm_api_version(config->azure->arm, ARM_FLUX_CONFIGURATIONS);
	request.body = body;
	request.secret = arm_config_holds_secrets(json_get(body, "properties"));
	return config->azure->flags->dry_run
		       ? azure_print_request(config->azure, &request, err)
		       : azure_change(config->azure, &request, what, reply, err);
}

/* A change of what never came to be may be refused, so it is made anew, as az does with everything. */
static bool has_failed(const struct config *config)
{
	const char *state = json_str(config->resource, "properties", "provisioningState");

	return state && (strcasecmp(state, "Failed") == 0 || strcasecmp(state, "Canceled") == 0);
}

static int make_again(struct config *config, struct json_object *body, struct json_object **reply,
	struct error *err)
{
	struct json_object *wanted = json_get(body, "properties");

	if (check_fixed(config, wanted, err) < 0)
		return -1;
	app_warn(config->app, "'%s' is there already, and has failed: it is created again",
		config->name);
	config->heading = "what was asked for differs:";
	(void)config_print_diff(config, wanted);
	if (config_agree(config, "replace configuration", wanted, err) < 0)
		return -1;
	return make(config, body, reply, err);
}

/* What was not given of what never changes is what it is. */
static void take_fixed(const struct config *config, struct json_object *properties)
{
	static const enum arm_config_id fixed[] = {FLUX_SCOPE, FLUX_NAMESPACE};

	for (size_t i = 0; i < countof(fixed); i++) {
		const char *key = arm_config_fields[fixed[i]].name;
		const char *has = json_str(config->current, key);

		if (has && !config->asked.given[fixed[i]])
			json_set_str(properties, key, has);
	}
}

static int send(struct config *config, struct json_object *body, struct json_object **reply,
	struct error *err)
{
	if (!config->resource)
		return make(config, body, reply, err);
	if (has_failed(config))
		return make_again(config, body, reply, err);
	return change(config, json_get(body, "properties"), reply, err);
}

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct config_opts *wanted = opts;
	struct config_after after = {wanted->wait, wanted->wait_timeout, wanted->output, "created"};
	autoconfig config = CONFIG_INIT;
	autojson struct json_object *body = NULL;
	autojson struct json_object *reply = NULL;
	struct json_object *properties;

	(void)args;
	if (config_check_wait(app->azure, wanted->wait, wanted->wait_timeout, err) < 0 ||
		config_ask(app->azure, wanted, &config, err) < 0 ||
		arm_config_check_kind(&config.asked, err) < 0)
		return -1;
	body = arm_config_put(&config.asked);
	properties = json_get(body, "properties");
	if (config_check(&config, properties, properties, true, err) < 0 ||
		config_read(&config, err) < 0)
		return -1;
	take_fixed(&config, properties);
	if (config_check_secret(&config, properties, wanted->unchecked, err) < 0)
		return -1;
	if (config.resource)
		after.did = "changed";
	if (send(&config, body, &reply, err) < 0)
		return -1;
	if (!reply && after.wait)
		reply = json_ref(config.resource);
	return config_after(&config, &after, &reply, err);
}

static const struct example examples[] = {
	{"two kustomizations, the second after the first",
		"config create -g flux-demo-rg -c flux-demo-arc -t connectedClusters "
		"-n cluster-config --namespace cluster-config --scope cluster "
		"-u https://github.com/Azure/gitops-flux2-kustomize-helm-mt --branch main "
		"--kustomization name=infra path=./infrastructure prune=true "
		"--kustomization name=apps path=./apps/staging prune=true dependsOn=[infra]"},
	{"what a file says, until it is applied", "config create --file config.yaml --wait"},
	{"what would be sent", "config create --file config.yaml --dry-run"},
	{"a password that no other user can see",
		"config create -n apps -u https://git.example.com/apps --branch main "
		"--https-user flux --https-key @token.txt"},
	{NULL, NULL},
};

const struct command cmd_config_create = {
	.name = "config create",
	.needs = NEEDS_AZURE_CLUSTER,
	.summary = "Create a Flux configuration of a cluster in Azure",
	.description =
		"Takes what 'az k8s-configuration flux create' takes, and checks it before "
		"anything "
		"is sent: names and their lengths, the URL and the way to log in, durations, "
		"unknown "
		"names and circles in dependsOn. With a kubeconfig for the same cluster the Secret "
		"of --local-auth-ref is looked at, too.\n\n"
		"If the extension microsoft.flux is missing it is installed first. A configuration "
		"of that name that is there already is not replaced: the difference is shown, and "
		"only that is sent, once it is agreed to.\n\n"
		"--file FILE is YAML with the names of the flags (url, branch, syncInterval, "
		"localAuthRef ...), name, kind, and a mapping 'kustomizations' by name; or the "
		"form "
		"that 'config show -o yaml' prints. Applied again, it changes what differs.\n\n"
		"Values of secrets may be @FILE, @- for stdin, or @fd:N for a descriptor.",
	.options = config_options,
	.opts_size = sizeof(struct config_opts),
	.examples = examples,
	.run = run,
};
