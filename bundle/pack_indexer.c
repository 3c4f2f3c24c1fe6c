/* SPDX-License-Identifier: Apache-2.0 */
/* Both passes held together: the thread of the first, and what is left at the end. */
#include "base/base.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/os.h"
#include "bundle/limits.h"
#include "bundle/pack_private.h"

#define TICK_MS 200

/* ---- the scanning thread and its bytes */

uint64_t pack_indexer_wait(struct pack_indexer *indexer, uint64_t have)
{
	uint64_t fed;

	pthread_mutex_lock(&indexer->lock);
	while (indexer->fed <= have && !indexer->ended)
		pthread_cond_wait(&indexer->more, &indexer->lock);
	fed = indexer->stopped ? have : indexer->fed;
	pthread_mutex_unlock(&indexer->lock);
	return fed;
}

static void *run_scan(void *ctx)
{
	struct pack_indexer *indexer = ctx;
	struct error err = ERROR_INIT;
	int result = pack_scan(indexer, &err);

	pthread_mutex_lock(&indexer->lock);
	indexer->result = result;
	indexer->err = err;
	indexer->scanned = true;
	pthread_cond_signal(&indexer->done);
	pthread_mutex_unlock(&indexer->lock);
	return NULL;
}

struct pack_indexer *pack_indexer_new(const struct pack_bytes *bytes, struct odb *base)
{
	struct pack_indexer *indexer = xcalloc(1, sizeof(*indexer));

	indexer->bytes = *bytes;
	indexer->base = base;
	indexer->links = pack_links_new();
	pthread_mutex_init(&indexer->lock, NULL);
	pthread_cond_init(&indexer->more, NULL);
	pthread_cond_init(&indexer->done, NULL);
	indexer->started = pthread_create(&indexer->scanner, NULL, run_scan, indexer) == 0;
	return indexer;
}

/* No more bytes will come; `stop`: nor are they wanted. */
static void end_scan(struct pack_indexer *indexer, bool stop)
{
	pthread_mutex_lock(&indexer->lock);
	indexer->ended = true;
	indexer->stopped = stop;
	pthread_cond_signal(&indexer->more);
	pthread_mutex_unlock(&indexer->lock);
}

void pack_indexer_free(struct pack_indexer *indexer)
{
	if (!indexer)
		return;
	end_scan(indexer, true);
	if (indexer->started)
		pthread_join(indexer->scanner, NULL);
	pthread_mutex_destroy(&indexer->lock);
	pthread_cond_destroy(&indexer->more);
	pthread_cond_destroy(&indexer->done);
	error_clear(&indexer->err);
	pack_links_free(indexer->links);
	free(indexer->records);
	free(indexer->refs);
	pack_stash_clear(&indexer->stash);
	free(indexer);
}

/* What the scan has said, under the lock: its error moves to the first who asks. */
static int scan_result(struct pack_indexer *indexer, struct error *err)
{
	if (!indexer->scanned)
		return 0;
	if (indexer->result < 0)
		return error_move(err, &indexer->err);
	if (indexer->fed > indexer->end)
		return error_set(err, ERROR_DAMAGED, "there are bytes behind the pack's end");
	return 0;
}

int pack_indexer_feed(struct pack_indexer *indexer, size_t len, struct error *err)
{
	int result;

	pthread_mutex_lock(&indexer->lock);
	indexer->fed += len;
	result = scan_result(indexer, err);
	pthread_cond_signal(&indexer->more);
	pthread_mutex_unlock(&indexer->lock);
	return result;
}

void pack_indexer_progress(const struct pack_indexer *indexer, uint32_t *total, uint32_t *seen)
{
	*total = atomic_load(&indexer->total);
	*seen = atomic_load(&indexer->seen);
}

/* ---- every object */

int pack_indexer_count(struct pack_indexer *indexer, uint64_t bytes, struct error *err)
{
	uint64_t content = atomic_fetch_add(&indexer->content, bytes) + bytes;

	if (content <= LIMIT_PACK_CONTENT ||
		content / LIMIT_PACK_RATIO <= pack_indexer_wait(indexer, 0))
		return 0;
	return error_set(err, ERROR_DAMAGED,
		"the pack's objects are more than %d times the pack's own size", LIMIT_PACK_RATIO);
}

int pack_indexer_object(struct pack_indexer *indexer, struct pack_links_seen *seen,
	const struct oid *oid, const struct object_data *object, const struct tree_known *base,
	struct error *err)
{
	char hex[OID_HEX_LEN + 1];
	int result;

	atomic_fetch_add(&indexer->seen, 1);
	if (pack_links_present(indexer->links, oid, object->type, err) < 0)
		return -1;
	result = object->type == OBJECT_TREE && base
			 ? tree_check_changes(
				   object->data, object->len, base, pack_links_named, seen, err)
			 : object_check(object->type, object->data, object->len, pack_links_named,
				   seen, err);
	if (result == 0)
		return 0;
	oid_hex(oid, hex);
	return error_wrap(err, "object %s", hex);
}

/* ---- the end */

int pack_tick(const struct pack_work *work, struct error *err)
{
	return work->tick ? work->tick(work->ctx, err) : 0;
}

void pack_tick_wait(pthread_cond_t *cond, pthread_mutex_t *lock)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += TICK_MS * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_nsec -= 1000000000L;
		until.tv_sec++;
	}
	pthread_cond_timedwait(cond, lock, &until);
}

static int finish_scan(
	struct pack_indexer *indexer, const struct pack_work *work, struct error *err)
{
	int result = 0;

	end_scan(indexer, false);
	if (!indexer->started)
		run_scan(indexer);
	pthread_mutex_lock(&indexer->lock);
	while (!indexer->scanned && result == 0) {
		pack_tick_wait(&indexer->done, &indexer->lock);
		pthread_mutex_unlock(&indexer->lock);
		result = pack_tick(work, err);
		pthread_mutex_lock(&indexer->lock);
	}
	if (result == 0)
		result = scan_result(indexer, err);
	pthread_mutex_unlock(&indexer->lock);
	return result;
}

static int compare_objects(const void *left, const void *right)
{
	const struct pack_object *a = left;
	const struct pack_object *b = right;

	return oid_compare(&a->oid, &b->oid);
}

/* Names are spread evenly: put each behind those of its first byte, then sort these. */
static void sort_objects(const struct pack_indexer *indexer, struct pack *pack)
{
	uint32_t at[256];

	for (uint32_t i = 0; i < indexer->count; i++)
		if (indexer->records[i].type != OBJECT_NONE)
			pack->fanout[indexer->records[i].oid.bytes[0] + 1]++;
	for (size_t i = 0; i < 256; i++) {
		pack->fanout[i + 1] += pack->fanout[i];
		at[i] = pack->fanout[i];
	}
	for (uint32_t i = 0; i < indexer->count; i++) {
		const struct pack_record *record = &indexer->records[i];

		if (record->type == OBJECT_NONE)
			continue;
		pack->objects[at[record->oid.bytes[0]]++] = (struct pack_object){
			.oid = record->oid,
			.low = record->low,
			.high = record->high,
			.type = record->type,
		};
	}
	for (size_t i = 0; i < 256; i++)
		qsort(pack->objects + pack->fanout[i], pack->fanout[i + 1] - pack->fanout[i],
			sizeof(*pack->objects), compare_objects);
}

/* They are sorted already, several deltas on one beside each other. */
static void take_outside(const struct pack_indexer *indexer, struct pack *pack)
{
	const struct oid *last = NULL;

	pack->outside = xcalloc(indexer->ref_count + 1, sizeof(*pack->outside));
	for (size_t i = 0; i < indexer->ref_count; i++) {
		const struct oid *base = &indexer->refs[i].base;

		if ((last && oid_equal(last, base)) || pack_has(pack, base))
			continue;
		pack->outside[pack->outside_count++] = *base;
		last = base;
	}
}

static struct pack *make_pack(const struct pack_indexer *indexer)
{
	struct pack *pack = xcalloc(1, sizeof(*pack));

	pack->bytes = indexer->bytes;
	pack->bytes.size = indexer->end;
	pack->objects = xcalloc(indexer->count, sizeof(*pack->objects));
	sort_objects(indexer, pack);
	pack->count = pack->fanout[256];
	take_outside(indexer, pack);
	return pack;
}

int pack_indexer_end(struct pack_indexer *indexer, const struct pack_work *given, struct pack **ret,
	struct error *err)
{
	struct pack_work work = given ? *given : (struct pack_work){0};

	*ret = NULL;
	if (!work.threads)
		work.threads = os_processors();
	if (finish_scan(indexer, &work, err) < 0 || pack_resolve(indexer, &work, err) < 0)
		return -1;
	if (!indexer->partial && pack_links_close(indexer->links, indexer->base, work.cut, err) < 0)
		return -1;
	pack_links_free(TAKE(indexer->links));
	pack_stash_clear(&indexer->stash);
	*ret = make_pack(indexer);
	return 0;
}

static int index_all(struct pack_indexer *indexer, const struct pack_work *work, struct pack **ret,
	struct error *err)
{
	int result = pack_indexer_feed(indexer, (size_t)indexer->bytes.size, err);

	*ret = NULL;
	if (result == 0)
		result = pack_indexer_end(indexer, work, ret, err);
	pack_indexer_free(indexer);
	return result;
}

int pack_index(const struct pack_bytes *bytes, struct odb *base, const struct pack_work *work,
	struct pack **ret, struct error *err)
{
	return index_all(pack_indexer_new(bytes, base), work, ret, err);
}

int pack_index_partial(const struct pack_bytes *bytes, const struct pack_work *work,
	struct pack **ret, struct error *err)
{
	struct pack_indexer *indexer = pack_indexer_new(bytes, NULL);

	/* Not looked at before the scan has ended. */
	indexer->partial = true;
	return index_all(indexer, work, ret, err);
}
