/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/nearest.h"

static void test_nearest(void **state)
{
	static const char *const known[] = {
		"get", "describe", "status", "check", "version", "namespace", "all-namespaces"};
	static const char *const rows[][2] = {
		{"got", "get"},
		{"gte", "get"},
		{"stauts", "status"},
		{"STATUS", "status"},
		{"descibe", "describe"},
		{"namespaces", "namespace"},
		{"chekc", "check"},
		{"", NULL},
		{"x", NULL},
		{"gxx", NULL},
		{"frobnicate", NULL},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct nearest nearest = {.word = rows[i][0]};

		for (size_t k = 0; k < countof(known); k++)
			nearest_offer(&nearest, known[k]);
		if (!streq(nearest.best, rows[i][1]))
			fail_msg("'%s' gave %s", rows[i][0], nearest.best ? nearest.best : "none");
	}
}

static void test_long_words_are_never_near(void **state)
{
	char word[100];
	struct nearest nearest = {.word = word};

	(void)state;
	memset(word, 'a', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	nearest_offer(&nearest, word);
	nearest_offer(&nearest, NULL);
	nearest_offer(&nearest, "");
	assert_null(nearest.best);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_long_words_are_never_near),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
