/* SPDX-License-Identifier: Apache-2.0 */
/* A cluster's `server` made a base URL: client-go's rest/url_utils.go DefaultServerURL. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/url.h"
#include "kube/resolution.h"

void server_clear(struct server *server)
{
	free(server->url);
	free(server->user);
	free(server->password);
	free(server->host_and_path);
	memset(server, 0, sizeof(*server));
}

char *server_redact(const char *address)
{
	const char *start = strstr(address, "://");
	const char *at;
	const char *colon;

	start = start ? start + 3 : address;
	at = strrchr(start, '@');
	colon = strchr(start, ':');
	if (!at || !colon || colon > at)
		return xstrdup(address);
	return xasprintf("%.*s:xxxxx%s", (int)(colon - address), address, at);
}

static int fail(const char *address, struct error *err)
{
	autofree char *shown = server_redact(address);

	return error_set(
		err, ERROR_CONFIG, "host must be a URL or a host:port pair: \"%s\"", shown);
}

/* Without scheme and host it is "host" or "host:port", meant as plain http. */
static bool parse_address(const char *address, struct url *url)
{
	autofree char *guess = NULL;

	if (url_parse(address, url) && *url->scheme && (*url->host || url->port))
		return true;
	url_clear(url);
	guess = xasprintf("http://%s", address);
	return url_parse(guess, url) && (!*url->path || streq(url->path, "/")) &&
	       (*url->host || url->port);
}

/* Scheme, host and path, as client-go keeps them: the path only loses what follows it. */
static char *print_base(const struct url *url, const char *path, size_t path_len)
{
	const char *port_mark = url->port ? ":" : "";

	return xasprintf(url->ipv6 ? "%s://[%s]%s%s%.*s" : "%s://%s%s%s%.*s", url->scheme,
		*url->host ? url->host : "localhost", port_mark, url->port ? url->port : "",
		(int)path_len, path);
}

int server_parse(const char *address, struct server *ret, struct error *err)
{
	autourl url = URL_INIT;
	size_t len;

	memset(ret, 0, sizeof(*ret));
	if (!parse_address(address, &url))
		return fail(address, err);
	if (!streq(url.scheme, "http") && !streq(url.scheme, "https"))
		return error_set(err, ERROR_CONFIG,
			"Unable to connect to the server: unsupported protocol scheme \"%s\"",
			url.scheme);
	len = strlen(url.path);
	ret->host_and_path = len > 1 ? print_base(&url, url.path, len) : xstrdup(address);
	while (len && url.path[len - 1] == '/')
		len--;
	ret->url = print_base(&url, url.path, len);
	ret->https = streq(url.scheme, "https");
	ret->user = xstrdup_or_null(url.user);
	ret->password = xstrdup_or_null(url.password);
	return 0;
}
