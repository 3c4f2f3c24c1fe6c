/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <limits.h>

#define ZLIB_CONST /* input is not written to */
#include <zlib.h>

#include "base/alloc.h"
#include "base/deflate.h"

#define GZIP_HEADER 16 /* zlib: added to the window's bits */
#define MEMORY_LEVEL 8 /* zlib's own default */
#define SYSTEM_UNIX 3  /* gzip's byte of the system: the same wherever this runs */
#define OUTPUT_STEP (64 << 10)

struct inflater {
	z_stream stream;
};

struct deflater {
	z_stream stream;
	gz_header header;
};

static int window_bits(enum deflate_format format)
{
	return format == DEFLATE_GZIP ? MAX_WBITS + GZIP_HEADER : MAX_WBITS;
}

/* What is begun with good arguments fails for want of memory only. */
static void must(int status)
{
	if (status == Z_OK)
		return;
	fputs("error: out of memory\n", stderr);
	abort();
}

/* zlib counts in unsigned. */
static uInt piece(size_t len)
{
	return len > UINT_MAX ? UINT_MAX : (uInt)len;
}

/* ---- inflating */

struct inflater *inflater_new(enum deflate_format format)
{
	struct inflater *inflater = xcalloc(1, sizeof(*inflater));

	must(inflateInit2(&inflater->stream, window_bits(format)));
	return inflater;
}

void inflater_free(struct inflater *inflater)
{
	if (!inflater)
		return;
	inflateEnd(&inflater->stream);
	free(inflater);
}

void inflater_free_pointer(struct inflater **slot)
{
	inflater_free(*slot);
}

void inflater_reset(struct inflater *inflater)
{
	must(inflateReset(&inflater->stream));
}

int inflater_step(struct inflater *inflater, const void *in, size_t *in_len, void *out,
	size_t *out_len, struct error *err)
{
	z_stream *stream = &inflater->stream;
	uInt there = piece(*in_len);
	uInt room = piece(*out_len);
	int status;

	stream->next_in = in;
	stream->avail_in = there;
	stream->next_out = out;
	stream->avail_out = room;
	status = inflate(stream, Z_NO_FLUSH);
	*in_len = there - stream->avail_in;
	*out_len = room - stream->avail_out;
	if (status == Z_STREAM_END)
		return 1;
	if (status == Z_OK || status == Z_BUF_ERROR)
		return 0;
	if (status == Z_MEM_ERROR)
		must(status);
	return error_set(err, ERROR_DAMAGED, "the compressed data are damaged: %s",
		stream->msg ? stream->msg : "a dictionary is wanted");
}

/* ---- deflating */

struct deflater *deflater_new(enum deflate_format format, int level)
{
	struct deflater *deflater = xcalloc(1, sizeof(*deflater));

	must(deflateInit2(&deflater->stream, level, Z_DEFLATED, window_bits(format), MEMORY_LEVEL,
		Z_DEFAULT_STRATEGY));
	deflater->header.os = SYSTEM_UNIX;
	if (format == DEFLATE_GZIP)
		must(deflateSetHeader(&deflater->stream, &deflater->header));
	return deflater;
}

void deflater_free(struct deflater *deflater)
{
	if (!deflater)
		return;
	deflateEnd(&deflater->stream);
	free(deflater);
}

void deflater_free_pointer(struct deflater **slot)
{
	deflater_free(*slot);
}

void deflater_add(
	struct deflater *deflater, const void *data, size_t len, bool last, struct buf *out)
{
	z_stream *stream = &deflater->stream;

	do {
		uInt take = piece(len);
		bool ends = last && take == len;

		stream->next_in = data;
		stream->avail_in = take;
		do {
			buf_grow(out, OUTPUT_STEP);
			stream->next_out = (unsigned char *)out->ptr + out->len;
			stream->avail_out = OUTPUT_STEP;
			(void)deflate(stream, ends ? Z_FINISH : Z_NO_FLUSH);
			buf_commit(out, OUTPUT_STEP - stream->avail_out);
		} while (stream->avail_out == 0);
		data = (const char *)data + take;
		len -= take;
	} while (len);
}

/* ---- checksums */

uint32_t crc32_add(uint32_t crc, const void *data, size_t len)
{
	return (uint32_t)crc32_z(crc, data, len);
}
