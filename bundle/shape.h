/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Canonical JSON from and into structs, by tables: keys in byte order, no white space, numbers
 * whole and at most 2^53 - 1, UTF-8, of the escapes only those that are needed, LF at the end. What
 * is optional and unknown is left out; lists, numbers and flags always stand. Lists are sorted and hold
 * nothing twice. So one struct has one text, and shape_read() accepts no other.
 */
#ifndef BUNDLE_SHAPE_H
#define BUNDLE_SHAPE_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"

enum shape_type {
	SHAPE_FIXED,  /* this text and no other, not in the struct: `fixed` */
	SHAPE_TEXT,   /* char *, never "" */
	SHAPE_SHA256, /* struct sha256_text */
	SHAPE_OID,    /* struct oid */
	SHAPE_COUNT,  /* uint64_t */
	SHAPE_FLAG,   /* bool */
	SHAPE_CHOICE, /* unsigned, the index of one of the words in `fixed` */
	SHAPE_TEXTS,  /* struct strv */
	SHAPE_OIDS,   /* struct oid *, with its count */
	SHAPE_REFS,   /* struct lock_ref *, with its count: an object of names and oids */
	SHAPE_LIST,   /* an array of `shape`, with its count */
	SHAPE_OBJECT, /* members that lie in the same struct as this one; there if any of its texts
			 and digests is */
};

struct shape_field {
	const char *key; /* NULL ends a table */
	enum shape_type type;
	bool optional; /* TEXT, SHA256, OBJECT, and LIST, which is left out when it is empty */
	size_t offset, count_offset;
	const struct shape *shape;
	const char *fixed;
	size_t limit; /* of lists: elements */
};

struct shape {
	size_t size;
	const struct shape_field *fields; /* by key */
	/* Order of a list's elements; equal ones are the same thing twice. NULL: as they come. */
	int (*compare)(const void *left, const void *right);
};

/* `object` is zeroed memory of shape->size; to be cleared in any case. ERROR_DAMAGED names the place:
 * "git[2].refs: …". */
int shape_read(const struct shape *shape, const char *text, size_t len, void *object,
	struct error *err) MUST_CHECK;
/* Sorts the lists, then appends the text. */
void shape_write(const struct shape *shape, void *object, struct buf *out);
void shape_clear(const struct shape *shape, void *object);
/* One string alone, with its quotes; bytes that are not UTF-8 become U+FFFD. */
void shape_write_text(const char *text, struct buf *out);

/* ---- for the files behind this header */

/* What a list holds: LIST, OIDS and REFS alike. */
const struct shape *shape_element(const struct shape_field *field);
/* The pointer that stands at `slot`, whatever it points to. */
static inline char *shape_list(const void *slot)
{
	char *list;

	memcpy(&list, slot, sizeof(list));
	return list;
}

#endif
