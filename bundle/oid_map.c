/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/oid_map.h"

#define FIRST_CAP 64

/* All of the name, multiplied by what only this run of the program knows: where the system has put
 * it. Otherwise a tree could name a million objects that all go to one place. */
uint64_t oid_hash(const struct oid *oid)
{
	static const char here;
	uint64_t secret = (uint64_t)(uintptr_t)&here * 0x9e3779b97f4a7c15U;
	uint64_t hash = secret;

	/* The last two words overlap. */
	for (size_t at = 0; at < 3; at++) {
		uint64_t word;

		memcpy(&word, oid->bytes + (at < 2 ? 8 * at : OID_LEN - 8), sizeof(word));
		hash = (hash ^ word) * 0xff51afd7ed558ccdU;
		hash ^= hash >> 32;
	}
	hash *= 0xc4ceb9fe1a85ec53U;
	hash ^= hash >> 33;
	hash *= 0x9e3779b97f4a7c15U;
	return hash ^ hash >> 32;
}

void oid_map_clear(struct oid_map *map)
{
	free(map->slots);
	*map = (struct oid_map){0};
}

static struct oid_slot *find(const struct oid_map *map, const struct oid *oid)
{
	size_t at = (size_t)oid_hash(oid) & (map->cap - 1);

	while (map->slots[at].value && !oid_equal(&map->slots[at].oid, oid))
		at = (at + 1) & (map->cap - 1);
	return &map->slots[at];
}

static void grow(struct oid_map *map)
{
	struct oid_map bigger = {.cap = map->cap ? 2 * map->cap : FIRST_CAP, .count = map->count};

	bigger.slots = xcalloc(bigger.cap, sizeof(*bigger.slots));
	for (size_t i = 0; i < map->cap; i++)
		if (map->slots[i].value)
			*find(&bigger, &map->slots[i].oid) = map->slots[i];
	free(map->slots);
	*map = bigger;
}

uint32_t oid_map_get(const struct oid_map *map, const struct oid *oid)
{
	return map->cap ? find(map, oid)->value : 0;
}

uint32_t *oid_map_put(struct oid_map *map, const struct oid *oid)
{
	struct oid_slot *slot;

	if (map->count >= map->cap / 4 * 3)
		grow(map);
	slot = find(map, oid);
	if (!slot->value) {
		slot->oid = *oid;
		map->count++;
	}
	return &slot->value;
}
