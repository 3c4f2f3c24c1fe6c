/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "arm/duration.h"

static void test_parse(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds; /* 0: refused */
	} rows[] = {
		{"90s", 90},
		{"1h30m", 5400},
		{"10m", 600},
		{"120", 120},
		{"1.5h", 5400},
		{"PT30M", 1800},
		{"PT1H30M5S", 5405},
		{"P1D", 86400},
		{"P1DT1H", 90000},
		{"p1w", 604800},
		{"1h30", 0},
		{"0", 0},
		{"0s", 0},
		{"-5m", 0},
		{"+5m", 0},
		{"500ms", 0},
		{"1.5", 0},
		{"", 0},
		{"P", 0},
		{"PT", 0},
		{"P1M", 0}, /* a month has no length */
		{"PT5M1H", 0},
		{"PT1HT5M", 0},
		{"P1H", 0},
		{"10 m", 0},
		{"9999999999999999999", 0},
		{"99999999h", 0},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autoerror err = ERROR_INIT;
		int64_t seconds = -1;
		int result = arm_duration_parse("--timeout", rows[i].text, &seconds, &err);

		if ((result == 0) != (rows[i].seconds > 0))
			fail_msg("'%s': %d", rows[i].text, result);
		if (result == 0)
			assert_int_equal(seconds, rows[i].seconds);
		else
			assert_int_equal(err.kind, ERROR_USAGE);
	}
}

static void test_format(void **state)
{
	static const struct {
		int64_t seconds;
		const char *iso, *text;
	} rows[] = {
		{0, "PT0S", "0s"},
		{90, "PT1M30S", "1m30s"},
		{1800, "PT30M", "30m"},
		{3600, "PT1H", "1h"},
		{86400, "P1D", "24h"},
		{90061, "P1DT1H1M1S", "25h1m1s"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autobuf iso = BUF_INIT;
		autobuf text = BUF_INIT;

		arm_duration_iso(&iso, rows[i].seconds);
		arm_duration_text(&text, rows[i].seconds);
		assert_string_equal(iso.ptr, rows[i].iso);
		assert_string_equal(text.ptr, rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_format),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
