/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/limits.h"
#include "bundle/pack_private.h"

#define WINDOW (32 * KiB)
#define JUMP (6 * KiB)
#define BEFORE (2 * KiB) /* who goes backwards will go on doing so */

int pack_error_at(struct error *err, uint64_t offset)
{
	return error_wrap(err, "the pack's object at offset %llu", (unsigned long long)offset);
}

void pack_window_init(struct pack_window *window, const struct pack_bytes *bytes, uint64_t end)
{
	*window = (struct pack_window){.bytes = bytes, .end = end};
	window->data = xmalloc(WINDOW);
}

void pack_window_clear(struct pack_window *window)
{
	free(window->data);
}

/* Read on where the last bytes ended, much at once; elsewhere little, and a little before it. */
static int move(struct pack_window *window, uint64_t offset, struct error *err)
{
	bool on = window->len && offset - window->at <= window->len && offset >= window->at;
	uint64_t back = on ? 0 : BEFORE;
	uint64_t begin = offset - (back < offset ? back : offset);
	uint64_t take = window->end - begin;

	if (take > (on ? WINDOW : JUMP))
		take = on ? WINDOW : JUMP;
	window->len = 0;
	if (window->bytes->read(window->bytes->ctx, begin, window->data, (size_t)take, err) < 0)
		return -1;
	window->at = begin;
	window->len = (size_t)take;
	return 0;
}

const unsigned char *pack_window_at(
	struct pack_window *window, uint64_t offset, size_t *len, struct error *err)
{
	uint64_t left = offset < window->end ? window->end - offset : 0;
	uint64_t need = left < PACK_ENTRY_MAX ? left : PACK_ENTRY_MAX;
	size_t skip;

	if (!left) {
		error_set(err, ERROR_DAMAGED, "the pack ends too early");
		return NULL;
	}
	if (offset < window->at || offset + need > window->at + window->len)
		if (move(window, offset, err) < 0)
			return NULL;
	skip = (size_t)(offset - window->at);
	*len = window->len - skip;
	return window->data + skip;
}

int pack_window_entry(struct pack_window *window, uint64_t offset, struct pack_entry *entry,
	uint64_t *body, struct error *err)
{
	size_t len;
	const unsigned char *data = pack_window_at(window, offset, &len, err);
	size_t header;

	if (!data)
		return -1;
	header = pack_entry_parse(data, len, entry);
	if (!header)
		return error_set(err, ERROR_DAMAGED, "a header that means nothing");
	*body = offset + header;
	return 0;
}

int pack_window_inflate(struct pack_window *window, struct inflater *inflater, uint64_t body,
	char *out, size_t size, struct error *err)
{
	size_t made = 0;
	int step = 0;

	inflater_reset(inflater);
	while (!step) {
		size_t used;
		size_t more = size + PACK_SLACK - made;
		const unsigned char *data = pack_window_at(window, body, &used, err);

		if (!data)
			return -1;
		step = inflater_step(inflater, data, &used, out + made, &more, err);
		if (step < 0)
			return -1;
		body += used;
		made += more;
		if (made > size)
			return error_set(err, ERROR_DAMAGED, "it is more than it announces");
	}
	if (made != size)
		return error_set(err, ERROR_DAMAGED, "it is less than it announces");
	return 0;
}
