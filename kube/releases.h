/* SPDX-License-Identifier: Apache-2.0 */
/* CATALOG of Flux and of microsoft.flux extension releases: which versions of the controllers each
 * ships. */
#ifndef KUBE_RELEASES_H
#define KUBE_RELEASES_H

#include "base/base.h"
#include "base/version.h"

struct extension_release {
	const char *version; /* "1.24.1" */
	const char *month;   /* "2026-08" */
	const char *flux;    /* "2.7.5" */
	const char *source, *kustomize, *helm, *notification, *image_automation,
		*image_reflector; /* image tags without v */
};
extern const struct extension_release extension_releases[]; /* newest first */
extern const size_t extension_releases_count;
/* The month of the newest row, which says how old the list is. */
const char *extension_releases_as_of(void);
const struct extension_release *extension_release_find(const char *version);
/* Distinct minor releases of the catalog that are newer than the one of `version`. */
size_t extension_release_minors_behind(const char *version);
/* Microsoft supports the newest minor release and so many before it. */
#define EXTENSION_SUPPORTED_BEHIND 2

struct flux_release {
	const char *minor; /* "2.7" */
	const char *source, *kustomize, *helm, *notification, *image_automation,
		*image_reflector;   /* "1.7" */
	const char *kubernetes_min; /* "1.32" */
	bool supported;             /* by upstream at the time of the list */
};
extern const struct flux_release flux_releases[]; /* newest first */
extern const size_t flux_releases_count;
/* Which Flux minor a controller's image tag belongs to ("source-controller", "v1.7.4-23"); NULL if
 * unknown. */
const struct flux_release *flux_release_of_image(const char *controller, const char *tag);

/* The row of a version of Flux ("2.1.2"); NULL if unknown. */
const struct flux_release *flux_release_of_version(const char *version);

#endif
