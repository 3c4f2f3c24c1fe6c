/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the other side of the gap confirmed: which refs of which repositories have arrived there. A
 * `create --base RECEIPT` builds on these and on nothing that was merely sent. Canonical JSON like
 * the lock, a few KB, without a clock or a host in it but those of the targets' URLs.
 *
 *	{"apiVersion":"bundle.flux-arc.io/v1","kind":"Receipt","lock":"sha256:…","sequence":3,
 *	 "sources":[{"name":"app","refs":{"refs/heads/main":"…"},"target":"https://…","url":"https://…"}]}
 */
#ifndef BUNDLE_RECEIPT_H
#define BUNDLE_RECEIPT_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"
#include "bundle/lock.h"

struct receipt_source {
	char *name, *url;      /* as in the lock */
	char *target;          /* where it was pushed, without user and password */
	struct lock_ref *refs; /* at the target now, sorted by name */
	size_t ref_count;
};

struct receipt {
	struct sha256_text lock; /* digest of the lock of the bundle that was pushed */
	uint64_t sequence;
	struct receipt_source *sources; /* sorted by name; only those that arrived whole */
	size_t source_count;
};
#define RECEIPT_INIT           \
	{                      \
		.lock = { "" } \
	}
void receipt_clear(struct receipt *receipt);
#define autoreceipt CLEANUP(receipt_clear) struct receipt

/* ERROR_DAMAGED says where; refs and sizes are bounded as in a lock. */
int receipt_parse(const char *text, size_t len, struct receipt *ret, struct error *err) MUST_CHECK;
int receipt_read(const char *path, struct receipt *ret, struct error *err) MUST_CHECK;
/* Whether a file's text claims to be one, so that --base can tell what it was given. */
bool receipt_looks_like(const char *text, size_t len);
/* Sorts, then appends the text. */
void receipt_print(struct receipt *receipt, struct buf *out);
/* Atomically. */
int receipt_write(const char *path, struct receipt *receipt, struct error *err) MUST_CHECK;

/* The source of this name; a new empty one if there is none yet. */
struct receipt_source *receipt_source(struct receipt *receipt, const char *name);
/* By name, or NULL. */
const struct receipt_source *receipt_find(const struct receipt *receipt, const char *name);
void receipt_clear_refs(struct receipt_source *source);
void receipt_add_ref(struct receipt_source *source, const char *name, const struct oid *oid);

#endif
