/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The second pass over a pack: deltas. From each object that is no delta go all those on top of it,
 * depth first, so that a base is inflated once and held only as long as it has deltas left. Threads
 * take such families one after the other. Deltas whose base is named and not in the pack come last.
 */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/limits.h"
#include "bundle/pack_private.h"

#define BATCH 64 /* records that a thread takes at once */

/* An object on the way down whose deltas are being resolved. */
struct frame {
	char *data; /* owned */
	size_t size;
	enum object_type type;
	uint32_t child;      /* the next delta on it, by offset */
	size_t ref, ref_end; /* those by name */
};

struct resolver {
	struct pack_indexer *indexer;
	_Atomic uint32_t next; /* record or group of names to begin with */
	bool outside;          /* bases are those outside the pack */
	atomic_bool stop;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t done;
	unsigned running;
	int result;
	struct error err;
};

struct worker {
	struct resolver *resolver;
	struct pack_indexer *indexer;
	struct pack_links_seen seen;
	struct pack_window window;
	struct inflater *inflater;
	struct digest *digest;
	struct buf delta;
	struct frame *frames;
	size_t depth, cap;
};

static void worker_init(struct worker *worker, struct resolver *resolver)
{
	*worker = (struct worker){.resolver = resolver, .indexer = resolver->indexer};
	worker->seen.links = resolver->indexer->links;
	pack_window_init(&worker->window, &resolver->indexer->bytes, resolver->indexer->end);
	worker->inflater = inflater_new(DEFLATE_ZLIB);
	worker->digest = digest_new(DIGEST_SHA1);
	worker->delta = (struct buf)BUF_INIT;
}

static void worker_clear(struct worker *worker)
{
	while (worker->depth)
		free(worker->frames[--worker->depth].data);
	free(worker->frames);
	pack_window_clear(&worker->window);
	inflater_free(worker->inflater);
	digest_free(worker->digest);
	buf_clear(&worker->delta);
}

/* ---- deltas by the name of their base */

static int compare_refs(const void *left, const void *right)
{
	const struct ref_delta *a = left;
	const struct ref_delta *b = right;

	return oid_compare(&a->base, &b->base);
}

/* Those on `base`: from `*ref` to before `*end`. */
static void find_refs(
	const struct pack_indexer *indexer, const struct oid *base, size_t *ref, size_t *end)
{
	size_t low = 0;
	size_t high = indexer->ref_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (oid_compare(&indexer->refs[middle].base, base) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*ref = *end = low;
	while (*end < indexer->ref_count && oid_equal(&indexer->refs[*end].base, base))
		++*end;
}

/* ---- one family */

static void push(struct worker *worker, const struct frame *frame)
{
	if (worker->depth == worker->cap) {
		worker->cap = worker->cap ? 2 * worker->cap : 64;
		worker->frames =
			xreallocarray(worker->frames, worker->cap, sizeof(*worker->frames));
	}
	worker->frames[worker->depth++] = *frame;
}

static bool has_deltas(const struct frame *frame)
{
	return frame->child != RECORD_NONE || frame->ref < frame->ref_end;
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

static int inflate_entry(struct worker *worker, const struct pack_record *record, char **data,
	size_t *size, struct error *err)
{
	struct pack_entry entry;
	uint64_t body;

	if (pack_window_entry(&worker->window, record_offset(record), &entry, &body, err) < 0)
		return -1;
	if (entry.size > LIMIT_OBJECT_HELD)
		return error_set(err, ERROR_DAMAGED, "a delta's base of more than %lu bytes",
			LIMIT_OBJECT_HELD);
	*size = (size_t)entry.size;
	*data = xmalloc(*size);
	return pack_window_inflate(&worker->window, worker->inflater, body, *data, *size, err);
}

/* The object of a delta on `base`. */
static int apply(struct worker *worker, const struct pack_record *record, const struct frame *base,
	char **data, size_t *size, struct error *err)
{
	struct pack_entry entry;
	uint64_t body, announced, result;

	if (pack_window_entry(&worker->window, record_offset(record), &entry, &body, err) < 0)
		return -1;
	buf_reset(&worker->delta);
	buf_grow(&worker->delta, (size_t)entry.size);
	if (pack_window_inflate(&worker->window, worker->inflater, body, worker->delta.ptr,
		    (size_t)entry.size, err) < 0)
		return -1;
	if (!delta_sizes(worker->delta.ptr, (size_t)entry.size, &announced, &result) ||
		result > LIMIT_OBJECT_HELD)
		return error_set(err, ERROR_DAMAGED, "a delta of no good sizes");
	if (pack_indexer_count(worker->indexer, result, err) < 0)
		return -1;
	*size = (size_t)result;
	*data = xmalloc(*size);
	if (!delta_apply(worker->delta.ptr, (size_t)entry.size, base->data, base->size, *data))
		return error_set(err, ERROR_DAMAGED, "a delta that does not fit its base");
	return 0;
}

/* What comes of a delta: named, checked, and what is on top of it. */
static int resolve(struct worker *worker, const struct frame *base, struct pack_record *record,
	struct frame *made, struct error *err)
{
	struct tree_known known = {base->data, base->size};
	struct object_data object;

	made->type = base->type;
	if (worker->depth > LIMIT_PACK_DELTAS)
		return error_set(
			err, ERROR_DAMAGED, "more than %d deltas on each other", LIMIT_PACK_DELTAS);
	if (apply(worker, record, base, &made->data, &made->size, err) < 0)
		return -1;
	pack_object_name(worker->digest, made->type, made->data, made->size, &record->oid);
	record->type = (uint8_t)made->type;
	made->child = record->child;
	if (worker->indexer->ref_count)
		find_refs(worker->indexer, &record->oid, &made->ref, &made->ref_end);
	object = (struct object_data){made->type, made->data, made->size};
	return pack_indexer_object(
		worker->indexer, &worker->seen, &record->oid, &object, &known, err);
}

/* Resolve the next delta of the frame at the top, which is taken off when it has no other. */
static int step(struct worker *worker, struct error *err)
{
	struct frame *base = &worker->frames[worker->depth - 1];
	uint32_t number = next_delta(worker->indexer, base);
	struct frame made = {.child = RECORD_NONE};
	struct pack_record *record;
	int result;

	if (number == RECORD_NONE) {
		free(worker->frames[--worker->depth].data);
		return 0;
	}
	record = &worker->indexer->records[number];
	result = resolve(worker, base, record, &made, err);
	if (!has_deltas(base))
		free(TAKE(base->data));
	push(worker, &made);
	return result < 0 ? pack_error_at(err, record_offset(record)) : 0;
}

static int family(struct worker *worker, struct error *err)
{
	while (worker->depth)
		if (step(worker, err) < 0)
			return -1;
	return 0;
}

/* ---- where families begin */

static int begin_record(struct worker *worker, uint32_t number, struct error *err)
{
	const struct pack_record *record = &worker->indexer->records[number];
	struct frame root = {.child = record->child};

	if (record->raw >= RAW_OFS_DELTA)
		return 0;
	root.type = (enum object_type)record->type;
	if (worker->indexer->ref_count)
		find_refs(worker->indexer, &record->oid, &root.ref, &root.ref_end);
	if (!has_deltas(&root))
		return 0;
	if (inflate_entry(worker, record, &root.data, &root.size, err) < 0) {
		free(root.data);
		return pack_error_at(err, record_offset(record));
	}
	push(worker, &root);
	return family(worker, err);
}

/* The deltas on one object outside the pack. */
static int begin_outside(struct worker *worker, uint32_t number, struct error *err)
{
	struct pack_indexer *indexer = worker->indexer;
	struct oid base = indexer->refs[number].base;
	struct frame root = {.child = RECORD_NONE};
	autobuf data = BUF_INIT;

	find_refs(indexer, &base, &root.ref, &root.ref_end);
	if (root.ref != number || !odb_has(indexer->base, &base))
		return 0;
	if (odb_read(indexer->base, &base, &root.type, &data, err) < 0)
		return error_wrap(err, "a delta's base");
	root.size = data.len;
	root.data = buf_detach(&data);
	push(worker, &root);
	return family(worker, err);
}

static int work(struct worker *worker, struct error *err)
{
	struct resolver *resolver = worker->resolver;
	uint32_t count =
		resolver->outside ? (uint32_t)worker->indexer->ref_count : worker->indexer->count;

	for (;;) {
		uint32_t from = atomic_fetch_add(&resolver->next, BATCH);

		if (from >= count)
			return 0;
		for (uint32_t i = from; i < count && i < from + BATCH; i++) {
			int result = resolver->outside ? begin_outside(worker, i, err)
						       : begin_record(worker, i, err);

			if (result < 0)
				return -1;
			if (atomic_load(&resolver->stop))
				return 0;
		}
	}
}

/* ---- threads */

static void *run_worker(void *ctx)
{
	struct resolver *resolver = ctx;
	CLEANUP(worker_clear) struct worker worker;
	autoerror err = ERROR_INIT;
	int result;

	worker_init(&worker, resolver);
	result = work(&worker, &err);
	pthread_mutex_lock(&resolver->lock);
	if (result < 0 && resolver->result == 0)
		resolver->result = error_move(&resolver->err, &err);
	if (result < 0)
		atomic_store(&resolver->stop, true);
	resolver->running--;
	pthread_cond_signal(&resolver->done);
	pthread_mutex_unlock(&resolver->lock);
	return NULL;
}

/* Start as many as can be; returns how many. */
static unsigned start(struct resolver *resolver, unsigned threads, pthread_t *ids)
{
	unsigned count = 0;

	pthread_mutex_lock(&resolver->lock);
	while (count < threads && pthread_create(&ids[count], NULL, run_worker, resolver) == 0)
		count++;
	resolver->running += count;
	pthread_mutex_unlock(&resolver->lock);
	return count;
}

/* Until all have ended; the tick's failure stops them. */
static void wait_all(struct resolver *resolver, const struct pack_tick *tick)
{
	bool running = true;

	while (running) {
		autoerror err = ERROR_INIT;
		bool failed;

		pthread_mutex_lock(&resolver->lock);
		if (resolver->running)
			pack_tick_wait(&resolver->done, &resolver->lock);
		running = resolver->running > 0;
		pthread_mutex_unlock(&resolver->lock);
		failed = running && pack_tick(tick, &err) < 0;
		if (!failed)
			continue;
		atomic_store(&resolver->stop, true);
		pthread_mutex_lock(&resolver->lock);
		if (resolver->result == 0)
			resolver->result = error_move(&resolver->err, &err);
		pthread_mutex_unlock(&resolver->lock);
	}
}

static int run(struct resolver *resolver, unsigned threads, const struct pack_tick *tick,
	struct error *err)
{
	autofree pthread_t *ids = xcalloc(threads, sizeof(*ids));
	unsigned count = start(resolver, threads, ids);

	if (count == 0) {
		resolver->running = 1;
		run_worker(resolver);
	}
	wait_all(resolver, tick);
	for (unsigned i = 0; i < count; i++)
		pthread_join(ids[i], NULL);
	return resolver->result < 0 ? error_move(err, &resolver->err) : 0;
}

/* A delta that nobody took has no base. */
static int check_refs(const struct pack_indexer *indexer, struct error *err)
{
	char hex[OID_HEX_LEN + 1];

	for (size_t i = 0; i < indexer->ref_count; i++) {
		uint32_t number = atomic_load(&indexer->refs[i].record);

		if (number == RECORD_NONE)
			continue;
		oid_hex(&indexer->refs[i].base, hex);
		error_set(err, ERROR_INCOMPLETE, "the delta's base %s is not there", hex);
		return pack_error_at(err, record_offset(&indexer->records[number]));
	}
	return 0;
}

int pack_resolve(struct pack_indexer *indexer, unsigned threads, const struct pack_tick *tick,
	struct error *err)
{
	struct resolver resolver = {.indexer = indexer};
	int result;

	if (indexer->ref_count)
		qsort(indexer->refs, indexer->ref_count, sizeof(*indexer->refs), compare_refs);
	pthread_mutex_init(&resolver.lock, NULL);
	pthread_cond_init(&resolver.done, NULL);
	result = run(&resolver, threads, tick, err);
	if (result == 0 && indexer->ref_count && indexer->base) {
		resolver.outside = true;
		atomic_store(&resolver.next, 0);
		result = run(&resolver, threads, tick, err);
	}
	pthread_mutex_destroy(&resolver.lock);
	pthread_cond_destroy(&resolver.done);
	return result < 0 ? -1 : check_refs(indexer, err);
}
