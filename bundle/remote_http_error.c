/* SPDX-License-Identifier: Apache-2.0 */
/* Git over http: what is wrong with an answer, in words that help. */
#include "base/base.h"

#include <strings.h>

#include "base/alloc.h"
#include "bundle/remote_http.h"

/* ---- no answer */

static void hint_failure(const struct http_link *link, enum http_failure failure, struct error *err)
{
	autofree char *proxy = git_url_public(link->proxy ? link->proxy : "");

	switch (failure) {
	case HTTP_UNKNOWN_AUTHORITY:
		error_hint(err, "name the CA of this server with caFile in --credentials FILE");
		break;
	case HTTP_WRONG_NAME:
		error_hint(err, "use a URL with a name that the server's certificate has");
		break;
	case HTTP_PROXY:
		error_hint(err,
			"the proxy is '%s': see 'proxy' in --credentials FILE, "
			"HTTPS_PROXY and NO_PROXY",
			proxy);
		break;
	case HTTP_TLS:
		if (err->message && strstr(err->message, "certificate required"))
			error_hint(err, "the server wants a client certificate: certFile and "
					"keyFile in --credentials FILE");
		break;
	default:
		break;
	}
}

/* What a server says beside its refusal, if it is a line of text and not a page. */
static char *said(const struct http_link *link, const struct http_call *call)
{
	const char *type = http_reply_header(call, "Content-Type");
	size_t len = strcspn(link->refusal.ptr, "\r\n");

	if (!type || strncasecmp(type, "text/plain", 10) != 0 || !len || len > 300)
		return xstrdup("");
	return xasprintf(" (the server says: %.*s)", (int)len, link->refusal.ptr);
}

/* ---- refusals by status */

static int unauthorized(
	const struct http_link *link, int status, const char *more, struct error *err)
{
	if (link->authorization) {
		error_set(err, ERROR_UNAUTHORIZED, "%d: the server does not take this login%s",
			status, more);
		return error_hint(
			err, "is the password or token still valid, and meant for this URL?");
	}
	error_set(err, ERROR_UNAUTHORIZED, "%d: the server wants a login%s", status, more);
	if (link->moved)
		return error_hint(err,
			"the URL redirects to '%s', where credentials are not sent: "
			"use that URL",
			link->base);
	return error_hint(err, "--credentials FILE, with a row for this URL");
}

static int forbidden(const struct http_link *link, const char *more, struct error *err)
{
	bool push = link->remote->options->service == REMOTE_PUSH;

	error_set(err, ERROR_FORBIDDEN, "403: %s%s",
		push ? "pushing is not allowed" : "reading is not allowed", more);
	return error_hint(err, push ? "the login needs the right to write, and the server has to "
				      "take pushes over http"
				    : "does the login have the right to read this repository?");
}

static int not_found(const struct http_link *link, const char *more, struct error *err)
{
	error_set(err, ERROR_NOT_FOUND, "404: no repository there%s%s",
		link->authorization ? ", or none that this login may see" : "", more);
	if (!link->authorization)
		return error_hint(
			err, "servers also say so of what needs a login: --credentials FILE");
	return -1;
}

static int too_large(const char *more, struct error *err)
{
	error_set(err, ERROR_SERVER, "413: the server takes no upload of this size%s", more);
	return error_hint(err, "raise its limit (nginx: client_max_body_size), or push over ssh");
}

static int refuse_redirect(const struct http_call *call, const char *why, struct error *err)
{
	const char *given = http_reply_header(call, "Location");
	autofree char *where = git_url_public(given ? given : "");

	error_set(err, ERROR_SERVER, "%d: it redirects to '%.200s': %s", call->status, where, why);
	return error_hint(err, "use the URL that the repository has now");
}

static int refuse_status(
	const struct http_link *link, const struct http_call *call, struct error *err)
{
	autofree char *more = said(link, call);

	switch (call->status) {
	case 203: /* Azure DevOps: the sign-in page */
	case 401:
		return unauthorized(link, call->status, more, err);
	case 403:
		return forbidden(link, more, err);
	case 404:
	case 410:
		return not_found(link, more, err);
	case 407:
		error_set(err, ERROR_UNAUTHORIZED, "407: the proxy wants a login%s", more);
		return -1;
	case 413:
		return too_large(more, err);
	case 429:
		error_set(err, ERROR_SERVER, "429: too many requests%s", more);
		return error_hint(err, "try again later");
	default:
		if (call->status / 100 == 3)
			return refuse_redirect(call, "that is not followed here", err);
		return error_set(err, ERROR_SERVER, "the server answers with status %d%s",
			call->status, more);
	}
}

int remote_http_refused(struct http_link *link, struct http_call *call, struct error *err)
{
	if (call->failure == HTTP_NO_FAILURE)
		return refuse_status(link, call, err);
	error_move(err, &call->error);
	hint_failure(link, call->failure, err);
	return -1;
}

int remote_http_no_git(const struct http_call *call, struct error *err)
{
	const char *type = http_reply_header(call, "Content-Type");

	if (type && strncasecmp(type, "text/plain", 10) == 0) {
		error_set(err, ERROR_SERVER, "the server speaks only the old 'dumb' protocol");
		return error_hint(
			err, "the repository has to be served by git http-backend or alike");
	}
	error_set(err, ERROR_SERVER, "this is no Git repository: the answer is of type '%.100s'",
		type ? type : "");
	return error_hint(err,
		"is the URL that of a repository, and does a proxy or a sign-in page "
		"answer in its place?");
}

/* ---- redirects */

/* The new URL of the repository out of a Location header; NULL if it leads elsewhere. */
static char *new_base(const struct http_link *link, const char *location, const char *service)
{
	autofree char *tail = xasprintf("/info/refs?service=%s", service);
	autofree char *whole = NULL;
	size_t len;

	if (starts_with(location, "//") || !ends_with(location, tail))
		return NULL;
	if (*location == '/') {
		size_t host = strlen(link->at.scheme == GIT_HTTPS ? "https://" : "http://");

		host += strcspn(link->base + host, "/");
		whole = xasprintf("%.*s%s", (int)host, link->base, location);
		location = whole;
	}
	len = strlen(location) - strlen(tail);
	return xstrndup(location, len);
}

static bool same_host(const struct git_url *a, const struct git_url *b)
{
	return strcasecmp(a->host, b->host) == 0;
}

static bool same_origin(const struct git_url *a, const struct git_url *b)
{
	return a->scheme == b->scheme && same_host(a, b) && streq(git_url_port(a), git_url_port(b));
}

/* Somebody else answers there: neither passwords nor the client certificate are for them. */
static void drop_credentials(struct http_link *link)
{
	link->moved = link->authorization || link->options.key_pem;
	str_wipe(&link->authorization);
	link->options.cert_pem = NULL;
	link->options.key_pem = NULL;
}

int remote_http_redirect(struct http_link *link, const struct http_call *call, struct error *err)
{
	const char *location = http_reply_header(call, "Location");
	autofree char *base =
		location ? new_base(link, location, remote_service_name(link->remote)) : NULL;
	struct git_url to = GIT_URL_INIT;

	if (!base)
		return refuse_redirect(call, "that is no repository (a sign-in page?)", err);
	if (git_url_parse(base, &to, err) < 0)
		return error_wrap(err, "%d: it redirects", call->status);
	if (to.scheme == GIT_SSH || to.user || to.password ||
		(to.scheme == GIT_HTTP &&
			(link->at.scheme == GIT_HTTPS || !same_host(&to, &link->at)))) {
		git_url_clear(&to);
		return refuse_redirect(call, "only https, or the same host, is followed", err);
	}
	if (!same_origin(&to, &link->at))
		drop_credentials(link);
	git_url_clear(&link->at);
	link->at = to;
	return 0;
}
