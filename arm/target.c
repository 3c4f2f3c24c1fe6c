/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <ctype.h>
#include <strings.h>

#include "arm/target.h"
#include "base/alloc.h"
#include "base/strv.h"

#define MAX_GROUP 90
#define MAX_CLUSTER 63
#define GUID "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"

/* clang-format off */
const struct arm_cluster_type arm_cluster_types[] = {
	/* -t                     provider                           what                                 identity */
	{"connectedClusters",     "Microsoft.Kubernetes",            "Azure Arc-enabled Kubernetes",      true},
	{"managedClusters",       "Microsoft.ContainerService",      "Azure Kubernetes Service",          false},
	{"provisionedClusters",   "Microsoft.HybridContainerService", "AKS enabled by Azure Arc",         true},
};
/* clang-format on */
const size_t arm_cluster_types_count = countof(arm_cluster_types);

const struct arm_cluster_type *arm_cluster_type_find(const char *name)
{
	static const char *const short_names[] = {"arc", "aks", "aks-arc"};

	for (size_t i = 0; i < arm_cluster_types_count; i++)
		if (strcasecmp(name, arm_cluster_types[i].name) == 0 ||
			strcasecmp(name, short_names[i]) == 0)
			return &arm_cluster_types[i];
	return NULL;
}

void arm_target_clear(struct arm_target *target)
{
	free(target->subscription);
	free(target->group);
	free(target->cluster);
	*target = (struct arm_target)ARM_TARGET_INIT;
}

/* ---- names */

static bool is_guid(const char *text)
{
	static const char pattern[] = GUID;

	for (size_t i = 0; i < sizeof(pattern) - 1; i++)
		if (pattern[i] == 'x' ? !isxdigit((unsigned char)text[i]) : text[i] != '-')
			return false;
	return !text[sizeof(pattern) - 1];
}

/* Letters, digits and those of `others`; bytes beyond ASCII are letters of some script. */
static bool consists_of(const char *text, const char *others)
{
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && (unsigned char)*text < 0x80 &&
			!strchr(others, *text))
			return false;
	return true;
}

static int refuse(struct error *err, const char *what, const char *name, const char *why)
{
	return error_set(err, ERROR_USAGE, "'%s' cannot be %s: %s", name, what, why);
}

static int check_group(const char *name, struct error *err)
{
	size_t len = strlen(name);

	if (len > MAX_GROUP)
		return refuse(err, "a resource group", name, "it is longer than 90 characters");
	if (!consists_of(name, "._-()"))
		return refuse(err, "a resource group", name,
			"it may consist of letters, digits and . _ - ( )");
	if (len && name[len - 1] == '.')
		return refuse(err, "a resource group", name, "it ends with a dot");
	return 0;
}

int arm_target_check(const struct arm_target *target, struct error *err)
{
	if (target->subscription && !is_guid(target->subscription))
		return refuse(err, "a subscription's id", target->subscription,
			"it has to look like 00000000-0000-0000-0000-000000000000");
	if (target->group && check_group(target->group, err) < 0)
		return -1;
	if (!target->cluster)
		return 0;
	if (strlen(target->cluster) > MAX_CLUSTER)
		return refuse(err, "a cluster", target->cluster, "it is longer than 63 characters");
	if (!str_set(target->cluster) || !consists_of(target->cluster, "_-"))
		return refuse(err, "a cluster", target->cluster,
			"it may consist of letters, digits, _ and -");
	return 0;
}

/* ---- paths */

void arm_target_path(const struct arm_target *target, struct buf *out)
{
	buf_addf(out, "/subscriptions/%s/resourceGroups/%s/providers/%s/%s/%s",
		target->subscription, target->group, target->type->provider, target->type->name,
		target->cluster);
}

char *arm_target_child(const struct arm_target *target, const char *collection, const char *name)
{
	struct buf path = BUF_INIT;

	arm_target_path(target, &path);
	buf_addf(&path, "/providers/Microsoft.KubernetesConfiguration/%s", collection);
	if (name)
		buf_addf(&path, "/%s", name);
	return buf_detach(&path);
}

static const struct arm_cluster_type *type_of(const char *provider, const char *type)
{
	const struct arm_cluster_type *found = arm_cluster_type_find(type);

	return found && strcasecmp(found->provider, provider) == 0 ? found : NULL;
}

bool arm_target_parse(const char *id, struct arm_target *ret)
{
	static const char *const words[] = {
		"subscriptions", NULL, "resourceGroups", NULL, "providers"};
	autostrv parts = STRV_INIT;

	strv_split(&parts, id, "/", false);
	if (parts.len < 8)
		return false;
	for (size_t i = 0; i < countof(words); i++)
		if (words[i] && strcasecmp(parts.items[i], words[i]) != 0)
			return false;
	if (!type_of(parts.items[5], parts.items[6]))
		return false;
	arm_target_clear(ret);
	ret->subscription = xstrdup(parts.items[1]);
	ret->group = xstrdup(parts.items[3]);
	ret->cluster = xstrdup(parts.items[7]);
	ret->type = type_of(parts.items[5], parts.items[6]);
	return true;
}
