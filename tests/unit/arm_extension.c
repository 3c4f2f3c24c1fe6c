/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "arm/extension.h"
#include "base/json.h"

static struct json_object *parse(const char *text)
{
	struct json_object *tree = NULL;
	autoerror err = ERROR_INIT;

	if (json_parse(text, strlen(text), &tree, &err) < 0)
		fail_msg("%s: %s", text, err.message);
	return tree;
}

static void expect(struct json_object *body, const char *wanted)
{
	autobuf text = BUF_INIT;

	if (body)
		json_write(&text, body);
	assert_string_equal(text.ptr, wanted);
}

static void test_put_on_arc_and_on_aks(void **state)
{
	autojson struct json_object *settings = parse("{\"a.enabled\":\"true\",\"b\":null}");
	struct arm_extension_asked asked = {.upgrade = -1, .settings = settings};
	autojson struct json_object *arc = arm_extension_body(&asked, "eastus");
	autojson struct json_object *aks = arm_extension_body(&asked, NULL);

	(void)state;
	expect(aks, "{\"properties\":{\"extensionType\":\"microsoft.flux\","
		    "\"autoUpgradeMinorVersion\":true,"
		    "\"scope\":{\"cluster\":{\"releaseNamespace\":\"flux-system\"}},"
		    "\"configurationSettings\":{\"a.enabled\":\"true\"}}}");
	assert_string_equal(json_str(arc, "identity", "type"), "SystemAssigned");
	assert_string_equal(json_str(arc, "location"), "eastus");
}

static void test_put_of_a_pinned_release(void **state)
{
	struct arm_extension_asked asked = {.upgrade = -1,
		.version = "1.16.3",
		.train = "preview",
		.scope = EXTENSION_SCOPE_NAMESPACE,
		.namespace = "team"};
	autojson struct json_object *body = arm_extension_body(&asked, NULL);

	(void)state;
	expect(body, "{\"properties\":{\"extensionType\":\"microsoft.flux\","
		     "\"autoUpgradeMinorVersion\":false,"
		     "\"releaseTrain\":\"preview\",\"version\":\"1.16.3\","
		     "\"scope\":{\"namespace\":{\"targetNamespace\":\"team\"}}}}");
}

static void test_patch_holds_what_differs(void **state)
{
	static const struct {
		const char *asked, *version;
		int upgrade;
		const char *body;
	} rows[] = {
		{"{\"a\":\"1\"}", NULL, -1, ""},
		{"{\"a\":\"2\",\"b\":\"1\"}", NULL, -1,
			"{\"properties\":{\"configurationSettings\":{\"a\":\"2\",\"b\":\"1\"}}}"},
		{"{\"a\":null}", NULL, -1,
			"{\"properties\":{\"configurationSettings\":{\"a\":null}}}"},
		{"{\"gone\":null}", NULL, -1, ""},
		{"{}", NULL, 1, ""},
		{"{}", NULL, 0, "{\"properties\":{\"autoUpgradeMinorVersion\":false}}"},
		{"{}", "1.20.4", -1,
			"{\"properties\":{\"version\":\"1.20.4\",\"autoUpgradeMinorVersion\":false}"
			"}"},
	};
	autojson struct json_object *now = parse("{\"properties\":{\"autoUpgradeMinorVersion\":"
						 "true,\"configurationSettings\":{\"a\":\"1\"}}}");

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autojson struct json_object *settings = parse(rows[i].asked);
		struct arm_extension_asked asked = {.settings = settings,
			.version = rows[i].version,
			.upgrade = rows[i].upgrade};
		autojson struct json_object *body = arm_extension_patch(&asked, now);

		expect(body, rows[i].body);
	}
}

static void test_secrets_are_always_sent(void **state)
{
	autojson struct json_object *now =
		parse("{\"properties\":{\"autoUpgradeMinorVersion\":true}}");
	autojson struct json_object *secrets = parse("{\"k\":\"v\"}");
	struct arm_extension_asked asked = {.upgrade = -1, .secrets = secrets};
	autojson struct json_object *body = arm_extension_patch(&asked, now);

	(void)state;
	expect(body, "{\"properties\":{\"configurationProtectedSettings\":{\"k\":\"v\"}}}");
}

static void test_what_az_refuses(void **state)
{
	static const struct {
		struct arm_extension_asked asked;
		bool fine;
	} rows[] = {
		{{.upgrade = -1}, true},
		{{.upgrade = 1, .version = "1.2.3"}, false},
		{{.upgrade = 0, .version = "1.2.3"}, true},
		{{.upgrade = -1, .version = "1.2.3", .upgrade_mode = "patch"}, false},
		{{.upgrade = -1, .version = "1.2.3", .upgrade_mode = "none"}, true},
		{{.upgrade = 0, .train = "preview"}, false},
		{{.upgrade = -1, .plan_name = "a"}, false},
		{{.upgrade = -1, .plan_name = "a", .plan_publisher = "b", .plan_product = "c"},
			true},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autoerror err = ERROR_INIT;

		assert_int_equal(arm_extension_check(&rows[i].asked, &err) == 0, rows[i].fine);
		if (!rows[i].fine)
			assert_int_equal(err.kind, ERROR_USAGE);
	}
}

static void test_find(void **state)
{
	autojson struct json_object *list =
		parse("[{\"name\":\"other\",\"properties\":{\"extensionType\":\"microsoft.dapr\"}},"
		      "{\"name\":\"mine\",\"properties\":{\"extensionType\":\"Microsoft.Flux\"}}]");

	(void)state;
	assert_string_equal(json_str(arm_extension_find(list, NULL), "name"), "mine");
	assert_string_equal(json_str(arm_extension_find(list, "OTHER"), "name"), "other");
	assert_null(arm_extension_find(list, "flux"));
	assert_null(arm_extension_find(NULL, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put_on_arc_and_on_aks),
		cmocka_unit_test(test_put_of_a_pinned_release),
		cmocka_unit_test(test_patch_holds_what_differs),
		cmocka_unit_test(test_secrets_are_always_sent),
		cmocka_unit_test(test_what_az_refuses),
		cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
