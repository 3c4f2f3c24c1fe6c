/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies that are sent in pieces. */
#include "test.h"

#include "http_calls.h"

static struct {
	size_t sent, total;
	size_t fail_at; /* 0: never */
} pieces;

static int64_t next_piece(struct http_call *call, char *data, size_t len, struct error *err)
{
	size_t left = pieces.total - pieces.sent;

	(void)call;
	if (len > 10000)
		len = 10000;
	if (len > left)
		len = left;
	if (pieces.fail_at && pieces.sent >= pieces.fail_at)
		return error_set(err, ERROR_DAMAGED, "the source broke");
	memset(data, 'x', len);
	pieces.sent += len;
	return (int64_t)len;
}

/* A POST of 3 MB in such pieces, up to its end. */
static void post(struct loopback *server, size_t fail_at, struct http_call *call)
{
	struct http_options options = {.user_agent = "agent/1"};

	pieces.sent = 0;
	pieces.total = 3000000;
	pieces.fail_at = fail_at;
	loopback_start(server, "");
	call->method = "POST";
	call->url = server->url;
	call->next_body = next_piece;
	call->upload_size = pieces.total;
	run_one(&options, call);
	loopback_stop(server);
}

static void test_sends_pieces(void **state)
{
	struct loopback server = {.handle = handle_plain};
	struct http_call call = {0};

	(void)state;
	post(&server, 0, &call);
	assert_int_equal(call.failure, HTTP_NO_FAILURE);
	assert_int_equal(call.status, 200);
	const char *request = server.requests.items[0];
	assert_true(starts_with(request, "POST / HTTP/1.1\r\n"));
	assert_non_null(strstr(request, "Content-Length: 3000000\r\n"));
	assert_null(strstr(request, "Expect"));
	assert_int_equal(strlen(strstr(request, "\r\n\r\n") + 4), 3000000);
	http_call_reset(&call);
	loopback_clear(&server);
}

static void test_stops_where_the_source_fails(void **state)
{
	struct loopback server = {.handle = handle_plain};
	struct http_call call = {0};

	(void)state;
	post(&server, 100000, &call);
	assert_int_equal(call.failure, HTTP_ABORTED);
	assert_int_equal(call.error.kind, ERROR_DAMAGED);
	assert_string_equal(call.error.message, "the source broke");
	http_call_reset(&call);
	loopback_clear(&server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sends_pieces),
		cmocka_unit_test(test_stops_where_the_source_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
