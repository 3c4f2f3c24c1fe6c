/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the libcurl wrapper share (base/http*.c); nobody else includes this. */
#ifndef BASE_HTTP_INTERNAL_H
#define BASE_HTTP_INTERNAL_H

#include "base/base.h"

#include <curl/curl.h>

#include "base/http.h"

/* A queued or running call. Lives from http_add() until just before on_done. */
struct http_transfer {
	struct http_transfer *next;
	struct http *http;
	struct http_call *call;
	CURL *easy; /* NULL until it starts */
	struct curl_slist *headers, *connect_to;
	CURLU *url;
	int64_t start_at; /* on time_monotonic(); 0: at once */
	int64_t started;
	size_t header_bytes; /* of this reply, to bound them */
	bool stopped;        /* a callback of ours ended it: `error` says why */
	struct error error;
	char detail[CURL_ERROR_SIZE];
	struct buf trace_body; /* the first bytes, for -v8 */
};

/* The options of a call's handle (base/http_setup.c). The callbacks are base/http.c's. */
int http_setup(struct http_transfer *transfer, const struct http_options *options,
	struct error *err) MUST_CHECK;

/* Set failure and error of a transfer that libcurl ended with `code` (base/http_failure.c). */
void http_explain(
	struct http_transfer *transfer, const struct http_options *options, CURLcode code);

/* Tracing for -v (base/http_trace.c): level 6 a line a request, 8 headers and bodies. */
void http_trace_start(const struct http_call *call);
void http_trace_body(struct http_transfer *transfer, const char *data, size_t len);
void http_trace_end(const struct http_transfer *transfer);

#endif
