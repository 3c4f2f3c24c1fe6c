/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/scan.h"

#define MAX_PATHS 4

/* As text and as a tree, which have to be the same or to fail with the same words. */
static int project(const char *const *paths, const char *item, struct buf *out, struct error *err)
{
	struct projection *projection = projection_new(paths);
	autojson struct json_object *direct = NULL;
	autojson struct json_object *parsed = NULL;
	autoerror direct_err = ERROR_INIT;
	autobuf left = BUF_INIT;
	autobuf right = BUF_INIT;
	int result = scan_project(projection, item, strlen(item), out, err);

	assert_int_equal(
		json_project(projection, item, strlen(item), &direct, &direct_err), result);
	if (result == 0) {
		assert_int_equal(json_parse(out->ptr, out->len, &parsed, NULL), 0);
		json_write(&left, direct);
		json_write(&right, parsed);
		assert_string_equal(left.ptr, right.ptr);
	} else if (err) {
		assert_string_equal(direct_err.message, err->message);
	}
	projection_free(projection);
	return result;
}

static void test_keeps_what_is_asked_for(void **state)
{
	/* clang-format off */
	static const struct {
		const char *paths[MAX_PATHS];
		const char *item, *want;
	} rows[] = {
		{{"a"}, "{\"a\":1,\"b\":2}", "{\"a\":1}"},
		{{"b", "a"}, "{ \"a\" : [ 1 , 2 ] , \"b\":2, \"c\":{\"a\":1} }", "{\"a\":[ 1 , 2 ],\"b\":2}"},
		{{"a.b", "a.c"}, "{\"a\":{\"x\":{\"b\":1},\"b\":{\"y\":0},\"c\":null}}", "{\"a\":{\"b\":{\"y\":0},\"c\":null}}"},
		{{"a", "a.b"}, "{\"a\":{\"x\":1,\"b\":2}}", "{\"a\":{\"x\":1,\"b\":2}}"},
		{{"a.b"}, "{\"c\":1}", "{}"},
		{{"a.b"}, "{\"a\":\"text\"}", "{\"a\":\"text\"}"},
		{{"a.b"}, "{\"a\":[{\"b\":1}]}", "{\"a\":[]}"},
		{{"a[].b"}, "{\"a\":[{\"b\":1,\"c\":2},{},{\"c\":[]},7]}", "{\"a\":[{\"b\":1},{},{},7]}"},
		{{"a[].b"}, "{\"a\":{\"b\":1}}", "{\"a\":{}}"},
		{{"a[].b"}, "{\"a\":[]}", "{\"a\":[]}"},
		{{"a[][].b"}, "{\"a\":[[{\"b\":1,\"c\":2}]]}", "{\"a\":[[{\"b\":1}]]}"},
		{{"m.[x.io/k].z"}, "{\"m\":{\"x.io/k\":{\"z\":1,\"y\":1},\"x\":1}}", "{\"m\":{\"x.io/k\":{\"z\":1}}}"},
		{{"a"}, "{\"\\u0061\":1,\"\\u0062\":2}", "{\"\\u0061\":1}"},
		{{"!m.f"}, "{\"a\":1,\"m\":{\"f\":[{}],\"n\":2}}", "{\"a\":1,\"m\":{\"n\":2}}"},
		{{"!m.f", "!a"}, "{\"a\":1,\"b\":[1,{}],\"m\":{\"f\":[{}],\"n\":2}}", "{\"b\":[1,{}],\"m\":{\"n\":2}}"},
		{{"m", "!m.f"}, "{\"a\":1,\"m\":{\"f\":1,\"n\":2}}", "{\"m\":{\"n\":2}}"},
		{{"a", "!m.f"}, "{\"a\":1,\"m\":{\"f\":1,\"n\":2}}", "{\"a\":1}"},
		{{"!l[].x"}, "{\"l\":[{\"x\":1,\"y\":2},3]}", "{\"l\":[{\"y\":2},3]}"},
		{{"a"}, "[1]", "[]"},
		{{"a"}, " 7 ", "7"},
		{{"n"}, "{\"s\":{\"t\":\"]}\\\"\",\"u\":[{}]},\"n\":1}", "{\"n\":1}"},
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		const char *paths[MAX_PATHS + 1] = {NULL};
		autobuf out = BUF_INIT;
		autoerror err = ERROR_INIT;

		memcpy(paths, rows[i].paths, sizeof(rows[i].paths));
		if (project(paths, rows[i].item, &out, &err) < 0)
			fail_msg("%s: %s", rows[i].item, err.message);
		assert_string_equal(out.ptr, rows[i].want);
	}
}

static void test_refuses_what_it_visits(void **state)
{
	static const char *const paths[] = {"a", "b.c", NULL};
	/* clang-format off */
	static const char *const rows[] = {
		"", "{", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "{\"b\":{\"c\":1,\"c\":1}}", "{\"a\":01}",
		"{\"a\":{\"x\":1,\"x\":1}}", "{\"x\":[}", "{\"x\":{\"y\":\"}\"", "{\"x\":nul}", "{\"x\":1,}", "{\"a\":1}}",
		"{\"x\":\"\x80\"}", "{\"b\":{\"c\":1]}",
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autobuf out = BUF_INIT;
		autoerror err = ERROR_INIT;

		if (project(paths, rows[i], &out, &err) == 0)
			fail_msg("accepted: %s", rows[i]);
		assert_int_equal(err.kind, ERROR_SYNTAX);
	}
}

/* Strings and escapes that straddle the 64-byte steps of the skipping. */
static void test_skips_over_any_alignment(void **state)
{
	static const char *const paths[] = {"n", NULL};
	/* clang-format off */
	static const char *const pieces[] = {
		"\"\\\\\"", "\"\\\\\\\"]\"", "\"\\\"}{\"", "[[]]", "{\"a\":{}}", "\"\\\\\\\\\\\\\\\\\\\\\\\"}\"",
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < countof(pieces); i++) {
		for (size_t pad = 0; pad < 140; pad++) {
			autobuf item = BUF_INIT;
			autobuf out = BUF_INIT;
			autoerror err = ERROR_INIT;

			buf_adds(&item, "{\"s\":[");
			buf_fill(&item, ' ', pad);
			buf_addf(&item, "%s,%s],\"n\":1}", pieces[i], pieces[i]);
			if (project(paths, item.ptr, &out, &err) < 0)
				fail_msg("%s: %s", item.ptr, err.message);
			assert_string_equal(out.ptr, "{\"n\":1}");
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keeps_what_is_asked_for),
		cmocka_unit_test(test_refuses_what_it_visits),
		cmocka_unit_test(test_skips_over_any_alignment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
