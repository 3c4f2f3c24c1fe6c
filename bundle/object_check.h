/* SPDX-License-Identifier: Apache-2.0 */
/* Whether objects are well-formed, and what they name: what the indexer asks of every object. */
#ifndef BUNDLE_OBJECT_CHECK_H
#define BUNDLE_OBJECT_CHECK_H

#include "base/base.h"
#include "base/error.h"
#include "bundle/object.h"

/* Where the parts of a commit are in its bytes. */
struct commit_layout {
	struct oid tree;
	const char *parents; /* lines of COMMIT_PARENT_LINE bytes */
	size_t parent_count;
	const char *author, *committer; /* after the word, up to LF */
	const char *message;            /* may be at the end */
};
#define COMMIT_PARENT_LINE (sizeof("parent ") - 1 + OID_HEX_LEN + 1)
int commit_layout(
	const char *data, size_t len, struct commit_layout *ret, struct error *err) MUST_CHECK;

/* Called with each object that another one names; submodules' commits are not told. */
typedef int (*object_names)(
	void *ctx, const struct oid *oid, enum object_type type, struct error *err);
/* Check all of an object. Of a tree also the order of its entries, and that no two have one name. */
int object_check(enum object_type type, const char *data, size_t len, object_names names, void *ctx,
	struct error *err) MUST_CHECK;
int tree_check(
	const char *data, size_t len, object_names names, void *ctx, struct error *err) MUST_CHECK;

/*
 * The same for a tree that differs little from one that is known to be good: only what is not in
 * both is looked at and told. Nearly all trees of a history are such.
 */
struct tree_known {
	const char *data;
	size_t len;
};
int tree_check_changes(const char *data, size_t len, const struct tree_known *known,
	object_names names, void *ctx, struct error *err) MUST_CHECK;
/* The order of entries in trees: by name, those of trees as if they ended with a slash. */
int tree_compare(const struct tree_entry *left, const struct tree_entry *right);
/* Can the name of a tree's entry not leave a folder, nor be taken for ".git" by any system? */
bool object_name_safe(const char *name, size_t len);

#endif
