/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/oid_set.h"

void oid_set_clear(struct oid_set *set)
{
	free(set->items);
	*set = (struct oid_set){.items = NULL};
}
static int compare_oids(const void *left, const void *right)
{
	return oid_compare(left, right);
}

void oid_set_add(struct oid_set *set, const struct oid *oid)
{
	if ((set->count & (set->count - 1)) == 0)
		set->items = xreallocarray(
			set->items, set->count ? set->count * 2 : 1, sizeof(*set->items));
	set->items[set->count++] = *oid;
}

void oid_set_sort(struct oid_set *set)
{
	size_t kept = 0;

	if (set->count)
		qsort(set->items, set->count, sizeof(*set->items), compare_oids);
	for (size_t i = 0; i < set->count; i++)
		if (!kept || !oid_equal(&set->items[kept - 1], &set->items[i]))
			set->items[kept++] = set->items[i];
	set->count = kept;
}
