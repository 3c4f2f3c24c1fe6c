/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdalign.h>

#include "base/alloc.h"
#include "base/intern.h"

#define TEXTS 5000 /* more than a table and a chunk hold at first */

static void test_one_copy_of_each_text(void **state)
{
	struct intern *pool = intern_new();
	const char **first = xcalloc(TEXTS, sizeof(*first));

	(void)state;
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < TEXTS; i++) {
			autofree char *text = xasprintf("name-%d", i);
			const char *one = intern(pool, text);

			assert_string_equal(one, text);
			assert_ptr_not_equal(one, text);
			if (round == 0)
				first[i] = one;
			assert_ptr_equal(one, first[i]);
		}
	assert_string_equal(first[0], "name-0");
	free(first);
	intern_free(pool);
}

static void test_odd_texts(void **state)
{
	struct intern *pool = intern_new();
	char *big = xcalloc(200001, 1);

	(void)state;
	memset(big, 'x', 200000);
	assert_null(intern(pool, NULL));
	assert_string_equal(intern(pool, ""), "");
	assert_ptr_equal(intern(pool, ""), intern(pool, ""));
	assert_string_equal(intern(pool, big), big);
	assert_true(intern_size(pool) >= 200000);
	free(big);
	intern_free(pool);
	intern_free(NULL);
}

static void test_memory_is_aligned_and_zero(void **state)
{
	struct intern *pool = intern_new();

	(void)state;
	for (size_t size = 1; size < 300; size++) {
		unsigned char *bytes;

		(void)intern(pool, "x");
		bytes = intern_alloc(pool, size);
		assert_int_equal((uintptr_t)bytes % alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(bytes[i], 0);
		memset(bytes, 0xff, size);
	}
	intern_free(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_copy_of_each_text),
		cmocka_unit_test(test_odd_texts),
		cmocka_unit_test(test_memory_is_aligned_and_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
