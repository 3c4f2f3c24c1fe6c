/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a new bundle builds on: the lock, the bundle or the receipt that --base names. A receipt
 * counts for what it confirms and for nothing else.
 */
#ifndef BUNDLE_BASE_H
#define BUNDLE_BASE_H

#include "base/base.h"
#include "base/error.h"
#include "bundle/bundle.h"
#include "bundle/findings.h"
#include "bundle/lock.h"
#include "bundle/source.h"
#include "bundle/store.h"
#include "bundle/stored_pack.h"

struct base {
	char *path; /* as it was given, for messages */
	struct sha256_text id;
	uint64_t sequence;
	struct lock lock; /* of a receipt whose lock is not in the store: its sources alone */
	bool confirmed;   /* a receipt: refs that it does not confirm are left out of the lock */
	struct bundle *bundle; /* NULL: a lock or a receipt */
};
/* ERROR_DAMAGED, ERROR_NOT_FOUND… name the file. */
int base_open(const char *path, const struct store *store, struct base **ret,
	struct error *err) MUST_CHECK;
void base_free(struct base *base);
void base_free_pointer(struct base **slot);

/* The source of this URL that has a pack; NULL: it has none, or none that is confirmed. */
const struct lock_git *base_git(const struct base *base, const char *url);

/* What is known of the trees of one of its sources. */
void base_findings(const struct base *base, const struct lock_git *git, struct findings *ret);

/* The objects of one of its sources, if they are here. */
struct base_objects {
	struct odb *odb; /* NULL: they are not here. May be taken over, but not outlive this */
	size_t packs;    /* of the odb */
	struct stored_pack **stored;
	size_t stored_count;
	struct source *source;
};
void base_objects_clear(struct base_objects *objects);
void base_objects_find(const struct base *base, const struct lock_git *git,
	const struct store *store, struct base_objects *ret);
/* A git bundle of the store alone, and those that it is noted to build on. False if that is not
 * all there. */
bool base_objects_stored(
	const struct store *store, const struct sha256_text *bundle, struct base_objects *ret);
/* Note for then what a git bundle of the store builds on. */
int base_note(struct store *store, const struct sha256_text *bundle, const struct sha256_text *on,
	struct error *err) MUST_CHECK;

#endif
