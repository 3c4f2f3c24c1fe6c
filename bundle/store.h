/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The content store: blobs by their SHA-256 under the user's cache directory
 * ($XDG_CACHE_HOME/kubectl-flux-arc/store), so that what was downloaded once is not downloaded
 * again, an interrupted create goes on where it was, and a delta has its base. Everything in it may
 * be deleted at any time. Files are 0600, written beside and renamed; programs may share it. Using a
 * file sets its time, so that store_trim() knows what was used last.
 *
 * A note maps a key (what was asked: URL, wanted and had commits, options) to the digest of the
 * answer: equal questions give equal bytes.
 */
#ifndef BUNDLE_STORE_H
#define BUNDLE_STORE_H

#include "base/base.h"
#include "base/error.h"
#include "bundle/lock.h"

struct store;

/* What programs that died were writing is removed. */
int store_open(struct store **ret, struct error *err) MUST_CHECK;
void store_free(struct store *store);
void store_free_pointer(struct store **slot);
#define autostore CLEANUP(store_free_pointer) struct store

/*
 * Remove what was not used for `days`, and then what was used the longest time ago until at most
 * `bytes` are left. What this program has used since it opened the store stays in any case; while
 * another one has it open, nothing is removed.
 */
void store_trim(struct store *store, uint64_t bytes, int64_t days);

/* Is it there? Then `*size` and `*path` (the caller frees) are set; either may be NULL. */
bool store_has(
	const struct store *store, const struct sha256_text *digest, uint64_t *size, char **path);
/* A descriptor for reading; the caller closes. ERROR_NOT_FOUND. */
int store_read(const struct store *store, const struct sha256_text *digest, int *fd,
	struct error *err) MUST_CHECK;
/* Remove a blob that turned out to be damaged. */
void store_forget(const struct store *store, const struct sha256_text *digest);

/* A blob that is being written; its SHA-256 is taken on the way. */
struct store_file {
	struct store *store;
	int fd; /* may be read while it is written */
	uint64_t size;
	char *path;
	struct digest *digest;
};
int store_begin(struct store *store, struct store_file *ret, struct error *err) MUST_CHECK;
int store_write(
	struct store_file *file, const void *data, size_t len, struct error *err) MUST_CHECK;
/* Synced and renamed to its digest. The file is released in any case. */
int store_end(struct store_file *file, struct sha256_text *digest, struct error *err) MUST_CHECK;
void store_abandon(struct store_file *file);
/* A whole blob at once. */
int store_add(struct store *store, const void *data, size_t len, struct sha256_text *digest,
	struct error *err) MUST_CHECK;

/* What a key was answered with, if the blob is still there. */
bool store_recall(
	const struct store *store, const char *key, struct sha256_text *digest, uint64_t *size);
int store_note(struct store *store, const char *key, const struct sha256_text *digest,
	struct error *err) MUST_CHECK;

#endif
