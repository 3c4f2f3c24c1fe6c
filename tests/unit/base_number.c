/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/buf.h"
#include "base/number.h"

static void test_as_go_prints(void **state)
{
	/* clang-format off */
	static const struct {
		const char *source, *json, *yaml;
	} rows[] = {
		{"0", "0", "0"},
		{"-0.0", "-0", "-0"},
		{"1.0", "1", "1"},
		{"0.10", "0.1", "0.1"},
		{"1e3", "1000", "1000"},
		{"123456.5", "123456.5", "123456.5"},
		{"1234567.5", "1234567.5", "1.2345675e+06"},
		{"1e19", "10000000000000000000", "1e+19"},
		{"1e20", "1e+20", "1e+20"},
		{"-9e18", "-9000000000000000000", "-9e+18"},
		{"-9223372036854775808.5", "-9.223372036854776e+18", "-9.223372036854776e+18"},
		{"-9223372036854774784.0", "-9223372036854775000", "-9.223372036854775e+18"},
		{"18446744073709549568.0", "18446744073709550000", "1.844674407370955e+19"},
		{"-1e19", "-1e+19", "-1e+19"},
		{"1e21", "1e+21", "1e+21"},
		{"-1.5e-6", "-0.0000015", "-1.5e-06"},
		{"1e-6", "0.000001", "1e-06"},
		{"0.00012", "0.00012", "0.00012"},
		{"9.9e-7", "9.9e-7", "9.9e-07"},
		{"1.5e-10", "1.5e-10", "1.5e-10"},
		{"0.30000000000000004", "0.30000000000000004", "0.30000000000000004"},
		{"1.7976931348623157e308", "1.7976931348623157e+308", "1.7976931348623157e+308"},
		{"5e-324", "5e-324", "5e-324"},
		{"2.2250738585072011e-308", "2.225073858507201e-308", "2.225073858507201e-308"},
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autobuf json = BUF_INIT;
		autobuf yaml = BUF_INIT;

		number_format_json(&json, strtod(rows[i].source, NULL));
		number_format_yaml(&yaml, strtod(rows[i].source, NULL));
		assert_string_equal(json.ptr, rows[i].json);
		assert_string_equal(yaml.ptr, rows[i].yaml);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_go_prints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
