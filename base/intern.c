/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <stdalign.h>

#include "base/alloc.h"
#include "base/intern.h"

#define CHUNK_SIZE 65536
#define FIRST_SLOTS 1024 /* a power of two, as every later size */

struct chunk {
	struct chunk *next;
	size_t used, size;
	alignas(max_align_t) char bytes[];
};

struct intern {
	struct chunk *chunks;
	const char **slots;
	size_t slot_count, texts, bytes;
	uint64_t seed;
};

struct intern *intern_new(void)
{
	struct intern *pool = xcalloc(1, sizeof(*pool));

	pool->slot_count = FIRST_SLOTS;
	pool->slots = xcalloc(pool->slot_count, sizeof(*pool->slots));
	/* Names come from outside: where the table lies makes collisions hard to prepare. */
	pool->seed = (uint64_t)(uintptr_t)pool->slots;
	return pool;
}

void intern_free(struct intern *pool)
{
	struct chunk *next;

	if (!pool)
		return;
	for (struct chunk *chunk = pool->chunks; chunk; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	free(pool->slots);
	free(pool);
}

static void *pool_take(struct intern *pool, size_t size)
{
	struct chunk *chunk = pool->chunks;

	if (!chunk || chunk->size - chunk->used < size) {
		size_t room = size > CHUNK_SIZE / 4 ? size : CHUNK_SIZE;

		chunk = xmalloc(sizeof(*chunk) + room);
		chunk->used = 0;
		chunk->size = room;
		pool->bytes += sizeof(*chunk) + room;
		/* A chunk made to measure goes behind the one that still has room. */
		if (room != CHUNK_SIZE && pool->chunks) {
			chunk->next = pool->chunks->next;
			pool->chunks->next = chunk;
		} else {
			chunk->next = pool->chunks;
			pool->chunks = chunk;
		}
	}
	chunk->used += size;
	return chunk->bytes + chunk->used - size;
}

void *intern_alloc(struct intern *pool, size_t size)
{
	size_t align = alignof(max_align_t);
	struct chunk *chunk = pool->chunks;
	size_t gap = chunk ? (align - chunk->used % align) % align : 0;
	void *ptr;

	if (chunk && chunk->size - chunk->used >= gap)
		chunk->used += gap;
	ptr = pool_take(pool, (size + align - 1) / align * align);
	memset(ptr, 0, size);
	return ptr;
}

static uint64_t text_hash(const struct intern *pool, const char *text, size_t len)
{
	uint64_t hash = 14695981039346656037U ^ pool->seed;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)text[i]) * 1099511628211U;
	return hash ^ hash >> 32;
}

static const char **find_slot(const struct intern *pool, const char *text, size_t len)
{
	size_t mask = pool->slot_count - 1;
	size_t at = text_hash(pool, text, len) & mask;

	while (pool->slots[at] && strcmp(pool->slots[at], text) != 0)
		at = (at + 1) & mask;
	return &pool->slots[at];
}

static void grow(struct intern *pool)
{
	const char **old = pool->slots;
	size_t count = pool->slot_count;

	pool->slot_count = count * 2;
	pool->slots = xcalloc(pool->slot_count, sizeof(*pool->slots));
	for (size_t i = 0; i < count; i++)
		if (old[i])
			*find_slot(pool, old[i], strlen(old[i])) = old[i];
	free(old);
}

const char *intern(struct intern *pool, const char *text)
{
	size_t len;
	const char **slot;
	char *copy;

	if (!text)
		return NULL;
	len = strlen(text);
	slot = find_slot(pool, text, len);
	if (*slot)
		return *slot;
	copy = pool_take(pool, len + 1);
	memcpy(copy, text, len + 1);
	*slot = copy;
	if (++pool->texts * 4 > pool->slot_count * 3)
		grow(pool);
	return copy;
}

size_t intern_size(const struct intern *pool)
{
	return pool->bytes + pool->slot_count * sizeof(*pool->slots);
}
