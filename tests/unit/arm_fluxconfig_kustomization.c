/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "fluxconfig_ask.h"

static void test_depends_on(void **state)
{
	static const struct {
		const char *text, *wanted; /* NULL: refused */
	} rows[] = {
		{"[a,b]", "[\"a\",\"b\"]"},
		{"[\"infra\"]", "[\"infra\"]"},
		{"\\[\"infra\"\\]", "[\"infra\"]"},
		{"['infra', 'base']", "[\"infra\",\"base\"]"},
		{"a,b", "[\"a\",\"b\"]"},
		{"infra", "[\"infra\"]"},
		{"[]", "[]"},
		{",,", "[]"},
		{"[a b]", NULL},
		{"a\"b", NULL},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autojson struct json_object *names = NULL;
		autoerror err = ERROR_INIT;
		int result = arm_config_depends_on(rows[i].text, &names, &err);

		if ((result == 0) != (rows[i].wanted != NULL))
			fail_msg("%s: %d", rows[i].text, result);
		if (result == 0)
			assert_json(names, rows[i].wanted);
	}
}

/* Words with | between. */
static int read_words(const char *line, char **name, struct json_object **tree, struct error *err)
{
	autostrv words = STRV_INIT;

	strv_split(&words, line, "|", true);
	return arm_config_kustomization(words.items, words.len, name, tree, err);
}

static void test_words(void **state)
{
	static const struct {
		const char *words, *wanted;
	} rows[] = {
		{"name=infra|path=./infrastructure|prune=true",
			"{\"path\":\"./infrastructure\",\"prune\":true}"},
		{"name=x|depends_on=[a]", "{\"dependsOn\":[\"a\"]}"},
		{"name=x|dependencies=a", "{\"dependsOn\":[\"a\"]}"},
		{"name=x|depends=a", "{\"dependsOn\":[\"a\"]}"},
		{"name=x|dependsOn=", "{\"dependsOn\":null}"},
		{"name=x|sync_interval=120", "{\"syncIntervalInSeconds\":120}"},
		{"name=x|interval=1h30m", "{\"syncIntervalInSeconds\":5400}"},
		{"name=x|syncInterval=90s|retry_interval=1m|timeout=10m",
			"{\"syncIntervalInSeconds\":90,\"retryIntervalInSeconds\":60,"
			"\"timeoutInSeconds\":600}"},
		{"name=x|retryInterval=5m", "{\"retryIntervalInSeconds\":300}"},
		{"name=x|force=True|disable_health_check=true", "{\"force\":true,\"wait\":false}"},
		{"name=x|disable-health-check=false", "{\"wait\":true}"},
		{"name=x|wait=false", "{\"wait\":false}"},
		{"name=x|path=", "{\"path\":\"\"}"},
		{"name=x|path=a=b", "{\"path\":\"a=b\"}"},
		{"name=x|substitute.cluster_env=prod|substitute.replicas=2",
			"{\"postBuild\":{\"substitute\":{\"cluster_env\":\"prod\",\"replicas\":"
			"\"2\"}}"
			"}"},
		{"name=x|substituteFrom=ConfigMap/a,Secret/b?",
			"{\"postBuild\":{\"substituteFrom\":[{\"kind\":\"ConfigMap\",\"name\":"
			"\"a\","
			"\"optional\":false},{\"kind\":\"Secret\",\"name\":\"b\",\"optional\":true}"
			"]}"
			"}"},
		{"name=x|postBuild=", "{\"postBuild\":null}"},
		{"path=x", "{\"path\":\"x\"}"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autojson struct json_object *tree = NULL;
		autofree char *name = NULL;
		autoerror err = ERROR_INIT;

		if (read_words(rows[i].words, &name, &tree, &err) < 0)
			fail_msg("%s: %s", rows[i].words, err.message);
		assert_json(tree, rows[i].wanted);
		assert_true((name != NULL) == starts_with(rows[i].words, "name="));
	}
}

static void test_words_refused(void **state)
{
	static const struct {
		const char *words, *message, *hint;
	} rows[] = {
		{"name=x|pathh=y", "unknown key 'pathh'", "did you mean path?"},
		{"name=x|prune=yes", "prune: 'yes' is neither true nor false", NULL},
		{"name=x|prune", "'prune' is not KEY=VALUE", NULL},
		{"name=x|interval=1m|sync_interval=2m", "'sync_interval' is given twice", NULL},
		{"name=x|timeout=1h30", "timeout: '1h30' is no duration in whole seconds",
			"write it as 90s, 10m, 1h30m, or as seconds: 120"},
		{"name=x|validation=none", "'validation' is no longer a key: leave it out", NULL},
		{"name=x|substitute.1a=b",
			"substitute: '1a' is no name of a variable (letters, digits and _)", NULL},
		{"name=x|substituteFrom=Pod/a",
			"substituteFrom: 'Pod/a' is not ConfigMap/NAME or Secret/NAME (with ? it "
			"may be missing)",
			NULL},
		{"name=x|substituteFrom=Secret/",
			"substituteFrom: 'Secret/' is not ConfigMap/NAME or Secret/NAME (with ? it "
			"may be missing)",
			NULL},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autojson struct json_object *tree = NULL;
		autofree char *name = NULL;
		autoerror err = ERROR_INIT;

		if (read_words(rows[i].words, &name, &tree, &err) == 0)
			fail_msg("%s: taken", rows[i].words);
		assert_string_equal(err.message, rows[i].message);
		assert_int_equal(err.kind, ERROR_USAGE);
		if (rows[i].hint)
			assert_string_equal(err.hint, rows[i].hint);
	}
}

static void test_document(void **state)
{
	autojson struct json_object *tree = NULL;
	autojson struct json_object *document =
		parse("{\"name\":\"apps\",\"path\":\"./apps\",\"dependsOn\":[\"infra\"],\"prune\":"
		      "true,"
		      "\"syncIntervalInSeconds\":300,\"wait\":false,\"retryIntervalInSeconds\":"
		      "null,"
		      "\"postBuild\":{\"substitute\":{\"a\":1},\"substituteFrom\":[{\"kind\":"
		      "\"Secret\",\"name\":\"s\",\"optional\":true},\"ConfigMap/c\"]}}");
	autoerror err = ERROR_INIT;

	(void)state;
	assert_int_equal(arm_config_kustomization_document("apps", document, &tree, &err), 0);
	assert_json(tree,
		"{\"path\":\"./apps\",\"dependsOn\":[\"infra\"],\"prune\":true,"
		"\"syncIntervalInSeconds\":300,\"wait\":false,\"postBuild\":{\"substitute\":{"
		"\"a\":\"1\"},\"substituteFrom\":[{\"kind\":\"Secret\",\"name\":\"s\","
		"\"optional\":true},{\"kind\":\"ConfigMap\",\"name\":\"c\",\"optional\":false}]}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_depends_on),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_words_refused),
		cmocka_unit_test(test_document),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
