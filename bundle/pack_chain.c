/* SPDX-License-Identifier: Apache-2.0 */
/* One object out of a pack: its delta and those below it, down to an object that is whole. */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/limits.h"
#include "bundle/pack_private.h"

/* One object of a chain; the last is no delta. */
struct pack_link {
	struct pack_window *window;
	uint64_t body;
	size_t size;
};

void pack_chain_init(struct pack_chain *chain)
{
	*chain = (struct pack_chain){.delta = BUF_INIT, .base = BUF_INIT};
	chain->inflater = inflater_new(DEFLATE_ZLIB);
}

void pack_chain_clear(struct pack_chain *chain)
{
	inflater_free(chain->inflater);
	buf_clear(&chain->delta);
	buf_clear(&chain->base);
	free(chain->links);
}

static struct pack_link *push(struct pack_chain *chain)
{
	if (chain->count == chain->cap) {
		chain->cap = chain->cap ? 2 * chain->cap : 64;
		chain->links = xreallocarray(chain->links, chain->cap, sizeof(*chain->links));
	}
	return &chain->links[chain->count++];
}

/* From an object down to one that is whole. */
static int gather(
	struct pack_chain *chain, struct pack_window *window, uint64_t offset, struct error *err)
{
	chain->count = 0;
	for (;;) {
		struct pack_entry entry;
		struct pack_link *link;

		if (chain->count > LIMIT_PACK_DELTAS)
			return error_set(err, ERROR_DAMAGED, "more than %d deltas on each other",
				LIMIT_PACK_DELTAS);
		link = push(chain);
		link->window = window;
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

int pack_chain_read(struct pack_chain *chain, struct pack_window *window, uint64_t offset,
	struct buf *ret, struct error *err)
{
	size_t i;

	if (gather(chain, window, offset, err) < 0)
		return -1;
	i = chain->count - 1;
	if (inflate_link(chain, &chain->links[i], ret, err) < 0)
		return -1;
	while (i--) {
		struct buf base = *ret;

		*ret = chain->base;
		chain->base = base;
		if (inflate_link(chain, &chain->links[i], &chain->delta, err) < 0 ||
			pack_delta(&chain->delta, base.ptr, base.len, ret, err) < 0)
			return -1;
	}
	return 0;
}
