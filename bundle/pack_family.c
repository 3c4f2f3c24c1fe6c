/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Families of deltas: from an object that is known go all those on top of it, depth first, so that a
 * base is made once, and held only as long as it has deltas left.
 */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/limits.h"
#include "bundle/pack_private.h"

#define HELD (8 * MiB) /* of bases; more are let go, and made again from below when wanted */

/* An object on the way down whose deltas are being resolved. */
struct frame {
	struct buf data; /* without memory: let go */
	uint32_t number; /* its record; RECORD_NONE: of the base */
	enum object_type type;
	bool by_offset;      /* so are all below: it can be made again */
	uint32_t child;      /* the next delta on it, by offset */
	size_t ref, ref_end; /* those by name */
};

struct pack_worker {
	struct pack_indexer *indexer;
	struct pack_links_seen seen;
	struct pack_window window;
	struct pack_chain chain;
	struct digest *digest;
	struct frame *frames;
	size_t depth, cap;
	size_t below; /* deltas that the first frame is made of */
	size_t held;  /* bytes of all frames */
};

static int find_nothing(void *ctx, const struct oid *oid, struct pack_window **window,
	uint64_t *offset, struct error *err)
{
	(void)ctx;
	(void)oid;
	(void)window;
	(void)offset;
	return error_set(err, ERROR_DAMAGED, "a base by name where none can be");
}

struct pack_worker *pack_worker_new(struct pack_indexer *indexer)
{
	struct pack_worker *worker = xcalloc(1, sizeof(*worker));

	worker->indexer = indexer;
	worker->seen.links = indexer->links;
	pack_window_init(&worker->window, &indexer->bytes, indexer->end);
	pack_chain_init(&worker->chain, false);
	worker->chain.find = find_nothing;
	worker->digest = digest_new(DIGEST_SHA1);
	return worker;
}

void pack_worker_free(struct pack_worker *worker)
{
	while (worker->depth)
		buf_clear(&worker->frames[--worker->depth].data);
	free(worker->frames);
	pack_window_clear(&worker->window);
	pack_chain_clear(&worker->chain);
	digest_free(worker->digest);
	free(worker);
}

/* ---- the way down */

static bool has_deltas(const struct frame *frame)
{
	return frame->child != RECORD_NONE || frame->ref < frame->ref_end;
}

static void let_go(struct pack_worker *worker, struct frame *frame)
{
	if (frame->data.cap)
		worker->held -= frame->data.len;
	buf_clear(&frame->data);
}

static void push(struct pack_worker *worker, const struct frame *frame)
{
	size_t i = 0;

	if (worker->depth == worker->cap) {
		worker->cap = worker->cap ? 2 * worker->cap : 64;
		worker->frames =
			xreallocarray(worker->frames, worker->cap, sizeof(*worker->frames));
	}
	worker->frames[worker->depth] = *frame;
	worker->held += frame->data.len;
	for (; worker->held > HELD && i < worker->depth; i++)
		if (worker->frames[i].by_offset)
			let_go(worker, &worker->frames[i]);
	worker->depth++;
}

/* The next delta of a frame; RECORD_NONE: there is none. A delta by name is taken once, though its
 * base may be in the pack and outside. */
static uint32_t next_delta(struct pack_indexer *indexer, struct frame *frame)
{
	uint32_t number = frame->child;

	if (number != RECORD_NONE) {
		frame->child = indexer->records[number].sibling;
		return number;
	}
	while (frame->ref < frame->ref_end && number == RECORD_NONE)
		number = atomic_exchange(&indexer->refs[frame->ref++].record, RECORD_NONE);
	return number;
}

/* The deltas on an object whose name is known now. */
static void find_deltas(
	struct pack_indexer *indexer, struct pack_record *record, struct frame *frame)
{
	frame->child = record->child;
	record->child = RECORD_NONE;
	if (indexer->refs_sorted)
		pack_refs_find(indexer, &record->oid, &frame->ref, &frame->ref_end);
}

/* ---- one delta */

static int instructions(
	struct pack_worker *worker, uint32_t number, struct buf *ret, struct error *err)
{
	const struct pack_record *record = &worker->indexer->records[number];
	struct pack_entry entry;
	uint64_t body;

	if (pack_stash_take(&worker->indexer->stash, number, ret))
		return 0;
	if (pack_window_entry(&worker->window, record_offset(record), &entry, &body, err) < 0)
		return -1;
	return pack_inflate(
		&worker->window, worker->chain.inflater, body, (size_t)entry.size, ret, err);
}

/* What comes of the delta `made->number`: named, checked, and what is on top of it. */
static int resolve(
	struct pack_worker *worker, const struct frame *base, struct frame *made, struct error *err)
{
	struct pack_indexer *indexer = worker->indexer;
	struct pack_record *record = &indexer->records[made->number];
	struct tree_known known = {base->data.ptr, base->data.len};
	struct object_data object = {.type = base->type};
	autobuf delta = BUF_INIT;

	if (worker->below + worker->depth > LIMIT_PACK_DELTAS)
		return error_set(
			err, ERROR_DAMAGED, "more than %d deltas on each other", LIMIT_PACK_DELTAS);
	if (instructions(worker, made->number, &delta, err) < 0 ||
		pack_indexer_count(indexer, delta_result(&delta), err) < 0 ||
		pack_delta(&delta, base->data.ptr, base->data.len, &made->data, err) < 0)
		return -1;
	object.data = made->data.ptr;
	object.len = made->data.len;
	pack_object_name(worker->digest, object.type, object.data, object.len, &record->oid);
	find_deltas(indexer, record, made);
	record->type = (uint8_t)object.type;
	return pack_indexer_object(indexer, &worker->seen, &record->oid, &object, &known, err);
}

static int remake(struct pack_worker *worker, struct frame *frame, struct error *err)
{
	uint64_t offset = record_offset(&worker->indexer->records[frame->number]);

	if (pack_chain_read(&worker->chain, &worker->window, offset, &frame->data, err) < 0)
		return pack_error_at(err, offset);
	worker->held += frame->data.len;
	return pack_indexer_count(worker->indexer, frame->data.len * worker->chain.count, err);
}

/* Resolve the next delta of the frame at the top, which is taken off when it has no other. */
static int step(struct pack_worker *worker, struct error *err)
{
	struct pack_indexer *indexer = worker->indexer;
	struct frame *base = &worker->frames[worker->depth - 1];
	struct frame made = {.data = BUF_INIT, .child = RECORD_NONE, .type = base->type};
	int result;

	made.by_offset = base->by_offset && base->child != RECORD_NONE;
	made.number = next_delta(indexer, base);
	if (made.number == RECORD_NONE) {
		let_go(worker, base);
		worker->depth--;
		return 0;
	}
	if (!base->data.cap && remake(worker, base, err) < 0)
		return -1;
	result = resolve(worker, base, &made, err);
	if (!has_deltas(base))
		let_go(worker, base);
	push(worker, &made);
	if (result == 0)
		return 0;
	return pack_error_at(err, record_offset(&indexer->records[made.number]));
}

static int family(struct pack_worker *worker, const struct frame *root, struct error *err)
{
	push(worker, root);
	while (worker->depth)
		if (step(worker, err) < 0)
			return -1;
	return 0;
}

/* ---- where families begin */

int pack_worker_inside(struct pack_worker *worker, uint32_t number, struct error *err)
{
	struct pack_indexer *indexer = worker->indexer;
	struct pack_record *record = &indexer->records[number];
	uint64_t offset = record_offset(record);
	struct frame root = {.data = BUF_INIT, .number = number, .by_offset = true};

	root.type = (enum object_type)record->type;
	find_deltas(indexer, record, &root);
	worker->below = 0;
	/* Of a delta the stash has instructions. */
	if (record->raw < RAW_OFS_DELTA && pack_stash_take(&indexer->stash, number, &root.data))
		return family(worker, &root, err);
	if (pack_chain_read(&worker->chain, &worker->window, offset, &root.data, err) < 0) {
		buf_clear(&root.data);
		return pack_error_at(err, offset);
	}
	worker->below = worker->chain.count - 1;
	return family(worker, &root, err);
}

int pack_worker_outside(struct pack_worker *worker, size_t ref, struct error *err)
{
	struct pack_indexer *indexer = worker->indexer;
	struct oid base = indexer->refs[ref].base;
	struct frame root = {.data = BUF_INIT, .number = RECORD_NONE, .child = RECORD_NONE};

	pack_refs_find(indexer, &base, &root.ref, &root.ref_end);
	if (root.ref != ref || !odb_has(indexer->base, &base))
		return 0;
	if (odb_read(indexer->base, &base, &root.type, &root.data, err) == 0)
		return family(worker, &root, err);
	buf_clear(&root.data);
	return error_wrap(err, "a delta's base");
}
