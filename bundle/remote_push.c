/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pushing: the updates in one list, then the pack as it is, then the server's report
 * (gitprotocol-pack(5), "Pushing Data To a Server"). There is no protocol 2 of it.
 */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/limits.h"
#include "bundle/remote_internal.h"
#include "bundle/sideband.h"

/* A pack of no objects: what is sent where all objects are there already. */
static const unsigned char empty_pack[32] = {'P', 'A', 'C', 'K', 0, 0, 0, 2, 0, 0, 0, 0, 0x02, 0x9d,
	0x08, 0x82, 0x3b, 0xd8, 0xa8, 0xea, 0xb5, 0x10, 0xad, 0x6a, 0xc7, 0x5c, 0x82, 0x3c, 0xfd,
	0x3e, 0xd3, 0x1e};

struct pushing {
	struct remote *remote;
	struct remote_push *push;
	struct pkt_reader reader; /* of the answer */
	struct pkt_reader report; /* of the report within channel 1 */
	struct sideband sideband;
	bool banded;
	bool complete; /* the report's flush has come */
	size_t next;   /* the update that the report is likely to name next */
	bool *told;    /* of each update: the report names it */
	char *unpack;  /* why the pack was not taken; NULL: it was, or nothing was said */
	bool unpack_told;
};

/* ---- the request */

static bool deletes(const struct remote_update *update)
{
	return oid_is_zero(&update->wanted);
}

static void add_capabilities(const struct pushing *pushing, struct buf *out)
{
	static const char *const names[] = {"report-status", "side-band-64k", "atomic"};
	const struct advert *advert = &pushing->remote->advert;
	autofree char *agent = remote_agent(pushing->remote);

	for (size_t i = 0; i < countof(names); i++)
		if (advert_capability(advert, names[i]))
			buf_addf(out, " %s", names[i]);
	if (!pushing->push->on_progress && advert_capability(advert, "quiet"))
		buf_adds(out, " quiet");
	if (advert_capability(advert, "object-format"))
		buf_adds(out, " object-format=sha1");
	if (advert_capability(advert, "agent"))
		buf_addf(out, " agent=%.*s", (int)strcspn(agent, " "), agent);
}

/* "old new name", with the capabilities behind the first. True if objects may be needed. */
static bool add_updates(const struct pushing *pushing, struct buf *out)
{
	const struct remote_push *push = pushing->push;
	bool objects = false;

	for (size_t i = 0; i < push->update_count; i++) {
		const struct remote_update *update = &push->updates[i];
		char old[OID_HEX_LEN + 1];
		char wanted[OID_HEX_LEN + 1];
		autobuf line = BUF_INIT;

		oid_hex(&update->old, old);
		oid_hex(&update->wanted, wanted);
		buf_addf(&line, "%s %s %s", old, wanted, update->name);
		if (i == 0) {
			buf_addc(&line, '\0');
			add_capabilities(pushing, &line);
		}
		pkt_add(out, line.ptr, line.len);
		objects = objects || !deletes(update);
	}
	pkt_add_flush(out);
	return objects;
}

/* ---- the report */

/* Reports come in the order of the updates: with a hundred thousand of them that counts. */
static struct remote_update *find_update(
	struct pushing *pushing, const char *name, size_t len, size_t *index)
{
	struct remote_push *push = pushing->push;

	for (size_t i = 0; i < push->update_count; i++) {
		size_t at = (pushing->next + i) % push->update_count;
		const char *known = push->updates[at].name;

		if (strlen(known) != len || memcmp(known, name, len) != 0)
			continue;
		*index = at;
		pushing->next = at + 1;
		return &push->updates[at];
	}
	return NULL;
}

/* A reason in one line of bounded length. */
static char *reason(const char *text, size_t len)
{
	autobuf out = BUF_INIT;

	for (size_t i = 0; i < len && i < 500; i++)
		buf_addc(&out, (unsigned char)text[i] < ' ' || text[i] == 0x7f ? ' ' : text[i]);
	buf_trim(&out);
	return out.len ? buf_detach(&out) : xstrdup("refused");
}

static int malformed(struct error *err)
{
	return error_set(err, ERROR_SERVER, "the server's report of the push is malformed");
}

/* "unpack ok", "unpack REASON". */
static int take_unpack(struct pushing *pushing, const char *text, size_t len, struct error *err)
{
	if (len < 7 || memcmp(text, "unpack ", 7) != 0)
		return malformed(err);
	pushing->unpack_told = true;
	if (len != 9 || memcmp(text + 7, "ok", 2) != 0)
		pushing->unpack = reason(text + 7, len - 7);
	return 0;
}

/* "ok NAME", "ng NAME REASON". */
static int take_status(struct pushing *pushing, const char *text, size_t len, struct error *err)
{
	bool done = len > 3 && memcmp(text, "ok ", 3) == 0;
	struct remote_update *update;
	const char *name = text + 3;
	const char *space;
	size_t name_len;
	size_t index = 0;

	if (!done && (len <= 3 || memcmp(text, "ng ", 3) != 0))
		return malformed(err);
	space = memchr(name, ' ', len - 3);
	name_len = space && !done ? (size_t)(space - name) : len - 3;
	update = find_update(pushing, name, name_len, &index);
	if (!update || pushing->told[index])
		return malformed(err);
	pushing->told[index] = true;
	if (!done)
		update->rejected = reason(name + name_len, len - 3 - name_len);
	return 0;
}

static int on_report(void *ctx, enum pkt_kind kind, const char *data, size_t len, struct error *err)
{
	struct pushing *pushing = ctx;

	if (kind == PKT_FLUSH) {
		pushing->complete = true;
		return 1;
	}
	if (kind != PKT_DATA)
		return malformed(err);
	if (len && data[len - 1] == '\n')
		len--;
	if (len > 4 && memcmp(data, "ERR ", 4) == 0)
		return advert_server_error(data + 4, len - 4, err);
	if (!pushing->unpack_told)
		return take_unpack(pushing, data, len, err);
	return take_status(pushing, data, len, err);
}

/* ---- the answer around it */

static int on_data(void *ctx, const char *data, size_t len, struct error *err)
{
	struct pushing *pushing = ctx;
	size_t used = 0;

	if (pushing->complete)
		return malformed(err);
	if (pkt_feed(&pushing->report, data, len, &used, err) < 0)
		return -1;
	return used < len ? malformed(err) : 0;
}

static int on_packet(void *ctx, enum pkt_kind kind, const char *data, size_t len, struct error *err)
{
	struct pushing *pushing = ctx;

	if (!pushing->banded)
		return on_report(pushing, kind, data, len, err);
	if (kind == PKT_FLUSH)
		return 1;
	if (kind != PKT_DATA)
		return malformed(err);
	/* Before the channels are agreed upon, as when the request itself is refused. */
	if (len > 4 && memcmp(data, "ERR ", 4) == 0)
		return advert_server_error(data + 4, len - 4, err);
	return sideband_take(&pushing->sideband, data, len, err);
}

static int take(void *ctx, const char *data, size_t len, struct error *err)
{
	struct pushing *pushing = ctx;
	size_t used = 0;
	int result = pkt_feed(&pushing->reader, data, len, &used, err);

	return result == 1 && used < len ? malformed(err) : result;
}

/* ---- */

static int64_t next_pack(void *ctx, void *data, size_t len, struct error *err)
{
	const struct pushing *pushing = ctx;

	return pushing->push->next_pack(pushing->push->ctx, data, len, err);
}

/* A first request of nothing, so that a refusal comes before a large pack has been sent. */
static int probe(struct remote *remote, struct error *err)
{
	autobuf nothing = BUF_INIT;
	struct pushing unused = {.remote = remote, .reader = PKT_READER_INIT};
	struct exchange exchange = {.head = &nothing, .take = take, .ctx = &unused};
	int result;

	unused.reader.on_packet = on_packet;
	unused.reader.ctx = &unused;
	pkt_add_flush(&nothing);
	result = remote->carrier->talk(remote, &exchange, err);
	pkt_reader_clear(&unused.reader);
	return result;
}

static int check(const struct remote *remote, const struct remote_push *push, struct error *err)
{
	const struct advert *advert = &remote->advert;

	if (!advert_capability(advert, "report-status"))
		return error_set(err, ERROR_SERVER,
			"the server is too old: it does not report what became of a push");
	if (push->thin && !remote_takes_thin(remote))
		return error_set(err, ERROR_FAILED, "the server takes no thin packs");
	for (size_t i = 0; i < push->update_count; i++)
		if (deletes(&push->updates[i]) && !advert_capability(advert, "delete-refs"))
			return error_set(err, ERROR_FAILED, "the server does not delete refs");
	return 0;
}

/* What became of it all: 0, or -1 with the first reason. */
static int judge(const struct pushing *pushing, struct error *err)
{
	struct remote_push *push = pushing->push;
	const struct remote_update *first = NULL;
	size_t rejected = 0;

	if (!pushing->complete)
		return error_set(err, ERROR_NETWORK,
			"the server ended before it said what became of the push");
	for (size_t i = 0; i < push->update_count; i++) {
		struct remote_update *update = &push->updates[i];

		if (!pushing->told[i] && !update->rejected)
			update->rejected = xstrdup("the server does not say what became of it");
		if (update->rejected && !rejected++)
			first = update;
	}
	if (pushing->unpack)
		return error_set(err, ERROR_SERVER, "the server does not take the pack: %s",
			pushing->unpack);
	if (!first)
		return 0;
	return error_set(err, ERROR_SERVER, "%zu of %zu refs not updated: '%s': %s", rejected,
		push->update_count, first->name, first->rejected);
}

static int run(struct pushing *pushing, struct error *err)
{
	struct remote *remote = pushing->remote;
	struct remote_push *push = pushing->push;
	autobuf request = BUF_INIT;
	struct exchange exchange = {.head = &request, .take = take, .ctx = pushing};
	bool objects;

	if (check(remote, push, err) < 0 || (remote->carrier->stateless && probe(remote, err) < 0))
		return -1;
	objects = add_updates(pushing, &request);
	if (objects && push->next_pack) {
		exchange.next = next_pack;
		exchange.next_size = push->pack_size;
	} else if (objects) {
		buf_add(&request, empty_pack, sizeof(empty_pack));
	}
	/* What comes after the report (hooks, a cut connection) changes nothing of what it says. */
	if (remote->carrier->talk(remote, &exchange, err) < 0 && !pushing->complete)
		return -1;
	if (err)
		error_clear(err);
	sideband_end(&pushing->sideband);
	return judge(pushing, err);
}

int remote_push(struct remote *remote, struct remote_push *push, struct error *err)
{
	struct pushing pushing = {
		.remote = remote,
		.push = push,
		.reader = PKT_READER_INIT,
		.report = PKT_READER_INIT,
		.sideband = SIDEBAND_INIT,
		.banded = advert_capability(&remote->advert, "side-band-64k") != NULL,
	};
	int result;

	if (!push->update_count)
		return 0;
	pushing.told = xcalloc(push->update_count, sizeof(*pushing.told));
	pushing.reader.on_packet = on_packet;
	pushing.reader.ctx = &pushing;
	pushing.report.on_packet = on_report;
	pushing.report.ctx = &pushing;
	pushing.sideband.on_data = on_data;
	pushing.sideband.data_ctx = &pushing;
	pushing.sideband.on_progress = push->on_progress;
	pushing.sideband.progress_ctx = push->ctx;
	result = run(&pushing, err);
	pkt_reader_clear(&pushing.reader);
	pkt_reader_clear(&pushing.report);
	sideband_clear(&pushing.sideband);
	free(pushing.told);
	free(pushing.unpack);
	return result < 0 ? error_wrap(err, "pushing to '%s'", remote->name) : 0;
}
