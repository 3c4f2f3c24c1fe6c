/* SPDX-License-Identifier: Apache-2.0 */
/* Tars of others. Input that is not gzip is compressed first, so that headers are met too. */
#include "base/base.h"

#include "base/buf.h"
#include "base/deflate.h"
#include "bundle/tarball.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What may be appended to a folder's path. */
static int entry(void *ctx, const struct tarball_entry *entry, struct error *err)
{
	const char *at = entry->path;
	uint64_t *size = ctx;

	(void)err;
	if (*size)
		abort(); /* content of the entry before is missing */
	*size = entry->size;
	for (;;) {
		size_t len = strcspn(at, "/");

		if (!len || (len == 1 && *at == '.') || (len == 2 && at[0] == '.' && at[1] == '.'))
			abort();
		at += len;
		if (!*at++)
			return 0;
	}
}

static int content(void *ctx, const void *data, size_t len, struct error *err)
{
	uint64_t *size = ctx;

	(void)data, (void)err;
	if (len > *size)
		abort();
	*size -= len;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct tarball_limits limits = {.entries = 1000, .bytes = 1 << 20};
	uint64_t left = 0;
	const struct tarball_visitor visitor = {entry, content, &left};
	autotarball *reader = tarball_reader_new(&visitor, &limits);
	autodeflater *deflater = deflater_new(DEFLATE_GZIP, 1);
	autobuf compressed = BUF_INIT;

	if (size > 1 && data[0] == 0x1f && data[1] == 0x8b)
		buf_add(&compressed, data, size);
	else
		deflater_add(deflater, data, size, true, &compressed);
	if (tarball_reader_feed(reader, compressed.ptr, compressed.len, NULL) == 0 &&
		tarball_reader_end(reader, NULL) == 0 && left)
		abort();
	return 0;
}
