/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "loopback.h"

#include "base/error.h"
#include "base/http.h"
#include "base/time.h"

/* A call that collects its body. */
struct taken {
	struct buf body;
	int done;
	int fail_after; /* bytes after which on_data fails; 0: never */
};

static int take(struct http_call *call, const char *data, size_t len, struct error *err)
{
	struct taken *taken = call->ctx;

	buf_add(&taken->body, data, len);
	if (taken->fail_after && taken->body.len >= (size_t)taken->fail_after)
		return error_set(err, ERROR_FAILED, "enough");
	return 0;
}

static void done(struct http_call *call)
{
	struct taken *taken = call->ctx;

	taken->done++;
}

static struct http_call call_for(const char *url, struct taken *taken)
{
	*taken = (struct taken){.body = BUF_INIT};
	return (struct http_call){.url = url, .on_data = take, .on_done = done, .ctx = taken};
}

/* Run one call to its end. */
static void run_one(const struct http_options *options, struct http_call *call)
{
	struct http *http = http_new(options);
	autoerror err = ERROR_INIT;

	http_add(http, call);
	assert_int_equal(http_run(http, NULL, NULL, &err), 0);
	http_free(http);
}

static void release(struct http_call *call, struct taken *taken)
{
	http_call_reset(call);
	buf_clear(&taken->body);
}

static enum loopback_action handle_plain(
	struct loopback *server, size_t number, const char *request, struct buf *reply)
{
	(void)server;
	if (strstr(request, "/missing"))
		loopback_reply(reply, 404, "", "no such thing");
	else if (strstr(request, "/empty-reply"))
		return LOOPBACK_CLOSE;
	else if (strstr(request, "/reset"))
		return LOOPBACK_RESET;
	else if (strstr(request, "/cut"))
		buf_adds(reply, "HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\nhalf");
	else if (strstr(request, "/garbage"))
		buf_adds(reply, "what is this\r\n\r\n");
	else
		loopback_reply(reply, 200, "X-Number: here\r\nX-Empty:\r\n", "hello");
	(void)number;
	return strstr(request, "/cut") || strstr(request, "/garbage") ? LOOPBACK_CLOSE
								      : LOOPBACK_KEEP;
}

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

static void test_sorts_failures(void **state)
{
	static const struct {
		const char *path;
		enum http_failure failure;
		int status;
		const char *message;
	} rows[] = {
		{"/missing", HTTP_NO_FAILURE, 404, NULL},
		{"/empty-reply", HTTP_INTERRUPTED, 0, "EOF"},
		{"/reset", HTTP_INTERRUPTED, 0, "read: connection reset by peer"},
		{"/cut", HTTP_INTERRUPTED, 200, "unexpected EOF"},
		{"/garbage", HTTP_OTHER, 0, "Received HTTP/0.9 when not allowed"},
	};
	struct loopback server = {.handle = handle_plain};
	struct http_options options = {.user_agent = "agent/1"};

	(void)state;
	loopback_start(&server, "");
	for (size_t i = 0; i < countof(rows); i++) {
		autofree char *url = xasprintf("%s%s", server.url, rows[i].path);
		struct taken taken;
		struct http_call call = call_for(url, &taken);

		run_one(&options, &call);
		assert_int_equal(call.failure, rows[i].failure);
		assert_int_equal(call.status, rows[i].status);
		if (rows[i].message) {
			assert_non_null(call.error.message);
			assert_non_null(strstr(call.error.message, rows[i].message));
		}
		release(&call, &taken);
	}
	loopback_stop(&server);
	loopback_clear(&server);
}

/* A port on which nobody listens: one that was just let go. */
static void test_refused_and_unknown_host(void **state)
{
	struct loopback server = {.handle = handle_plain};
	struct http_options options = {.user_agent = "agent/1"};
	struct taken taken;
	struct http_call call;

	(void)state;
	loopback_start(&server, "");
	loopback_stop(&server);
	call = call_for(server.url, &taken);
	run_one(&options, &call);
	assert_int_equal(call.failure, HTTP_REFUSED);
	assert_int_equal(call.error.kind, ERROR_NETWORK);
	assert_true(ends_with(call.error.message, ": connect: connection refused"));
	release(&call, &taken);
	call = call_for("http://no-such-host.invalid:1/", &taken);
	run_one(&options, &call);
	assert_int_equal(call.failure, HTTP_NO_SUCH_HOST);
	assert_string_equal(
		call.error.message, "dial tcp: lookup no-such-host.invalid: no such host");
	release(&call, &taken);
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

/* ---- TLS */

static void test_trusts_the_given_ca_alone(void **state)
{
	struct loopback server = {.handle = handle_plain};
	struct loopback other = {.handle = handle_plain};
	struct http_options options = {.user_agent = "agent/1"};
	struct taken taken;
	struct http_call call;

	(void)state;
	loopback_start(&server, "IP:127.0.0.1");
	loopback_start(&other, "IP:127.0.0.1");
	options.ca_pem = server.ca_pem;
	options.ca_pem_len = strlen(server.ca_pem);
	call = call_for(server.url, &taken);
	run_one(&options, &call);
	assert_int_equal(call.failure, HTTP_NO_FAILURE);
	assert_string_equal(taken.body.ptr, "hello");
	release(&call, &taken);
	call = call_for(other.url, &taken);
	run_one(&options, &call);
	assert_int_equal(call.failure, HTTP_UNKNOWN_AUTHORITY);
	assert_string_equal(call.error.message, "tls: failed to verify certificate: x509: "
						"certificate signed by unknown authority");
	release(&call, &taken);
	options = (struct http_options){.user_agent = "agent/1", .insecure = true};
	call = call_for(other.url, &taken);
	run_one(&options, &call);
	assert_int_equal(call.status, 200);
	release(&call, &taken);
	loopback_stop(&server);
	loopback_stop(&other);
	loopback_clear(&server);
	loopback_clear(&other);
}

static void test_names_the_certificates_names(void **state)
{
	static const struct {
		const char *names;       /* of the certificate */
		const char *server_name; /* asked for; NULL: the address */
		const char *message;     /* NULL: accepted */
	} rows[] = {
		{"DNS:a.test,DNS:b.test,IP:127.0.0.1", NULL, NULL},
		{"DNS:a.test,DNS:b.test,IP:127.0.0.1", "b.test", NULL},
		{"DNS:a.test,DNS:b.test,IP:127.0.0.1", "bad.test",
			"certificate is valid for a.test, b.test, not bad.test"},
		{"DNS:a.test,IP:10.0.0.1,IP:::1", NULL,
			"certificate is valid for 10.0.0.1, ::1, not 127.0.0.1"},
		{"DNS:a.test", NULL,
			"cannot validate certificate for 127.0.0.1 because it doesn't contain any "
			"IP SANs"},
		{"IP:127.0.0.1", "a.test",
			"certificate is not valid for any names, but wanted to match a.test"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct loopback server = {.handle = handle_plain};
		struct http_options options = {
			.user_agent = "agent/1", .tls_server_name = rows[i].server_name};
		struct taken taken;
		struct http_call call;

		loopback_start(&server, rows[i].names);
		options.ca_pem = server.ca_pem;
		options.ca_pem_len = strlen(server.ca_pem);
		call = call_for(server.url, &taken);
		run_one(&options, &call);
		loopback_stop(&server);
		if (rows[i].message) {
			autofree char *whole = xasprintf(
				"tls: failed to verify certificate: x509: %s", rows[i].message);

			assert_int_equal(call.failure, HTTP_WRONG_NAME);
			assert_string_equal(call.error.message, whole);
		} else {
			autofree char *host = xasprintf("Host: 127.0.0.1:%d\r\n", server.port);

			assert_int_equal(call.failure, HTTP_NO_FAILURE);
			assert_non_null(strstr(server.requests.items[0], host));
		}
		release(&call, &taken);
		loopback_clear(&server);
	}
}

static void test_http_server_behind_https(void **state)
{
	struct loopback server = {.handle = handle_plain};
	struct http_options options = {.user_agent = "agent/1", .insecure = true};
	struct taken taken;
	struct http_call call;

	(void)state;
	loopback_start(&server, "");
	/* It answers the first bytes of the handshake, which hold no blank line, by closing. */
	autofree char *url = xasprintf("https://127.0.0.1:%d/", server.port);
	call = call_for(url, &taken);
	call.timeout_ms = 300;
	run_one(&options, &call);
	assert_true(call.failure == HTTP_TLS || call.failure == HTTP_TIMED_OUT);
	release(&call, &taken);
	loopback_stop(&server);
	loopback_clear(&server);
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
		cmocka_unit_test(test_sorts_failures),
		cmocka_unit_test(test_refused_and_unknown_host),
		cmocka_unit_test(test_proxy_is_ours_alone),
		cmocka_unit_test(test_trusts_the_given_ca_alone),
		cmocka_unit_test(test_names_the_certificates_names),
		cmocka_unit_test(test_http_server_behind_https),
		cmocka_unit_test(test_bounds_the_body),
		cmocka_unit_test(test_calls_added_by_others),
		cmocka_unit_test(test_interrupt_ends_all),
		cmocka_unit_test(test_times_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
