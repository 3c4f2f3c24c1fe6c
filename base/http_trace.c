/* SPDX-License-Identifier: Apache-2.0 */
/* What -v shows of requests. Credentials are masked: a trace gets pasted into tickets. */
#include "base/base.h"

#include <strings.h>

#include "base/http_internal.h"
#include "base/log.h"
#include "base/time.h"

#define LEVEL_REQUESTS 6
#define LEVEL_BODIES 8
/* As kubectl cuts bodies at this level. */
#define MAX_BODY 1024

static const char *reason_phrase(int status)
{
	static const struct {
		int status;
		const char *phrase;
	} phrases[] = {
		{200, "OK"},
		{201, "Created"},
		{202, "Accepted"},
		{204, "No Content"},
		{301, "Moved Permanently"},
		{302, "Found"},
		{304, "Not Modified"},
		{400, "Bad Request"},
		{401, "Unauthorized"},
		{403, "Forbidden"},
		{404, "Not Found"},
		{405, "Method Not Allowed"},
		{406, "Not Acceptable"},
		{409, "Conflict"},
		{410, "Gone"},
		{415, "Unsupported Media Type"},
		{422, "Unprocessable Entity"},
		{429, "Too Many Requests"},
		{500, "Internal Server Error"},
		{502, "Bad Gateway"},
		{503, "Service Unavailable"},
		{504, "Gateway Timeout"},
	};

	for (size_t i = 0; i < countof(phrases); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "";
}

static void trace_header(const char *header)
{
	/* The last two are what Azure's machine identities are asked with. */
	static const char *const secret[] = {"Authorization:", "Proxy-Authorization:", "Cookie:",
		"Set-Cookie:", "WWW-Authenticate:", "X-IDENTITY-HEADER:", "Secret:"};

	for (size_t i = 0; i < countof(secret); i++) {
		size_t len = strlen(secret[i]);

		if (strncasecmp(header, secret[i], len) != 0)
			continue;
		log_trace(LEVEL_BODIES, "    %s %s<masked>", secret[i],
			starts_with(header + len, " Bearer ") ? "Bearer " : "");
		return;
	}
	log_trace(LEVEL_BODIES, "    %s", header);
}

static void trace_headers(const char *title, const struct strv *headers)
{
	log_trace(LEVEL_BODIES, "%s Headers:", title);
	for (size_t i = 0; headers && i < headers->len; i++)
		trace_header(headers->items[i]);
}

/* The part of a URL that may hold a password: "user:password@" is left out. */
static void masked_url(struct buf *out, const char *url)
{
	const char *host = strstr(url, "://");
	size_t authority;
	const char *at;

	host = host ? host + 3 : url;
	authority = strcspn(host, "/?#");
	at = host + authority;
	while (at > host && *at != '@')
		at--;
	buf_add(out, url, (size_t)(host - url));
	buf_adds(out, *at == '@' ? at + 1 : host);
}

void http_trace_start(const struct http_call *call)
{
	autobuf url = BUF_INIT;

	if (!log_enabled(LEVEL_BODIES))
		return;
	masked_url(&url, call->url);
	log_trace(LEVEL_BODIES, "%s %s", call->method ? call->method : "GET", url.ptr);
	trace_headers("Request", call->headers);
	if (call->body && call->secret)
		log_trace(LEVEL_BODIES, "Request Body: <masked>");
	else if (call->body)
		log_trace(LEVEL_BODIES, "Request Body: %.*s",
			(int)(call->body_len > MAX_BODY ? MAX_BODY : call->body_len), call->body);
}

void http_trace_body(struct http_transfer *transfer, const char *data, size_t len)
{
	size_t room = MAX_BODY - transfer->trace_body.len;

	if (log_enabled(LEVEL_BODIES) && !transfer->call->secret)
		buf_add(&transfer->trace_body, data, len > room ? room : len);
}

void http_trace_end(const struct http_transfer *transfer)
{
	const struct http_call *call = transfer->call;
	long long took = (long long)(time_monotonic() - transfer->started);
	autobuf url = BUF_INIT;

	if (!log_enabled(LEVEL_REQUESTS) || !transfer->easy)
		return;
	masked_url(&url, call->url);
	if (call->failure != HTTP_NO_FAILURE)
		log_trace(LEVEL_REQUESTS, "%s %s failed in %lld ms: %s",
			call->method ? call->method : "GET", url.ptr, took,
			call->error.message ? call->error.message : "");
	else
		log_trace(LEVEL_REQUESTS, "%s %s %d %s in %lld ms",
			call->method ? call->method : "GET", url.ptr, call->status,
			reason_phrase(call->status), took);
	if (!log_enabled(LEVEL_BODIES))
		return;
	trace_headers("Response", &call->reply_headers);
	log_trace(LEVEL_BODIES, "Response Body: %s%s",
		call->secret ? "<masked>" : transfer->trace_body.ptr,
		!call->secret && call->body_bytes > MAX_BODY ? " [truncated]" : "");
}
