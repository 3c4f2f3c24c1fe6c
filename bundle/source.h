/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One Git source of a bundle, opened where it stands in the file: its pack indexed, and thereby
 * checked, its refs compared with the lock. What verify, diff, extract and push begin with.
 */
#ifndef BUNDLE_SOURCE_H
#define BUNDLE_SOURCE_H

#include "base/base.h"
#include "base/error.h"
#include "bundle/bundle.h"
#include "bundle/pack.h"

struct source {
	const struct lock_git *git;      /* borrowed from the bundle's lock */
	uint64_t offset, size;           /* of the git bundle file in the bundle's media */
	uint64_t pack_offset, pack_size; /* of the pack in the media */
	struct odb *odb;                 /* of the pack, and of the base's */
	uint64_t objects;                /* in the pack */
};

struct source_options {
	/* Bundles that this one builds on, the oldest first; borrowed. */
	struct bundle **bases;
	size_t base_count;
	unsigned threads; /* 0: as many as there are processors */
	/* As in base/http.h; may be NULL. */
	int (*tick)(void *ctx, struct error *err);
	void *tick_ctx;
};

/*
 * Where its pack stands: all of `ret` but odb and objects. The header is compared with the lock, the
 * pack is not looked at. ERROR_NOT_FOUND, ERROR_INCOMPLETE (it is in a base), ERROR_DAMAGED.
 */
int source_find(struct bundle *bundle, const struct lock_git *git, struct source *ret,
	struct error *err) MUST_CHECK;

/*
 * ERROR_NOT_FOUND: the source has no pack (history "tip" or "artifact"). ERROR_INCOMPLETE: it is in
 * a base that was not given, or leans on one. ERROR_DAMAGED: the pack is, or its header's refs and
 * prerequisites are not those of the lock, or a ref names nothing in it.
 */
int source_open(struct bundle *bundle, const struct lock_git *git,
	const struct source_options *options, struct source **ret, struct error *err) MUST_CHECK;
/* The pack of the newest bundle that holds something of it; borrowed. */
const struct pack *source_pack(const struct source *source);
void source_free(struct source *source);
void source_free_pointer(struct source **slot);
#define autosource CLEANUP(source_free_pointer) struct source

/*
 * Bases of a bundle by the paths that the user gave (--base, repeatable): opened, in order, the
 * sequence and the digests of locks compared. ERROR_INCOMPLETE names what is missing or does not
 * fit. Parts are looked for where those of `bundle` were. `*bases` and its bundles are the caller's: bundle_bases_free().
 */
int bundle_bases_open(const struct bundle *bundle, const struct strv *paths, struct bundle ***bases,
	size_t *count, struct error *err) MUST_CHECK;
void bundle_bases_free(struct bundle **bases, size_t count);

#endif
