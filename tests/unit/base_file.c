/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <fcntl.h>
#include <sys/stat.h>
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

static char *in_folder(const char *name)
{
	return xasprintf("%s/%s", folder, name);
}

static void assert_content(const char *path, const char *want)
{
	autobuf text = BUF_INIT;

	assert_int_equal(os_read_file(path, 100, &text, NULL), 0);
	assert_string_equal(text.ptr, want);
}

static void assert_names(const char *want)
{
	autostrv names = STRV_INIT;
	autofree char *joined = NULL;

	assert_int_equal(folder_list(folder, &names, NULL), 0);
	joined = strv_join(&names, " ");
	assert_string_equal(joined, want);
}

static void assert_ends(const struct error *err, const char *end)
{
	if (!err->message || !ends_with(err->message, end))
		fail_msg("'%s' does not end with '%s'", err->message, end);
}

static void test_output(void **state)
{
	autofree char *path = in_folder("a.tar");
	autofree char *partial = in_folder("a.tar.partial");
	struct file_output output;
	struct stat info;

	(void)state;
	assert_int_equal(file_write(path, "old", 3, NULL), 0);
	/* A link that somebody laid there is replaced, not followed. */
	assert_int_equal(symlink(path, partial), 0);
	assert_int_equal(file_output_begin(path, &output, NULL), 0);
	assert_int_equal(file_output_write(&output, "new", 3, NULL), 0);
	assert_int_equal(file_output_write(&output, "er", 2, NULL), 0);
	assert_int_equal(output.size, 5);
	assert_content(path, "old");
	assert_int_equal(file_output_end(&output, NULL), 0);
	assert_content(path, "newer");
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	assert_int_equal(file_output_begin(path, &output, NULL), 0);
	file_output_abandon(&output);
	assert_content(path, "newer");
	assert_names("a.tar");
}

static void test_output_refused(void **state)
{
	autoerror err = ERROR_INIT;
	autofree char *path = in_folder("b");
	autofree char *nowhere = in_folder("none/b");
	struct file_output first;
	struct file_output second;

	(void)state;
	assert_int_equal(file_output_begin(folder, &first, &err), -1);
	assert_ends(&err, ": is a directory");
	assert_int_equal(file_output_begin(nowhere, &first, &err), -1);
	assert_int_equal(err.kind, ERROR_NOT_FOUND);
	assert_ends(&err, "none/b: no such file or directory");
	assert_int_equal(file_output_begin(path, &first, NULL), 0);
	assert_int_equal(file_output_begin(path, &second, &err), -1);
	assert_ends(&err, "b.partial: another program is writing it");
	file_output_abandon(&first);
	assert_int_equal(file_output_begin(path, &second, NULL), 0);
	file_output_abandon(&second);
	file_output_abandon(&second);
}

/* A disk that is full says so. */
static void test_write_fails(void **state)
{
	autoerror err = ERROR_INIT;
	autofd fd = open("/dev/full", O_WRONLY);

	(void)state;
	if (fd < 0)
		skip();
	assert_int_equal(file_write_all(fd, "x.tar", "abc", 3, &err), -1);
	assert_string_equal(err.message, "write x.tar: no space left on device");
}

static void test_read(void **state)
{
	autoerror err = ERROR_INIT;
	autofree char *path = in_folder("c");
	autofree char *copy = in_folder("d");
	autofree char *pipe = in_folder("pipe");
	autofd fd = -1;
	struct file_output output;
	uint64_t size;
	char data[4] = "";

	(void)state;
	assert_int_equal(file_write(path, "0123456789", 10, NULL), 0);
	assert_int_equal(file_open_read(path, &size, &fd, NULL), 0);
	assert_int_equal(size, 10);
	assert_int_equal(file_pread(fd, "c", 6, data, 3, NULL), 0);
	assert_string_equal(data, "678");
	assert_int_equal(file_pread(fd, "c", 8, data, 3, &err), -1);
	assert_int_equal(err.kind, ERROR_INCOMPLETE);
	assert_string_equal(err.message, "read c: the file ends at byte 10");

	assert_int_equal(file_output_begin(copy, &output, NULL), 0);
	assert_int_equal(file_copy(fd, 2, 5, output.fd, "d", NULL), 0);
	assert_int_equal(file_copy(fd, 9, 1, output.fd, "d", NULL), 0);
	assert_int_equal(file_copy(fd, 9, 2, output.fd, "d", &err), -1);
	assert_int_equal(err.kind, ERROR_INCOMPLETE);
	assert_int_equal(file_output_end(&output, NULL), 0);
	assert_content(copy, "2345699");

	file_close_pointer(&fd);
	assert_int_equal(mkfifo(pipe, 0600), 0);
	assert_int_equal(file_open_read(pipe, &size, &fd, &err), -1);
	assert_ends(&err, "/pipe: not a regular file");
	assert_int_equal(file_open_read(folder, &size, &fd, &err), -1);
	assert_ends(&err, ": is a directory");
}

static void test_folders(void **state)
{
	autofree char *deep = in_folder("x/y/z");
	autofree char *file = in_folder("file");
	autofree char *below = in_folder("file/below");
	autoerror err = ERROR_INIT;
	uint64_t space = 0;
	struct stat info;

	(void)state;
	assert_int_equal(folder_free_space(deep, &space, NULL), 0);
	assert_true(space > 0);
	assert_int_equal(folder_make(deep, NULL), 0);
	assert_int_equal(folder_make(deep, NULL), 0);
	assert_int_equal(stat(deep, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0700);
	assert_int_equal(file_write(file, "", 0, NULL), 0);
	assert_int_equal(folder_make(below, &err), -1);
	assert_ends(&err, ": not a directory");
}

static void test_user_folders(void **state)
{
	autofree char *set = NULL;
	autofree char *home = NULL;
	autofree char *none = NULL;

	(void)state;
	setenv("XDG_CACHE_HOME", "/c", 1);
	setenv("XDG_CONFIG_HOME", "not/absolute", 1);
	setenv("HOME", "/h", 1);
	set = folder_cache();
	home = folder_config();
	assert_string_equal(set, "/c/kubectl-flux-arc");
	assert_string_equal(home, "/h/.config/kubectl-flux-arc");
	unsetenv("HOME");
	none = folder_config();
	assert_null(none);
}

static void put(struct tree_output *tree, const char *path, bool executable)
{
	autofd fd = -1;

	assert_int_equal(tree_output_file(tree, path, executable, &fd, NULL), 0);
	assert_int_equal(file_write_all(fd, path, path, strlen(path), NULL), 0);
}

static void test_tree(void **state)
{
	static const char *const bad[] = {"", ".", "..", "../x", "a/../../x", "/x", "a//x", "a/",
		"a/.", "out/x", "link", "a/b"};
	autofree char *top = in_folder("tree/top");
	autofree char *link = in_folder("tree/top/link");
	autofree char *out = in_folder("tree/top/out");
	autofree char *file = in_folder("tree/top/a/b");
	struct tree_output *tree = NULL;
	struct stat info;

	(void)state;
	umask(022);
	assert_int_equal(tree_output_open(top, &tree, NULL), 0);
	put(tree, "a/b", false);
	put(tree, "a/c/d", false);
	put(tree, "run", true);
	assert_int_equal(tree_output_folder(tree, "empty/er", NULL), 0);
	assert_int_equal(symlink("/etc/passwd", link), 0);
	assert_int_equal(symlink(folder, out), 0);
	for (size_t i = 0; i < countof(bad); i++) {
		autofd fd = -1;

		if (tree_output_file(tree, bad[i], false, &fd, NULL) == 0)
			fail_msg("'%s' was created", bad[i]);
	}
	assert_int_equal(tree_output_folder(tree, "out/x", NULL), -1);
	tree_output_close(tree);
	assert_content(file, "a/b");
	assert_int_equal(stat(file, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0644);
	assert_int_equal(tree_output_open(top, &tree, NULL), -1);
}

/* Links are removed, not followed. */
static void test_remove(void **state)
{
	autofree char *kept = in_folder("kept");
	autofree char *gone = in_folder("gone");
	autofree char *link = in_folder("gone/a/link");
	autofree char *sub = in_folder("gone/a");
	autofree char *file = in_folder("kept/file");

	(void)state;
	assert_int_equal(folder_make(kept, NULL), 0);
	assert_int_equal(folder_make(sub, NULL), 0);
	assert_int_equal(file_write(file, "x", 1, NULL), 0);
	assert_int_equal(symlink(kept, link), 0);
	folder_remove(gone);
	assert_false(os_file_exists(link));
	assert_int_equal(access(gone, F_OK), -1);
	assert_content(file, "x");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_output, make_folder, drop_folder),
		cmocka_unit_test_setup_teardown(test_output_refused, make_folder, drop_folder),
		cmocka_unit_test(test_write_fails),
		cmocka_unit_test_setup_teardown(test_read, make_folder, drop_folder),
		cmocka_unit_test_setup_teardown(test_folders, make_folder, drop_folder),
		cmocka_unit_test(test_user_folders),
		cmocka_unit_test_setup_teardown(test_tree, make_folder, drop_folder),
		cmocka_unit_test_setup_teardown(test_remove, make_folder, drop_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
