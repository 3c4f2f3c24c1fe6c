/* SPDX-License-Identifier: Apache-2.0 */
/* The queue of calls and its run. Calls start in the order they were added. */
#include "base/base.h"

#include <strings.h>

#include "base/alloc.h"
#include "base/http_internal.h"
#include "base/time.h"

/* Between two calls of `tick`. The header promises 250. */
#define TICK_MS 200
/* All headers of one reply. */
#define MAX_HEADER_BYTES ((size_t)256 << 10)
/* Servers without HTTP/2 get a few connections, not one a request. */
#define MAX_CONNECTIONS 6

struct http {
	CURLM *multi;
	struct http_options options;
	struct http_transfer *transfers; /* waiting and running */
};

struct http *http_new(const struct http_options *options)
{
	struct http *http = xcalloc(1, sizeof(*http));

	/* Here and nowhere else: commands that send nothing do not pay for it. */
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
		abort();
	http->options = *options;
	http->multi = curl_multi_init();
	if (!http->multi)
		abort();
	curl_multi_setopt(http->multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
	curl_multi_setopt(http->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)MAX_CONNECTIONS);
	return http;
}

static void transfer_free(struct http_transfer *transfer)
{
	if (transfer->easy)
		curl_multi_remove_handle(transfer->http->multi, transfer->easy);
	curl_easy_cleanup(transfer->easy);
	curl_slist_free_all(transfer->headers);
	curl_slist_free_all(transfer->connect_to);
	curl_url_cleanup(transfer->url);
	error_clear(&transfer->error);
	buf_clear(&transfer->trace_body);
	free(transfer);
}

void http_free(struct http *http)
{
	if (!http)
		return;
	while (http->transfers) {
		struct http_transfer *transfer = http->transfers;

		http->transfers = transfer->next;
		transfer_free(transfer);
	}
	curl_multi_cleanup(http->multi);
	curl_global_cleanup();
	free(http);
}

void http_free_pointer(struct http **slot)
{
	http_free(*slot);
}

void http_add(struct http *http, struct http_call *call)
{
	http_add_later(http, call, 0);
}

void http_add_later(struct http *http, struct http_call *call, int64_t delay_ms)
{
	struct http_transfer *transfer = xcalloc(1, sizeof(*transfer));
	struct http_transfer **tail = &http->transfers;

	http_call_reset(call);
	transfer->http = http;
	transfer->call = call;
	transfer->trace_body = (struct buf)BUF_INIT;
	transfer->start_at = delay_ms > 0 ? time_monotonic() + delay_ms : 0;
	while (*tail)
		tail = &(*tail)->next;
	*tail = transfer;
}

void http_call_reset(struct http_call *call)
{
	call->status = 0;
	call->failure = HTTP_NO_FAILURE;
	call->body_bytes = 0;
	strv_clear(&call->reply_headers);
	error_clear(&call->error);
}

const char *http_reply_header(const struct http_call *call, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < call->reply_headers.len; i++) {
		const char *header = call->reply_headers.items[i];

		if (strncasecmp(header, name, len) == 0 && header[len] == ':') {
			header += len + 1;
			return header + strspn(header, " \t");
		}
	}
	return NULL;
}

static void add_library(struct buf *out, const char *name, const char *version)
{
	if (version)
		buf_addf(out, "%s%s%s", out->len ? " " : "", name, version);
}

void http_library_versions(struct buf *out)
{
	/* Not curl_version(): that starts OpenLDAP, which reads files of the current folder. */
	const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);

	add_library(out, "libcurl/", info->version);
	add_library(out, "", info->ssl_version);
	add_library(out, "zlib/", info->libz_version);
	add_library(out, "nghttp2/", info->nghttp2_version);
}

/* ---- what libcurl calls */

static size_t stop_transfer(struct http_transfer *transfer)
{
	transfer->stopped = true;
	if (transfer->error.kind == ERROR_NONE)
		error_set(&transfer->error, ERROR_FAILED, "the reply was not taken");
	return 0;
}

/* One line of a reply's head; a status line begins a new head (after "100 Continue"). */
static size_t take_header(char *data, size_t size, size_t count, void *ctx)
{
	struct http_transfer *transfer = ctx;
	struct http_call *call = transfer->call;
	size_t len = size * count;
	size_t line = len;
	long status = 0;

	while (line > 0 && strchr("\r\n", data[line - 1]))
		line--;
	if (line > 5 && memcmp(data, "HTTP/", 5) == 0) {
		strv_clear(&call->reply_headers);
		transfer->header_bytes = 0;
		curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
		call->status = (int)status;
		return len;
	}
	transfer->header_bytes += len;
	if (transfer->header_bytes > MAX_HEADER_BYTES) {
		error_set(&transfer->error, ERROR_SERVER,
			"the reply has more than %zu bytes of headers", MAX_HEADER_BYTES);
		return stop_transfer(transfer);
	}
	if (line)
		strv_push_owned(&call->reply_headers, xstrndup(data, line));
	return len;
}

static size_t give_data(char *data, size_t size, size_t count, void *ctx)
{
	struct http_transfer *transfer = ctx;
	struct http_call *call = transfer->call;
	int64_t got;

	if (transfer->stopped)
		return CURL_READFUNC_ABORT;
	got = call->next_body(call, data, size * count, &transfer->error);
	if (got >= 0)
		return (size_t)got;
	transfer->stopped = true;
	return CURL_READFUNC_ABORT;
}

static size_t take_data(char *data, size_t size, size_t count, void *ctx)
{
	struct http_transfer *transfer = ctx;
	struct http_call *call = transfer->call;
	size_t len = size * count;

	call->body_bytes += len;
	http_trace_body(transfer, data, len);
	if (call->max_body && call->body_bytes > call->max_body) {
		error_set(&transfer->error, ERROR_SERVER, "the reply is larger than %zu bytes",
			call->max_body);
		return stop_transfer(transfer);
	}
	if (call->on_data && call->on_data(call, data, len, &transfer->error) < 0)
		return stop_transfer(transfer);
	return len;
}

/* ---- the run */

static void unlink_transfer(struct http_transfer *transfer)
{
	struct http_transfer **link = &transfer->http->transfers;

	while (*link != transfer)
		link = &(*link)->next;
	*link = transfer->next;
}

/* The call's results are in: let go of the transfer, then tell the owner, who may add calls. */
static void finish(struct http_transfer *transfer)
{
	struct http_call *call = transfer->call;

	http_trace_end(transfer);
	unlink_transfer(transfer);
	transfer_free(transfer);
	if (call->on_done)
		call->on_done(call);
}

static void start(struct http_transfer *transfer)
{
	struct http *http = transfer->http;
	struct http_call *call = transfer->call;

	transfer->started = time_monotonic();
	transfer->easy = curl_easy_init();
	if (!transfer->easy)
		abort();
	http_trace_start(call);
	if (http_setup(transfer, &http->options, &call->error) < 0) {
		call->failure = HTTP_OTHER;
		finish(transfer);
		return;
	}
	curl_easy_setopt(transfer->easy, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(transfer->easy, CURLOPT_HEADERDATA, transfer);
	curl_easy_setopt(transfer->easy, CURLOPT_WRITEFUNCTION, take_data);
	curl_easy_setopt(transfer->easy, CURLOPT_WRITEDATA, transfer);
	if (call->next_body) {
		curl_easy_setopt(transfer->easy, CURLOPT_READFUNCTION, give_data);
		curl_easy_setopt(transfer->easy, CURLOPT_READDATA, transfer);
	}
	curl_easy_setopt(transfer->easy, CURLOPT_PRIVATE, transfer);
	curl_multi_add_handle(http->multi, transfer->easy);
}

static struct http_transfer *first_due(struct http *http)
{
	int64_t now = time_monotonic();

	for (struct http_transfer *transfer = http->transfers; transfer; transfer = transfer->next)
		if (!transfer->easy && transfer->start_at <= now)
			return transfer;
	return NULL;
}

static void start_due(struct http *http)
{
	struct http_transfer *transfer = first_due(http);

	while (transfer) {
		start(transfer);
		transfer = first_due(http);
	}
}

static void reap(struct http *http)
{
	int left;
	CURLMsg *message = curl_multi_info_read(http->multi, &left);

	while (message) {
		CURLcode code = message->data.result;
		char *private = NULL;

		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
		struct http_transfer *transfer = (struct http_transfer *)(void *)private;
		http_explain(transfer, &http->options, code);
		finish(transfer);
		message = curl_multi_info_read(http->multi, &left);
	}
}

/* How long to sleep at most: until the next tick or the next delayed start. */
static int sleep_ms(const struct http *http)
{
	int64_t now = time_monotonic();
	int64_t wait = TICK_MS;

	for (struct http_transfer *transfer = http->transfers; transfer;
		transfer = transfer->next) {
		int64_t until = transfer->start_at - now;

		if (transfer->easy)
			continue;
		if (until < wait)
			wait = until > 0 ? until : 0;
	}
	return (int)wait;
}

/* End every call with a copy of `err`. */
static int stop_all(struct http *http, const struct error *err)
{
	while (http->transfers) {
		struct http_transfer *transfer = http->transfers;
		struct http_call *call = transfer->call;

		if (err) {
			error_set(&call->error, err->kind, "%s", err->message ? err->message : "");
			if (err->hint)
				error_hint(&call->error, "%s", err->hint);
		}
		call->failure = HTTP_ABORTED;
		finish(transfer);
	}
	return -1;
}

int http_run(
	struct http *http, int (*tick)(void *ctx, struct error *err), void *ctx, struct error *err)
{
	int64_t ticked = time_monotonic();
	int running;

	while (http->transfers) {
		start_due(http);
		curl_multi_perform(http->multi, &running);
		reap(http);
		if (tick && time_monotonic() - ticked >= TICK_MS) {
			ticked = time_monotonic();
			if (tick(ctx, err) < 0)
				return stop_all(http, err);
		}
		if (http->transfers)
			curl_multi_poll(http->multi, NULL, 0, sleep_ms(http), NULL);
	}
	return 0;
}
