/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/quantity.h"

static void test_parse(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		int64_t milli;
	} rows[] = {
		{"0", true, 0},
		{"1", true, 1000},
		{"100m", true, 100},
		{"0.5", true, 500},
		{"1.5Gi", true, 1610612736000},
		{"2k", true, 2000000},
		{"1e3", true, 1000000},
		{"-1", true, -1000},
		{"376Mi", true, 394264576000},
		{"1n", true, 0},
		{"", false, 0},
		{"Mi", false, 0},
		{"1Xi", false, 0},
		{"1 Mi", false, 0},
		{"0x10", false, 0},
		{"nan", false, 0},
		{"inf", false, 0},
		{"100Ei", false, 0},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		int64_t milli = 0;

		assert_int_equal(quantity_parse(rows[i].text, &milli), rows[i].ok);
		if (rows[i].ok)
			assert_int_equal(milli, rows[i].milli);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
