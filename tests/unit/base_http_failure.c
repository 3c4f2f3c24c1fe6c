/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "http_calls.h"

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
	autofree char *url = xasprintf("https://127.0.0.1:%d/", server.port);
	call = call_for(url, &taken);
	run_one(&options, &call);
	assert_int_equal(call.failure, HTTP_TLS);
	assert_string_equal(call.error.message, "http: server gave HTTP response to HTTPS client");
	release(&call, &taken);
	loopback_stop(&server);
	loopback_clear(&server);
}

static void test_expired_certificate(void **state)
{
	struct loopback server = {.handle = handle_plain, .valid_seconds = -60};
	struct http_options options = {.user_agent = "agent/1"};
	struct taken taken;
	struct http_call call;

	(void)state;
	loopback_start(&server, "IP:127.0.0.1");
	options.ca_pem = server.ca_pem;
	options.ca_pem_len = strlen(server.ca_pem);
	call = call_for(server.url, &taken);
	run_one(&options, &call);
	assert_int_equal(call.failure, HTTP_TLS);
	assert_string_equal(call.error.message,
		"tls: failed to verify certificate: x509: certificate has expired or is not yet "
		"valid: it has expired");
	release(&call, &taken);
	loopback_stop(&server);
	loopback_clear(&server);
}

static void test_client_certificate(void **state)
{
	struct loopback client = {.handle = handle_plain};
	struct loopback server = {.handle = handle_plain};
	struct http_options options = {.user_agent = "agent/1", .insecure = true};
	struct taken taken;
	struct http_call call;

	(void)state;
	loopback_start(&client, NULL);
	server.client_ca = client.ca_pem;
	loopback_start(&server, NULL);
	call = call_for(server.url, &taken);
	run_one(&options, &call);
	assert_int_equal(call.failure, HTTP_TLS);
	assert_string_equal(call.error.message, "remote error: tls: certificate required");
	release(&call, &taken);
	options.cert_pem = client.ca_pem;
	options.cert_pem_len = strlen(client.ca_pem);
	options.key_pem = client.key_pem;
	options.key_pem_len = strlen(client.key_pem);
	call = call_for(server.url, &taken);
	run_one(&options, &call);
	assert_int_equal(call.failure, HTTP_NO_FAILURE);
	assert_string_equal(taken.body.ptr, "hello");
	release(&call, &taken);
	loopback_stop(&client);
	loopback_stop(&server);
	loopback_clear(&client);
	loopback_clear(&server);
}

static enum loopback_action handle_login(
	struct loopback *server, size_t number, const char *request, struct buf *reply)
{
	(void)server;
	(void)number;
	(void)request;
	loopback_reply(reply, 407, "Proxy-Authenticate: Basic realm=x\r\n", "log in");
	return LOOPBACK_KEEP;
}

static void test_proxy_that_refuses(void **state)
{
	struct loopback proxy = {.handle = handle_login};
	struct http_options options = {.user_agent = "agent/1"};
	struct taken taken;
	struct http_call call;

	(void)state;
	loopback_start(&proxy, "");
	options.proxy = proxy.url;
	call = call_for("https://cluster.invalid/x", &taken);
	run_one(&options, &call);
	assert_int_equal(call.failure, HTTP_PROXY);
	assert_string_equal(call.error.message, "the proxy answered with status 407");
	release(&call, &taken);
	loopback_stop(&proxy);
	assert_true(
		starts_with(proxy.requests.items[0], "CONNECT cluster.invalid:443 HTTP/1.1\r\n"));
	loopback_clear(&proxy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sorts_failures),
		cmocka_unit_test(test_refused_and_unknown_host),
		cmocka_unit_test(test_trusts_the_given_ca_alone),
		cmocka_unit_test(test_names_the_certificates_names),
		cmocka_unit_test(test_http_server_behind_https),
		cmocka_unit_test(test_expired_certificate),
		cmocka_unit_test(test_client_certificate),
		cmocka_unit_test(test_proxy_that_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
