/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/digest.h"
#include "bundle/canonical.h"
#include "bundle/gitbundle.h"
#include "bundle/limits.h"
#include "bundle/merge.h"
#include "bundle/source.h"

#define PIECE (1 * MiB)
#define HEADER_LEN 12 /* "PACK", the version, the number of objects */

/* ---- whether they fit */

static bool is_whole(const struct lock *lock)
{
	for (size_t i = 0; i < lock->blob_count; i++)
		if (lock->blobs[i].where == LOCK_BASE)
			return false;
	for (size_t i = 0; i < lock->git_count; i++)
		if (lock->git[i].prerequisite_count)
			return false;
	return true;
}

static int check_fits(const struct merge *merge, struct error *err)
{
	const struct bundle *base = merge->base;
	const struct bundle *delta = merge->delta;
	const char *base_name = media_name(base->media);
	const char *delta_name = media_name(delta->media);

	if (!*delta->lock.base.text)
		return error_set(
			err, ERROR_INCOMPLETE, "%s builds on nothing: it is whole", delta_name);
	if (!sha256_text_equal(&delta->lock.base, &base->id))
		return error_set(err, ERROR_INCOMPLETE,
			"%s builds on number %llu, %s; %s is number %llu, %s", delta_name,
			(unsigned long long)delta->lock.base_sequence, delta->lock.base.text,
			base_name, (unsigned long long)base->lock.sequence, base->id.text);
	if (is_whole(&base->lock))
		return 0;
	error_set(err, ERROR_INCOMPLETE, "%s is itself only what has changed since number %llu",
		base_name, (unsigned long long)base->lock.base_sequence);
	return error_hint(err, "merge it with the one that it builds on first");
}

/* ---- blobs */

static int copy_blob(const struct merge *merge, struct bundle *from,
	const struct sha256_text *digest, uint64_t offset, uint64_t size, struct error *err)
{
	autofree char *piece = xmalloc(PIECE);
	struct store_file file;
	struct sha256_text copied;

	if (store_begin(merge->store, &file, err) < 0)
		return -1;
	for (uint64_t done = 0; done < size;) {
		size_t len = size - done < PIECE ? (size_t)(size - done) : PIECE;

		if (media_read(from->media, offset + done, piece, len, err) < 0 ||
			store_write(&file, piece, len, err) < 0 ||
			(merge->tick && merge->tick(merge->ctx, err) < 0)) {
			store_abandon(&file);
			return -1;
		}
		done += len;
	}
	if (store_end(&file, &copied, err) < 0)
		return -1;
	if (sha256_text_equal(&copied, digest))
		return 0;
	return error_set(err, ERROR_DAMAGED, "%s: blob %s is %s", media_name(from->media),
		digest->text, copied.text);
}

/* Into the store and the lock, from whichever has it. */
static int take_blob(const struct merge *merge, const struct sha256_text *digest, struct lock *ret,
	struct error *err)
{
	const struct lock_blob *row = lock_blob(&merge->delta->lock, digest);
	struct bundle *from = row && row->where == LOCK_SELF ? merge->delta : merge->base;
	uint64_t offset;
	uint64_t size;

	if (!*digest->text)
		return 0;
	row = lock_blob(&from->lock, digest);
	if (!row)
		return error_set(err, ERROR_DAMAGED,
			"%s does not have blob %s, which %s takes from it", media_name(from->media),
			digest->text, media_name(merge->delta->media));
	if (bundle_blob(from, digest, &offset, &size, err) < 0)
		return -1;
	if (!store_has(merge->store, digest, NULL, NULL) &&
		copy_blob(merge, from, digest, offset, size, err) < 0)
		return -1;
	lock_add_blob(ret, digest, size, row->media_type, LOCK_SELF);
	return 0;
}

/* ---- packs */

struct combining {
	const struct merge *merge;
	struct store_file file;
	struct digest *digest; /* of the pack so far */
};

static int put(struct combining *combining, const void *data, size_t len, struct error *err)
{
	digest_add(combining->digest, data, len);
	return store_write(&combining->file, data, len, err);
}

/* The objects of a pack as they stand: those that lean on earlier ones of it keep their distance. */
static int put_objects(struct combining *combining, const struct pack *pack, struct error *err)
{
	const struct pack_bytes *bytes = pack_place(pack);
	const struct merge *merge = combining->merge;
	autofree char *piece = xmalloc(PIECE);
	uint64_t end = bytes->size - OID_LEN;

	for (uint64_t at = HEADER_LEN; at < end;) {
		size_t len = end - at < PIECE ? (size_t)(end - at) : PIECE;

		if (bytes->read(bytes->ctx, at, piece, len, err) < 0 ||
			put(combining, piece, len, err) < 0 ||
			(merge->tick && merge->tick(merge->ctx, err) < 0))
			return -1;
		at += len;
	}
	return 0;
}

static int put_pack(struct combining *combining, const struct pack *first,
	const struct pack *second, struct error *err)
{
	uint32_t count = pack_count(first) + pack_count(second);
	unsigned char head[HEADER_LEN] = {'P', 'A', 'C', 'K', 0, 0, 0, 2};
	unsigned char trailer[DIGEST_MAX];
	size_t len;

	for (size_t i = 0; i < 4; i++)
		head[8 + i] = (unsigned char)(count >> (24 - 8 * i));
	if (put(combining, head, sizeof(head), err) < 0 || put_objects(combining, first, err) < 0 ||
		put_objects(combining, second, err) < 0)
		return -1;
	len = digest_end(combining->digest, trailer);
	return store_write(&combining->file, trailer, len, err);
}

/* A pack may hold no object twice, and a server may have sent one that the other side had. */
static bool share_objects(const struct pack *first, const struct pack *second)
{
	for (uint32_t i = 0; i < pack_count(second); i++)
		if (pack_has(first, pack_oid(second, i)))
			return true;
	return false;
}

static int on_canonical(void *ctx, const void *data, size_t len, struct error *err)
{
	struct combining *combining = ctx;

	return store_write(&combining->file, data, len, err);
}

static int repack(
	struct combining *combining, struct odb *odb, struct lock_git *git, struct error *err)
{
	autofree struct oid *tips = xcalloc(git->ref_count + 1, sizeof(*tips));
	const struct canonical canonical = {
		.odb = odb,
		.tips = tips,
		.tip_count = git->ref_count,
		.on_pack = on_canonical,
		.ctx = combining,
	};
	uint32_t objects;

	for (size_t i = 0; i < git->ref_count; i++)
		tips[i] = git->refs[i].oid;
	str_replace(&git->packing, "canonical");
	if (canonical_pack(&canonical, &objects, err) < 0)
		return -1;
	git->objects = objects;
	return 0;
}

/* One git bundle of the base's pack and the delta's. */
static int combine(
	struct combining *combining, struct source *source, struct lock_git *git, struct error *err)
{
	const struct pack *first = odb_pack(source->odb, 0);
	const struct pack *second = odb_pack(source->odb, 1);
	autobuf header = BUF_INIT;

	gitbundle_write(NULL, 0, git->refs, git->ref_count, &header);
	if (store_write(&combining->file, header.ptr, header.len, err) < 0)
		return -1;
	if (!second || share_objects(first, second) ||
		(uint64_t)pack_count(first) + pack_count(second) > LIMIT_PACK_OBJECTS)
		return repack(combining, source->odb, git, err);
	git->objects = (uint64_t)pack_count(first) + pack_count(second);
	return put_pack(combining, first, second, err);
}

static int combine_source(const struct merge *merge, const struct lock_git *delta,
	struct lock_git *git, struct lock *ret, struct error *err)
{
	struct bundle *bases[] = {merge->base};
	const struct source_options options = {
		.bases = bases,
		.base_count = 1,
		.tick = merge->tick,
		.tick_ctx = merge->ctx,
	};
	struct combining combining = {.merge = merge};
	autosource *source = NULL;
	uint64_t size;
	int result;

	if (source_open(merge->delta, delta, &options, &source, err) < 0 ||
		store_begin(merge->store, &combining.file, err) < 0)
		return -1;
	combining.digest = digest_new(DIGEST_SHA1);
	result = combine(&combining, source, git, err);
	digest_free(combining.digest);
	if (result < 0) {
		store_abandon(&combining.file);
		return -1;
	}
	size = combining.file.size;
	if (store_end(&combining.file, &git->bundle, err) < 0)
		return -1;
	free(TAKE(git->prerequisites));
	git->prerequisite_count = 0;
	git->thin = false;
	lock_add_blob(ret, &git->bundle, size, MEDIA_GIT_BUNDLE, LOCK_SELF);
	return 0;
}

/* ---- all */

static int take_source(const struct merge *merge, size_t index, struct lock *ret, struct error *err)
{
	const struct lock_git *delta = &merge->delta->lock.git[index];
	struct lock_git *git = &ret->git[index];

	if (take_blob(merge, &git->snapshot, ret, err) < 0)
		return -1;
	if (git->prerequisite_count)
		return combine_source(merge, delta, git, ret, err);
	return take_blob(merge, &git->bundle, ret, err);
}

static void clear_blobs(struct lock *lock)
{
	for (size_t i = 0; i < lock->blob_count; i++)
		free(lock->blobs[i].media_type);
	free(TAKE(lock->blobs));
	lock->blob_count = 0;
}

int bundle_merge(const struct merge *merge, struct lock *ret, struct error *err)
{
	const struct buf *text = &merge->delta->lock_text;

	*ret = (struct lock)LOCK_INIT;
	if (check_fits(merge, err) < 0 || lock_read(text->ptr, text->len, ret, err) < 0)
		return -1;
	clear_blobs(ret);
	ret->base = (struct sha256_text){.text = ""};
	ret->base_sequence = 0;
	for (size_t i = 0; i < ret->git_count; i++)
		if (take_source(merge, i, ret, err) < 0)
			return error_wrap(err, "%s", ret->git[i].url);
	for (size_t i = 0; i < ret->chart_count; i++)
		if (take_blob(merge, &ret->charts[i].blob, ret, err) < 0 ||
			take_blob(merge, &ret->charts[i].entry, ret, err) < 0)
			return -1;
	return take_blob(merge, &ret->snapshot, ret, err);
}
