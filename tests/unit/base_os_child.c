/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that are talked to. */
#include "test.h"

#include <signal.h>

#include "base/alloc.h"
#include "base/os.h"
#include "base/time.h"

static struct os_child *start_shell(const char *script)
{
	char sh[] = "sh";
	char option[] = "-c";
	autofree char *text = xstrdup(script);
	char *argv[] = {sh, option, text, NULL};
	struct os_child *child = NULL;

	assert_int_equal(os_child_start(argv, NULL, &child, NULL), 0);
	return child;
}

/* Send `total` bytes, taking what comes meanwhile; returns what has come until the end. */
static size_t talk(struct os_child *child, size_t total)
{
	static char in[70000];
	static char out[50000];
	size_t sent = 0;
	size_t got = 0;
	struct os_child_step step = {
		.out = out, .in = in, .in_len = sizeof(in), .timeout_ms = 10000};

	while (!step.ended) {
		step.out_len = total - sent < sizeof(out) ? total - sent : sizeof(out);
		assert_int_equal(os_child_step(child, &step, NULL), 0);
		sent += step.sent;
		got += step.got;
		if (sent == total || step.closed)
			os_child_end_input(child);
	}
	return got;
}

/* Far more than any pipe holds, so that a program that answers while it reads would block one of
 * the two if they took turns. */
static void test_both_ways(void **state)
{
	struct os_child *child = start_shell("cat");

	(void)state;
	assert_int_equal(talk(child, 5000000), 5000000);
	assert_int_equal(os_child_wait(child, 10000), 0);
	os_child_free(child);
}

static void test_ends_early(void **state)
{
	struct os_child *child = start_shell("echo why >&2; exit 7");

	(void)state;
	signal(SIGPIPE, SIG_DFL);
	assert_int_equal(talk(child, 5000000), 0);
	assert_int_equal(os_child_wait(child, 10000), 7);
	assert_string_equal(os_child_stderr(child), "why\n");
	os_child_free(child);
}

static void test_stderr_is_bounded(void **state)
{
	struct os_child *child = start_shell("head -c 1000000 /dev/zero | tr '\\0' x >&2; echo ok");

	(void)state;
	assert_int_equal(talk(child, 0), 3);
	assert_int_equal(os_child_wait(child, 10000), 0);
	assert_int_equal(strlen(os_child_stderr(child)), 64 << 10);
	os_child_free(child);
}

static void test_is_ended(void **state)
{
	struct os_child *child = start_shell("exec sleep 100");
	int64_t began = time_monotonic();

	(void)state;
	assert_int_equal(os_child_wait(child, 0), -1);
	assert_true(time_monotonic() - began < 50000);
	os_child_free(child);
	os_child_free(start_shell("exec sleep 100"));
}

static void test_is_not_there(void **state)
{
	char name[] = "no-such-program-here";
	char *argv[] = {name, NULL};
	struct os_child *child = NULL;
	autoerror err = ERROR_INIT;

	(void)state;
	assert_int_equal(os_child_start(argv, NULL, &child, &err), -1);
	assert_int_equal(err.kind, ERROR_NOT_FOUND);
	assert_string_equal(
		err.message, "starting 'no-such-program-here': no such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_ends_early),
		cmocka_unit_test(test_stderr_is_bounded),
		cmocka_unit_test(test_is_ended),
		cmocka_unit_test(test_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
