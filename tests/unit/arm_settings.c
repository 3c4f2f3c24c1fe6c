/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "arm/settings.h"
#include "base/alloc.h"
#include "base/json.h"
#include "base/strv.h"

#define GUID "01234567-89ab-cdef-0123-456789abcdef"

/* Every key that Microsoft documents. */
static const char *const documented[] = {
	"fluxconfig-agent.log-level",
	"fluxconfig-controller.log-level",
	"helm-controller.detectDrift",
	"helm-controller.enabled",
	"helm-controller.log-level",
	"helm-controller.outOfMemoryWatch.enabled",
	"helm-controller.outOfMemoryWatch.interval",
	"helm-controller.outOfMemoryWatch.memoryThreshold",
	"helm-controller.resources.limits.memory",
	"helm-controller.resources.requests.cpu",
	"image-automation-controller.enabled",
	"image-automation-controller.log-level",
	"image-automation-controller.ssh-host-key-args",
	"image-reflector-controller.enabled",
	"image-reflector-controller.log-level",
	"kustomize-controller.concurrent",
	"kustomize-controller.enable-in-memory-build",
	"kustomize-controller.enabled",
	"kustomize-controller.log-level",
	"kustomize-controller.requeue-dependency",
	"kustomize-controller.resources.limits.cpu",
	"kustomize-controller.resources.limits.memory",
	"kustomize-controller.strict-substitution-mode",
	"multiTenancy.enforce",
	"notification-controller.enabled",
	"notification-controller.log-level",
	"setKubeServiceHostFqdn",
	"source-controller.enabled",
	"source-controller.log-level",
	"source-controller.resources.limits.memory",
	"source-controller.resources.requests.memory",
	"source-controller.ssh-host-key-args",
	"useKubeletIdentity",
	"workloadIdentity.azureClientId",
	"workloadIdentity.azureTenantId",
	"workloadIdentity.enable",
};

static void test_catalog_is_complete(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(documented); i++) {
		const struct arm_setting *setting = arm_setting_find(documented[i]);

		if (!setting)
			fail_msg("%s is missing", documented[i]);
		if (setting->undocumented)
			fail_msg("%s is documented", documented[i]);
	}
}

static void collect(void *ctx, const struct arm_setting *setting, const char *key)
{
	if (strv_contains(ctx, key))
		fail_msg("%s stands twice", key);
	if (arm_setting_find(key) != setting)
		fail_msg("%s is found in another row", key);
	strv_push(ctx, key);
}

static void test_catalog_is_in_order(void **state)
{
	autostrv keys = STRV_INIT;

	(void)state;
	for (size_t i = 1; i < arm_settings_count; i++)
		assert_true(strcmp(arm_settings[i - 1].key, arm_settings[i].key) <= 0);
	for (size_t i = 0; i < arm_settings_count; i++) {
		const struct arm_setting *row = &arm_settings[i];

		assert_true(str_set(row->effect) && str_set(row->fallback));
		assert_int_equal(row->controllers != NULL, row->key[0] == '*');
		assert_int_equal(row->choices != NULL, row->type == SETTING_CHOICE);
		assert_int_equal(row->dead != NULL, row->instead != NULL);
	}
	arm_settings_each(collect, &keys);
	assert_true(keys.len > countof(documented));
}

static void test_keys_that_are_none(void **state)
{
	static const char *const rows[] = {"", "enabled", "fluxconfig-agent.enabled",
		"source.enabled", "source-controller", "source-controller.", "*.enabled",
		"source-controller.enabled.x", "helm-controller.ssh-host-key-args"};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++)
		if (arm_setting_find(rows[i]))
			fail_msg("'%s' is found", rows[i]);
}

static void test_values(void **state)
{
	static const struct {
		const char *key, *value;
		bool fits;
	} rows[] = {
		{"source-controller.enabled", "true", true},
		{"source-controller.enabled", "False", true},
		{"source-controller.enabled", "yes", false},
		{"source-controller.enabled", "", false},
		{"source-controller.log-level", "debug", true},
		{"fluxconfig-agent.log-level", "debug", false},
		{"source-controller.log-level", "Debug", false},
		{"helm-controller.outOfMemoryWatch.memoryThreshold", "0", true},
		{"helm-controller.outOfMemoryWatch.memoryThreshold", "100", true},
		{"helm-controller.outOfMemoryWatch.memoryThreshold", "101", false},
		{"helm-controller.outOfMemoryWatch.memoryThreshold", "-1", false},
		{"helm-controller.outOfMemoryWatch.memoryThreshold", "99999999999999999999", false},
		{"helm-controller.outOfMemoryWatch.interval", "700ms", true},
		{"helm-controller.outOfMemoryWatch.interval", "700", false},
		{"helm-controller.outOfMemoryWatch.interval", "-5s", false},
		{"kustomize-controller.concurrent", "6", true},
		{"kustomize-controller.concurrent", "0", false},
		{"kustomize-controller.concurrent", "6x", false},
		{"kustomize-controller.resources.limits.cpu", "2000m", true},
		{"kustomize-controller.resources.limits.memory", "2Gi", true},
		{"kustomize-controller.resources.limits.memory", "2GB", false},
		{"kustomize-controller.resources.limits.memory", "0", false},
		{"workloadIdentity.azureClientId", GUID, true},
		{"workloadIdentity.azureClientId", GUID "0", false},
		{"workloadIdentity.azureClientId", "my-identity", false},
		{"source-controller.ssh-host-key-args", "--ssh-hostkey-algos=rsa-sha2-512", true},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autobuf why = BUF_INIT;

		if (arm_setting_allows(arm_setting_find(rows[i].key), rows[i].value, &why) !=
			rows[i].fits)
			fail_msg("%s=%s: %s", rows[i].key, rows[i].value, why.ptr);
		assert_int_equal(why.len == 0, rows[i].fits);
	}
}

/* ---- the checker */

static struct json_object *parse(const char *text)
{
	struct json_object *tree = NULL;
	autoerror err = ERROR_INIT;

	if (text && json_parse(text, strlen(text), &tree, &err) < 0)
		fail_msg("%s: %s", text, err.message);
	return tree;
}

/* "E key: text (instead)" a finding; the caller frees. */
static char *tell(const struct arm_settings_check *check)
{
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < check->count; i++) {
		const struct arm_setting_finding *finding = &check->findings[i];

		buf_addf(&out, "%s%c %s: %s", i ? "; " : "", finding->error ? 'E' : 'W',
			finding->key, finding->text);
		if (finding->instead)
			buf_addf(&out, " (%s)", finding->instead);
	}
	return buf_detach(&out);
}

static const struct {
	const char *now, *change, *version;
	bool arc;
	const char *told; /* part of it; "" : nothing is found */
} checks[] = {
	{NULL, "{\"source-controller.enabled\":\"true\"}", "1.24.1", true, ""},
	{NULL, "{\"source-controler.enabled\":\"true\"}", NULL, true,
		"E source-controler.enabled: no setting of that name is known "
		"(did you mean source-controller.enabled?)"},
	{NULL, "{\"zzz\":\"1\"}", NULL, true, "(--unchecked lets it pass)"},
	{NULL, "{\"zzz\":null}", NULL, true, ""},
	{NULL, "{\"kustomize-controller.concurrent\":\"many\"}", NULL, false,
		"'many' is not a whole number from 1 to 1000"},
	{NULL, "{\"kustomize-controller.concurrent\":\"6\"}", "1.11.1", false,
		"the extension knows it from 1.12.0, and this is 1.11.1 "
		"(--version 1.12.0 or a later one"},
	{NULL, "{\"workloadIdentity.azureClientId\":\"" GUID "\"}", "1.14.1", true,
		"from 1.15.1 on Azure Arc, and this is 1.14.1"},
	{NULL, "{\"workloadIdentity.azureClientId\":\"" GUID "\"}", "1.14.1", false, ""},
	{NULL, "{\"helm-controller.detectDrift\":\"true\"}", "1.24.1", false,
		"W helm-controller.detectDrift: it has no effect since 1.11.1 "
		"(spec.driftDetection.mode"},
	{NULL, "{\"helm-controller.detectDrift\":\"true\"}", "1.10.0", false, ""},
	{NULL, "{\"useKubeletIdentity\":\"true\"}", "1.24.1", true,
		"E useKubeletIdentity: it is for AKS alone"},
	{"{\"useKubeletIdentity\":\"true\"}",
		"{\"workloadIdentity.enable\":\"true\",\"workloadIdentity.azureClientId\":"
		"\"" GUID "\"}",
		"1.24.1", false, "exclude each other (set useKubeletIdentity=false as well)"},
	{"{\"useKubeletIdentity\":\"true\"}",
		"{\"workloadIdentity.enable\":\"true\",\"workloadIdentity.azureClientId\":"
		"\"" GUID "\",\"useKubeletIdentity\":null}",
		"1.24.1", false, ""},
	{NULL, "{\"workloadIdentity.enable\":\"true\"}", "1.24.1", false,
		"W workloadIdentity.enable: without workloadIdentity.azureClientId"},
	{"{\"helm-controller.x\":\"1\"}", "{\"helm-controller.detectDrift\":\"true\"}", "1.10.0",
		false, ""},
	{"{\"multiTenancy\":\"1\"}", "{\"multiTenancy.enforce\":\"true\"}", "1.24.1", false,
		"E multiTenancy.enforce: it cannot be set beside 'multiTenancy'"},
	{"{\"multiTenancy\":\"1\"}", "{\"multiTenancy.enforce\":\"true\",\"multiTenancy\":null}",
		"1.24.1", false, ""},
	{"{\"source-controller.resources.limits.memory\":\"256Mi\"}",
		"{\"source-controller.resources.requests.memory\":\"1Gi\"}", "1.24.1", false,
		"a request of 1Gi is above the limit of 256Mi"},
	{NULL, "{\"toleration-keys\":\"a=b:NoSchedule\"}", "1.24.1", false,
		"Microsoft does not document it"},
};

static void test_checker(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(checks); i++) {
		autojson struct json_object *now = parse(checks[i].now);
		autojson struct json_object *change = parse(checks[i].change);
		struct arm_settings_check check = {.now = now,
			.change = change,
			.version = checks[i].version,
			.arc = checks[i].arc};
		autofree char *told = NULL;

		arm_settings_check(&check);
		told = tell(&check);
		if (*checks[i].told ? !strstr(told, checks[i].told) : *told != '\0')
			fail_msg("row %zu: '%s' instead of '%s'", i, told, checks[i].told);
		arm_settings_check_clear(&check);
	}
}

static void test_unchecked_lets_pass(void **state)
{
	autojson struct json_object *change =
		parse("{\"zzz\":\"1\",\"kustomize-controller.concurrent\":\"many\"}");
	struct arm_settings_check check = {.change = change, .unchecked = true};

	(void)state;
	arm_settings_check(&check);
	assert_int_equal(check.count, 0);
	arm_settings_check_clear(&check);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_catalog_is_complete),
		cmocka_unit_test(test_catalog_is_in_order),
		cmocka_unit_test(test_keys_that_are_none),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_checker),
		cmocka_unit_test(test_unchecked_lets_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
