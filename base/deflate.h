/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deflate: zlib streams as Git stores them, and gzip files that are the same bytes for the same
 * input (no name, no time, one level, one system byte). The wrapper of zlib.
 */
#ifndef BASE_DEFLATE_H
#define BASE_DEFLATE_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"

enum deflate_format {
	DEFLATE_ZLIB,
	DEFLATE_GZIP
};

/* ---- inflating: input is pushed, output is handed out in pieces */

struct inflater;
struct inflater *inflater_new(enum deflate_format format) NEVER_NULL;
void inflater_free(struct inflater *inflater);
void inflater_free_pointer(struct inflater **slot);
#define autoinflater CLEANUP(inflater_free_pointer) struct inflater
/* Begin another stream. */
void inflater_reset(struct inflater *inflater);
/*
 * Inflate from `in` into `out`. `*in_len` bytes are there and `*out_len` have room; afterwards they
 * tell how many were used and made. Returns 1 when the stream has ended (its checksum was right), 0
 * when it wants more of either, -1 with ERROR_DAMAGED.
 */
int inflater_step(struct inflater *inflater, const void *in, size_t *in_len, void *out,
	size_t *out_len, struct error *err) MUST_CHECK;

/* ---- deflating */

struct deflater;
struct deflater *deflater_new(enum deflate_format format, int level) NEVER_NULL;
void deflater_free(struct deflater *deflater);
void deflater_free_pointer(struct deflater **slot);
#define autodeflater CLEANUP(deflater_free_pointer) struct deflater
/* Appends what comes out to `out`; `last` ends the stream. */
void deflater_add(
	struct deflater *deflater, const void *data, size_t len, bool last, struct buf *out);

/* ---- checksums */

/* CRC-32, as gzip and Git's indexes have it; begin with 0. */
uint32_t crc32_add(uint32_t crc, const void *data, size_t len);

#endif
