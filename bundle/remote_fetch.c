/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fetching: one request with all that is wanted and had, then the pack. There is no negotiation in
 * rounds: what the other end of the gap has is known. Protocol 2 (gitprotocol-v2(5), fetch), else
 * protocol 0 or 1 (gitprotocol-pack(5)).
 */
#include "base/base.h"

#include "bundle/limits.h"
#include "bundle/remote_internal.h"
#include "bundle/sideband.h"

#define PACK_HEAD 12 /* "PACK", version, number of objects */

enum stage {
	SECTION,  /* protocol 2: the name of what follows */
	SKIPPING, /* a section that does not matter here */
	ACKS,     /* protocol 0 */
	PACK,
	COMPLETE
};

struct fetching {
	struct remote *remote;
	const struct remote_fetch *fetch;
	struct pkt_reader reader;
	struct sideband sideband;
	enum stage stage;
	unsigned char head[PACK_HEAD];
	size_t head_len;
	bool empty; /* a pack of no objects is not handed out */
	bool cut;   /* parents are left out, as was asked for */
};

/* ---- the request */

static void add_oids(struct buf *out, const char *word, const struct oid *oids, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char hex[OID_HEX_LEN + 1];

		oid_hex(&oids[i], hex);
		pkt_addf(out, "%s %s\n", word, hex);
	}
}

/* A capability of protocol 2 has its features behind it: "fetch=shallow wait-for-done". */
static bool cuts_history(const struct advert *advert)
{
	const char *features = advert_capability(advert, "fetch");
	autostrv words = STRV_INIT;

	if (advert->version == 2 && features)
		strv_split(&words, features, " ", true);
	return strv_contains(&words, "shallow");
}

static void add_request_2(const struct fetching *fetching, struct buf *out)
{
	const struct remote_fetch *fetch = fetching->fetch;

	pkt_addf(out, "command=fetch\n");
	if (advert_capability(&fetching->remote->advert, "object-format"))
		pkt_addf(out, "object-format=sha1\n");
	pkt_add_delim(out);
	if (fetch->thin)
		pkt_addf(out, "thin-pack\n");
	if (!fetch->on_progress)
		pkt_addf(out, "no-progress\n");
	pkt_addf(out, "ofs-delta\n");
	add_oids(out, "want", fetch->wants, fetch->want_count);
	add_oids(out, "have", fetch->haves, fetch->have_count);
	if (fetching->cut)
		pkt_addf(out, "deepen 1\n");
	pkt_addf(out, "done\n");
	pkt_add_flush(out);
}

/* Those of the capabilities that are wanted which the server has. Some hosts answer only to
 * multi_ack_detailed. */
static void add_capabilities(const struct fetching *fetching, struct buf *out)
{
	const struct advert *advert = &fetching->remote->advert;
	const struct {
		const char *name;
		bool wanted;
	} rows[] = {
		{"multi_ack_detailed", true},
		{"side-band-64k", true},
		{"side-band", !advert_capability(advert, "side-band-64k")},
		{"thin-pack", fetching->fetch->thin},
		{"no-progress", !fetching->fetch->on_progress},
		{"ofs-delta", true},
	};

	for (size_t i = 0; i < countof(rows); i++)
		if (rows[i].wanted && advert_capability(advert, rows[i].name))
			buf_addf(out, " %s", rows[i].name);
}

static void add_request_0(const struct fetching *fetching, struct buf *out)
{
	const struct remote_fetch *fetch = fetching->fetch;
	char hex[OID_HEX_LEN + 1];
	autobuf first = BUF_INIT;

	oid_hex(&fetch->wants[0], hex);
	buf_addf(&first, "want %s", hex);
	add_capabilities(fetching, &first);
	buf_addc(&first, '\n');
	pkt_add(out, first.ptr, first.len);
	add_oids(out, "want", fetch->wants + 1, fetch->want_count - 1);
	pkt_add_flush(out);
	add_oids(out, "have", fetch->haves, fetch->have_count);
	pkt_addf(out, "done\n");
}

/* ---- the answer */

/* The head says whether it is a pack, and whether there is anything in it. */
static int check_head(struct fetching *fetching, struct error *err)
{
	const unsigned char *head = fetching->head;
	uint32_t version = (uint32_t)head[4] << 24 | (uint32_t)head[5] << 16 |
			   (uint32_t)head[6] << 8 | head[7];
	uint32_t count = (uint32_t)head[8] << 24 | (uint32_t)head[9] << 16 |
			 (uint32_t)head[10] << 8 | head[11];

	if (memcmp(head, "PACK", 4) != 0 || version != 2)
		return error_set(err, ERROR_SERVER, "the server sends no pack of version 2");
	if (count > LIMIT_PACK_OBJECTS)
		return error_set(err, ERROR_SERVER, "the pack has %u objects, at most %lu are read",
			count, LIMIT_PACK_OBJECTS);
	fetching->empty = count == 0;
	if (fetching->empty)
		return 0;
	return fetching->fetch->on_pack(fetching->fetch->ctx, head, PACK_HEAD, err);
}

static int on_data(void *ctx, const char *data, size_t len, struct error *err)
{
	struct fetching *fetching = ctx;

	if (fetching->head_len < PACK_HEAD) {
		size_t more = PACK_HEAD - fetching->head_len;

		if (more > len)
			more = len;
		memcpy(fetching->head + fetching->head_len, data, more);
		fetching->head_len += more;
		data += more;
		len -= more;
		if (fetching->head_len < PACK_HEAD)
			return 0;
		if (check_head(fetching, err) < 0)
			return -1;
	}
	if (!len || fetching->empty)
		return 0;
	return fetching->fetch->on_pack(fetching->fetch->ctx, data, len, err);
}

static bool is_line(const char *data, size_t len, const char *text)
{
	if (len && data[len - 1] == '\n')
		len--;
	return len == strlen(text) && memcmp(data, text, len) == 0;
}

static int shallow(struct error *err)
{
	error_set(err, ERROR_FAILED, "the server's own repository is shallow: it lacks history");
	return error_hint(err, "complete it there with 'git fetch --unshallow'");
}

static int unexpected(struct error *err)
{
	return error_set(err, ERROR_SERVER, "the server's answer to fetch is malformed");
}

static int take_section(struct fetching *fetching, const char *data, size_t len, struct error *err)
{
	if (is_line(data, len, "packfile"))
		fetching->stage = PACK;
	else if (is_line(data, len, "acknowledgments"))
		fetching->stage = SKIPPING;
	else if (is_line(data, len, "shallow-info") && fetching->cut)
		fetching->stage = SKIPPING;
	else if (is_line(data, len, "shallow-info"))
		return shallow(err);
	else
		return unexpected(err);
	return 0;
}

static int take_data(struct fetching *fetching, const char *data, size_t len, struct error *err)
{
	if (fetching->stage != PACK && len > 4 && memcmp(data, "ERR ", 4) == 0)
		return advert_server_error(data + 4, len - 4, err);
	switch (fetching->stage) {
	case SECTION:
		return take_section(fetching, data, len, err);
	case SKIPPING:
		return 0;
	case ACKS:
		if (len > 3 && (memcmp(data, "ACK", 3) == 0 || memcmp(data, "NAK", 3) == 0))
			return 0;
		fetching->stage = PACK;
		return sideband_take(&fetching->sideband, data, len, err);
	case PACK:
		return sideband_take(&fetching->sideband, data, len, err);
	default:
		return unexpected(err);
	}
}

static int on_packet(void *ctx, enum pkt_kind kind, const char *data, size_t len, struct error *err)
{
	struct fetching *fetching = ctx;

	if (kind == PKT_DATA)
		return take_data(fetching, data, len, err);
	if (kind == PKT_DELIM && fetching->stage == SKIPPING) {
		fetching->stage = SECTION;
		return 0;
	}
	if (kind != PKT_FLUSH || fetching->stage != PACK)
		return unexpected(err);
	fetching->stage = COMPLETE;
	return 1;
}

static int take(void *ctx, const char *data, size_t len, struct error *err)
{
	struct fetching *fetching = ctx;
	size_t used = 0;
	int result = pkt_feed(&fetching->reader, data, len, &used, err);

	return result == 1 && used < len ? unexpected(err) : result;
}

/* ---- */

static int check(const struct remote *remote, struct error *err)
{
	const struct advert *advert = &remote->advert;

	if (advert->shallow)
		return shallow(err);
	if (advert->version < 2 && !advert_capability(advert, "side-band") &&
		!advert_capability(advert, "side-band-64k"))
		return error_set(err, ERROR_SERVER, "the server is too old: it has no side-band");
	return 0;
}

static int run(struct fetching *fetching, struct error *err)
{
	struct remote *remote = fetching->remote;
	autobuf request = BUF_INIT;
	struct exchange exchange = {.head = &request, .take = take, .ctx = fetching};

	if (check(remote, err) < 0)
		return -1;
	if (remote->advert.version == 2)
		add_request_2(fetching, &request);
	else
		add_request_0(fetching, &request);
	if (remote->carrier->talk(remote, &exchange, err) < 0)
		return -1;
	sideband_end(&fetching->sideband);
	if (fetching->stage != COMPLETE || fetching->head_len < PACK_HEAD)
		return error_set(
			err, ERROR_NETWORK, "the server ended before the pack was complete");
	return 0;
}

int remote_fetch(struct remote *remote, const struct remote_fetch *fetch, struct error *err)
{
	struct fetching fetching = {
		.remote = remote,
		.fetch = fetch,
		.reader = PKT_READER_INIT,
		.sideband = SIDEBAND_INIT,
		.stage = remote->advert.version == 2 ? SECTION : ACKS,
		.cut = fetch->tip_only && cuts_history(&remote->advert),
	};
	int result;

	if (!fetch->want_count)
		return 0;
	fetching.reader.on_packet = on_packet;
	fetching.reader.ctx = &fetching;
	fetching.sideband.on_data = on_data;
	fetching.sideband.data_ctx = &fetching;
	fetching.sideband.on_progress = fetch->on_progress;
	fetching.sideband.progress_ctx = fetch->ctx;
	result = run(&fetching, err);
	pkt_reader_clear(&fetching.reader);
	sideband_clear(&fetching.sideband);
	return result < 0 ? error_wrap(err, "fetching from '%s'", remote->name) : 0;
}
