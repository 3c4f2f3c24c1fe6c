/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a bundle holds, laid out below a folder for other tools: repositories that git clones, git
 * bundle files, working trees, artifacts as source-controller makes them, charts with an index, the
 * snapshot. Every blob's digest is checked before its bytes are used.
 *
 *	git/NAME.git/            a bare repository
 *	bundles/NAME.bundle      as it stands in the bundle
 *	trees/NAME/…             links are files that hold their target, submodules that are not
 *	                         in the bundle empty folders
 *	artifacts/NAME.tar.gz    without what .sourceignore and spec.ignore exclude; where objects differ
 *	                         in spec.ignore, artifacts/NAME+NAMESPACE+OBJECT.tar.gz for each that
 *	                         has one
 *	charts/HOST-PATH/        index.yaml and the charts of one HelmRepository
 *	cluster.jsonl.gz         the snapshot, which --bundle reads
 *
 * Whoever calls has asked bundle/trust.h before.
 */
#ifndef BUNDLE_EXTRACT_H
#define BUNDLE_EXTRACT_H

#include "base/base.h"
#include "base/error.h"
#include "base/strv.h"
#include "bundle/bundle.h"

enum extract_form {
	EXTRACT_GIT = 1 << 0,
	EXTRACT_BUNDLE = 1 << 1,
	EXTRACT_TREE = 1 << 2,
	EXTRACT_ARTIFACT = 1 << 3,
	EXTRACT_CHARTS = 1 << 4,
	EXTRACT_SNAPSHOT = 1 << 5,
};
/* "git", "bundle", "tree", "artifact", "charts", "snapshot"; 0 for another word. */
unsigned extract_form(const char *word);

struct extract_options {
	unsigned
		forms; /* 0: repositories (artifacts where there is no pack), charts, the snapshot */
	const struct strv *sources; /* names of Git sources; NULL or empty: all */
	const char *ref; /* of trees and artifacts: a ref, its last part, or a commit; NULL: HEAD */
	/* Bundles that this one builds on, the oldest first; borrowed. */
	struct bundle **bases;
	size_t base_count;
	unsigned threads; /* 0: as many as there are processors */
	/* As in base/http.h; may be NULL. */
	int (*tick)(void *ctx, struct error *err);
	void *tick_ctx;
};

/* What was written. */
struct extract_row {
	const char *form; /* "git" */
	char *name;       /* of the source, or of the repository of charts; NULL: the snapshot */
	char *path;       /* below the folder */
	char *note;       /* what is worth knowing; NULL: nothing */
};
struct extract_report {
	struct extract_row *rows;
	size_t count;
};
void extract_report_clear(struct extract_report *report);

/*
 * The folder must not exist, or be empty. It appears when all is there and on the disk;
 * a killed run is begun anew.
 * ERROR_INCOMPLETE: something is in a base that was not given. ERROR_NOT_FOUND: no such source, or
 * not in this form.
 */
int bundle_extract(struct bundle *bundle, const char *folder, const struct extract_options *options,
	struct extract_report *report, struct error *err) MUST_CHECK;

#endif
