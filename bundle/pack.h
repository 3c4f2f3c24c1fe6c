/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Git packs: checked and indexed while they arrive, and read in place.
 *
 * Why not libgit2's indexer: at 300,000 objects it takes longer and three times the memory of git's
 * own, it wants the pack as a file in a directory of its own (ours stands in the middle of a
 * bundle), and on 1.5 its connectivity check takes submodule commits for missing objects.
 *
 * "Checked" means: the trailer's SHA-1, every object inflated and hashed, every delta resolved,
 * every commit, tree and tag well-formed, and every object that one of them names present in this
 * pack or in the base (gitlinks excepted). A pack of which that holds is closed, so whatever is
 * reachable from refs whose objects are in it is there.
 *
 * Collisions of SHA-1 are not looked for, as git's slower sha1dc would: names of objects are no
 * evidence here. What a bundle's reader trusts are the SHA-256 of every blob, packs included, under
 * the lock's signature; and its maker trusts the server that it asked. Of an object that is in several
 * packs of an odb the first is read, so that one which comes later takes nothing's place.
 */
#ifndef BUNDLE_PACK_H
#define BUNDLE_PACK_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"
#include "bundle/oid.h"

enum object_type {
	OBJECT_NONE,
	OBJECT_COMMIT = 1,
	OBJECT_TREE = 2,
	OBJECT_BLOB = 3,
	OBJECT_TAG = 4,
};
const char *object_type_name(enum object_type type); /* "commit" */

/* Where a pack's bytes are: `read` gives `len` bytes at `offset` of the pack; several threads may
 * call it. */
struct pack_bytes {
	int (*read)(void *ctx, uint64_t offset, void *data, size_t len, struct error *err);
	void *ctx;
	uint64_t size;
};

struct odb;
struct pack; /* an indexed pack */

/* ---- indexing: bytes are pushed as they arrive */

struct pack_indexer;
/*
 * `base`: where thin deltas find their bases and links may lead; NULL: nowhere. Both are borrowed;
 * `bytes->size` is not looked at. A thread of its own checks while bytes arrive, and reads them from
 * where they are stored: so nothing is kept twice, and a slow check never holds up the server.
 */
struct pack_indexer *pack_indexer_new(const struct pack_bytes *bytes, struct odb *base);
/* `len` more bytes are there: bytes->read gives them from now on. Fails as soon as the pack is known
 * to be damaged; ERROR_DAMAGED names the object's offset. */
int pack_indexer_feed(struct pack_indexer *indexer, size_t len, struct error *err) MUST_CHECK;
/* How the rest is done; NULL stands for one that is all zero. */
struct pack_work {
	unsigned threads; /* 0: one for each processor */
	bool cut;         /* history may be cut: commits that are named need not be there */
	int (*tick)(void *ctx, struct error *err); /* as in base/http.h; may be NULL */
	void *ctx;
};
/*
 * No more bytes will come. What deltas are left are resolved here. Of a pack with `base`, `*ret` needs
 * the same base for reading. ERROR_INCOMPLETE if the pack lacks an object that it names or a delta's
 * base: the pack is whole, but not on its own.
 */
int pack_indexer_end(struct pack_indexer *indexer, const struct pack_work *given, struct pack **ret,
	struct error *err) MUST_CHECK;
/* Objects announced and seen so far, for progress. */
void pack_indexer_progress(const struct pack_indexer *indexer, uint32_t *total, uint32_t *seen);
void pack_indexer_free(struct pack_indexer *indexer);

/* Index what is all there already: bytes.read from 0 to size. */
int pack_index(const struct pack_bytes *bytes, struct odb *base, const struct pack_work *work,
	struct pack **ret, struct error *err) MUST_CHECK;

/*
 * The same of a pack without what it leans on, as the thin pack of a delta without its base: what can
 * be read is checked and indexed, deltas on absent objects are left out, and links may lead nowhere.
 * Its commits can be walked (git makes no deltas of commits against others' objects).
 */
int pack_index_partial(const struct pack_bytes *bytes, const struct pack_work *work,
	struct pack **ret, struct error *err) MUST_CHECK;

void pack_free(struct pack *pack);
void pack_free_pointer(struct pack **slot);
#define autopack CLEANUP(pack_free_pointer) struct pack
uint32_t pack_count(const struct pack *pack);
/* Where its bytes are; borrowed. */
const struct pack_bytes *pack_place(const struct pack *pack);
bool pack_has(const struct pack *pack, const struct oid *oid);
/* Object `index` in the order of names. */
const struct oid *pack_oid(const struct pack *pack, uint32_t index);
/* The objects that deltas of the pack lie on and that are not in it, sorted; borrowed. */
const struct oid *pack_outside(const struct pack *pack, size_t *count);

/* ---- reading objects out of any number of packs */

struct odb *odb_new(void);
/* The pack becomes the odb's. Packs that lean on others are added after them. */
void odb_add(struct odb *odb, struct pack *pack);
void odb_free(struct odb *odb);
void odb_free_pointer(struct odb **slot);
#define autoodb CLEANUP(odb_free_pointer) struct odb
/* The packs, in the order in which they were added; borrowed, NULL past the end. */
const struct pack *odb_pack(const struct odb *odb, size_t index);
bool odb_has(const struct odb *odb, const struct oid *oid);
/* ERROR_NOT_FOUND; ERROR_DAMAGED. `ret` is reset first. */
int odb_read(struct odb *odb, const struct oid *oid, enum object_type *type, struct buf *ret,
	struct error *err) MUST_CHECK;

#endif
