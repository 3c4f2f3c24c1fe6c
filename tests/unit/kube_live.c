/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "live_play.h"

#include "base/time.h"

/* ---- errors and retries */

static void test_words_errors(void **state)
{
	static const struct row rows[] = {
		{"GET /api/v1/namespaces/d/pods/x ", 404, NULL,
			STATUS("404", "NotFound", "pods \\\"x\\\" not found"), 0, 0},
		{"GET /apis/g.io/v1/things ", 404, "Content-Type: text/plain\r\n",
			"404 page not found\n", 0, 0},
		{"GET /api/v1/pods", 401, NULL, STATUS("401", "Unauthorized", "Unauthorized"), 0,
			0},
		{"GET /plain", 400, "Content-Type: text/plain\r\n",
			"Client sent an HTTP request to an HTTPS server.\n", 0, 0},
		{"GET /redirect", 302, "Location: https://login.test/\r\n", "", 0, 0},
		{0},
	};
	static const struct {
		const char *path, *message, *hint;
		enum error_kind kind;
	} table[] = {
		{"/api/v1/namespaces/d/pods/x",
			"Error from server (NotFound): pods \"x\" not found", NULL,
			ERROR_NOT_FOUND},
		{"/apis/g.io/v1/things",
			"Error from server (NotFound): the server could not find the requested "
			"resource (get things.g.io)",
			NULL, ERROR_NOT_FOUND},
		{"/api/v1/pods", "You must be logged in to the server (Unauthorized)",
			"the credentials of user 'ivy' are missing, wrong or expired: log in again",
			ERROR_UNAUTHORIZED},
		{"/plain",
			"Error from server (BadRequest): the server rejected our request for an "
			"unknown reason",
			"it said: Client sent an HTTP request to an HTTPS server.", ERROR_SERVER},
		{"/redirect",
			"Error from server: the server responded with the status code 302 but did "
			"not return more information",
			"the server redirects to https://login.test/: does a login page or a proxy "
			"stand in between?",
			ERROR_SERVER},
	};
	struct play play;

	(void)state;
	play_start(&play, rows);
	for (size_t i = 0; i < countof(table); i++) {
		struct kube_request request = KUBE_REQUEST_INIT;
		autobuf names = BUF_INIT;

		request.path = table[i].path;
		assert_int_equal(run_list(&play, &request, &names), 0);
		assert_string_equal(request.error.message, table[i].message);
		assert_int_equal(request.error.kind, table[i].kind);
		if (table[i].hint)
			assert_string_equal(request.error.hint, table[i].hint);
		kube_request_clear(&request);
	}
	play_stop(&play);
	play_clear(&play);
}

/* What is tried again, and how often. */
static void test_retries(void **state)
{
	static const struct {
		int status; /* of the first replies */
		const char *headers;
		int times; /* how many of them; 0: all */
		size_t requests;
		bool works;
	} table[] = {
		{429, "Retry-After: 0\r\n", 1, 2, true},
		{500, "Retry-After: 0\r\n", 3, 4, true},
		{503, "Retry-After: 0\r\n", 0, 11, false},
		{400, "Retry-After: 0\r\n", 0, 1, false},
		{429, "", 0, 1, false},
		{500, "Retry-After: Wed, 21 Oct 2026 07:28:00 GMT\r\n", 0, 1, false},
		{500, "Retry-After: -1\r\n", 0, 1, false},
		{429, "Retry-After: 86400\r\n", 0, 1, false},
	};

	(void)state;
	for (size_t i = 0; i < countof(table); i++) {
		const struct row rows[] = {
			{"GET ", table[i].status, table[i].headers, "no", 0, table[i].times},
			{"GET ", 200, NULL, LIST(ITEM("a")), 0, 0},
			{0},
		};
		struct kube_request request = KUBE_REQUEST_INIT;
		struct play play;
		autobuf names = BUF_INIT;

		play_start(&play, rows);
		assert_int_equal(run_list(&play, &request, &names), 0);
		assert_int_equal(request.error.kind == ERROR_NONE, table[i].works);
		assert_string_equal(names.ptr, table[i].works ? "a " : "");
		kube_request_clear(&request);
		play_stop(&play);
		assert_int_equal(play.server.requests.len, table[i].requests);
		play_clear(&play);
	}
}

static void test_waits_as_long_as_told(void **state)
{
	static const struct row rows[] = {
		{"GET ", 429, "Retry-After: 1\r\n", "", 0, 1},
		{"GET ", 200, NULL, LIST(""), 0, 0},
		{0},
	};
	struct kube_request request = KUBE_REQUEST_INIT;
	struct play play;
	autobuf names = BUF_INIT;
	int64_t before = time_monotonic();

	(void)state;
	play_start(&play, rows);
	assert_int_equal(run_list(&play, &request, &names), 0);
	assert_int_equal(request.error.kind, ERROR_NONE);
	assert_true(time_monotonic() - before >= 1000);
	/* But not longer than --request-timeout. */
	play.used[0] = 0;
	play.target.timeout_ns = 500 * INT64_C(1000000);
	kube_request_clear(&request);
	assert_int_equal(run_list(&play, &request, &names), 0);
	assert_true(starts_with(request.error.message, "Error from server (TooManyRequests): "));
	kube_request_clear(&request);
	play_stop(&play);
	play_clear(&play);
}

static void test_broken_connections(void **state)
{
	static const struct row reset_once[] = {
		{"GET ", 0, NULL, "", LOOPBACK_RESET, 1},
		{"GET ", 200, NULL, LIST(ITEM("a")), 0, 0},
		{0},
	};
	static const struct row cut_list[] = {
		{"GET ", 0, NULL,
			"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
			"999\r\n\r\n{\"items\":[" ITEM("a") ",",
			LOOPBACK_CLOSE, 0},
		{0},
	};
	struct kube_request request = KUBE_REQUEST_INIT;
	struct play play;
	autobuf names = BUF_INIT;

	(void)state;
	play_start(&play, reset_once);
	assert_int_equal(run_list(&play, &request, &names), 0);
	assert_string_equal(names.ptr, "a ");
	kube_request_clear(&request);
	play_stop(&play);
	assert_int_equal(play.server.requests.len, 2);
	play_clear(&play);
	/* Items were handed out: asking again would give them twice. */
	buf_reset(&names);
	play_start(&play, cut_list);
	assert_int_equal(run_list(&play, &request, &names), 0);
	assert_string_equal(names.ptr, "a ");
	assert_string_equal(request.error.message,
		"the answer to /api/v1/pods broke off after 1 item: unexpected EOF");
	assert_int_equal(request.error.kind, ERROR_NETWORK);
	kube_request_clear(&request);
	play_stop(&play);
	assert_int_equal(play.server.requests.len, 1);
	play_clear(&play);
}

static void test_does_not_send_a_body_twice(void **state)
{
	static const struct row rows[] = {{"POST ", 0, NULL, "", LOOPBACK_RESET, 0}, {0}};
	struct kube_request request = KUBE_REQUEST_INIT;
	struct kube_request *requests[] = {&request};
	struct play play;
	autoerror err = ERROR_INIT;

	(void)state;
	play_start(&play, rows);
	request.path = "/review";
	request.body = "{}";
	assert_int_equal(kube_run(play.kube, requests, 1, &err), -1);
	assert_string_equal(
		err.message, "Unable to connect to the server: read: connection reset by peer");
	kube_request_clear(&request);
	play_stop(&play);
	assert_int_equal(play.server.requests.len, 1);
	play_clear(&play);
}

static void test_unreachable_is_one_error(void **state)
{
	static const struct row rows[] = {{0}};
	struct kube_request a = KUBE_REQUEST_INIT;
	struct kube_request b = KUBE_REQUEST_INIT;
	struct kube_request *requests[] = {&a, &b};
	struct play play;
	autoerror err = ERROR_INIT;

	(void)state;
	play_start(&play, rows);
	loopback_stop(&play.server);
	a.path = "/a";
	b.path = "/b";
	assert_int_equal(kube_run(play.kube, requests, 2, &err), -1);
	autofree char *message = xasprintf("The connection to the server 127.0.0.1:%d was refused "
					   "- did you specify the right host or port?",
		play.server.port);
	assert_string_equal(err.message, message);
	assert_string_equal(a.error.message, message);
	assert_int_equal(err.kind, ERROR_NETWORK);
	assert_true(starts_with(err.hint, "context 'here' has the server http://127.0.0.1:"));
	kube_request_clear(&a);
	kube_request_clear(&b);
	kube_free(play.kube);
	play_clear(&play);
}

/* ---- credentials */

static void test_renews_refused_credentials_once(void **state)
{
	static const struct row rows[] = {
		{"Bearer t0", 401, NULL, STATUS("401", "Unauthorized", "Unauthorized"), 0, 0},
		{"Bearer t1", 200, NULL, LIST(ITEM("a")), 0, 0},
		{"GET ", 401, NULL, STATUS("401", "Unauthorized", "Unauthorized"), 0, 0},
		{0},
	};
	struct kube_request request = KUBE_REQUEST_INIT;
	struct play play;
	autobuf names = BUF_INIT;

	(void)state;
	play_start(&play, rows);
	token_renewable = true;
	assert_int_equal(run_list(&play, &request, &names), 0);
	assert_int_equal(request.error.kind, ERROR_NONE);
	assert_string_equal(names.ptr, "a ");
	/* And then not for ever. */
	token_number = 7;
	kube_request_clear(&request);
	assert_int_equal(run_list(&play, &request, &names), 0);
	assert_int_equal(request.error.kind, ERROR_UNAUTHORIZED);
	kube_request_clear(&request);
	play_stop(&play);
	assert_int_equal(play.server.requests.len, 4);
	play_clear(&play);
}

static void test_sends_nothing_without_credentials(void **state)
{
	static const struct row rows[] = {{0}};
	struct kube_request request = KUBE_REQUEST_INIT;
	struct play play;
	autobuf names = BUF_INIT;

	(void)state;
	play_start(&play, rows);
	token_fails = true;
	assert_int_equal(run_list(&play, &request, &names), -1);
	assert_string_equal(request.error.message, "no token today");
	kube_request_clear(&request);
	play_stop(&play);
	assert_int_equal(play.server.requests.len, 0);
	play_clear(&play);
}

/* ---- what comes beside the answer */

static void test_hands_out_each_warning_once(void **state)
{
	static const struct row rows[] = {
		{"GET ", 200,
			"Warning: 299 - \"old API\"\r\n"
			"Warning: 299 - \"a \\\"quoted\\\" \\\\ one\" \"Sat, 25 Aug 2029 23:34:45 "
			"GMT\", 299 agent:1 \"second, with a comma\"\r\n"
			"Warning: 199 - \"not for users\"\r\n"
			"Warning: 299 - unquoted\r\n"
			"warning: 299 - \"old API\"\r\n",
			LIST(""), 0, 0},
		{0},
	};
	struct kube_request request = KUBE_REQUEST_INIT;
	struct play play;
	autobuf names = BUF_INIT;

	(void)state;
	play_start(&play, rows);
	assert_int_equal(run_list(&play, &request, &names), 0);
	kube_request_clear(&request);
	assert_int_equal(run_list(&play, &request, &names), 0);
	kube_request_clear(&request);
	assert_int_equal(play.warnings.len, 3);
	assert_string_equal(play.warnings.items[0], "old API");
	assert_string_equal(play.warnings.items[1], "a \"quoted\" \\ one");
	assert_string_equal(play.warnings.items[2], "second, with a comma");
	play_stop(&play);
	play_clear(&play);
}

static void test_takes_the_servers_clock(void **state)
{
	static const struct row rows[] = {
		{"GET ", 200, JSON_HEAD "Date: Tue, 24 Nov 2026 07:13:30 GMT\r\n", LIST(""), 0, 1},
		{"GET ", 200, JSON_HEAD "Date: yesterday\r\n", LIST(""), 0, 0},
		{0},
	};
	struct kube_request request = KUBE_REQUEST_INIT;
	struct play play;
	autobuf names = BUF_INIT;

	(void)state;
	play_start(&play, rows);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(run_list(&play, &request, &names), 0);
		kube_request_clear(&request);
		assert_int_equal(play.kube->now, time_parse("2026-11-24T07:13:30Z"));
	}
	play_stop(&play);
	play_clear(&play);
}

static int stop_now(void *ctx, struct error *err)
{
	(void)ctx;
	return error_set(err, ERROR_FAILED, "interrupted");
}

static void test_an_interrupt_ends_the_run(void **state)
{
	static const struct row rows[] = {{"GET ", 429, "Retry-After: 30\r\n", "", 0, 0}, {0}};
	struct kube_request request = KUBE_REQUEST_INIT;
	struct kube_request *requests[] = {&request};
	struct play play;
	autoerror err = ERROR_INIT;
	int64_t before = time_monotonic();

	(void)state;
	play_start(&play, rows);
	play.kube->tick = stop_now;
	request.path = "/api/v1/pods";
	assert_int_equal(kube_run(play.kube, requests, 1, &err), -1);
	assert_string_equal(err.message, "interrupted");
	assert_string_equal(request.error.message, "interrupted");
	assert_true(time_monotonic() - before < 20000);
	kube_request_clear(&request);
	play_stop(&play);
	play_clear(&play);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_errors),
		cmocka_unit_test(test_retries),
		cmocka_unit_test(test_waits_as_long_as_told),
		cmocka_unit_test(test_broken_connections),
		cmocka_unit_test(test_does_not_send_a_body_twice),
		cmocka_unit_test(test_unreachable_is_one_error),
		cmocka_unit_test(test_renews_refused_credentials_once),
		cmocka_unit_test(test_sends_nothing_without_credentials),
		cmocka_unit_test(test_hands_out_each_warning_once),
		cmocka_unit_test(test_takes_the_servers_clock),
		cmocka_unit_test(test_an_interrupt_ends_the_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
