/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first pass over a pack, byte by byte, while it arrives: where objects begin can only be known
 * by inflating all before. What is no delta is named and checked on the way, a blob without ever
 * being held; of a delta its place and its base are noted.
 */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/limits.h"
#include "bundle/pack_private.h"

#define BUFFER (128 * KiB)
#define PIECE (512 * KiB) /* what is smaller is inflated at once, and kept for a while */
#define STASH (4 * MiB)

struct scan {
	struct pack_indexer *indexer;
	struct pack_links_seen seen;
	unsigned char *buffer;
	size_t start, len; /* bytes of the buffer: used, and there */
	uint64_t read;     /* bytes of the pack that came into the buffer */
	struct digest *whole, *object;
	struct inflater *inflater;
	struct buf held; /* of an object that has to be looked into */
	char *piece;     /* of one that has not */
};

static void scan_init(struct scan *scan, struct pack_indexer *indexer)
{
	scan->indexer = indexer;
	scan->seen.links = indexer->links;
	scan->buffer = xmalloc(BUFFER);
	scan->piece = xmalloc(PIECE);
	scan->whole = digest_new(DIGEST_SHA1);
	scan->object = digest_new(DIGEST_SHA1);
	scan->inflater = inflater_new(DEFLATE_ZLIB);
	scan->held = (struct buf)BUF_INIT;
}

static void scan_clear(struct scan *scan)
{
	free(scan->buffer);
	free(scan->piece);
	digest_free(scan->whole);
	digest_free(scan->object);
	inflater_free(scan->inflater);
	buf_clear(&scan->held);
}

/* ---- bytes */

/* Have `want` bytes in the buffer, or fewer at the end. */
static int fill(struct scan *scan, size_t want, struct error *err)
{
	while (scan->len - scan->start < want) {
		uint64_t more = pack_indexer_wait(scan->indexer, scan->read) - scan->read;
		size_t take;

		digest_add(scan->whole, scan->buffer, scan->start);
		scan->len -= scan->start;
		memmove(scan->buffer, scan->buffer + scan->start, scan->len);
		scan->start = 0;
		take = more < BUFFER - scan->len ? (size_t)more : BUFFER - scan->len;
		if (!take)
			return 0;
		if (scan->indexer->bytes.read(scan->indexer->bytes.ctx, scan->read,
			    scan->buffer + scan->len, take, err) < 0)
			return -1;
		scan->len += take;
		scan->read += take;
	}
	return 0;
}

static int need(struct scan *scan, size_t want, struct error *err)
{
	if (fill(scan, want, err) < 0)
		return -1;
	if (scan->len - scan->start < want)
		return error_set(err, ERROR_DAMAGED, "the pack ends too early");
	return 0;
}

static uint64_t offset(const struct scan *scan)
{
	return scan->read - (scan->len - scan->start);
}

/* ---- inflating */

enum use {
	USE_PIECE, /* fits into the piece, and stays there */
	USE_HOLD,
	USE_NAME, /* taken into the object's digest */
	USE_SKIP,
};

/* Where the next bytes go; there is always room for more than is due, which shows what is too much. */
static char *room(struct scan *scan, enum use use, uint64_t made, uint64_t size, size_t *len)
{
	*len = PIECE;
	if (use == USE_PIECE) {
		*len -= (size_t)made;
		return scan->piece + made;
	}
	if (use != USE_HOLD)
		return scan->piece;
	if (size - made < PIECE - PACK_SLACK)
		*len = (size_t)(size - made) + PACK_SLACK;
	buf_grow(&scan->held, *len);
	return scan->held.ptr + scan->held.len;
}

static int inflate_object(struct scan *scan, uint64_t size, enum use use, struct error *err)
{
	uint64_t made = 0;
	int step = 0;

	inflater_reset(scan->inflater);
	buf_reset(&scan->held);
	while (!step) {
		size_t used, more;
		char *out = room(scan, use, made, size, &more);

		if (need(scan, 1, err) < 0)
			return -1;
		used = scan->len - scan->start;
		step = inflater_step(
			scan->inflater, scan->buffer + scan->start, &used, out, &more, err);
		if (step < 0)
			return -1;
		if (more > size - made)
			return error_set(err, ERROR_DAMAGED, "it is more than it announces");
		scan->start += used;
		made += more;
		if (use == USE_HOLD)
			buf_commit(&scan->held, more);
		if (use == USE_NAME)
			digest_add(scan->object, out, more);
	}
	if (made != size)
		return error_set(err, ERROR_DAMAGED, "it is less than it announces");
	return 0;
}

static bool is_small(uint64_t size)
{
	return size <= PIECE - PACK_SLACK;
}

/* ---- objects */

static struct pack_record *add_record(struct pack_indexer *indexer, uint64_t at, unsigned raw)
{
	struct pack_record *record;

	if (indexer->count == indexer->cap) {
		indexer->cap = indexer->cap ? indexer->cap + indexer->cap / 2 : 1024;
		indexer->records =
			xreallocarray(indexer->records, indexer->cap, sizeof(*indexer->records));
	}
	record = &indexer->records[indexer->count++];
	*record = (struct pack_record){
		.child = RECORD_NONE,
		.sibling = RECORD_NONE,
		.low = (uint32_t)at,
		.high = (uint16_t)(at >> 32),
		.raw = raw & 15,
	};
	return record;
}

/* The record that begins at an offset, or NULL. */
static struct pack_record *record_at(const struct pack_indexer *indexer, uint64_t at)
{
	uint32_t low = 0;
	uint32_t high = indexer->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		uint64_t begin = record_offset(&indexer->records[middle]);

		if (begin == at)
			return &indexer->records[middle];
		if (begin < at)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static void add_ref_delta(struct pack_indexer *indexer, const struct oid *base, uint32_t record)
{
	if (indexer->ref_count == indexer->ref_cap) {
		indexer->ref_cap = indexer->ref_cap ? 2 * indexer->ref_cap : 64;
		indexer->refs =
			xreallocarray(indexer->refs, indexer->ref_cap, sizeof(*indexer->refs));
	}
	indexer->refs[indexer->ref_count++] = (struct ref_delta){*base, record};
}

/* What was just inflated may soon be wanted again. */
static void keep(struct scan *scan, uint64_t size)
{
	pack_stash_put(&scan->indexer->stash, is_small(size) ? scan->piece : NULL, (size_t)size);
}

static int scan_delta(struct scan *scan, struct pack_record *record, const struct pack_entry *entry,
	struct error *err)
{
	struct pack_indexer *indexer = scan->indexer;
	uint32_t number = (uint32_t)(record - indexer->records);
	uint64_t at = record_offset(record);

	if (entry->size > LIMIT_OBJECT_HELD)
		return error_set(
			err, ERROR_DAMAGED, "a delta of more than %lu bytes", LIMIT_OBJECT_HELD);
	if (entry->raw == RAW_REF_DELTA) {
		add_ref_delta(indexer, &entry->base, number);
	} else {
		struct pack_record *base = entry->back && entry->back < at
						   ? record_at(indexer, at - entry->back)
						   : NULL;

		if (!base)
			return error_set(err, ERROR_DAMAGED, "a delta on what is no object");
		record->sibling = base->child;
		base->child = number;
	}
	if (inflate_object(scan, entry->size, is_small(entry->size) ? USE_PIECE : USE_SKIP, err) <
		0)
		return -1;
	keep(scan, entry->size);
	return 0;
}

static int scan_whole(struct scan *scan, struct pack_record *record, const struct pack_entry *entry,
	struct error *err)
{
	bool small = is_small(entry->size);
	struct object_data object = {.type = (enum object_type)entry->raw,
		.data = scan->piece,
		.len = (size_t)entry->size};
	bool held = object.type != OBJECT_BLOB;
	unsigned char bytes[DIGEST_MAX];

	if (entry->size > (held ? LIMIT_OBJECT_HELD : LIMIT_OBJECT))
		return error_set(err, ERROR_DAMAGED, "a %s of %llu bytes, which is too much",
			object_type_name(object.type), (unsigned long long)entry->size);
	if (pack_indexer_count(scan->indexer, entry->size, err) < 0)
		return -1;
	pack_object_begin(scan->object, object.type, entry->size);
	if (inflate_object(scan, entry->size,
		    small  ? USE_PIECE
		    : held ? USE_HOLD
			   : USE_NAME,
		    err) < 0)
		return -1;
	if (!small && held)
		object.data = scan->held.ptr;
	if (small || held)
		digest_add(scan->object, object.data, object.len);
	(void)digest_end(scan->object, bytes);
	memcpy(record->oid.bytes, bytes, OID_LEN);
	record->type = (uint8_t)object.type;
	keep(scan, entry->size);
	return pack_indexer_object(scan->indexer, &scan->seen, &record->oid, &object, NULL, err);
}

static int scan_object(struct scan *scan, struct error *err)
{
	struct pack_entry entry;
	struct pack_record *record;
	size_t header;

	if (fill(scan, PACK_ENTRY_MAX, err) < 0)
		return -1;
	if (offset(scan) >> 48)
		return error_set(err, ERROR_DAMAGED, "a pack of more bytes than a blob may have");
	header = pack_entry_parse(scan->buffer + scan->start, scan->len - scan->start, &entry);
	if (!header)
		return error_set(err, ERROR_DAMAGED,
			scan->len - scan->start < PACK_ENTRY_MAX ? "the pack ends too early"
								 : "a header that means nothing");
	record = add_record(scan->indexer, offset(scan), entry.raw);
	scan->start += header;
	if (entry.raw >= RAW_OFS_DELTA)
		return scan_delta(scan, record, &entry, err);
	return scan_whole(scan, record, &entry, err);
}

/* ---- the pack */

static uint32_t be32(const unsigned char *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

static int scan_signature(struct scan *scan, uint32_t *count, struct error *err)
{
	const unsigned char *data;
	uint32_t version;

	if (need(scan, PACK_SIGNATURE_LEN, err) < 0)
		return -1;
	data = scan->buffer + scan->start;
	version = be32(data + 4);
	*count = be32(data + 8);
	if (memcmp(data, "PACK", 4) != 0 || (version != 2 && version != 3))
		return error_set(err, ERROR_DAMAGED, "this is no pack of version 2");
	if (*count > LIMIT_PACK_OBJECTS)
		return error_set(err, ERROR_DAMAGED, "a pack of %u objects; %lu are the most",
			*count, LIMIT_PACK_OBJECTS);
	scan->start += PACK_SIGNATURE_LEN;
	atomic_store(&scan->indexer->total, *count);
	return 0;
}

static int scan_trailer(struct scan *scan, struct error *err)
{
	unsigned char bytes[DIGEST_MAX];

	if (need(scan, PACK_TRAILER_LEN, err) < 0)
		return -1;
	digest_add(scan->whole, scan->buffer, scan->start);
	(void)digest_end(scan->whole, bytes);
	if (memcmp(bytes, scan->buffer + scan->start, PACK_TRAILER_LEN) != 0)
		return error_set(err, ERROR_DAMAGED, "the pack's bytes do not match its SHA-1");
	scan->start += PACK_TRAILER_LEN;
	scan->indexer->end = offset(scan);
	return 0;
}

int pack_scan(struct pack_indexer *indexer, struct error *err)
{
	CLEANUP(scan_clear) struct scan scan = {0};
	uint32_t count;

	scan_init(&scan, indexer);
	if (scan_signature(&scan, &count, err) < 0)
		return -1;
	for (uint32_t i = 0; i < count; i++) {
		uint64_t at = offset(&scan);

		if (scan_object(&scan, err) < 0)
			return pack_error_at(err, at);
		if (indexer->stash.bytes < STASH)
			continue;
		indexer->end = offset(&scan);
		if (pack_resolve_stash(indexer, err) < 0)
			return -1;
	}
	return scan_trailer(&scan, err);
}
