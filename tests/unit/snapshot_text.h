/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Snapshots out of text, for tests: parts between lines "----" become gzip members, and "$1" in the
 * first of them, the index, becomes the size of the member behind it, "$2" of the next.
 */
#ifndef TESTS_UNIT_SNAPSHOT_TEXT_H
#define TESTS_UNIT_SNAPSHOT_TEXT_H

#include "base/base.h"
#include "base/deflate.h"
#include "bundle/snapshot.h"

#define SNAPSHOT_PARTS 9
#define SNAPSHOT_LINE "----\n"

static inline void snapshot_pack(const char *text, size_t len, struct buf *out)
{
	autodeflater *deflater = deflater_new(DEFLATE_GZIP, 1);

	deflater_add(deflater, text, len, true, out);
}

/* Where the next part begins; `end` of the text if there is none. */
static inline const char *snapshot_next(const char *text, const char *end, size_t *len)
{
	size_t mark = strlen(SNAPSHOT_LINE);

	for (const char *p = text; (size_t)(end - p) >= mark; p++)
		if (memcmp(p, SNAPSHOT_LINE, mark) == 0 && (p == text || p[-1] == '\n')) {
			*len = (size_t)(p - text);
			return p + mark;
		}
	*len = (size_t)(end - text);
	return end;
}

static inline void snapshot_of_text(const char *text, size_t len, struct buf *out)
{
	const char *end = text + len;
	struct buf members[SNAPSHOT_PARTS];
	autobuf index = BUF_INIT;
	size_t count = 0;
	size_t index_len;
	const char *p = snapshot_next(text, end, &index_len);

	while (p < end && count < SNAPSHOT_PARTS) {
		size_t part_len;
		const char *part = p;

		p = snapshot_next(p, end, &part_len);
		members[count] = (struct buf)BUF_INIT;
		snapshot_pack(part, part_len, &members[count++]);
	}
	for (size_t i = 0; i < index_len; i++) {
		size_t number =
			i + 1 < index_len && text[i] == '$' ? (size_t)(text[i + 1] - '1') : count;

		if (number < count)
			buf_addf(&index, "%zu", members[number].len);
		else
			buf_addc(&index, text[i]);
		i += number < count;
	}
	snapshot_pack(index.ptr, index.len, out);
	for (size_t i = 0; i < count; i++) {
		buf_add(out, members[i].ptr, members[i].len);
		buf_clear(&members[i]);
	}
}

static inline int snapshot_read_buf(
	void *ctx, uint64_t offset, void *data, size_t len, struct error *err)
{
	const struct buf *buf = ctx;

	if (offset > buf->len || len > buf->len - offset)
		return error_set(err, ERROR_INCOMPLETE, "read beyond the end");
	memcpy(data, buf->ptr + offset, len);
	return 0;
}

/* `buf` is borrowed. */
static inline int snapshot_kube(struct buf *buf, struct kube **ret, struct error *err)
{
	struct snapshot_bytes bytes = {
		.read = snapshot_read_buf, .ctx = buf, .size = buf->len, .name = "x.tar"};

	return kube_snapshot_new(&bytes, ret, err);
}

#endif
