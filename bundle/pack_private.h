/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the pack engine share and nobody else sees. */
#ifndef BUNDLE_PACK_PRIVATE_H
#define BUNDLE_PACK_PRIVATE_H

#include "base/base.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/deflate.h"
#include "base/digest.h"
#include "bundle/object_check.h"
#include "bundle/oid_map.h"
#include "bundle/pack.h"

/* ---- the format: gitformat-pack(5) */

#define PACK_SIGNATURE_LEN 12 /* "PACK", the version, the number of objects */
#define PACK_TRAILER_LEN OID_LEN
#define PACK_ENTRY_MAX 40 /* no object's header is longer */

enum pack_raw { /* 1 to 4 are those of enum object_type */
	RAW_OFS_DELTA = 6,
	RAW_REF_DELTA = 7,
};

/* What stands before an object's compressed bytes. */
struct pack_entry {
	unsigned raw;
	uint64_t size;   /* inflated; of a delta: of its instructions */
	uint64_t back;   /* RAW_OFS_DELTA: the base begins so many bytes before */
	struct oid base; /* RAW_REF_DELTA */
};
/* Its length; 0 if it is malformed, or longer than `len`. */
size_t pack_entry_parse(const unsigned char *data, size_t len, struct pack_entry *ret);

/* ---- deltas */

/* The sizes at the beginning of a delta; false if malformed. */
bool delta_sizes(const char *delta, size_t len, uint64_t *base, uint64_t *result);
/* Apply to a base of the size that it announces; `result` has room for what it announces. False if
 * an instruction is malformed, leaves the base or the result, or bytes are missing. */
bool delta_apply(const char *delta, size_t len, const char *base, size_t base_len, char *result);
/* The size that it announces; 0 if it is malformed. */
uint64_t delta_result(const struct buf *delta);
/* The same with bounds and words; `ret` is reset first. */
int pack_delta(const struct buf *delta, const char *base, size_t len, struct buf *ret,
	struct error *err) MUST_CHECK;

/* ---- reading a pack */

/* A stretch of a pack, read ahead since neighbours are read after each other. */
struct pack_window {
	const struct pack_bytes *bytes;
	uint64_t end; /* of the bytes there are */
	uint64_t at;
	size_t len;
	unsigned char *data;
};
void pack_window_init(struct pack_window *window, const struct pack_bytes *bytes, uint64_t end);
void pack_window_clear(struct pack_window *window);
/* Some bytes at `offset`: at least PACK_ENTRY_MAX unless the end is nearer. Borrowed until the next
 * call; NULL and an error if there are none. */
const unsigned char *pack_window_at(
	struct pack_window *window, uint64_t offset, size_t *len, struct error *err);
/* Parse the header at `offset`; `*body` is where the compressed bytes begin. */
int pack_window_entry(struct pack_window *window, uint64_t offset, struct pack_entry *entry,
	uint64_t *body, struct error *err) MUST_CHECK;
/* Inflate `size` bytes into `out`, which has room for PACK_SLACK more: zlib is fast only while there
 * is room for the longest match, and what comes beyond `size` is seen. */
#define PACK_SLACK 320
int pack_window_inflate(struct pack_window *window, struct inflater *inflater, uint64_t body,
	char *out, size_t size, struct error *err) MUST_CHECK;
/* The same into a buffer, which is reset first. */
int pack_inflate(struct pack_window *window, struct inflater *inflater, uint64_t body, size_t size,
	struct buf *ret, struct error *err) MUST_CHECK;
/* "the pack's object at offset N: …" */
int pack_error_at(struct error *err, uint64_t offset);

/* Objects read through the deltas that they are made of. */
struct pack_chain {
	struct pack_link *links;
	size_t count, cap;
	struct inflater *inflater;
	struct buf delta, base;
	struct pack_cache *cache; /* NULL: none */
	/* Where the object of this name is; `*window` is the one of the delta before. */
	int (*find)(void *ctx, const struct oid *oid, struct pack_window **window, uint64_t *offset,
		struct error *err);
	void *ctx;
};
/* `cache`: bases that were made are kept for a while. */
void pack_chain_init(struct pack_chain *chain, bool cache);
void pack_chain_clear(struct pack_chain *chain);
int pack_chain_read(struct pack_chain *chain, struct pack_window *window, uint64_t offset,
	struct buf *ret, struct error *err) MUST_CHECK;

/* ---- an indexed pack */

/* 28 bytes an object, sorted by name. */
struct pack_object {
	struct oid oid;
	uint32_t low; /* of the offset */
	uint16_t high;
	uint16_t type;
};

struct pack {
	struct pack_bytes bytes;
	struct pack_object *objects;
	uint32_t count;
	uint32_t fanout[257]; /* objects whose first byte is less than the index */
	struct oid *outside;  /* bases of deltas that are not in the pack, sorted */
	size_t outside_count;
};
const struct pack_object *pack_find(const struct pack *pack, const struct oid *oid);
uint64_t pack_object_offset(const struct pack_object *object);
/* The type of an object of a base; OBJECT_NONE if it is not there. */
enum object_type odb_type(const struct odb *odb, const struct oid *oid);

/* ---- links: what is there, and what is named */

struct pack_links;
struct pack_links *pack_links_new(void) NEVER_NULL;
void pack_links_free(struct pack_links *links);
/* An object of the pack: refused if it was there before, or is named as another type. */
int pack_links_present(struct pack_links *links, const struct oid *oid, enum object_type type,
	struct error *err) MUST_CHECK;
/* What a thread remembers of names that it has told before. */
struct pack_links_seen {
	struct pack_links *links;
	struct oid recent[1024];
};
/* An object_names, with a struct pack_links_seen. */
int pack_links_named(
	void *seen, const struct oid *oid, enum object_type type, struct error *err) MUST_CHECK;
/* All is told: is everything that is named in the pack or in `base`? */
int pack_links_close(const struct pack_links *links, const struct odb *base, bool cut,
	struct error *err) MUST_CHECK;

/* ---- indexing */

#define RECORD_NONE UINT32_MAX

/* 36 bytes an object, in the order of the pack. */
struct pack_record {
	struct oid oid;   /* known when `type` is */
	uint32_t child;   /* the last delta on top of it by offset, or RECORD_NONE */
	uint32_t sibling; /* the delta before on the same base */
	uint32_t low;     /* of the offset */
	uint16_t high;
	uint8_t type; /* OBJECT_NONE: a delta that is not resolved yet */
	uint8_t raw : 4;
	uint8_t root : 1; /* a family begins here */
};
static inline uint64_t record_offset(const struct pack_record *record)
{
	return (uint64_t)record->high << 32 | record->low;
}

/* A delta whose base is given by name. */
struct ref_delta {
	struct oid base;
	_Atomic uint32_t record; /* RECORD_NONE: taken */
};

/* Inflated bytes of the records from `first` on. */
struct pack_stashed {
	char *data; /* NULL: too big, or taken */
	size_t len;
};
struct pack_stash {
	struct pack_stashed *entries;
	uint32_t first, count, cap;
	size_t bytes;
};
/* The next record's bytes are copied; NULL: not kept. */
void pack_stash_put(struct pack_stash *stash, const char *data, size_t len);
/* Moved into `ret`, which is empty; false if they are not there. Several threads may take different
 * ones. */
bool pack_stash_take(struct pack_stash *stash, uint32_t number, struct buf *ret);
/* The record before which half of the bytes are. */
uint32_t pack_stash_middle(const struct pack_stash *stash);
void pack_stash_drop(struct pack_stash *stash, uint32_t before);
void pack_stash_clear(struct pack_stash *stash);

struct pack_indexer {
	struct pack_bytes bytes;
	struct odb *base;
	bool partial; /* what is missing is left out */
	struct pack_links *links;
	struct pack_record *records;
	uint32_t count, cap;
	struct ref_delta *refs; /* sorted by base when resolving begins */
	size_t ref_count, ref_cap;
	bool refs_sorted;
	struct pack_stash stash;
	uint64_t end;             /* of the pack: how far the scan has come */
	_Atomic uint64_t content; /* bytes of all objects so far, for LIMIT_PACK_CONTENT */
	_Atomic uint32_t total, seen;

	/* The scanning thread; all below is under the lock. */
	pthread_t scanner;
	bool started;
	pthread_mutex_t lock;
	pthread_cond_t more; /* bytes, or the end of them */
	pthread_cond_t done;
	uint64_t fed;
	bool ended, stopped, scanned;
	int result; /* of the scan */
	struct error err;
};

/* The caller's tick, if it wants any. */
int pack_tick(const struct pack_work *work, struct error *err) MUST_CHECK;
/* Wait for `cond`, but not longer than until the next tick is due. */
void pack_tick_wait(pthread_cond_t *cond, pthread_mutex_t *lock);

/* The first pass: every object's header and bytes; all but deltas are checked. Waits for bytes by
 * pack_indexer_wait(). */
int pack_scan(struct pack_indexer *indexer, struct error *err) MUST_CHECK;
/* How many bytes there are, waiting for more than `have`; not more if there will be none. */
uint64_t pack_indexer_wait(struct pack_indexer *indexer, uint64_t have);
/* An object is whole and its name known: count it, check it, remember what it names. `base`: what it
 * is a delta on; NULL: none. */
struct object_data {
	enum object_type type;
	const char *data;
	size_t len;
};
int pack_indexer_object(struct pack_indexer *indexer, struct pack_links_seen *seen,
	const struct oid *oid, const struct object_data *object, const struct tree_known *base,
	struct error *err) MUST_CHECK;
/* Count bytes against the limit. */
int pack_indexer_count(struct pack_indexer *indexer, uint64_t bytes, struct error *err) MUST_CHECK;
/* What one thread needs to resolve families of deltas. */
struct pack_worker;
struct pack_worker *pack_worker_new(struct pack_indexer *indexer) NEVER_NULL;
void pack_worker_free(struct pack_worker *worker);
/* All deltas on a record whose name is known, and all on these. */
int pack_worker_inside(struct pack_worker *worker, uint32_t number, struct error *err) MUST_CHECK;
/* Those on an object of the base, if `ref` is the first that names it. */
int pack_worker_outside(struct pack_worker *worker, size_t ref, struct error *err) MUST_CHECK;
/* Deltas on the object of this name: from `*ref` to before `*end`. They are sorted. */
void pack_refs_find(
	const struct pack_indexer *indexer, const struct oid *base, size_t *ref, size_t *end);
/* Deltas of the older half of the stash, which is then dropped; what they are waiting for comes
 * later. */
int pack_resolve_stash(struct pack_indexer *indexer, struct error *err) MUST_CHECK;
/* The second pass: all deltas that are left. */
int pack_resolve(
	struct pack_indexer *indexer, const struct pack_work *work, struct error *err) MUST_CHECK;
/* The name of an object of which all bytes are there. */
void pack_object_name(struct digest *digest, enum object_type type, const char *data, size_t len,
	struct oid *ret);
/* Begin one that comes in pieces. */
void pack_object_begin(struct digest *digest, enum object_type type, uint64_t size);

#endif
