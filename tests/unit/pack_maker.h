/* SPDX-License-Identifier: Apache-2.0 */
/* Packs made by hand, right or wrong in whatever way a test wants. */
#ifndef TESTS_UNIT_PACK_MAKER_H
#define TESTS_UNIT_PACK_MAKER_H

#include "base/base.h"

#include "base/deflate.h"
#include "base/digest.h"
#include "bundle/pack_private.h"

static void pack_be32(char *bytes, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		bytes[i] = (char)(unsigned char)(value >> (24 - 8 * i));
}

static UNUSED void pack_begin(struct buf *pack)
{
	buf_reset(pack);
	buf_add(pack, "PACK\0\0\0\2\0\0\0\0", PACK_SIGNATURE_LEN);
}

/* How many objects it announces, and the trailer. */
static UNUSED void pack_finish(struct buf *pack, uint32_t count)
{
	autodigest *digest = digest_new(DIGEST_SHA1);
	unsigned char bytes[DIGEST_MAX];

	pack_be32(pack->ptr + 8, count);
	digest_add(digest, pack->ptr, pack->len);
	buf_add(pack, bytes, digest_end(digest, bytes));
}

static void pack_varint(struct buf *pack, uint64_t value)
{
	for (; value > 0x7f; value >>= 7)
		buf_addc(pack, (char)(unsigned char)(value | 0x80));
	buf_addc(pack, (char)value);
}

/* A header that announces `size` bytes; returns where it begins. */
static uint64_t pack_header(struct buf *pack, unsigned raw, uint64_t size)
{
	uint64_t at = pack->len;

	buf_addc(pack, (char)(unsigned char)(raw << 4 | (size & 15) | (size > 15 ? 0x80 : 0)));
	if (size > 15)
		pack_varint(pack, size >> 4);
	return at;
}

static void pack_data(struct buf *pack, const void *data, size_t len)
{
	autodeflater *deflater = deflater_new(DEFLATE_ZLIB, len > 65536 ? 0 : 1);

	deflater_add(deflater, data, len, true, pack);
}

static UNUSED uint64_t pack_object(
	struct buf *pack, enum object_type type, const void *data, size_t len)
{
	uint64_t at = pack_header(pack, type, len);

	pack_data(pack, data, len);
	return at;
}

static UNUSED uint64_t pack_text(struct buf *pack, enum object_type type, const char *text)
{
	return pack_object(pack, type, text, strlen(text));
}

/* How far back: seven bits a byte, the highest first, less one at each but the last. */
static void pack_back(struct buf *pack, uint64_t back)
{
	unsigned char bytes[16];
	size_t at = sizeof(bytes);

	bytes[--at] = back & 0x7f;
	while (back >>= 7)
		bytes[--at] = (unsigned char)(0x80 | (--back & 0x7f));
	buf_add(pack, bytes + at, sizeof(bytes) - at);
}

static UNUSED uint64_t pack_ofs(struct buf *pack, uint64_t back, const struct buf *delta)
{
	uint64_t at = pack_header(pack, RAW_OFS_DELTA, delta->len);

	pack_back(pack, back);
	pack_data(pack, delta->ptr, delta->len);
	return at;
}

static UNUSED uint64_t pack_ref(struct buf *pack, const struct oid *base, const struct buf *delta)
{
	uint64_t at = pack_header(pack, RAW_REF_DELTA, delta->len);

	buf_add(pack, base->bytes, OID_LEN);
	pack_data(pack, delta->ptr, delta->len);
	return at;
}

/* ---- deltas */

static UNUSED void delta_begin(struct buf *delta, uint64_t base, uint64_t result)
{
	buf_reset(delta);
	pack_varint(delta, base);
	pack_varint(delta, result);
}

static UNUSED void delta_insert(struct buf *delta, const char *text)
{
	buf_addc(delta, (char)strlen(text));
	buf_adds(delta, text);
}

static UNUSED void delta_copy(struct buf *delta, uint32_t from, uint32_t size)
{
	buf_addc(delta, (char)0xff);
	for (int i = 0; i < 4; i++)
		buf_addc(delta, (char)(unsigned char)(from >> 8 * i));
	for (int i = 0; i < 3; i++)
		buf_addc(delta, (char)(unsigned char)(size >> 8 * i));
}

/* The delta from a base of `len` bytes to the same and `text` behind it. */
static UNUSED void delta_append(struct buf *delta, size_t len, const char *text)
{
	delta_begin(delta, len, len + strlen(text));
	if (len)
		delta_copy(delta, 0, (uint32_t)len);
	delta_insert(delta, text);
}

static UNUSED struct oid object_name_of(enum object_type type, const char *data, size_t len)
{
	autodigest *digest = digest_new(DIGEST_SHA1);
	struct oid oid;

	pack_object_name(digest, type, data, len, &oid);
	return oid;
}

#endif
