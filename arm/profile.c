/* SPDX-License-Identifier: Apache-2.0 */
/* The default subscription, which az remembers for each cloud. */
#include "base/base.h"

#include <strings.h>

#include "arm/az_files.h"
#include "arm/token.h"
#include "base/alloc.h"
#include "base/json.h"

static bool of_cloud(struct json_object *subscription, const struct arm_cloud *cloud)
{
	const char *name = json_str(subscription, "environmentName");

	return str_set(json_str(subscription, "id")) &&
	       (!name || strcasecmp(name, cloud->name) == 0);
}

/* Of this cloud: the one whose id it is, or (NULL) the default. */
static struct json_object *find(
	struct json_object *list, const struct arm_cloud *cloud, const char *id)
{
	for (size_t i = 0; i < json_len(list); i++) {
		struct json_object *subscription = json_item(list, i);

		if (!of_cloud(subscription, cloud))
			continue;
		if (id ? strcasecmp(id, json_str(subscription, "id")) == 0
		       : json_bool(subscription, "isDefault"))
			return subscription;
	}
	return NULL;
}

int arm_default_subscription(
	const struct arm_cloud *cloud, char **id, char **name, struct error *err)
{
	autojson struct json_object *profile = NULL;
	autofree char *remembered = NULL;
	struct json_object *list;
	struct json_object *found;

	*id = NULL;
	*name = NULL;
	if (az_files_profile(&profile, err) < 0 || az_files_setting("clouds.config", cloud->name,
							   "subscription", &remembered, err) < 0)
		return -1;
	list = json_get(profile, "subscriptions");
	found = find(list, cloud, NULL);
	if (!found && remembered)
		found = find(list, cloud, remembered);
	*id = xstrdup_or_null(json_str(found, "id"));
	*name = xstrdup_or_null(json_str(found, "name"));
	return 0;
}
