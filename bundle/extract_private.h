/* SPDX-License-Identifier: Apache-2.0 */
/* What the files behind bundle/extract.h share. */
#ifndef BUNDLE_EXTRACT_PRIVATE_H
#define BUNDLE_EXTRACT_PRIVATE_H

#include "base/base.h"
#include "base/file.h"
#include "bundle/extract.h"
#include "bundle/source.h"

struct extract;

/* Sources that stand in the place of submodules while one tree is written. */
struct extract_module {
	char *path; /* below the tree's top; "" for the top itself */
	struct source *source;
};
struct extract_modules {
	struct extract *extract;      /* borrowed */
	struct extract_module *items; /* those above before those below */
	size_t count;
};
/* Begins with the source that the tree is of, which becomes the modules'. */
void extract_modules_begin(
	struct extract_modules *modules, struct extract *extract, struct source *top);
void extract_modules_clear(struct extract_modules *modules);
/* The `open` of struct tarball_modules, with a struct extract_modules. */
int extract_module_open(void *ctx, const char *path, const struct oid *commit, struct odb **odb,
	struct oid *tree, struct error *err) MUST_CHECK;

struct extract {
	struct bundle *bundle;
	const struct extract_options *options;
	struct tree_output *tree;
	struct extract_report *report;
};

/* A row of the report; the texts become the report's, `note` may be NULL. */
void extract_tell(
	struct extract *extract, const char *form, const char *name, char *path, char *note);

/* A file that is being written below the folder. */
struct extract_file {
	int fd;
	char *path;
};
#define EXTRACT_FILE_INIT \
	{                 \
		.fd = -1  \
	}
void extract_file_clear(struct extract_file *file);
int extract_file_open(struct extract *extract, char *path, bool executable,
	struct extract_file *ret, struct error *err) MUST_CHECK;
/* For pack_file_output, tarball_output and extract_blob(); `ctx` is the struct extract_file. */
int extract_file_write(void *ctx, const void *data, size_t len, struct error *err) MUST_CHECK;
/* A whole file; `path` becomes this function's. */
int extract_text(struct extract *extract, char *path, const void *data, size_t len,
	struct error *err) MUST_CHECK;

/* Reads a blob of the bundle or of a base, and checks its digest; `take` may be NULL. Bytes are handed
 * out before all is known to be good. */
int extract_blob(struct extract *extract, const struct sha256_text *digest,
	int (*take)(void *ctx, const void *data, size_t len, struct error *err), void *ctx,
	struct error *err) MUST_CHECK;

/* Only checks one of a base that is in it; others are passed over. */
int extract_base_blob(struct extract *extract, struct bundle *base,
	const struct sha256_text *digest, struct error *err) MUST_CHECK;

/* The source's packs, of which every blob's digest was checked. */
int extract_source(struct extract *extract, const struct lock_git *git, struct source **ret,
	struct error *err) MUST_CHECK;

/* The branch that a clone checks out: the one that HEAD named, else the first; NULL: there is none.
 * Borrowed. */
const char *extract_head(const struct lock_git *git);

int extract_git(struct extract *extract, const struct lock_git *git, struct error *err) MUST_CHECK;
int extract_gitbundle(
	struct extract *extract, const struct lock_git *git, struct error *err) MUST_CHECK;
int extract_tree(struct extract *extract, const struct lock_git *git, struct error *err) MUST_CHECK;
int extract_artifact(
	struct extract *extract, const struct lock_git *git, struct error *err) MUST_CHECK;
int extract_charts(struct extract *extract, struct error *err) MUST_CHECK;

#endif
