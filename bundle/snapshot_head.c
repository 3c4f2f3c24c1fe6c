/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/buf.h"
#include "base/deflate.h"
#include "base/json.h"
#include "bundle/limits.h"
#include "bundle/snapshot_head.h"

#define HEAD_PACKED (4 * KiB)
#define HEAD_TEXT (16 * KiB)

/* What the first bytes of the blob inflate to. */
static bool inflate_start(struct bundle *bundle, struct buf *text)
{
	autoinflater *inflater = inflater_new(DEFLATE_GZIP);
	char packed[HEAD_PACKED];
	uint64_t offset;
	uint64_t size;
	size_t used;
	size_t made = HEAD_TEXT;

	if (!*bundle->lock.snapshot.text ||
		bundle_blob(bundle, &bundle->lock.snapshot, &offset, &size, NULL) < 0)
		return false;
	if (size > sizeof(packed))
		size = sizeof(packed);
	buf_grow(text, HEAD_TEXT);
	used = (size_t)size;
	if (media_read(bundle->media, offset, packed, used, NULL) < 0 ||
		inflater_step(inflater, packed, &used, text->ptr, &made, NULL) < 0)
		return false;
	buf_commit(text, made);
	return true;
}

struct json_object *snapshot_head(struct bundle *bundle)
{
	autobuf text = BUF_INIT;
	struct json_object *head = NULL;
	const char *end;

	if (!inflate_start(bundle, &text))
		return NULL;
	end = memchr(text.ptr, '\n', text.len);
	if (!end || json_parse(text.ptr, (size_t)(end - text.ptr), &head, NULL) < 0)
		return NULL;
	return head;
}
