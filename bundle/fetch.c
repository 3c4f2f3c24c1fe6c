/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/os.h"
#include "bundle/fetch.h"
#include "bundle/gitbundle.h"
#include "bundle/stored_pack.h"

/* Changes when what is stored for a question does. */
#define KEY_VERSION "git-1"
#define FACTS_VERSION "git-findings-1"
#define MAX_FACTS ((size_t)64 << 20)

void fetch_clear(struct fetch *fetch)
{
	remote_free(fetch->remote);
	fetch->remote = NULL;
	strv_clear(&fetch->prefixes);
	odb_free(TAKE(fetch->base_odb));
	refs_clear(&fetch->refs);
	findings_clear(&fetch->findings);
	free(fetch->prerequisites);
	fetch->prerequisites = NULL;
	fetch->prerequisite_count = 0;
}

/* ---- choosing */

/* `everything`: all branches and tags, not only those that the wants need. */
static int connect(struct fetch *fetch, bool everything, struct error *err)
{
	remote_free(TAKE(fetch->remote));
	fetch->options = (struct remote_options){
		.url = fetch->url,
		.service = REMOTE_FETCH,
		.credentials = fetch->credentials,
		.user_agent = fetch->user_agent,
		.prefixes = &fetch->prefixes,
		.tick = fetch->tick,
		.tick_ctx = fetch->ctx,
	};
	strv_clear(&fetch->prefixes);
	refs_prefixes(
		fetch->wants, fetch->want_count, everything || fetch->all_refs, &fetch->prefixes);
	return remote_open(&fetch->options, &fetch->remote, err);
}

int fetch_open(struct fetch *fetch, struct error *err)
{
	struct refs_server server;

	if (connect(fetch, false, err) < 0)
		return -1;
	server.refs = remote_refs(fetch->remote, &server.count);
	return refs_choose(
		&server, fetch->wants, fetch->want_count, fetch->all_refs, &fetch->refs, err);
}

/* ---- sets of objects */

struct oids {
	struct oid *items;
	size_t count;
};

static void oids_clear(struct oids *oids)
{
	free(oids->items);
}
#define autooids CLEANUP(oids_clear) struct oids

static int compare_oids(const void *left, const void *right)
{
	return oid_compare(left, right);
}

static void oids_add(struct oids *oids, const struct oid *oid)
{
	if ((oids->count & (oids->count - 1)) == 0)
		oids->items = xreallocarray(
			oids->items, oids->count ? oids->count * 2 : 1, sizeof(*oids->items));
	oids->items[oids->count++] = *oid;
}

static void oids_sort(struct oids *oids)
{
	size_t kept = 0;

	if (oids->count)
		qsort(oids->items, oids->count, sizeof(*oids->items), compare_oids);
	for (size_t i = 0; i < oids->count; i++)
		if (!kept || !oid_equal(&oids->items[kept - 1], &oids->items[i]))
			oids->items[kept++] = oids->items[i];
	oids->count = kept;
}

/* What has to come: every ref's object that the base does not have. */
static void collect_wants(const struct fetch *fetch, struct oids *ret)
{
	for (size_t i = 0; i < fetch->refs.count; i++)
		if (!fetch->base_odb || !odb_has(fetch->base_odb, &fetch->refs.items[i].oid))
			oids_add(ret, &fetch->refs.items[i].oid);
	oids_sort(ret);
}

/* The commits of the base's refs: a git bundle's prerequisites are commits. */
static int collect_haves(const struct fetch *fetch, struct oids *ret, struct error *err)
{
	for (size_t i = 0; fetch->base && i < fetch->base->ref_count; i++) {
		struct oid commit;

		if (odb_peel(fetch->base_odb, &fetch->base->refs[i].oid, &commit, err) < 0)
			return -1;
		oids_add(ret, &commit);
	}
	oids_sort(ret);
	return 0;
}

/* The question that an answer in the store belongs to. */
static char *question(const struct fetch *fetch, const struct oids *haves)
{
	autodigest *digest = digest_new(DIGEST_SHA256);
	char hex[2 * DIGEST_MAX + 1];
	autobuf text = BUF_INIT;

	buf_addf(&text, "%s\n", fetch->url);
	gitbundle_write(haves->items, haves->count, fetch->refs.items, fetch->refs.count, &text);
	digest_add(digest, text.ptr, text.len);
	digest_end_hex(digest, hex);
	return xasprintf(KEY_VERSION " %s", hex);
}

/* ---- downloading */

struct download {
	struct fetch *fetch;
	struct store_file file;
	struct pack_file pack_file;
	struct pack_indexer *indexer;
	uint64_t received;
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

static int begin(struct download *download, const struct oids *haves, struct error *err)
{
	struct fetch *fetch = download->fetch;
	struct pack_bytes bytes = {.read = pack_file_read, .ctx = &download->pack_file};
	autobuf header = BUF_INIT;

	if (store_begin(fetch->store, &download->file, err) < 0)
		return -1;
	gitbundle_write(haves->items, haves->count, fetch->refs.items, fetch->refs.count, &header);
	if (store_write(&download->file, header.ptr, header.len, err) < 0)
		return -1;
	download->pack_file = (struct pack_file){
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

static int ask(struct download *download, const struct oids *wants, const struct oids *haves,
	struct error *err)
{
	struct remote_fetch question = {
		.wants = wants->items,
		.want_count = wants->count,
		.haves = haves->items,
		.have_count = haves->count,
		.thin = haves->count > 0,
		.on_pack = on_pack,
		.on_progress = on_server_progress,
		.ctx = download,
	};

	if (wants->count && remote_fetch(download->fetch->remote, &question, err) < 0)
		return -1;
	return download->received ? 0 : add_empty_pack(download, err);
}

/* Every ref's object has to have come, or to be in the base. */
static int check_refs(const struct fetch *fetch, const struct pack *pack, struct error *err)
{
	for (size_t i = 0; i < fetch->refs.count; i++) {
		const struct lock_ref *ref = &fetch->refs.items[i];
		char hex[OID_HEX_LEN + 1];

		if (pack_has(pack, &ref->oid) ||
			(fetch->base_odb && odb_has(fetch->base_odb, &ref->oid)))
			continue;
		oid_hex(&ref->oid, hex);
		error_set(err, ERROR_NOT_FOUND, "the server does not have %s of %s any more", hex,
			ref->name);
		return error_hint(err, "--latest takes what the branch holds now, "
				       "--from-artifacts what source-controller holds");
	}
	return 0;
}

/* Look through the trees, which may lie in the base; the pack becomes its odb's. */
static int scan(struct fetch *fetch, struct pack *pack, struct error *err)
{
	autoodb *odb = fetch->base_odb ? TAKE(fetch->base_odb) : odb_new();

	fetch->findings.objects = pack_count(pack);
	odb_add(odb, pack);
	return findings_scan(
		odb, fetch->refs.in_use, fetch->refs.in_use_count, &fetch->findings, err);
}

static int end(struct download *download, struct error *err)
{
	struct fetch *fetch = download->fetch;
	struct pack *pack = NULL;

	if (pack_indexer_end(
		    download->indexer, os_processors(), fetch->tick, fetch->ctx, &pack, err) < 0)
		return -1;
	if (check_refs(fetch, pack, err) < 0) {
		pack_free(pack);
		return -1;
	}
	if (scan(fetch, pack, err) < 0)
		return -1;
	fetch->size = download->file.size;
	return store_end(&download->file, &fetch->bundle, err);
}

static int run_download(
	struct fetch *fetch, const struct oids *wants, const struct oids *haves, struct error *err)
{
	struct download download = {.fetch = fetch, .file = {.fd = -1}};
	int result = begin(&download, haves, err);

	if (result == 0)
		result = ask(&download, wants, haves, err);
	if (result == 0)
		result = end(&download, err);
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
static bool tips_instead(const struct fetch *fetch, const struct oids *wants, struct oids *ret)
{
	size_t count;
	const struct remote_ref *refs = remote_refs(fetch->remote, &count);
	bool differs = false;

	for (size_t i = 0; i < wants->count; i++)
		differs = differs || !is_listed(fetch, &wants->items[i]);
	for (size_t i = 0; differs && i < count; i++)
		if (starts_with(refs[i].name, "refs/"))
			oids_add(ret, &refs[i].oid);
	oids_sort(ret);
	return differs && ret->count;
}

/*
 * An applied commit that is no tip is asked for by its name, which servers of protocol 2 allow. One
 * that refuses is asked for all its tips, whose history should have it.
 */
static int download(
	struct fetch *fetch, const struct oids *wants, const struct oids *haves, struct error *err)
{
	autooids tips = {.items = NULL};
	autoerror first = ERROR_INIT;

	if (run_download(fetch, wants, haves, &first) == 0)
		return 0;
	if (first.kind != ERROR_SERVER || connect(fetch, true, NULL) < 0 ||
		!tips_instead(fetch, wants, &tips))
		return error_move(err, &first);
	findings_clear(&fetch->findings);
	return run_download(fetch, &tips, haves, err);
}

/* ---- remembering */

static char *facts_key(const struct fetch *fetch)
{
	struct buf key = BUF_INIT;

	buf_addf(&key, FACTS_VERSION " %s", fetch->bundle.text);
	for (size_t i = 0; i < fetch->refs.in_use_count; i++) {
		char hex[OID_HEX_LEN + 1];

		oid_hex(&fetch->refs.in_use[i], hex);
		buf_addf(&key, " %s", hex);
	}
	return buf_detach(&key);
}

/* What is known of the trees of a git bundle that is in the store. */
static bool recall_findings(struct fetch *fetch)
{
	autofree char *key = facts_key(fetch);
	struct sha256_text digest;
	uint64_t size;
	autofd fd = -1;
	autobuf text = BUF_INIT;

	if (!store_recall(fetch->store, key, &digest, &size) || size > MAX_FACTS ||
		store_read(fetch->store, &digest, &fd, NULL) < 0)
		return false;
	buf_grow(&text, (size_t)size);
	if (file_pread(fd, "the cache", 0, text.ptr, (size_t)size, NULL) < 0)
		return false;
	buf_commit(&text, (size_t)size);
	return findings_read(text.ptr, text.len, &fetch->findings);
}

static int remember_findings(struct fetch *fetch, struct error *err)
{
	autofree char *key = facts_key(fetch);
	autobuf text = BUF_INIT;
	struct sha256_text digest;

	findings_write(&fetch->findings, &text);
	if (store_add(fetch->store, text.ptr, text.len, &digest, err) < 0)
		return -1;
	return store_note(fetch->store, key, &digest, err);
}

/* The trees of a git bundle that is in the store, wanted for others than those that are known. */
static int scan_stored(struct fetch *fetch, struct error *err)
{
	struct odb *odb = fetch->base_odb ? TAKE(fetch->base_odb) : odb_new();
	struct stored_pack *stored = NULL;
	int result = stored_pack_open(fetch->store, &fetch->bundle, odb, &stored, err);

	if (result == 0) {
		fetch->findings.objects = stored_pack_objects(stored);
		result = findings_scan(
			odb, fetch->refs.in_use, fetch->refs.in_use_count, &fetch->findings, err);
	}
	odb_free(odb);
	stored_pack_free(stored);
	return result < 0 ? -1 : remember_findings(fetch, err);
}

uint64_t fetch_stored(struct fetch *fetch)
{
	const struct oids none = {.items = NULL};
	autofree char *key = question(fetch, &none);
	struct sha256_text digest;
	uint64_t size;

	return store_recall(fetch->store, key, &digest, &size) ? size : 0;
}

int fetch_run(struct fetch *fetch, struct error *err)
{
	autooids wants = {.items = NULL};
	autooids haves = {.items = NULL};
	autofree char *key = NULL;

	collect_wants(fetch, &wants);
	if (collect_haves(fetch, &haves, err) < 0)
		return -1;
	key = question(fetch, &haves);
	fetch->recalled = store_recall(fetch->store, key, &fetch->bundle, &fetch->size);
	if (!fetch->recalled && (download(fetch, &wants, &haves, err) < 0 ||
					store_note(fetch->store, key, &fetch->bundle, err) < 0 ||
					remember_findings(fetch, err) < 0))
		return -1;
	if (fetch->recalled && !recall_findings(fetch) && scan_stored(fetch, err) < 0)
		return -1;
	fetch->thin = haves.count > 0;
	fetch->prerequisites = TAKE(haves.items);
	fetch->prerequisite_count = haves.count;
	return 0;
}
