/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a pack is closed, without walking its history: every name that an object is or names goes
 * into one set, with what is known of it. In the end nothing may have been named only.
 *
 * Several threads tell names: the set is split by the upper bits of the hash, a lock each; and as
 * nearly all that a tree names was named by the version before, each thread first looks whether it
 * has told a name lately.
 */
#include "base/base.h"

#include <pthread.h>

#include "base/alloc.h"
#include "bundle/pack_private.h"

#define SHARDS 64
#define IS(type) (1U << (type))          /* it is there, and of that type */
#define NAMED(type) (1U << (8 + (type))) /* something names it as that type */
#define ANY_IS 0xffU
#define ANY_NAMED 0xff00U

struct shard {
	pthread_mutex_t lock;
	struct oid_map map;
};

struct pack_links {
	struct shard shards[SHARDS];
};

struct pack_links *pack_links_new(void)
{
	struct pack_links *links = xcalloc(1, sizeof(*links));

	for (size_t i = 0; i < SHARDS; i++)
		pthread_mutex_init(&links->shards[i].lock, NULL);
	return links;
}

void pack_links_free(struct pack_links *links)
{
	if (!links)
		return;
	for (size_t i = 0; i < SHARDS; i++) {
		pthread_mutex_destroy(&links->shards[i].lock);
		oid_map_clear(&links->shards[i].map);
	}
	free(links);
}

/* Add to what is known of a name; returns what was known. */
static uint32_t tell(struct pack_links *links, const struct oid *oid, uint32_t bit)
{
	struct shard *shard = &links->shards[oid_hash(oid) >> 58];
	uint32_t *value;
	uint32_t before;

	pthread_mutex_lock(&shard->lock);
	value = oid_map_put(&shard->map, oid);
	before = *value;
	*value |= bit;
	pthread_mutex_unlock(&shard->lock);
	return before;
}

static enum object_type type_of(uint32_t known)
{
	for (enum object_type type = OBJECT_COMMIT; type <= OBJECT_TAG; type++)
		if (known & IS(type))
			return type;
	return OBJECT_NONE;
}

static int wrong_type(
	const struct oid *oid, enum object_type type, uint32_t known, struct error *err)
{
	char hex[OID_HEX_LEN + 1];
	enum object_type named = OBJECT_COMMIT;

	if (!(known & ANY_NAMED & ~NAMED(type)))
		return 0;
	while (named == type || !(known & NAMED(named)))
		named++;
	oid_hex(oid, hex);
	return error_set(err, ERROR_DAMAGED, "object %s is a %s, but something names it as a %s",
		hex, object_type_name(type), object_type_name(named));
}

int pack_links_present(
	struct pack_links *links, const struct oid *oid, enum object_type type, struct error *err)
{
	uint32_t known = tell(links, oid, IS(type));
	char hex[OID_HEX_LEN + 1];

	if (!(known & ANY_IS))
		return wrong_type(oid, type, known, err);
	oid_hex(oid, hex);
	return error_set(err, ERROR_DAMAGED, "object %s is there twice", hex);
}

int pack_links_named(void *seen, const struct oid *oid, enum object_type type, struct error *err)
{
	struct pack_links_seen *own = seen;
	size_t at = (size_t)(oid->bytes[0] | oid->bytes[1] << 8) & (countof(own->recent) - 1);
	uint32_t known;

	if (oid_equal(&own->recent[at], oid) && type == OBJECT_BLOB)
		return 0;
	known = tell(own->links, oid, NAMED(type));
	if (type == OBJECT_BLOB)
		own->recent[at] = *oid;
	if (!(known & ANY_IS))
		return 0;
	return wrong_type(oid, type_of(known), NAMED(type), err);
}

/* Only named: then the base has it, or it is beyond where history is cut. */
static int check_slot(
	const struct oid_slot *slot, const struct odb *base, bool cut, struct error *err)
{
	char hex[OID_HEX_LEN + 1];
	enum object_type type;

	if (!slot->value || slot->value & ANY_IS || (cut && slot->value == NAMED(OBJECT_COMMIT)))
		return 0;
	type = base ? odb_type(base, &slot->oid) : OBJECT_NONE;
	if (type != OBJECT_NONE)
		return wrong_type(&slot->oid, type, slot->value, err);
	oid_hex(&slot->oid, hex);
	return error_set(err, ERROR_INCOMPLETE, "object %s is named but is not there", hex);
}

int pack_links_close(
	const struct pack_links *links, const struct odb *base, bool cut, struct error *err)
{
	for (size_t i = 0; i < SHARDS; i++) {
		const struct oid_map *map = &links->shards[i].map;

		for (size_t at = 0; at < map->cap; at++)
			if (check_slot(&map->slots[at], base, cut, err) < 0)
				return -1;
	}
	return 0;
}
