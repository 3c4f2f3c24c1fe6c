/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bundle file: a plain tar that is also an OCI image layout.
 *
 *	oci-layout
 *	flux-arc/lock.json
 *	flux-arc/lock.json.sig      (if signed)
 *	index.json
 *	blobs/sha256/HEX …          (sorted)
 *
 * Offsets of blobs follow from the lock's sizes alone, so reading needs the head and nothing else:
 * a file of 100 GB opens as fast as one of 100 KB. Nothing is believed: the header at each computed
 * offset is compared with the lock before a byte of that blob is used.
 */
#ifndef BUNDLE_BUNDLE_H
#define BUNDLE_BUNDLE_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"
#include "bundle/lock.h"
#include "bundle/media.h"
#include "bundle/store.h"

struct bundle {
	struct media *media;
	struct lock lock;
	struct buf lock_text;                    /* as it stands in the file */
	struct buf signature;                    /* armored; empty: none */
	struct sha256_text id;                   /* digest of the lock's text */
	uint64_t signature_offset, index_offset; /* of the members' headers; 0: no signature */
	uint64_t index_size;
	uint64_t *offsets; /* of each blob's header, as in lock.blobs; UINT64_MAX: in the base */
	uint64_t end;      /* of the two zero blocks, and thereby of the file */
};

#define BUNDLE_LAYOUT "oci-layout"
#define BUNDLE_LOCK "flux-arc/lock.json"
#define BUNDLE_SIGNATURE "flux-arc/lock.json.sig"
#define BUNDLE_INDEX "index.json"
/* "blobs/sha256/HEX"; the caller frees. */
char *bundle_member(const struct sha256_text *digest);

/* Reads the head: all up to the header of index.json. ERROR_DAMAGED, ERROR_INCOMPLETE. */
int bundle_open(const char *path, const struct strv *folders, struct bundle **ret,
	struct error *err) MUST_CHECK;
void bundle_free(struct bundle *bundle);
void bundle_free_pointer(struct bundle **slot);
#define autobundle CLEANUP(bundle_free_pointer) struct bundle

/*
 * Where a blob's bytes are in the media, its header checked. ERROR_INCOMPLETE if it is in the base,
 * ERROR_NOT_FOUND if the lock does not know it.
 */
int bundle_blob(struct bundle *bundle, const struct sha256_text *digest, uint64_t *offset,
	uint64_t *size, struct error *err) MUST_CHECK;
/* The header of blob `index` of the lock, which is in this bundle, is as written. */
int bundle_check_header(struct bundle *bundle, size_t index, struct error *err) MUST_CHECK;
/* The whole of a small blob, its digest checked. */
int bundle_blob_read(struct bundle *bundle, const struct sha256_text *digest, size_t limit,
	struct buf *ret, struct error *err) MUST_CHECK;

/* Where and how a bundle is written. */
struct bundle_output {
	const char *path;
	uint64_t part_size; /* 0: one file */
	bool parity;        /* of parts only */
	/* Signs the lock's text; NULL: unsigned. */
	int (*sign)(
		void *ctx, const struct buf *lock_text, struct buf *signature, struct error *err);
	void *sign_ctx;
	/* Called with what is written of all; may be NULL. */
	int (*progress)(void *ctx, uint64_t done, uint64_t total, struct error *err);
	void *progress_ctx;
};
/*
 * Write the bundle of a complete lock from the store's blobs: the free space is checked before the
 * first byte; the manifests and index.json are made here and added to the lock; PATH.partial,
 * synced, renamed. `id` may be NULL.
 */
int bundle_write(struct lock *lock, struct store *store, const struct bundle_output *output,
	struct sha256_text *id, struct error *err) MUST_CHECK;

#endif
