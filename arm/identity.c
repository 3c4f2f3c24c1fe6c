/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <ctype.h>
#include <strings.h>

#include "arm/identity.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"

#define MAX_NAME 120

/* clang-format off */
const struct arm_federation_row arm_federation_rows[] = {
	/* controller                    setting                                on?    AKS       Arc */
	{"source-controller",           "source-controller.enabled",           true,  "1.8.0",  "1.15.1"},
	{"kustomize-controller",        "kustomize-controller.enabled",        true,  "1.11.1", "1.15.1"},
	{"notification-controller",     "notification-controller.enabled",     true,  "1.20.4", "1.20.4"},
	{"image-reflector-controller",  "image-reflector-controller.enabled",  false, "1.8.0",  "1.15.1"},
	{"image-automation-controller", "image-automation-controller.enabled", false, "1.16.1", "1.16.1"},
};

const struct arm_pull_role arm_pull_roles[] = {
	{"7f951dda-4ed3-4680-a7ca-43fe172d538d", "AcrPull",                                   false},
	{"8311e382-0749-4cb8-b61a-304f252e45ec", "AcrPush",                                   false},
	{"b24988ac-6180-42a0-ab88-20f7382dd24c", "Contributor",                               false},
	{"8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner",                                     false},
	{"b93aa761-3e63-49ed-ac28-beffa264f7ac", "Container Registry Repository Reader",      true},
	{"2a1e307c-b015-4ebd-883e-5b7698a07328", "Container Registry Repository Writer",      true},
	{"2efddaa5-3f1f-4df3-97df-af3f13818f4c", "Container Registry Repository Contributor", true},
};
/* clang-format on */
const size_t arm_federation_rows_count = countof(arm_federation_rows);
const size_t arm_pull_roles_count = countof(arm_pull_roles);

char *arm_federation_subject(const char *controller)
{
	return xasprintf("system:serviceaccount:flux-system:%s", controller);
}

/* ---- names */

static bool is_taken(struct json_object *credentials, const char *name)
{
	for (size_t i = 0; i < json_len(credentials); i++) {
		const char *other = json_str(json_item(credentials, i), "name");

		if (other && strcasecmp(other, name) == 0)
			return true;
	}
	return false;
}

/* "flux-CLUSTER-CONTROLLER", with "-2" behind it for the second try; a long cluster's name is cut. */
static char *try_name(const char *cluster, const char *controller, unsigned number)
{
	autofree char *tail =
		number > 1 ? xasprintf("-%s-%u", controller, number) : xasprintf("-%s", controller);
	struct buf name = BUF_INIT;

	buf_adds(&name, "flux-");
	for (; *cluster && name.len + strlen(tail) < MAX_NAME; cluster++)
		buf_addc(&name, isalnum((unsigned char)*cluster) ? *cluster : '-');
	buf_adds(&name, tail);
	return buf_detach(&name);
}

char *arm_federation_name(
	const char *cluster, const char *controller, struct json_object *credentials)
{
	char *name = try_name(cluster, controller, 1);

	for (unsigned number = 2; is_taken(credentials, name); number++) {
		free(name);
		name = try_name(cluster, controller, number);
	}
	return name;
}

/* ---- credentials */

static bool has_audience(struct json_object *credential)
{
	struct json_object *audiences = json_get(credential, "properties", "audiences");

	for (size_t i = 0; i < json_len(audiences); i++)
		if (streq(json_text(json_item(audiences, i)), ARM_FEDERATION_AUDIENCE))
			return true;
	return false;
}

const char *arm_federation_find(
	struct json_object *credentials, const char *issuer, const char *subject)
{
	for (size_t i = 0; i < json_len(credentials); i++) {
		struct json_object *credential = json_item(credentials, i);

		if (streq(json_str(credential, "properties", "issuer"), issuer) &&
			streq(json_str(credential, "properties", "subject"), subject) &&
			has_audience(credential))
			return json_str(credential, "name");
	}
	return NULL;
}

struct json_object *arm_federation_body(const char *issuer, const char *subject)
{
	struct json_object *body = json_new_object();
	struct json_object *properties = json_new_object();
	struct json_object *audiences = json_new_array();

	json_push(audiences, json_new_string(ARM_FEDERATION_AUDIENCE));
	json_set_str(properties, "issuer", issuer);
	json_set_str(properties, "subject", subject);
	json_set(properties, "audiences", audiences);
	json_set(body, "properties", properties);
	return body;
}

char *arm_user_identity_path(const char *subscription, const char *group, const char *name)
{
	return xasprintf("/subscriptions/%s/resourceGroups/%s/providers/Microsoft.ManagedIdentity/"
			 "userAssignedIdentities%s%s",
		subscription, group, name ? "/" : "", name ? name : "");
}

/* ---- what resources say */

void arm_issuer_read(struct json_object *cluster, struct arm_issuer *ret)
{
	struct json_object *profile = json_get(cluster, "properties", "oidcIssuerProfile");
	const char *url = json_str(profile, "issuerUrl");

	if (!str_set(url))
		url = json_str(profile, "issuerURL");
	ret->url = str_set(url) ? url : NULL;
	ret->enabled = json_bool(profile, "enabled");
	ret->workload_identity =
		json_bool(cluster, "properties", "securityProfile", "workloadIdentity", "enabled");
}

const struct arm_pull_role *arm_pull_role_find(struct json_object *assignments)
{
	for (size_t i = 0; i < json_len(assignments); i++) {
		const char *id =
			json_str(json_item(assignments, i), "properties", "roleDefinitionId");
		const char *slash = id ? strrchr(id, '/') : NULL;

		for (size_t k = 0; slash && k < arm_pull_roles_count; k++)
			if (strcasecmp(slash + 1, arm_pull_roles[k].id) == 0)
				return &arm_pull_roles[k];
	}
	return NULL;
}
