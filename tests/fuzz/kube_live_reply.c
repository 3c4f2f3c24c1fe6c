/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a list while it arrives, differentially against reading it whole. The first byte is the
 * size of the pieces, then come reply headers up to an empty line, then the body. What the strict
 * parser takes as a list, the stream has to take with the same items, and nothing else.
 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "kube/live.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int take(struct kube_request *request, struct json_object *object, struct error *err)
{
	struct buf *items = request->ctx;

	(void)err;
	json_write(items, object);
	buf_addc(items, '\n');
	return 0;
}

/* The items of a whole document in the same form; false if it is no list. */
static bool whole(const char *body, size_t len, struct buf *items)
{
	autojson struct json_object *list = NULL;
	struct json_iter iter = JSON_ITER_INIT;
	bool found = false;

	if (json_parse(body, len, &list, NULL) < 0 || json_kind(list) != JSON_OBJECT)
		return false;
	while (json_next(list, &iter))
		if (streq(iter.key, "items"))
			found = !iter.value || json_kind(iter.value) == JSON_ARRAY;
	for (size_t i = 0; i < json_len(json_get(list, "items")); i++) {
		json_write(items, json_item(json_get(list, "items"), i));
		buf_addc(items, '\n');
	}
	return found;
}

/* Reply headers, one a line; returns what follows the empty line. */
static const char *read_headers(const char *p, const char *end, struct strv *headers)
{
	while (p < end && *p != '\n') {
		const char *line = memchr(p, '\n', (size_t)(end - p));
		size_t len = (size_t)((line ? line : end) - p);

		strv_push_owned(headers, xstrndup(p, len));
		p += line ? len + 1 : len;
	}
	return p < end ? p + 1 : end;
}

static int feed(struct exchange *exchange, const char *body, size_t len, size_t piece, char **token,
	struct error *err)
{
	live_reply_begin(exchange);
	for (size_t at = 0; at < len; at += piece) {
		size_t n = len - at < piece ? len - at : piece;

		if (live_reply_data(&exchange->call, body + at, n, err) < 0)
			return -1;
	}
	if (live_reply_head(exchange, err) < 0)
		return -1;
	return live_reply_end(exchange, token, err);
}

/* Deeper than the bound as a whole, though no item is; or refused for its content type. */
static bool may_differ(const struct error *err, const char *body, size_t len)
{
	size_t brackets = 0;

	for (size_t i = 0; i < len; i++)
		brackets += body[i] == '[' || body[i] == '{';
	return brackets >= JSON_MAX_DEPTH || err->kind == ERROR_SERVER;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char server[] = "https://server.test";
	struct kube_target target = KUBE_TARGET_INIT;
	struct live live = {.target = &target, .warned = STRV_INIT};
	struct kube_request request = KUBE_REQUEST_INIT;
	struct exchange exchange = {
		.live = &live, .request = &request, .problem = BUF_INIT, .projected = BUF_INIT};
	autobuf streamed = BUF_INIT;
	autobuf expected = BUF_INIT;
	autoerror err = ERROR_INIT;
	char *token = NULL;

	if (size < 2)
		return 0;
	const char *end = (const char *)data + size;
	const char *body = read_headers((const char *)data + 1, end, &exchange.call.reply_headers);
	size_t len = (size_t)(end - body);
	target.server = server;
	request.path = "/api/v1/pods";
	request.on_object = take;
	request.ctx = &streamed;
	exchange.call.ctx = &exchange;
	exchange.call.status = 200;
	bool taken = feed(&exchange, body, len, data[0] + 1U, &token, &err) == 0;
	if (taken != whole(body, len, &expected) && !may_differ(&err, body, len))
		abort();
	if (taken && !streq(streamed.ptr, expected.ptr))
		abort();
	free(token);
	splitter_clear(&exchange.splitter);
	buf_clear(&exchange.problem);
	buf_clear(&exchange.projected);
	strv_clear(&exchange.call.reply_headers);
	strv_clear(&live.warned);
	kube_request_clear(&request);
	return 0;
}
