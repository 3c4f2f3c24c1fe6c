/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"

static struct json_object *parse(const char *text)
{
	struct json_object *object = NULL;
	autoerror err = ERROR_INIT;

	if (json_parse(text, strlen(text), &object, &err) < 0)
		fail_msg("%s: %s", text, err.message);
	return object;
}

static void test_prints_what_it_read(void **state)
{
	/* clang-format off */
	static const char *const rows[][2] = {
		{"{}", "{}"},
		{" [ ] ", "[]"},
		{"null", "null"},
		{"true", "true"},
		{"12", "12"},
		{"-0", "0"},
		{"\"a/b\"", "\"a/b\""},
		{"\"a\\/b\\u0000\"", "\"a/b\\u0000\""},
		{"1.10", "1.10"},
		{"[1e3,-2.5E-7]", "[1e3,-2.5E-7]"},
		{"[9223372036854775807,-9223372036854775808]", "[9223372036854775807,-9223372036854775808]"},
		{"18446744073709551615", "18446744073709551615"},
		{"{\"b\":1,\"a\":{\"c\":[null,false,\"\\n\"]}}", "{\"b\":1,\"a\":{\"c\":[null,false,\"\\n\"]}}"},
		{"\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\""},
		{"[\"a\\\\\\ud836\\ude00b\",\"\\ud83d\\ude00\\ude00\"]",
			"[\"a\\\\\xf0\x9d\xa8\x80" "b\",\"\xf0\x9f\x98\x80\xef\xbf\xbd\"]"},
		{"\"\\ud83d.\"", "\"\xef\xbf\xbd.\""},
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autojson struct json_object *object = parse(rows[i][0]);
		autobuf out = BUF_INIT;

		json_write(&out, object);
		assert_string_equal(out.ptr, rows[i][1]);
	}
}

static void test_refuses_with_the_offset(void **state)
{
	/* clang-format off */
	static const char *const rows[][2] = {
		{"", "malformed JSON at byte 0: unexpected end of input"},
		{"{\"a\":1} x", "malformed JSON at byte 8: text after the end of the value"},
		{"{\"a\":1,\"a\":2}", "malformed JSON at byte 13: a key twice in the object that ends here"},
		{"[18446744073709551616]", "malformed JSON at byte 1: a number out of range"},
		{"{'a':1}", "malformed JSON at byte 1: unexpected '''"},
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct json_object *object = NULL;
		autoerror err = ERROR_INIT;

		assert_int_equal(json_parse(rows[i][0], strlen(rows[i][0]), &object, &err), -1);
		assert_null(object);
		assert_int_equal(err.kind, ERROR_SYNTAX);
		assert_string_equal(err.message, rows[i][1]);
	}
}

static void test_deepest_document(void **state)
{
	autobuf text = BUF_INIT;
	struct json_object *object = NULL;
	autoerror err = ERROR_INIT;

	(void)state;
	buf_fill(&text, '[', JSON_MAX_DEPTH);
	buf_addc(&text, '1');
	buf_fill(&text, ']', JSON_MAX_DEPTH);
	assert_int_equal(json_parse(text.ptr, text.len, &object, &err), 0);
	json_free(object);
	buf_reset(&text);
	buf_fill(&text, '[', JSON_MAX_DEPTH + 1);
	buf_fill(&text, ']', JSON_MAX_DEPTH + 1);
	assert_int_equal(json_parse(text.ptr, text.len, &object, &err), -1);
	assert_non_null(strstr(err.message, "nested too deeply"));
}

static void test_reads_by_path(void **state)
{
	autojson struct json_object *object =
		parse("{\"metadata\":{\"annotations\":{\"a.b/c\":\"here\"},\"generation\":3,"
		      "\"big\":18446744073709551615,\"none\":null},\"ok\":true,\"text\":\"3\"}");

	(void)state;
	assert_string_equal(json_str(object, "metadata", "annotations", "a.b/c"), "here");
	assert_null(json_str(object, "metadata", "generation"));
	assert_null(json_str(object, "metadata", "nothing", "deeper"));
	assert_null(json_str(NULL, "a"));
	assert_null(json_get(object, "text", "deeper"));
	assert_null(json_get(object, "metadata", "none"));
	assert_int_equal(json_int(object, -1, "metadata", "generation"), 3);
	assert_int_equal(json_int(object, -1, "metadata", "big"), -1);
	assert_int_equal(json_int(object, -1, "text"), -1);
	assert_true(json_bool(object, "ok"));
	assert_false(json_bool(object, "text"));
}

static void test_kinds_and_texts(void **state)
{
	autojson struct json_object *array = parse("[null,true,3,1.50,\"a/b\",[1],{}]");
	static const enum json_kind kinds[] = {
		JSON_NULL, JSON_BOOL, JSON_INT, JSON_DOUBLE, JSON_STRING, JSON_ARRAY, JSON_OBJECT};
	static const char *const texts[] = {"", "true", "3", "1.50", "a/b", "[1]", "{}"};

	(void)state;
	assert_int_equal(json_len(array), countof(kinds));
	for (size_t i = 0; i < countof(kinds); i++) {
		assert_int_equal(json_kind(json_item(array, i)), kinds[i]);
		assert_string_equal(json_text(json_item(array, i)), texts[i]);
	}
	assert_null(json_item(array, countof(kinds)));
	assert_int_equal(json_len(json_item(array, 6)), 0);
}

static void test_walks_members_in_order(void **state)
{
	autojson struct json_object *object = parse("{\"z\":1,\"a\":2,\"m\":3}");
	struct json_iter iter = JSON_ITER_INIT;
	struct json_iter none = JSON_ITER_INIT;
	autobuf keys = BUF_INIT;

	(void)state;
	while (json_next(object, &iter)) {
		buf_addf(&keys, "%s=%s ", iter.key, json_text(iter.value));
		if (streq(iter.key, "a"))
			json_delete(object, "a");
	}
	assert_string_equal(keys.ptr, "z=1 a=2 m=3 ");
	assert_null(json_get(object, "a"));
	assert_false(json_next(NULL, &none));
}

static void test_builds(void **state)
{
	autojson struct json_object *object = json_new_object();
	struct json_object *array = json_new_array();
	autobuf out = BUF_INIT;

	(void)state;
	json_set_str(object, "name", "a\"b");
	json_set_str(object, "none", NULL);
	json_set(object, "list", array);
	json_push(array, json_new_int(-1));
	json_push(array, json_new_uint(UINT64_MAX));
	json_push(array, json_new_double(0.1, "0.10"));
	json_push(array, json_new_bool(true));
	json_push(array, json_new_string_len("x\0y", 3));
	json_push(array, json_ref(json_get(object, "name")));
	json_set(object, "name", json_new_string("new"));
	json_write(&out, object);
	assert_string_equal(out.ptr,
		"{\"name\":\"new\",\"none\":null,\"list\":[-1,18446744073709551615,0.10,true,"
		"\"x\\u0000y\",\"a\\\"b\"]}");
}

static void test_copies_and_lengths(void **state)
{
	autojson struct json_object *object = parse("{\"a\":[1.50,\"x\\u0000y\"]}");
	autojson struct json_object *copy = json_copy(object);
	autobuf out = BUF_INIT;

	(void)state;
	json_push(json_get(object, "a"), json_new_int(1));
	json_write(&out, copy);
	assert_string_equal(out.ptr, "{\"a\":[1.50,\"x\\u0000y\"]}");
	assert_int_equal(json_string_len(json_item(json_get(copy, "a"), 1)), 3);
	assert_int_equal(json_string_len(json_get(copy, "a")), 0);
	assert_null(json_copy(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prints_what_it_read),
		cmocka_unit_test(test_refuses_with_the_offset),
		cmocka_unit_test(test_deepest_document),
		cmocka_unit_test(test_reads_by_path),
		cmocka_unit_test(test_kinds_and_texts),
		cmocka_unit_test(test_walks_members_in_order),
		cmocka_unit_test(test_builds),
		cmocka_unit_test(test_copies_and_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
