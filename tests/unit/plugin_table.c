/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/alloc.h"
#include "plugin/table.h"

/* What a table prints on a terminal of `width` columns (0: into a pipe). */
static char *printed(const struct table *table, int width, bool color, unsigned indent)
{
	char *text = NULL;
	size_t len = 0;
	struct app app = {.width = width, .color = color};

	app.out = open_memstream(&text, &len);
	table_print(table, &app, true, indent);
	fclose(app.out);
	return text;
}

static const struct table_column columns[] = {
	{"NAME", false, false},
	{"N", false, true},
	{"MESSAGE", true, false},
};

static void add(struct table *table, const char *name, const char *number, const char *message)
{
	const char *cells[] = {name, number, message};

	table_add(table, cells, STYLE_BAD, 0);
}

static void test_pipe_shows_all(void **state)
{
	CLEANUP(table_free_pointer) struct table *table = table_new(columns, 3);
	autofree char *text = NULL;

	(void)state;
	add(table, "podinfo", "7", "a message that is rather long and is still shown in full");
	add(table, "x", "1234", "two\nlines");
	add(table, "日本", NULL, NULL);
	text = printed(table, 0, false, 0);
	assert_string_equal(text,
		"NAME         N   MESSAGE\n"
		"podinfo      7   a message that is rather long and is still shown in full\n"
		"x         1234   two...\n"
		"日本\n");
	assert_int_equal(table_rows(table), 3);
}

static void test_terminal_cuts_the_flexible_column(void **state)
{
	CLEANUP(table_free_pointer) struct table *table = table_new(columns, 3);
	autofree char *text = NULL;

	(void)state;
	add(table, "podinfo", "7", "a message that is rather long");
	text = printed(table, 36, false, 2);
	assert_string_equal(text, "  NAME     N  MESSAGE\n"
				  "  podinfo  7  a message that is rat…\n");
}

static void test_narrow_terminal_shows_lines(void **state)
{
	CLEANUP(table_free_pointer) struct table *table = table_new(columns, 3);
	autofree char *text = NULL;

	(void)state;
	add(table, "a-name-that-may-not-be-cut", "7", "a message that wraps");
	add(table, "other", NULL, "m");
	text = printed(table, 30, false, 0);
	assert_string_equal(text, "name:    a-name-that-may-not-be-cut\n"
				  "n:       7\n"
				  "message: a message that wraps\n"
				  "\n"
				  "name:    other\n"
				  "message: m\n");
}

static void test_colour_does_not_move_columns(void **state)
{
	CLEANUP(table_free_pointer) struct table *table = table_new(columns, 3);
	autofree char *text = NULL;

	(void)state;
	add(table, "x", "1", "m\033[1m");
	text = printed(table, 0, true, 0);
	assert_string_equal(text, "NAME     N   MESSAGE\n"
				  "\033[31mx\033[0m        1   m^[[1m\n");
}

static void test_last_column_gives_way_unless_said(void **state)
{
	static const struct table_column two[] = {{"A", false, false}, {"B", false, false}};
	CLEANUP(table_free_pointer) struct table *table = table_new(two, 2);
	const char *cells[] = {"aaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"};
	autofree char *text = NULL;

	(void)state;
	table_add(table, cells, STYLE_PLAIN, 0);
	text = printed(table, 30, false, 0);
	assert_string_equal(text, "A         B\naaaaaaaa  bbbbbbbbbbbbbbbbbbb…\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pipe_shows_all),
		cmocka_unit_test(test_terminal_cuts_the_flexible_column),
		cmocka_unit_test(test_narrow_terminal_shows_lines),
		cmocka_unit_test(test_colour_does_not_move_columns),
		cmocka_unit_test(test_last_column_gives_way_unless_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
