/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands in the trees of a source that its pack alone does not bring along: submodules, files
 * that are pointers to Git LFS, and bases that kustomize would fetch from elsewhere.
 */
#ifndef BUNDLE_FINDINGS_H
#define BUNDLE_FINDINGS_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"
#include "bundle/lock.h"
#include "bundle/object.h"

struct remote_base {
	char *path; /* of the kustomization.yaml */
	char *url;
};

struct findings {
	uint64_t objects; /* of the pack */
	uint64_t lfs_pointers;
	struct lock_submodule *submodules; /* `url` as .gitmodules has it, "" where it has none */
	size_t submodule_count;
	struct remote_base *bases;
	size_t base_count;
};
void findings_clear(struct findings *findings);
#define autofindings CLEANUP(findings_clear) struct findings

/*
 * Look through the trees of these commits (or of tags that name some), newest first: of one tree
 * after the other only what differs. Hence a pointer that stays from one to the next counts once;
 * and of a submodule that has one path in several trees the newest is taken.
 */
int findings_scan(struct odb *odb, const struct oid *commits, size_t count, struct findings *ret,
	struct error *err) MUST_CHECK;

/* The same of single files: whether one of this path matters, and what is in it. */
bool findings_reads(const char *path);
void findings_add(struct findings *findings, const char *path, const struct buf *text);

/* To and from JSON, so that a source that has not changed need not be looked through again. */
void findings_write(const struct findings *findings, struct buf *out);
/* False if it is not what findings_write() wrote. */
bool findings_read(const char *text, size_t len, struct findings *ret);

/* ---- parts, for tests */

/* The text of a .gitmodules: `url` of the submodule at `path`, owned by the caller; NULL: none. */
char *gitmodules_url(const char *text, size_t len, const char *path);
/* A URL of .gitmodules against its parent's: "../lib.git" is relative; NULL: it climbs too far. */
char *submodule_url(const char *parent, const char *url);
/* Whether kustomize takes an entry of `resources` for something to fetch. */
bool is_remote_base(const char *entry);

#endif
