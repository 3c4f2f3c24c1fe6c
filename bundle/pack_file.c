/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/limits.h"
#include "bundle/pack_file.h"
#include "bundle/pack_private.h"

#define CHUNK (256 * KiB)
#define LEVEL 6                 /* of what is added to a thin pack */
#define FAR (UINT64_C(1) << 31) /* offsets from here on stand in a table of their own */

/* One object of the file. */
struct row {
	struct oid oid;
	uint32_t crc; /* of its bytes in the pack */
	uint64_t offset;
};

/* A file that is being written, and its SHA-1. */
struct sink {
	const struct pack_file_output *output;
	struct digest *digest;
	uint64_t size;
};

static int put(struct sink *sink, const void *data, size_t len, struct error *err)
{
	digest_add(sink->digest, data, len);
	sink->size += len;
	return sink->output->write(sink->output->ctx, data, len, err);
}

static int put_trailer(struct sink *sink, struct oid *ret, struct error *err)
{
	unsigned char bytes[DIGEST_MAX];

	digest_end(sink->digest, bytes);
	memcpy(ret->bytes, bytes, OID_LEN);
	return sink->output->write(sink->output->ctx, bytes, OID_LEN, err);
}

static void be32(unsigned char *bytes, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		bytes[i] = (unsigned char)(value >> (24 - 8 * i));
}

struct file {
	const struct pack *pack;
	struct odb *odb;
	struct row *rows; /* by offset, then by name */
	size_t count;
	struct oid *lacking; /* bases of deltas that are not in the pack */
	size_t lacking_count;
};

static void file_clear(struct file *file)
{
	free(file->rows);
	free(file->lacking);
}

static int by_offset(const void *left, const void *right)
{
	uint64_t a = ((const struct row *)left)->offset;
	uint64_t b = ((const struct row *)right)->offset;

	return a < b ? -1 : a > b;
}

static int by_name(const void *left, const void *right)
{
	return oid_compare(&((const struct row *)left)->oid, &((const struct row *)right)->oid);
}

static void take_rows(struct file *file)
{
	const struct pack *pack = file->pack;

	file->rows = xcalloc((size_t)pack->count + 1, sizeof(*file->rows));
	for (uint32_t i = 0; i < pack->count; i++)
		file->rows[i] = (struct row){.oid = pack->objects[i].oid,
			.offset = pack_object_offset(&pack->objects[i])};
	file->count = pack->count;
	qsort(file->rows, file->count, sizeof(*file->rows), by_offset);
}

/* Which deltas lean on objects elsewhere. */
static int find_lacking(struct file *file, struct error *err)
{
	const struct pack *pack = file->pack;
	CLEANUP(oid_map_clear) struct oid_map seen = {0};
	CLEANUP(pack_window_clear) struct pack_window window;

	pack_window_init(&window, &pack->bytes, pack->bytes.size - PACK_TRAILER_LEN);
	for (size_t i = 0; i < file->count; i++) {
		struct pack_entry entry;
		uint64_t body;
		uint32_t *slot;

		if (pack_window_entry(&window, file->rows[i].offset, &entry, &body, err) < 0)
			return pack_error_at(err, file->rows[i].offset);
		if (entry.raw != RAW_REF_DELTA || pack_find(pack, &entry.base))
			continue;
		slot = oid_map_put(&seen, &entry.base);
		if (*slot)
			continue;
		*slot = 1;
		file->lacking = xreallocarray(
			file->lacking, file->lacking_count + 1, sizeof(*file->lacking));
		file->lacking[file->lacking_count++] = entry.base;
	}
	return 0;
}

/* The objects as they stand in the pack. */
static int copy_objects(struct file *file, struct sink *sink, struct error *err)
{
	const struct pack_bytes *bytes = &file->pack->bytes;
	uint64_t end = bytes->size - PACK_TRAILER_LEN;
	autofree unsigned char *chunk = xmalloc(CHUNK);
	size_t row = 0;

	for (uint64_t at = PACK_SIGNATURE_LEN; at < end;) {
		size_t len = end - at < CHUNK ? (size_t)(end - at) : CHUNK;
		size_t done = 0;

		if (bytes->read(bytes->ctx, at, chunk, len, err) < 0 ||
			put(sink, chunk, len, err) < 0)
			return -1;
		while (done < len) {
			uint64_t next = row + 1 < file->count ? file->rows[row + 1].offset : end;
			size_t part = next - at - done < len - done ? (size_t)(next - at - done)
								    : len - done;

			file->rows[row].crc = crc32_add(file->rows[row].crc, chunk + done, part);
			done += part;
			row += at + done == next;
		}
		at += len;
	}
	return 0;
}

static void add_entry_head(struct buf *out, enum object_type type, size_t size)
{
	unsigned byte = (unsigned)type << 4 | (size & 15);

	for (size >>= 4; size; size >>= 7) {
		buf_addc(out, (char)(unsigned char)(byte | 0x80));
		byte = size & 0x7f;
	}
	buf_addc(out, (char)(unsigned char)byte);
}

static int add_lacking(struct file *file, struct sink *sink, struct error *err)
{
	autodeflater *deflater = NULL;

	file->rows = xreallocarray(
		file->rows, file->count + file->lacking_count + 1, sizeof(*file->rows));
	for (size_t i = 0; i < file->lacking_count; i++) {
		enum object_type type;
		autobuf content = BUF_INIT;
		autobuf entry = BUF_INIT;

		if (odb_read(file->odb, &file->lacking[i], &type, &content, err) < 0)
			return -1;
		add_entry_head(&entry, type, content.len);
		deflater = deflater_new(DEFLATE_ZLIB, LEVEL);
		deflater_add(deflater, content.ptr, content.len, true, &entry);
		deflater_free(TAKE(deflater));
		file->rows[file->count++] = (struct row){.oid = file->lacking[i],
			.crc = crc32_add(0, entry.ptr, entry.len),
			.offset = sink->size};
		if (put(sink, entry.ptr, entry.len, err) < 0)
			return -1;
	}
	return 0;
}

static int write_pack(struct file *file, const struct pack_file_output *output, struct oid *trailer,
	struct error *err)
{
	autodigest *digest = digest_new(DIGEST_SHA1);
	struct sink sink = {.output = output, .digest = digest};
	unsigned char head[PACK_SIGNATURE_LEN] = "PACK\0\0\0\2";

	be32(head + 8, (uint32_t)(file->count + file->lacking_count));
	if (put(&sink, head, sizeof(head), err) < 0 || copy_objects(file, &sink, err) < 0 ||
		add_lacking(file, &sink, err) < 0)
		return -1;
	return put_trailer(&sink, trailer, err);
}

/* ---- the index */

static int put_fanout(const struct file *file, struct sink *sink, struct error *err)
{
	unsigned char bytes[256 * 4];
	size_t row = 0;

	for (unsigned first = 0; first < 256; first++) {
		while (row < file->count && file->rows[row].oid.bytes[0] <= first)
			row++;
		be32(bytes + (size_t)4 * first, (uint32_t)row);
	}
	return put(sink, bytes, sizeof(bytes), err);
}

/* A table of the index: each row appends its bytes, which are written from time to time. */
static int put_table(const struct file *file, struct sink *sink,
	void (*add)(const struct row *row, size_t *far, struct buf *out), struct error *err)
{
	autobuf out = BUF_INIT;
	size_t far = 0;

	for (size_t i = 0; i < file->count; i++) {
		add(&file->rows[i], &far, &out);
		if (out.len < CHUNK && i + 1 < file->count)
			continue;
		if (put(sink, out.ptr, out.len, err) < 0)
			return -1;
		buf_reset(&out);
	}
	return 0;
}

static void add_name(const struct row *row, size_t *far, struct buf *out)
{
	(void)far;
	buf_add(out, row->oid.bytes, OID_LEN);
}

static void add_be32(struct buf *out, uint32_t value)
{
	unsigned char bytes[4];

	be32(bytes, value);
	buf_add(out, bytes, sizeof(bytes));
}

static void add_crc(const struct row *row, size_t *far, struct buf *out)
{
	(void)far;
	add_be32(out, row->crc);
}

static void add_offset(const struct row *row, size_t *far, struct buf *out)
{
	if (row->offset < FAR)
		add_be32(out, (uint32_t)row->offset);
	else
		add_be32(out, (uint32_t)FAR | (uint32_t)(*far)++);
}

static void add_far_offset(const struct row *row, size_t *far, struct buf *out)
{
	(void)far;
	if (row->offset < FAR)
		return;
	add_be32(out, (uint32_t)(row->offset >> 32));
	add_be32(out, (uint32_t)row->offset);
}

static int write_index(const struct file *file, const struct oid *trailer,
	const struct pack_file_output *output, struct error *err)
{
	autodigest *digest = digest_new(DIGEST_SHA1);
	struct sink sink = {.output = output, .digest = digest};
	struct oid own;

	if (put(&sink, "\377tOc\0\0\0\2", 8, err) < 0 || put_fanout(file, &sink, err) < 0 ||
		put_table(file, &sink, add_name, err) < 0 ||
		put_table(file, &sink, add_crc, err) < 0 ||
		put_table(file, &sink, add_offset, err) < 0 ||
		put_table(file, &sink, add_far_offset, err) < 0 ||
		put(&sink, trailer->bytes, OID_LEN, err) < 0)
		return -1;
	return put_trailer(&sink, &own, err);
}

int pack_file_name(const struct pack *pack, char name[PACK_FILE_NAME_MAX], struct error *err)
{
	struct oid trailer;
	char hex[OID_HEX_LEN + 1];

	if (pack->bytes.read(
		    pack->bytes.ctx, pack->bytes.size - OID_LEN, trailer.bytes, OID_LEN, err) < 0)
		return -1;
	oid_hex(&trailer, hex);
	snprintf(name, PACK_FILE_NAME_MAX, "pack-%s", hex);
	return 0;
}

int pack_file_write(const struct pack *pack, struct odb *odb, const struct pack_file_output *file,
	const struct pack_file_output *index, struct error *err)
{
	CLEANUP(file_clear) struct file state = {.pack = pack, .odb = odb};
	struct oid trailer;

	take_rows(&state);
	if ((odb && find_lacking(&state, err) < 0) || write_pack(&state, file, &trailer, err) < 0)
		return -1;
	qsort(state.rows, state.count, sizeof(*state.rows), by_name);
	return write_index(&state, &trailer, index, err);
}
