/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <ctype.h>

#include "base/alloc.h"
#include "base/url.h"

void url_clear(struct url *url)
{
	free(url->scheme);
	free(url->user);
	free(url->password);
	free(url->host);
	free(url->port);
	free(url->path);
	free(url->query);
	*url = (struct url)URL_INIT;
}

static int hex_value(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	if (byte >= 'a' && byte <= 'f')
		return byte - 'a' + 10;
	if (byte >= 'A' && byte <= 'F')
		return byte - 'A' + 10;
	return -1;
}

/* Percent-decoded copy, or NULL if an escape is malformed or gives a zero byte. */
static char *percent_decode(const char *text, size_t len)
{
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < len; i++) {
		int high;
		int low;

		if (text[i] != '%') {
			buf_addc(&out, text[i]);
			continue;
		}
		high = i + 2 < len ? hex_value(text[i + 1]) : -1;
		low = i + 2 < len ? hex_value(text[i + 2]) : -1;
		if (high < 0 || low < 0 || (high == 0 && low == 0)) {
			buf_clear(&out);
			return NULL;
		}
		buf_addc(&out, (char)(unsigned char)(high * 16 + low));
		i += 2;
	}
	return buf_detach(&out);
}

/* The scheme in front of "://", lower-cased into `ret`; what follows it, or NULL if the scheme is malformed. */
static const char *take_scheme(const char *text, char **ret)
{
	const char *mark = strstr(text, "://");
	const char *colon = strchr(text, ':');

	if (!mark || mark != colon) {
		*ret = xstrdup("");
		return text;
	}
	if (!isalpha((unsigned char)*text))
		return NULL;
	for (const char *c = text; c < mark; c++) {
		if (!isalnum((unsigned char)*c) && !strchr("+-.", *c))
			return NULL;
	}
	*ret = xstrndup(text, (size_t)(mark - text));
	for (char *c = *ret; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return mark + 3;
}

static bool take_userinfo(const char *text, size_t len, struct url *ret)
{
	const char *colon = memchr(text, ':', len);
	size_t user_len = colon ? (size_t)(colon - text) : len;

	ret->user = percent_decode(text, user_len);
	if (colon)
		ret->password = percent_decode(colon + 1, len - user_len - 1);
	return ret->user && (!colon || ret->password);
}

static bool valid_port(const char *text, size_t len)
{
	long value = 0;

	for (size_t i = 0; i < len; i++) {
		if (!isdigit((unsigned char)text[i]))
			return false;
		value = value * 10 + (text[i] - '0');
		if (value > 65535)
			return false;
	}
	return true;
}

static bool valid_host(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] <= ' ' || text[i] == 0x7f ||
			strchr("\"<>\\^`{|}", text[i]))
			return false;
	}
	return true;
}

/* "host", "host:port", "[::1]:port". */
static bool take_host(const char *text, size_t len, struct url *ret)
{
	const char *end = text + len;
	const char *host_end;
	const char *host = text;

	if (len && *text == '[') {
		host_end = memchr(text, ']', len);
		if (!host_end)
			return false;
		host = text + 1;
		ret->ipv6 = true;
		text = host_end + 1;
		if (text < end && *text != ':')
			return false;
	} else {
		host_end = memchr(text, ':', len);
		if (!host_end)
			host_end = end;
		text = host_end;
	}
	if (!valid_host(host, (size_t)(host_end - host)))
		return false;
	ret->host = xstrndup(host, (size_t)(host_end - host));
	if (text < end) {
		text++;
		if (!valid_port(text, (size_t)(end - text)))
			return false;
		if (text < end)
			ret->port = xstrndup(text, (size_t)(end - text));
	}
	return true;
}

static bool take_path(const char *text, struct url *ret)
{
	size_t len = strcspn(text, "?#");
	autofree char *decoded = percent_decode(text, len);

	if (!decoded)
		return false;
	ret->path = xstrndup(text, len);
	if (text[len] == '?')
		ret->query = xstrndup(text + len + 1, strcspn(text + len + 1, "#"));
	return true;
}

bool url_parse(const char *text, struct url *ret)
{
	const char *at = NULL;
	size_t len;

	*ret = (struct url)URL_INIT;
	for (const char *c = text; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return false;
	}
	text = take_scheme(text, &ret->scheme);
	if (!text)
		goto fail;
	len = strcspn(text, "/?#");
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '@')
			at = text + i;
	}
	if (at) {
		if (!take_userinfo(text, (size_t)(at - text), ret))
			goto fail;
		len -= (size_t)(at - text) + 1;
		text = at + 1;
	}
	if (!take_host(text, len, ret) || !take_path(text + len, ret))
		goto fail;
	return true;
fail:
	url_clear(ret);
	return false;
}

static const char *default_port(const char *scheme)
{
	if (streq(scheme, "https"))
		return "443";
	if (streq(scheme, "socks5") || streq(scheme, "socks5h"))
		return "1080";
	return "80";
}

void url_host_port(const struct url *url, struct buf *out)
{
	buf_addf(out, url->ipv6 ? "[%s]:%s" : "%s:%s", url->host,
		url->port ? url->port : default_port(url->scheme));
}

void url_encode(struct buf *out, const char *text)
{
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		if (isalnum(byte) || strchr("-._~", *text))
			buf_addc(out, *text);
		else
			buf_addf(out, "%%%02X", byte);
	}
}
