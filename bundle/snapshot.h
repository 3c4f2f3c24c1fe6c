/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cluster as it was: all that the Look commands read, so that they print from a bundle what they
 * printed live. Recorded through `struct kube`, and read through another `struct kube`.
 *
 * Secrets are never read. Values of ConfigMaps and HelmReleases are replaced by "<redacted>" unless
 * they are wanted, also in the annotations that repeat them.
 */
#ifndef BUNDLE_SNAPSHOT_H
#define BUNDLE_SNAPSHOT_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"
#include "bundle/bundle.h"
#include "kube/kube.h"

struct snapshot_options {
	bool include_values;
	int log_lines; /* of each container of the controllers; 0: 500 */
};
/* What was and what was not read, for the caller to tell. */
struct snapshot_report {
	uint64_t objects, events, logs, redacted;
	struct strv unread; /* "Kustomization: forbidden: …" */
};
#define SNAPSHOT_REPORT_INIT        \
	{                           \
		.unread = STRV_INIT \
	}
void snapshot_report_clear(struct snapshot_report *report);

/* Record the cluster into the store. */
int snapshot_record(struct kube *kube, const struct snapshot_options *options, struct store *store,
	struct sha256_text *digest, uint64_t *size, struct snapshot_report *report,
	struct error *err) MUST_CHECK;

/* A cluster out of a bundle. `bundle` is borrowed. ERROR_NOT_FOUND: the bundle has no snapshot. */
int kube_bundle_new(struct bundle *bundle, struct kube **ret, struct error *err) MUST_CHECK;

#endif
