/* SPDX-License-Identifier: Apache-2.0 */
/* Git over http: what its two files share (gitprotocol-http(5)). */
#ifndef BUNDLE_REMOTE_HTTP_H
#define BUNDLE_REMOTE_HTTP_H

#include "base/base.h"
#include "base/http.h"
#include "bundle/remote_internal.h"

/* Of a refusal's body: enough for its first line. */
#define REMOTE_REFUSAL_BYTES 1024

struct http_link {
	struct http *http;
	struct http_options options;
	struct buf ca;     /* the certificates of it */
	struct git_url at; /* where the repository is, after redirects */
	char *base;        /* its URL without user, password and the '/' at its end */
	char *proxy, *agent;
	char *authorization; /* the header; NULL: none is sent */
	bool moved;          /* redirected to somebody to whom no credentials are sent */
	/* Of the call that runs. */
	struct remote *remote;
	const struct exchange *exchange;
	const char *content_type; /* that the answer has to have */
	uint64_t head_sent;
	bool complete, taken; /* the answer; whether any of it was handed out */
	struct buf refusal;
};

/* The error of a call that brought no answer, or another than 200. */
int remote_http_refused(struct http_link *link, struct http_call *call, struct error *err);
/* Of status 200 with another content than Git's. */
int remote_http_no_git(const struct http_call *call, struct error *err);
/* Go where a reply to info/refs points, if that is allowed. */
int remote_http_redirect(struct http_link *link, const struct http_call *call, struct error *err);

#endif
