/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/time.h"

static void test_parse(void **state)
{
	static const struct {
		const char *text;
		int64_t want;
	} rows[] = {
		{"1970-01-01T00:00:00Z", 0},
		{"2026-11-24T07:13:30Z", 1795504410000},
		{"2026-11-24T07:13:30.25Z", 1795504410250},
		{"2026-11-24T07:13:30.123456789Z", 1795504410123},
		{"2026-11-24T09:13:30+02:00", 1795504410000},
		{"2026-11-23T23:43:30-07:30", 1795504410000},
		{"2024-02-29T00:00:00Z", 1709164800000},
		{"1969-12-31T23:59:59Z", -1000},
		{"2026-02-29T00:00:00Z", TIME_NONE},
		{"2026-13-01T00:00:00Z", TIME_NONE},
		{"2026-11-24T24:00:00Z", TIME_NONE},
		{"2026-11-24T07:13:30", TIME_NONE},
		{"2026-11-24 07:13:30Z", TIME_NONE},
		{"2026-11-24T07:13:30.Z", TIME_NONE},
		{"2026-11-24T07:13:30Zx", TIME_NONE},
		{"", TIME_NONE},
		{NULL, TIME_NONE},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++)
		assert_int_equal(time_parse(rows[i].text), rows[i].want);
}

static void test_parse_http(void **state)
{
	(void)state;
	assert_int_equal(time_parse_http("Tue, 24 Nov 2026 07:13:30 GMT"), 1795504410000);
	assert_int_equal(time_parse_http("Tue, 24 Nov 2026 07:13:30 CET"), TIME_NONE);
	assert_int_equal(time_parse_http("Tue, 24 Foo 2026 07:13:30 GMT"), TIME_NONE);
	assert_int_equal(time_parse_http("soon"), TIME_NONE);
	assert_int_equal(time_parse_http(NULL), TIME_NONE);
}

static void test_format(void **state)
{
	autobuf out = BUF_INIT;

	(void)state;
	time_format_utc(&out, 1795504410999);
	assert_string_equal(out.ptr, "2026-11-24T07:13:30Z");
	buf_reset(&out);
	time_format_short(&out, 1795504410000, 1795504410000 + 3600000);
	assert_string_equal(out.ptr, "07:13:30Z");
	buf_reset(&out);
	time_format_short(&out, 1795504410000, 1795504410000 + 86400000);
	assert_string_equal(out.ptr, "2026-11-24T07:13:30Z");
	buf_reset(&out);
	time_format_utc(&out, -1);
	assert_string_equal(out.ptr, "1969-12-31T23:59:59Z");
}

/* The rows of kubectl's own test of HumanDuration. */
static void test_age(void **state)
{
	static const struct {
		int64_t seconds;
		const char *want;
	} rows[] = {
		{-5, "<invalid>"},
		{-1, "0s"},
		{0, "0s"},
		{1, "1s"},
		{70, "70s"},
		{119, "119s"},
		{120, "2m"},
		{190, "3m10s"},
		{599, "9m59s"},
		{70 * 60, "70m"},
		{179 * 60, "179m"},
		{180 * 60, "3h"},
		{7 * 3600 + 59 * 60, "7h59m"},
		{47 * 3600, "47h"},
		{48 * 3600, "2d"},
		{49 * 3600, "2d1h"},
		{(8 * 24 + 2) * 3600, "8d"},
		{367 * 86400, "367d"},
		{(2 * 365 * 24 + 25) * 3600LL, "2y1d"},
		{(8 * 365 * 24 + 2) * 3600LL, "8y"},
		{9 * 365 * 86400LL, "9y"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autobuf out = BUF_INIT;

		time_format_age(&out, rows[i].seconds * 1000);
		assert_string_equal(out.ptr, rows[i].want);
	}
	autobuf unknown = BUF_INIT;
	time_format_age(&unknown, TIME_NONE);
	assert_string_equal(unknown.ptr, "<unknown>");
}

static void test_duration_parse(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		int64_t ns;
	} rows[] = {
		{"0", true, 0},
		{"1s", true, 1000000000},
		{"1h30m", true, 5400000000000},
		{"1.5h", true, 5400000000000},
		{"500ms", true, 500000000},
		{"-2m", true, -120000000000},
		{"1us", true, 1000},
		{"1\xc2\xb5s", true, 1000},
		{".5s", true, 500000000},
		{"", false, 0},
		{"1", false, 0},
		{"s", false, 0},
		{"1d", false, 0},
		{"1s ", false, 0},
		{".s", false, 0},
		{"9223372036854775808ns", false, 0},
		{"10000000h", false, 0},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		int64_t ns = 0;

		assert_int_equal(duration_parse(rows[i].text, &ns), rows[i].ok);
		if (rows[i].ok)
			assert_int_equal(ns, rows[i].ns);
	}
}

static void test_duration_format(void **state)
{
	static const struct {
		int64_t ns;
		const char *want;
	} rows[] = {
		{0, "0s"},
		{90000000000, "1m30s"},
		{5400000000000, "1h30m0s"},
		{500000000, "500ms"},
		{1500000000, "1.5s"},
		{1100, "1.1\xc2\xb5s"},
		{7, "7ns"},
		{-1000000000, "-1s"},
		{INT64_MIN, "-2562047h47m16.854775808s"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autobuf out = BUF_INIT;

		duration_format(&out, rows[i].ns);
		assert_string_equal(out.ptr, rows[i].want);
	}
}

static int64_t noon(void)
{
	return 43200000;
}

static void test_clock_seam(void **state)
{
	(void)state;
	time_set_clock(noon);
	assert_int_equal(time_now(), 43200000);
	time_set_clock(NULL);
	assert_true(time_now() > 1700000000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_http),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_age),
		cmocka_unit_test(test_duration_parse),
		cmocka_unit_test(test_duration_format),
		cmocka_unit_test(test_clock_seam),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
