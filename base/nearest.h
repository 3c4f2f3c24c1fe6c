/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "Did you mean": the known word nearest to a misspelt one.
 *
 *	struct nearest nearest = {.word = typed};
 *	for (…)
 *		nearest_offer(&nearest, known);
 *	if (nearest.best)
 *		…
 */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include "base/base.h"

struct nearest {
	const char *word; /* what was typed; borrowed */
	const char *best; /* borrowed from what was offered; NULL: nothing is near enough */
	size_t distance;  /* of `best` */
};

/*
 * Consider one known word (NULL is ignored). Near enough is a third of the longer word's length in
 * changed, missing, surplus or swapped letters; case does not count. Words over 64 bytes are never
 * near.
 */
void nearest_offer(struct nearest *nearest, const char *known);

#endif
