/* SPDX-License-Identifier: Apache-2.0 */
/* Reading objects out of packs: a delta and those below it down to an object that is whole. */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/limits.h"
#include "bundle/pack_private.h"

struct odb {
	struct pack **packs;
	struct pack_window *windows; /* one a pack */
	size_t count;
	struct inflater *inflater;
	pthread_mutex_t lock; /* of all below and the windows: threads of the indexer read bases */
	struct buf delta, base;
};

struct odb *odb_new(void)
{
	struct odb *odb = xcalloc(1, sizeof(*odb));

	odb->inflater = inflater_new(DEFLATE_ZLIB);
	odb->delta = odb->base = (struct buf)BUF_INIT;
	pthread_mutex_init(&odb->lock, NULL);
	return odb;
}

void odb_add(struct odb *odb, struct pack *pack)
{
	odb->packs = xreallocarray(odb->packs, odb->count + 1, sizeof(*odb->packs));
	odb->windows = xreallocarray(odb->windows, odb->count + 1, sizeof(*odb->windows));
	pack_window_init(&odb->windows[odb->count], &pack->bytes, pack->bytes.size);
	odb->packs[odb->count++] = pack;
}

void odb_free(struct odb *odb)
{
	if (!odb)
		return;
	for (size_t i = 0; i < odb->count; i++) {
		pack_window_clear(&odb->windows[i]);
		pack_free(odb->packs[i]);
	}
	free(odb->packs);
	free(odb->windows);
	inflater_free(odb->inflater);
	buf_clear(&odb->delta);
	buf_clear(&odb->base);
	pthread_mutex_destroy(&odb->lock);
	free(odb);
}

void odb_free_pointer(struct odb **slot)
{
	odb_free(*slot);
}

const struct pack *odb_pack(const struct odb *odb, size_t index)
{
	return index < odb->count ? odb->packs[index] : NULL;
}

/* Where an object is. */
struct place {
	size_t pack;
	uint64_t offset;
};

static const struct pack_object *find(
	const struct odb *odb, const struct oid *oid, struct place *place)
{
	for (size_t i = 0; i < odb->count; i++) {
		const struct pack_object *object = pack_find(odb->packs[i], oid);

		if (object) {
			*place = (struct place){i, pack_object_offset(object)};
			return object;
		}
	}
	return NULL;
}

bool odb_has(const struct odb *odb, const struct oid *oid)
{
	struct place place;

	return find(odb, oid, &place) != NULL;
}

enum object_type odb_type(const struct odb *odb, const struct oid *oid)
{
	struct place place;
	const struct pack_object *object = find(odb, oid, &place);

	return object ? (enum object_type)object->type : OBJECT_NONE;
}

/* ---- chains of deltas */

/* One object of a chain; the last is no delta. */
struct link {
	struct place place;
	uint64_t body, size;
};
struct chain {
	struct link *links;
	size_t count, cap;
};

static void chain_clear(struct chain *chain)
{
	free(chain->links);
}

static struct link *chain_push(struct chain *chain)
{
	if (chain->count == chain->cap) {
		chain->cap = chain->cap ? 2 * chain->cap : 64;
		chain->links = xreallocarray(chain->links, chain->cap, sizeof(*chain->links));
	}
	return &chain->links[chain->count++];
}

/* The place of a delta's base. A name is looked up in the delta's own pack first. */
static int base_place(const struct odb *odb, const struct pack_entry *entry, struct place *place,
	struct error *err)
{
	const struct pack_object *object;
	char hex[OID_HEX_LEN + 1];

	if (entry->raw == RAW_OFS_DELTA) {
		place->offset -= entry->back;
		return 0;
	}
	object = pack_find(odb->packs[place->pack], &entry->base);
	if (object) {
		place->offset = pack_object_offset(object);
		return 0;
	}
	if (find(odb, &entry->base, place))
		return 0;
	oid_hex(&entry->base, hex);
	return error_set(err, ERROR_INCOMPLETE, "a delta's base %s is not there", hex);
}

/* From an object down to one that is whole. */
static int gather(struct odb *odb, struct place place, struct chain *chain, struct error *err)
{
	for (;;) {
		struct pack_entry entry;
		struct link *link;

		if (chain->count > LIMIT_PACK_DELTAS)
			return error_set(err, ERROR_DAMAGED, "too many deltas on each other");
		link = chain_push(chain);
		link->place = place;
		if (pack_window_entry(
			    &odb->windows[place.pack], place.offset, &entry, &link->body, err) < 0)
			return -1;
		link->size = entry.size;
		if (entry.size > LIMIT_OBJECT_HELD)
			return error_set(err, ERROR_DAMAGED, "%llu bytes, which is too much",
				(unsigned long long)entry.size);
		if (entry.raw < RAW_OFS_DELTA)
			return 0;
		if (base_place(odb, &entry, &place, err) < 0)
			return -1;
	}
}

static int inflate_link(
	struct odb *odb, const struct link *link, struct buf *ret, struct error *err)
{
	buf_reset(ret);
	buf_grow(ret, link->size);
	if (pack_window_inflate(&odb->windows[link->place.pack], odb->inflater, link->body,
		    ret->ptr, link->size, err) < 0)
		return -1;
	buf_commit(ret, link->size);
	return 0;
}

/* `ret` becomes the delta of `link` applied to it. */
static int apply_link(struct odb *odb, const struct link *link, struct buf *ret, struct error *err)
{
	struct buf base = *ret;
	uint64_t announced, size;

	if (inflate_link(odb, link, &odb->delta, err) < 0)
		return -1;
	if (!delta_sizes(odb->delta.ptr, odb->delta.len, &announced, &size) ||
		size > LIMIT_OBJECT_HELD)
		return error_set(err, ERROR_DAMAGED, "a delta of no good sizes");
	*ret = odb->base;
	odb->base = base;
	buf_reset(ret);
	buf_grow(ret, size);
	if (!delta_apply(odb->delta.ptr, odb->delta.len, base.ptr, base.len, ret->ptr))
		return error_set(err, ERROR_DAMAGED, "a delta that does not fit its base");
	buf_commit(ret, size);
	return 0;
}

static int read_place(struct odb *odb, struct place place, struct buf *ret, struct error *err)
{
	CLEANUP(chain_clear) struct chain chain = {0};
	size_t i;

	if (gather(odb, place, &chain, err) < 0)
		return -1;
	i = chain.count - 1;
	if (inflate_link(odb, &chain.links[i], ret, err) < 0)
		return -1;
	while (i--)
		if (apply_link(odb, &chain.links[i], ret, err) < 0)
			return -1;
	return 0;
}

int odb_read(struct odb *odb, const struct oid *oid, enum object_type *type, struct buf *ret,
	struct error *err)
{
	struct place place;
	const struct pack_object *object = find(odb, oid, &place);
	char hex[OID_HEX_LEN + 1];
	int result;

	buf_reset(ret);
	if (!object) {
		oid_hex(oid, hex);
		return error_set(err, ERROR_NOT_FOUND, "there is no object %s", hex);
	}
	*type = (enum object_type)object->type;
	pthread_mutex_lock(&odb->lock);
	result = read_place(odb, place, ret, err);
	pthread_mutex_unlock(&odb->lock);
	return result < 0 ? pack_error_at(err, place.offset) : 0;
}
