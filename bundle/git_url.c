/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <ctype.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/strv.h"
#include "base/url.h"
#include "bundle/git_url.h"
#include "bundle/limits.h"

/* What ssh itself refuses in a user's name (ssh.c, valid_ruser), since shells meet it. */
#define SHELL_BYTES "'`\"$\\;&<>|(){},"

void git_url_clear(struct git_url *url)
{
	free(url->user);
	str_wipe(&url->password);
	free(url->host);
	free(url->port);
	free(url->path);
	*url = (struct git_url)GIT_URL_INIT;
}

/* ---- showing */

/* Where "user:password@" ends: the last '@' of the authority, or `host` itself. */
static const char *skip_userinfo(const char *host, size_t authority)
{
	const char *at = host + authority;

	while (at > host && at[-1] != '@')
		at--;
	return at;
}

char *git_url_public(const char *url)
{
	autobuf out = BUF_INIT;
	const char *mark = strstr(url, "://");
	const char *host = mark ? mark + 3 : url;
	const char *rest = skip_userinfo(host, strcspn(host, mark ? "/?#" : "/"));

	buf_add(&out, url, (size_t)(host - url));
	/* ssh has no passwords in URLs, but people write them. */
	if (rest > host && (!mark || starts_with(url, "ssh://"))) {
		buf_add(&out, host, strcspn(host, ":@"));
		buf_addc(&out, '@');
	}
	buf_add(&out, rest, mark ? strcspn(rest, "?#") : strlen(rest));
	for (size_t i = 0; i < out.len; i++)
		if ((unsigned char)out.ptr[i] < ' ' || out.ptr[i] == 0x7f)
			out.ptr[i] = '?';
	return buf_detach(&out);
}

/* ---- parsing */

static int refuse(const char *text, const char *why, struct error *err)
{
	autofree char *shown = git_url_public(text);

	return error_set(err, ERROR_USAGE, "'%.200s' is not a URL of a repository: %s", shown, why);
}

/* A name or an address, of which nothing is an option or a pattern to anybody. */
static bool plain_host(const char *host, bool ipv6)
{
	if (!*host || *host == '-' || strlen(host) > 255)
		return false;
	for (; *host; host++)
		if (!isalnum((unsigned char)*host) && !strchr(ipv6 ? ":." : "-._", *host))
			return false;
	return true;
}

static bool plain_user(const char *user)
{
	if (!*user || *user == '-' || strlen(user) > 255)
		return false;
	for (; *user; user++)
		if ((unsigned char)*user <= ' ' || (unsigned char)*user >= 0x7f ||
			strchr(SHELL_BYTES, *user))
			return false;
	return true;
}

static bool has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	return false;
}

static int hex_digit(char byte)
{
	return isdigit((unsigned char)byte) ? byte - '0'
					    : (tolower((unsigned char)byte) - 'a') + 10;
}

/* url_parse() has seen that every escape is well-formed and none gives NUL. */
static char *decode(const char *text)
{
	autobuf out = BUF_INIT;

	for (; *text; text++) {
		if (*text != '%') {
			buf_addc(&out, *text);
			continue;
		}
		buf_addc(&out, (char)(unsigned char)(hex_digit(text[1]) * 16 + hex_digit(text[2])));
		text += 2;
	}
	return buf_detach(&out);
}

/* "/~user/x" means ~user/x at the other end (git-fetch(1)). */
static char *ssh_path(const char *path)
{
	autofree char *decoded = decode(path);

	if (starts_with(decoded, "/~"))
		return xstrdup(decoded + 1);
	return TAKE(decoded);
}

/* "." or ".." between slashes: a server may read them as another folder than the one that was meant. */
static bool has_dots(const char *path)
{
	autofree char *decoded = decode(path);
	autostrv parts = STRV_INIT;

	strv_split(&parts, decoded, "/\\", false);
	return strv_contains(&parts, ".") || strv_contains(&parts, "..");
}

static int check_ssh(const char *text, struct git_url *url, struct error *err)
{
	if (url->user && !plain_user(url->user))
		return refuse(text, "its user is no plain name", err);
	if (url->password)
		return refuse(text, "ssh takes no password from a URL", err);
	if (*url->path == '-' || has_control(url->path))
		return refuse(text, "its path begins with '-' or holds control characters", err);
	return 0;
}

static int parse_scp(const char *text, struct git_url *ret, struct error *err)
{
	const char *colon = strchr(text, ':');
	const char *slash = strchr(text, '/');
	const char *at = strchr(text, '@');

	/* "ext::…" would start a helper of git's. */
	if (!colon || colon[1] == ':' || (slash && slash < colon))
		return refuse(
			text, "it begins neither with https:// or ssh:// nor with host:", err);
	ret->scheme = GIT_SSH;
	if (at && at < colon)
		ret->user = xstrndup(text, (size_t)(at - text));
	text += ret->user ? strlen(ret->user) + 1 : 0;
	ret->host = xstrndup(text, (size_t)(colon - text));
	ret->path = xstrdup(colon + 1);
	return 0;
}

static int take_scheme(
	const char *text, const char *scheme, enum git_scheme *ret, struct error *err)
{
	static const struct {
		const char *name;
		enum git_scheme scheme;
	} schemes[] = {
		{"https", GIT_HTTPS},
		{"http", GIT_HTTP},
		{"ssh", GIT_SSH},
		{"git+ssh", GIT_SSH},
		{"ssh+git", GIT_SSH},
	};

	for (size_t i = 0; i < countof(schemes); i++) {
		if (!streq(scheme, schemes[i].name))
			continue;
		*ret = schemes[i].scheme;
		return 0;
	}
	return refuse(text, "https, http and ssh are spoken here", err);
}

static int parse_url(const char *text, struct git_url *ret, struct error *err)
{
	autourl url = URL_INIT;

	if (!url_parse(text, &url))
		return refuse(text, "it is malformed", err);
	if (take_scheme(text, url.scheme, &ret->scheme, err) < 0)
		return -1;
	if (url.query || strchr(text, '#'))
		return refuse(text, "it has a query or a fragment", err);
	ret->host = TAKE(url.host);
	ret->port = TAKE(url.port);
	ret->ipv6 = url.ipv6;
	ret->user = TAKE(url.user);
	ret->password = TAKE(url.password);
	ret->path = ret->scheme == GIT_SSH ? ssh_path(url.path) : xstrdup(url.path);
	return 0;
}

int git_url_parse(const char *text, struct git_url *ret, struct error *err)
{
	struct git_url url = GIT_URL_INIT;
	int result;

	if (strlen(text) > LIMIT_PATH || has_control(text))
		return refuse(text, "it is too long or holds control characters", err);
	result = strstr(text, "://") ? parse_url(text, &url, err) : parse_scp(text, &url, err);
	if (result == 0 && !plain_host(url.host, url.ipv6))
		result = refuse(text, "its host is no name or address", err);
	if (result == 0 && (streq(url.path, "") || streq(url.path, "/")))
		result = refuse(text, "it has no path", err);
	if (result == 0 && url.scheme == GIT_SSH)
		result = check_ssh(text, &url, err);
	else if (result == 0 && has_dots(url.path))
		result = refuse(text, "its path has '.' or '..' in it", err);
	if (result < 0) {
		git_url_clear(&url);
		return -1;
	}
	*ret = url;
	return 0;
}

const char *git_url_port(const struct git_url *url)
{
	static const char *const ports[] = {
		[GIT_HTTPS] = "443", [GIT_HTTP] = "80", [GIT_SSH] = "22"};

	return url->port ? url->port : ports[url->scheme];
}

bool git_url_covers(const struct git_url *prefix, const struct git_url *url)
{
	size_t len = strlen(prefix->path);

	if (prefix->scheme != url->scheme || strcasecmp(prefix->host, url->host) != 0 ||
		!streq(git_url_port(prefix), git_url_port(url)))
		return false;
	if (prefix->user && !streq(prefix->user, url->user))
		return false;
	while (len && prefix->path[len - 1] == '/')
		len--;
	return strncmp(prefix->path, url->path, len) == 0 &&
	       (!len || url->path[len] == '/' || !url->path[len]);
}
