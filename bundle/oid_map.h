/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Object names with a number each: open addressing, 24 bytes a place. The names come from outside,
 * so places are found by a hash that nobody can know before the program runs.
 */
#ifndef BUNDLE_OID_MAP_H
#define BUNDLE_OID_MAP_H

#include "base/base.h"
#include "bundle/oid.h"

struct oid_slot {
	struct oid oid;
	uint32_t value; /* 0: the slot is empty */
};

/* All zero is an empty map. */
struct oid_map {
	struct oid_slot *slots;
	size_t cap; /* a power of two, or 0 */
	size_t count;
};

void oid_map_clear(struct oid_map *map);
/* The value of a name, 0 if it is not there. */
uint32_t oid_map_get(const struct oid_map *map, const struct oid *oid);
/* Where the value of a name stands, until the next call; a new one is 0 and must be set. */
uint32_t *oid_map_put(struct oid_map *map, const struct oid *oid);
/* The hash: where several maps share the names, its upper bits say which is whose. */
uint64_t oid_hash(const struct oid *oid);

#endif
