/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The live API server: requests run side by side over one connection, each with its own retries
 * and pages.
 *
 * Retries follow client-go (rest/with_retry.go): a 429 or 5xx that names an integer Retry-After,
 * at most ten times; a GET also when the connection breaks. There client-go tries ten times as
 * well; here three times are enough, since a server that breaks four connections in a row is not
 * restarting but broken, and a user waits in front of it. What was handed out already would come
 * twice, so after the first item of a page a broken connection is an error.
 */
#include "base/base.h"

#include <ctype.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/os.h"
#include "base/time.h"
#include "kube/live.h"

#define MAX_RETRIES 10
#define MAX_RECONNECTS 3
#define RECONNECT_MS 1000
/* All waiting for Retry-After in one request. */
#define MAX_WAIT_MS 120000

/* ---- one exchange */

static void exchange_init(
	struct exchange *exchange, struct live *live, struct kube_request *request)
{
	error_clear(&request->error);
	json_free(request->envelope);
	request->envelope = NULL;
	buf_reset(&request->reply);
	request->status = 0;
	request->items = 0;
	request->restarted = false;
	exchange->live = live;
	exchange->request = request;
	exchange->headers = (struct strv)STRV_INIT;
	exchange->problem = (struct buf)BUF_INIT;
	exchange->projected = (struct buf)BUF_INIT;
	splitter_init(&exchange->splitter, "", NULL, NULL);
}

static void exchange_clear(struct exchange *exchange)
{
	http_call_reset(&exchange->call);
	free(exchange->url);
	free(exchange->token);
	strv_clear(&exchange->headers);
	splitter_clear(&exchange->splitter);
	buf_clear(&exchange->problem);
	buf_clear(&exchange->projected);
}

/* Queue the request as it stands; what remains of --request-timeout bounds it. */
static void exchange_send(struct exchange *exchange, int64_t delay_ms)
{
	live_reply_begin(exchange);
	if (exchange->deadline) {
		int64_t left = exchange->deadline - time_monotonic() - delay_ms;

		exchange->call.timeout_ms = left > INT32_MAX ? INT32_MAX : left > 1 ? (int)left : 1;
	}
	http_add_later(exchange->live->http, &exchange->call, delay_ms);
}

static void exchange_done(struct http_call *call);

/* URL, headers and deadline of a page. Fails if the credentials cannot be had. */
static int exchange_prepare(struct exchange *exchange, struct error *err)
{
	struct kube_request *request = exchange->request;
	int64_t timeout_ms = exchange->live->target->timeout_ns / 1000000;

	strv_clear(&exchange->headers);
	strv_pushf(&exchange->headers, "Accept: %s",
		request->accept ? request->accept : "application/json");
	if (request->body)
		strv_pushf(&exchange->headers, "Content-Type: %s",
			request->content_type ? request->content_type : "application/json");
	if (kube_credentials_headers(exchange->live->credentials, &exchange->headers, err) < 0)
		return -1;
	free(exchange->url);
	exchange->url = live_url(exchange);
	exchange->deadline = timeout_ms > 0 ? time_monotonic() + timeout_ms : 0;
	exchange->retries = 0;
	exchange->reconnects = 0;
	exchange->call.method = live_method(request);
	exchange->call.url = exchange->url;
	exchange->call.headers = &exchange->headers;
	exchange->call.body = request->body;
	exchange->call.body_len = request->body ? strlen(request->body) : 0;
	exchange->call.secret = request->secret;
	exchange->call.on_data = live_reply_data;
	exchange->call.on_done = exchange_done;
	exchange->call.ctx = exchange;
	return 0;
}

/* ---- when a call has ended */

/* True if `wait_ms` from now is still within --request-timeout. */
static bool has_time(const struct exchange *exchange, int64_t wait_ms)
{
	return !exchange->deadline || time_monotonic() + wait_ms < exchange->deadline;
}

/* Seconds of Retry-After in milliseconds; -1 unless it is a plain integer of sensible size. */
static int64_t retry_after_ms(const struct http_call *call)
{
	const char *value = http_reply_header(call, "Retry-After");
	size_t digits = value ? strspn(value, "0123456789") : 0;

	if (!digits || digits > 6 || value[digits + strspn(value + digits, " \t")])
		return -1;
	return (int64_t)strtol(value, NULL, 10) * 1000;
}

static bool retry_later(struct exchange *exchange)
{
	int status = exchange->call.status;
	int64_t wait_ms = retry_after_ms(&exchange->call);

	if ((status != 429 && status < 500) || wait_ms < 0 || exchange->retries >= MAX_RETRIES ||
		exchange->waited_ms + wait_ms > MAX_WAIT_MS || !has_time(exchange, wait_ms))
		return false;
	exchange->retries++;
	exchange->waited_ms += wait_ms;
	exchange_send(exchange, wait_ms);
	return true;
}

static bool reconnect(struct exchange *exchange)
{
	if (exchange->call.failure != HTTP_INTERRUPTED ||
		!streq(live_method(exchange->request), "GET") || exchange->page_items ||
		exchange->reconnects >= MAX_RECONNECTS || !has_time(exchange, RECONNECT_MS))
		return false;
	exchange->reconnects++;
	exchange_send(exchange, RECONNECT_MS);
	return true;
}

/* Ask for the page that `token` names (owned from here on), or the first one. */
static void next_page(struct exchange *exchange, char *token)
{
	free(exchange->token);
	exchange->token = token;
	if (exchange_prepare(exchange, &exchange->request->error) == 0)
		exchange_send(exchange, 0);
}

/* The token's moment is forgotten: as client-go's pager, ask once for everything. */
static bool restart_list(struct exchange *exchange)
{
	if (exchange->call.status != 410 || !exchange->token || exchange->unpaged)
		return false;
	exchange->unpaged = true;
	exchange->request->restarted = true;
	exchange->request->items = 0;
	next_page(exchange, NULL);
	return true;
}

/* A 401 to a credential plugin's answer: ask it again, once. */
static bool refresh_later(struct exchange *exchange)
{
	if (exchange->call.status != 401 || exchange->refreshed ||
		!kube_credentials_refused(exchange->live->credentials))
		return false;
	exchange->refreshed = true;
	exchange->again = true;
	return true;
}

static void exchange_failed(struct exchange *exchange)
{
	exchange->request->status = exchange->call.status;
	if (exchange->call.failure == HTTP_ABORTED)
		error_move(&exchange->request->error, &exchange->call.error);
	else if (!reconnect(exchange))
		live_network_error(exchange);
}

static void exchange_done(struct http_call *call)
{
	struct exchange *exchange = call->ctx;
	struct kube_request *request = exchange->request;
	char *token = NULL;

	if (call->failure != HTTP_NO_FAILURE) {
		exchange_failed(exchange);
		return;
	}
	if (live_reply_head(exchange, &request->error) < 0)
		return;
	if (call->status / 100 != 2) {
		if (!refresh_later(exchange) && !retry_later(exchange) && !restart_list(exchange))
			live_status_error(exchange);
		return;
	}
	if (live_reply_end(exchange, &token, &request->error) == 0 && token)
		next_page(exchange, token);
}

/* ---- the run */

/* The client is made late, since a credential plugin may have to give the certificate first, and
 * anew when it gives another one. */
static void open_http(struct live *live)
{
	const struct kube_target *target = live->target;
	const char *cert = NULL;
	const char *key = NULL;
	struct http_options options = {
		.user_agent = live->user_agent,
		.ca_pem = target->ca_pem.len ? target->ca_pem.ptr : NULL,
		.ca_pem_len = target->ca_pem.len,
		.cert_pem = target->cert_pem.len ? target->cert_pem.ptr : NULL,
		.cert_pem_len = target->cert_pem.len,
		.key_pem = target->key_pem.len ? target->key_pem.ptr : NULL,
		.key_pem_len = target->key_pem.len,
		.insecure = target->insecure,
		.tls_server_name = target->tls_server_name,
		.proxy = target->proxy ? target->proxy : "",
		.no_compression = target->disable_compression,
		.no_http2 = os_env("DISABLE_HTTP2") != NULL,
	};

	kube_credentials_certificate(live->credentials, &cert, &key);
	if (live->http && streq(cert, live->cert_pem) && streq(key, live->key_pem))
		return;
	http_free(live->http);
	str_replace(&live->cert_pem, cert);
	str_replace(&live->key_pem, key);
	if (live->cert_pem && live->key_pem) {
		options.cert_pem = live->cert_pem;
		options.cert_pem_len = strlen(live->cert_pem);
		options.key_pem = live->key_pem;
		options.key_pem_len = strlen(live->key_pem);
	}
	live->http = http_new(&options);
}

/* Send the exchanges that are due and wait for all their attempts and pages. */
static int run_round(struct live *live, struct exchange *exchanges, size_t count, bool repeats,
	struct error *err)
{
	bool *ready = xcalloc(count, sizeof(*ready));

	for (size_t i = 0; i < count; i++) {
		if (repeats && !exchanges[i].again)
			continue;
		exchanges[i].again = false;
		ready[i] = exchange_prepare(&exchanges[i], &exchanges[i].request->error) == 0;
	}
	open_http(live);
	for (size_t i = 0; i < count; i++)
		if (ready[i])
			exchange_send(&exchanges[i], exchanges[i].request->delay_ms);
	free(ready);
	return http_run(live->http, live->kube.tick, live->kube.tick_ctx, err);
}

static bool any_again(const struct exchange *exchanges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (exchanges[i].again)
			return true;
	return false;
}

/* If no request got as far as a status, the first error stands for them all. */
static int check_reached(struct kube_request *requests[], size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++)
		if (requests[i]->status || requests[i]->error.kind == ERROR_NONE)
			return 0;
	if (!count)
		return 0;
	error_set(err, requests[0]->error.kind, "%s", requests[0]->error.message);
	if (requests[0]->error.hint)
		error_hint(err, "%s", requests[0]->error.hint);
	return -1;
}

static int live_run(
	struct kube *kube, struct kube_request *requests[], size_t count, struct error *err)
{
	struct live *live = (struct live *)kube;
	struct exchange *exchanges = xcalloc(count, sizeof(*exchanges));
	int result;

	for (size_t i = 0; i < count; i++)
		exchange_init(&exchanges[i], live, requests[i]);
	result = run_round(live, exchanges, count, false, err);
	if (result == 0 && any_again(exchanges, count))
		result = run_round(live, exchanges, count, true, err);
	if (result == 0)
		result = check_reached(requests, count, err);
	for (size_t i = 0; i < count; i++)
		exchange_clear(&exchanges[i]);
	free(exchanges);
	return result;
}

static void live_free(struct kube *kube)
{
	struct live *live = (struct live *)kube;

	http_free(live->http);
	kube_credentials_free(live->credentials);
	strv_clear(&live->warned);
	free(live->user_agent);
	free(live->cert_pem);
	free(live->key_pem);
	free(live);
}

struct kube *kube_live_new(const struct kube_target *target, const char *user_agent)
{
	static const struct kube_ops ops = {.run = live_run, .free = live_free};
	struct live *live = xcalloc(1, sizeof(*live));

	live->kube.ops = &ops;
	live->kube.namespace = target->namespace;
	live->kube.context_name = target->context;
	live->kube.now = time_now();
	live->target = target;
	live->credentials = kube_credentials_new(target);
	live->user_agent = xstrdup(user_agent);
	live->warned = (struct strv)STRV_INIT;
	return &live->kube;
}
