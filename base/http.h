/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP transfers to one server, side by side over one connection. The wrapper of libcurl.
 *
 * The trap list that this file owns (measured): CAPATH is unset when a CA is given, else Debian's
 * libcurl trusts the system's CAs beside it; the proxy is always set by us ("" for none) and
 * NOPROXY "" so that ALL_PROXY and curl's own rules never apply; redirects are never followed; only
 * http and https; PIPEWAIT, or curl opens one HTTP/2 connection a request; no signals; certificates
 * and keys only from memory.
 */
#ifndef BASE_HTTP_H
#define BASE_HTTP_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/strv.h"

/* How to reach the server. All pointers are borrowed and must outlive the client. */
struct http_options {
	const char *user_agent;
	const char *ca_pem; /* trust these alone; NULL: the system's */
	size_t ca_pem_len;
	const char *cert_pem, *key_pem; /* client certificate; both or neither */
	size_t cert_pem_len, key_pem_len;
	bool insecure;               /* verify neither chain nor name */
	const char *tls_server_name; /* SNI and verified name, if not the URL's host */
	const char *proxy;           /* URL; "" for none. socks5 resolves names at the proxy. */
	bool no_compression;         /* else "Accept-Encoding: gzip" */
	bool no_http2;
	int connect_timeout_ms; /* 0: 30 s */
	int silence_seconds;    /* nothing comes or goes for so long: given up; 0: 120 */
};

/* Why no complete reply arrived, for the callers that word it (kube/ in kubectl's words). */
enum http_failure {
	HTTP_NO_FAILURE,
	HTTP_NO_SUCH_HOST,
	HTTP_REFUSED,
	HTTP_TIMED_OUT,
	HTTP_UNKNOWN_AUTHORITY, /* the certificate's chain does not end in a trusted CA */
	HTTP_WRONG_NAME,        /* `error` lists the names that the certificate has */
	HTTP_TLS,               /* any other failure of TLS */
	HTTP_PROXY,             /* the proxy refused or does not answer */
	HTTP_INTERRUPTED,       /* reset, EOF or HTTP/2 stream loss: a GET may be tried again */
	HTTP_ABORTED,           /* on_data, next_body or tick failed: the error is theirs */
	HTTP_OTHER,
};

/* One transfer. Fill the first part; the rest is filled by the run. */
struct http_call {
	const char *method; /* "GET" if NULL */
	const char *url;
	const struct strv *headers; /* "Name: value"; CR and LF are refused */
	const char *body;
	size_t body_len;
	/* Instead of `body`: gives the next at most `len` bytes, 0 at the end; a failure ends the
	 * transfer with its error. The pieces come to `upload_size` bytes. */
	int64_t (*next_body)(struct http_call *call, char *data, size_t len, struct error *err);
	uint64_t upload_size;
	int timeout_ms;  /* whole transfer; 0: none */
	bool secret;     /* bodies hold secrets: no trace shows them */
	size_t max_body; /* bytes that may reach on_data after inflation; 0: no bound */
	/* Body bytes as they arrive, inflated, of any status; a failure ends this transfer with its
	 * error. */
	int (*on_data)(struct http_call *call, const char *data, size_t len, struct error *err);
	/* The transfer has ended; may add calls to the same client (retries, further pages). */
	void (*on_done)(struct http_call *call);
	void *ctx;
	/* Results. `error` is set when no complete reply arrived. */
	int status;                /* 0 until the status line is in; valid inside on_data */
	struct strv reply_headers; /* "Name: value" as received */
	struct error error;
	enum http_failure failure;
	uint64_t body_bytes; /* after inflation */
};

struct http;
struct http *http_new(const struct http_options *options);
void http_free(struct http *http);
void http_free_pointer(struct http **slot);
/* Queue a call, its results reset; it and what it points to must stay until on_done. Of a call that
 * was ended by `tick`, on_done may not add another. */
void http_add(struct http *http, struct http_call *call);
/* Queue a call that starts after `delay_ms`. */
void http_add_later(struct http *http, struct http_call *call, int64_t delay_ms);
/*
 * Run until every queued call has ended. `tick`, if set, is called at least every 250 ms (progress
 * lines); its failure (an interrupt) ends all calls with that error.
 */
int http_run(
	struct http *http, int (*tick)(void *ctx, struct error *err), void *ctx, struct error *err);
/* Results of a call released; it may be filled anew. */
void http_call_reset(struct http_call *call);
/* Value of the first reply header with this name (any case), or NULL. Borrowed. */
const char *http_reply_header(const struct http_call *call, const char *name);
/* Append "libcurl/7.88.1 OpenSSL/3.0.15 …", for `version`. Starts none of them. */
void http_library_versions(struct buf *out);

#endif
