/* SPDX-License-Identifier: Apache-2.0 */
/* A list of objects that is sorted, and then holds none twice. */
#ifndef BUNDLE_OID_SET_H
#define BUNDLE_OID_SET_H

#include "base/base.h"
#include "bundle/oid.h"

struct oid_set {
	struct oid *items;
	size_t count;
};
#define autooids CLEANUP(oid_set_clear) struct oid_set
void oid_set_clear(struct oid_set *set);
void oid_set_add(struct oid_set *set, const struct oid *oid);
void oid_set_sort(struct oid_set *set);

#endif
