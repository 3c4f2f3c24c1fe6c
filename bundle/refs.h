/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which refs of a repository go into a bundle: what a source names (branch, tag, range of versions,
 * name, commit), at the revision that is applied or at the newest. Pure.
 */
#ifndef BUNDLE_REFS_H
#define BUNDLE_REFS_H

#include "base/base.h"
#include "base/error.h"
#include "base/strv.h"
#include "bundle/lock.h"
#include "bundle/remote.h"

/* Where a commit lives that no branch of a bundle would lead to. */
#define REFS_ANCHOR "refs/heads/flux-arc/"

/*
 * The revision of an artifact: "main@sha1:OID", "refs/heads/main@sha1:OID", "sha1:OID", and before
 * Flux 0.41 "main/OID". `*ref_len` bytes at its start name the ref (0: none).
 */
bool revision_parse(const char *text, size_t *ref_len, struct oid *oid);

/* spec.ref of a GitRepository; texts are owned. The first that is set counts, in this order. */
struct ref_want {
	char *commit, *name, *semver, *tag, *branch;
	char *any;      /* as typed by hand: a branch, a tag, a whole name or a commit */
	char *revision; /* what is applied; NULL: take the newest */
};
void ref_want_clear(struct ref_want *want);
/* "branch main", "semver >=1.0" for messages; appends. */
void ref_want_text(const struct ref_want *want, struct buf *out);

struct refs {
	struct lock_ref *items; /* sorted by name once refs_choose() has returned */
	size_t count;
	struct oid *in_use; /* what runs, or would; sorted */
	size_t in_use_count;
	char *head; /* the branch among them that a clone shall check out; NULL: none */
};
void refs_clear(struct refs *refs);

struct refs_server {
	const struct remote_ref *refs; /* as the server lists them */
	size_t count;
};
/* What has to be asked for to choose (protocol 2's ref-prefix). */
void refs_prefixes(const struct ref_want *wants, size_t count, bool all, struct strv *ret);
/*
 * All that the wants name; with `all` also every branch and tag of the server. Where two wants pin
 * one branch to different commits, the server's own tip keeps the name and the other gets an anchor.
 * ERROR_NOT_FOUND names what the server does not have.
 */
int refs_choose(const struct refs_server *server, const struct ref_want *wants, size_t count,
	bool all, struct refs *ret, struct error *err) MUST_CHECK;

#endif
