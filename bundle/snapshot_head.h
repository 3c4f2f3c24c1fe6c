/* SPDX-License-Identifier: Apache-2.0 */
/* The first line of a bundle's snapshot (bundle/snapshot.h), without reading more of it than that. */
#ifndef BUNDLE_SNAPSHOT_HEAD_H
#define BUNDLE_SNAPSHOT_HEAD_H

#include "base/base.h"
#include "bundle/bundle.h"

struct json_object;

/*
 * {"apiVersion":…,"now":…,"context":…,…}, owned by the caller; NULL if there is no snapshot in this
 * bundle or it does not begin like one. Nothing is checked against a digest: bundle_verify() does.
 */
struct json_object *snapshot_head(struct bundle *bundle);

#endif
