/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/yaml.h"

static void test_types(void **state)
{
	/* clang-format off */
	static const struct {
		enum yaml_type type;
		const char *texts[24];
	} rows[] = {
		{YAML_NULL, {"", "~", "null", "Null", "NULL"}},
		{YAML_BOOL, {"y", "Y", "n", "N", "yes", "YES", "No", "on", "On", "OFF", "true", "False"}},
		{YAML_INT, {"0", "-1", "+12", "0x1f", "0X1F", "0o7", "017", "0b101", "1_000", "1__0", "-_1", "00",
			"-9223372036854775808", "18446744073709551615", "0xffffffffffffffff"}},
		{YAML_FLOAT, {"1.", ".5", "-.5", "1.5", "1e3", "1E-3", "08", "09.5", "+9223372036854775808", ".5_5",
			"18446744073709551616", "1_000.5", ".inf", "-.Inf", "+.INF", ".nan", ".NaN", "1.e3"}},
		{YAML_TIMESTAMP, {"2001-01-01", "2001-1-1", "2001-12-14T21:59:43Z", "2001-12-14t21:59:43.10-05:00",
			"2001-12-14 21:59:43", "2001-12-14  1:9:3.5", "2004-02-29"}},
		{YAML_STRING, {"yEs", "tRuE", "nUll", "a", "1a", "1.2.3", "0x", "0b12", "0b", "1e", "1e+", ".", "-", "+",
			"._5", ".5__5", "_1", "<<", "=", "1e400", "2001-02-30", "2001-13-01", "2001-12-14T24:00:00Z"}},
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		for (size_t j = 0; rows[i].texts[j]; j++) {
			const char *text = rows[i].texts[j];

			if (yaml_resolve(text, strlen(text)) != rows[i].type)
				fail_msg("'%s' is %d, not %d", text,
					yaml_resolve(text, strlen(text)), rows[i].type);
		}
	}
}

static void test_values(void **state)
{
	struct yaml_value value;

	(void)state;
	yaml_resolve_value("-0x10", 5, &value);
	assert_true(value.negative);
	assert_int_equal(value.magnitude, 16);
	yaml_resolve_value("On", 2, &value);
	assert_true(value.truth);
	yaml_resolve_value("-1_0.5e1", 8, &value);
	assert_true(value.number < -104.9 && value.number > -105.1);
}

static void test_what_stays_text(void **state)
{
	static const char *const text[] = {"a", "1.2.3", "12:60", ":30", "1:", "12:30x", "<<"};
	static const char *const other[] = {
		"", "y", "1", "2001-01-01", "12:30", "-1_0:30:59.5_", "1:5"};

	(void)state;
	for (size_t i = 0; i < countof(text); i++)
		if (!yaml_reads_as_text(text[i], strlen(text[i])))
			fail_msg("'%s' does not read as text", text[i]);
	for (size_t i = 0; i < countof(other); i++)
		if (yaml_reads_as_text(other[i], strlen(other[i])))
			fail_msg("'%s' reads as text", other[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_what_stays_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
