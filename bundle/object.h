/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands in Git's commits, tags and trees. Parsers of outside bytes: they refuse whatever git
 * fsck calls an error, and names in trees that could leave a folder.
 */
#ifndef BUNDLE_OBJECT_H
#define BUNDLE_OBJECT_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"
#include "bundle/pack.h"

struct commit {
	struct oid tree;
	struct oid *parents;
	size_t parent_count;
	char *author, *email; /* of the author; any bytes but NUL and LF */
	int64_t time;         /* of the committer, seconds since 1970 */
	char *subject;        /* the first line of the message */
};
void commit_clear(struct commit *commit);
int commit_parse(const char *data, size_t len, struct commit *ret, struct error *err) MUST_CHECK;
/* The object that an annotated tag names. */
int tag_parse(const char *data, size_t len, struct oid *target, enum object_type *type,
	struct error *err) MUST_CHECK;

enum tree_mode {
	MODE_TREE = 0040000,
	MODE_FILE = 0100644,
	MODE_EXECUTABLE = 0100755,
	MODE_LINK = 0120000,
	MODE_GITLINK = 0160000,
};
struct tree_entry {
	enum tree_mode mode;
	const char *name; /* borrowed, terminated; never empty, ".", "..", ".git" in any spelling,
			     or with a slash */
	struct oid oid;
};
/* The next entry of a tree's bytes; 1: `ret` is filled, 0: the end. Start with *at = 0. */
int tree_next(const char *data, size_t len, size_t *at, struct tree_entry *ret,
	struct error *err) MUST_CHECK;

/* Follow tags from `oid` to a commit. */
int odb_peel(
	struct odb *odb, const struct oid *oid, struct oid *commit, struct error *err) MUST_CHECK;
int odb_commit(
	struct odb *odb, const struct oid *oid, struct commit *ret, struct error *err) MUST_CHECK;

/* Every file, link and gitlink of a commit's tree in the order of paths, with its path. */
typedef int (*tree_visit)(
	void *ctx, const char *path, const struct tree_entry *entry, struct error *err);
int tree_walk(struct odb *odb, const struct oid *tree, tree_visit visit, void *ctx,
	struct error *err) MUST_CHECK;
/* Paths that differ between two trees (either may be NULL: empty); an entry that is absent on a
 * side is NULL. */
typedef int (*tree_differ)(void *ctx, const char *path, const struct tree_entry *before,
	const struct tree_entry *after, struct error *err);
int tree_diff(struct odb *odb, const struct oid *before, const struct oid *after,
	tree_differ differ, void *ctx, struct error *err) MUST_CHECK;
/* Commits reachable from `to` and not from `from` (NULL: none left out), newest first. */
struct commit_range {
	const struct oid *from, *to;
	size_t limit; /* at most so many */
};
typedef int (*commit_visit)(
	void *ctx, const struct oid *oid, const struct commit *commit, struct error *err);
/* `*more` tells that there were more than the limit. All of the history of `from` is read. */
int commit_walk(struct odb *odb, const struct commit_range *range, commit_visit visit, void *ctx,
	bool *more, struct error *err) MUST_CHECK;

#endif
