/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of a set of parts, NAME.parts.json: canonical JSON like the lock. Parts are slices of the
 * file NAME.tar, so `cat` joins them; all but the last are of one size. The parity part is all of
 * them by XOR, the last one continued with zeros.
 *
 *	{"apiVersion":"bundle.flux-arc.io/v1","kind":"Parts","name":"NAME.tar","parity":"sha256:…",
 *	 "parts":[{"digest":"sha256:…","size":1048576},…],"set":"sha256:…","size":7000000}
 */
#ifndef BUNDLE_PARTS_H
#define BUNDLE_PARTS_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"
#include "bundle/sha256_text.h"

#define PARTS_LIST_SUFFIX ".parts.json"
#define PARTS_PARITY_SUFFIX ".parity"

struct parts_entry {
	struct sha256_text digest;
	uint64_t size;
};
struct parts {
	char *name; /* of the file that they make: a name, never a path */
	struct parts_entry *entries;
	size_t count;
	struct sha256_text parity; /* empty: none */
	struct sha256_text set;    /* of the digests and sizes of all: says which set this is */
	uint64_t size;             /* of all */
};
#define PARTS_INIT            \
	{                     \
		.set = { "" } \
	}
void parts_clear(struct parts *parts);
#define autoparts CLEANUP(parts_clear) struct parts

/* ERROR_DAMAGED. `ret` is to be cleared in any case. */
int parts_read(const char *text, size_t len, struct parts *ret, struct error *err) MUST_CHECK;
/* Sets `set` and `size`, then appends the text. */
void parts_write(struct parts *parts, struct buf *out);

/* "NAME.tar.0001-of-0007", with or without a folder in front; the caller frees. */
char *parts_path(const char *path, size_t index, size_t count);
char *parts_parity_path(const char *path);
/* "NAME.parts.json" of "NAME.tar". */
char *parts_list_path(const char *path);
/* "NAME.tar" of one of its parts or of its parity part; NULL: it is none of these. */
char *parts_whole_path(const char *path);

#endif
