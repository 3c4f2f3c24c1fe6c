/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/os.h"
#include "bundle/canonical.h"
#include "bundle/fetch_private.h"
#include "bundle/gitbundle.h"
#include "bundle/stored_pack.h"

/* Changes when what is stored for a question does. */
#define KEY_VERSION "git-1"
#define CANONICAL_VERSION "git-canonical-1"
#define TIP_VERSION "git-tip-1"
#define FACTS_VERSION "git-findings-2"
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
int fetch_connect(struct fetch *fetch, bool everything, struct error *err)
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

static void take_fixed(struct fetch *fetch)
{
	const struct lock_git *fixed = fetch->fixed;

	fetch->refs.items = xcalloc(fixed->ref_count + 1, sizeof(*fetch->refs.items));
	for (size_t i = 0; i < fixed->ref_count; i++)
		fetch->refs.items[fetch->refs.count++] = (struct lock_ref){
			.name = xstrdup(fixed->refs[i].name), .oid = fixed->refs[i].oid};
}

int fetch_open(struct fetch *fetch, struct error *err)
{
	struct refs_server server;

	if (fetch_connect(fetch, fetch->fixed != NULL, err) < 0)
		return -1;
	if (fetch->fixed) {
		take_fixed(fetch);
		return 0;
	}
	server.refs = remote_refs(fetch->remote, &server.count);
	return refs_choose(
		&server, fetch->wants, fetch->want_count, fetch->all_refs, &fetch->refs, err);
}

/* ---- what is asked for */

/* What has to come: every ref's object that the base does not have. */
static void collect_wants(const struct fetch *fetch, struct oid_set *ret)
{
	for (size_t i = 0; fetch->tip_only && i < fetch->refs.in_use_count; i++)
		oid_set_add(ret, &fetch->refs.in_use[i]);
	if (fetch->tip_only)
		return;
	for (size_t i = 0; i < fetch->refs.count; i++)
		if (!fetch->base_odb || !odb_has(fetch->base_odb, &fetch->refs.items[i].oid))
			oid_set_add(ret, &fetch->refs.items[i].oid);
	oid_set_sort(ret);
}

/* The commits of the base's refs: a git bundle's prerequisites are commits. */
static int collect_haves(const struct fetch *fetch, struct oid_set *ret, struct error *err)
{
	for (size_t i = 0; fetch->base && i < fetch->base->ref_count; i++) {
		struct oid commit;

		if (odb_peel(fetch->base_odb, &fetch->base->refs[i].oid, &commit, err) < 0)
			return -1;
		oid_set_add(ret, &commit);
	}
	oid_set_sort(ret);
	return 0;
}

/* The question that an answer in the store belongs to. */
static char *question(const struct fetch *fetch, const struct oid_set *haves, bool canonical)
{
	autodigest *digest = digest_new(DIGEST_SHA256);
	char hex[2 * DIGEST_MAX + 1];
	const char *version = fetch->tip_only ? TIP_VERSION
			      : canonical     ? CANONICAL_VERSION
					      : KEY_VERSION;
	autobuf text = BUF_INIT;

	buf_addf(&text, "%s\n", fetch->url);
	for (size_t i = 0; fetch->tip_only && i < fetch->refs.in_use_count; i++) {
		oid_hex(&fetch->refs.in_use[i], hex);
		buf_addf(&text, "%s\n", hex);
	}
	gitbundle_write(haves->items, haves->count, fetch->refs.items, fetch->refs.count, &text);
	digest_add(digest, text.ptr, text.len);
	digest_end_hex(digest, hex);
	return xasprintf("%s %s", version, hex);
}

/* ---- packs made anew */

static int on_canonical(void *ctx, const void *data, size_t len, struct error *err)
{
	return store_write(ctx, data, len, err);
}

/* From the received pack, which is the last of the odb: the bundle of the same refs in the store. */
static int repack(
	struct fetch *fetch, struct odb *odb, const struct oid_set *haves, struct error *err)
{
	autooids tips = {.items = NULL};
	struct store_file file;
	autobuf header = BUF_INIT;
	uint32_t objects = 0;
	struct canonical canonical = {
		.odb = odb,
		.base_packs = fetch->base_packs,
		.on_pack = on_canonical,
		.ctx = &file,
	};

	for (size_t i = 0; i < fetch->refs.count; i++)
		oid_set_add(&tips, &fetch->refs.items[i].oid);
	oid_set_sort(&tips);
	canonical.tips = tips.items;
	canonical.tip_count = tips.count;
	if (store_begin(fetch->store, &file, err) < 0)
		return -1;
	gitbundle_write(haves->items, haves->count, fetch->refs.items, fetch->refs.count, &header);
	if (store_write(&file, header.ptr, header.len, err) < 0 ||
		canonical_pack(&canonical, &objects, err) < 0) {
		store_abandon(&file);
		return -1;
	}
	fetch->findings.objects = objects;
	fetch->size = file.size;
	return store_end(&file, &fetch->bundle, err);
}

/* Look through the trees, which may lie in the base; then the pack is made anew if that is wanted. */
int fetch_scan(struct fetch *fetch, struct odb *odb, const struct oid_set *haves, struct error *err)
{
	if (findings_scan(
		    odb, fetch->refs.in_use, fetch->refs.in_use_count, &fetch->findings, err) < 0)
		return -1;
	return fetch->canonical ? repack(fetch, odb, haves, err) : 0;
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

/* A received git bundle is in the store, and its trees or a pack made anew are wanted. */
static int scan_stored(struct fetch *fetch, const struct oid_set *haves, struct error *err)
{
	autoodb *odb = fetch->base_odb ? TAKE(fetch->base_odb) : odb_new();
	struct stored_pack *stored = NULL;
	int result = stored_pack_open(
		fetch->store, &fetch->received, odb, fetch->tip_only, &stored, err);

	if (result == 0) {
		fetch->findings.objects = stored_pack_objects(stored);
		result = fetch_scan(fetch, odb, haves, err);
	}
	/* The odb goes first: it reads from the other. */
	odb_free(TAKE(odb));
	stored_pack_free(stored);
	return result < 0 ? -1 : remember_findings(fetch, err);
}

static int get_received(struct fetch *fetch, const struct oid_set *wants,
	const struct oid_set *haves, struct error *err)
{
	autofree char *key = question(fetch, haves, false);

	fetch->recalled = store_recall(fetch->store, key, &fetch->received, &fetch->size);
	if (!fetch->recalled) {
		if (fetch_download(fetch, wants, haves, err) < 0 ||
			store_note(fetch->store, key, &fetch->received, err) < 0)
			return -1;
		return remember_findings(fetch, err);
	}
	if (!fetch->canonical) {
		fetch->bundle = fetch->received;
		if (recall_findings(fetch))
			return 0;
	}
	return scan_stored(fetch, haves, err);
}

/* The pack that was made anew before, if all is known of it. */
static bool recall_canonical(struct fetch *fetch, const char *key)
{
	fetch->recalled = store_recall(fetch->store, key, &fetch->bundle, &fetch->size) &&
			  recall_findings(fetch);
	return fetch->recalled;
}

uint64_t fetch_stored(struct fetch *fetch)
{
	const struct oid_set none = {.items = NULL};
	autofree char *key = question(fetch, &none, fetch->canonical);
	struct sha256_text digest;
	uint64_t size;

	return store_recall(fetch->store, key, &digest, &size) ? size : 0;
}

int fetch_run(struct fetch *fetch, struct error *err)
{
	autooids wants = {.items = NULL};
	autooids haves = {.items = NULL};
	autofree char *canonical = NULL;

	collect_wants(fetch, &wants);
	if (collect_haves(fetch, &haves, err) < 0)
		return -1;
	canonical = question(fetch, &haves, true);
	if (!fetch->canonical || !recall_canonical(fetch, canonical)) {
		if (get_received(fetch, &wants, &haves, err) < 0)
			return -1;
		if (fetch->canonical &&
			store_note(fetch->store, canonical, &fetch->bundle, err) < 0)
			return -1;
	}
	/* A pack that is made anew has no deltas on what is not in it. */
	fetch->thin = haves.count > 0 && !fetch->canonical;
	fetch->prerequisites = TAKE(haves.items);
	fetch->prerequisite_count = haves.count;
	return 0;
}
