/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What source-controller leaves out. The rows' answers are those of fluxcd/pkg/sourceignore 0.22; where
 * Git's own rules are the same they are compared with `git check-ignore`.
 */
#include "ssh_folder.h"

#include "bundle/ignore.h"

static const struct {
	const char *rules, *path; /* a path of a folder ends with a slash */
	bool out;
	bool git_differs; /* Git answers otherwise */
} rows[] = {
	/* names, anywhere */
	{"a", "a", true, false},
	{"a", "x/a", true, false},
	{"a", "a/x", true, false},
	{"a", "ab", false, false},
	{"*.yaml", "x/y.yaml", true, false},
	{"*.yaml", ".yaml", true, false},
	{"?", "\303\251", true, true}, /* one character, of two bytes */
	{"[a-c]x", "bx", true, false},
	{"[^a]x", "bx", true, false},
	{"[^a]x", "ax", false, false},
	{"[!a]x", "bx", false, true},
	{"[!a]x", "!x", true, false},
	{"[a", "[a", false, false},
	{"[]a]", "]", false, true},
	{"\\*", "*", true, false},
	{"\\*", "a", false, false},
	{"\\#a", "#a", true, false},
	{"#a", "#a", false, false},
	{"a\\", "a\\", false, false},
	{"*a*b*c", "xaxbxbxc", true, false},
	{"*a*b*c", "xaxcxb", false, false},
	/* the end of the line */
	{"a  ", "a", true, false},
	{"a\\ ", "a ", true, false},
	{"a\r", "a", true, false},
	{"a\t", "a", false, false},
	/* folders */
	{"a/", "a/", true, false},
	{"a/", "a", false, false},
	{"a/", "a/b", true, false},
	{"a/", "x/a/b", true, false},
	/* paths */
	{"/a", "a", true, false},
	{"/a", "x/a", false, false},
	{"/a", "a/b", true, false},
	{"a/b", "a/b", true, false},
	{"a/b", "x/a/b", false, false},
	{"a/b", "a/b/c", true, false},
	{"a/*", "a/b/c", true, false},
	{"a/*/c", "a/b/c", true, false},
	{"a/*/c", "a/b/b/c", false, false},
	{"**/a", "a", true, false},
	{"**/a", "x/y/a", true, false},
	{"a/**", "a/b/c", true, false},
	{"a/**", "a/", true, false},
	{"a/**/b", "a/b", true, false},
	{"a/**/b", "a/x/y/b", true, false},
	{"a/**/b", "x/a/b", false, false},
	{"a**/b", "ax/b", false, true},
	{"a**", "ab", true, false},
	/* the last one decides, also below a folder that is left out */
	{"*.yaml\n!a.yaml", "a.yaml", false, false},
	{"!a.yaml\n*.yaml", "a.yaml", true, false},
	{"a/\n!a/b", "a/b", false, true},
	{"/*\n!/deploy", "deploy/x", false, false},
	{"/*\n!/deploy", "other/x", true, false},
	/* always, and only where nothing else is said */
	{"a", ".gitignore", true, true},
	{"!.gitignore", ".gitignore", false, false},
	{"a", ".git/", true, true},
	{"a", "x/.gitmodules", true, true},
	{"a", "x.png", false, false},
	{"", "x.png", true, true},
	{"# nothing", "x/x.png", true, true},
	{"[", "x.png", false, false},
	{"", ".github/workflows/x.yaml", true, true},
	{"", "x/.sops.yaml", true, true},
	{"", "x/y.yaml", false, false},
};

static bool is_folder(const char *path)
{
	return path[strlen(path) - 1] == '/';
}

static void test_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autoignore *ignore = ignore_new();
		bool folder = is_folder(rows[i].path);
		autofree char *path = xstrndup(rows[i].path, strlen(rows[i].path) - folder);

		assert_int_equal(
			ignore_add(ignore, "", rows[i].rules, strlen(rows[i].rules), NULL), 0);
		if (ignore_match(ignore, path, folder) != rows[i].out)
			fail_msg("'%s': '%s'", rows[i].rules, rows[i].path);
	}
}

/* 0: left out, 1: not. */
static void test_git_agrees(void **state)
{
	(void)state;
	assert_int_equal(ssh_shell("git init -q repo"), 0);
	for (size_t i = 0; i < countof(rows); i++) {
		const struct buf rules = {
			.ptr = xstrdup(rows[i].rules), .len = strlen(rows[i].rules)};
		int status;

		ssh_write("repo/.gitignore", &rules);
		free(rules.ptr);
		status = ssh_shell(
			"cd repo && git check-ignore -q --no-index -- '%s'", rows[i].path);
		if ((status == 0) != (rows[i].out != rows[i].git_differs))
			fail_msg("'%s': '%s'", rows[i].rules, rows[i].path);
	}
}

static void test_files_in_folders(void **state)
{
	autoignore *ignore = ignore_new();

	(void)state;
	assert_int_equal(ignore_add(ignore, "", "*.txt\n/b\n", 9, NULL), 0);
	assert_int_equal(ignore_add(ignore, "a/b", "!*.txt\n/c", 9, NULL), 0);
	assert_true(ignore_match(ignore, "x.txt", false));
	assert_true(ignore_match(ignore, "a/x.txt", false));
	assert_true(ignore_match(ignore, "a/bx/x.txt", false));
	assert_false(ignore_match(ignore, "a/b/x.txt", false));
	assert_true(ignore_match(ignore, "a/b/c", false));
	assert_false(ignore_match(ignore, "a/c", false));
	assert_false(ignore_match(ignore, "a/b", true));
}

static void test_bounds(void **state)
{
	autoignore *ignore = ignore_new();
	autobuf text = BUF_INIT;
	autoerror err = ERROR_INIT;

	(void)state;
	buf_fill(&text, '*', 1025);
	assert_int_equal(ignore_add(ignore, "", text.ptr, text.len, &err), -1);
	assert_string_equal(err.message, "more than 10000 rules, or one of more than 1024 bytes");
	buf_reset(&text);
	for (int i = 0; i < 10001; i++)
		buf_adds(&text, "a\n");
	assert_int_equal(ignore_add(ignore, "", text.ptr, text.len, &err), -1);
	assert_int_equal(err.kind, ERROR_DAMAGED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_git_agrees),
		cmocka_unit_test(test_files_in_folders),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, ssh_folder_set_up, ssh_folder_tear_down);
}
