/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of a fetch share (bundle/fetch*.c); nobody else includes this. */
#ifndef BUNDLE_FETCH_PRIVATE_H
#define BUNDLE_FETCH_PRIVATE_H

#include "bundle/fetch.h"
#include "bundle/oid_set.h"

/* ---- bundle/fetch.c */

/* `everything`: all branches and tags, not only those that the wants need. */
int fetch_connect(struct fetch *fetch, bool everything, struct error *err) MUST_CHECK;
/* Look through the trees, which may lie in the base; then the pack, the last of the odb, is made anew
 * if that is wanted. */
int fetch_scan(struct fetch *fetch, struct odb *odb, const struct oid_set *haves,
	struct error *err) MUST_CHECK;

/* ---- bundle/fetch_download.c */

/* Into fetch->received. */
int fetch_download(struct fetch *fetch, const struct oid_set *wants, const struct oid_set *haves,
	struct error *err) MUST_CHECK;

#endif
