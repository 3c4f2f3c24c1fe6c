/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing: members go into a file of the store that never gets a name, since the index that stands
 * before them is known only when all have ended; then index and members are copied into one that
 * does. Both are compressed already, so the second copy is small.
 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/json.h"
#include "bundle/snapshot_private.h"

#define LEVEL 6
#define STEP (64 << 10)

int snapshot_writer_begin(struct snapshot_writer *writer, struct store *store, struct error *err)
{
	*writer = (struct snapshot_writer){
		.store = store, .packed = BUF_INIT, .index = BUF_INIT, .members = {.fd = -1}};
	return store_begin(store, &writer->members, err);
}

void snapshot_writer_clear(struct snapshot_writer *writer)
{
	if (writer->members.fd >= 0)
		store_abandon(&writer->members);
	deflater_free(writer->deflater);
	buf_clear(&writer->packed);
	buf_clear(&writer->index);
	free(writer->kept);
}

/* ---- members */

static int flush(struct snapshot_writer *writer, struct error *err)
{
	if (store_write(&writer->members, writer->packed.ptr, writer->packed.len, err) < 0)
		return -1;
	buf_reset(&writer->packed);
	return 0;
}

int snapshot_member_begin(struct snapshot_writer *writer, const char *path, struct error *err)
{
	autojson struct json_object *head = json_new_object();
	autobuf line = BUF_INIT;
	int result;

	json_set_str(head, "path", path);
	json_write(&line, head);
	writer->deflater = deflater_new(DEFLATE_GZIP, LEVEL);
	writer->begun = writer->members.size;
	result = snapshot_member_line(writer, line.ptr, line.len, err);
	writer->items = 0;
	return result;
}

int snapshot_member_line(
	struct snapshot_writer *writer, const char *text, size_t len, struct error *err)
{
	deflater_add(writer->deflater, text, len, false, &writer->packed);
	deflater_add(writer->deflater, "\n", 1, false, &writer->packed);
	writer->items++;
	return writer->packed.len < STEP ? 0 : flush(writer, err);
}

int snapshot_member_end(struct snapshot_writer *writer, uint64_t *size, struct error *err)
{
	deflater_add(writer->deflater, "", 0, true, &writer->packed);
	deflater_free(TAKE(writer->deflater));
	if (flush(writer, err) < 0)
		return -1;
	*size = writer->members.size - writer->begun;
	writer->kept = xreallocarray(writer->kept, writer->kept_count + 1, sizeof(*writer->kept));
	writer->kept[writer->kept_count++] = (struct snapshot_member){writer->begun, *size};
	return 0;
}

void snapshot_member_abandon(struct snapshot_writer *writer)
{
	deflater_free(TAKE(writer->deflater));
	buf_reset(&writer->packed);
}

void snapshot_writer_answer(struct snapshot_writer *writer, struct json_object *line)
{
	json_write(&writer->index, line);
	buf_addc(&writer->index, '\n');
}

/* ---- the whole */

static int write_index(struct snapshot_writer *writer, struct json_object *head,
	struct store_file *file, struct error *err)
{
	autodeflater *deflater = deflater_new(DEFLATE_GZIP, LEVEL);
	autobuf text = BUF_INIT;
	autobuf packed = BUF_INIT;

	json_write(&text, head);
	buf_addc(&text, '\n');
	buf_add(&text, writer->index.ptr, writer->index.len);
	deflater_add(deflater, text.ptr, text.len, true, &packed);
	return store_write(file, packed.ptr, packed.len, err);
}

static int copy_member(struct snapshot_writer *writer, const struct snapshot_member *member,
	struct store_file *file, struct error *err)
{
	char piece[STEP];

	for (uint64_t at = 0; at < member->size;) {
		uint64_t left = member->size - at;
		size_t len = left < sizeof(piece) ? (size_t)left : sizeof(piece);

		if (file_pread(writer->members.fd, "the content store", member->offset + at, piece,
			    len, err) < 0 ||
			store_write(file, piece, len, err) < 0)
			return -1;
		at += len;
	}
	return 0;
}

int snapshot_writer_end(struct snapshot_writer *writer, struct json_object *head,
	struct sha256_text *digest, uint64_t *size, struct error *err)
{
	struct store_file file;
	int result;

	if (store_begin(writer->store, &file, err) < 0)
		return -1;
	result = write_index(writer, head, &file, err);
	for (size_t i = 0; result == 0 && i < writer->kept_count; i++)
		result = copy_member(writer, &writer->kept[i], &file, err);
	if (result < 0) {
		store_abandon(&file);
		return -1;
	}
	*size = file.size;
	return store_end(&file, digest, err);
}
