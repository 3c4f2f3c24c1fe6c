/* SPDX-License-Identifier: Apache-2.0 */
/* Asking Azure about one cluster's workload identity. */
#include "base/base.h"

#include <strings.h>

#include "base/alloc.h"
#include "base/json.h"
#include "kube/releases.h"
#include "plugin/identity.h"

/* The first that tells the OIDC issuer; those before it leave the property out. */
#define ARC_ISSUER_VERSION "2024-12-01-preview"

void identity_clear(struct identity *identity)
{
	free(identity->name);
	free(identity->group);
	json_free(identity->cluster);
	json_free(identity->extension);
	json_free(identity->resource);
	json_free(identity->credentials);
	for (size_t i = 0; i < identity->source_count; i++) {
		free(identity->sources[i].object);
		free(identity->sources[i].host);
		free(identity->sources[i].provider);
	}
	free(identity->sources);
	free(identity->sources_unknown);
	for (size_t i = 0; i < identity->step_count; i++) {
		free(identity->steps[i].what);
		free(identity->steps[i].detail);
		free(identity->steps[i].next);
	}
	free(identity->steps);
	*identity = (struct identity)IDENTITY_INIT;
}

const char *identity_setting(const struct identity *identity, const char *key)
{
	return json_str(identity->extension, "properties", "configurationSettings", key);
}

const char *identity_property(const struct identity *identity, const char *key)
{
	return json_str(identity->resource, "properties", key);
}

static bool is_arc(const struct identity *identity)
{
	return identity->azure->target.type->identity;
}

bool identity_wants(const struct identity *identity, const struct arm_federation_row *row)
{
	const char *setting = identity_setting(identity, row->setting);
	const char *version = json_str(identity->extension, "properties", "currentVersion");
	const char *since = is_arc(identity) ? row->since_arc : row->since;

	if (setting ? strcasecmp(setting, "true") != 0 : !row->enabled)
		return false;
	return !str_set(version) || version_compare(version, since) >= 0;
}

/* ---- the cluster and its extension */

static int read_cluster(struct identity *identity, struct error *err)
{
	struct azure *azure = identity->azure;
	bool arc = streq(azure->target.type->name, "connectedClusters");
	const char *version =
		arc ? ARC_ISSUER_VERSION : arm_api_version(azure->arm, ARM_MANAGED_CLUSTERS);
	autobuf path = BUF_INIT;

	arm_target_path(&azure->target, &path);
	if (arm_get(azure->arm, path.ptr, version, &identity->cluster, err) < 0)
		return -1;
	arm_issuer_read(identity->cluster, &identity->issuer);
	return 0;
}

static int read_extension(struct identity *identity, struct error *err)
{
	struct azure *azure = identity->azure;
	autofree char *path = arm_target_child(&azure->target, "extensions", NULL);
	autojson struct json_object *list = NULL;

	if (arm_list(azure->arm, path, arm_api_version(azure->arm, ARM_EXTENSIONS), &list, err) < 0)
		return -1;
	for (size_t i = 0; i < json_len(list) && !identity->extension; i++) {
		const char *type = json_str(json_item(list, i), "properties", "extensionType");

		if (type && strcasecmp(type, "microsoft.flux") == 0)
			identity->extension = json_ref(json_item(list, i));
	}
	return 0;
}

/* ---- the managed identity */

/* The one whose client id the extension has. */
static int find_by_client(struct identity *identity, const char *client, struct error *err)
{
	struct azure *azure = identity->azure;
	autofree char *path =
		arm_user_identity_path(azure->target.subscription, identity->group, NULL);
	autojson struct json_object *list = NULL;
	const char *version = arm_api_version(azure->arm, ARM_USER_IDENTITIES);

	if (arm_list(azure->arm, path, version, &list, err) < 0)
		return -1;
	for (size_t i = 0; i < json_len(list); i++) {
		struct json_object *item = json_item(list, i);
		const char *id = json_str(item, "properties", "clientId");

		if (!id || strcasecmp(id, client) != 0 || !json_str(item, "name"))
			continue;
		identity->name = xstrdup(json_str(item, "name"));
		return 0;
	}
	return 0;
}

static int choose_identity(struct identity *identity, const char *name, struct error *err)
{
	const char *client = identity_setting(identity, "workloadIdentity.azureClientId");

	if (name)
		identity->name = xstrdup(name);
	else if (str_set(client) && find_by_client(identity, client, err) < 0)
		return -1;
	if (identity->name)
		return 0;
	if (str_set(client))
		return error_set(err, ERROR_NOT_FOUND,
			       "the extension acts as client id %s, which is no identity in "
			       "resource group '%s'",
			       client, identity->group),
		       error_hint(err,
			       "name its group with --identity-group, or another identity with -n");
	identity->name = xasprintf("flux-%s", identity->azure->target.cluster);
	return 0;
}

static int read_identity(struct identity *identity, struct error *err)
{
	struct azure *azure = identity->azure;
	autofree char *path =
		arm_user_identity_path(azure->target.subscription, identity->group, identity->name);
	autofree char *below = xasprintf("%s/federatedIdentityCredentials", path);
	CLEANUP(arm_request_clear) struct arm_request request = ARM_REQUEST_INIT;

	request.path = path;
	request.api_version = arm_api_version(azure->arm, ARM_USER_IDENTITIES);
	request.absent_ok = true;
	if (arm_send(azure->arm, &request, err) < 0)
		return -1;
	identity->resource = TAKE(request.reply);
	if (!identity->resource)
		return 0;
	return arm_list(azure->arm, below, arm_api_version(azure->arm, ARM_FEDERATED_CREDENTIALS),
		&identity->credentials, err);
}

int identity_read(struct azure *azure, const char *name, const char *group, struct identity *ret,
	struct error *err)
{
	ret->azure = azure;
	ret->group = xstrdup(group ? group : azure->target.group);
	app_progress(azure->app, "asking Azure about the identity of %s", azure->target.cluster);
	if (read_cluster(ret, err) < 0 || read_extension(ret, err) < 0 ||
		choose_identity(ret, name, err) < 0 || read_identity(ret, err) < 0)
		return -1;
	return 0;
}
