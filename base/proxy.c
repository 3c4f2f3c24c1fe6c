/* SPDX-License-Identifier: Apache-2.0 */
/* Which proxy the environment wants: the rules of Go's golang.org/x/net/http/httpproxy. */
#include "base/base.h"

#include <arpa/inet.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/os.h"
#include "base/strv.h"
#include "base/url.h"

struct address {
	int family; /* AF_INET, AF_INET6, or 0 if the text is no address */
	unsigned char bytes[16];
};

static struct address address_parse(const char *text)
{
	struct address address = {0};

	if (inet_pton(AF_INET, text, address.bytes) == 1)
		address.family = AF_INET;
	else if (inet_pton(AF_INET6, text, address.bytes) == 1)
		address.family = AF_INET6;
	return address;
}

static bool is_loopback(const char *host)
{
	struct address address = address_parse(host);
	static const unsigned char loopback6[16] = {[15] = 1};

	if (strcasecmp(host, "localhost") == 0)
		return true;
	if (address.family == AF_INET)
		return address.bytes[0] == 127;
	return address.family == AF_INET6 && memcmp(address.bytes, loopback6, 16) == 0;
}

/* "10.0.0.0/8" against an address. */
static bool in_network(const char *rule, const struct address *address)
{
	const char *slash = strchr(rule, '/');
	autofree char *base = NULL;
	struct address network;
	char *end;
	long bits;

	if (!slash || !address->family)
		return false;
	base = xstrndup(rule, (size_t)(slash - rule));
	network = address_parse(base);
	bits = strtol(slash + 1, &end, 10);
	if (network.family != address->family || *end || end == slash + 1 || bits < 0 ||
		bits > (network.family == AF_INET ? 32 : 128))
		return false;
	for (size_t i = 0; bits > 0; i++, bits -= 8) {
		unsigned mask = bits >= 8 ? 0xff : (0xff00U >> bits) & 0xff;

		if ((network.bytes[i] ^ address->bytes[i]) & mask)
			return false;
	}
	return true;
}

/* A rule without its port; false if the port is another than the URL's. */
static bool split_port(const char *rule, const char *port, char **host)
{
	const char *colon = strrchr(rule, ':');
	bool bracketed = *rule == '[';

	if (bracketed && strchr(rule, ']')) {
		const char *end = strchr(rule, ']');

		*host = xstrndup(rule + 1, (size_t)(end - rule) - 1);
		return end[1] != ':' || streq(end + 2, port);
	}
	if (!colon || strchr(rule, ':') != colon) {
		*host = xstrdup(rule);
		return true;
	}
	*host = xstrndup(rule, (size_t)(colon - rule));
	return streq(colon + 1, port);
}

static bool host_matches(const char *rule, const char *host)
{
	size_t host_len = strlen(host);
	size_t len;

	if (starts_with(rule, "*."))
		rule++;
	if (*rule != '.' && strcasecmp(rule, host) == 0)
		return true;
	if (*rule == '.')
		rule++;
	len = strlen(rule);
	return len && host_len > len && host[host_len - len - 1] == '.' &&
	       strcasecmp(host + host_len - len, rule) == 0;
}

static bool rule_matches(const char *rule, const struct url *url, const char *port)
{
	struct address address = address_parse(url->host);
	autofree char *host = NULL;

	if (streq(rule, "*") || in_network(rule, &address))
		return true;
	if (!split_port(rule, port, &host))
		return false;
	if (address.family) {
		struct address other = address_parse(host);

		return other.family == address.family &&
		       memcmp(other.bytes, address.bytes, sizeof(other.bytes)) == 0;
	}
	return host_matches(host, url->host);
}

static bool is_exempt(const struct url *url)
{
	const char *list = os_env("NO_PROXY");
	const char *port = url->port ? url->port : (streq(url->scheme, "https") ? "443" : "80");
	autostrv rules = STRV_INIT;

	if (is_loopback(url->host))
		return true;
	if (!list)
		list = os_env("no_proxy");
	if (!list)
		return false;
	strv_split(&rules, list, ", \t", false);
	for (size_t i = 0; i < rules.len; i++) {
		if (rule_matches(rules.items[i], url, port))
			return true;
	}
	return false;
}

char *url_proxy_from_environment(const struct url *url)
{
	bool https = streq(url->scheme, "https");
	const char *proxy = os_env(https ? "HTTPS_PROXY" : "HTTP_PROXY");

	if (!proxy)
		proxy = os_env(https ? "https_proxy" : "http_proxy");
	if (!proxy || is_exempt(url))
		return xstrdup("");
	return strstr(proxy, "://") ? xstrdup(proxy) : xasprintf("http://%s", proxy);
}
