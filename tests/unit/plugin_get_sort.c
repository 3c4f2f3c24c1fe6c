/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/alloc.h"
#include "plugin/get.h"

static void test_compare(void **state)
{
	static const struct {
		const char *a, *b;
		int sign;
	} rows[] = {
		{"a", "b", -1},
		{"a", "a", 0},
		{"2", "10", -1},
		{"1500m", "2", -1},
		{"1Gi", "1G", 1},
		{"1e3", "1000", 0},
		{"-1", "1", -1},
		{"0.5", "500m", 0},
		/* Versions are text, as for kubectl. */
		{"17.x", "4.10.1", -1},
		{"v2", "v10", 1},
		{"2026-11-24T07:00:00Z", "2026-11-24T08:00:00Z", -1},
		{"", "a", -1},
		/* A number comes before what is none, or 9 < 10 < 1x < 9. */
		{"9", "10", -1},
		{"10", "1x", -1},
		{"9", "1x", -1},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		int forth = get_sort_compare(rows[i].a, rows[i].b);
		int back = get_sort_compare(rows[i].b, rows[i].a);

		assert_int_equal((forth > 0) - (forth < 0), rows[i].sign);
		assert_int_equal((back > 0) - (back < 0), -rows[i].sign);
	}
}

/* Objects without the value first, equal ones in the order in which the server sent them. */
static void test_order(void **state)
{
	static const char *const objects[] = {
		"{\"metadata\":{\"name\":\"c\"},\"n\":20}",
		"{\"metadata\":{\"name\":\"a\"},\"n\":3}",
		"{\"metadata\":{\"name\":\"b\"},\"n\":3}",
		"{\"metadata\":{\"name\":\"d\"}}",
		"{\"metadata\":{\"name\":\"e\"},\"n\":\"100m\"}",
	};
	static const char expected[] = "d e a b c ";
	struct get_target target = {.kind = kind_by_word("ks")};
	struct get_opts opts = {.sort_by = ".n"};
	struct get get = {.opts = &opts};
	struct get_sorter sorter = GET_SORTER_INIT;
	autobuf names = BUF_INIT;

	(void)state;
	assert_int_equal(jsonpath_compile_relaxed(".n", &get.sort, NULL), 0);
	for (size_t i = 0; i < countof(objects); i++)
		assert_int_equal(get_sorter_add(&sorter, &get, &target, objects[i],
					 strlen(objects[i]), NULL),
			0);
	assert_int_equal(get_sorter_sort(&sorter, &get, true, NULL), 0);
	for (size_t i = 0; i < sorter.len; i++) {
		const char *name = strstr(sorter.items[i].json, "name\":\"") + 7;

		buf_addf(&names, "%c ", *name);
	}
	assert_string_equal(names.ptr, expected);
	get_sorter_clear(&sorter);
	get_clear(&get);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
