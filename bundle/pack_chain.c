/* SPDX-License-Identifier: Apache-2.0 */
/* One object out of a pack: its delta and those below it, down to an object that is whole. */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/limits.h"
#include "bundle/pack_private.h"

#define CACHE_SLOTS 512
#define CACHE (8 * MiB)
#define CACHE_OBJECT (1 * MiB) /* what is bigger is not kept */

/* One object of a chain; the last is no delta. */
struct pack_link {
	struct pack_window *window;
	uint64_t offset, body;
	size_t size;
};

/* Bases that were made lately: who reads one version after the other needs them again. */
struct pack_cache {
	struct pack_cached {
		const struct pack_bytes *bytes; /* NULL: free */
		uint64_t offset;
		struct buf data;
	} slots[CACHE_SLOTS];
	size_t bytes;
	size_t hand; /* what goes next */
};

void pack_chain_init(struct pack_chain *chain, bool cache)
{
	*chain = (struct pack_chain){.delta = BUF_INIT, .base = BUF_INIT};
	chain->inflater = inflater_new(DEFLATE_ZLIB);
	if (cache)
		chain->cache = xcalloc(1, sizeof(*chain->cache));
}

static void cache_drop(struct pack_cache *cache, struct pack_cached *slot)
{
	if (!slot->bytes)
		return;
	cache->bytes -= slot->data.len;
	buf_clear(&slot->data);
	slot->bytes = NULL;
}

void pack_chain_clear(struct pack_chain *chain)
{
	for (size_t i = 0; chain->cache && i < CACHE_SLOTS; i++)
		cache_drop(chain->cache, &chain->cache->slots[i]);
	free(chain->cache);
	inflater_free(chain->inflater);
	buf_clear(&chain->delta);
	buf_clear(&chain->base);
	free(chain->links);
}

/* ---- the cache */

static struct pack_cached *cache_slot(
	struct pack_cache *cache, const struct pack_window *window, uint64_t offset)
{
	uint64_t hash = (offset ^ (uintptr_t)window->bytes) * 0x9e3779b97f4a7c15U;

	return &cache->slots[hash >> 32 & (CACHE_SLOTS - 1)];
}

static const struct buf *cache_find(
	const struct pack_chain *chain, const struct pack_window *window, uint64_t offset)
{
	const struct pack_cached *slot;

	if (!chain->cache)
		return NULL;
	slot = cache_slot(chain->cache, window, offset);
	return slot->bytes == window->bytes && slot->offset == offset ? &slot->data : NULL;
}

/* `data` moves there; it is empty afterwards, or can be used anew. */
static void cache_put(struct pack_chain *chain, const struct pack_link *link, struct buf *data)
{
	struct pack_cache *cache = chain->cache;
	struct pack_cached *slot;

	if (!cache || data->len > CACHE_OBJECT)
		return;
	slot = cache_slot(cache, link->window, link->offset);
	cache_drop(cache, slot);
	*slot = (struct pack_cached){link->window->bytes, link->offset, *data};
	*data = (struct buf)BUF_INIT;
	cache->bytes += slot->data.len;
	for (; cache->bytes > CACHE; cache->hand++)
		cache_drop(cache, &cache->slots[cache->hand % CACHE_SLOTS]);
}

/* ---- the way down */

static struct pack_link *push(struct pack_chain *chain)
{
	if (chain->count == chain->cap) {
		chain->cap = chain->cap ? 2 * chain->cap : 64;
		chain->links = xreallocarray(chain->links, chain->cap, sizeof(*chain->links));
	}
	return &chain->links[chain->count++];
}

/* From an object down to one that is whole, or that is in the cache: `*found`. */
static int gather(struct pack_chain *chain, struct pack_window *window, uint64_t offset,
	const struct buf **found, struct error *err)
{
	chain->count = 0;
	for (;;) {
		struct pack_entry entry;
		struct pack_link *link;

		*found = cache_find(chain, window, offset);
		if (*found)
			return 0;
		if (chain->count > LIMIT_PACK_DELTAS)
			return error_set(err, ERROR_DAMAGED, "more than %d deltas on each other",
				LIMIT_PACK_DELTAS);
		link = push(chain);
		link->window = window;
		link->offset = offset;
		if (pack_window_entry(window, offset, &entry, &link->body, err) < 0)
			return -1;
		if (entry.size > LIMIT_OBJECT_HELD)
			return error_set(
				err, ERROR_DAMAGED, "it is more than %lu bytes", LIMIT_OBJECT_HELD);
		link->size = (size_t)entry.size;
		if (entry.raw < RAW_OFS_DELTA)
			return 0;
		if (entry.raw == RAW_OFS_DELTA)
			offset -= entry.back;
		else if (chain->find(chain->ctx, &entry.base, &window, &offset, err) < 0)
			return -1;
	}
}

/* ---- and up */

int pack_inflate(struct pack_window *window, struct inflater *inflater, uint64_t body, size_t size,
	struct buf *ret, struct error *err)
{
	buf_reset(ret);
	buf_grow(ret, size + PACK_SLACK);
	if (pack_window_inflate(window, inflater, body, ret->ptr, size, err) < 0)
		return -1;
	buf_commit(ret, size);
	return 0;
}

int pack_delta(
	const struct buf *delta, const char *base, size_t len, struct buf *ret, struct error *err)
{
	uint64_t announced, size;

	if (!delta_sizes(delta->ptr, delta->len, &announced, &size) || size > LIMIT_OBJECT_HELD)
		return error_set(err, ERROR_DAMAGED, "a delta of no good sizes");
	buf_reset(ret);
	buf_grow(ret, (size_t)size);
	if (!delta_apply(delta->ptr, delta->len, base, len, ret->ptr))
		return error_set(err, ERROR_DAMAGED, "a delta that does not fit its base");
	buf_commit(ret, (size_t)size);
	return 0;
}

static int inflate_link(
	struct pack_chain *chain, const struct pack_link *link, struct buf *ret, struct error *err)
{
	return pack_inflate(link->window, chain->inflater, link->body, link->size, ret, err);
}

/* What `ret` holds becomes the base of the delta that it then holds the result of. */
static int climb(
	struct pack_chain *chain, const struct pack_link *link, struct buf *ret, struct error *err)
{
	struct buf base = *ret;

	*ret = chain->base;
	chain->base = base;
	if (inflate_link(chain, link, &chain->delta, err) < 0 ||
		pack_delta(&chain->delta, base.ptr, base.len, ret, err) < 0)
		return -1;
	cache_put(chain, link + 1, &chain->base);
	return 0;
}

int pack_chain_read(struct pack_chain *chain, struct pack_window *window, uint64_t offset,
	struct buf *ret, struct error *err)
{
	const struct buf *found;
	size_t i;

	if (gather(chain, window, offset, &found, err) < 0)
		return -1;
	i = chain->count;
	buf_reset(ret);
	if (found && !i) {
		buf_add(ret, found->ptr, found->len);
	} else if (found) {
		i--;
		if (inflate_link(chain, &chain->links[i], &chain->delta, err) < 0 ||
			pack_delta(&chain->delta, found->ptr, found->len, ret, err) < 0)
			return -1;
	} else {
		i--;
		if (inflate_link(chain, &chain->links[i], ret, err) < 0)
			return -1;
	}
	while (i--)
		if (climb(chain, &chain->links[i], ret, err) < 0)
			return -1;
	return 0;
}
