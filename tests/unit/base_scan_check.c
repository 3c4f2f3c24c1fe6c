/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/scan.h"

static int check(const char *text, struct error *err)
{
	return scan_check(text, strlen(text), err);
}

static void test_accepts(void **state)
{
	/* clang-format off */
	static const char *const rows[] = {
		"0", "-0", "10.5e-3", " \t\r\n1 ", "\"\"", "[]", "{}", "[[],{}]", "true", "false", "null",
		"{\"\":{\"\":0}}", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00Ff\"", "1e-400",
		"\"\x7f\xc2\x80\xe0\xa0\x80\xed\x9f\xbf\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"",
		"\"\\ud800\"", "9223372036854775808", "-9223372036854775808", "18446744073709551615",
		"{\"a\":1,\"b\":{\"a\":1},\"A\":1,\"\":1,\"ab\":1}", "\"0123456789abcdefghij\"",
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autoerror err = ERROR_INIT;

		if (check(rows[i], &err) < 0)
			fail_msg("%s: %s", rows[i], err.message);
	}
}

static void test_refuses(void **state)
{
	/* clang-format off */
	static const char *const rows[] = {
		"", " ", "{", "[", "[1", "[1,", "[1,]", "[,1]", "{\"a\"", "{\"a\":", "{\"a\":1,}", "{,}", "{a:1}",
		"{\"a\" 1}", "[1 2]", "1 2", "]", "}", "{]", "[}", "01", "-", "-a", "+1", "1.", ".5", "1e", "1e+",
		"0x1", "NaN", "Infinity", "-Infinity", "nul", "True", "'a'", "// c\n1", "[1]//", "1e999", "-1e999",
		"18446744073709551616", "-9223372036854775809", "99999999999999999999999",
		"\"a", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\n\"", "\"\x1f\"", "\"\x80\"", "\"\xc0\xaf\"",
		"\"\xe0\x9f\xbf\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xf0\x8f\xbf\xbf\"", "\"\xc2\"",
		"\xef\xbb\xbf{}", "{\"a\":1,\"a\":1}", "{\"b\":1,\"a\":1,\"b\":1}", "{\"a\":1,\"\\u0061\":1}",
		"{\"a\\u0000\":1}", "[{\"x\":{\"k\":1,\"k\":1}}]",
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autoerror err = ERROR_INIT;

		if (check(rows[i], &err) == 0)
			fail_msg("accepted: %s", rows[i]);
		assert_int_equal(err.kind, ERROR_SYNTAX);
		assert_true(starts_with(err.message, "malformed JSON at byte "));
	}
}

static void test_nul_bytes_are_not_an_end(void **state)
{
	autoerror err = ERROR_INIT;

	(void)state;
	assert_int_equal(scan_check("1\0", 2, &err), -1);
	assert_int_equal(scan_check("[\0]", 3, &err), -1);
	assert_string_equal(err.message, "malformed JSON at byte 1: unexpected byte 0x00");
}

/* `count` falling keys, so that the cheap test for rising ones does not help; the last is `last`. */
static void falling_keys(struct buf *text, int count, int last)
{
	buf_reset(text);
	buf_addc(text, '{');
	for (int i = count; i > 1; i--)
		buf_addf(text, "\"k%07d\":0,", i);
	buf_addf(text, "\"k%07d\":0}", last);
}

static void test_duplicates_among_many_keys(void **state)
{
	static const int counts[] = {2, 16, 17, 1000, 200000};
	autobuf text = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < countof(counts); i++) {
		autoerror err = ERROR_INIT;

		falling_keys(&text, counts[i], 1);
		assert_int_equal(scan_check(text.ptr, text.len, &err), 0);
		falling_keys(&text, counts[i], counts[i]);
		assert_int_equal(scan_check(text.ptr, text.len, &err), -1);
		assert_non_null(strstr(err.message, "a key twice"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepts),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_nul_bytes_are_not_an_end),
		cmocka_unit_test(test_duplicates_among_many_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
