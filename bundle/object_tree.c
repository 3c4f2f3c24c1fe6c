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

static enum object_type type_of(enum tree_mode mode)
{
	return mode == MODE_TREE ? OBJECT_TREE : OBJECT_BLOB;
}

int tree_check(const char *data, size_t len, object_names names, void *ctx, struct error *err)
{
	CLEANUP(open_files_clear) struct open_files files = {0};
	struct tree_entry entry, last = {.name = ""};
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
		if (entry.mode != MODE_GITLINK &&
			names(ctx, &entry.oid, type_of(entry.mode), err) < 0)
			return -1;
		last = entry;
	}
}
