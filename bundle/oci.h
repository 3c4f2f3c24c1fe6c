/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The OCI image layout that a bundle also is (opencontainers/image-spec, image-layout.md,
 * manifest.md, "Guidance for an artifacts producer"): one manifest for each Git source, chart and
 * snapshot of which everything is in the bundle itself, with an empty config. All of it follows
 * from the lock, so a reader makes it anew and compares.
 */
#ifndef BUNDLE_OCI_H
#define BUNDLE_OCI_H

#include "base/base.h"
#include "base/buf.h"
#include "bundle/lock.h"

#define OCI_LAYOUT "{\"imageLayoutVersion\":\"1.0.0\"}"
#define OCI_EMPTY "{}" /* the config of every manifest */

#define ARTIFACT_GIT "application/vnd.flux-arc.git.v1"
#define ARTIFACT_CHART "application/vnd.flux-arc.chart.v1"
#define ARTIFACT_CLUSTER "application/vnd.flux-arc.cluster.v1"

struct oci_manifest {
	struct sha256_text digest;
	struct buf text;
};
struct oci_layout {
	struct oci_manifest *manifests;
	size_t count;
	struct buf index; /* index.json */
};
#define OCI_LAYOUT_INIT           \
	{                         \
		.index = BUF_INIT \
	}
void oci_layout_clear(struct oci_layout *layout);
#define autolayout CLEANUP(oci_layout_clear) struct oci_layout

/* Blobs of MEDIA_MANIFEST and MEDIA_EMPTY in the lock are not looked at. */
void oci_layout_make(const struct lock *lock, struct oci_layout *ret);
/* The content of a blob that the layout brings: a manifest, or OCI_EMPTY; NULL: none of these. */
const char *oci_layout_find(
	const struct oci_layout *layout, const struct sha256_text *digest, size_t *len);
/* Are the lock's blobs of MEDIA_MANIFEST and MEDIA_EMPTY those of this layout? */
bool oci_layout_matches(const struct oci_layout *layout, const struct lock *lock);
/* Make the lock's blobs of MEDIA_MANIFEST and MEDIA_EMPTY those of this layout. */
void oci_layout_add(const struct oci_layout *layout, struct lock *lock);

#endif
