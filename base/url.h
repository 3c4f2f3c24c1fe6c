/* SPDX-License-Identifier: Apache-2.0 */
/* URLs as Go's net/url reads them, percent-encoding, and which proxy serves a URL. */
#ifndef BASE_URL_H
#define BASE_URL_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"

struct url {
	char *scheme;   /* lower case; "" if there was none */
	char *user;     /* percent-decoded, or NULL */
	char *password; /* percent-decoded, or NULL */
	char *host;     /* without port and brackets */
	char *port;     /* digits, or NULL */
	char *path;     /* as written, "" if none */
	char *query;    /* without '?', or NULL */
	bool ipv6;      /* host was in brackets */
};
#define URL_INIT               \
	{                      \
		.scheme = NULL \
	}
#define autourl CLEANUP(url_clear) struct url

void url_clear(struct url *url);
/* False if it cannot be parsed at all (control bytes, "https://[::1", a bad port, a bad escape). */
bool url_parse(const char *text, struct url *ret);
/* host:port with brackets where needed; the scheme's default port when none was given. */
void url_host_port(const struct url *url, struct buf *out);
/* Append `text` percent-encoded as a path segment, or as a query value. */
void url_encode(struct buf *out, const char *text);

/*
 * The proxy that the environment wants for a URL, by the rules of Go's net/http (httpproxy):
 * HTTPS_PROXY or https_proxy for https, HTTP_PROXY for http, NO_PROXY (suffixes, "*", host:port,
 * IP, CIDR), a value without a scheme is http, ALL_PROXY is ignored, loopback is never proxied. ""
 * for none; the caller frees.
 */
char *url_proxy_from_environment(const struct url *url);

#endif
