/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the scan has inflated of late, so that deltas which come soon after their bases, as git writes
 * them, are resolved without inflating either again. Entries stand for the last records of the pack.
 */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/pack_private.h"

void pack_stash_put(struct pack_stash *stash, const char *data, size_t len)
{
	struct pack_stashed *entry;

	if (stash->count == stash->cap) {
		stash->cap = stash->cap ? 2 * stash->cap : 1024;
		stash->entries = xreallocarray(stash->entries, stash->cap, sizeof(*stash->entries));
	}
	entry = &stash->entries[stash->count++];
	*entry = (struct pack_stashed){0};
	if (!data)
		return;
	entry->data = xstrndup(data, len);
	entry->len = len;
	stash->bytes += len;
}

bool pack_stash_take(struct pack_stash *stash, uint32_t number, struct buf *ret)
{
	struct pack_stashed *entry;

	if (number < stash->first || !stash->entries[number - stash->first].data)
		return false;
	entry = &stash->entries[number - stash->first];
	*ret = (struct buf){.ptr = TAKE(entry->data), .len = entry->len, .cap = entry->len + 1};
	entry->len = 0;
	return true;
}

uint32_t pack_stash_middle(const struct pack_stash *stash)
{
	size_t bytes = 0;
	uint32_t i = 0;

	while (i < stash->count && bytes < stash->bytes / 2)
		bytes += stash->entries[i++].len;
	return stash->first + i;
}

void pack_stash_drop(struct pack_stash *stash, uint32_t before)
{
	uint32_t drop = before - stash->first;

	for (uint32_t i = 0; i < drop; i++)
		free(stash->entries[i].data);
	stash->count -= drop;
	stash->first = before;
	memmove(stash->entries, stash->entries + drop, stash->count * sizeof(*stash->entries));
	stash->bytes = 0;
	for (uint32_t i = 0; i < stash->count; i++)
		stash->bytes += stash->entries[i].len;
}

void pack_stash_clear(struct pack_stash *stash)
{
	for (uint32_t i = 0; i < stash->count; i++)
		free(stash->entries[i].data);
	free(stash->entries);
	*stash = (struct pack_stash){0};
}
