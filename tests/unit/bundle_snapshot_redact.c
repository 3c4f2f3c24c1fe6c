/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "bundle/snapshot_private.h"

static const struct {
	const char *kind, *before, *after; /* `after` NULL: as it was */
	uint64_t count;
} rows[] = {
	/* clang-format off */
	{"ConfigMap", "{\"data\":{\"a\":\"x\",\"b\":\"\"},\"metadata\":{\"name\":\"data\"}}",
		"{\"data\":{\"a\":\"<redacted>\",\"b\":\"\"},\"metadata\":{\"name\":\"data\"}}", 1},
	{"ConfigMap", "{\"data\":null,\"binaryData\":{\"k\":\"eA==\"}}", "{\"data\":null,\"binaryData\":{\"k\":\"<redacted>\"}}", 1},
	{"HelmRelease", "{\"spec\":{\"values\":{\"a\":[1,{\"b\":true,\"c\":null}],\"d\":2.50}}}",
		"{\"spec\":{\"values\":{\"a\":[\"<redacted>\",{\"b\":\"<redacted>\",\"c\":null}],\"d\":\"<redacted>\"}}}", 3},
	{"HelmRelease", "{\"spec\":{\"interval\":\"1m\",\"valuesFrom\":[{\"kind\":\"Secret\"}]}, \"n\":1.50}", NULL, 0},
	{"HelmRelease", "{\"spec\":{\"values\":{}},\"n\":1.50}", "{\"spec\":{\"values\":{}},\"n\":1.50}", 0},
	{"Kustomization", "{\"spec\":{\"postBuild\":{\"substitute\":{\"a\":\"b\"},\"substituteFrom\":[{\"name\":\"n\"}]}}}",
		"{\"spec\":{\"postBuild\":{\"substitute\":{\"a\":\"<redacted>\"},\"substituteFrom\":[{\"name\":\"n\"}]}}}", 1},
	{"Kustomization", "{\"spec\":{\"patches\":[{\"patch\":\"p\",\"target\":{\"name\":\"t\"}}]}}",
		"{\"spec\":{\"patches\":[{\"patch\":\"<redacted>\",\"target\":{\"name\":\"t\"}}]}}", 1},
	{"Kustomization", "{\"spec\":{\"patchesJson6902\":[{\"patch\":[{\"op\":\"add\",\"path\":\"/p\",\"value\":{\"v\":[1]}}]}]}}",
		"{\"spec\":{\"patchesJson6902\":[{\"patch\":[{\"op\":\"add\",\"path\":\"/p\",\"value\":{\"v\":[\"<redacted>\"]}}]}]}}", 1},
	/* only of the kind that has it */
	{"GitRepository", "{\"spec\":{\"values\":{\"a\":1}},\"data\":{\"a\":\"x\"}}", NULL, 0},
	{"Provider", "{\"spec\":{\"address\":\"https://hooks.test/T0/B0/x?y\"}}", "{\"spec\":{\"address\":\"https://hooks.test/<redacted>\"}}", 1},
	{"Provider", "{\"spec\":{\"address\":\"https://hooks.test\"}}", "{\"spec\":{\"address\":\"https://hooks.test\"}}", 1},
	{"Provider", "{\"spec\":{\"address\":\"Endpoint=sb://x;SharedAccessKey=k\"}}", "{\"spec\":{\"address\":\"<redacted>\"}}", 1},
	{"Pod", "{\"spec\":{\"containers\":[{\"name\":\"c\",\"env\":[{\"name\":\"N\",\"value\":\"v\"},{\"name\":\"M\",\"valueFrom\":{}}],\"args\":[\"--a\"]}]}}",
		"{\"spec\":{\"containers\":[{\"name\":\"c\",\"env\":[{\"name\":\"N\",\"value\":\"<redacted>\"},{\"name\":\"M\",\"valueFrom\":{}}],\"args\":[\"--a\"]}]}}", 1},
	{"Deployment", "{\"spec\":{\"template\":{\"spec\":{\"initContainers\":[{\"env\":[{\"value\":\"v\"}]}]}}}}",
		"{\"spec\":{\"template\":{\"spec\":{\"initContainers\":[{\"env\":[{\"value\":\"<redacted>\"}]}]}}}}", 1},
	{"Node", "{\"metadata\":{\"annotations\":{\"kubectl.kubernetes.io/last-applied-configuration\":\"{}\",\"a\":\"b\"}}}",
		"{\"metadata\":{\"annotations\":{\"kubectl.kubernetes.io/last-applied-configuration\":\"<redacted>\",\"a\":\"b\"}}}", 1},
	/* another shape than it should have */
	{"HelmRelease", "{\"spec\":{\"values\":\"text\"}}", "{\"spec\":{\"values\":\"<redacted>\"}}", 1},
	{"ConfigMap", "{\"data\":[\"x\",{\"y\":\"z\"}]}", "{\"data\":[\"<redacted>\",{\"y\":\"<redacted>\"}]}", 2},
	{"ConfigMap", "{\"data\":\"x\"}", "{\"data\":\"x\"}", 0},
	{"Pod", "{\"spec\":{\"containers\":{\"env\":[]}}}", NULL, 0},
	/* credentials, with values or without */
	{"Event", "{\"message\":\"https://u:p@h/x\"}", "{\"message\":\"https://<redacted>@h/x\"}", 1},
	/* one line, whatever the white space */
	{"Node", "{\n\t\"a\":\r\n1\n}", "{ \t\"a\":  1 }", 0},
	/* clang-format on */
};

static void table(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autobuf out = BUF_INIT;
		struct redaction redaction = {.kind = kind_find(rows[i].kind, NULL)};

		assert_int_equal(snapshot_redact(&redaction, rows[i].before, strlen(rows[i].before),
					 &out, NULL),
			0);
		assert_string_equal(out.ptr, rows[i].after ? rows[i].after : rows[i].before);
		assert_int_equal(redaction.count, rows[i].count);
	}
}

static void values_wanted(void **state)
{
	static const char json[] = "{\"data\":{\"a\":\"x\",\"url\":\"https://u:p@h\"}}";
	autobuf out = BUF_INIT;
	struct redaction redaction = {.kind = kind_find("ConfigMap", NULL), .include_values = true};

	(void)state;
	assert_int_equal(snapshot_redact(&redaction, json, strlen(json), &out, NULL), 0);
	assert_string_equal(out.ptr, "{\"data\":{\"a\":\"x\",\"url\":\"https://<redacted>@h\"}}");
	assert_int_equal(redaction.count, 1);
}

static void refused(void **state)
{
	static const char *const texts[] = {"", "{", "{\"a\":1}{", "{\"data\":{\"a\":tru}}"};

	(void)state;
	for (size_t i = 0; i < countof(texts); i++) {
		autobuf out = BUF_INIT;
		autoerror err = ERROR_INIT;
		struct redaction redaction = {.kind = kind_find("ConfigMap", NULL)};

		assert_int_equal(
			snapshot_redact(&redaction, texts[i], strlen(texts[i]), &out, &err), -1);
		assert_int_equal(err.kind, ERROR_SYNTAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table),
		cmocka_unit_test(values_wanted),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
