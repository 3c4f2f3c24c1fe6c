/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <strings.h>

#include "base/alloc.h"
#include "base/json.h"
#include "kube/releases.h"
#include "plugin/ask.h"
#include "plugin/identity.h"

#define MAX_CONTROLLERS 8
/* The extension takes the tenant's id from this release on. */
#define TENANT_SINCE "1.16.1"

struct federate_opts {
	struct azure_flags azure;
	const char *identity_group, *location;
};

/* clang-format off */
static const struct option options[] = {
	AZURE_OPT_AUTH(struct federate_opts),
	AZURE_OPT_CLOUD(struct federate_opts),
	AZURE_OPT_CLUSTER(struct federate_opts),
	AZURE_OPT_PROVIDER(struct federate_opts),
	AZURE_OPT_TYPE(struct federate_opts),
	AZURE_OPT_DRY_RUN(struct federate_opts),
	OPT_STRING(struct federate_opts, identity_group, 0, "identity-group", "GROUP", "resource group of the managed identity, if it is not the cluster's"),
	OPT_STRING(struct federate_opts, location, 'l', "location", "REGION", "region of a new managed identity; without it the cluster's"),
	AZURE_OPT_NAME(struct federate_opts, "managed identity to use or to make; without it the one that the extension acts as, else flux-CLUSTER"),
	AZURE_OPT_NO_WAIT(struct federate_opts),
	AZURE_OPT_GROUP(struct federate_opts),
	AZURE_OPT_SUBSCRIPTION(struct federate_opts),
	AZURE_OPT_TENANT(struct federate_opts),
	AZURE_OPT_TOKEN_FILE(struct federate_opts),
	AZURE_OPT_YES(struct federate_opts),
	OPT_END,
};
/* clang-format on */

/* One run of the command. */
struct federation {
	const struct federate_opts *wanted;
	struct identity identity;
	const struct arm_federation_row *missing[MAX_CONTROLLERS];
	size_t missing_count;
	struct json_object *settings; /* of the extension, to be changed; owned; NULL: none */
};

/* ---- what there is to do */

static void need_setting(struct federation *federation, const char *key, const char *value)
{
	const char *now = identity_setting(&federation->identity, key);

	if (!value || (now && strcasecmp(now, value) == 0))
		return;
	if (!federation->settings)
		federation->settings = json_new_object();
	json_set_str(federation->settings, key, value);
}

static bool has_credential(const struct identity *identity, const struct arm_federation_row *row)
{
	autofree char *subject = arm_federation_subject(row->controller);

	return arm_federation_find(identity->credentials, identity->issuer.url, subject) != NULL;
}

/* Nothing of it would read the settings. */
static int refuse_old(const struct identity *identity, struct error *err)
{
	const struct arm_federation_row *first = &arm_federation_rows[0];
	const char *version = json_str(identity->extension, "properties", "currentVersion");
	bool aks = streq(identity->azure->target.type->name, "managedClusters");
	const char *since = aks ? first->since : first->since_arc;

	if (!str_set(version) || version_compare(version, since) >= 0)
		return 0;
	error_set(err, ERROR_FAILED, "the extension is %s, and knows workload identity%s from %s",
		version, aks ? "" : " on Azure Arc", since);
	return error_hint(err,
		"'kubectl flux-arc extension versions' lists newer ones, 'extension update "
		"--version' takes one");
}

static int refuse_unready(const struct identity *identity, struct error *err)
{
	const struct arm_target *target = &identity->azure->target;
	bool aks = streq(target->type->name, "managedClusters");
	const char *kubelet = identity_setting(identity, "useKubeletIdentity");

	if (!identity->issuer.url || !identity->issuer.workload_identity) {
		error_set(err, ERROR_FAILED, "workload identity is not enabled on %s",
			target->cluster);
		return error_hint(err,
			"az %s update -g %s -n %s --enable-oidc-issuer --enable-workload-identity",
			aks ? "aks" : "connectedk8s", target->group, target->cluster);
	}
	if (!identity->extension) {
		error_set(err, ERROR_NOT_FOUND,
			"the extension microsoft.flux is not installed on %s", target->cluster);
		return error_hint(err, "kubectl flux-arc extension create -g %s -c %s -t %s",
			target->group, target->cluster, target->type->name);
	}
	if (!kubelet || strcasecmp(kubelet, "true") != 0)
		return refuse_old(identity, err);
	error_set(err, ERROR_FAILED,
		"the extension uses the kubelet's identity, which excludes workload identity");
	return error_hint(err,
		"kubectl flux-arc extension update -g %s -c %s -t %s --kubelet-identity=false",
		target->group, target->cluster, target->type->name);
}

static int find_credentials(struct federation *federation, struct error *err)
{
	struct identity *identity = &federation->identity;
	size_t there = json_len(identity->credentials);

	for (size_t i = 0; i < arm_federation_rows_count; i++)
		if (identity_wants(identity, &arm_federation_rows[i]) &&
			!has_credential(identity, &arm_federation_rows[i]))
			federation->missing[federation->missing_count++] = &arm_federation_rows[i];
	if (there + federation->missing_count <= ARM_FEDERATION_MAX)
		return 0;
	error_set(err, ERROR_FAILED,
		"'%s' has %zu federated credentials, and Azure allows %d: %zu more do not fit",
		identity->name, there, ARM_FEDERATION_MAX, federation->missing_count);
	return error_hint(err, "name another identity with -n; it is made if there is none");
}

/* The ids are known only once there is an identity. */
static void find_settings(struct federation *federation)
{
	const struct identity *identity = &federation->identity;
	const char *version = json_str(identity->extension, "properties", "currentVersion");

	need_setting(federation, "workloadIdentity.enable", "true");
	if (!identity->resource && federation->wanted->azure.dry_run)
		need_setting(federation, "workloadIdentity.azureClientId",
			"(the client id of the new identity)");
	need_setting(federation, "workloadIdentity.azureClientId",
		identity_property(identity, "clientId"));
	if (!version || version_compare(version, TENANT_SINCE) >= 0)
		need_setting(federation, "workloadIdentity.azureTenantId",
			identity_property(identity, "tenantId"));
}

static bool nothing_to_do(const struct federation *federation)
{
	return federation->identity.resource && !federation->missing_count && !federation->settings;
}

static void print_plan(const struct federation *federation)
{
	const struct identity *identity = &federation->identity;
	FILE *err = identity->azure->app->err;

	if (!identity->resource)
		fprintf(err, "  make the managed identity '%s' in resource group '%s'\n",
			identity->name, identity->group);
	for (size_t i = 0; i < federation->missing_count; i++)
		fprintf(err, "  let %s act as '%s' (a federated credential)\n",
			federation->missing[i]->controller, identity->name);
	if (federation->settings || !identity->resource)
		fprintf(err, "  set workloadIdentity.* of the extension '%s'\n",
			json_str(identity->extension, "name"));
}

/* ---- doing it */

static int send(struct federation *federation, struct arm_request *request, const char *what,
	struct error *err)
{
	struct azure *azure = federation->identity.azure;

	if (federation->wanted->azure.dry_run)
		return azure_print_request(azure, request, err);
	app_progress(azure->app, "%s", what);
	if (arm_send(azure->arm, request, err) < 0)
		return error_wrap(err, "%s", what);
	app_progress_end(azure->app);
	fprintf(azure->app->err, "done: %s\n", what);
	return 0;
}

static int make_identity(struct federation *federation, struct error *err)
{
	struct identity *identity = &federation->identity;
	struct azure *azure = identity->azure;
	const char *location = federation->wanted->location;
	autofree char *path =
		arm_user_identity_path(azure->target.subscription, identity->group, identity->name);
	autofree char *what = xasprintf("making the managed identity '%s'", identity->name);
	autojson struct json_object *body = json_new_object();
	CLEANUP(arm_request_clear) struct arm_request request = ARM_REQUEST_INIT;

	json_set_str(
		body, "location", location ? location : json_str(identity->cluster, "location"));
	request.method = "PUT";
	request.path = path;
	request.api_version = arm_api_version(azure->arm, ARM_USER_IDENTITIES);
	request.body = body;
	if (send(federation, &request, what, err) < 0)
		return -1;
	identity->resource = TAKE(request.reply);
	return 0;
}

/* One after another: Azure refuses two at once for one identity. */
static int make_credential(
	struct federation *federation, const struct arm_federation_row *row, struct error *err)
{
	struct identity *identity = &federation->identity;
	struct azure *azure = identity->azure;
	autofree char *subject = arm_federation_subject(row->controller);
	autofree char *name =
		arm_federation_name(azure->target.cluster, row->controller, identity->credentials);
	autofree char *above =
		arm_user_identity_path(azure->target.subscription, identity->group, identity->name);
	autofree char *path = xasprintf("%s/federatedIdentityCredentials/%s", above, name);
	autofree char *what = xasprintf("making the federated credential '%s'", name);
	autojson struct json_object *body = arm_federation_body(identity->issuer.url, subject);
	CLEANUP(arm_request_clear) struct arm_request request = ARM_REQUEST_INIT;

	request.method = "PUT";
	request.path = path;
	request.api_version = arm_api_version(azure->arm, ARM_FEDERATED_CREDENTIALS);
	request.body = body;
	return send(federation, &request, what, err);
}

static int set_extension(struct federation *federation, struct error *err)
{
	struct azure *azure = federation->identity.azure;
	const char *name = json_str(federation->identity.extension, "name");
	autofree char *path = arm_target_child(&azure->target, "extensions", name);
	autofree char *what = xasprintf("setting workload identity of the extension '%s'", name);
	autojson struct json_object *body = json_new_object();
	struct json_object *properties = json_new_object();
	CLEANUP(arm_request_clear) struct arm_request request = ARM_REQUEST_INIT;

	json_set(properties, "configurationSettings", TAKE(federation->settings));
	json_set(body, "properties", properties);
	request.method = "PATCH";
	request.path = path;
	request.api_version = arm_api_version(azure->arm, ARM_EXTENSIONS);
	request.body = body;
	if (federation->wanted->azure.dry_run)
		return azure_print_request(azure, &request, err);
	return azure_change(azure, &request, what, NULL, err);
}

static int carry_out(struct federation *federation, struct error *err)
{
	if (!federation->identity.resource && make_identity(federation, err) < 0)
		return -1;
	for (size_t i = 0; i < federation->missing_count; i++)
		if (make_credential(federation, federation->missing[i], err) < 0)
			return -1;
	find_settings(federation);
	return federation->settings ? set_extension(federation, err) : 0;
}

/* ---- the command */

/* What is in place now, and what only somebody else can do. */
static int report(struct federation *federation, struct error *err)
{
	CLEANUP(identity_clear) struct identity now = IDENTITY_INIT;
	struct identity *before = &federation->identity;

	if (identity_read(before->azure, before->name, before->group, &now, err) < 0 ||
		identity_judge(&now, err) < 0)
		return -1;
	app_progress_end(before->azure->app);
	identity_print(&now);
	return identity_outcome(&now, err);
}

static int confirm(struct federation *federation, struct error *err)
{
	struct azure *azure = federation->identity.azure;
	autofree char *place = azure_place(azure);
	autofree char *actor = NULL;

	if (federation->wanted->azure.dry_run)
		return 0;
	actor = azure_actor(azure, err);
	if (!actor)
		return -1;
	fprintf(azure->app->err, "On %s, %s:\n", place, actor);
	print_plan(federation);
	return ask_yes(azure->app, federation->wanted->azure.yes, err, "make all of this?");
}

static int federate(struct federation *federation, struct error *err)
{
	struct app *app = federation->identity.azure->app;

	if (refuse_unready(&federation->identity, err) < 0 || find_credentials(federation, err) < 0)
		return -1;
	find_settings(federation);
	app_progress_end(app);
	if (nothing_to_do(federation))
		fputs("everything that this command makes is there already\n", app->err);
	else if (confirm(federation, err) < 0 || carry_out(federation, err) < 0)
		return -1;
	return federation->wanted->azure.dry_run ? 0 : report(federation, err);
}

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct federate_opts *wanted = opts;
	struct federation federation = {.wanted = wanted, .identity = IDENTITY_INIT};
	int result;

	(void)args;
	result = identity_read(
		app->azure, wanted->azure.name, wanted->identity_group, &federation.identity, err);
	if (result == 0)
		result = federate(&federation, err);
	json_free(federation.settings);
	identity_clear(&federation.identity);
	return result;
}

static const struct example examples[] = {
	{"let Flux of the kubeconfig context's cluster act as a managed identity",
		"identity federate"},
	{"the same with a given identity, without a question",
		"identity federate -g flux-demo-rg -c flux-demo-arc -t connectedClusters -n "
		"flux-identity --yes"},
	{"the requests that would be sent", "identity federate --dry-run"},
	{NULL, NULL},
};

const struct command cmd_identity_federate = {
	.name = "identity federate",
	.needs = NEEDS_AZURE_CLUSTER | MUTATES,
	.summary = "Let Flux act as a managed identity, without a secret",
	.description = "Makes what is missing, and only that: the managed identity, a federated "
		       "credential for the "
		       "service account of each controller that is deployed and can act as an "
		       "identity in this release of "
		       "the extension, and the extension's workload-identity settings. Then shows "
		       "what is in place, and "
		       "what somebody else has to do: a role on a registry, adding the identity to "
		       "the Azure DevOps "
		       "organization. The command may be repeated at any time.",
	.options = options,
	.opts_size = sizeof(struct federate_opts),
	.examples = examples,
	.run = run,
};
