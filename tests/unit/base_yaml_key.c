/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/yaml.h"

static int compare(const char *a, const char *b)
{
	int order = yaml_key_compare(a, strlen(a), b, strlen(b));
	int reverse = yaml_key_compare(b, strlen(b), a, strlen(a));

	if ((order < 0) != (reverse > 0) || (order == 0) != (reverse == 0))
		fail_msg("'%s' and '%s' do not mirror", a, b);
	return order;
}

static void test_natural_order(void **state)
{
	/* Each stands before the next. */
	static const char *const rising[] = {"", "-", ".", "_", "1", "01", "2", "9", "10", "100",
		"A", "B", "a", "a-b", "a.b", "a1", "a01", "a2", "a10", "ab", "b", "\xc3\xa9"};

	(void)state;
	for (size_t i = 0; i + 1 < countof(rising); i++)
		if (compare(rising[i], rising[i + 1]) >= 0)
			fail_msg("'%s' does not stand before '%s'", rising[i], rising[i + 1]);
	assert_int_equal(compare("a1", "a1"), 0);
	/* A zero inside of a number is a digit like any other. */
	assert_true(compare("a10", "a2") > 0);
	assert_true(compare("a109", "a110") < 0);
	assert_true(compare("v1", "v1alpha1") < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_natural_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
