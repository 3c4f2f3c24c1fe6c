/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The header of a git bundle, version 2, after which the pack follows: what `git clone FILE` and
 * `git bundle verify` read (gitformat-bundle(5)).
 *
 *	# v2 git bundle
 *	-OID                  a prerequisite: the other side must have this commit and its history
 *	OID refs/heads/main   a ref
 *	                      an empty line
 */
#ifndef BUNDLE_GITBUNDLE_H
#define BUNDLE_GITBUNDLE_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"
#include "bundle/lock.h"

struct gitbundle {
	struct oid *prerequisites;
	size_t prerequisite_count;
	struct lock_ref *refs;
	size_t ref_count;
};
#define autogitbundle CLEANUP(gitbundle_clear) struct gitbundle
void gitbundle_clear(struct gitbundle *header);

/* Appends the header, in the order in which they are given. */
void gitbundle_write(const struct oid *prerequisites, size_t prerequisite_count,
	const struct lock_ref *refs, size_t ref_count, struct buf *out);

/*
 * Read a header from the first `len` bytes of a bundle of `total`: 1 and where the pack begins; 0 if
 * it goes on behind `len` (read more: twice as much, say); -1 and ERROR_DAMAGED if it is none, or
 * greater than LIMIT_GIT_HEADER. Version 3 is refused: it announces other hashes and filters.
 */
int gitbundle_read(const char *data, size_t len, struct gitbundle *ret, size_t *pack,
	struct error *err) MUST_CHECK;

#endif
