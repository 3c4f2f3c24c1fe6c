/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "http_calls.h"

#include "base/time.h"

static void test_gets_a_reply(void **state)
{
	struct loopback server = {.handle = handle_plain};
	struct http_options options = {.user_agent = "agent/1"};
	struct taken taken;
	struct http_call call;

	(void)state;
	loopback_start(&server, "");
	autofree char *url = xasprintf("%s/hello?a=b", server.url);
	call = call_for(url, &taken);
	run_one(&options, &call);
	loopback_stop(&server);
	assert_int_equal(call.failure, HTTP_NO_FAILURE);
	assert_int_equal(call.status, 200);
	assert_int_equal(call.body_bytes, 5);
	assert_int_equal(taken.done, 1);
	assert_string_equal(taken.body.ptr, "hello");
	assert_string_equal(http_reply_header(&call, "x-number"), "here");
	assert_string_equal(http_reply_header(&call, "X-Empty"), "");
	assert_null(http_reply_header(&call, "X-Num"));
	assert_int_equal(server.requests.len, 1);
	assert_true(starts_with(server.requests.items[0], "GET /hello?a=b HTTP/1.1\r\n"));
	assert_non_null(strstr(server.requests.items[0], "User-Agent: agent/1\r\n"));
	assert_non_null(strstr(server.requests.items[0], "Accept-Encoding: gzip\r\n"));
	release(&call, &taken);
	loopback_clear(&server);
}

static void test_sends_headers_and_body(void **state)
{
	struct loopback server = {.handle = handle_plain};
	struct http_options options = {.user_agent = "agent/1", .no_compression = true};
	autostrv headers = STRV_INIT;
	struct taken taken;
	struct http_call call;

	(void)state;
	strv_push(&headers, "Accept: application/json");
	strv_push(&headers, "Impersonate-Extra-x: ");
	loopback_start(&server, "");
	call = call_for(server.url, &taken);
	call.method = "POST";
	call.headers = &headers;
	call.body = "{\"a\":1}";
	call.body_len = 7;
	run_one(&options, &call);
	loopback_stop(&server);
	assert_int_equal(call.status, 200);
	const char *request = server.requests.items[0];
	assert_true(starts_with(request, "POST / HTTP/1.1\r\n"));
	assert_non_null(strstr(request, "Accept: application/json\r\n"));
	assert_non_null(strstr(request, "Impersonate-Extra-x:\r\n"));
	assert_null(strstr(request, "Accept-Encoding"));
	assert_null(strstr(request, "Expect"));
	assert_true(ends_with(request, "\r\n\r\n{\"a\":1}"));
	release(&call, &taken);
	loopback_clear(&server);
}

static void test_refuses_headers_that_inject(void **state)
{
	static const char *const rows[][2] = {
		{"Authorization: Bearer a\nb",
			"net/http: invalid header field value for \"Authorization\""},
		{"Impersonate-User: a\rb",
			"net/http: invalid header field value for \"Impersonate-User\""},
		{"X Y: a", "net/http: invalid header field name \"X\""},
		{"nothing", "net/http: invalid header field name"},
	};
	struct loopback server = {.handle = handle_plain};
	struct http_options options = {.user_agent = "agent/1"};

	(void)state;
	loopback_start(&server, "");
	for (size_t i = 0; i < countof(rows); i++) {
		autostrv headers = STRV_INIT;
		struct taken taken;
		struct http_call call = call_for(server.url, &taken);

		strv_push(&headers, rows[i][0]);
		call.headers = &headers;
		run_one(&options, &call);
		assert_int_equal(taken.done, 1);
		assert_int_equal(call.failure, HTTP_OTHER);
		assert_int_equal(call.error.kind, ERROR_CONFIG);
		assert_string_equal(call.error.message, rows[i][1]);
		release(&call, &taken);
	}
	loopback_stop(&server);
	assert_int_equal(server.requests.len, 0);
	loopback_clear(&server);
}

static void test_proxy_is_ours_alone(void **state)
{
	struct loopback server = {.handle = handle_plain};
	struct loopback proxy = {.handle = handle_plain};
	struct http_options options = {.user_agent = "agent/1"};
	struct taken taken;
	struct http_call call;

	(void)state;
	loopback_start(&server, "");
	loopback_start(&proxy, "");
	setenv("ALL_PROXY", proxy.url, 1);
	setenv("http_proxy", proxy.url, 1);
	call = call_for(server.url, &taken);
	run_one(&options, &call);
	assert_int_equal(call.status, 200);
	release(&call, &taken);
	setenv("NO_PROXY", "*", 1);
	options.proxy = proxy.url;
	call = call_for("http://cluster.invalid/x", &taken);
	run_one(&options, &call);
	assert_int_equal(call.status, 200);
	release(&call, &taken);
	unsetenv("ALL_PROXY");
	unsetenv("http_proxy");
	unsetenv("NO_PROXY");
	loopback_stop(&server);
	loopback_stop(&proxy);
	assert_int_equal(server.requests.len, 1);
	assert_int_equal(proxy.requests.len, 1);
	assert_true(starts_with(proxy.requests.items[0], "GET http://cluster.invalid/x "));
	/* And one that does not answer. */
	call = call_for("http://cluster.invalid/x", &taken);
	run_one(&options, &call);
	assert_int_equal(call.failure, HTTP_PROXY);
	release(&call, &taken);
	loopback_clear(&server);
	loopback_clear(&proxy);
}

/* ---- the queue */

static void test_bounds_the_body(void **state)
{
	struct loopback server = {.handle = handle_plain};
	struct http_options options = {.user_agent = "agent/1"};
	struct taken taken;
	struct http_call call;

	(void)state;
	loopback_start(&server, "");
	call = call_for(server.url, &taken);
	call.max_body = 4;
	run_one(&options, &call);
	assert_int_equal(call.failure, HTTP_ABORTED);
	assert_string_equal(call.error.message, "the reply is larger than 4 bytes");
	release(&call, &taken);
	call = call_for(server.url, &taken);
	taken.fail_after = 1;
	run_one(&options, &call);
	assert_int_equal(call.failure, HTTP_ABORTED);
	assert_string_equal(call.error.message, "enough");
	release(&call, &taken);
	loopback_stop(&server);
	loopback_clear(&server);
}

/* The first call, once done, adds the second, delayed. */
struct chain {
	struct http *http;
	struct http_call *next;
	int64_t ended;
};

static void add_next(struct http_call *call)
{
	struct chain *chain = call->ctx;

	chain->ended = time_monotonic();
	if (chain->next)
		http_add_later(chain->http, chain->next, 60);
}

static void test_calls_added_by_others(void **state)
{
	struct loopback server = {.handle = handle_plain};
	struct http_options options = {.user_agent = "agent/1"};
	struct http *http = http_new(&options);
	struct chain second_chain = {.http = http};
	struct http_call second = {.on_done = add_next, .ctx = &second_chain};
	struct chain first_chain = {.http = http, .next = &second};
	struct http_call first = {.on_done = add_next, .ctx = &first_chain};
	autoerror err = ERROR_INIT;

	(void)state;
	loopback_start(&server, "");
	first.url = server.url;
	second.url = server.url;
	http_add(http, &first);
	assert_int_equal(http_run(http, NULL, NULL, &err), 0);
	assert_int_equal(first.status, 200);
	assert_int_equal(second.status, 200);
	assert_true(second_chain.ended - first_chain.ended >= 60);
	http_call_reset(&first);
	http_call_reset(&second);
	http_free(http);
	loopback_stop(&server);
	assert_int_equal(server.requests.len, 2);
	/* The second found the first one's connection. */
	assert_int_equal(server.connections, 1);
	loopback_clear(&server);
}

static int interrupt(void *ctx, struct error *err)
{
	int *count = ctx;

	(*count)++;
	error_set(err, ERROR_FAILED, "interrupted");
	return error_hint(err, "patience");
}

static void test_interrupt_ends_all(void **state)
{
	struct loopback server = {.handle = handle_plain};
	struct http_options options = {.user_agent = "agent/1"};
	struct http *http = http_new(&options);
	struct taken taken[2];
	struct http_call calls[2];
	autoerror err = ERROR_INIT;
	int ticks = 0;

	(void)state;
	loopback_start(&server, "");
	for (size_t i = 0; i < 2; i++) {
		calls[i] = call_for(server.url, &taken[i]);
		http_add_later(http, &calls[i], 60000);
	}
	assert_int_equal(http_run(http, interrupt, &ticks, &err), -1);
	assert_string_equal(err.message, "interrupted");
	assert_int_equal(ticks, 1);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(taken[i].done, 1);
		assert_int_equal(calls[i].failure, HTTP_ABORTED);
		assert_string_equal(calls[i].error.message, "interrupted");
		assert_string_equal(calls[i].error.hint, "patience");
		release(&calls[i], &taken[i]);
	}
	http_free(http);
	loopback_stop(&server);
	loopback_clear(&server);
}

static enum loopback_action handle_silence(
	struct loopback *server, size_t number, const char *request, struct buf *reply)
{
	(void)server;
	(void)number;
	(void)request;
	(void)reply;
	return LOOPBACK_KEEP;
}

static void test_times_out(void **state)
{
	struct loopback server = {.handle = handle_silence};
	struct http_options options = {.user_agent = "agent/1"};
	struct taken taken;
	struct http_call call;

	(void)state;
	loopback_start(&server, "");
	call = call_for(server.url, &taken);
	call.timeout_ms = 50;
	run_one(&options, &call);
	assert_int_equal(call.failure, HTTP_TIMED_OUT);
	assert_int_equal(call.error.kind, ERROR_TIMEOUT);
	assert_string_equal(call.error.message, "context deadline exceeded");
	release(&call, &taken);
	loopback_stop(&server);
	loopback_clear(&server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gets_a_reply),
		cmocka_unit_test(test_sends_headers_and_body),
		cmocka_unit_test(test_refuses_headers_that_inject),
		cmocka_unit_test(test_proxy_is_ours_alone),
		cmocka_unit_test(test_bounds_the_body),
		cmocka_unit_test(test_calls_added_by_others),
		cmocka_unit_test(test_interrupt_ends_all),
		cmocka_unit_test(test_times_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
