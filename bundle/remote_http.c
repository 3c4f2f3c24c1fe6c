/* SPDX-License-Identifier: Apache-2.0 */
/* Git over http: requests. What is wrong with an answer is said in bundle/remote_http_error.c. */
#include "base/base.h"

#include <strings.h>

#include "base/alloc.h"
#include "base/digest.h"
#include "base/pem.h"
#include "base/url.h"
#include "bundle/limits.h"
#include "bundle/remote_http.h"

#define MAX_REDIRECTS 5
#define MAX_TRIES 4
#define MAX_RETRY_AFTER_S 30

/* ---- setting up */

static int set_login(struct remote *remote, struct http_link *link, struct error *err)
{
	const struct git_credentials *given = remote->options->credentials;
	bool own = given && (str_set(given->username) || str_set(given->password));
	const char *user = own ? given->username : remote->url.user;
	const char *password = own ? given->password : remote->url.password;
	CLEANUP(buf_wipe) struct buf pair = BUF_INIT;
	CLEANUP(buf_wipe) struct buf code = BUF_INIT;

	if (given && str_set(given->bearer)) {
		link->authorization = xasprintf("Authorization: Bearer %s", given->bearer);
		return 0;
	}
	if (!str_set(user) && !str_set(password))
		return 0;
	if (user && strchr(user, ':'))
		return error_set(err, ERROR_CONFIG, "a user's name with ':' in it cannot be sent");
	buf_addf(&pair, "%s:%s", user ? user : "", password ? password : "");
	base64_encode(pair.ptr, pair.len, &code);
	link->authorization = xasprintf("Authorization: Basic %s", code.ptr);
	return 0;
}

static int set_tls(struct remote *remote, struct http_link *link, struct error *err)
{
	const struct git_credentials *given = remote->options->credentials;

	if (given && given->ca.len) {
		if (pem_certificates(given->ca.ptr, given->ca.len, &link->ca, err) < 0)
			return error_wrap(err, "the CA");
		link->options.ca_pem = link->ca.ptr;
		link->options.ca_pem_len = link->ca.len;
	}
	if (!given || !given->key.len)
		return 0;
	if (pem_check_pair(&given->cert, &given->key, err) < 0)
		return error_wrap(err, "the client certificate");
	link->options.cert_pem = given->cert.ptr;
	link->options.cert_pem_len = given->cert.len;
	link->options.key_pem = given->key.ptr;
	link->options.key_pem_len = given->key.len;
	return 0;
}

static void set_proxy(struct remote *remote, struct http_link *link)
{
	const struct git_credentials *given = remote->options->credentials;
	autourl url = URL_INIT;

	free(link->proxy);
	if (given && given->proxy)
		link->proxy = xstrdup(given->proxy);
	else
		link->proxy = url_parse(link->base, &url) ? url_proxy_from_environment(&url)
							  : xstrdup("");
	link->options.proxy = link->proxy;
}

static void set_base(struct http_link *link)
{
	size_t len = strlen(link->at.path);
	bool plain = !link->at.port;

	while (len && link->at.path[len - 1] == '/')
		len--;
	free(link->base);
	link->base = xasprintf(link->at.ipv6 ? "%s://[%s]%s%s%.*s" : "%s://%s%s%s%.*s",
		link->at.scheme == GIT_HTTPS ? "https" : "http", link->at.host, plain ? "" : ":",
		plain ? "" : link->at.port, (int)len, link->at.path);
}

/* After the place has changed. */
static void connect_link(struct remote *remote, struct http_link *link)
{
	set_base(link);
	set_proxy(remote, link);
	http_free(link->http);
	link->http = http_new(&link->options);
}

/* ---- one call */

static bool starts_with_type(const struct http_call *call, const char *type)
{
	const char *given = http_reply_header(call, "Content-Type");
	size_t len = strlen(type);

	return given && strncasecmp(given, type, len) == 0 && strchr(" ;", given[len]);
}

static int take_body(struct http_call *call, const char *data, size_t len, struct error *err)
{
	struct http_link *link = call->ctx;
	size_t room = REMOTE_REFUSAL_BYTES - link->refusal.len;
	int result;

	if (call->status != 200) {
		buf_add(&link->refusal, data, len < room ? len : room);
		return 0;
	}
	if (!link->taken && !starts_with_type(call, link->content_type))
		return remote_http_no_git(call, err);
	link->taken = true;
	if (link->complete)
		return error_set(err, ERROR_SERVER, "the server goes on after the end");
	result = link->exchange->take(link->exchange->ctx, data, len, err);
	link->complete = result == 1;
	return result < 0 ? -1 : 0;
}

static int64_t next_piece(struct http_call *call, char *data, size_t len, struct error *err)
{
	struct http_link *link = call->ctx;
	const struct exchange *exchange = link->exchange;
	size_t left = exchange->head->len - (size_t)link->head_sent;

	if (!left)
		return exchange->next(exchange->ctx, data, len, err);
	if (len > left)
		len = left;
	memcpy(data, exchange->head->ptr + link->head_sent, len);
	link->head_sent += len;
	return (int64_t)len;
}

static bool may_try_again(const struct http_link *link, const struct http_call *call)
{
	return (call->status == 429 || call->status == 503) && !link->exchange->next;
}

/* What the server asks for, in seconds; else longer each time. */
static int64_t delay_ms(const struct http_call *call, int tries)
{
	const char *after = http_reply_header(call, "Retry-After");
	long seconds = after ? strtol(after, NULL, 10) : 0;

	if (seconds < 1)
		seconds = 1L << tries;
	return 1000 * (seconds > MAX_RETRY_AFTER_S ? MAX_RETRY_AFTER_S : seconds);
}

/* Run it, and again where the server asks to wait. -1: no reply; an error of its own is in
 * call->error. */
static int run(struct http_link *link, struct http_call *call, struct error *err)
{
	const struct remote_options *options = link->remote->options;
	int64_t wait = 0;

	for (int tries = 0;; tries++) {
		link->complete = false;
		link->taken = false;
		link->head_sent = 0;
		buf_reset(&link->refusal);
		http_add_later(link->http, call, wait);
		if (http_run(link->http, options->tick, options->tick_ctx, err) < 0)
			return -1;
		if (!may_try_again(link, call) || tries + 1 == MAX_TRIES)
			return 0;
		wait = delay_ms(call, tries);
	}
}

static void add_headers(const struct http_link *link, const char *service, struct strv *ret)
{
	bool fetch = link->remote->options->service == REMOTE_FETCH;

	/* Of pushing there is no protocol 2. */
	if (fetch)
		strv_push(ret, "Git-Protocol: version=2");
	if (service) {
		strv_pushf(ret, "Content-Type: application/x-%s-request", service);
		strv_pushf(ret, "Accept: application/x-%s-result", service);
	}
	if (link->authorization)
		strv_push(ret, link->authorization);
}

static void clear_headers(struct strv *headers)
{
	for (size_t i = 0; i < headers->len; i++)
		wipe(headers->items[i], strlen(headers->items[i]));
	strv_clear(headers);
}

/* ---- the carrier */

static int feed_advert(void *ctx, const char *data, size_t len, struct error *err)
{
	return advert_feed(ctx, data, len, err);
}

/* 1: redirected; 0: read. */
static int ask_refs(struct remote *remote, struct http_link *link, struct error *err)
{
	const char *service = remote_service_name(remote);
	autofree char *url = xasprintf("%s/info/refs?service=%s", link->base, service);
	autofree char *type = xasprintf("application/x-%s-advertisement", service);
	struct exchange exchange = {.take = feed_advert, .ctx = &remote->advert};
	CLEANUP(clear_headers) struct strv headers = STRV_INIT;
	CLEANUP(http_call_reset)
	struct http_call call = {.url = url,
		.headers = &headers,
		.on_data = take_body,
		.ctx = link,
		.max_body = LIMIT_ADVERTISEMENT};

	add_headers(link, NULL, &headers);
	link->exchange = &exchange;
	link->content_type = type;
	if (run(link, &call, err) < 0)
		return -1;
	if (call.failure != HTTP_NO_FAILURE || call.status != 200) {
		if (call.failure == HTTP_NO_FAILURE && call.status / 100 == 3)
			return remote_http_redirect(link, &call, err) < 0 ? -1 : 1;
		return remote_http_refused(link, &call, err);
	}
	return link->taken ? 0 : remote_http_no_git(&call, err);
}

static int open_http(struct remote *remote, struct error *err)
{
	struct http_link *link = xcalloc(1, sizeof(*link));
	int result = 1;

	remote->link = link;
	link->remote = remote;
	link->ca = (struct buf)BUF_INIT;
	link->refusal = (struct buf)BUF_INIT;
	link->agent = remote_agent(remote);
	link->options.user_agent = link->agent;
	link->options.silence_seconds = remote->options->stall_seconds
						? remote->options->stall_seconds
						: REMOTE_STALL_SECONDS;
	link->at = (struct git_url){.scheme = remote->url.scheme,
		.host = xstrdup(remote->url.host),
		.port = xstrdup_or_null(remote->url.port),
		.path = xstrdup(remote->url.path),
		.ipv6 = remote->url.ipv6};
	if (set_login(remote, link, err) < 0 || set_tls(remote, link, err) < 0)
		return -1;
	for (int i = 0; result == 1 && i <= MAX_REDIRECTS; i++) {
		connect_link(remote, link);
		result = ask_refs(remote, link, err);
	}
	return result == 1 ? error_set(err, ERROR_SERVER, "more than %d redirects", MAX_REDIRECTS)
			   : result;
}

static int talk_http(struct remote *remote, const struct exchange *exchange, struct error *err)
{
	struct http_link *link = remote->link;
	const char *service = remote_service_name(remote);
	autofree char *url = xasprintf("%s/%s", link->base, service);
	autofree char *type = xasprintf("application/x-%s-result", service);
	CLEANUP(clear_headers) struct strv headers = STRV_INIT;
	CLEANUP(http_call_reset)
	struct http_call call = {.method = "POST",
		.url = url,
		.headers = &headers,
		.body = exchange->head->ptr,
		.body_len = exchange->head->len,
		.on_data = take_body,
		.ctx = link};

	if (exchange->next) {
		call.body = NULL;
		call.next_body = next_piece;
		call.upload_size = exchange->head->len + exchange->next_size;
	}
	add_headers(link, service, &headers);
	link->exchange = exchange;
	link->content_type = type;
	if (run(link, &call, err) < 0)
		return -1;
	if (call.failure != HTTP_NO_FAILURE || call.status != 200)
		return remote_http_refused(link, &call, err);
	return 0;
}

static void close_http(struct remote *remote)
{
	struct http_link *link = remote->link;

	if (!link)
		return;
	http_free(link->http);
	git_url_clear(&link->at);
	str_wipe(&link->authorization);
	str_wipe(&link->proxy);
	free(link->base);
	free(link->agent);
	buf_clear(&link->ca);
	buf_clear(&link->refusal);
	free(link);
}

const struct carrier remote_http = {
	.open = open_http,
	.talk = talk_http,
	.close = close_http,
	.stateless = true,
};
