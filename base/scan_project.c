/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping the members that are asked for. */
#include "base/base.h"

#include <stdio.h>

#include "base/alloc.h"
#include "base/scan_internal.h"

/* What to keep of one value. The first node is that of the item. */
struct projection {
	char *key; /* NULL for the item itself and for array elements */
	size_t key_len;
	bool whole;                 /* members that have no node of their own are kept */
	bool drop;                  /* the value is not kept at all */
	bool kept;                  /* whole, or something below is kept */
	struct projection *members; /* by key */
	size_t members_len;
	struct projection *element; /* of every element, if the value is an array */
};

/* ---- building */

static void clear(struct projection *node)
{
	for (size_t i = 0; i < node->members_len; i++)
		clear(&node->members[i]);
	if (node->element)
		clear(node->element);
	free(node->members);
	free(node->element);
	free(node->key);
}

void projection_free(struct projection *projection)
{
	if (!projection)
		return;
	clear(projection);
	free(projection);
}

static struct projection *find_member(
	const struct projection *node, const char *key, size_t key_len)
{
	for (size_t i = 0; i < node->members_len; i++) {
		struct projection *member = &node->members[i];

		if (member->key_len == key_len && memcmp(member->key, key, key_len) == 0)
			return member;
	}
	return NULL;
}

static struct projection *add_member(struct projection *node, const char *key, size_t key_len)
{
	struct projection *member = find_member(node, key, key_len);

	if (member)
		return member;
	node->members =
		xreallocarray(node->members, node->members_len + 1, sizeof(node->members[0]));
	member = &node->members[node->members_len++];
	*member = (struct projection){.key = xstrndup(key, key_len), .key_len = key_len};
	return member;
}

static _Noreturn void malformed(const char *path)
{
	fprintf(stderr, "malformed projection path '%s'\n", path);
	abort();
}

/* The node of the path's next segment, behind which *at moves. */
static struct projection *add_segment(struct projection *node, const char **at, const char *path)
{
	bool bracket = **at == '[';
	const char *key = *at + bracket;
	size_t len = strcspn(key, bracket ? "]" : ".[");

	if ((!len && !bracket) || (bracket && key[len] != ']'))
		malformed(path);
	*at = key + len + bracket;
	if (len)
		return add_member(node, key, len);
	if (!node->element)
		node->element = xcalloc(1, sizeof(*node->element));
	return node->element;
}

bool projection_elements(const struct projection *node, const struct projection **ret)
{
	*ret = node->element;
	return node->element || node->whole;
}

static void add_path(struct projection *root, const char *path)
{
	struct projection *node = root;
	bool drop = path[0] == '!';
	const char *at = path + drop;

	for (;;) {
		node = add_segment(node, &at, path);
		if (!*at)
			break;
		if (*at == '.')
			at++;
		else if (!starts_with(at, "[]"))
			malformed(path);
	}
	if (drop && !node->key)
		malformed(path);
	if (drop)
		node->drop = true;
	else
		node->whole = true;
}

/* What is below something whole is whole too, up to the exceptions. */
static void settle(struct projection *node)
{
	node->kept = node->whole;
	for (size_t i = 0; i < node->members_len; i++) {
		struct projection *member = &node->members[i];

		member->whole = (member->whole || node->whole) && !member->drop;
		settle(member);
		node->kept |= member->kept;
	}
	if (node->element) {
		node->element->whole |= node->whole;
		settle(node->element);
		node->kept |= node->element->kept;
	}
	node->kept &= !node->drop;
}

struct projection *projection_new(const char *const *paths)
{
	struct projection *root = xcalloc(1, sizeof(*root));

	root->whole = true;
	for (; *paths; paths++) {
		add_path(root, *paths);
		root->whole &= (*paths)[0] == '!';
	}
	settle(root);
	return root;
}

/* ---- applying */

/* The value that begins at the next byte, kept as it stands. */
static int copy_value(struct scan *scan, struct buf *out)
{
	const char *from = scan->at;

	if (scan_value(scan) < 0)
		return -1;
	buf_add(out, from, (size_t)(scan->at - from));
	return 0;
}

static int skip_value(struct scan *scan)
{
	if (scan->at < scan->end && (*scan->at == '{' || *scan->at == '['))
		return scan_skip_container(scan);
	return scan_value(scan);
}

static int project_value(const struct projection *node, struct scan *scan, struct buf *out);

bool projection_member(
	const struct projection *node, const struct scan_text *key, const struct projection **ret)
{
	autobuf decoded = BUF_INIT;

	if (key->escaped) {
		scan_decode(key, &decoded);
		*ret = find_member(node, decoded.ptr, decoded.len);
	} else {
		*ret = find_member(node, key->raw, key->len);
	}
	return *ret ? (*ret)->kept : node->whole;
}

const struct projection *projection_element(const struct projection *node)
{
	return node->element;
}

static int project_member(const struct projection *node, const struct scan_text *key,
	struct scan *scan, struct buf *out)
{
	buf_addc(out, '"');
	buf_add(out, key->raw, key->len);
	buf_add(out, "\":", 2);
	if (node)
		return project_value(node, scan, out);
	return copy_value(scan, out);
}

static int project_object(const struct projection *node, struct scan *scan, struct buf *out)
{
	size_t base = scan->keys_len;
	bool rising = true;
	const struct projection *member;
	struct scan_text key;
	int more;

	if (scan_enter(scan) < 0)
		return -1;
	buf_addc(out, '{');
	for (more = scan_member(scan, true, &key); more > 0;
		more = scan_member(scan, false, &key)) {
		if (!projection_member(node, &key, &member)) {
			if (skip_value(scan) < 0)
				return -1;
			continue;
		}
		if (scan->keys_len > base)
			buf_addc(out, ',');
		if (scan_push_key(scan, &key) < 0)
			return -1;
		rising = rising && scan_key_rises(scan, base);
		if (project_member(member, &key, scan, out) < 0)
			return -1;
	}
	if (more < 0 || (!rising && scan_refuse_duplicates(scan, base) < 0))
		return -1;
	scan_pop_keys(scan, base);
	buf_addc(out, '}');
	return 0;
}

static int project_array(const struct projection *node, struct scan *scan, struct buf *out)
{
	int more;

	if (scan_enter(scan) < 0)
		return -1;
	buf_addc(out, '[');
	for (more = scan_element(scan, true); more > 0; more = scan_element(scan, false)) {
		if (!node->element) {
			if ((node->whole ? copy_value(scan, out) : skip_value(scan)) < 0)
				return -1;
		} else if (project_value(node->element, scan, out) < 0) {
			return -1;
		}
		if (node->element || node->whole)
			buf_addc(out, ',');
	}
	if (more < 0)
		return -1;
	if (out->ptr[out->len - 1] == ',')
		buf_truncate(out, out->len - 1);
	buf_addc(out, ']');
	return 0;
}

static int project_value(const struct projection *node, struct scan *scan, struct buf *out)
{
	char byte = scan_peek(scan);

	if (node->whole && !node->members_len && !node->element)
		return copy_value(scan, out);
	if (byte == '{')
		return project_object(node, scan, out);
	if (byte == '[')
		return project_array(node, scan, out);
	return copy_value(scan, out);
}

int scan_project(const struct projection *projection, const char *item, size_t len, struct buf *out,
	struct error *err)
{
	autoscan scan;

	scan_init(&scan, item, len, err);
	if (project_value(projection, &scan, out) < 0)
		return -1;
	return scan_end(&scan);
}
