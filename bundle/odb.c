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
	struct pack_chain chain;
	pthread_mutex_t lock; /* of the chain and the windows: threads of the indexer read bases */
};

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

/* Where a delta finds its base: in its own pack, else in any. */
static int find_base(void *ctx, const struct oid *oid, struct pack_window **window,
	uint64_t *offset, struct error *err)
{
	struct odb *odb = ctx;
	struct place place = {.pack = (size_t)(*window - odb->windows)};
	const struct pack_object *object = pack_find(odb->packs[place.pack], oid);
	char hex[OID_HEX_LEN + 1];

	if (!object)
		object = find(odb, oid, &place);
	if (!object) {
		oid_hex(oid, hex);
		return error_set(err, ERROR_INCOMPLETE, "a delta's base %s is not there", hex);
	}
	*window = &odb->windows[place.pack];
	*offset = pack_object_offset(object);
	return 0;
}

struct odb *odb_new(void)
{
	struct odb *odb = xcalloc(1, sizeof(*odb));

	pack_chain_init(&odb->chain, true);
	odb->chain.find = find_base;
	odb->chain.ctx = odb;
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
	pack_chain_clear(&odb->chain);
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
	result = pack_chain_read(&odb->chain, &odb->windows[place.pack], place.offset, ret, err);
	pthread_mutex_unlock(&odb->lock);
	return result < 0 ? pack_error_at(err, place.offset) : 0;
}
