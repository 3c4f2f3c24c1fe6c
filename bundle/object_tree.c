/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of trees: MODE SP NAME NUL and 20 bytes of the object's name. */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/limits.h"
#include "bundle/object_check.h"

#define MODE_KIND 0170000
#define MODE_KIND_FILE 0100000
#define MODE_DIGITS 7 /* old repositories hold "040000" */

/* A file's permissions are read as git does: executable or not. */
static bool mode_of(unsigned bits, enum tree_mode *ret)
{
	*ret = (enum tree_mode)bits;
	if ((bits & MODE_KIND) == MODE_KIND_FILE)
		*ret = bits & 0100 ? MODE_EXECUTABLE : MODE_FILE;
	return *ret == MODE_TREE || *ret == MODE_FILE || *ret == MODE_EXECUTABLE ||
	       *ret == MODE_LINK || *ret == MODE_GITLINK;
}

static int bad(struct error *err, size_t at, const char *what)
{
	return error_set(err, ERROR_DAMAGED, "a tree has %s at byte %zu", what, at);
}

int tree_next(const char *data, size_t len, size_t *at, struct tree_entry *ret, struct error *err)
{
	size_t i = *at;
	unsigned mode = 0;
	const char *end;

	if (i == len)
		return 0;
	for (; i < len && i - *at < MODE_DIGITS && data[i] >= '0' && data[i] <= '7'; i++)
		mode = mode << 3 | (unsigned)(data[i] - '0');
	if (i == *at || i == len || data[i] != ' ' || !mode_of(mode, &ret->mode))
		return bad(err, *at, "a mode that there is not");
	ret->name = data + ++i;
	end = memchr(data + i, '\0', len - i);
	if (!end || len - (size_t)(end - data) - 1 < OID_LEN)
		return bad(err, *at, "half an entry");
	if (!object_name_safe(ret->name, (size_t)(end - ret->name)))
		return bad(err, *at, "a name that could leave its folder");
	memcpy(ret->oid.bytes, end + 1, OID_LEN);
	if (oid_is_zero(&ret->oid))
		return bad(err, *at, "an entry without an object");
	*at = (size_t)(end - data) + 1 + OID_LEN;
	return 1;
}

/* ---- the order of entries */

int tree_compare(const struct tree_entry *left, const struct tree_entry *right)
{
	const unsigned char *a = (const unsigned char *)left->name;
	const unsigned char *b = (const unsigned char *)right->name;
	unsigned c, d;

	while (*a && *a == *b) {
		a++;
		b++;
	}
	c = !*a && left->mode == MODE_TREE ? '/' : *a;
	d = !*b && right->mode == MODE_TREE ? '/' : *b;
	return (c > d) - (c < d);
}

/*
 * A file "a" and a tree "a" need not be neighbours: "a.b" sorts between them. The files that a tree
 * may still meet are those whose name every entry since began with.
 */
struct open_files {
	const char **names;
	size_t count, cap;
};

static void open_files_clear(struct open_files *files)
{
	free(files->names);
}

static void open_files_push(struct open_files *files, const char *name)
{
	if (files->count == files->cap) {
		files->cap = files->cap ? 2 * files->cap : 8;
		files->names = xreallocarray(files->names, files->cap, sizeof(*files->names));
	}
	files->names[files->count++] = name;
}

/* False if the entry is a tree of the same name as a file. */
static bool open_files_meet(struct open_files *files, const struct tree_entry *entry)
{
	while (files->count && !starts_with(entry->name, files->names[files->count - 1]))
		files->count--;
	if (entry->mode != MODE_TREE) {
		open_files_push(files, entry->name);
		return true;
	}
	return !files->count || !streq(files->names[files->count - 1], entry->name);
}

static int tell(const struct tree_entry *entry, object_names names, void *ctx, struct error *err)
{
	if (entry->mode == MODE_GITLINK)
		return 0;
	return names(ctx, &entry->oid, entry->mode == MODE_TREE ? OBJECT_TREE : OBJECT_BLOB, err);
}

int tree_check(const char *data, size_t len, object_names names, void *ctx, struct error *err)
{
	CLEANUP(open_files_clear) struct open_files files = {0};
	struct tree_entry entry = {.name = ""};
	struct tree_entry last = entry;
	size_t at = 0;

	for (;;) {
		size_t begin = at;
		int got = tree_next(data, len, &at, &entry, err);
		int order;

		if (got <= 0)
			return got;
		order = tree_compare(&last, &entry);
		if (order > 0)
			return bad(err, begin, "an entry out of order");
		if ((order == 0 && *last.name) || !open_files_meet(&files, &entry))
			return bad(err, begin, "a name twice");
		if (tell(&entry, names, ctx, err) < 0)
			return -1;
		last = entry;
	}
}

/* ---- what differs from a known tree */

struct changes {
	const char *data;
	size_t len, at;
	const struct tree_known *known;
	size_t known_at; /* always where an entry begins */
	object_names names;
	void *ctx;
};

/* The length of the next entry if it is the same in both trees, else 0. */
static size_t same_entry(const struct changes *changes)
{
	const char *entry = changes->data + changes->at;
	size_t left = changes->len - changes->at;
	const char *end = left ? memchr(entry, '\0', left) : NULL;
	size_t len = end ? (size_t)(end - entry) + 1 + OID_LEN : 0;

	if (len > left || len > changes->known->len - changes->known_at)
		return 0;
	return memcmp(entry, changes->known->data + changes->known_at, len) == 0 ? len : 0;
}

/* Past the known entries that come before this one, and the one of its name. */
static void catch_up(struct changes *changes, const struct tree_entry *entry)
{
	const struct tree_known *known = changes->known;
	struct tree_entry other = {.name = ""};
	size_t at = changes->known_at;

	while (tree_next(known->data, known->len, &at, &other, NULL) > 0 &&
		tree_compare(&other, entry) <= 0)
		changes->known_at = at;
}

/* Could these, or others between which they stand, be a file and a tree of one name? */
static bool may_meet(const struct tree_entry *before, const struct tree_entry *after)
{
	return (after->mode == MODE_TREE && starts_with(before->name, after->name)) ||
	       (before->mode != MODE_TREE && starts_with(after->name, before->name));
}

/* An entry behind the one at `last`. 1: only the whole tree can tell. */
static int check_order(const struct changes *changes, size_t last, const struct tree_entry *entry,
	struct error *err)
{
	struct tree_entry before = {.name = ""};
	size_t at = last;
	int order;

	if (tree_next(changes->data, changes->len, &at, &before, err) <= 0)
		return -1;
	order = tree_compare(&before, entry);
	if (order > 0)
		return bad(err, at, "an entry out of order");
	return order == 0 || may_meet(&before, entry);
}

static int check_changes(struct changes *changes, struct error *err)
{
	bool fresh = false; /* is the entry before new? */
	size_t last = SIZE_MAX;

	for (;;) {
		size_t begin = changes->at;
		size_t same = same_entry(changes);
		struct tree_entry entry = {.name = ""};
		int result;

		if (same && !fresh) {
			changes->at += same;
			changes->known_at += same;
			last = begin;
			continue;
		}
		result = tree_next(changes->data, changes->len, &changes->at, &entry, err);
		if (result <= 0)
			return result;
		result = last == SIZE_MAX ? 0 : check_order(changes, last, &entry, err);
		if (result)
			return result;
		if (!same && tell(&entry, changes->names, changes->ctx, err) < 0)
			return -1;
		if (same)
			changes->known_at += same;
		else
			catch_up(changes, &entry);
		fresh = !same;
		last = begin;
	}
}

int tree_check_changes(const char *data, size_t len, const struct tree_known *known,
	object_names names, void *ctx, struct error *err)
{
	struct changes changes = {
		.data = data, .len = len, .known = known, .names = names, .ctx = ctx};
	int result = check_changes(&changes, err);

	return result > 0 ? tree_check(data, len, names, ctx, err) : result;
}
