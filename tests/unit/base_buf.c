/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/alloc.h"
#include "base/buf.h"

static void test_grows_and_stays_terminated(void **state)
{
	autobuf buf = BUF_INIT;

	(void)state;
	assert_string_equal(buf.ptr, "");
	for (int i = 0; i < 1000; i++)
		buf_addf(&buf, "%d,", i % 10);
	assert_int_equal(buf.len, 2000);
	assert_int_equal(strlen(buf.ptr), 2000);
	buf_truncate(&buf, 3);
	assert_string_equal(buf.ptr, "0,1");
	buf_reset(&buf);
	assert_string_equal(buf.ptr, "");
}

static void test_holds_any_bytes(void **state)
{
	autobuf buf = BUF_INIT;

	(void)state;
	buf_add(&buf, "a\0b", 3);
	buf_fill(&buf, 'x', 2);
	assert_int_equal(buf.len, 5);
	assert_memory_equal(buf.ptr, "a\0bxx", 6);
}

static void test_trim(void **state)
{
	static const char *const rows[][2] = {
		{"", ""},
		{" \n\t", ""},
		{" a b \r\n", "a b"},
		{"a", "a"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autobuf buf = BUF_INIT;

		buf_adds(&buf, rows[i][0]);
		buf_trim(&buf);
		assert_string_equal(buf.ptr, rows[i][1]);
	}
}

static void test_detach_hands_over(void **state)
{
	struct buf buf = BUF_INIT;

	(void)state;
	buf_adds(&buf, "mine");
	autofree char *text = buf_detach(&buf);
	assert_string_equal(text, "mine");
	assert_string_equal(buf.ptr, "");
	autofree char *nothing = buf_detach(&buf);
	assert_string_equal(nothing, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grows_and_stays_terminated),
		cmocka_unit_test(test_holds_any_bytes),
		cmocka_unit_test(test_trim),
		cmocka_unit_test(test_detach_hands_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
