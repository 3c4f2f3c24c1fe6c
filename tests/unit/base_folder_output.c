/* SPDX-License-Identifier: Apache-2.0 */
/* A folder that appears whole. */
#include "test.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/os.h"

static char *folder;

static int make_folder(void **state)
{
	(void)state;
	return folder_temporary(&folder, NULL);
}

static int drop_folder(void **state)
{
	(void)state;
	folder_remove(folder);
	free(folder);
	return 0;
}

static void put(struct folder_output *output, const char *path)
{
	autofd fd = -1;

	assert_int_equal(tree_output_file(output->tree, path, false, &fd, NULL), 0);
	assert_int_equal(file_write_all(fd, path, "x", 1, NULL), 0);
}

/* All names in it, hidden ones too. */
static char *names(const char *below)
{
	autofree char *path = xasprintf("%s/%s", folder, below);
	autostrv list = STRV_INIT;

	if (folder_list(path, &list, NULL) < 0)
		return xstrdup("(none)");
	return strv_join(&list, " ");
}

static void assert_names(const char *below, const char *wanted)
{
	autofree char *found = names(below);

	assert_string_equal(found, wanted);
}

static int begin(const char *name, struct folder_output *output, struct error *err)
{
	autofree char *path = xasprintf("%s/%s", folder, name);

	return folder_output_begin(path, output, err);
}

static void test_appears_whole(void **state)
{
	struct folder_output output;
	autofree char *empty = xasprintf("%s/empty", folder);

	(void)state;
	assert_int_equal(begin("out//", &output, NULL), 0);
	put(&output, "a/b");
	assert_names("", "out.partial");
	assert_int_equal(folder_output_end(&output, NULL), 0);
	assert_names("", "out");
	assert_names("out", "a");
	/* An empty one may be there. */
	assert_int_equal(mkdir(empty, 0700), 0);
	assert_int_equal(begin("empty", &output, NULL), 0);
	put(&output, "c");
	assert_int_equal(folder_output_end(&output, NULL), 0);
	assert_names("empty", "c");
}

static void test_abandoned(void **state)
{
	struct folder_output output;

	(void)state;
	assert_int_equal(begin("out", &output, NULL), 0);
	put(&output, "a/b/c");
	folder_output_abandon(&output);
	assert_names("", "");
}

static void test_foreign_folders_are_kept(void **state)
{
	static const char *const rows[][2] = {
		{"out", "out is not empty"}, {"out.partial", "out.partial is not empty"}};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autofree char *there = xasprintf("%s/%s", folder, rows[i][0]);
		autofree char *file = xasprintf("%s/%s/file", folder, rows[i][0]);
		autofree char *said = xasprintf("%s/%s", folder, rows[i][1]);
		struct folder_output output;
		autoerror err = ERROR_INIT;

		assert_int_equal(mkdir(there, 0700), 0);
		assert_int_equal(file_write(file, "x", 1, NULL), 0);
		assert_int_equal(begin("out", &output, &err), -1);
		assert_string_equal(err.message, said);
		assert_names(rows[i][0], "file");
		folder_remove(there);
	}
}

/* In a program of its own that ends without cleaning up, at `renamed` after all but the last step. */
static void leave(const char *name, bool renamed)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct folder_output output;

		if (begin(name, &output, NULL) < 0)
			_exit(1);
		put(&output, "left/over");
		_exit(renamed && rename(output.partial, output.path) < 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void test_left_over(void **state)
{
	(void)state;
	for (int renamed = 0; renamed < 2; renamed++) {
		struct folder_output output;

		leave("out", renamed);
		assert_names(renamed ? "out" : "out.partial", ".kubectl-flux-arc left");
		assert_int_equal(begin("out", &output, NULL), 0);
		assert_names("out.partial", ".kubectl-flux-arc");
		put(&output, "new");
		assert_int_equal(folder_output_end(&output, NULL), 0);
		assert_names("out", "new");
		assert_names("", "out");
		assert_int_equal(begin("out", &output, NULL), -1);
		drop_folder(state);
		make_folder(state);
	}
}

static void test_another_program_writes(void **state)
{
	struct folder_output first;
	struct folder_output second;
	autoerror err = ERROR_INIT;

	(void)state;
	assert_int_equal(begin("out", &first, NULL), 0);
	put(&first, "a");
	assert_int_equal(begin("out", &second, &err), -1);
	assert_non_null(strstr(err.message, "another program is writing it"));
	assert_int_equal(folder_output_end(&first, NULL), 0);
	assert_names("out", "a");
}

static void test_taken_meanwhile(void **state)
{
	autofree char *there = xasprintf("%s/out", folder);
	autofree char *file = xasprintf("%s/out/file", folder);
	struct folder_output output;
	autoerror err = ERROR_INIT;

	(void)state;
	assert_int_equal(begin("out", &output, NULL), 0);
	put(&output, "a");
	assert_int_equal(mkdir(there, 0700), 0);
	assert_int_equal(file_write(file, "x", 1, NULL), 0);
	assert_int_equal(folder_output_end(&output, &err), -1);
	assert_non_null(strstr(err.message, "directory not empty"));
	assert_names("", "out");
	assert_names("out", "file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_appears_whole, make_folder, drop_folder),
		cmocka_unit_test_setup_teardown(test_abandoned, make_folder, drop_folder),
		cmocka_unit_test_setup_teardown(
			test_foreign_folders_are_kept, make_folder, drop_folder),
		cmocka_unit_test_setup_teardown(test_left_over, make_folder, drop_folder),
		cmocka_unit_test_setup_teardown(
			test_another_program_writes, make_folder, drop_folder),
		cmocka_unit_test_setup_teardown(test_taken_meanwhile, make_folder, drop_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
