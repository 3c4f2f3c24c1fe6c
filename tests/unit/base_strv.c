/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/alloc.h"
#include "base/strv.h"

static void assert_joined(const struct strv *strv, const char *want)
{
	autofree char *joined = strv_join(strv, "|");

	assert_string_equal(joined, want);
	assert_null(strv->items[strv->len]);
}

static void test_push_and_remove(void **state)
{
	autostrv strv = STRV_INIT;

	(void)state;
	assert_joined(&strv, "");
	for (int i = 0; i < 20; i++)
		strv_pushf(&strv, "%d", i);
	assert_int_equal(strv.len, 20);
	assert_string_equal(strv.items[19], "19");
	while (strv.len > 2)
		strv_remove(&strv, 0);
	assert_joined(&strv, "18|19");
	strv_remove(&strv, 1);
	assert_joined(&strv, "18");
}

static void test_split(void **state)
{
	static const struct {
		const char *text, *separators;
		bool keep_empty;
		const char *want;
	} rows[] = {
		{"a:b::c", ":", false, "a|b|c"},
		{"a:b::c", ":", true, "a|b||c"},
		{"", ":", false, ""},
		{":", ":", true, "|"},
		{"a, b", ", ", false, "a|b"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autostrv strv = STRV_INIT;

		strv_split(&strv, rows[i].text, rows[i].separators, rows[i].keep_empty);
		assert_joined(&strv, rows[i].want);
	}
}

static void test_sort_and_contains(void **state)
{
	autostrv strv = STRV_INIT;
	autostrv copy = STRV_INIT;

	(void)state;
	strv_split(&strv, "pear,apple,fig", ",", false);
	strv_sort(&strv);
	strv_push_all(&copy, &strv);
	assert_joined(&copy, "apple|fig|pear");
	assert_true(strv_contains(&copy, "fig"));
	assert_false(strv_contains(&copy, "fi"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_push_and_remove),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_sort_and_contains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
