/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by arm/fluxconfig*.c; nobody else includes this. */
#ifndef ARM_FLUXCONFIG_INTERNAL_H
#define ARM_FLUXCONFIG_INTERNAL_H

#include "arm/fluxconfig.h"
#include "base/base.h"

#define ARM_CONFIG_SECRETS "configurationProtectedSettings"
#define ARM_CONFIG_MASK "(secret)"

/* The value of a field in these properties, or NULL. Borrowed. */
struct json_object *arm_config_field_get(struct json_object *properties,
	const struct arm_config_field *field, const struct arm_config_kind *kind);
/* The member "@" stands for, or the field's own. */
const char *arm_config_field_parent(
	const struct arm_config_field *field, const struct arm_config_kind *kind);
/* Refuse what JSON has no words for, and control characters (keys have line breaks). The text stands in
 * no message, since it may be a secret. */
int arm_config_check_text(const char *label, const char *text, struct error *err) MUST_CHECK;
/* A member of the properties that only Azure writes. */
bool arm_config_is_read_only(const char *member);

#endif
