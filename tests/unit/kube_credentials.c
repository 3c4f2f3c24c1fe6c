/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/time.h"
#include "kube/credentials.h"

/* ---- the clock and a folder */

static int64_t now_ms;

static int64_t clock_of_ours(void)
{
	return now_ms;
}

static char folder[64];

static int set_up(void **state)
{
	(void)state;
	memcpy(folder, "/tmp/kube_credentials.XXXXXX", 29);
	if (!mkdtemp(folder) || chdir(folder) < 0)
		return -1;
	now_ms = INT64_C(1767225600000);
	time_set_clock(clock_of_ours);
	return 0;
}

static int tear_down(void **state)
{
	autofree char *command = xasprintf("rm -rf '%s'", folder);

	(void)state;
	time_set_clock(NULL);
	return chdir("/") < 0 || system(command) != 0 ? -1 : 0;
}

static void write_file(const char *path, const char *text, mode_t mode)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	chmod(path, mode);
}

static void free_credentials(struct kube_credentials **slot)
{
	kube_credentials_free(*slot);
}
#define autocredentials CLEANUP(free_credentials) struct kube_credentials

static void assert_headers(struct kube_credentials *credentials, const char *wanted)
{
	autostrv headers = STRV_INIT;
	autoerror err = ERROR_INIT;
	autofree char *joined = NULL;

	if (kube_credentials_headers(credentials, &headers, &err) < 0)
		fail_msg("%s", err.message);
	joined = strv_join(&headers, "\n");
	assert_string_equal(joined, wanted);
}

static void assert_fails(struct kube_credentials *credentials, const char *wanted)
{
	autostrv headers = STRV_INIT;
	autoerror err = ERROR_INIT;

	assert_int_equal(kube_credentials_headers(credentials, &headers, &err), -1);
	assert_string_equal(err.message, wanted);
}

/* ---- fixed credentials */

/* Text that may be written to, as a target owns it. */
#define TEXT(text) ((char[]){text})

static void test_what_is_sent(void **state)
{
	const struct {
		struct kube_target target;
		const char *headers;
	} rows[] = {
		{{.https = true}, ""},
		{{.https = true, .token = TEXT("t")}, "Authorization: Bearer t"},
		{{.https = false, .token = TEXT("t")}, ""},
		{{.https = true, .username = TEXT("u")}, "Authorization: Basic dTo="},
		{{.https = true, .username = TEXT("u"), .password = TEXT("p2")},
			"Authorization: Basic dTpwMg=="},
		{{.https = true, .password = TEXT("p2")}, ""},
		{{.https = false, .impersonate_user = TEXT("zoe"), .impersonate_uid = TEXT("7")},
			"Impersonate-User: zoe\nImpersonate-Uid: 7"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autocredentials *credentials = kube_credentials_new(&rows[i].target);

		assert_headers(credentials, rows[i].headers);
		assert_false(kube_credentials_refused(credentials));
	}
}

static void test_extra_keys_are_escaped(void **state)
{
	struct kube_target target = KUBE_TARGET_INIT;

	(void)state;
	target.impersonate_user = xstrdup("zoe");
	strv_push(&target.impersonate_groups, "a");
	strv_push(&target.impersonate_groups, "b, c");
	strv_push(&target.impersonate_extra, "example.com/50% \xc3\xa4:x");
	strv_push(&target.impersonate_extra, "1");
	autocredentials *credentials = kube_credentials_new(&target);
	assert_headers(credentials,
		"Impersonate-User: zoe\nImpersonate-Group: a\nImpersonate-Group: b, c\n"
		"Impersonate-Extra-example.com%2F50%25%20%C3%A4%3Ax: 1");
	kube_target_clear(&target);
}

static void test_line_breaks_are_refused(void **state)
{
	const struct kube_target rows[] = {
		{.https = true, .token = TEXT("a\nb")},
		{.https = true, .token = TEXT("a\x7f")},
		{.impersonate_user = TEXT("a\r\nX: y")},
		{.impersonate_user = TEXT("a"), .impersonate_uid = TEXT("\x01")},
	};
	static const char *const names[] = {
		"Authorization", "Authorization", "Impersonate-User", "Impersonate-Uid"};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autocredentials *credentials = kube_credentials_new(&rows[i]);
		autofree char *wanted =
			xasprintf("Unable to connect to the server: net/http: invalid "
				  "header field value for \"%s\"",
				names[i]);

		assert_fails(credentials, wanted);
	}
}

/* ---- token files: TestCachingTokenSource */

static void test_token_file_is_read_again_in_time(void **state)
{
	struct kube_target target = {.https = true, .token_file = TEXT("tok")};
	autocredentials *credentials = kube_credentials_new(&target);

	(void)state;
	write_file("tok", " one\n", 0600);
	assert_headers(credentials, "Authorization: Bearer one");
	write_file("tok", "two", 0600);
	assert_headers(credentials, "Authorization: Bearer one");
	now_ms += 49999;
	assert_headers(credentials, "Authorization: Bearer one");
	now_ms += 1;
	assert_headers(credentials, "Authorization: Bearer two");
	unlink("tok");
	now_ms += 3600000;
	assert_headers(credentials, "Authorization: Bearer two");
	write_file("tok", "\n", 0600);
	assert_headers(credentials, "Authorization: Bearer two");
	write_file("tok", "three", 0600);
	assert_headers(credentials, "Authorization: Bearer three");
}

static void test_token_file_beats_the_token_once_it_can_be_read(void **state)
{
	struct kube_target target = {
		.https = true, .token = TEXT("inl"), .token_file = TEXT("tok")};
	autocredentials *credentials = kube_credentials_new(&target);

	(void)state;
	assert_headers(credentials, "Authorization: Bearer inl");
	write_file("tok", "file", 0600);
	assert_headers(credentials, "Authorization: Bearer file");
}

/* ---- credential plugins */

#define BETA "client.authentication.k8s.io/v1beta1"

/* A plugin that answers with what the file `reply` holds, and counts its runs. */
static void make_plugin(struct kube_target *target, const char *reply)
{
	write_file("p.sh", "#!/bin/sh\necho >> runs\ncat reply\n", 0700);
	write_file("reply", reply, 0600);
	unlink("runs");
	*target = (struct kube_target)KUBE_TARGET_INIT;
	target->https = true;
	target->exec.command = xstrdup("./p.sh");
	target->exec.api_version = xstrdup(BETA);
	target->exec.interactive_mode = xstrdup("Never");
}

static long count_runs(void)
{
	struct stat info;

	return stat("runs", &info) < 0 ? 0 : (long)info.st_size;
}

static void test_plugin_runs_until_its_answer_expires(void **state)
{
	struct kube_target target;

	(void)state;
	make_plugin(&target, "{\"apiVersion\":\"" BETA "\",\"status\":{\"token\":\"tx\","
			     "\"expirationTimestamp\":\"2026-01-01T00:00:10Z\"}}");
	autocredentials *credentials = kube_credentials_new(&target);
	assert_headers(credentials, "Authorization: Bearer tx");
	now_ms += 10000;
	assert_headers(credentials, "Authorization: Bearer tx");
	assert_int_equal(count_runs(), 1);
	now_ms += 1;
	assert_headers(credentials, "Authorization: Bearer tx");
	assert_headers(credentials, "Authorization: Bearer tx");
	assert_int_equal(count_runs(), 3);
	kube_target_clear(&target);
}

static void test_refused_answers_are_asked_for_again(void **state)
{
	struct kube_target target;

	(void)state;
	make_plugin(&target, "apiVersion: " BETA "\nstatus: {token: tx}\n");
	autocredentials *credentials = kube_credentials_new(&target);
	assert_false(kube_credentials_refused(credentials));
	assert_headers(credentials, "Authorization: Bearer tx");
	now_ms += INT64_C(1000000000000);
	assert_headers(credentials, "Authorization: Bearer tx");
	assert_int_equal(count_runs(), 1);
	write_file("reply", "apiVersion: " BETA "\nstatus: {token: ty}\n", 0600);
	assert_true(kube_credentials_refused(credentials));
	assert_headers(credentials, "Authorization: Bearer ty");
	assert_int_equal(count_runs(), 2);
	kube_target_clear(&target);
}

static void test_plugin_does_not_run_without_need(void **state)
{
	struct kube_target target;

	(void)state;
	make_plugin(&target, "");
	target.token = xstrdup("inl");
	autocredentials *credentials = kube_credentials_new(&target);
	assert_headers(credentials, "Authorization: Bearer inl");
	str_replace(&target.token, NULL);
	target.https = false;
	assert_headers(credentials, "");
	assert_int_equal(count_runs(), 0);
	kube_target_clear(&target);
}

static void test_plugin_failures_are_explained(void **state)
{
	struct kube_target target;

	(void)state;
	make_plugin(&target, "");
	autocredentials *credentials = kube_credentials_new(&target);
	write_file("p.sh", "#!/bin/sh\nexit 3\n", 0700);
	assert_fails(credentials,
		"Unable to connect to the server: getting credentials: exec: executable "
		"./p.sh failed with exit code 3");
	write_file("p.sh", "#!/bin/sh\nkill -9 $$\n", 0700);
	assert_fails(credentials,
		"Unable to connect to the server: getting credentials: exec: executable "
		"./p.sh failed with exit code -1");
	chmod("p.sh", 0600);
	assert_fails(credentials,
		"Unable to connect to the server: getting credentials: exec: fork/exec "
		"./p.sh: permission denied");
	unlink("p.sh");
	assert_fails(credentials,
		"Unable to connect to the server: getting credentials: exec: fork/exec "
		"./p.sh: no such file or directory");
	write_file("p.sh", "#!/bin/sh\nyes\n", 0700);
	assert_fails(credentials,
		"Unable to connect to the server: getting credentials: exec: ./p.sh: "
		"printed more than 1048576 bytes");
	kube_target_clear(&target);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_is_sent),
		TEST(test_extra_keys_are_escaped),
		TEST(test_line_breaks_are_refused),
		TEST(test_token_file_is_read_again_in_time),
		TEST(test_token_file_beats_the_token_once_it_can_be_read),
		TEST(test_plugin_runs_until_its_answer_expires),
		TEST(test_refused_answers_are_asked_for_again),
		TEST(test_plugin_does_not_run_without_need),
		TEST(test_plugin_failures_are_explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
