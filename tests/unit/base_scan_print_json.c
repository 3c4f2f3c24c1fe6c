/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/buf.h"
#include "base/scan.h"

static const char *const managed_fields[] = {"metadata.managedFields", NULL};

static void check(const char *text, unsigned indent, const char *const *drop, const char *want)
{
	autobuf out = BUF_INIT;
	autoerror err = ERROR_INIT;

	if (scan_print_json(text, strlen(text), indent, drop, &out, &err) < 0)
		fail_msg("%s: %s", text, err.message);
	assert_int_equal(strlen(out.ptr), out.len);
	assert_string_equal(out.ptr, want);
}

static void test_as_kubectl_prints(void **state)
{
	/* clang-format off */
	static const char *const rows[][2] = {
		{"{}", "{}"},
		{" [ ] ", "[]"},
		{"[ ]", "[]"},
		{"null", "null"},
		{"[1,[],{},[true]]", "[\n    1,\n    [],\n    {},\n    [\n        true\n    ]\n]"},
		{"{\"a\":{\"b\":1},\"c\":[]}", "{\n    \"a\": {\n        \"b\": 1\n    },\n    \"c\": []\n}"},
		{"{\"c\":{\"z\":1,\"y\":[2]},\"a\":3,\"b\":{}}",
			"{\n    \"a\": 3,\n    \"b\": {},\n    \"c\": {\n        \"y\": [\n            2\n        ],\n        \"z\": 1\n    }\n}"},
		{"{\"B\":1,\"a\":2,\"aa\":3,\"a/\":4,\"\\u0041\":5}",
			"{\n    \"A\": 5,\n    \"B\": 1,\n    \"a\": 2,\n    \"a/\": 4,\n    \"aa\": 3\n}"},
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < countof(rows); i++)
		check(rows[i][0], 0, NULL, rows[i][1]);
}

static void test_scalars(void **state)
{
	/* clang-format off */
	static const char *const rows[][2] = {
		{"\"<a> & b\"", "\"\\u003ca\\u003e \\u0026 b\""},
		{"\"\\u003c\\/\\u0041\"", "\"\\u003c/A\""},
		{"\"\\b\\f\\n\\r\\t\\u0001\\u007f\"", "\"\\b\\f\\n\\r\\t\\u0001\x7f\""},
		{"\"\\\"\\\\\"", "\"\\\"\\\\\""},
		{"\"\\u00e9\\ud83d\\ude00\\ud800\"", "\"\xc3\xa9\xf0\x9f\x98\x80\xef\xbf\xbd\""},
		{"\"\xe2\x80\xa8\\u2029\xe2\x80\xaa\"", "\"\\u2028\\u2029\xe2\x80\xaa\""},
		{"1.0", "1"}, {"1e3", "1000"}, {"0.10", "0.1"}, {"1e21", "1e+21"}, {"-0", "0"}, {"-0.0", "-0"},
		{"18446744073709551615", "18446744073709551615"}, {"-9223372036854775808", "-9223372036854775808"},
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < countof(rows); i++)
		check(rows[i][0], 0, NULL, rows[i][1]);
}

static void test_drops(void **state)
{
	(void)state;
	check("{\"metadata\":{\"managedFields\":[{\"f\":{}}],\"name\":\"n\"},\"z\":{"
	      "\"managedFields\":1}}",
		0, managed_fields,
		"{\n    \"metadata\": {\n        \"name\": \"n\"\n    },\n    \"z\": {\n        "
		"\"managedFields\": 1\n    }\n}");
	check("{\"metadata\":{\"managedFields\":[]}}", 0, managed_fields,
		"{\n    \"metadata\": {}\n}");
}

static void test_indents_for_embedding(void **state)
{
	(void)state;
	check("{\"b\":1,\"a\":[]}", 2, NULL,
		"{\n            \"a\": [],\n            \"b\": 1\n        }");
}

static void test_refuses(void **state)
{
	/* clang-format off */
	static const char *const rows[] = {
		"", "{", "[1,]", "{\"a\":1,\"a\":2}", "{\"b\":1,\"a\":1,\"b\":2}", "{\"a\":1,\"\\u0061\":2}", "[01]", "1 2",
		"\"\x80\"", "\"\n\"", "{\"a\":18446744073709551616}", "1e999", "nul",
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autobuf out = BUF_INIT;
		autoerror err = ERROR_INIT;

		if (scan_print_json(rows[i], strlen(rows[i]), 0, NULL, &out, &err) == 0)
			fail_msg("accepted: %s", rows[i]);
		assert_int_equal(err.kind, ERROR_SYNTAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_kubectl_prints),
		cmocka_unit_test(test_scalars),
		cmocka_unit_test(test_drops),
		cmocka_unit_test(test_indents_for_embedding),
		cmocka_unit_test(test_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
