/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "plugin/get_seen.h"

/* FNV-1a, and never 0. */
static uint64_t hash(const struct get_seen *seen, const char *key)
{
	uint64_t value = 14695981039346656037U ^ seen->seed;

	for (; *key; key++)
		value = (value ^ (unsigned char)*key) * 1099511628211U;
	return value ? value : 1;
}

/* False if it was there. `slots` has a free one. */
static bool insert(uint64_t *slots, size_t cap, uint64_t value)
{
	size_t at = (size_t)(value ^ (value >> 32)) & (cap - 1);

	while (slots[at] != 0) {
		if (slots[at] == value)
			return false;
		at = (at + 1) & (cap - 1);
	}
	slots[at] = value;
	return true;
}

static void grow(struct get_seen *seen)
{
	size_t cap = seen->cap ? seen->cap * 2 : 1024;
	uint64_t *slots = xcalloc(cap, sizeof(*slots));

	if (!seen->cap)
		seen->seed = (uint64_t)(uintptr_t)slots;
	for (size_t i = 0; i < seen->cap; i++)
		if (seen->slots[i] != 0)
			insert(slots, cap, seen->slots[i]);
	free(seen->slots);
	seen->slots = slots;
	seen->cap = cap;
}

bool get_seen_add(struct get_seen *seen, const char *key)
{
	if (seen->len * 2 >= seen->cap)
		grow(seen);
	if (!insert(seen->slots, seen->cap, hash(seen, key)))
		return false;
	seen->len++;
	return true;
}

void get_seen_clear(struct get_seen *seen)
{
	free(seen->slots);
	*seen = (struct get_seen){.len = 0};
}
