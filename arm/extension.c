/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <strings.h>

#include "arm/extension.h"
#include "base/json.h"

int arm_extension_check(const struct arm_extension_asked *asked, struct error *err)
{
	bool plan = asked->plan_name || asked->plan_publisher || asked->plan_product;

	if (asked->version && asked->upgrade == 1) {
		error_set(err, ERROR_USAGE, "a version that is pinned does not upgrade itself");
		return error_hint(
			err, "--version with --auto-upgrade=false, or --auto-upgrade alone");
	}
	if (asked->version && asked->upgrade_mode && strcasecmp(asked->upgrade_mode, "none") != 0)
		return error_set(err, ERROR_USAGE,
			"a version that is pinned does not upgrade itself: --auto-upgrade-mode "
			"none");
	if (asked->upgrade == 0 && asked->train && !asked->version)
		return error_set(err, ERROR_USAGE,
			"a release train is only followed by what upgrades itself: give --version, "
			"or "
			"leave --auto-upgrade on");
	if (plan && (!asked->plan_name || !asked->plan_publisher || !asked->plan_product))
		return error_set(err, ERROR_USAGE,
			"a plan has a name, a publisher and a product: all three are needed");
	return 0;
}

/* ---- PUT */

static void add_identity(struct json_object *body, const char *location)
{
	struct json_object *identity;

	if (!location)
		return;
	identity = json_new_object();
	json_set_str(identity, "type", "SystemAssigned");
	json_set(body, "identity", identity);
	json_set_str(body, "location", location);
}

static void add_plan(struct json_object *body, const struct arm_extension_asked *asked)
{
	struct json_object *plan;

	if (!asked->plan_name)
		return;
	plan = json_new_object();
	json_set_str(plan, "name", asked->plan_name);
	json_set_str(plan, "publisher", asked->plan_publisher);
	json_set_str(plan, "product", asked->plan_product);
	json_set(body, "plan", plan);
}

static struct json_object *scope_of(const struct arm_extension_asked *asked)
{
	bool cluster = asked->scope == EXTENSION_SCOPE_CLUSTER;
	struct json_object *scope = json_new_object();
	struct json_object *place = json_new_object();

	json_set_str(place, cluster ? "releaseNamespace" : "targetNamespace",
		asked->namespace ? asked->namespace : ARM_FLUX_NAMESPACE);
	json_set(scope, cluster ? "cluster" : "namespace", place);
	return scope;
}

static void add_settings(
	struct json_object *properties, const char *key, struct json_object *settings)
{
	struct json_object *set;
	struct json_iter iter = JSON_ITER_INIT;

	if (!settings)
		return;
	set = json_new_object();
	/* Nothing is there that could be taken away. */
	while (json_next(settings, &iter))
		if (json_kind(iter.value) != JSON_NULL)
			json_set(set, iter.key, json_ref(iter.value));
	json_set(properties, key, set);
}

struct json_object *arm_extension_body(
	const struct arm_extension_asked *asked, const char *location)
{
	struct json_object *body = json_new_object();
	struct json_object *properties = json_new_object();
	bool upgrade = asked->upgrade < 0 ? !asked->version : asked->upgrade == 1;

	json_set_str(properties, "extensionType", asked->type ? asked->type : ARM_FLUX_EXTENSION);
	json_set(properties, "autoUpgradeMinorVersion", json_new_bool(upgrade));
	if (asked->upgrade_mode)
		json_set_str(properties, "autoUpgradeMode", asked->upgrade_mode);
	if (asked->train)
		json_set_str(properties, "releaseTrain", asked->train);
	if (asked->version)
		json_set_str(properties, "version", asked->version);
	json_set(properties, "scope", scope_of(asked));
	add_settings(properties, "configurationSettings", asked->settings);
	add_settings(properties, "configurationProtectedSettings", asked->secrets);
	json_set(body, "properties", properties);
	add_plan(body, asked);
	add_identity(body, location);
	return body;
}

/* ---- PATCH */

static void patch_text(
	struct json_object *patch, struct json_object *now, const char *key, const char *value)
{
	const char *before = json_str(now, "properties", key);

	if (value && (!before || strcasecmp(before, value) != 0))
		json_set_str(patch, key, value);
}

static void patch_upgrade(
	struct json_object *patch, struct json_object *now, const struct arm_extension_asked *asked)
{
	int wanted = asked->upgrade < 0 && asked->version ? 0 : asked->upgrade;
	bool before = json_bool(now, "properties", "autoUpgradeMinorVersion");

	if (wanted >= 0 && before != (wanted == 1))
		json_set(patch, "autoUpgradeMinorVersion", json_new_bool(wanted == 1));
}

/* Those that differ; what is not there need not be taken away. */
static void patch_settings(
	struct json_object *patch, struct json_object *now, struct json_object *asked)
{
	struct json_object *set = json_new_object();
	struct json_iter iter = JSON_ITER_INIT;
	bool any = false;

	while (json_next(asked, &iter)) {
		const char *before = json_str(now, "properties", "configurationSettings", iter.key);
		const char *after =
			json_kind(iter.value) == JSON_NULL ? NULL : json_text(iter.value);

		if (streq(before, after))
			continue;
		json_set(set, iter.key, json_ref(iter.value));
		any = true;
	}
	if (any)
		json_set(patch, "configurationSettings", set);
	else
		json_free(set);
}

struct json_object *arm_extension_patch(
	const struct arm_extension_asked *asked, struct json_object *now)
{
	autojson struct json_object *patch = json_new_object();
	struct json_iter iter = JSON_ITER_INIT;
	struct json_object *body;

	patch_text(patch, now, "version", asked->version);
	patch_text(patch, now, "releaseTrain", asked->train);
	patch_text(patch, now, "autoUpgradeMode", asked->upgrade_mode);
	patch_upgrade(patch, now, asked);
	patch_settings(patch, now, asked->settings);
	/* What is there is never told, so nothing can be compared. */
	if (asked->secrets)
		json_set(patch, "configurationProtectedSettings", json_ref(asked->secrets));
	if (!json_next(patch, &iter))
		return NULL;
	body = json_new_object();
	json_set(body, "properties", json_ref(patch));
	return body;
}

struct json_object *arm_extension_find(struct json_object *list, const char *name)
{
	for (size_t i = 0; i < json_len(list); i++) {
		struct json_object *item = json_item(list, i);
		const char *key = name ? json_str(item, "name")
				       : json_str(item, "properties", "extensionType");

		if (key && strcasecmp(key, name ? name : ARM_FLUX_EXTENSION) == 0)
			return item;
	}
	return NULL;
}
