/* SPDX-License-Identifier: Apache-2.0 */
/* Which api-version: a catalog, and what a provider's own list says where ARM does not take the default. */
#include "base/base.h"

#include <strings.h>

#include "arm/client_internal.h"
#include "base/alloc.h"
#include "base/digest.h"
#include "base/json.h"

#define MAX_CLAIMS ((size_t)16 << 10)

/* CATALOG: what is asked for by default, and all that this program can speak, newest first. */
/* clang-format off */
static const struct versions {
	enum arm_type type;
	const char *provider, *resource; /* as in a path: /providers/PROVIDER/RESOURCE, without names */
	const char *use, *known;
} catalog[] = {
	{ARM_FLUX_CONFIGURATIONS,           "Microsoft.KubernetesConfiguration", "fluxConfigurations",          "2025-04-01",         "2025-04-01 2024-11-01 2024-04-01-preview 2023-05-01 2022-11-01 2022-07-01 2022-03-01"},
	{ARM_EXTENSIONS,                    "Microsoft.KubernetesConfiguration", "extensions",                  "2024-11-01",         "2025-03-01 2024-11-01 2023-05-01 2022-11-01 2022-07-01 2022-03-01"},
	{ARM_EXTENSION_TYPES,               "Microsoft.KubernetesConfiguration", "extensionTypes",              "2023-05-01-preview", "2026-05-01 2024-11-01-preview 2023-05-01-preview 2022-01-15-preview"},
	{ARM_SOURCE_CONTROL_CONFIGURATIONS, "Microsoft.KubernetesConfiguration", "sourceControlConfigurations", "2022-03-01",         "2023-05-01 2022-11-01 2022-07-01 2022-03-01 2021-03-01"},
	{ARM_CONNECTED_CLUSTERS,            "Microsoft.Kubernetes",              "connectedClusters",           "2024-01-01",         "2026-05-01 2025-12-01-preview 2024-12-01-preview 2024-07-15-preview 2024-01-01 2021-10-01"},
	{ARM_MANAGED_CLUSTERS,              "Microsoft.ContainerService",        "managedClusters",             "2024-09-01",         "2025-05-01 2024-09-01 2024-02-01 2023-08-01 2022-11-01"},
	{ARM_PROVISIONED_CLUSTERS,          "Microsoft.HybridContainerService",  "provisionedClusters",         "2022-05-01-preview", "2024-01-01 2022-09-01-preview 2022-05-01-preview"},
	{ARM_PROVIDERS,                     "",                                  "providers",                   "2021-04-01",         ""},
	{ARM_RESOURCE_GROUPS,               "",                                  "resourceGroups",              "2021-04-01",         ""},
	{ARM_SUBSCRIPTIONS,                 "",                                  "subscriptions",               "2022-12-01",         ""},
	{ARM_USER_IDENTITIES,               "Microsoft.ManagedIdentity",         "userAssignedIdentities",      "2023-01-31",         "2024-11-30 2023-01-31 2022-01-31-preview"},
	{ARM_FEDERATED_CREDENTIALS,         "Microsoft.ManagedIdentity",         "userAssignedIdentities/federatedIdentityCredentials", "2023-01-31", "2024-11-30 2023-01-31 2022-01-31-preview"},
	{ARM_ROLE_ASSIGNMENTS,              "Microsoft.Authorization",           "roleAssignments",             "2022-04-01",         "2022-04-01 2020-04-01-preview"},
	{ARM_PERMISSIONS,                   "Microsoft.Authorization",           "permissions",                 "2022-04-01",         "2022-04-01 2018-07-01 2015-07-01"},
};
/* clang-format on */

static const struct versions *row_of(enum arm_type type)
{
	for (size_t i = 0; i < countof(catalog); i++)
		if (catalog[i].type == type)
			return &catalog[i];
	return NULL;
}

const char *arm_api_version(struct arm *arm, enum arm_type type)
{
	if (arm->chosen[type])
		return arm->chosen[type];
	return arm->negotiated[type] ? arm->negotiated[type] : row_of(type)->use;
}

void arm_set_api_version(struct arm *arm, enum arm_type type, const char *version)
{
	str_replace(&arm->chosen[type], version);
}

const char *arm_type_provider(enum arm_type type)
{
	return row_of(type)->provider;
}

const char *arm_type_resource(enum arm_type type)
{
	return row_of(type)->resource;
}

bool arm_type_speaks(enum arm_type type, const char *version)
{
	autostrv known = STRV_INIT;

	strv_split(&known, row_of(type)->known, " ", false);
	return strv_contains(&known, version);
}

/* ---- what a path names */

/* "Microsoft.X/types" of the last provider in the path: every second word behind it is a name. */
static bool last_type(const char *path, struct buf *provider, struct buf *resource)
{
	autofree char *bare = xstrndup(path, strcspn(path, "?#"));
	autostrv parts = STRV_INIT;
	size_t at = 0;

	strv_split(&parts, bare, "/", false);
	for (size_t i = 0; i < parts.len; i++)
		if (strcasecmp(parts.items[i], "providers") == 0)
			at = i + 1;
	if (!at || at + 1 >= parts.len)
		return false;
	buf_adds(provider, parts.items[at]);
	for (size_t i = at + 1; i < parts.len; i += 2)
		buf_addf(resource, "%s%s", i > at + 1 ? "/" : "", parts.items[i]);
	return true;
}

static bool fits(const struct versions *row, const char *provider, const char *resource)
{
	size_t len = strlen(row->resource);

	return *row->provider && strcasecmp(row->provider, provider) == 0 &&
	       strncasecmp(row->resource, resource, len) == 0 &&
	       (!resource[len] || resource[len] == '/');
}

enum arm_type arm_type_of(const char *path)
{
	autobuf provider = BUF_INIT;
	autobuf resource = BUF_INIT;
	size_t best = 0;
	enum arm_type type = ARM_TYPES_COUNT;

	if (!last_type(path, &provider, &resource))
		return type;
	for (size_t i = 0; i < countof(catalog); i++) {
		size_t len = strlen(catalog[i].resource);

		if (len > best && fits(&catalog[i], provider.ptr, resource.ptr)) {
			type = catalog[i].type;
			best = len;
		}
	}
	return type;
}

/* ---- agreeing */

const char *arm_version_choose(enum arm_type type, struct json_object *provider)
{
	const struct versions *row = row_of(type);
	struct json_object *types = json_get(provider, "resourceTypes");
	struct json_object *offered = NULL;
	autostrv known = STRV_INIT;

	for (size_t i = 0; i < json_len(types) && !offered; i++) {
		const char *name = json_str(json_item(types, i), "resourceType");

		if (name && strcasecmp(name, row->resource) == 0)
			offered = json_get(json_item(types, i), "apiVersions");
	}
	strv_split(&known, row->known, " ", false);
	for (size_t i = 0; i < known.len; i++)
		for (size_t k = 0; k < json_len(offered); k++)
			if (strcasecmp(json_text(json_item(offered, k)), known.items[i]) == 0)
				return json_text(json_item(offered, k));
	return NULL;
}

/* "/subscriptions/S" at the start of a path or a URL; NULL if there is none. */
static char *subscription_of(const char *path)
{
	autofree char *bare = xstrndup(path, strcspn(path, "?#"));
	autostrv parts = STRV_INIT;

	strv_split(&parts, bare, "/", false);
	for (size_t i = 0; i + 1 < parts.len; i++)
		if (strcasecmp(parts.items[i], "subscriptions") == 0)
			return xasprintf("/subscriptions/%s", parts.items[i + 1]);
	return NULL;
}

/* Once a provider: all its types get a version. */
static void ask_provider(struct arm *arm, const char *path, const struct versions *row)
{
	autofree char *subscription = subscription_of(path);
	autofree char *provider = NULL;
	autojson struct json_object *reply = NULL;
	autoerror ignored = ERROR_INIT;

	if (!subscription || strv_contains(&arm->asked, row->provider))
		return;
	strv_push(&arm->asked, row->provider);
	provider = xasprintf("%s/providers/%s", subscription, row->provider);
	if (arm_get(arm, provider, arm_api_version(arm, ARM_PROVIDERS), &reply, &ignored) < 0)
		return;
	for (size_t i = 0; i < countof(catalog); i++)
		if (streq(catalog[i].provider, row->provider))
			str_replace(&arm->negotiated[catalog[i].type],
				arm_version_choose(catalog[i].type, reply));
}

bool arm_negotiate(struct arm *arm, const char *path, enum arm_type type, const char *refused)
{
	if (!refused || arm->chosen[type])
		return false;
	/* Somebody wanted this version and no other. */
	if (!streq(refused, row_of(type)->use) && !streq(refused, arm->negotiated[type]))
		return false;
	ask_provider(arm, path, row_of(type));
	return !streq(arm_api_version(arm, type), refused);
}

/* ---- challenges */

char *arm_claims_of(const char *header)
{
	static const char key[] = "claims=\"";
	const char *start = header ? strstr(header, key) : NULL;
	struct buf claims = BUF_INIT;
	size_t bad;
	size_t len;

	if (!start || !strstr(header, "insufficient_claims"))
		return NULL;
	start += sizeof(key) - 1;
	len = strcspn(start, "\"");
	while (len && start[len - 1] == '=')
		len--;
	if (!len || len > MAX_CLAIMS)
		return NULL;
	if (!base64url_decode(start, len, &claims)) {
		buf_reset(&claims);
		if (!base64_decode(start, strcspn(start, "\""), &claims, &bad)) {
			buf_clear(&claims);
			return NULL;
		}
	}
	return buf_detach(&claims);
}
