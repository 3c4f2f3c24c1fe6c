/* SPDX-License-Identifier: Apache-2.0 */
/* Which objects were printed already, by a hash of eight bytes each. */
#ifndef PLUGIN_GET_SEEN_H
#define PLUGIN_GET_SEEN_H

#include "base/base.h"

/* Zero-initialised is empty. */
struct get_seen {
	uint64_t *slots; /* 0 is free */
	size_t len, cap;
	uint64_t seed; /* whoever names objects cannot choose two of one hash */
};

/* Note a key; false if it was there already. */
bool get_seen_add(struct get_seen *seen, const char *key);
void get_seen_clear(struct get_seen *seen);

#endif
