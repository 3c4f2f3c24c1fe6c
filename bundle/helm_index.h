/* SPDX-License-Identifier: Apache-2.0 */
/*
 * index.yaml of a Helm repository (helm.sh/docs/topics/chart_repository): read in pieces, since the
 * large ones have tens of MiB, of which only a few entries are wanted.
 */
#ifndef BUNDLE_HELM_INDEX_H
#define BUNDLE_HELM_INDEX_H

#include "base/base.h"
#include "base/error.h"

struct json_object;

/* A chart that is looked for, and what the index says of it. */
struct helm_entry {
	const char *name, *version; /* borrowed */
	struct json_object *entry;  /* owned; NULL: not in the index */
	size_t versions;            /* that the index has of this chart */
};

/* `read`: the next at most `len` bytes of the index, 0 at its end. ERROR_SYNTAX. */
int helm_index_read(int64_t (*read)(void *ctx, void *data, size_t len, struct error *err),
	void *ctx, struct helm_entry *wanted, size_t count, struct error *err) MUST_CHECK;

/* Of an entry: its first URL, NULL if there is none. Borrowed. */
const char *helm_entry_url(struct json_object *entry);
/* That URL against the repository's own, whose query goes along on its host. NULL: it is none. The
 * caller frees. */
char *helm_chart_url(const char *repository, const char *reference);
/* Of an entry: the SHA-256 in lower-case hex, 64 digits; NULL: none that is well-formed. Borrowed. */
const char *helm_entry_digest(struct json_object *entry);

#endif
