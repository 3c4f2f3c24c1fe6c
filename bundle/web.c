/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/digest.h"
#include "base/http.h"
#include "base/pem.h"
#include "base/url.h"
#include "bundle/git_url.h"
#include "bundle/web.h"

#define MAX_REDIRECTS 5
#define MAX_TRIES 3
#define MAX_WAIT_S 30

struct visit {
	const struct web *web;
	struct web_file *file;
	char *url; /* where the redirects have led */
	bool home; /* that is the repository's own host */
	struct buf ca;
	char *proxy;
	struct strv headers;
	struct http_call call;
};

static void visit_clear(struct visit *visit)
{
	http_call_reset(&visit->call);
	for (size_t i = 0; i < visit->headers.len; i++)
		wipe(visit->headers.items[i], strlen(visit->headers.items[i]));
	strv_clear(&visit->headers);
	buf_clear(&visit->ca);
	free(visit->proxy);
	free(visit->url);
}

/* ---- where it goes, and as whom */

static const char *port_of(const struct url *url)
{
	return url->port ? url->port : streq(url->scheme, "https") ? "443" : "80";
}

static bool same_host(const struct url *left, const struct url *right)
{
	return streq(left->scheme, right->scheme) && streq(left->host, right->host) &&
	       streq(port_of(left), port_of(right));
}

static int parse(const char *text, struct url *ret, struct error *err)
{
	autofree char *public = git_url_public(text);

	if (url_parse(text, ret) && *ret->host &&
		(streq(ret->scheme, "https") || streq(ret->scheme, "http")))
		return 0;
	return error_set(err, ERROR_CONFIG, "'%s' is no http URL", public);
}

static int add_login(struct visit *visit, const struct url *url, struct error *err)
{
	const struct git_credentials *given = visit->web->credentials;
	CLEANUP(buf_wipe) struct buf pair = BUF_INIT;
	CLEANUP(buf_wipe) struct buf code = BUF_INIT;

	if (!given || (!given->username && !given->password && !given->bearer))
		return 0;
	if (!visit->home && !visit->web->pass_credentials)
		return 0;
	if (!streq(url->scheme, "https"))
		return error_set(err, ERROR_CONFIG, "credentials are not sent over http");
	if (given->bearer) {
		strv_pushf(&visit->headers, "Authorization: Bearer %s", given->bearer);
		return 0;
	}
	buf_addf(&pair, "%s:%s", given->username ? given->username : "",
		given->password ? given->password : "");
	base64_encode(pair.ptr, pair.len, &code);
	strv_pushf(&visit->headers, "Authorization: Basic %s", code.ptr);
	return 0;
}

/* The repository's own CA: at its host that alone, elsewhere after the system's did not do. */
static int set_tls(
	struct visit *visit, bool own_ca, struct http_options *options, struct error *err)
{
	const struct git_credentials *given = visit->web->credentials;

	if (given && given->ca.len && (visit->home || own_ca)) {
		buf_reset(&visit->ca);
		if (pem_certificates(given->ca.ptr, given->ca.len, &visit->ca, err) < 0)
			return error_wrap(err, "the CA");
		options->ca_pem = visit->ca.ptr;
		options->ca_pem_len = visit->ca.len;
	}
	if (!given || !given->key.len || !visit->home)
		return 0;
	if (pem_check_pair(&given->cert, &given->key, err) < 0)
		return error_wrap(err, "the client certificate");
	options->cert_pem = given->cert.ptr;
	options->cert_pem_len = given->cert.len;
	options->key_pem = given->key.ptr;
	options->key_pem_len = given->key.len;
	return 0;
}

/* ---- one request */

static int on_data(struct http_call *call, const char *data, size_t len, struct error *err)
{
	struct visit *visit = call->ctx;
	struct web_file *file = visit->file;
	const char *length = http_reply_header(call, "Content-Length");

	if (call->status != 200)
		return 0;
	if (!file->received)
		file->total = length ? strtoull(length, NULL, 10) : 0;
	file->received += len;
	if (file->received > file->limit || file->total > file->limit)
		return error_set(err, ERROR_SERVER, "larger than the limit of %llu bytes",
			(unsigned long long)file->limit);
	return file->on_data(file->ctx, data, len, err);
}

static int64_t wait_ms(const struct http_call *call, int tries)
{
	const char *after = http_reply_header(call, "Retry-After");
	long seconds = after ? strtol(after, NULL, 10) : 0;

	if (seconds < 1)
		seconds = 1L << tries;
	return 1000 * (seconds > MAX_WAIT_S ? MAX_WAIT_S : seconds);
}

/* Nothing was handed out yet, and the server may do better. */
static bool may_try_again(const struct visit *visit)
{
	return !visit->file->received && (visit->call.status == 429 || visit->call.status == 503 ||
						 visit->call.failure == HTTP_INTERRUPTED);
}

/* Run the call, again where the server asks for it. Fails only on an interrupt. */
static int run(struct visit *visit, const struct http_options *options, struct error *err)
{
	CLEANUP(http_free_pointer) struct http *http = http_new(options);
	int64_t wait = 0;

	for (int tries = 0;; tries++) {
		http_call_reset(&visit->call);
		visit->call = (struct http_call){
			.url = visit->url,
			.headers = &visit->headers,
			.on_data = on_data,
			.ctx = visit,
		};
		http_add_later(http, &visit->call, wait);
		if (http_run(http, visit->web->tick, visit->web->tick_ctx, err) < 0)
			return -1;
		if (!may_try_again(visit) || tries + 1 == MAX_TRIES)
			return 0;
		wait = wait_ms(&visit->call, tries);
	}
}

static int send(struct visit *visit, bool own_ca, struct error *err)
{
	const struct git_credentials *given = visit->web->credentials;
	struct http_options options = {.user_agent = visit->web->user_agent};
	autourl url = URL_INIT;
	autourl home = URL_INIT;

	if (parse(visit->url, &url, err) < 0 || parse(visit->web->home, &home, err) < 0)
		return -1;
	visit->home = same_host(&url, &home);
	strv_clear(&visit->headers);
	if (add_login(visit, &url, err) < 0 || set_tls(visit, own_ca, &options, err) < 0)
		return -1;
	free(visit->proxy);
	visit->proxy =
		given && given->proxy ? xstrdup(given->proxy) : url_proxy_from_environment(&url);
	options.proxy = visit->proxy;
	return run(visit, &options, err);
}

/* ---- what comes of it */

static int refused(const struct visit *visit, struct error *err)
{
	int status = visit->call.status;
	enum error_kind kind = status == 401                    ? ERROR_UNAUTHORIZED
			       : status == 403                  ? ERROR_FORBIDDEN
			       : status == 404 || status == 410 ? ERROR_NOT_FOUND
								: ERROR_SERVER;

	error_set(err, kind, "status %d", status);
	if (status == 401 || status == 403)
		return error_hint(err, "--credentials FILE, with a row for this URL");
	return -1;
}

/* 1: another place to ask. */
static int follow(struct visit *visit, struct error *err)
{
	const char *location = http_reply_header(&visit->call, "Location");
	autofree char *next = location ? web_resolve(visit->url, location) : NULL;

	if (!next)
		return error_set(err, ERROR_SERVER, "a redirect to nowhere");
	if (starts_with(visit->url, "https:") && !starts_with(next, "https:"))
		return error_set(err, ERROR_SERVER, "it redirects from https to http");
	free(visit->url);
	visit->url = TAKE(next);
	return 1;
}

/* 0: the file is there; 1: go on. */
static int step(struct visit *visit, struct error *err)
{
	const struct git_credentials *given = visit->web->credentials;

	if (send(visit, false, err) < 0)
		return -1;
	if (visit->call.failure == HTTP_UNKNOWN_AUTHORITY && !visit->home && given &&
		given->ca.len && send(visit, true, err) < 0)
		return -1;
	if (visit->call.failure != HTTP_NO_FAILURE)
		return error_move(err, &visit->call.error);
	if (visit->call.status == 200)
		return 0;
	return visit->call.status / 100 == 3 ? follow(visit, err) : refused(visit, err);
}

int web_get(const struct web *web, struct web_file *file, struct error *err)
{
	CLEANUP(visit_clear)
	struct visit visit = {
		.web = web,
		.file = file,
		.url = xstrdup(file->url),
		.ca = BUF_INIT,
		.headers = STRV_INIT,
	};
	autofree char *public = git_url_public(file->url);
	int result = 1;

	file->received = 0;
	file->total = 0;
	for (int i = 0; result == 1 && i <= MAX_REDIRECTS; i++)
		result = step(&visit, err);
	if (result == 1)
		result = error_set(err, ERROR_SERVER, "more than %d redirects", MAX_REDIRECTS);
	return result < 0 ? error_wrap(err, "%.*s", (int)strcspn(public, "?#"), public) : 0;
}

/* ---- URLs */

/* Up to where `text` ends without query and fragment. */
static size_t path_end(const char *text)
{
	return strcspn(text, "?#");
}

/* Where the path begins: behind the authority. */
static size_t path_start(const char *url)
{
	const char *mark = strstr(url, "://");

	return mark ? (size_t)(mark + 3 - url) + strcspn(mark + 3, "/?#") : 0;
}

/* Cut `out` to its last slash at or behind `floor`; false if there is none. */
static bool cut_element(struct buf *out, size_t floor)
{
	while (out->len > floor && out->ptr[out->len - 1] != '/')
		buf_truncate(out, out->len - 1);
	return out->len > floor;
}

/* A relative path behind a folder that ends in '/': "." and ".." are resolved. */
static void add_path(struct buf *out, size_t floor, const char *path)
{
	size_t end = path_end(path);

	while (end) {
		size_t len = strcspn(path, "/?#");

		if (len == 2 && strncmp(path, "..", 2) == 0) {
			if (out->len > floor + 1)
				buf_truncate(out, out->len - 1);
			cut_element(out, floor);
		} else if (!(len == 1 && *path == '.')) {
			buf_add(out, path, len);
			if (path[len] == '/')
				buf_addc(out, '/');
		}
		path += len + (path[len] == '/');
		end = end > len + 1 ? end - len - 1 : 0;
	}
	buf_adds(out, path);
}

char *web_resolve(const char *base, const char *reference)
{
	size_t start = path_start(base);
	const char *scheme = strstr(reference, "://");
	struct buf out = BUF_INIT;

	if (scheme && scheme < reference + strcspn(reference, "/?#") + 1)
		return starts_with(reference, "http:") || starts_with(reference, "https:")
			       ? xstrdup(reference)
			       : NULL;
	if (!start)
		return NULL;
	if (starts_with(reference, "//"))
		return xasprintf("%.*s%s", (int)strcspn(base, "/"), base, reference);
	buf_add(&out, base, start);
	if (*reference != '/') {
		buf_add(&out, base + start, path_end(base) - start);
		if (!cut_element(&out, start))
			buf_addc(&out, '/');
	} else {
		buf_addc(&out, '/');
		reference++;
	}
	add_path(&out, start, reference);
	return buf_detach(&out);
}
