/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <inttypes.h>

#include "base/alloc.h"
#include "bundle/limits.h"
#include "bundle/lock.h"
#include "bundle/parts.h"
#include "bundle/shape.h"

/* clang-format off */
static const struct shape_field entry_fields[] = {
	{"digest", SHAPE_SHA256, .offset = offsetof(struct parts_entry, digest)},
	{"size", SHAPE_COUNT, .offset = offsetof(struct parts_entry, size)},
	{.key = NULL},
};
static const struct shape entry_shape = {sizeof(struct parts_entry), entry_fields, NULL};
static const struct shape_field parts_fields[] = {
	{"apiVersion", SHAPE_FIXED, .fixed = LOCK_API_VERSION},
	{"kind", SHAPE_FIXED, .fixed = "Parts"},
	{"name", SHAPE_TEXT, .offset = offsetof(struct parts, name)},
	{"parity", SHAPE_SHA256, .optional = true, .offset = offsetof(struct parts, parity)},
	{"parts", SHAPE_LIST, .offset = offsetof(struct parts, entries),
		.count_offset = offsetof(struct parts, count), .shape = &entry_shape, .limit = LIMIT_PARTS},
	{"set", SHAPE_SHA256, .offset = offsetof(struct parts, set)},
	{"size", SHAPE_COUNT, .offset = offsetof(struct parts, size)},
	{.key = NULL},
};
static const struct shape parts_shape = {sizeof(struct parts), parts_fields, NULL};
/* clang-format on */

void parts_clear(struct parts *parts)
{
	shape_clear(&parts_shape, parts);
}

/* The SHA-256 of "sha256:… SIZE\n" of each part in turn. */
static void take_set(const struct parts *parts, struct sha256_text *ret)
{
	autobuf text = BUF_INIT;

	for (size_t i = 0; i < parts->count; i++)
		buf_addf(&text, "%s %" PRIu64 "\n", parts->entries[i].digest.text,
			parts->entries[i].size);
	sha256_text_of(text.ptr, text.len, ret);
}

static uint64_t take_size(const struct parts *parts)
{
	uint64_t size = 0;

	for (size_t i = 0; i < parts->count; i++)
		size += parts->entries[i].size;
	return size;
}

void parts_write(struct parts *parts, struct buf *out)
{
	take_set(parts, &parts->set);
	parts->size = take_size(parts);
	shape_write(&parts_shape, parts, out);
}

/* All of one size, which the last may fall short of. */
static int check_sizes(const struct parts *parts, struct error *err)
{
	uint64_t first = parts->count ? parts->entries[0].size : 0;

	if (!parts->count)
		return error_set(err, ERROR_DAMAGED, "parts: there are none");
	for (size_t i = 0; i < parts->count; i++) {
		uint64_t size = parts->entries[i].size;
		bool last = i + 1 == parts->count;

		if (!size || size > LIMIT_BLOB || (last ? size > first : size != first))
			return error_set(err, ERROR_DAMAGED, "parts[%zu]: impossible size", i);
	}
	if (parts->size != take_size(parts))
		return error_set(err, ERROR_DAMAGED, "size: not that of the parts together");
	return 0;
}

static bool is_name(const char *name)
{
	for (const char *at = name; *at; at++)
		if (*at == '/' || *at == '\\' || (unsigned char)*at < ' ' || *at == 0x7f)
			return false;
	return *name != '.' && *name != '-';
}

int parts_read(const char *text, size_t len, struct parts *ret, struct error *err)
{
	struct sha256_text set;

	*ret = (struct parts)PARTS_INIT;
	if (len > LIMIT_PARTS_LIST)
		return error_set(
			err, ERROR_DAMAGED, "larger than the limit of %lu", LIMIT_PARTS_LIST);
	if (shape_read(&parts_shape, text, len, ret, err) < 0)
		return -1;
	if (!is_name(ret->name))
		return error_set(err, ERROR_DAMAGED, "name: not a file's name");
	if (check_sizes(ret, err) < 0)
		return -1;
	take_set(ret, &set);
	if (!sha256_text_equal(&set, &ret->set))
		return error_set(err, ERROR_DAMAGED, "set: not that of these parts");
	return 0;
}

/* ---- names */

char *parts_path(const char *path, size_t index, size_t count)
{
	return xasprintf("%s.%04zu-of-%04zu", path, index + 1, count);
}

char *parts_parity_path(const char *path)
{
	return xasprintf("%s" PARTS_PARITY_SUFFIX, path);
}

char *parts_list_path(const char *path)
{
	size_t len = strlen(path) - (ends_with(path, ".tar") ? strlen(".tar") : 0);

	return xasprintf("%.*s" PARTS_LIST_SUFFIX, (int)len, path);
}

char *parts_whole_path(const char *path)
{
	static const char pattern[] = ".dddd-of-dddd"; /* d: a digit */
	size_t len = strlen(path);
	size_t cut = sizeof(pattern) - 1;

	if (ends_with(path, PARTS_PARITY_SUFFIX))
		return xstrndup(path, len - strlen(PARTS_PARITY_SUFFIX));
	if (len <= cut)
		return NULL;
	for (size_t i = 0; i < cut; i++) {
		char byte = path[len - cut + i];

		if (pattern[i] == 'd' ? byte < '0' || byte > '9' : byte != pattern[i])
			return NULL;
	}
	return xstrndup(path, len - cut);
}
