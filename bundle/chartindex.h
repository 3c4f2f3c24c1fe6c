/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The index of a HelmRepository that any web server can serve: the entries of the original index, with
 * the charts beside it. No time in it, so that the same charts give the same bytes.
 */
#ifndef BUNDLE_CHARTINDEX_H
#define BUNDLE_CHARTINDEX_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"
#include "bundle/lock.h"

struct chartindex;
struct chartindex *chartindex_new(void) NEVER_NULL;
void chartindex_free(struct chartindex *index);
void chartindex_free_pointer(struct chartindex **slot);
#define autochartindex CLEANUP(chartindex_free_pointer) struct chartindex

/*
 * Adds a chart by its entry in the original index (JSON; empty: it had none). Its URL becomes the file's
 * name beside the index, its digest the blob's. `*file` is that name, "podinfo-6.5.0.tgz"; the caller
 * frees. ERROR_DAMAGED: the entry is of another chart or digest, or its name cannot be a file's.
 */
int chartindex_add(struct chartindex *index, const struct lock_chart *chart,
	const struct buf *entry, char **file, struct error *err) MUST_CHECK;
/* index.yaml; appends. */
int chartindex_write(const struct chartindex *index, struct buf *out, struct error *err) MUST_CHECK;

#endif
