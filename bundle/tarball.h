/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compressed tars: made of a commit's tree as source-controller makes its artifacts, and those of
 * others read. The tar of a bundle itself is bundle/tar.h's.
 */
#ifndef BUNDLE_TARBALL_H
#define BUNDLE_TARBALL_H

#include "base/base.h"
#include "base/error.h"
#include "bundle/pack.h"

/* ---- as source-controller makes them (fluxcd/pkg, artifact/storage/archive.go) */

/* What stands in the place of a submodule. */
struct tarball_modules {
	/* 1: the tree of the commit that `path` names, and where it is read; 0: it is not known, and stays
	 * an empty folder. Called twice for each. */
	int (*open)(void *ctx, const char *path, const struct oid *commit, struct odb **odb,
		struct oid *tree, struct error *err);
	void *ctx;
};
struct tarball_output {
	int (*write)(void *ctx, const void *data, size_t len, struct error *err);
	void *ctx;
};
/*
 * The tar.gz of a tree. Folders and files in the order of filepath.Walk, with modes 0750, 0600 and
 * 0700, no times and no owners; links are left out; a submodule is an empty folder
 * unless `modules` (may be NULL) knows it; what .sourceignore files and `rules` (spec.ignore; NULL: none) exclude is left out. The tar's bytes are
 * source-controller's own; compressed they differ, since Go compresses otherwise.
 */
int tarball_write(struct odb *odb, const struct oid *tree, const char *rules,
	const struct tarball_modules *modules, const struct tarball_output *output,
	struct error *err) MUST_CHECK;

/* ---- as others make them: ustar, pax and GNU's long names, in gzip */

struct tarball_entry {
	const char *path; /* safe to append to a folder's: no "..", no empty name, not absolute */
	bool folder, executable;
	uint64_t size;
};
struct tarball_visitor {
	int (*entry)(void *ctx, const struct tarball_entry *entry, struct error *err);
	/* Bytes of the entry before; may be NULL. */
	int (*data)(void *ctx, const void *data, size_t len, struct error *err);
	void *ctx;
};
struct tarball_limits {
	uint64_t entries;
	uint64_t bytes; /* of the whole tar, inflated */
};

/*
 * Compressed bytes are pushed as they come. Links, devices, sparse files, a path that leaves the
 * folder, two entries of one name (or of names that differ in case alone), and what is over the
 * limits are ERROR_DAMAGED; so is anything behind the end.
 */
struct tarball_reader;
struct tarball_reader *tarball_reader_new(
	const struct tarball_visitor *visitor, const struct tarball_limits *limits) NEVER_NULL;
void tarball_reader_free(struct tarball_reader *reader);
void tarball_reader_free_pointer(struct tarball_reader **slot);
#define autotarball CLEANUP(tarball_reader_free_pointer) struct tarball_reader
int tarball_reader_feed(
	struct tarball_reader *reader, const void *data, size_t len, struct error *err) MUST_CHECK;
/* All was fed: it must have been complete. */
int tarball_reader_end(struct tarball_reader *reader, struct error *err) MUST_CHECK;

#endif
