/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <strings.h>

#include "arm/auth_http.h"
#include "arm/retry.h"
#include "base/alloc.h"
#include "base/http.h"
#include "base/time.h"
#include "base/url.h"

#define MAX_REPLY_BYTES ((size_t)256 << 10)
#define TIMEOUT_MS 30000
#define CONNECT_MS 10000
/* Room for what is sent and received as a rule, so that it is not left behind in memory by growing. */
#define USUAL_BYTES ((size_t)16 << 10)
#define LOCAL_CONNECT_MS 1000
/* A metadata service may be slow when many ask it, as on a node of a cluster. */
#define LOCAL_TIMEOUT_MS 10000

void auth_call_clear(struct auth_call *call)
{
	for (size_t i = 0; i < call->headers.len; i++)
		wipe(call->headers.items[i], strlen(call->headers.items[i]));
	strv_clear(&call->headers);
	strv_clear(&call->reply_headers);
	buf_wipe(&call->form);
	buf_wipe(&call->reply);
}

void auth_form_add(struct auth_call *call, const char *name, const char *value)
{
	if (!value)
		return;
	if (!call->form.cap)
		buf_grow(&call->form, USUAL_BYTES);
	buf_addf(&call->form, "%s%s=", call->form.len ? "&" : "", name);
	url_encode(&call->form, value);
}

static const char *header_in(const struct strv *headers, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < headers->len; i++) {
		const char *header = headers->items[i];

		if (strncasecmp(header, name, len) == 0 && header[len] == ':')
			return header + len + 1 + strspn(header + len + 1, " \t");
	}
	return NULL;
}

const char *auth_reply_header(const struct auth_call *call, const char *name)
{
	return header_in(&call->reply_headers, name);
}

/* ---- where secrets may go */

/* This machine, or a network that is never routed beyond its site. */
static bool is_near(const char *host)
{
	unsigned a;
	unsigned b;
	unsigned c;
	unsigned d;
	char rest;

	if (strcasecmp(host, "localhost") == 0 || streq(host, "::1"))
		return true;
	/* NOLINTNEXTLINE(cert-err34-c): the ranges are checked below */
	if (sscanf(host, "%3u.%3u.%3u.%3u%c", &a, &b, &c, &d, &rest) != 4 || a > 255 || b > 255 ||
		c > 255 || d > 255)
		return false;
	return a == 127 || a == 10 || (a == 169 && b == 254) || (a == 192 && b == 168) ||
	       (a == 172 && b >= 16 && b < 32);
}

static int check_url(const struct auth_call *call, struct url *url, struct error *err)
{
	if (!url_parse(call->url, url) || !str_set(url->host))
		return error_set(err, ERROR_CONFIG, "its address is no URL");
	if (streq(url->scheme, "https") ||
		(call->local && streq(url->scheme, "http") && is_near(url->host)))
		return 0;
	return error_set(err, ERROR_CONFIG,
		"'%s' is not asked over %s: credentials are sent over https alone", url->host,
		str_set(url->scheme) ? url->scheme : "anything else");
}

/* ---- one request and its repetitions */

struct exchange {
	struct auth_call *call;
	struct http *http;
	struct http_call transfer;
	struct strv headers;
	unsigned attempts; /* that have ended */
};

static int take_data(struct http_call *transfer, const char *data, size_t len, struct error *err)
{
	struct exchange *exchange = transfer->ctx;

	(void)err;
	if (!exchange->call->reply.cap)
		buf_grow(&exchange->call->reply, USUAL_BYTES);
	buf_add(&exchange->call->reply, data, len);
	return 0;
}

static bool worth_another(const struct exchange *exchange)
{
	const struct auth_call *call = exchange->call;
	enum http_failure failure = exchange->transfer.failure;

	if (failure != HTTP_NO_FAILURE)
		return arm_retry_failure(failure) && !(call->local && failure != HTTP_INTERRUPTED);
	return arm_retry_status(call->status) || (call->retry && call->retry(call));
}

static void ended(struct http_call *transfer)
{
	struct exchange *exchange = transfer->ctx;
	struct auth_call *call = exchange->call;
	int64_t delay;

	call->status = transfer->status;
	strv_clear(&call->reply_headers);
	strv_push_all(&call->reply_headers, &transfer->reply_headers);
	if (transfer->failure == HTTP_ABORTED || exchange->attempts >= ARM_RETRIES ||
		!worth_another(exchange))
		return;
	delay = arm_retry_delay(transfer, exchange->attempts++);
	if (delay < 0)
		return;
	buf_wipe(&call->reply);
	http_add_later(exchange->http, transfer, delay);
}

static void prepare(struct exchange *exchange)
{
	struct auth_call *call = exchange->call;

	exchange->transfer = (struct http_call){
		.method = call->method,
		.url = call->url,
		.headers = &exchange->headers,
		.body = call->form.len ? call->form.ptr : NULL,
		.body_len = call->form.len,
		.timeout_ms = call->local ? LOCAL_TIMEOUT_MS : TIMEOUT_MS,
		.secret = true,
		.max_body = MAX_REPLY_BYTES,
		.on_data = take_data,
		.on_done = ended,
		.ctx = exchange,
	};
	strv_push(&exchange->headers, "Accept: application/json");
	if (call->form.len)
		strv_push(&exchange->headers, "Content-Type: application/x-www-form-urlencoded");
	strv_push_all(&exchange->headers, &call->headers);
}

static void exchange_clear(struct exchange *exchange)
{
	http_free(exchange->http);
	http_call_reset(&exchange->transfer);
	for (size_t i = 0; i < exchange->headers.len; i++)
		wipe(exchange->headers.items[i], strlen(exchange->headers.items[i]));
	strv_clear(&exchange->headers);
}

int auth_http_send(const struct auth_http *http, struct auth_call *call, struct error *err)
{
	CLEANUP(exchange_clear) struct exchange exchange = {.call = call, .headers = STRV_INIT};
	autofree char *proxy = NULL;
	autourl url = URL_INIT;

	buf_wipe(&call->reply);
	call->date = TIME_NONE;
	if (check_url(call, &url, err) < 0)
		return -1;
	proxy = call->local ? xstrdup("") : url_proxy_from_environment(&url);
	exchange.http = http_new(&(struct http_options){
		.user_agent = http->user_agent,
		.proxy = proxy,
		.no_http2 = call->local,
		.connect_timeout_ms = call->local ? LOCAL_CONNECT_MS : CONNECT_MS,
	});
	prepare(&exchange);
	http_add_later(exchange.http, &exchange.transfer, call->delay_ms);
	if (http_run(exchange.http, http->tick, http->tick_ctx, err) < 0)
		return -1;
	if (exchange.transfer.failure != HTTP_NO_FAILURE) {
		error_move(err, &exchange.transfer.error);
		return error_wrap(err, "%s", url.host);
	}
	call->date = time_parse_http(auth_reply_header(call, "Date"));
	return 0;
}
