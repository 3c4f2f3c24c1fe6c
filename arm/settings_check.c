/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <strings.h>

#include "arm/settings.h"
#include "base/alloc.h"
#include "base/json.h"
#include "base/quantity.h"
#include "base/strv.h"
#include "base/version.h"

void arm_settings_check_clear(struct arm_settings_check *check)
{
	for (size_t i = 0; i < check->count; i++) {
		free(check->findings[i].key);
		free(check->findings[i].text);
		free(check->findings[i].instead);
	}
	free(check->findings);
	check->findings = NULL;
	check->count = check->errors = 0;
}

/* The texts are taken over. */
static void found(
	struct arm_settings_check *check, bool error, const char *key, char *text, char *instead)
{
	check->findings =
		xreallocarray(check->findings, check->count + 1, sizeof(*check->findings));
	check->findings[check->count++] = (struct arm_setting_finding){
		.error = error,
		.key = xstrdup(key),
		.text = text,
		.instead = instead,
	};
	check->errors += error;
}

/* ---- one key */

static void check_unknown(struct arm_settings_check *check, const char *key)
{
	autofree char *nearest = NULL;

	if (check->unchecked)
		return;
	nearest = arm_setting_nearest(key);
	found(check, true, key, xstrdup("no setting of that name is known"),
		nearest ? xasprintf("did you mean %s?", nearest)
			: xstrdup("--unchecked lets it pass"));
}

static void check_age(
	struct arm_settings_check *check, const struct arm_setting *setting, const char *key)
{
	const char *since = check->arc ? setting->since_arc : setting->since;

	if (check->version && *since && version_compare(check->version, since) < 0)
		found(check, true, key,
			xasprintf("the extension knows it from %s%s, and this is %s", since,
				check->arc && !streq(setting->since, setting->since_arc)
					? " on Azure Arc"
					: "",
				check->version),
			xasprintf("--version %s or a later one: 'extension versions' lists them",
				since));
	if (setting->dead &&
		(!check->version || version_compare(check->version, setting->dead) >= 0))
		found(check, false, key, xasprintf("it has no effect since %s", setting->dead),
			xstrdup(setting->instead));
	if (setting->aks_only && check->arc)
		found(check, true, key,
			xstrdup("it is for AKS alone: on Azure Arc there is no such identity"),
			xstrdup("kubectl flux-arc identity federate"));
	if (setting->undocumented)
		found(check, false, key,
			xstrdup("Microsoft does not document it: it may do nothing"), NULL);
}

static void check_key(struct arm_settings_check *check, const char *key, struct json_object *value)
{
	const struct arm_setting *setting = arm_setting_find(key);
	autobuf why = BUF_INIT;

	if (json_kind(value) == JSON_NULL)
		return;
	if (!setting) {
		check_unknown(check, key);
		return;
	}
	check_age(check, setting, key);
	if (!check->unchecked && !arm_setting_allows(setting, json_text(value), &why))
		found(check, true, key, buf_detach(&why), NULL);
}

/* ---- keys together */

/* What holds after the change; NULL: not set. */
static const char *after(const struct arm_settings_check *check, const char *key)
{
	struct json_iter iter = JSON_ITER_INIT;

	while (json_next(check->change, &iter))
		if (streq(iter.key, key))
			return json_kind(iter.value) == JSON_NULL ? NULL : json_text(iter.value);
	return json_str(check->now, key);
}

static bool is_on(const struct arm_settings_check *check, const char *key)
{
	const char *value = after(check, key);

	return value && strcasecmp(value, "true") == 0;
}

static bool is_changed(const struct arm_settings_check *check, const char *key)
{
	struct json_iter iter = JSON_ITER_INIT;

	while (json_next(check->change, &iter))
		if (streq(iter.key, key))
			return true;
	return false;
}

static void check_identities(struct arm_settings_check *check)
{
	static const char workload[] = "workloadIdentity.enable";
	static const char kubelet[] = "useKubeletIdentity";
	bool touched = is_changed(check, workload) || is_changed(check, kubelet);

	if (touched && is_on(check, workload) && is_on(check, kubelet))
		found(check, true, is_changed(check, workload) ? workload : kubelet,
			xasprintf("%s and %s exclude each other", workload, kubelet),
			xasprintf("set %s=false as well",
				is_changed(check, workload) ? kubelet : workload));
	if (is_changed(check, workload) && is_on(check, workload) &&
		!after(check, "workloadIdentity.azureClientId"))
		found(check, false, workload,
			xstrdup("without workloadIdentity.azureClientId no controller can log in"),
			xstrdup("kubectl flux-arc identity federate"));
}

/* A value and a group under one name make Helm fail with "unable to parse key". */
static void check_nested(
	struct arm_settings_check *check, const char *key, struct json_object *others)
{
	size_t len = strlen(key);
	struct json_iter iter = JSON_ITER_INIT;

	while (json_next(others, &iter)) {
		size_t other = strlen(iter.key);
		bool below = other > len && iter.key[len] == '.' && memcmp(iter.key, key, len) == 0;
		bool above = len > other && key[other] == '.' && memcmp(iter.key, key, other) == 0;

		if ((below || above) && after(check, iter.key))
			found(check, true, key,
				xasprintf("it cannot be set beside '%s': Helm fails on a value "
					  "that is a group as well",
					iter.key),
				xasprintf("--unset %s", iter.key));
	}
}

static void check_limit(struct arm_settings_check *check, const char *controller, const char *what)
{
	autofree char *limit_key = xasprintf("%s.resources.limits.%s", controller, what);
	autofree char *request_key = xasprintf("%s.resources.requests.%s", controller, what);
	const char *limit = after(check, limit_key);
	const char *request = after(check, request_key);
	int64_t most;
	int64_t least;

	if (!limit || !request || !quantity_parse(limit, &most) || !quantity_parse(request, &least))
		return;
	if (least > most && (is_changed(check, limit_key) || is_changed(check, request_key)))
		found(check, true, is_changed(check, request_key) ? request_key : limit_key,
			xasprintf("a request of %s is above the limit of %s", request, limit),
			NULL);
}

static void check_limits(struct arm_settings_check *check)
{
	autostrv controllers = STRV_INIT;

	strv_split(&controllers, ARM_FLUX_CONTROLLERS, " ", false);
	for (size_t i = 0; i < controllers.len; i++) {
		check_limit(check, controllers.items[i], "cpu");
		check_limit(check, controllers.items[i], "memory");
	}
}

void arm_settings_check(struct arm_settings_check *check)
{
	struct json_iter iter = JSON_ITER_INIT;

	while (json_next(check->change, &iter)) {
		check_key(check, iter.key, iter.value);
		if (json_kind(iter.value) == JSON_NULL)
			continue;
		check_nested(check, iter.key, check->now);
		check_nested(check, iter.key, check->change);
	}
	check_identities(check);
	check_limits(check);
}
