/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/error.h"

static void test_causes_grow_outwards(void **state)
{
	autoerror err = ERROR_INIT;

	(void)state;
	assert_int_equal(error_set(&err, ERROR_FORBIDDEN, "%d: no token", 403), -1);
	assert_int_equal(error_wrap(&err, "reading '%s'", "x"), -1);
	error_hint(&err, "log in");
	assert_string_equal(err.message, "reading 'x': 403: no token");
	assert_string_equal(err.hint, "log in");
	assert_int_equal(err.kind, ERROR_FORBIDDEN);
	error_set(&err, ERROR_FAILED, "other");
	assert_null(err.hint);
}

/* A message may be made from the one that it replaces. */
static void test_set_from_itself(void **state)
{
	autoerror err = ERROR_INIT;

	(void)state;
	error_set(&err, ERROR_FAILED, "cause");
	error_set(&err, err.kind, "again: %s", err.message);
	assert_string_equal(err.message, "again: cause");
}

static void test_move(void **state)
{
	autoerror from = ERROR_INIT;
	autoerror to = ERROR_INIT;

	(void)state;
	error_set(&to, ERROR_FAILED, "old");
	error_set(&from, ERROR_USAGE, "new");
	assert_int_equal(error_move(&to, &from), -1);
	assert_string_equal(to.message, "new");
	assert_null(from.message);
	assert_int_equal(from.kind, ERROR_NONE);
	assert_int_equal(error_set(NULL, ERROR_FAILED, "unseen"), -1);
}

static void test_every_kind_has_status_and_name(void **state)
{
	static const int statuses[] = {
#define X(name, status, text) status,
		ERROR_KINDS(X)
#undef X
	};

	(void)state;
	for (size_t i = 0; i < countof(statuses); i++) {
		assert_int_equal(error_exit_status((enum error_kind)i), statuses[i]);
		assert_non_null(error_kind_name((enum error_kind)i));
	}
	assert_int_equal(error_exit_status(ERROR_FINDINGS), 3);
	assert_int_equal(error_exit_status(ERROR_USAGE), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_causes_grow_outwards),
		cmocka_unit_test(test_set_from_itself),
		cmocka_unit_test(test_move),
		cmocka_unit_test(test_every_kind_has_status_and_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
