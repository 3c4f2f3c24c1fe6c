/* SPDX-License-Identifier: Apache-2.0 */
/* The header's fields are those that Go's archive/tar writes, byte for byte. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/deflate.h"
#include "bundle/ignore.h"
#include "bundle/limits.h"
#include "bundle/object.h"
#include "bundle/tar.h"
#include "bundle/tarball.h"

#define LEVEL 6              /* of gzip, as Go's default */
#define CHUNK (64 * KiB)     /* of compressed bytes handed out */
#define NAME_MAX_USTAR 100   /* bytes of the name field */
#define PREFIX_MAX_USTAR 155 /* bytes of the prefix field */

enum {
	AT_MODE = 100,
	AT_SUM = 148,
	AT_TYPE = 156,
	AT_MAGIC = 257,
	AT_PREFIX = 345,
};

struct writer {
	struct odb *odb;
	struct ignore *ignore;
	const struct tarball_modules *modules;
	const struct tarball_output *output;
	struct deflater *deflater;
	struct buf compressed;
	struct buf path; /* of where the walk is */
	size_t depth;
	unsigned long visited; /* entries of any kind, in either walk */
};

/* ---- the tar */

static int flush(struct writer *writer, struct error *err)
{
	int result = 0;

	if (writer->compressed.len)
		result = writer->output->write(
			writer->output->ctx, writer->compressed.ptr, writer->compressed.len, err);
	buf_reset(&writer->compressed);
	return result;
}

static int add(struct writer *writer, const void *data, size_t len, struct error *err)
{
	deflater_add(writer->deflater, data, len, false, &writer->compressed);
	return writer->compressed.len >= CHUNK ? flush(writer, err) : 0;
}

static void put_octal(char *field, int digits, uint64_t value)
{
	snprintf(field, (size_t)digits + 1, "%0*llo", digits, (unsigned long long)value);
}

/* What does not fit is cut: a full field has no NUL at its end. */
static void put_text(char *field, size_t size, const char *text, size_t len)
{
	for (size_t i = 0; i < len && i < size; i++)
		field[i] = text[i];
}

/* A block with all fields but those that differ; the name is in place already. */
static void seal(char block[TAR_BLOCK], char type, unsigned mode, uint64_t size)
{
	static const char magic[] = {'u', 's', 't', 'a', 'r', '\0', '0', '0'};
	unsigned sum = 0;

	put_octal(block + AT_MODE, 7, mode);
	put_octal(block + 108, 7, 0);     /* user */
	put_octal(block + 116, 7, 0);     /* group */
	put_octal(block + 124, 11, size); /* size */
	put_octal(block + 136, 11, 0);    /* time */
	block[AT_TYPE] = type;
	memcpy(block + AT_MAGIC, magic, sizeof(magic));
	if (type != 'x') { /* in a pax header Go leaves the device empty */
		put_octal(block + 329, 7, 0);
		put_octal(block + 337, 7, 0);
	}
	memset(block + AT_SUM, ' ', 8);
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += (unsigned char)block[i];
	put_octal(block + AT_SUM, 6, sum);
}

static bool is_ascii(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

/* Where a long path is cut into prefix and name; 0: it cannot be. */
static size_t split(const char *path, size_t len)
{
	size_t at = len > PREFIX_MAX_USTAR + 1 ? PREFIX_MAX_USTAR + 1 : len;

	do
		at--;
	while (at && path[at] != '/');
	return len - at - 1 <= NAME_MAX_USTAR && len - at - 1 ? at : 0;
}

/* Bytes of a pax record of a path, whose own length is part of it. */
static size_t record_len(size_t path_len)
{
	size_t rest = strlen(" path=\n") + path_len;
	size_t len = rest + 1;

	for (size_t digits = 1, power = 10; digits < 20; digits++, power *= 10) {
		len = rest + digits;
		if (len < power)
			break;
	}
	return len;
}

static void without_others(const char *text, struct buf *out)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x80)
			buf_addc(out, *text);
}

/* A record of the path for what ustar has no room for, in a file "DIR/PaxHeaders.0/NAME". */
static int add_pax(struct writer *writer, const char *path, struct error *err)
{
	const char *slash = strrchr(path, '/');
	size_t folder = slash ? (size_t)(slash + 1 - path) : 0;
	size_t len = record_len(strlen(path));
	char block[TAR_BLOCK] = {0};
	autobuf whole = BUF_INIT;
	autobuf name = BUF_INIT;
	autobuf record = BUF_INIT;

	buf_add(&whole, path, folder);
	buf_addf(&whole, "PaxHeaders.0/%s", path + folder);
	without_others(whole.ptr, &name);
	if (name.len > NAME_MAX_USTAR)
		buf_truncate(&name, NAME_MAX_USTAR);
	while (name.len && name.ptr[name.len - 1] == '/')
		buf_truncate(&name, name.len - 1);
	put_text(block, NAME_MAX_USTAR, name.ptr, name.len);
	seal(block, 'x', 0, len);
	buf_addf(&record, "%zu path=%s\n", len, path);
	buf_fill(&record, '\0', tar_padded(len) - len);
	if (add(writer, block, sizeof(block), err) < 0)
		return -1;
	return add(writer, record.ptr, record.len, err);
}

/* The field of a path that stands in a pax record: what is ASCII of it, cut. */
static void put_cut(char block[TAR_BLOCK], const char *path)
{
	autobuf name = BUF_INIT;
	size_t end = NAME_MAX_USTAR - 1;

	without_others(path, &name);
	put_text(block, NAME_MAX_USTAR, name.ptr, name.len);
	if (name.len <= NAME_MAX_USTAR || block[end] != '/')
		return;
	while (end && block[end - 1] == '/')
		end--;
	block[end] = '\0';
}

static int add_header(
	struct writer *writer, char type, unsigned mode, uint64_t size, struct error *err)
{
	const char *path = writer->path.len ? writer->path.ptr : ".";
	size_t len = strlen(path);
	char block[TAR_BLOCK] = {0};
	size_t cut = len > NAME_MAX_USTAR ? split(path, len) : 0;

	if (!is_ascii(path) || (len > NAME_MAX_USTAR && !cut)) {
		if (add_pax(writer, path, err) < 0)
			return -1;
		put_cut(block, path);
	} else if (cut) {
		put_text(block, NAME_MAX_USTAR, path + cut + 1, len - cut - 1);
		put_text(block + AT_PREFIX, PREFIX_MAX_USTAR, path, cut);
	} else {
		put_text(block, NAME_MAX_USTAR, path, len);
	}
	seal(block, type, mode, size);
	return add(writer, block, sizeof(block), err);
}

static int add_file(struct writer *writer, const struct tree_entry *entry, struct error *err)
{
	static const char zeros[TAR_BLOCK];
	unsigned mode = entry->mode == MODE_EXECUTABLE ? 0700 : 0600;
	enum object_type type;
	autobuf content = BUF_INIT;

	if (odb_read(writer->odb, &entry->oid, &type, &content, err) < 0)
		return -1;
	if (type != OBJECT_BLOB)
		return error_set(err, ERROR_DAMAGED, "a file that is a %s", object_type_name(type));
	if (add_header(writer, '0', mode, content.len, err) < 0 ||
		add(writer, content.ptr, content.len, err) < 0)
		return -1;
	return add(writer, zeros, tar_padded(content.len) - content.len, err);
}

/* ---- the walks: the rules of all folders are read first */

struct entries {
	struct buf tree; /* that the names are in */
	struct tree_entry *items;
	size_t count, capacity;
};

static void entries_clear(struct entries *entries)
{
	buf_clear(&entries->tree);
	free(entries->items);
}

static int by_name(const void *left, const void *right)
{
	return strcmp(
		((const struct tree_entry *)left)->name, ((const struct tree_entry *)right)->name);
}

/* A tree's entries by their names alone, as os.ReadDir gives them: Git sorts folders as if a slash
 * followed. */
static int entries_read(
	struct writer *writer, const struct oid *tree, struct entries *ret, struct error *err)
{
	enum object_type type;
	struct tree_entry entry;
	size_t at = 0;
	int next;

	if (odb_read(writer->odb, tree, &type, &ret->tree, err) < 0)
		return -1;
	if (type != OBJECT_TREE)
		return error_set(
			err, ERROR_DAMAGED, "a folder that is a %s", object_type_name(type));
	while ((next = tree_next(ret->tree.ptr, ret->tree.len, &at, &entry, err)) > 0) {
		if (++writer->visited > 2 * LIMIT_TREE_FILES)
			return error_set(
				err, ERROR_DAMAGED, "more than %lu files", LIMIT_TREE_FILES);
		if (ret->count == ret->capacity) {
			ret->capacity = 2 * ret->capacity + 16;
			ret->items = xreallocarray(ret->items, ret->capacity, sizeof(*ret->items));
		}
		ret->items[ret->count++] = entry;
	}
	if (next == 0 && ret->count)
		qsort(ret->items, ret->count, sizeof(*ret->items), by_name);
	return next;
}

typedef int (*visitor)(struct writer *writer, const struct entries *entries, struct error *err);

/* Goes down by a name; back is buf_truncate(). */
static int enter(struct writer *writer, const char *name, struct error *err)
{
	if (writer->path.len)
		buf_addc(&writer->path, '/');
	buf_adds(&writer->path, name);
	if (writer->path.len > LIMIT_PATH)
		return error_set(err, ERROR_DAMAGED, "a path of more than %d bytes", LIMIT_PATH);
	return 0;
}

static int walk(struct writer *writer, const struct oid *tree, visitor visit, struct error *err)
{
	CLEANUP(entries_clear) struct entries entries = {.tree = BUF_INIT};
	int result;

	if (++writer->depth > LIMIT_TREE_DEPTH)
		return error_set(err, ERROR_DAMAGED, "folders deeper than %d", LIMIT_TREE_DEPTH);
	result = entries_read(writer, tree, &entries, err);
	if (result == 0)
		result = visit(writer, &entries, err);
	writer->depth--;
	return result;
}

/* Below an entry that is a folder with something in it. */
static int walk_below(
	struct writer *writer, const struct tree_entry *entry, visitor visit, struct error *err)
{
	const struct tarball_modules *modules = writer->modules;
	struct odb *odb = writer->odb;
	struct oid tree;
	int found;

	if (entry->mode == MODE_TREE)
		return walk(writer, &entry->oid, visit, err);
	if (entry->mode != MODE_GITLINK || !modules)
		return 0;
	found = modules->open(
		modules->ctx, writer->path.ptr, &entry->oid, &writer->odb, &tree, err);
	if (found > 0)
		found = walk(writer, &tree, visit, err);
	writer->odb = odb;
	return found;
}

static int read_rule_file(struct writer *writer, const struct oid *oid, struct error *err)
{
	size_t here = writer->path.len;
	autofree char *folder = xstrdup(writer->path.ptr);
	enum object_type type;
	autobuf text = BUF_INIT;

	if (enter(writer, IGNORE_FILE, err) < 0 ||
		odb_read(writer->odb, oid, &type, &text, err) < 0)
		return -1;
	if (text.len > LIMIT_IGNORE_FILE)
		return error_set(err, ERROR_DAMAGED, "more than %lu bytes", LIMIT_IGNORE_FILE);
	if (ignore_add(writer->ignore, folder, text.ptr, text.len, err) < 0)
		return -1;
	buf_truncate(&writer->path, here);
	return 0;
}

static int read_rules(struct writer *writer, const struct entries *entries, struct error *err)
{
	const struct tree_entry key = {.name = IGNORE_FILE};
	const struct tree_entry *file =
		entries->count ? bsearch(&key, entries->items, entries->count, sizeof(key), by_name)
			       : NULL;
	size_t here = writer->path.len;

	if (file && (file->mode == MODE_FILE || file->mode == MODE_EXECUTABLE) &&
		read_rule_file(writer, &file->oid, err) < 0)
		return -1;
	for (size_t i = 0; i < entries->count; i++) {
		if (enter(writer, entries->items[i].name, err) < 0 ||
			walk_below(writer, &entries->items[i], read_rules, err) < 0)
			return -1;
		buf_truncate(&writer->path, here);
	}
	return 0;
}

static int write_entries(struct writer *writer, const struct entries *entries, struct error *err)
{
	size_t here = writer->path.len;

	for (size_t i = 0; i < entries->count; i++) {
		const struct tree_entry *entry = &entries->items[i];
		bool folder = entry->mode == MODE_TREE || entry->mode == MODE_GITLINK;
		bool out;

		if (entry->mode == MODE_LINK)
			continue;
		if (enter(writer, entry->name, err) < 0)
			return -1;
		out = ignore_match(writer->ignore, writer->path.ptr, folder);
		if (!out && (folder ? add_header(writer, '5', 0750, 0, err)
				    : add_file(writer, entry, err)) < 0)
			return -1;
		/* Below a folder that is left out something may be let in again. */
		if (walk_below(writer, entry, write_entries, err) < 0)
			return -1;
		buf_truncate(&writer->path, here);
	}
	return 0;
}

static int write_all(
	struct writer *writer, const struct oid *tree, const char *rules, struct error *err)
{
	static const char zeros[TAR_END];

	if (walk(writer, tree, read_rules, err) < 0)
		return -1;
	if (rules && ignore_add(writer->ignore, "", rules, strlen(rules), err) < 0)
		return error_wrap(err, "spec.ignore");
	if (add_header(writer, '5', 0750, 0, err) < 0 || walk(writer, tree, write_entries, err) < 0)
		return -1;
	deflater_add(writer->deflater, zeros, sizeof(zeros), true, &writer->compressed);
	return flush(writer, err);
}

int tarball_write(struct odb *odb, const struct oid *tree, const char *rules,
	const struct tarball_modules *modules, const struct tarball_output *output,
	struct error *err)
{
	struct writer writer = {.odb = odb,
		.ignore = ignore_new(),
		.modules = modules,
		.output = output,
		.deflater = deflater_new(DEFLATE_GZIP, LEVEL),
		.compressed = BUF_INIT,
		.path = BUF_INIT};
	int result = write_all(&writer, tree, rules, err);

	if (result < 0 && writer.path.len)
		error_wrap(err, "'%s'", writer.path.ptr);
	ignore_free(writer.ignore);
	deflater_free(writer.deflater);
	buf_clear(&writer.compressed);
	buf_clear(&writer.path);
	return result;
}
