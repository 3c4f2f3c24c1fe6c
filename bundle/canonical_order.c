/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a canonical pack holds, in which order: tags, commits newest first, then of each commit what is
 * new in its tree. It follows from the tips alone.
 */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/canonical.h"
#include "bundle/history.h"
#include "bundle/limits.h"

void canonical_order_clear(struct canonical_order *order)
{
	free(order->items);
	*order = (struct canonical_order){0};
}

struct ordering {
	const struct canonical *canonical;
	struct canonical_order *order;
	struct history history;
	struct oid_map seen; /* trees, blobs and tags */
	struct buf path;
	size_t depth;
};

static void ordering_clear(struct ordering *ordering)
{
	history_clear(&ordering->history);
	oid_map_clear(&ordering->seen);
	buf_clear(&ordering->path);
}

static bool in_base(const struct ordering *ordering, const struct oid *oid)
{
	for (size_t i = 0; i < ordering->canonical->base_packs; i++)
		if (pack_has(odb_pack(ordering->canonical->odb, i), oid))
			return true;
	return false;
}

/* True the first time, if it has to be packed at all. */
static bool is_new(struct ordering *ordering, const struct oid *oid)
{
	uint32_t *seen = oid_map_put(&ordering->seen, oid);
	bool before = *seen;

	*seen = 1;
	return !before && !in_base(ordering, oid);
}

static void add(struct ordering *ordering, const struct oid *oid)
{
	struct canonical_order *order = ordering->order;
	struct canonical_object *object;
	const struct buf *path = &ordering->path;
	size_t skip = path->len < sizeof(object->path) ? 0 : path->len - sizeof(object->path) + 1;

	if (order->count == order->cap) {
		order->cap = order->cap ? order->cap + order->cap / 2 : 1024;
		order->items = xreallocarray(order->items, order->cap, sizeof(*order->items));
	}
	object = &order->items[order->count++];
	object->oid = *oid;
	memcpy(object->path, path->ptr + skip, path->len - skip + 1);
}

static int add_tree(struct ordering *ordering, const struct oid *oid, struct error *err);

static int add_entry(struct ordering *ordering, const struct tree_entry *entry, struct error *err)
{
	size_t len = ordering->path.len;
	int result = 0;

	if (entry->mode == MODE_GITLINK)
		return 0;
	if (len)
		buf_addc(&ordering->path, '/');
	buf_adds(&ordering->path, entry->name);
	if (entry->mode == MODE_TREE)
		result = add_tree(ordering, &entry->oid, err);
	else if (is_new(ordering, &entry->oid))
		add(ordering, &entry->oid);
	buf_truncate(&ordering->path, len);
	return result;
}

static int add_tree(struct ordering *ordering, const struct oid *oid, struct error *err)
{
	autobuf data = BUF_INIT;
	enum object_type type;
	struct tree_entry entry;
	size_t at = 0;
	int got;

	if (!is_new(ordering, oid))
		return 0;
	if (++ordering->depth > LIMIT_TREE_DEPTH)
		return error_set(err, ERROR_DAMAGED, "more than %d folders within each other",
			LIMIT_TREE_DEPTH);
	add(ordering, oid);
	if (odb_read(ordering->canonical->odb, oid, &type, &data, err) < 0)
		return -1;
	while ((got = tree_next(data.ptr, data.len, &at, &entry, err)) > 0)
		if (add_entry(ordering, &entry, err) < 0)
			return -1;
	ordering->depth--;
	return got;
}

/* A tag, what it names, and so on; a commit waits in the history. */
static int add_tip(struct ordering *ordering, const struct oid *tip, struct error *err)
{
	autobuf data = BUF_INIT;
	struct oid oid = *tip;
	enum object_type type;

	for (int i = 0; i < LIMIT_TAG_DEPTH; i++) {
		if (odb_read(ordering->canonical->odb, &oid, &type, &data, err) < 0)
			return -1;
		if (type == OBJECT_COMMIT)
			return in_base(ordering, &oid) ? 0
						       : history_add(&ordering->history, &oid, err);
		if (type == OBJECT_TREE)
			return add_tree(ordering, &oid, err);
		if (!is_new(ordering, &oid))
			return 0;
		add(ordering, &oid);
		if (type == OBJECT_BLOB)
			return 0;
		if (tag_parse(data.ptr, data.len, &oid, &type, err) < 0)
			return -1;
	}
	return error_set(err, ERROR_DAMAGED, "more than %d tags of tags", LIMIT_TAG_DEPTH);
}

static int compare(const void *left, const void *right)
{
	return oid_compare(left, right);
}

static int add_tips(struct ordering *ordering, struct error *err)
{
	size_t count = ordering->canonical->tip_count;
	autofree struct oid *tips = xcalloc(count, sizeof(*tips));

	if (count)
		memcpy(tips, ordering->canonical->tips, count * sizeof(*tips));
	qsort(tips, count, sizeof(*tips), compare);
	for (size_t i = 0; i < count; i++)
		if (add_tip(ordering, &tips[i], err) < 0)
			return -1;
	return 0;
}

/* Of all commits not in the base: they and, by `trees`, their trees. */
static int add_commits(
	struct ordering *ordering, struct oid **trees, size_t *count, struct error *err)
{
	size_t cap = 0;

	for (;;) {
		struct oid oid;
		struct commit commit;
		int got = history_next(&ordering->history, &oid, &commit, err);

		if (got <= 0)
			return got;
		add(ordering, &oid);
		if (*count == cap) {
			cap = cap ? 2 * cap : 1024;
			*trees = xreallocarray(*trees, cap, sizeof(**trees));
		}
		(*trees)[(*count)++] = commit.tree;
		for (size_t i = 0; i < commit.parent_count && got > 0; i++)
			if (!in_base(ordering, &commit.parents[i]) &&
				history_add(&ordering->history, &commit.parents[i], err) < 0)
				got = -1;
		commit_clear(&commit);
		if (got < 0)
			return -1;
	}
}

int canonical_order(
	const struct canonical *canonical, struct canonical_order *ret, struct error *err)
{
	CLEANUP(ordering_clear)
	struct ordering ordering = {
		.canonical = canonical,
		.order = ret,
		.history = {.odb = canonical->odb},
		.path = BUF_INIT,
	};
	autofree struct oid *trees = NULL;
	size_t count = 0;

	*ret = (struct canonical_order){0};
	if (add_tips(&ordering, err) < 0 || add_commits(&ordering, &trees, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (add_tree(&ordering, &trees[i], err) < 0)
			return -1;
	return 0;
}
