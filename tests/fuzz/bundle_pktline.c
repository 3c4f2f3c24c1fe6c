/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pkt-lines: what is read must not depend on the pieces in which it comes. The first byte is the size
 * of the pieces.
 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "bundle/pktline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Kinds, lengths and data, one after the other; a packet that begins with "stop" is enough. */
static int note(void *ctx, enum pkt_kind kind, const char *data, size_t len, struct error *err)
{
	struct buf *seen = ctx;

	(void)err;
	if (len > PKT_MAX_DATA || (kind != PKT_DATA && len))
		abort();
	buf_addf(seen, "%d %zu ", kind, len);
	buf_add(seen, data, len);
	return len >= 4 && memcmp(data, "stop", 4) == 0;
}

static int feed(const char *data, size_t size, size_t piece, struct buf *seen)
{
	CLEANUP(pkt_reader_clear) struct pkt_reader reader = PKT_READER_INIT;
	autoerror err = ERROR_INIT;
	size_t at = 0;
	int result = 0;

	reader.on_packet = note;
	reader.ctx = seen;
	while (at < size && result == 0) {
		size_t n = size - at < piece ? size - at : piece;
		size_t used = 0;

		result = pkt_feed(&reader, data + at, n, &used, &err);
		at += used;
		if (used > n || (result == 0 && used != n))
			abort();
	}
	if ((result < 0) != (err.kind == ERROR_SERVER))
		abort();
	/* Of malformed bytes pieces may tell sooner or later where they are noticed. */
	if (result >= 0)
		buf_addf(seen, " %d %zu %d", result, at, pkt_at_boundary(&reader));
	return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autobuf whole = BUF_INIT;
	autobuf pieces = BUF_INIT;

	if (size < 2)
		return 0;
	const char *text = (const char *)data + 1;
	int result = feed(text, size - 1, size, &whole);
	if (feed(text, size - 1, data[0] + 1U, &pieces) != result || whole.len != pieces.len ||
		memcmp(whole.ptr, pieces.ptr, whole.len) != 0)
		abort();
	return 0;
}
