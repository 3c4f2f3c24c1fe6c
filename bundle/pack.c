/* SPDX-License-Identifier: Apache-2.0 */
/* An indexed pack: names and where they are. */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/pack_private.h"

void pack_free(struct pack *pack)
{
	if (!pack)
		return;
	free(pack->objects);
	free(pack->outside);
	free(pack);
}

void pack_free_pointer(struct pack **slot)
{
	pack_free(*slot);
}

const struct pack_bytes *pack_place(const struct pack *pack)
{
	return &pack->bytes;
}

uint32_t pack_count(const struct pack *pack)
{
	return pack->count;
}

const struct oid *pack_oid(const struct pack *pack, uint32_t index)
{
	return &pack->objects[index].oid;
}

uint64_t pack_object_offset(const struct pack_object *object)
{
	return (uint64_t)object->high << 32 | object->low;
}

const struct pack_object *pack_find(const struct pack *pack, const struct oid *oid)
{
	uint32_t low = pack->fanout[oid->bytes[0]];
	uint32_t high = pack->fanout[oid->bytes[0] + 1];

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = oid_compare(&pack->objects[middle].oid, oid);

		if (order == 0)
			return &pack->objects[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const struct oid *pack_outside(const struct pack *pack, size_t *count)
{
	*count = pack->outside_count;
	return pack->outside;
}

bool pack_has(const struct pack *pack, const struct oid *oid)
{
	return pack_find(pack, oid) != NULL;
}
