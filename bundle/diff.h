/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What changed between two locks: sources, refs, commits, files, charts, bytes. Commits and files are
 * read out of the bundles that stand behind the locks; where only one side is a bundle (the other is
 * a live cluster), what it holds is enough when it holds the other side's commit.
 */
#ifndef BUNDLE_DIFF_H
#define BUNDLE_DIFF_H

#include "base/base.h"
#include "base/error.h"
#include "bundle/bundle.h"
#include "bundle/object.h"
#include "bundle/source.h"

struct diff_commit {
	struct oid oid;
	int64_t time;
	char *author, *subject;
};

struct diff_file {
	char status; /* 'A' added, 'D' gone, 'M' changed, 'T' another type */
	char *path;
};

struct diff_ref {
	char *name;
	struct oid before, after; /* zero: not there */
	struct diff_commit
		*commits; /* that came, newest first; at most as many as were asked for */
	size_t commit_count;
	bool more_commits;
	bool rewound;            /* commits of before are not in after's history */
	struct diff_file *files; /* by path; at most as many as were asked for */
	size_t file_count, files_changed;
	char *unread; /* why commits and files are not known; NULL: they are */
};

enum diff_change {
	DIFF_ADDED,
	DIFF_REMOVED,
	DIFF_CHANGED
};

struct diff_source {
	enum diff_change change;
	char *name, *url; /* of the newer side, where there is one */
	char *url_before; /* if it is another; else NULL */
	struct diff_ref *
		refs; /* those that differ, by name; of a source that is added or removed all, without commits and files */
	size_t ref_count;
};

struct diff_chart {
	char *repository, *name;
	char *before, *after; /* versions; NULL: not there */
};

struct diff {
	struct diff_source *sources;
	size_t source_count;
	struct diff_chart *charts;
	size_t chart_count;
	bool snapshot;  /* the clusters differ, or one side has none */
	bool has_bytes; /* both sides are bundles */
	uint64_t bytes_before, bytes_after, bytes_new;
	size_t blobs_new, blobs_gone;
};
#define DIFF_INIT               \
	{                       \
		.sources = NULL \
	}

/* One side. */
struct diff_side {
	const struct lock *lock;
	struct bundle *bundle; /* NULL: a cluster */
	struct bundle **bases; /* of a delta */
	size_t base_count;
};

struct diff_options {
	size_t commits, files; /* at most so many of a ref; 0: all */
	/* As in base/http.h; may be NULL. */
	int (*tick)(void *ctx, struct error *err);
	void *tick_ctx;
};

/* Sources are the same if a GitRepository of the same name uses them, or else by URL. */
int diff_locks(const struct diff_side *before, const struct diff_side *after,
	const struct diff_options *options, struct diff *ret, struct error *err) MUST_CHECK;
bool diff_is_empty(const struct diff *diff);
void diff_clear(struct diff *diff);

#endif
