/* SPDX-License-Identifier: Apache-2.0 */
/* Trees walked and compared. */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/limits.h"
#include "bundle/object_check.h"

/* ---- one object of a wanted type */

static int read_typed(struct odb *odb, const struct oid *oid, enum object_type wanted,
	struct buf *ret, struct error *err)
{
	enum object_type type;
	char hex[OID_HEX_LEN + 1];

	if (odb_read(odb, oid, &type, ret, err) < 0)
		return -1;
	if (type == wanted)
		return 0;
	oid_hex(oid, hex);
	return error_set(err, ERROR_DAMAGED, "object %s is a %s, not a %s", hex,
		object_type_name(type), object_type_name(wanted));
}

int odb_commit(struct odb *odb, const struct oid *oid, struct commit *ret, struct error *err)
{
	autobuf data = BUF_INIT;

	*ret = (struct commit){0};
	if (read_typed(odb, oid, OBJECT_COMMIT, &data, err) < 0)
		return -1;
	return commit_parse(data.ptr, data.len, ret, err);
}

int odb_peel(struct odb *odb, const struct oid *oid, struct oid *commit, struct error *err)
{
	autobuf data = BUF_INIT;
	struct oid at = *oid;
	char hex[OID_HEX_LEN + 1];

	for (int i = 0; i < LIMIT_TAG_DEPTH; i++) {
		enum object_type type;

		if (odb_read(odb, &at, &type, &data, err) < 0)
			return -1;
		if (type == OBJECT_COMMIT) {
			*commit = at;
			return 0;
		}
		if (type != OBJECT_TAG)
			break;
		if (tag_parse(data.ptr, data.len, &at, &type, err) < 0)
			return -1;
	}
	oid_hex(oid, hex);
	return error_set(err, ERROR_DAMAGED, "object %s does not lead to a commit", hex);
}

/* ---- walking and comparing: a walk is a comparison with nothing */

struct walk {
	struct odb *odb;
	tree_visit visit; /* one of the two */
	tree_differ differ;
	void *ctx;
	struct buf path;
	size_t depth;
	unsigned long visited; /* entries of any kind */
};

/* One side of a folder that is being compared. */
struct side {
	struct buf data;
	size_t at;
	bool there; /* is `entry` filled? */
	struct tree_entry entry;
};

static void side_clear(struct side *side)
{
	buf_clear(&side->data);
}

static int side_next(struct side *side, struct error *err)
{
	int got = tree_next(side->data.ptr, side->data.len, &side->at, &side->entry, err);

	side->there = got > 0;
	return got < 0 ? -1 : 0;
}

static int side_open(struct side *side, struct odb *odb, const struct oid *tree, struct error *err)
{
	if (!tree)
		return 0;
	if (read_typed(odb, tree, OBJECT_TREE, &side->data, err) < 0)
		return -1;
	return side_next(side, err);
}

static int folder(
	struct walk *walk, const struct oid *before, const struct oid *after, struct error *err);

static int tell(struct walk *walk, const struct tree_entry *before, const struct tree_entry *after,
	struct error *err)
{
	if (walk->visit)
		return walk->visit(walk->ctx, walk->path.ptr, after, err);
	return walk->differ(walk->ctx, walk->path.ptr, before, after, err);
}

static bool same(const struct tree_entry *before, const struct tree_entry *after)
{
	return before && after && before->mode == after->mode &&
	       oid_equal(&before->oid, &after->oid);
}

/* Entries of one name, of which either may be NULL; both are trees, or none is. */
static int entries(struct walk *walk, const struct tree_entry *before,
	const struct tree_entry *after, struct error *err)
{
	const struct tree_entry *any = after ? after : before;
	size_t len = walk->path.len;
	int result;

	if (same(before, after))
		return 0;
	if (++walk->visited > LIMIT_TREE_FILES)
		return error_set(
			err, ERROR_DAMAGED, "a tree of more than %lu entries", LIMIT_TREE_FILES);
	if (len)
		buf_addc(&walk->path, '/');
	buf_adds(&walk->path, any->name);
	if (walk->path.len > LIMIT_PATH)
		return error_set(err, ERROR_DAMAGED, "a path of more than %d bytes", LIMIT_PATH);
	result = any->mode == MODE_TREE ? folder(walk, before ? &before->oid : NULL,
						  after ? &after->oid : NULL, err)
					: tell(walk, before, after, err);
	buf_truncate(&walk->path, len);
	return result;
}

static int merge(struct walk *walk, struct side *before, struct side *after, struct error *err)
{
	while (before->there || after->there) {
		int order = 0;

		if (before->there && after->there)
			order = tree_compare(&before->entry, &after->entry);
		else
			order = before->there ? -1 : 1;
		if (entries(walk, order <= 0 ? &before->entry : NULL,
			    order >= 0 ? &after->entry : NULL, err) < 0)
			return -1;
		if (order <= 0 && side_next(before, err) < 0)
			return -1;
		if (order >= 0 && side_next(after, err) < 0)
			return -1;
	}
	return 0;
}

static int folder(
	struct walk *walk, const struct oid *before, const struct oid *after, struct error *err)
{
	CLEANUP(side_clear) struct side left = {.data = BUF_INIT};
	CLEANUP(side_clear) struct side right = {.data = BUF_INIT};
	int result;

	if (walk->depth == LIMIT_TREE_DEPTH)
		return error_set(err, ERROR_DAMAGED, "more than %d folders within each other",
			LIMIT_TREE_DEPTH);
	if (side_open(&left, walk->odb, before, err) < 0 ||
		side_open(&right, walk->odb, after, err) < 0)
		return -1;
	walk->depth++;
	result = merge(walk, &left, &right, err);
	walk->depth--;
	return result;
}

static int begin(
	struct walk *walk, const struct oid *before, const struct oid *after, struct error *err)
{
	int result = folder(walk, before, after, err);

	buf_clear(&walk->path);
	return result;
}

int tree_walk(
	struct odb *odb, const struct oid *tree, tree_visit visit, void *ctx, struct error *err)
{
	struct walk walk = {.odb = odb, .visit = visit, .ctx = ctx, .path = BUF_INIT};

	return begin(&walk, NULL, tree, err);
}

int tree_diff(struct odb *odb, const struct oid *before, const struct oid *after,
	tree_differ differ, void *ctx, struct error *err)
{
	struct walk walk = {.odb = odb, .differ = differ, .ctx = ctx, .path = BUF_INIT};

	if (before && after && oid_equal(before, after))
		return 0;
	return begin(&walk, before, after, err);
}
