/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One repository out of its server and into the content store: a git bundle whose pack is the
 * server's own bytes, indexed and checked while they arrive. What was fetched once for the same refs
 * on the same base is not fetched again, and so has equal bytes.
 */
#ifndef BUNDLE_FETCH_H
#define BUNDLE_FETCH_H

#include "base/base.h"
#include "base/error.h"
#include "bundle/findings.h"
#include "bundle/lock.h"
#include "bundle/pack.h"
#include "bundle/refs.h"
#include "bundle/remote.h"
#include "bundle/store.h"

/* How far a download is. */
struct fetch_progress {
	uint64_t received;       /* bytes of the pack */
	uint32_t objects, of;    /* seen, announced */
	const char *server_says; /* its last progress line; NULL: nothing */
};

struct fetch {
	/* Filled by the caller; borrowed. */
	struct store *store;
	const char *url;
	const struct git_credentials *credentials;
	const char *user_agent;
	const struct ref_want *wants;
	size_t want_count;
	bool all_refs;
	bool canonical; /* the pack is made anew */
	/* Only the commits in use with their trees, as far as the server can cut history; what is stored
	 * is good for nothing but reading these. Neither canonical nor with a base. */
	bool tip_only;
	/* Exactly the refs of this source, in place of the wants; NULL: the wants. */
	const struct lock_git *fixed;
	/* What the other side has: its refs, and its objects (both or none). The odb becomes the
	 * fetch's. */
	const struct lock_git *base;
	struct odb *base_odb;
	size_t base_packs; /* of the odb */
	/* As in base/http.h; may be NULL. */
	int (*tick)(void *ctx, struct error *err);
	void (*on_progress)(void *ctx, const struct fetch_progress *progress);
	void *ctx;
	/* Results of fetch_open(); the remote borrows the first two, so the fetch may not be moved while
	 * it is open. */
	struct remote_options options;
	struct strv prefixes;
	struct remote *remote;
	struct refs refs;
	/* Results of fetch_run(). */
	struct findings findings;
	struct sha256_text bundle;   /* in the store, as the next one, */
	struct sha256_text received; /* which is what the server sent */
	uint64_t size;               /* of the git bundle */
	struct oid *prerequisites;   /* sorted */
	size_t prerequisite_count;
	bool thin;
	bool recalled; /* it was in the store already */
};
#define FETCH_INIT            \
	{                     \
		.store = NULL \
	}
void fetch_clear(struct fetch *fetch);
#define autofetch CLEANUP(fetch_clear) struct fetch

/* Connect, list the refs and choose among them. */
int fetch_open(struct fetch *fetch, struct error *err) MUST_CHECK;
/* Bytes of what fetch_run() would find in the store; 0: it would download. Without a base. */
uint64_t fetch_stored(struct fetch *fetch);
/* Get the pack, check it, look through the trees that are in use. */
int fetch_run(struct fetch *fetch, struct error *err) MUST_CHECK;

#endif
