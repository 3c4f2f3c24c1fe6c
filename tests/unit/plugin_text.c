/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "plugin/text.h"

static void test_width(void **state)
{
	static const struct {
		const char *text;
		size_t width;
	} rows[] = {
		{"", 0},
		{"abc", 3},
		{"grün", 4},
		{"gru\u0308n", 4},
		{"日本", 4},
		{"한국", 4},
		{"🚀x", 3},
		{"a\u200db", 2},
		{"\xff\xfe", 2},
		{"\xe6\x97", 2},     /* cut short */
		{"\xc0\x80", 2},     /* overlong */
		{"\xed\xa0\x80", 3}, /* half a surrogate pair */
		{"\xf4\x90\x80\x80"
		 "x",
			5}, /* beyond Unicode */
		{"…└", 2},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++)
		if (text_width(rows[i].text) != rows[i].width)
			fail_msg("row %zu is %zu wide", i, text_width(rows[i].text));
}

static void test_safe(void **state)
{
	static const char *const rows[][2] = {
		{"plain grün 日本", "plain grün 日本"},
		{"\033[2Jx", "^[[2Jx"},
		{"a\tb\rc\nd", "a\\tb\\rc\nd"},
		{"\001\177\a", "^A^?^G"},
		{"\xc2\x9b"
		 "31m",
			"\\u009b31m"},
		{"\x9b", "\\x9b"},
		{"a\u202eb", "a\\u202eb"},
		{"\xe6\x97z", "\\xe6\\x97z"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autobuf out = BUF_INIT;

		text_safe(&out, rows[i][0]);
		assert_string_equal(out.ptr, rows[i][1]);
	}
}

static void test_cell(void **state)
{
	static const char *const rows[][2] = {
		{"one", "one"},
		{"one\ntwo", "one..."},
		{"one\rtwo", "one..."},
		{"one\ftwo", "one..."},
		{"\n", "..."},
		{"a\tb\033", "a\\tb^["},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autobuf out = BUF_INIT;

		text_cell(&out, rows[i][0]);
		assert_string_equal(out.ptr, rows[i][1]);
	}
}

static void test_cut(void **state)
{
	static const struct {
		const char *text;
		size_t width;
		const char *is, *ascii;
	} rows[] = {
		{"abcdef", 6, "abcdef", "abcdef"}, {"abcdef", 5, "abcd…", "ab..."},
		{"abcdef", 1, "…", ""}, {"abcdef", 0, "", ""}, {"日本語", 6, "日本語", "日本語"},
		{"日本語", 5, "日本…", "日..."},
		{"日本語", 4, "日…", "..."}, /* a half does not fit */
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autobuf out = BUF_INIT;
		autobuf ascii = BUF_INIT;

		text_cut(&out, rows[i].text, rows[i].width);
		assert_string_equal(out.ptr, rows[i].is);
		text_set_ascii(true);
		text_cut(&ascii, rows[i].text, rows[i].width);
		text_set_ascii(false);
		assert_string_equal(ascii.ptr, rows[i].ascii);
	}
}

static void test_wrap(void **state)
{
	static const struct {
		const char *text;
		size_t width;
		unsigned indent;
		const char *is;
	} rows[] = {
		{"one two three", 0, 2, "one two three"},
		{"one two three", 7, 0, "one two\nthree"},
		{"one two three", 9, 2, "one two\n  three"},
		{"one  two", 8, 0, "one  two"},
		{"a\nb c\n\nd", 5, 2, "a\n  b c\n\n  d"},
		{"a\nb", 0, 2, "a\n  b"},
		{"verylongword x", 5, 0, "verylongword\nx"},
		{"x verylongword", 5, 0, "x\nverylongword"},
		{"日本 語", 5, 0, "日本\n語"},
		{"a\033b", 10, 0, "a^[b"},
		{"", 5, 2, ""},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autobuf out = BUF_INIT;

		text_wrap(&out, rows[i].text, rows[i].width, rows[i].indent);
		assert_string_equal(out.ptr, rows[i].is);
	}
}

static void test_bytes(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *is;
	} rows[] = {
		{0, "0 B"},
		{1023, "1023 B"},
		{1024, "1.0 KiB"},
		{1536, "1.5 KiB"},
		{1048524, "1023.9 KiB"},
		{1048560, "1.0 MiB"},
		{1048576, "1.0 MiB"},
		{12897484, "12.3 MiB"},
		{UINT64_MAX, "16.0 EiB"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autobuf out = BUF_INIT;

		text_bytes(&out, rows[i].bytes);
		assert_string_equal(out.ptr, rows[i].is);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_width),
		cmocka_unit_test(test_safe),
		cmocka_unit_test(test_cell),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
