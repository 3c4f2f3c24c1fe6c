/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of base/http*.c share: a call that collects its body, and a server's answers. */
#ifndef TESTS_UNIT_HTTP_CALLS_H
#define TESTS_UNIT_HTTP_CALLS_H

#include "loopback.h"

#include "base/error.h"
#include "base/http.h"

/* A call that collects its body. */
struct taken {
	struct buf body;
	int done;
	int fail_after; /* bytes after which on_data fails; 0: never */
};

static inline int take(struct http_call *call, const char *data, size_t len, struct error *err)
{
	struct taken *taken = call->ctx;

	buf_add(&taken->body, data, len);
	if (taken->fail_after && taken->body.len >= (size_t)taken->fail_after)
		return error_set(err, ERROR_FAILED, "enough");
	return 0;
}

static inline void done(struct http_call *call)
{
	struct taken *taken = call->ctx;

	taken->done++;
}

static inline struct http_call call_for(const char *url, struct taken *taken)
{
	*taken = (struct taken){.body = BUF_INIT};
	return (struct http_call){.url = url, .on_data = take, .on_done = done, .ctx = taken};
}

/* Run one call to its end. */
static inline void run_one(const struct http_options *options, struct http_call *call)
{
	struct http *http = http_new(options);
	autoerror err = ERROR_INIT;

	http_add(http, call);
	assert_int_equal(http_run(http, NULL, NULL, &err), 0);
	http_free(http);
}

static inline void release(struct http_call *call, struct taken *taken)
{
	http_call_reset(call);
	buf_clear(&taken->body);
}

static inline enum loopback_action handle_plain(
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

#endif
