/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <ctype.h>

#include "base/alloc.h"
#include "base/deflate.h"
#include "base/digest.h"
#include "bundle/limits.h"
#include "bundle/oid_map.h"
#include "bundle/tar.h"
#include "bundle/tarball.h"

#define CHUNK (64 * KiB)       /* of inflated bytes */
#define RECORDS_MAX (64 * KiB) /* bytes of a pax header, or of a long name */

enum state {
	IN_HEADER,  /* filling `block` */
	IN_RECORDS, /* a pax header or a long name goes into `records` */
	IN_FILE,    /* content goes to the visitor */
	IN_END,     /* a block of zeros was seen: zeros alone may follow */
};

struct tarball_reader {
	struct tarball_visitor visitor;
	struct tarball_limits limits;
	struct inflater *inflater;
	bool ended; /* the gzip stream: another may follow */
	char *chunk;
	enum state state;
	char block[TAR_BLOCK];
	size_t filled;
	char type; /* of the records */
	struct buf records;
	uint64_t left;        /* of what is being read */
	uint64_t padding;     /* after it */
	struct buf long_path; /* for the next entry, from a pax header or of GNU's; empty: none */
	bool has_size;
	uint64_t size; /* the same */
	uint64_t entries, bytes;
	struct buf path; /* of the entry */
	struct digest *digest;
	struct oid_map seen; /* digests of paths in lower case */
};

struct tarball_reader *tarball_reader_new(
	const struct tarball_visitor *visitor, const struct tarball_limits *limits)
{
	struct tarball_reader *reader = xcalloc(1, sizeof(*reader));

	reader->visitor = *visitor;
	reader->limits = *limits;
	reader->inflater = inflater_new(DEFLATE_GZIP);
	reader->chunk = xmalloc(CHUNK);
	reader->digest = digest_new(DIGEST_SHA1);
	reader->records = reader->long_path = reader->path = (struct buf)BUF_INIT;
	return reader;
}

void tarball_reader_free(struct tarball_reader *reader)
{
	if (!reader)
		return;
	inflater_free(reader->inflater);
	digest_free(reader->digest);
	oid_map_clear(&reader->seen);
	buf_clear(&reader->records);
	buf_clear(&reader->long_path);
	buf_clear(&reader->path);
	free(reader->chunk);
	free(reader);
}

void tarball_reader_free_pointer(struct tarball_reader **slot)
{
	tarball_reader_free(*slot);
}

/* ---- fields */

/* Octal digits, spaces around them, up to a NUL; or, with the highest bit set, a binary number. */
static bool read_number(const char *field, size_t size, uint64_t *ret)
{
	size_t i = 0;

	*ret = 0;
	if ((unsigned char)field[0] == 0x80) {
		for (i = 1; i < size; i++) {
			if (*ret >> 56)
				return false;
			*ret = *ret << 8 | (unsigned char)field[i];
		}
		return true;
	}
	while (i < size && field[i] == ' ')
		i++;
	for (; i < size && field[i] >= '0' && field[i] <= '7'; i++)
		*ret = *ret << 3 | (unsigned)(field[i] - '0');
	while (i < size && field[i] == ' ')
		i++;
	return i == size || !field[i];
}

static bool good_sum(const char block[TAR_BLOCK])
{
	uint64_t wanted;
	uint64_t sum = 0;

	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += i >= 148 && i < 156 ? ' ' : (unsigned char)block[i];
	return read_number(block + 148, 8, &wanted) && wanted == sum;
}

static bool is_zero(const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (data[i])
			return false;
	return true;
}

/* The entry's path as the archive says it. */
static void read_path(struct tarball_reader *reader)
{
	const char *block = reader->block;

	buf_reset(&reader->path);
	if (reader->long_path.len) {
		buf_add(&reader->path, reader->long_path.ptr, reader->long_path.len);
		return;
	}
	if (memcmp(block + 257, "ustar\0", 6) == 0 && block[345]) {
		buf_add(&reader->path, block + 345, strnlen(block + 345, 155));
		buf_addc(&reader->path, '/');
	}
	buf_add(&reader->path, block, strnlen(block, 100));
}

/* Bring a path to the form "a/b": "./" in front, "." alone (which is then empty) and a slash at the end
 * go; nothing else is mended. */
static int clean_path(struct tarball_reader *reader, bool *slash, struct error *err)
{
	autofree char *said = xstrdup(reader->path.ptr);
	const char *at = said;
	size_t len;

	if (reader->path.len > LIMIT_PATH || strlen(said) != reader->path.len)
		return error_set(err, ERROR_DAMAGED, "a path of more than %d bytes, or with a NUL",
			LIMIT_PATH);
	while (starts_with(at, "./"))
		at += 2;
	len = strlen(at);
	*slash = len && at[len - 1] == '/';
	len -= *slash;
	buf_reset(&reader->path);
	if (len != 1 || *at != '.')
		buf_add(&reader->path, at, len);
	for (at = reader->path.ptr; reader->path.len; at++) {
		size_t name = strcspn(at, "/");

		if (!name || (name == 1 && *at == '.') ||
			(name == 2 && at[0] == '.' && at[1] == '.'))
			return error_set(err, ERROR_DAMAGED, "'%s' leaves the folder", said);
		at += name;
		if (!*at)
			break;
	}
	return 0;
}

/* Files of one name, or of names that one file system takes for one, could stand for each other. */
static int refuse_twin(struct tarball_reader *reader, struct error *err)
{
	unsigned char bytes[DIGEST_MAX];
	autobuf folded = BUF_INIT;
	struct oid key;
	uint32_t *slot;

	for (size_t i = 0; i < reader->path.len; i++)
		buf_addc(&folded, (char)tolower((unsigned char)reader->path.ptr[i]));
	digest_add(reader->digest, folded.ptr, folded.len);
	digest_end(reader->digest, bytes);
	memcpy(key.bytes, bytes, OID_LEN);
	slot = oid_map_put(&reader->seen, &key);
	if (*slot)
		return error_set(err, ERROR_DAMAGED, "'%s' is there twice", reader->path.ptr);
	*slot = 1;
	return 0;
}

/* ---- entries */

static void forget_records(struct tarball_reader *reader)
{
	buf_reset(&reader->long_path);
	reader->has_size = false;
}

static int begin_records(struct tarball_reader *reader, uint64_t size, struct error *err)
{
	if (size > RECORDS_MAX)
		return error_set(err, ERROR_DAMAGED, "a header of %llu bytes, at most %lu are read",
			(unsigned long long)size, RECORDS_MAX);
	reader->type = reader->block[156];
	reader->state = IN_RECORDS;
	buf_reset(&reader->records);
	return 0;
}

static int begin_entry(struct tarball_reader *reader, uint64_t size, struct error *err)
{
	char type = reader->block[156];
	uint64_t mode = 0;
	struct tarball_entry entry = {.size = size};
	bool slash;

	read_path(reader);
	if (clean_path(reader, &slash, err) < 0)
		return -1;
	if (type != '0' && type != '\0' && type != '7' && type != '5')
		return error_set(err, ERROR_DAMAGED,
			"'%s' is neither a file nor a folder (type '%c')", reader->path.ptr,
			isprint((unsigned char)type) ? type : '?');
	entry.folder = type == '5' || slash;
	if ((entry.folder && size) || (!entry.folder && !reader->path.len))
		return error_set(
			err, ERROR_DAMAGED, "'%s' is a folder and a file", reader->path.ptr);
	forget_records(reader);
	reader->state = entry.folder ? IN_HEADER : IN_FILE;
	if (!reader->path.len)
		return 0; /* the top itself */
	if (++reader->entries > reader->limits.entries)
		return error_set(err, ERROR_DAMAGED, "more than %llu files",
			(unsigned long long)reader->limits.entries);
	if (refuse_twin(reader, err) < 0)
		return -1;
	read_number(reader->block + 100, 8, &mode);
	entry.executable = !entry.folder && mode & 0111;
	entry.path = reader->path.ptr;
	return reader->visitor.entry(reader->visitor.ctx, &entry, err);
}

static int read_header(struct tarball_reader *reader, struct error *err)
{
	char type = reader->block[156];
	uint64_t size;
	int result;

	if (is_zero(reader->block, TAR_BLOCK)) {
		reader->state = IN_END;
		return 0;
	}
	if (!good_sum(reader->block) || !read_number(reader->block + 124, 12, &size))
		return error_set(err, ERROR_DAMAGED, "not a tar header");
	if (type == 'x' || type == 'g' || type == 'L' || type == 'K') {
		result = begin_records(reader, size, err);
	} else {
		size = reader->has_size ? reader->size : size;
		result = begin_entry(reader, size, err);
	}
	if (size > reader->limits.bytes)
		return error_set(err, ERROR_DAMAGED, "more than %llu bytes",
			(unsigned long long)reader->limits.bytes);
	reader->left = size;
	reader->padding = tar_padded(size) - size;
	return result;
}

/* ---- pax headers and long names */

/* One record "LEN KEY=VALUE\n"; what changes how the archive is read and is not known is refused. */
static int read_record(
	struct tarball_reader *reader, const char *key, const char *value, struct error *err)
{
	if (reader->type == 'g')
		return streq(key, "comment") ? 0
					     : error_set(err, ERROR_DAMAGED,
						       "a pax header for all files with '%s'", key);
	if (streq(key, "path")) {
		buf_reset(&reader->long_path);
		buf_adds(&reader->long_path, value);
	} else if (streq(key, "size")) {
		char *end;

		reader->size = strtoull(value, &end, 10);
		reader->has_size = true;
		if (!isdigit((unsigned char)*value) || *end)
			return error_set(err, ERROR_DAMAGED, "a malformed pax header");
	} else if (starts_with(key, "GNU.sparse")) {
		return error_set(err, ERROR_DAMAGED, "a sparse file");
	}
	return 0;
}

static int read_pax(struct tarball_reader *reader, struct error *err)
{
	char *at = reader->records.ptr;
	char *end = at + reader->records.len;

	while (at < end) {
		char *key;
		char *value;
		unsigned long len = strtoul(at, &key, 10);

		if (!isdigit((unsigned char)*at) || *key != ' ' || len > (size_t)(end - at) ||
			len < (size_t)(key - at) + 3 || at[len - 1] != '\n' ||
			memchr(at, '\0', len))
			return error_set(err, ERROR_DAMAGED, "a malformed pax header");
		at[len - 1] = '\0';
		value = strchr(++key, '=');
		if (!value)
			return error_set(err, ERROR_DAMAGED, "a malformed pax header");
		*value++ = '\0';
		if (read_record(reader, key, value, err) < 0)
			return -1;
		at += len;
	}
	return 0;
}

static int end_records(struct tarball_reader *reader, struct error *err)
{
	reader->state = IN_HEADER;
	if (reader->type == 'x' || reader->type == 'g')
		return read_pax(reader, err);
	if (reader->type == 'L') {
		buf_reset(&reader->long_path);
		buf_adds(&reader->long_path, reader->records.ptr);
	}
	return 0; /* a long target of a link ('K'): the link itself is refused */
}

/* ---- bytes */

/* What was asked for is complete. */
static int next(struct tarball_reader *reader, struct error *err)
{
	if (reader->state == IN_RECORDS)
		return end_records(reader, err);
	if (reader->state == IN_FILE)
		reader->state = IN_HEADER;
	return 0;
}

static int take_content(
	struct tarball_reader *reader, const char *data, size_t len, struct error *err)
{
	if (reader->state == IN_RECORDS)
		buf_add(&reader->records, data, len);
	else if (reader->visitor.data)
		return reader->visitor.data(reader->visitor.ctx, data, len, err);
	return 0;
}

static size_t at_most(uint64_t wanted, size_t len)
{
	return wanted < len ? (size_t)wanted : len;
}

/* Take what there is for the present state; `*used` tells how much. */
static int take(struct tarball_reader *reader, const char *data, size_t len, size_t *used,
	struct error *err)
{
	if (reader->left) {
		*used = at_most(reader->left, len);
		reader->left -= *used;
		return take_content(reader, data, *used, err);
	}
	if (reader->padding) {
		*used = at_most(reader->padding, len);
		reader->padding -= *used;
		return 0;
	}
	if (reader->state == IN_RECORDS || reader->state == IN_FILE) {
		*used = 0;
		return next(reader, err);
	}
	if (reader->state == IN_END) {
		*used = len;
		return is_zero(data, len)
			       ? 0
			       : error_set(err, ERROR_DAMAGED, "something behind its end");
	}
	*used = at_most(TAR_BLOCK - reader->filled, len);
	memcpy(reader->block + reader->filled, data, *used);
	reader->filled += *used;
	if (reader->filled < TAR_BLOCK)
		return 0;
	reader->filled = 0;
	return read_header(reader, err);
}

static int take_all(struct tarball_reader *reader, const char *data, size_t len, struct error *err)
{
	size_t used;

	reader->bytes += len;
	if (reader->bytes > reader->limits.bytes)
		return error_set(err, ERROR_DAMAGED, "more than %llu bytes",
			(unsigned long long)reader->limits.bytes);
	for (; len; data += used, len -= used)
		if (take(reader, data, len, &used, err) < 0)
			return -1;
	return 0;
}

int tarball_reader_feed(
	struct tarball_reader *reader, const void *data, size_t len, struct error *err)
{
	const char *at = data;

	for (bool full = false; len || full;) {
		size_t used = len;
		size_t made = CHUNK;
		int ended;

		if (reader->ended)
			inflater_reset(reader->inflater);
		ended = inflater_step(reader->inflater, at, &used, reader->chunk, &made, err);
		if (ended < 0 || take_all(reader, reader->chunk, made, err) < 0)
			return -1;
		reader->ended = ended > 0;
		full = made == CHUNK && !ended;
		if (!used && !made && !ended)
			break;
		at += used;
		len -= used;
	}
	return 0;
}

int tarball_reader_end(struct tarball_reader *reader, struct error *err)
{
	if (!reader->ended)
		return error_set(err, ERROR_DAMAGED, "cut off");
	if (reader->state != IN_END)
		return error_set(err, ERROR_DAMAGED, "a tar without an end");
	return 0;
}
