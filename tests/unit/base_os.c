/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/os.h"

static void test_read_file_errors_are_go_words(void **state)
{
	autobuf content = BUF_INIT;
	autoerror err = ERROR_INIT;

	(void)state;
	assert_int_equal(os_read_file("no/such", 10, &content, &err), -1);
	assert_string_equal(err.message, "open no/such: no such file or directory");
	assert_int_equal(err.kind, ERROR_NOT_FOUND);
	assert_int_equal(os_read_file("/", 10, &content, &err), -1);
	assert_string_equal(err.message, "read /: is a directory");
}

static void test_read_file_is_bounded(void **state)
{
	char path[] = "os-test-XXXXXX";
	int fd = mkstemp(path);
	autobuf content = BUF_INIT;
	autoerror err = ERROR_INIT;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "0123456789", 10), 10);
	close(fd);
	assert_int_equal(os_read_file(path, 10, &content, &err), 0);
	assert_string_equal(content.ptr, "0123456789");
	buf_reset(&content);
	assert_int_equal(os_read_file(path, 9, &content, &err), -1);
	unlink(path);
}

/* Others' secrets are refused; a file in memory is its owner's alone, and gone with its descriptor. */
static void test_secrets(void **state)
{
	char shared[] = "os-test-XXXXXX";
	int fd = mkstemp(shared);
	char *path = NULL;
	autobuf content = BUF_INIT;
	autoerror err = ERROR_INIT;

	(void)state;
	assert_int_equal(fchmod(fd, 0640), 0);
	close(fd);
	assert_int_equal(os_read_secret(shared, 10, &content, &err), -1);
	assert_int_equal(err.kind, ERROR_CONFIG);
	unlink(shared);
	if (!os_memory_file("secret", 6, &fd, &path))
		skip();
	assert_int_equal(os_read_secret(path, 10, &content, &err), 0);
	assert_string_equal(content.ptr, "secret");
	close(fd);
	assert_int_equal(os_read_secret(path, 10, &content, &err), -1);
	free(path);
}

static void test_paths(void **state)
{
	static const char *const rows[][3] = {
		{"/a/b", "/x", "/a/b"},
		{"b", "/x", "/x/b"},
		{"./b", "/x", "/x/b"},
		{"../b", "/x/y/", "/x/b"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autofree char *path = os_absolute(rows[i][0], rows[i][1]);

		assert_string_equal(path, rows[i][2]);
	}
	autofree char *plain = os_dirname("file");
	autofree char *top = os_dirname("/file");
	autofree char *deep = os_dirname("/a/b/file");
	assert_string_equal(plain, ".");
	assert_string_equal(top, "/");
	assert_string_equal(deep, "/a/b");
}

static int run_shell(struct os_process *process, const char *script, struct error *err)
{
	char shell[] = "/bin/sh";
	char flag[] = "-c";
	autofree char *text = xstrdup(script);
	char *argv[] = {shell, flag, text, NULL};

	process->argv = argv;
	return os_run(process, err);
}

static void test_run_gives_output_and_status(void **state)
{
	struct os_process process = {.max_output = 100, .output = BUF_INIT};
	autostrv environment = STRV_INIT;
	autoerror err = ERROR_INIT;

	(void)state;
	strv_push(&environment, "GREETING=old");
	strv_push(&environment, "GREETING=hello");
	process.env_set = &environment;
	assert_int_equal(run_shell(&process, "cat; echo $GREETING; exit 3", &err), 0);
	assert_string_equal(process.output.ptr, "hello\n");
	assert_int_equal(process.exit_code, 3);
	os_process_clear(&process);
}

static void test_run_is_bounded(void **state)
{
	struct os_process process = {.max_output = 10, .output = BUF_INIT};
	autoerror err = ERROR_INIT;

	(void)state;
	assert_int_equal(run_shell(&process, "while :; do echo many; done", &err), -1);
	assert_int_equal(err.kind, ERROR_FAILED);
	process.timeout_ms = 50;
	assert_int_equal(run_shell(&process, "while :; do :; done", &err), -1);
	assert_int_equal(err.kind, ERROR_TIMEOUT);
	os_process_clear(&process);
}

static void test_run_says_why_it_did_not_start(void **state)
{
	struct os_process process = {.max_output = 10, .output = BUF_INIT};
	char name[] = "./no-such-program";
	char *argv[] = {name, NULL};
	autoerror err = ERROR_INIT;

	(void)state;
	process.argv = argv;
	assert_int_equal(os_run(&process, &err), -1);
	assert_int_equal(process.start_errno, ENOENT);
	os_process_clear(&process);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read_file_errors_are_go_words),
		cmocka_unit_test(test_read_file_is_bounded),
		cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_run_gives_output_and_status),
		cmocka_unit_test(test_run_is_bounded),
		cmocka_unit_test(test_run_says_why_it_did_not_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
