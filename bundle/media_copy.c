/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/digest.h"
#include "bundle/limits.h"
#include "bundle/media_copy.h"
#include "bundle/parts.h"

#define CHUNK MiB
#define ALL_GOOD SIZE_MAX

/* Copy bytes from `start` on, taking their digest. */
static int copy(struct media *media, uint64_t start, uint64_t size, struct media_writer *writer,
	struct sha256_text *digest, struct error *err)
{
	autofree char *chunk = xmalloc(CHUNK);
	autodigest *hash = digest_new(DIGEST_SHA256);

	for (uint64_t done = 0; done < size;) {
		size_t len = size - done < CHUNK ? (size_t)(size - done) : CHUNK;

		if (media_read(media, start + done, chunk, len, err) < 0 ||
			media_writer_write(writer, chunk, len, err) < 0)
			return -1;
		digest_add(hash, chunk, len);
		done += len;
	}
	sha256_text_end(hash, digest);
	return 0;
}

/* `*bad`: the first part whose bytes are not those of the list. */
static int copy_parts(
	struct media *media, struct media_writer *writer, size_t *bad, struct error *err)
{
	const struct parts *list = media_list(media);
	struct sha256_text digest;
	uint64_t start = 0;

	*bad = ALL_GOOD;
	if (!list)
		return copy(media, 0, media_size(media), writer, &digest, err);
	for (size_t i = 0; i < list->count; i++) {
		if (copy(media, start, list->entries[i].size, writer, &digest, err) < 0)
			return -1;
		start += list->entries[i].size;
		if (sha256_text_equal(&digest, &list->entries[i].digest))
			continue;
		*bad = i;
		return 0;
	}
	return 0;
}

static int damaged(const struct media *media, size_t bad, struct error *err)
{
	const char *name = media_part_name(media, bad);

	if (media_part_rebuilt(media, bad))
		return error_set(err, ERROR_DAMAGED,
			"%s: what the parity part makes of the others is not it: one of them is "
			"damaged",
			name);
	return error_set(err, ERROR_DAMAGED, "%s: damaged, or of another set", name);
}

int media_copy(struct media *media, struct media_plan *plan, const char **mended, struct error *err)
{
	bool dropped = false;
	size_t bad;

	plan->size = media_size(media);
	do {
		autowriter *writer = NULL;

		if (media_writer_begin(plan, &writer, err) < 0 ||
			copy_parts(media, writer, &bad, err) < 0)
			return -1;
		if (bad == ALL_GOOD)
			return media_writer_end(TAKE(writer), err);
		if (dropped || !media_part_drop(media, bad))
			return damaged(media, bad, err);
		/* Once more, without the part. */
		dropped = true;
		if (mended)
			*mended = media_part_name(media, bad);
	} while (true);
}
