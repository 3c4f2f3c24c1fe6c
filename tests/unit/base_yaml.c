/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/yaml.h"

/* The document as JSON, or the error. */
static void read_as_json(const char *text, size_t len, struct buf *out)
{
	autojson struct json_object *object = NULL;
	autoerror err = ERROR_INIT;

	if (yaml_parse(text, len, &object, &err) < 0)
		buf_adds(out, err.message);
	else
		json_write(out, object);
}

static void check_rows(const char *const rows[][2], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		autobuf out = BUF_INIT;

		read_as_json(rows[i][0], strlen(rows[i][0]), &out);
		if (!streq(out.ptr, rows[i][1]))
			fail_msg("%s\nread %s\nwant %s", rows[i][0], out.ptr, rows[i][1]);
	}
}

static void test_reads_documents(void **state)
{
	/* clang-format off */
	static const char *const rows[][2] = {
		{"", "null"},
		{"# nothing\n", "null"},
		{"---\n", "null"},
		{"\xef\xbb\xbf" "a: 1\n", "{\"a\":1}"},
		{"--- a\n--- [\n", "\"a\""},
		{"{\"a\": [1, 2,],}", "{\"a\":[1,2]}"},
		{"a: |\n  x\n  y\nb: >-\n  x\n  y\n", "{\"a\":\"x\\ny\\n\",\"b\":\"x y\"}"},
		{"a: {b: [c, {d: e}]}\nf:\n- g\n-\n", "{\"a\":{\"b\":[\"c\",{\"d\":\"e\"}]},\"f\":[\"g\",null]}"},
		{"a: 1\na: 2\n", "{\"a\":2}"},
		{"a: \"\\u00e9\\U0001F600\\0\"", "{\"a\":\"\xc3\xa9\xf0\x9f\x98\x80\\u0000\"}"},
	};
	/* clang-format on */

	(void)state;
	check_rows(rows, countof(rows));
}

static void test_types_as_yaml_1_1(void **state)
{
	/* clang-format off */
	static const char *const rows[][2] = {
		{"[y, Yes, on, TRUE, n, off, yEs, tRuE]", "[true,true,true,true,false,false,\"yEs\",\"tRuE\"]"},
		{"[~, null, NULL, nUll, '', 'null']", "[null,null,null,\"nUll\",\"\",\"null\"]"},
		{"[0, 017, 0o17, 0x1F, 0b11, 08, -1_000, +7]", "[0,15,15,31,3,8,-1000,7]"},
		{"[1., .5, 1e3, 1.50, 1e21, 1e-7, -0.0]", "[1,0.5,1000,1.5,1e+21,1e-7,0]"},
		{"[9223372036854775808, 18446744073709551616]", "[9223372036854775808,1.8446744073709552e+19]"},
		{"[1.2.3, 12:30, 2001-01-01, 0x, 1a, 1e, 0b12, =, <<]",
			"[\"1.2.3\",\"12:30\",\"2001-01-01\",\"0x\",\"1a\",\"1e\",\"0b12\",\"=\",\"<<\"]"},
		{"[!!str 1, !!int \"1\", !!float 1, !!bool 'yes', !own 1]", "[\"1\",1,1,true,\"1\"]"},
		{"!!binary aGVsbG+A", "\"hello\xef\xbf\xbd\""},
		{"{n: 1, 0x10: 2, .5: 3, '1': 4, 2001-01-01: 5}",
			"{\"false\":1,\"16\":2,\"0.5\":3,\"1\":4,\"2001-01-01\":5}"},
	};
	/* clang-format on */

	(void)state;
	check_rows(rows, countof(rows));
}

static void test_anchors_and_merges(void **state)
{
	/* clang-format off */
	static const char *const rows[][2] = {
		{"a: &x [1]\nb: *x\nc: &x 2\nd: *x\n", "{\"a\":[1],\"b\":[1],\"c\":2,\"d\":2}"},
		{"a: &k key\n*k : b\n", "{\"a\":\"key\",\"key\":\"b\"}"},
		{"a: &x {b: 1, c: 1}\nd: {<<: *x, c: 2}\n", "{\"a\":{\"b\":1,\"c\":1},\"d\":{\"b\":1,\"c\":2}}"},
		{"d: {c: 2, <<: {c: 1}}", "{\"d\":{\"c\":1}}"},
		{"- &x {a: 1, b: 1}\n- &y {b: 2, c: 2}\n- {<<: [*x, *y]}\n",
			"[{\"a\":1,\"b\":1},{\"b\":2,\"c\":2},{\"b\":1,\"c\":2,\"a\":1}]"},
		{"{\"<<\": 1}", "{\"<<\":1}"},
	};
	/* clang-format on */

	(void)state;
	check_rows(rows, countof(rows));
}

static void test_refuses_in_gos_words(void **state)
{
	/* clang-format off */
	static const char *const rows[][2] = {
		{"a:\n\tb: 1\n", "yaml: line 2: found character that cannot start any token"},
		{"a: [1", "yaml: line 1: did not find expected ',' or ']'"},
		{"\na: b: c\n", "yaml: line 2: mapping values are not allowed in this context"},
		{"a: *b", "yaml: unknown anchor 'b' referenced"},
		{"a: &a [*a]", "yaml: anchor 'a' value contains itself"},
		{"{<<: 1}", "yaml: map merge requires map or sequence of maps as the value"},
		{"{<<: [1]}", "yaml: map merge requires map or sequence of maps as the value"},
		{"a: .inf", "json: unsupported value: +Inf"},
		{"a: !!int x", "yaml: cannot decode !!str as a !!int"},
		{"a: !!binary x", "yaml: !!binary value contains invalid base64 data"},
		{"? [a]\n: b", "yaml: invalid map key: neither text, number nor boolean"},
		{"~: b", "yaml: unsupported map key: null"},
		{"\x01", "yaml: control characters are not allowed"},
		{"\"a\\0\": 1", "yaml: a map key with a NUL character"},
	};
	/* clang-format on */

	(void)state;
	check_rows(rows, countof(rows));
}

/* Each level names the one before ten times. */
static void billion_laughs(struct buf *text)
{
	buf_adds(text, "l0: &l0 {x: y}\n");
	for (int level = 1; level < 10; level++) {
		buf_addf(text, "l%d: &l%d [", level, level);
		for (int i = 0; i < 10; i++)
			buf_addf(text, "*l%d,", level - 1);
		buf_adds(text, "]\n");
	}
}

static void test_bounds(void **state)
{
	autobuf laughs = BUF_INIT;
	autobuf deep = BUF_INIT;
	autobuf chain = BUF_INIT;
	autobuf out = BUF_INIT;

	(void)state;
	billion_laughs(&laughs);
	read_as_json(laughs.ptr, laughs.len, &out);
	assert_string_equal(out.ptr, "yaml: document contains excessive aliasing");

	buf_reset(&out);
	buf_fill(&deep, '[', JSON_MAX_DEPTH + 1);
	read_as_json(deep.ptr, deep.len, &out);
	assert_string_equal(out.ptr, "yaml: exceeded max depth of 256");

	/* Aliases nest values deeper than the text is. */
	buf_reset(&out);
	buf_adds(&chain, "- &a0 []\n");
	for (int i = 1; i < 300; i++)
		buf_addf(&chain, "- &a%d [*a%d]\n", i, i - 1);
	read_as_json(chain.ptr, chain.len, &out);
	assert_string_equal(out.ptr, "yaml: exceeded max depth of 256");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_documents),
		cmocka_unit_test(test_types_as_yaml_1_1),
		cmocka_unit_test(test_anchors_and_merges),
		cmocka_unit_test(test_refuses_in_gos_words),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
