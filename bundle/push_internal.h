/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of bundle/push*.c share; nobody else includes this. */
#ifndef BUNDLE_PUSH_INTERNAL_H
#define BUNDLE_PUSH_INTERNAL_H

#include "base/base.h"
#include "bundle/pack.h"
#include "bundle/push.h"
#include "bundle/source.h"

/* Where a source's pack is: in the bundle, or in one that it builds on. ERROR_INCOMPLETE: neither. */
int push_find_pack(const struct push *push, const struct lock_git *git, struct bundle **holder,
	struct source *ret, struct error *err) MUST_CHECK;

/*
 * Commits to walk: of the bundle and its bases where they were given, else what can be read without
 * them. The caller frees both.
 */
struct push_history {
	struct source *source; /* NULL: no bases, `odb` is this object's own */
	struct odb *odb;
	struct pack_bytes bytes; /* of the pack in `odb` */
	struct media *media;
	uint64_t pack_offset;
};
int push_history_open(const struct push *push, const struct lock_git *git,
	struct push_history **ret, struct error *err) MUST_CHECK;
void push_history_free(struct push_history *history);
void push_history_free_pointer(struct push_history **slot);
#define autohistory CLEANUP(push_history_free_pointer) struct push_history
/* Whether `from` leads back to `to`. ERROR_INCOMPLETE: `from` is not in the bundle, so nobody can
 * tell. */
int push_leads_to(struct odb *odb, const struct oid *from, const struct oid *to, bool *ret,
	struct error *err) MUST_CHECK;

/* Whether a lease allows to replace a tip. ERROR_USAGE if it is malformed. */
int push_lease(const struct push *push, const struct push_source *source,
	const struct push_ref *ref, bool *ret, struct error *err) MUST_CHECK;

/* Connect to the target, unless it is connected. */
int push_connect(const struct push *push, struct push_source *source, struct error *err) MUST_CHECK;
/* Whether the target has by now all that is wanted, looked at anew. */
bool push_arrived(const struct push *push, struct push_source *source);
/* Send what was planned. */
int push_send(const struct push *push, struct push_source *source, struct error *err) MUST_CHECK;

#endif
