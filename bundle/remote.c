/* SPDX-License-Identifier: Apache-2.0 */
/* Opening and closing, and the list of refs; fetching and pushing have files of their own. */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/pktline.h"
#include "bundle/remote_internal.h"

/* Beyond so many the server ignores them, and would send all refs (git's TOO_MANY_PREFIXES). */
#define MAX_PREFIXES 65000

const char *remote_service_name(const struct remote *remote)
{
	return remote->options->service == REMOTE_PUSH ? "git-receive-pack" : "git-upload-pack";
}

char *remote_agent(const struct remote *remote)
{
	return xasprintf("git/2.0 (%s)", remote->options->user_agent);
}

/* ---- ls-refs */

static void add_request(const struct remote *remote, struct buf *out)
{
	const struct strv *prefixes = remote->options->prefixes;
	autofree char *agent = remote_agent(remote);

	pkt_addf(out, "command=ls-refs\n");
	pkt_addf(out, "agent=%.*s\n", (int)strcspn(agent, " "), agent);
	if (advert_capability(&remote->advert, "object-format"))
		pkt_addf(out, "object-format=sha1\n");
	pkt_add_delim(out);
	pkt_addf(out, "peel\n");
	pkt_addf(out, "symrefs\n");
	for (size_t i = 0; prefixes && prefixes->len <= MAX_PREFIXES && i < prefixes->len; i++)
		pkt_addf(out, "ref-prefix %s\n", prefixes->items[i]);
	pkt_add_flush(out);
}

static int take_refs(void *ctx, const char *data, size_t len, struct error *err)
{
	return advert_feed(ctx, data, len, err);
}

static int list_refs(struct remote *remote, struct error *err)
{
	autobuf request = BUF_INIT;
	struct exchange exchange = {.head = &request, .take = take_refs, .ctx = &remote->advert};

	if (!advert_capability(&remote->advert, "ls-refs") ||
		!advert_capability(&remote->advert, "fetch"))
		return error_set(err, ERROR_SERVER, "the server does not list refs");
	add_request(remote, &request);
	advert_expect_refs(&remote->advert);
	return remote->carrier->talk(remote, &exchange, err);
}

/* ---- opening */

static bool has_login(const struct remote *remote)
{
	const struct git_credentials *credentials = remote->options->credentials;

	return str_set(remote->url.user) ||
	       (credentials && (str_set(credentials->username) || str_set(credentials->password) ||
				       str_set(credentials->bearer) || credentials->key.len));
}

static int connect_to(struct remote *remote, struct error *err)
{
	if (remote->url.scheme == GIT_HTTP && has_login(remote)) {
		error_set(err, ERROR_CONFIG, "credentials are not sent over http");
		return error_hint(err, "use https://");
	}
	remote->carrier = remote->url.scheme == GIT_SSH ? &remote_ssh : &remote_http;
	if (remote->carrier->open(remote, err) < 0)
		return -1;
	if (remote->advert.version == 2 && list_refs(remote, err) < 0)
		return -1;
	return advert_end(&remote->advert, err);
}

int remote_open(const struct remote_options *options, struct remote **ret, struct error *err)
{
	autoremote *remote = xcalloc(1, sizeof(*remote));

	remote->options = options;
	remote->name = git_url_public(options->url);
	advert_init(&remote->advert, remote_service_name(remote), options->prefixes);
	if (git_url_parse(options->url, &remote->url, err) < 0)
		return -1;
	if (connect_to(remote, err) < 0)
		return error_wrap(err, "'%s'", remote->name);
	*ret = TAKE(remote);
	return 0;
}

void remote_free(struct remote *remote)
{
	if (!remote)
		return;
	if (remote->carrier)
		remote->carrier->close(remote);
	advert_clear(&remote->advert);
	git_url_clear(&remote->url);
	free(remote->name);
	free(remote);
}

void remote_free_pointer(struct remote **slot)
{
	remote_free(*slot);
}

/* ---- asking */

const struct remote_ref *remote_refs(const struct remote *remote, size_t *count)
{
	*count = remote->advert.ref_count;
	return remote->advert.refs;
}

const struct remote_ref *remote_ref(const struct remote *remote, const char *name)
{
	size_t low = 0;
	size_t high = remote->advert.ref_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(remote->advert.refs[middle].name, name);

		if (order == 0)
			return &remote->advert.refs[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

int remote_protocol(const struct remote *remote)
{
	return remote->advert.version;
}

bool remote_takes_thin(const struct remote *remote)
{
	return !advert_capability(&remote->advert, "no-thin");
}

bool remote_is_atomic(const struct remote *remote)
{
	return advert_capability(&remote->advert, "atomic") != NULL;
}
