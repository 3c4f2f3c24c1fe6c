/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/alloc.h"
#include "plugin/get_seen.h"

static void test_each_key_is_new_once(void **state)
{
	struct get_seen seen = {.len = 0};

	(void)state;
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 20000; i++) {
			autofree char *key = xasprintf("namespace-%d/name-%d", i % 7, i);

			assert_int_equal(get_seen_add(&seen, key), round == 0);
		}
	assert_true(get_seen_add(&seen, ""));
	assert_false(get_seen_add(&seen, ""));
	assert_int_equal(seen.len, 20001);
	get_seen_clear(&seen);
	assert_true(get_seen_add(&seen, ""));
	get_seen_clear(&seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_key_is_new_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
