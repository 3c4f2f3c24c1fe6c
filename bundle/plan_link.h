/* SPDX-License-Identifier: Apache-2.0 */
/* Objects that name each other, kept until all of them have been read (bundle/plan*.c only). */
#ifndef BUNDLE_PLAN_LINK_H
#define BUNDLE_PLAN_LINK_H

#include "base/base.h"
#include "bundle/plan.h"

/* An object by name. */
struct plan_ref {
	char *kind, *namespace, *name; /* NULL: none */
};

struct plan_repository {
	struct plan_ref self;
	char *url;
	bool oci;
	struct plan_access access;
	struct plan_artifact artifact;
};

/* A HelmChart. */
struct plan_helmchart {
	struct plan_ref self, source;
	char *chart;
	struct plan_artifact artifact; /* its revision is the chart's version */
};

struct plan_release {
	struct plan_ref self;
	struct plan_ref source; /* of the chart: HelmRepository, GitRepository, Bucket; or NULL */
	struct plan_ref chart_ref; /* the HelmChart, or an OCIRepository */
	char *chart;
	char *version; /* deployed; NULL: nothing is */
};

/* A FluxConfig with a Git source: a GitRepository of the same name should be there. */
struct plan_config {
	struct plan_ref self;
	char *url;
	struct ref_want ref;
	char *secret;
};

struct plan_link {
	struct plan_repository *repositories;
	size_t repository_count;
	struct plan_helmchart *helmcharts;
	size_t helmchart_count;
	struct plan_release *releases;
	size_t release_count;
	struct plan_config *configs;
	size_t config_count;
	struct plan_ref *sources; /* what Kustomizations take from */
	size_t source_count;
	struct strv taken; /* "GitRepository/ns/name" */
};
void plan_link_free(struct plan_link *link);
struct plan_link *plan_link(struct plan *plan);
void plan_ref_clear(struct plan_ref *ref);

#endif
