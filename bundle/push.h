/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bringing the Git sources of a bundle to repositories inside the gap: the packs go as they stand in
 * the file. First everything is looked at (push_plan), and whatever stands in the way of any source is
 * said before anything is changed; then source by source is pushed, all refs of one or none, and what
 * arrived is written into the receipt at once. A second run finds nothing to do.
 *
 * Refs that a target has and the bundle has not are left alone.
 */
#ifndef BUNDLE_PUSH_H
#define BUNDLE_PUSH_H

#include "base/base.h"
#include "base/error.h"
#include "base/strv.h"
#include "bundle/bundle.h"
#include "bundle/credentials.h"
#include "bundle/oid_map.h"
#include "bundle/receipt.h"
#include "bundle/remote.h"

struct push_source;

struct push_options {
	struct bundle *bundle;
	struct bundle **bases; /* as in bundle/source.h; borrowed */
	size_t base_count;
	const struct credentials *credentials; /* NULL: none */
	bool own_ssh;                          /* see struct git_credentials */
	/*
	 * Refs that may be replaced though the new tip does not lead back to the old one: "REF:OID"
	 * with the tip that the target is known to have, or the path of a receipt, which knows it.
	 */
	struct strv leases;
	const char *user_agent;
	const char *receipt; /* where it is written; NULL: nowhere */
	/* Called before and after each source is pushed; may be NULL. */
	void (*on_source)(void *ctx, const struct push_source *source, const struct error *failed);
	/* With what has been sent of a pack; may be NULL. Its failure ends the push. */
	int (*on_sent)(
		void *ctx, const struct push_source *source, uint64_t sent, struct error *err);
	/* What the target says meanwhile; may be NULL. */
	void (*on_said)(void *ctx, const struct push_source *source, const char *line);
	/* As in base/http.h; may be NULL. */
	int (*tick)(void *ctx, struct error *err);
	void *ctx; /* of all callbacks */
};

enum push_change {
	PUSH_NOTHING, /* it is there */
	PUSH_NEW,
	PUSH_FORWARD, /* the new tip leads back to the old one */
	PUSH_REPLACE, /* it does not, or cannot: allowed by a lease */
};
const char *push_change_name(enum push_change change); /* "fast-forward" */

struct push_ref {
	const char *name; /* borrowed from the lock */
	struct oid old, wanted;
	enum push_change change;
};

enum push_state {
	PUSH_PLANNED,
	PUSH_DONE,
	PUSH_FAILED
};

struct push_source {
	const struct lock_git *git; /* borrowed */
	char *target, *shown;       /* the URL as given; without user and password */
	struct push_ref *refs;
	size_t ref_count, changes;
	uint64_t pack_size; /* of the pack that is sent; 0: all objects are there */
	enum push_state state;
	/* While it is worked on. */
	struct git_credentials login;
	struct remote_options remote_options;
	struct remote *remote;
	struct oid_map tips; /* of everything at the target */
};

struct push {
	const struct push_options *options;
	struct push_source *sources;
	size_t source_count;
	struct strv skipped; /* sources without a pack */
	struct receipt receipt;
};
/* `options` is borrowed. */
void push_init(struct push *push, const struct push_options *options);
void push_clear(struct push *push);

/* One source to one URL. ERROR_NOT_FOUND: it has no pack. */
int push_add(struct push *push, const struct lock_git *git, const char *target,
	struct error *err) MUST_CHECK;
/*
 * All sources, by "FROM=TO": the beginning FROM of a source's URL is replaced by TO; of several that
 * fit, the longest. ERROR_USAGE names sources that none fits, and two that would meet.
 */
int push_map(struct push *push, const struct strv *maps, struct error *err) MUST_CHECK;

/*
 * Compare the targets with the bundle. What stands in the way of sources is put together into one
 * error: ERROR_NOT_FOUND (repositories that are not there), ERROR_FAILED (tips that the bundle does
 * not lead back to), ERROR_INCOMPLETE (commits that a delta builds on and a target lacks).
 */
int push_plan(struct push *push, struct error *err) MUST_CHECK;
/* Do it; every source is tried, whatever becomes of the others. A push that fails while its refs are
 * there all the same (a run that was killed went on at the server, or the answer was lost) is done. */
int push_run(struct push *push, struct error *err) MUST_CHECK;

#endif
