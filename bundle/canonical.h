/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packs made anew: the same bytes for the same objects, however a server has packed them. The wrapper
 * of libgit2, whose packbuilder on one thread is the only one known to be like that (git's own is not,
 * even on one thread: it takes over deltas that it finds). It is slow and needs memory for every
 * object, so this is for whoever asks for it. The bytes depend on the versions of libgit2 and zlib.
 */
#ifndef BUNDLE_CANONICAL_H
#define BUNDLE_CANONICAL_H

#include "base/base.h"
#include "base/error.h"
#include "bundle/pack.h"

struct canonical {
	struct odb *odb;        /* has everything that is named below */
	size_t base_packs;      /* the first of its packs, whose objects are left out */
	const struct oid *tips; /* what is reachable from these is packed; in any order */
	size_t tip_count;
	/* The pack, as it is made. */
	int (*on_pack)(void *ctx, const void *data, size_t len, struct error *err);
	/* As in base/http.h; may be NULL. */
	int (*tick)(void *ctx, struct error *err);
	void *ctx;
};
/* `*objects`: how many the pack has. */
int canonical_pack(
	const struct canonical *canonical, uint32_t *objects, struct error *err) MUST_CHECK;

/* ---- bundle/canonical_order.c */

/* The objects of a pack in the order in which they are handed to libgit2. */
struct canonical_order {
	struct canonical_object *items;
	size_t count, cap;
};
struct canonical_object {
	struct oid oid;
	char path[20]; /* its end: deltas are looked for among objects of like paths */
};
void canonical_order_clear(struct canonical_order *order);
int canonical_order(const struct canonical *canonical, struct canonical_order *ret,
	struct error *err) MUST_CHECK;

#endif
