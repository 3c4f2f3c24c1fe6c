/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cluster extensions (Microsoft.KubernetesConfiguration/extensions): what was asked, made into the bodies of
 * PUT and PATCH, and the difference to what is there. ARM keeps every setting as text. Nothing here sends.
 */
#ifndef ARM_EXTENSION_H
#define ARM_EXTENSION_H

#include "base/base.h"
#include "base/error.h"

struct json_object;

#define ARM_FLUX_EXTENSION "microsoft.flux"
/* What az calls the one that it installs by itself. */
#define ARM_FLUX_EXTENSION_NAME "flux"
#define ARM_FLUX_NAMESPACE "flux-system"

enum arm_extension_scope {
	EXTENSION_SCOPE_CLUSTER,
	EXTENSION_SCOPE_NAMESPACE,
};

/* What was asked. Borrowed; NULL: not said. */
struct arm_extension_asked {
	const char *type;
	const char *version, *train, *upgrade_mode;
	int upgrade; /* autoUpgradeMinorVersion: 1, 0, or -1: not said */
	enum arm_extension_scope scope;
	const char *namespace; /* released into, or of scope namespace the target */
	const char *plan_name, *plan_publisher, *plan_product;
	struct json_object *settings, *secrets; /* key: text, or null to take it away */
};
/* What az refuses: a pinned version that upgrades itself, a plan in part. ERROR_USAGE. */
int arm_extension_check(const struct arm_extension_asked *asked, struct error *err) MUST_CHECK;

/* The body of a PUT; owned. `location` is the cluster's where an identity is made, else NULL: AKS refuses one. */
struct json_object *arm_extension_body(
	const struct arm_extension_asked *asked, const char *location);
/* The body of a PATCH with what was asked and differs from the resource `now`; owned, NULL if nothing does. */
struct json_object *arm_extension_patch(
	const struct arm_extension_asked *asked, struct json_object *now);

/* The first of microsoft.flux in a list of extensions (an array), or the one with that name. Borrowed. */
struct json_object *arm_extension_find(struct json_object *list, const char *name);

#endif
