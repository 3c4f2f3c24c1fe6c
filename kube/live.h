/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the live API server share (kube/live*.c); nobody else includes this. */
#ifndef KUBE_LIVE_H
#define KUBE_LIVE_H

#include "base/base.h"
#include "base/http.h"
#include "kube/credentials.h"
#include "kube/kube.h"

struct live {
	struct kube kube; /* first: a struct kube * is a struct live * */
	const struct kube_target *target;
	struct kube_credentials *credentials;
	char *user_agent;
	struct http *http;        /* made when the first request goes out */
	char *cert_pem, *key_pem; /* the plugin's, that `http` was made with; or NULL */
	struct strv warned;
};

/* One request of a run, with all its attempts and pages. */
struct exchange {
	struct live *live;
	struct kube_request *request;
	struct http_call call;
	char *url;
	struct strv headers;
	struct splitter splitter;
	bool head_taken;         /* of this attempt's reply */
	struct buf problem;      /* body of an error status, cut */
	struct buf projected;    /* scratch */
	char *token;             /* `continue` of the page asked for; NULL on the first */
	bool unpaged;            /* `limit` is not sent any more: the token had expired */
	int64_t deadline;        /* on time_monotonic(); 0: none */
	int64_t waited_ms;       /* because of Retry-After */
	int retries, reconnects; /* of this page */
	bool refreshed;          /* credentials were asked for again after a 401 */
	bool again;              /* run once more */
	uint64_t page_items;     /* handed out in this attempt */
};

/* ---- kube/live_url.c */

/* The URL of the exchange's next request; the caller frees. */
char *live_url(const struct exchange *exchange);
/* GET unless the request says otherwise. Borrowed. */
const char *live_method(const struct kube_request *request);
/* "get pods x" as kubectl names a request behind generic errors; NULL for paths of no resource. */
char *live_what(const char *method, const char *path);

/* ---- kube/live_reply.c */

/* Make ready for the next reply. */
void live_reply_begin(struct exchange *exchange);
/* on_data of the call. */
int live_reply_data(struct http_call *call, const char *data, size_t len, struct error *err);
/* Look at status line and headers, if that was not done yet: time, warnings, content type. */
int live_reply_head(struct exchange *exchange, struct error *err) MUST_CHECK;
/* The 2xx reply is complete: envelope and `continue`. `*token` is owned; NULL after the last page.
 */
int live_reply_end(struct exchange *exchange, char **token, struct error *err) MUST_CHECK;
/* " after 3 items", or nothing: how far a list got that failed. Appends. */
void live_items_so_far(const struct kube_request *request, struct buf *out);

/* ---- kube/live_error.c */

/* The request's error for a call without a complete reply, in kubectl's words, with a hint. */
void live_network_error(struct exchange *exchange);
/* The request's error for a status that is not 2xx. */
void live_status_error(struct exchange *exchange);

#endif
