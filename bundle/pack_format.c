/* SPDX-License-Identifier: Apache-2.0 */
/* Headers of objects in packs, and deltas. */
#include "base/base.h"

#include "bundle/pack_private.h"

/* ---- headers */

/* Seven bits a byte, the lowest first, behind `value`'s `shift` bits. */
static bool add_bits(
	const unsigned char **at, const unsigned char *end, unsigned shift, uint64_t *value)
{
	unsigned char byte;

	do {
		if (*at == end || shift > 63)
			return false;
		byte = *(*at)++;
		if (((uint64_t)(byte & 0x7f) << shift) >> shift != (byte & 0x7fU))
			return false;
		*value |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80);
	return true;
}

/* Seven bits a byte, the highest first, each byte but the last standing for one more. */
static bool parse_back(const unsigned char **at, const unsigned char *end, uint64_t *value)
{
	unsigned char byte;

	*value = 0;
	for (;;) {
		if (*at == end || *value >> 56)
			return false;
		byte = *(*at)++;
		*value |= byte & 0x7f;
		if (!(byte & 0x80))
			return true;
		*value = (*value + 1) << 7;
	}
}

size_t pack_entry_parse(const unsigned char *data, size_t len, struct pack_entry *ret)
{
	const unsigned char *at = data;
	const unsigned char *end = data + len;
	unsigned char first;

	if (!len)
		return 0;
	first = *at++;
	ret->raw = first >> 4 & 7;
	ret->size = first & 15;
	if (first & 0x80 && !add_bits(&at, end, 4, &ret->size))
		return 0;
	if (ret->raw == RAW_OFS_DELTA && !parse_back(&at, end, &ret->back))
		return 0;
	if (ret->raw == RAW_REF_DELTA) {
		if (end - at < OID_LEN)
			return 0;
		memcpy(ret->base.bytes, at, OID_LEN);
		at += OID_LEN;
	}
	if (ret->raw == 0 || ret->raw == 5)
		return 0;
	return (size_t)(at - data);
}

/* ---- deltas */

bool delta_sizes(const char *delta, size_t len, uint64_t *base, uint64_t *result)
{
	const unsigned char *at = (const unsigned char *)delta;
	const unsigned char *end = at + len;

	*base = *result = 0;
	return add_bits(&at, end, 0, base) && add_bits(&at, end, 0, result);
}

uint64_t delta_result(const struct buf *delta)
{
	uint64_t base, result;

	return delta_sizes(delta->ptr, delta->len, &base, &result) ? result : 0;
}

/* The bytes of a number that are not zero stand behind the instruction, a bit each tells which. */
static bool parse_sparse(
	const unsigned char **at, const unsigned char *end, unsigned bits, uint32_t *ret)
{
	*ret = 0;
	for (unsigned shift = 0; bits; bits >>= 1, shift += 8) {
		if (!(bits & 1))
			continue;
		if (*at == end)
			return false;
		*ret |= (uint32_t) * (*at)++ << shift;
	}
	return true;
}

#define COPY 0x80
#define COPY_DEFAULT 0x10000 /* bytes, when no size is given */

bool delta_apply(const char *delta, size_t len, const char *base, size_t base_len, char *result)
{
	const unsigned char *at = (const unsigned char *)delta;
	const unsigned char *end = at + len;
	uint64_t announced = 0, left = 0;

	if (!add_bits(&at, end, 0, &announced) || !add_bits(&at, end, 0, &left) ||
		announced != base_len)
		return false;
	while (at < end) {
		unsigned op = *at++;
		uint32_t from = 0, size = op;
		const char *source;

		if (op & COPY) {
			if (!parse_sparse(&at, end, op & 0xf, &from) ||
				!parse_sparse(&at, end, op >> 4 & 7, &size))
				return false;
			size = size ? size : COPY_DEFAULT;
			if (from > base_len || size > base_len - from)
				return false;
			source = base + from;
		} else {
			if (!op || size > (size_t)(end - at))
				return false;
			source = (const char *)at;
			at += size;
		}
		if (size > left)
			return false;
		memcpy(result, source, size);
		result += size;
		left -= size;
	}
	return left == 0;
}

/* ---- names */

void pack_object_begin(struct digest *digest, enum object_type type, uint64_t size)
{
	char header[32];
	int len = snprintf(header, sizeof(header), "%s %llu", object_type_name(type),
		(unsigned long long)size);

	digest_add(digest, header, (size_t)len + 1);
}

void pack_object_name(
	struct digest *digest, enum object_type type, const char *data, size_t len, struct oid *ret)
{
	unsigned char bytes[DIGEST_MAX];

	pack_object_begin(digest, type, len);
	digest_add(digest, data, len);
	(void)digest_end(digest, bytes);
	memcpy(ret->bytes, bytes, OID_LEN);
}
