/* SPDX-License-Identifier: Apache-2.0 */
/* A pack on its way: written, indexed and checked while it comes. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/digest.h"
#include "base/os.h"
#include "bundle/fetch_private.h"
#include "bundle/gitbundle.h"
#include "bundle/stored_pack.h"

struct download {
	struct fetch *fetch;
	struct store_file file;
	struct stored_file pack_file;
	struct pack_indexer *indexer;
	uint64_t received;
	bool whole; /* with its history in any case */
	const char *server_says;
};

static void show(struct download *download)
{
	struct fetch *fetch = download->fetch;
	struct fetch_progress progress = {
		.received = download->received,
		.server_says = download->server_says,
	};

	if (!fetch->on_progress)
		return;
	if (download->indexer)
		pack_indexer_progress(download->indexer, &progress.of, &progress.objects);
	fetch->on_progress(fetch->ctx, &progress);
}

static int on_pack(void *ctx, const void *data, size_t len, struct error *err)
{
	struct download *download = ctx;

	if (store_write(&download->file, data, len, err) < 0)
		return -1;
	download->received += len;
	if (pack_indexer_feed(download->indexer, len, err) < 0)
		return -1;
	show(download);
	return 0;
}

static void on_server_progress(void *ctx, const char *text)
{
	struct download *download = ctx;

	download->server_says = text;
	show(download);
	download->server_says = NULL;
}

/* A pack of no objects: what a source gets whose refs moved to what the base has already. */
static int add_empty_pack(struct download *download, struct error *err)
{
	static const unsigned char head[12] = {'P', 'A', 'C', 'K', 0, 0, 0, 2, 0, 0, 0, 0};
	unsigned char pack[sizeof(head) + DIGEST_MAX];
	autodigest *digest = digest_new(DIGEST_SHA1);
	size_t len = sizeof(head);

	memcpy(pack, head, len);
	digest_add(digest, head, len);
	len += digest_end(digest, pack + len);
	return on_pack(download, pack, len, err);
}

static int begin(struct download *download, const struct oid_set *haves, struct error *err)
{
	struct fetch *fetch = download->fetch;
	struct pack_bytes bytes = {.read = stored_file_read, .ctx = &download->pack_file};
	autobuf header = BUF_INIT;

	if (store_begin(fetch->store, &download->file, err) < 0)
		return -1;
	gitbundle_write(haves->items, haves->count, fetch->refs.items, fetch->refs.count, &header);
	if (store_write(&download->file, header.ptr, header.len, err) < 0)
		return -1;
	download->pack_file = (struct stored_file){
		.fd = download->file.fd,
		.offset = header.len,
		.name = "the pack that arrives",
	};
	download->indexer = pack_indexer_new(&bytes, fetch->base_odb);
	return 0;
}

static void download_clear(struct download *download)
{
	pack_indexer_free(download->indexer);
	store_abandon(&download->file);
}

static int ask(struct download *download, const struct oid_set *wants, const struct oid_set *haves,
	struct error *err)
{
	const struct fetch *fetch = download->fetch;
	struct remote_fetch question = {
		.wants = wants->items,
		.want_count = wants->count,
		.haves = haves->items,
		.have_count = haves->count,
		.thin = haves->count > 0,
		.tip_only = fetch->tip_only && !download->whole,
		.on_pack = on_pack,
		.on_progress = on_server_progress,
		.ctx = download,
	};

	if (wants->count && remote_fetch(fetch->remote, &question, err) < 0)
		return -1;
	return download->received ? 0 : add_empty_pack(download, err);
}

static int gone(const struct oid *oid, const char *of, struct error *err)
{
	char hex[OID_HEX_LEN + 1];

	oid_hex(oid, hex);
	error_set(err, ERROR_NOT_FOUND, "the server does not have %s of %s any more", hex, of);
	return error_hint(err, "--latest takes what the branch holds now, "
			       "--from-artifacts what source-controller holds");
}

/* Every ref's object has to have come, or to be in the base; without history those in use. */
static int check_refs(const struct fetch *fetch, const struct pack *pack, struct error *err)
{
	for (size_t i = 0; fetch->tip_only && i < fetch->refs.in_use_count; i++)
		if (!pack_has(pack, &fetch->refs.in_use[i]))
			return gone(&fetch->refs.in_use[i], "the repository", err);
	for (size_t i = 0; !fetch->tip_only && i < fetch->refs.count; i++) {
		const struct lock_ref *ref = &fetch->refs.items[i];

		if (!pack_has(pack, &ref->oid) &&
			(!fetch->base_odb || !odb_has(fetch->base_odb, &ref->oid)))
			return gone(&ref->oid, ref->name, err);
	}
	return 0;
}

static int end(struct download *download, const struct oid_set *haves, struct error *err)
{
	struct fetch *fetch = download->fetch;
	struct sha256_text *received = &fetch->received;
	struct pack_work work = {.cut = fetch->tip_only, .tick = fetch->tick, .ctx = fetch->ctx};
	struct pack *pack = NULL;
	autoodb *odb = NULL;

	if (pack_indexer_end(download->indexer, &work, &pack, err) < 0)
		return -1;
	if (check_refs(fetch, pack, err) < 0) {
		pack_free(pack);
		return -1;
	}
	odb = fetch->base_odb ? TAKE(fetch->base_odb) : odb_new();
	fetch->findings.objects = pack_count(pack);
	odb_add(odb, pack);
	fetch->size = download->file.size;
	if (fetch_scan(fetch, odb, haves, err) < 0 || store_end(&download->file, received, err) < 0)
		return -1;
	if (!fetch->canonical)
		fetch->bundle = *received;
	return 0;
}

static int run_download(struct fetch *fetch, const struct oid_set *wants,
	const struct oid_set *haves, bool whole, struct error *err)
{
	struct download download = {.fetch = fetch, .file = {.fd = -1}, .whole = whole};
	int result = begin(&download, haves, err);

	if (result == 0)
		result = ask(&download, wants, haves, err);
	if (result == 0)
		result = end(&download, haves, err);
	download_clear(&download);
	return result;
}

static bool is_listed(const struct fetch *fetch, const struct oid *oid)
{
	size_t count;
	const struct remote_ref *refs = remote_refs(fetch->remote, &count);

	for (size_t i = 0; i < count; i++)
		if (oid_equal(&refs[i].oid, oid))
			return true;
	return false;
}

/* All that the server lists, if it does not list all that is wanted. */
static bool tips_instead(
	const struct fetch *fetch, const struct oid_set *wants, struct oid_set *ret)
{
	size_t count;
	const struct remote_ref *refs = remote_refs(fetch->remote, &count);
	bool differs = false;

	for (size_t i = 0; i < wants->count; i++)
		differs = differs || !is_listed(fetch, &wants->items[i]);
	for (size_t i = 0; differs && i < count; i++)
		if (starts_with(refs[i].name, "refs/"))
			oid_set_add(ret, &refs[i].oid);
	oid_set_sort(ret);
	return differs && ret->count;
}

/*
 * An applied commit that is no tip is asked for by its name, which servers of protocol 2 allow. One
 * that refuses is asked for all its tips, whose history should have it.
 */
int fetch_download(struct fetch *fetch, const struct oid_set *wants, const struct oid_set *haves,
	struct error *err)
{
	autooids tips = {.items = NULL};
	autoerror first = ERROR_INIT;

	if (run_download(fetch, wants, haves, false, &first) == 0)
		return 0;
	if ((first.kind != ERROR_SERVER && first.kind != ERROR_NOT_FOUND) ||
		fetch_connect(fetch, true, NULL) < 0 || !tips_instead(fetch, wants, &tips))
		return error_move(err, &first);
	findings_clear(&fetch->findings);
	return run_download(fetch, &tips, haves, true, err);
}
