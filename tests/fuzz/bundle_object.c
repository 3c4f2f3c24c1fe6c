/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commits, tags and trees; the first byte says which. Of two trees (the second byte is the length of the
 * first) what is checked by its differences has to be as good as what is checked as a whole.
 */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/object_check.h"
#include "bundle/oid_map.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int note_name(void *ctx, const struct oid *oid, enum object_type type, struct error *err)
{
	(void)err;
	*oid_map_put(ctx, oid) |= 1U << type;
	return 0;
}

static void check_commit(const char *data, size_t size)
{
	struct commit commit;
	CLEANUP(oid_map_clear) struct oid_map names = {0};
	bool good = commit_parse(data, size, &commit, NULL) == 0;

	if (good != (object_check(OBJECT_COMMIT, data, size, note_name, &names, NULL) == 0))
		abort();
	if (good && (strchr(commit.author, '\n') || strchr(commit.email, '\n') ||
			    strchr(commit.subject, '\n') || commit.time < 0 || !names.count))
		abort();
	commit_clear(&commit);
}

static void check_tag(const char *data, size_t size)
{
	struct oid oid;
	enum object_type type;
	CLEANUP(oid_map_clear) struct oid_map names = {0};

	if (tag_parse(data, size, &oid, &type, NULL) == 0 &&
		(object_check(OBJECT_TAG, data, size, note_name, &names, NULL) < 0 ||
			!oid_map_get(&names, &oid)))
		abort();
}

/* Is all of `part` in `whole`? */
static bool has_all(const struct oid_map *whole, const struct oid_map *part)
{
	for (size_t i = 0; i < part->cap; i++) {
		const struct oid_slot *slot = &part->slots[i];

		if (slot->value & ~oid_map_get(whole, &slot->oid))
			return false;
	}
	return true;
}

static void check_trees(const char *first, size_t first_len, const char *second, size_t second_len)
{
	struct tree_known known = {first, first_len};
	CLEANUP(oid_map_clear) struct oid_map told = {0};
	CLEANUP(oid_map_clear) struct oid_map whole = {0};
	bool good;

	if (tree_check(first, first_len, note_name, &told, NULL) < 0)
		return;
	good = tree_check(second, second_len, note_name, &whole, NULL) == 0;
	if (good != (tree_check_changes(second, second_len, &known, note_name, &told, NULL) == 0))
		abort();
	if (good && !has_all(&told, &whole))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autofree char *text = NULL;
	size_t first;

	if (size < 2)
		return 0;
	text = xstrndup((const char *)data + 2, size - 2);
	first = data[1] < size - 2 ? data[1] : size - 2;
	switch (data[0] % 3) {
	case 0:
		check_commit(text, size - 2);
		break;
	case 1:
		check_tag(text, size - 2);
		break;
	default:
		check_trees(text, first, text + first, size - 2 - first);
	}
	return 0;
}
