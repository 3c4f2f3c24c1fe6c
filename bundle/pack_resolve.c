/* SPDX-License-Identifier: Apache-2.0 */
/* Which families of deltas are resolved when, and on which thread. */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/limits.h"
#include "bundle/pack_private.h"

#define BATCH 64        /* records that a thread takes at once */
#define STASH_THREADS 2 /* while the pack arrives */

struct resolver {
	struct pack_indexer *indexer;
	bool outside;          /* bases are those outside the pack */
	uint32_t begin, end;   /* records, or deltas by name */
	_Atomic uint32_t next; /* to be taken */
	atomic_bool stop;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t done;
	unsigned running;
	int result;
	struct error err;
};

/* ---- deltas by the name of their base */

static int compare_refs(const void *left, const void *right)
{
	const struct ref_delta *a = left;
	const struct ref_delta *b = right;

	return oid_compare(&a->base, &b->base);
}

static void sort_refs(struct pack_indexer *indexer)
{
	if (!indexer->ref_count)
		return;
	qsort(indexer->refs, indexer->ref_count, sizeof(*indexer->refs), compare_refs);
	indexer->refs_sorted = true;
}

void pack_refs_find(
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

/* ---- threads */

/* Families begin with what is known before any thread runs: they make others known. */
static void mark_roots(struct resolver *resolver)
{
	struct pack_indexer *indexer = resolver->indexer;

	for (uint32_t i = resolver->begin; i < resolver->end; i++) {
		struct pack_record *record = &indexer->records[i];
		size_t ref = 0, end = 0;

		if (record->type != OBJECT_NONE && indexer->refs_sorted)
			pack_refs_find(indexer, &record->oid, &ref, &end);
		record->root =
			record->type != OBJECT_NONE && (record->child != RECORD_NONE || ref < end);
	}
}

static int work(struct resolver *resolver, struct pack_worker *worker, struct error *err)
{
	for (;;) {
		uint32_t from = atomic_fetch_add(&resolver->next, BATCH);

		if (from >= resolver->end)
			return 0;
		for (uint32_t i = from; i < resolver->end && i < from + BATCH; i++) {
			if (atomic_load(&resolver->stop))
				return 0;
			if (resolver->outside) {
				if (pack_worker_outside(worker, i, err) < 0)
					return -1;
			} else if (resolver->indexer->records[i].root &&
				   pack_worker_inside(worker, i, err) < 0) {
				return -1;
			}
		}
	}
}

static void *run_worker(void *ctx)
{
	struct resolver *resolver = ctx;
	struct pack_worker *worker = pack_worker_new(resolver->indexer);
	autoerror err = ERROR_INIT;
	int result = work(resolver, worker, &err);

	pack_worker_free(worker);
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
static void wait_all(struct resolver *resolver, const struct pack_work *work)
{
	bool running = true;

	while (running) {
		autoerror err = ERROR_INIT;

		pthread_mutex_lock(&resolver->lock);
		if (resolver->running)
			pack_tick_wait(&resolver->done, &resolver->lock);
		running = resolver->running > 0;
		pthread_mutex_unlock(&resolver->lock);
		if (!running || pack_tick(work, &err) == 0)
			continue;
		atomic_store(&resolver->stop, true);
		pthread_mutex_lock(&resolver->lock);
		if (resolver->result == 0)
			resolver->result = error_move(&resolver->err, &err);
		pthread_mutex_unlock(&resolver->lock);
	}
}

static int run(struct resolver *resolver, const struct pack_work *work, struct error *err)
{
	autofree pthread_t *ids = xcalloc(work->threads, sizeof(*ids));
	unsigned count;

	atomic_store(&resolver->next, resolver->begin);
	if (!resolver->outside)
		mark_roots(resolver);
	pthread_mutex_init(&resolver->lock, NULL);
	pthread_cond_init(&resolver->done, NULL);
	count = start(resolver, work->threads, ids);
	if (count == 0) {
		resolver->running = 1;
		run_worker(resolver);
	}
	wait_all(resolver, work);
	for (unsigned i = 0; i < count; i++)
		pthread_join(ids[i], NULL);
	pthread_mutex_destroy(&resolver->lock);
	pthread_cond_destroy(&resolver->done);
	return resolver->result < 0 ? error_move(err, &resolver->err) : 0;
}

int pack_resolve_stash(struct pack_indexer *indexer, struct error *err)
{
	static const struct pack_work work = {.threads = STASH_THREADS};
	struct resolver resolver = {
		.indexer = indexer,
		.begin = indexer->stash.first,
		.end = pack_stash_middle(&indexer->stash),
	};

	if (run(&resolver, &work, err) < 0)
		return -1;
	pack_stash_drop(&indexer->stash, resolver.end);
	return 0;
}

int pack_resolve(struct pack_indexer *indexer, const struct pack_work *work, struct error *err)
{
	struct resolver inside = {.indexer = indexer, .end = indexer->count};
	struct resolver outside = {.indexer = indexer, .outside = true};

	sort_refs(indexer);
	if (run(&inside, work, err) < 0)
		return -1;
	outside.end = (uint32_t)indexer->ref_count;
	if (indexer->base && outside.end && run(&outside, work, err) < 0)
		return -1;
	return indexer->partial ? 0 : check_refs(indexer, err);
}
