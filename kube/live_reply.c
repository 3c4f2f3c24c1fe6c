/* SPDX-License-Identifier: Apache-2.0 */
/* Taking a reply while it arrives: lists are split and projected, problems are kept to be worded. */
#include "base/base.h"

#include <strings.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/time.h"
#include "kube/live.h"

/* Of a whole reply, unless the request says otherwise. */
#define MAX_REPLY ((size_t)8 << 20)
/* A Status is small; of a login page the beginning is enough. */
#define MAX_PROBLEM ((size_t)64 << 10)
/* Different warnings that are remembered, so that each is handed out once; more are dropped. */
#define MAX_WARNINGS 1000

static bool is_list(const struct kube_request *request)
{
	return request->on_item || request->on_object;
}

static const char *array_key(const struct kube_request *request)
{
	return request->array_key ? request->array_key : "items";
}

static int hand_object(
	struct kube_request *request, const char *json, size_t len, struct error *err)
{
	autojson struct json_object *object = NULL;

	if (json_project(request->fields, json, len, &object, err) < 0)
		return -1;
	return request->on_object(request, object, err);
}

/* One item of the list, as text. */
static int take_item(void *ctx, const char *json, size_t len, struct error *err)
{
	struct exchange *exchange = ctx;
	struct kube_request *request = exchange->request;

	exchange->page_items++;
	request->items++;
	if (!request->on_item)
		return hand_object(request, json, len, err);
	if (request->fields) {
		buf_reset(&exchange->projected);
		if (scan_project(request->fields, json, len, &exchange->projected, err) < 0)
			return -1;
		json = exchange->projected.ptr;
		len = exchange->projected.len;
	}
	return request->on_item(request, json, len, err);
}

void live_reply_begin(struct exchange *exchange)
{
	struct kube_request *request = exchange->request;

	splitter_clear(&exchange->splitter);
	splitter_init(&exchange->splitter, array_key(request), take_item, exchange);
	buf_reset(&exchange->problem);
	buf_reset(&request->reply);
	exchange->head_taken = false;
	exchange->page_items = 0;
}

/* ---- the head */

static void warn(struct live *live, const char *text)
{
	if (!*text || live->warned.len == MAX_WARNINGS || strv_contains(&live->warned, text))
		return;
	strv_push(&live->warned, text);
	if (live->kube.on_warning)
		live->kube.on_warning(live->kube.warning_ctx, text);
}

/* A quoted string with backslash escapes; returns what follows it, NULL if it never ends. */
static const char *take_quoted(const char *p, struct buf *out)
{
	buf_reset(out);
	if (*p++ != '"')
		return NULL;
	while (*p && *p != '"') {
		if (*p == '\\' && p[1])
			p++;
		buf_addc(out, *p++);
	}
	return *p == '"' ? p + 1 : NULL;
}

/* `299 - "text"[ "date"], 299 - "another"`: a malformed rest is passed over, as client-go does. */
static void take_warnings(struct live *live, const char *value)
{
	autobuf text = BUF_INIT;
	autobuf date = BUF_INIT;

	while (value && *value) {
		bool is_299;

		value += strspn(value, " \t,");
		is_299 = starts_with(value, "299 ");
		/* Code and agent, which may be quoted nowhere. */
		value += strcspn(value, " ");
		value += strspn(value, " ");
		value += strcspn(value, " ");
		value += strspn(value, " ");
		value = take_quoted(value, &text);
		if (!value)
			return;
		if (is_299)
			warn(live, text.ptr);
		value += strspn(value, " \t");
		if (*value == '"')
			value = take_quoted(value, &date);
	}
}

static bool is_html(const char *content_type)
{
	return content_type && strncasecmp(content_type, "text/html", 9) == 0;
}

/* "application/json", also "application/json;as=Table" and "application/vnd.x+json". */
static bool is_json(const char *content_type)
{
	size_t len;

	if (!content_type)
		return true; /* the parser will say */
	len = strcspn(content_type, "; \t");
	return (len == 16 && strncasecmp(content_type, "application/json", 16) == 0) ||
	       (len > 5 && strncasecmp(content_type + len - 5, "+json", 5) == 0);
}

int live_reply_head(struct exchange *exchange, struct error *err)
{
	struct kube_request *request = exchange->request;
	struct live *live = exchange->live;
	const char *type = http_reply_header(&exchange->call, "Content-Type");
	const char *date = http_reply_header(&exchange->call, "Date");

	if (exchange->head_taken)
		return 0;
	exchange->head_taken = true;
	request->status = exchange->call.status;
	if (date && time_parse_http(date) != TIME_NONE)
		live->kube.now = time_parse_http(date);
	for (size_t i = 0; i < exchange->call.reply_headers.len; i++) {
		const char *header = exchange->call.reply_headers.items[i];

		if (strncasecmp(header, "Warning:", 8) == 0)
			take_warnings(live, header + 8);
	}
	if (request->status / 100 != 2 || (!is_html(type) && (!is_list(request) || is_json(type))))
		return 0;
	error_set(err, ERROR_SERVER, "the answer to %s is %.*s, not JSON", request->path,
		(int)strcspn(type, "; \t"), type);
	return error_hint(err,
		"is %s a Kubernetes API server, or does a login page or a proxy "
		"stand in between?",
		live->target->server);
}

/* ---- the body */

static int keep_reply(struct kube_request *request, const char *data, size_t len, struct error *err)
{
	size_t most = request->max_reply ? request->max_reply : MAX_REPLY;

	if (len > most - request->reply.len)
		return error_set(err, ERROR_SERVER, "the answer to %s is larger than %zu bytes",
			request->path, most);
	buf_add(&request->reply, data, len);
	return 0;
}

/* What was handed out cannot be taken back, so it counts as an item: no second attempt. */
static int hand_bytes(struct exchange *exchange, const char *data, size_t len, struct error *err)
{
	exchange->page_items++;
	return exchange->request->on_bytes(exchange->request, data, len, err);
}

void live_items_so_far(const struct kube_request *request, struct buf *out)
{
	if (request->items)
		buf_addf(out, " after %llu item%s", (unsigned long long)request->items,
			request->items == 1 ? "" : "s");
}

/* Name the request where what it answered is malformed. */
static int malformed(struct kube_request *request, struct error *err)
{
	autobuf so_far = BUF_INIT;

	if (err->kind != ERROR_SYNTAX)
		return -1;
	live_items_so_far(request, &so_far);
	return error_wrap(err, "the answer to %s cannot be read%s", request->path, so_far.ptr);
}

int live_reply_data(struct http_call *call, const char *data, size_t len, struct error *err)
{
	struct exchange *exchange = call->ctx;
	struct kube_request *request = exchange->request;
	size_t room = MAX_PROBLEM - exchange->problem.len;

	if (live_reply_head(exchange, err) < 0)
		return -1;
	if (request->status / 100 != 2) {
		buf_add(&exchange->problem, data, len < room ? len : room);
		return 0;
	}
	if (!is_list(request))
		return request->on_bytes ? hand_bytes(exchange, data, len, err)
					 : keep_reply(request, data, len, err);
	if (splitter_feed(&exchange->splitter, data, len, err) < 0)
		return malformed(request, err);
	return 0;
}

/* A list has its array, though it may be null; anything else is not what was asked for. */
static int check_list(struct kube_request *request, struct error *err)
{
	struct json_iter iter = JSON_ITER_INIT;
	const char *kind = json_str(request->envelope, "kind");

	while (json_next(request->envelope, &iter)) {
		enum json_kind type = json_kind(iter.value);

		if (streq(iter.key, array_key(request)) &&
			(type == JSON_ARRAY || type == JSON_NULL))
			return 0;
	}
	return error_set(err, ERROR_SERVER, "the answer to %s is not a list%s%s", request->path,
		kind ? " but a " : "", kind ? kind : "");
}

int live_reply_end(struct exchange *exchange, char **token, struct error *err)
{
	struct kube_request *request = exchange->request;
	struct buf *text = &exchange->splitter.envelope;
	const char *next;

	*token = NULL;
	if (!is_list(request))
		return 0;
	if (splitter_finish(&exchange->splitter, err) < 0)
		return malformed(request, err);
	json_free(request->envelope);
	request->envelope = NULL;
	if (json_parse(text->ptr, text->len, &request->envelope, err) < 0)
		return malformed(request, err);
	if (check_list(request, err) < 0)
		return -1;
	next = json_str(request->envelope, "metadata", "continue");
	if (!str_set(next))
		return 0;
	if (streq(next, exchange->token))
		return error_set(err, ERROR_SERVER,
			"the answer to %s repeats its continue token: the list would never end",
			request->path);
	*token = xstrdup(next);
	return 0;
}
