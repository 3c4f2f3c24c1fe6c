/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/buf.h"
#include "base/scan.h"

static const char *const managed_fields[] = {"metadata.managedFields", NULL};

static void check(const char *text, unsigned indent, const char *const *drop, const char *want)
{
	autobuf out = BUF_INIT;
	autoerror err = ERROR_INIT;

	if (scan_print_yaml(text, strlen(text), indent, drop, &out, &err) < 0)
		fail_msg("%s: %s", text, err.message);
	assert_int_equal(strlen(out.ptr), out.len);
	if (!streq(out.ptr, want))
		fail_msg("%s\nprinted\n%s\nnot\n%s", text, out.ptr, want);
}

static void check_rows(const char *const rows[][2], size_t count)
{
	for (size_t i = 0; i < count; i++)
		check(rows[i][0], 0, NULL, rows[i][1]);
}

static void test_structure(void **state)
{
	/* clang-format off */
	static const char *const rows[][2] = {
		{"{}", "{}\n"},
		{"[]", "[]\n"},
		{"null", "null\n"},
		{"{\"a\":{},\"b\":[],\"c\":null}", "a: {}\nb: []\nc: null\n"},
		{"{\"a\":{\"b\":{\"c\":true}}}", "a:\n  b:\n    c: true\n"},
		{"{\"a\":[1,{\"b\":2,\"c\":3},[4,[5]],[]]}", "a:\n- 1\n- b: 2\n  c: 3\n- - 4\n  - - 5\n- []\n"},
		{"[{\"a\":[{\"b\":[1]}]}]", "- a:\n  - b:\n    - 1\n"},
		{"{\"b\":\"x\\ny\\n\",\"a\":{\"d\":1,\"c\":\"z\\n\"}}", "a:\n  c: |\n    z\n  d: 1\nb: |\n  x\n  y\n"},
		{"{\"a\\nb\":[1],\"c\":2}", "? |-\n  a\n  b\n: - 1\nc: 2\n"},
	};
	/* clang-format on */

	(void)state;
	check_rows(rows, countof(rows));
}

static void test_order_of_keys(void **state)
{
	(void)state;
	check("{\"a10\":1,\"b\":1,\"a2\":1,\"B\":1,\"_\":1,\"a\":1,\"a01\":1,\"a1\":1,\"A\":1,"
	      "\"1\":1}",
		0, NULL, "_: 1\n\"1\": 1\nA: 1\nB: 1\na: 1\na1: 1\na01: 1\na2: 1\na10: 1\nb: 1\n");
}

static void test_quotes(void **state)
{
	/* clang-format off */
	static const char *const rows[][2] = {
		{"[\"\",\"yes\",\"n\",\"~\",\"null\",\"1\",\"1e3\",\"0x1f\",\".5\",\"12:30\"]",
			"- \"\"\n- \"yes\"\n- \"n\"\n- \"~\"\n- \"null\"\n- \"1\"\n- \"1e3\"\n- \"0x1f\"\n- \".5\"\n- \"12:30\"\n"},
		{"[\"2001-01-01T00:00:00Z\",\"1.2.3\",\"v1\",\"yEs\",\"<<\",\"=\"]",
			"- \"2001-01-01T00:00:00Z\"\n- 1.2.3\n- v1\n- yEs\n- <<\n- =\n"},
		{"[\"- a\",\"-a\",\"a: b\",\"a:b\",\"a #b\",\"a#b\",\"#a\",\"it's\",\"'a\",\" a\",\"a \"]",
			"- '- a'\n- -a\n- 'a: b'\n- a:b\n- 'a #b'\n- a#b\n- '#a'\n- it's\n- '''a'\n- ' a'\n- 'a '\n"},
		{"[\"*a\",\"&a\",\"!a\",\"%a\",\"@a\",\"{a\",\"a{\",\"[a\",\"|a\",\"---\",\"a,b\",\"?a\",\"? a\",\"a:\"]",
			"- '*a'\n- '&a'\n- '!a'\n- '%a'\n- '@a'\n- '{a'\n- a{\n- '[a'\n- '|a'\n- '---'\n- a,b\n- ?a\n- '? a'\n- 'a:'\n"},
		{"[\"\\t\",\"\\u0000\\u001b\\u007f\\u0085\",\"\xc3\xa9\",\"\xf0\x9f\x98\x80\",\"\\\"\\\\\",\"\\u2028\"]",
			"- \"\\t\"\n- \"\\0\\e\\x7F\\N\"\n- \xc3\xa9\n- \"\\U0001F600\"\n- '\"\\'\n- '\xe2\x80\xa8'\n"},
		{"{\"on\":1,\"2\":2,\"a: b\":3,\"<<\":4,\"\":5}", "\"\": 5\n\"<<\": 4\n\"2\": 2\n'a: b': 3\n\"on\": 1\n"},
	};
	/* clang-format on */

	(void)state;
	check_rows(rows, countof(rows));
}

static void test_block_scalars(void **state)
{
	/* clang-format off */
	static const char *const rows[][2] = {
		{"[\"a\\nb\",\"a\\n\",\"a\\n\\n\",\"\\n\",\" a\\nb\",\"\\na\"]",
			"- |-\n  a\n  b\n- |\n  a\n- |+\n  a\n\n- |2+\n\n- |2-\n   a\n  b\n- |2-\n\n  a\n"},
		{"[\"a \\nb\",\"a\\nb \",\"a\\n b\\tc\"]", "- \"a \\nb\"\n- \"a\\nb \"\n- \"a\\n b\\tc\"\n"},
		{"{\"a\":{\"b\":\"x\\n\\n  y\"}}", "a:\n  b: |-\n    x\n\n      y\n"},
		{"\"a\\nb\"", "|-\n  a\n  b\n"},
	};
	/* clang-format on */

	(void)state;
	check_rows(rows, countof(rows));
}

#define TEN "0123456789"
#define EIGHTY TEN TEN TEN TEN TEN TEN TEN TEN

static void test_folds(void **state)
{
	/* clang-format off */
	static const char *const rows[][2] = {
		{"{\"a\":\"" EIGHTY " b c\"}", "a: " EIGHTY "\n  b c\n"},
		{"{\"a\":\"b " EIGHTY "\"}", "a: b " EIGHTY "\n"},
		{"{\"a\":{\"b\":\"#" EIGHTY " b  c\"}}", "a:\n  b: '#" EIGHTY "\n    b  c'\n"},
		{"[\"\\t" EIGHTY " b c\"]", "- \"\\t" EIGHTY "\n  b c\"\n"},
		{"[\"\\t" EIGHTY "  b\"]", "- \"\\t" EIGHTY "\n  \\ b\"\n"},
		{"{\"" EIGHTY " b c\":1}", EIGHTY " b c: 1\n"},
		{"{\"" EIGHTY TEN TEN TEN TEN TEN " b\":{\"c\":1}}", "? " EIGHTY TEN TEN TEN TEN TEN "\n  b\n: c: 1\n"},
	};
	/* clang-format on */

	(void)state;
	check_rows(rows, countof(rows));
}

static void test_numbers(void **state)
{
	(void)state;
	check("[1,-0,1.0,1e3,0.10,1234567.5,1e6,1e20,18446744073709551615,-1.5e-7]", 0, NULL,
		"- 1\n- 0\n- 1\n- 1000\n- 0.1\n- 1.2345675e+06\n- 1000000\n- 1e+20\n"
		"- 18446744073709551615\n- -1.5e-07\n");
}

static void test_drops_and_indents(void **state)
{
	(void)state;
	check("{\"metadata\":{\"managedFields\":[{\"f\":{}}],\"name\":\"x\"}}", 0, managed_fields,
		"metadata:\n  name: x\n");
	check("{\"metadata\":{\"managedFields\":[]}}", 0, managed_fields, "metadata: {}\n");
	check("{\"b\":[1],\"a\":\"x\\n\\ny\"}", 2, NULL, "a: |-\n    x\n\n    y\n  b:\n  - 1\n");
	check("\"\\na\"", 2, NULL, "|2-\n\n  a\n");
	check("[1,[2]]", 2, NULL, "- 1\n  - - 2\n");
}

static void test_refuses(void **state)
{
	static const char *const rows[] = {"", "{", "[1,]", "{\"a\":1,\"a\":2}",
		"{\"b\":1,\"a\":1,\"b\":2}", "[01]", "1 2", "\"\x80\"", "nul"};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autobuf out = BUF_INIT;
		autoerror err = ERROR_INIT;

		if (scan_print_yaml(rows[i], strlen(rows[i]), 0, NULL, &out, &err) == 0)
			fail_msg("accepted: %s", rows[i]);
		assert_int_equal(err.kind, ERROR_SYNTAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_structure),
		cmocka_unit_test(test_order_of_keys),
		cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_block_scalars),
		cmocka_unit_test(test_folds),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_drops_and_indents),
		cmocka_unit_test(test_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
