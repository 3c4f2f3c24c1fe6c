/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/os.h"
#include "bundle/store.h"

static char *cache;

static int make_cache(void **state)
{
	(void)state;
	if (folder_temporary(&cache, NULL) < 0)
		return -1;
	return setenv("XDG_CACHE_HOME", cache, 1);
}

static int drop_cache(void **state)
{
	(void)state;
	folder_remove(cache);
	free(cache);
	return 0;
}

static size_t count_in(const char *folder)
{
	autofree char *path = xasprintf("%s/kubectl-flux-arc/store/%s", cache, folder);
	autostrv names = STRV_INIT;

	assert_int_equal(folder_list(path, &names, NULL), 0);
	return names.len;
}

static void test_blobs(void **state)
{
	autostore *store = NULL;
	struct store_file file;
	struct sha256_text one;
	struct sha256_text two;
	struct sha256_text other = {""};
	autofree char *path = NULL;
	autobuf content = BUF_INIT;
	autofd fd = -1;
	autoerror err = ERROR_INIT;
	uint64_t size = 0;

	(void)state;
	assert_int_equal(store_open(&store, NULL), 0);
	assert_int_equal(store_begin(store, &file, NULL), 0);
	assert_int_equal(store_write(&file, "a", 1, NULL), 0);
	assert_int_equal(store_write(&file, "bc", 2, NULL), 0);
	assert_int_equal(store_end(&file, &one, NULL), 0);
	assert_string_equal(one.text,
		"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_int_equal(store_add(store, "abc", 3, &two, NULL), 0);
	assert_true(sha256_text_equal(&one, &two));
	assert_int_equal(count_in("sha256"), 1);
	assert_int_equal(count_in("tmp"), 0);
	assert_true(store_has(store, &one, &size, &path));
	assert_int_equal(size, 3);
	assert_int_equal(os_read_file(path, 10, &content, NULL), 0);
	assert_string_equal(content.ptr, "abc");
	assert_int_equal(store_read(store, &one, &fd, NULL), 0);
	sha256_text_of("x", 1, &other);
	assert_false(store_has(store, &other, NULL, NULL));
	file_close_pointer(&fd);
	assert_int_equal(store_read(store, &other, &fd, &err), -1);
	assert_int_equal(err.kind, ERROR_NOT_FOUND);
	assert_int_equal(store_begin(store, &file, NULL), 0);
	store_abandon(&file);
	store_abandon(&file);
	assert_int_equal(count_in("tmp"), 0);
}

/* A blob that was cut short in the cache is written anew. */
static void test_cut(void **state)
{
	autostore *store = NULL;
	struct sha256_text digest;
	autofree char *path = NULL;
	uint64_t size = 0;

	(void)state;
	assert_int_equal(store_open(&store, NULL), 0);
	assert_int_equal(store_add(store, "abc", 3, &digest, NULL), 0);
	assert_true(store_has(store, &digest, &size, &path));
	assert_int_equal(truncate(path, 1), 0);
	assert_int_equal(store_add(store, "abc", 3, &digest, NULL), 0);
	assert_true(store_has(store, &digest, &size, NULL));
	assert_int_equal(size, 3);
}

static void test_notes(void **state)
{
	autostore *store = NULL;
	struct sha256_text digest;
	struct sha256_text found;
	autofree char *path = NULL;
	uint64_t size = 0;

	(void)state;
	assert_int_equal(store_open(&store, NULL), 0);
	assert_false(store_recall(store, "key", &found, &size));
	assert_int_equal(store_add(store, "abc", 3, &digest, NULL), 0);
	assert_int_equal(store_note(store, "key", &digest, NULL), 0);
	assert_int_equal(store_note(store, "key", &digest, NULL), 0);
	assert_true(store_recall(store, "key", &found, &size));
	assert_true(sha256_text_equal(&digest, &found));
	assert_int_equal(size, 3);
	assert_false(store_recall(store, "other", &found, &size));
	assert_int_equal(count_in("tmp"), 0);
	assert_true(store_has(store, &digest, NULL, &path));
	file_remove(path);
	assert_false(store_recall(store, "key", &found, &size));
}

/* A process that is killed while it writes; `ready` is closed when it is at it. */
static pid_t write_forever(int ready[2])
{
	pid_t pid = fork();
	struct store *store;
	struct store_file file;

	if (pid)
		return pid;
	if (store_open(&store, NULL) < 0 || store_begin(store, &file, NULL) < 0 ||
		store_write(&file, "abc", 3, NULL) < 0)
		_exit(1);
	close(ready[0]);
	close(ready[1]);
	for (;;)
		pause();
}

static void test_killed(void **state)
{
	autostore *first = NULL;
	autostore *second = NULL;
	int ready[2];
	char byte;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	pid = write_forever(ready);
	assert_true(pid > 0);
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 0);
	close(ready[0]);
	assert_int_equal(store_open(&first, NULL), 0);
	assert_int_equal(count_in("tmp"), 1); /* alive */
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(store_open(&second, NULL), 0);
	assert_int_equal(count_in("tmp"), 0);
	assert_int_equal(count_in("sha256"), 0);
}

static void add(struct store *store, const char *text, int days, struct sha256_text *ret)
{
	autofree char *path = NULL;
	struct timespec times[2] = {{.tv_sec = time(NULL) - days * 86400L}};

	times[1] = times[0];
	assert_int_equal(store_add(store, text, strlen(text), ret, NULL), 0);
	assert_true(store_has(store, ret, NULL, &path));
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* Which of the blobs of a store are there, without using them. */
static size_t blobs_after(uint64_t bytes, int days)
{
	autostore *store = NULL;

	assert_int_equal(store_open(&store, NULL), 0);
	store_trim(store, bytes, days);
	return count_in("sha256");
}

static void test_trim(void **state)
{
	autostore *store = NULL;
	autostore *other = NULL;
	struct sha256_text old;
	struct sha256_text middle;
	struct sha256_text used;
	autofd fd = -1;

	(void)state;
	assert_int_equal(store_open(&store, NULL), 0);
	add(store, "aaaa", 100, &old);
	add(store, "bbbb", 50, &middle);
	add(store, "cccc", 20, &used);
	store_free(TAKE(store));
	/* Another program has it open. */
	assert_int_equal(store_open(&other, NULL), 0);
	assert_int_equal(blobs_after(0, 0), 3);
	store_free(TAKE(other));
	assert_int_equal(blobs_after(100, 200), 3);
	assert_int_equal(blobs_after(100, 90), 2);
	/* The one that was not used for longer goes, until the others fit. */
	assert_int_equal(blobs_after(7, 90), 1);
	assert_int_equal(store_open(&store, NULL), 0);
	assert_false(store_has(store, &middle, NULL, NULL));
	/* What is used now stays, whatever the bounds. */
	assert_int_equal(store_read(store, &used, &fd, NULL), 0);
	store_trim(store, 0, 0);
	assert_int_equal(count_in("sha256"), 1);
	store_free(TAKE(store));
	assert_int_equal(blobs_after(100, 10), 1);
}

static void test_no_home(void **state)
{
	autostore *store = NULL;
	autoerror err = ERROR_INIT;

	(void)state;
	unsetenv("XDG_CACHE_HOME");
	unsetenv("HOME");
	assert_int_equal(store_open(&store, &err), -1);
	assert_string_equal(err.message, "no place for the cache: HOME is not set");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_blobs, make_cache, drop_cache),
		cmocka_unit_test_setup_teardown(test_cut, make_cache, drop_cache),
		cmocka_unit_test_setup_teardown(test_notes, make_cache, drop_cache),
		cmocka_unit_test_setup_teardown(test_killed, make_cache, drop_cache),
		cmocka_unit_test_setup_teardown(test_trim, make_cache, drop_cache),
		cmocka_unit_test(test_no_home),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
