/* SPDX-License-Identifier: Apache-2.0 */
/* The states of Azure's own kinds, which have no conditions: FluxConfig, ExtensionConfig. Pure. */
#ifndef KUBE_STATE_AZURE_H
#define KUBE_STATE_AZURE_H

#include "base/base.h"
#include "kube/kinds.h"
#include "kube/state.h"

/* Part of object_state_read(), which has filled the generations. */
void azure_state_read(const struct kind *kind, struct json_object *object, int64_t now,
	struct state_reading *ret);

/*
 * The worst compliance that a FluxConfig keeps of its source and its Kustomizations, in Azure's
 * words: "Non-Compliant", "Pending", "Suspended", "Unknown", "Compliant"; NULL if it has none.
 * `*message` is that part's own words, or NULL. Borrowed.
 */
const char *fluxconfig_compliance(struct json_object *object, const char **message);

/* A moment older than three intervals ("10m0s"); false where either is unknown. */
bool object_overdue(int64_t moment, const char *interval, int64_t now);

#endif
