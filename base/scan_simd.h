/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking at many bytes at once: the only place with processor instructions. Each function has a
 * plain fallback that gives the same answer.
 */
#ifndef BASE_SCAN_SIMD_H
#define BASE_SCAN_SIMD_H

#include "base/base.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Bit i speaks of byte i. */
struct scan_block {
	uint64_t quotes;
	uint64_t backslashes;
	uint64_t opens;  /* { [ */
	uint64_t closes; /* } ] */
};
#define SCAN_BLOCK 64

/* A byte that a string cannot simply hold: a quote, a backslash, a control or non-ASCII byte. */
static inline bool scan_is_special(char byte)
{
	return byte == '"' || byte == '\\' || (signed char)byte < 0x20;
}

/* The same, and those that Go writes as \u escapes for the sake of HTML. */
static inline bool scan_is_special_html(char byte)
{
	return scan_is_special(byte) || byte == '<' || byte == '>' || byte == '&';
}

/* What may make a scalar of YAML more than plain text. */
static inline bool scan_is_remarkable(char byte)
{
	return byte <= ' ' || byte == ':' || byte == '#' || byte == 0x7f || byte == '"';
}

#if defined(__SSE2__)

static inline uint64_t scan_mask(__m128i a, __m128i b, __m128i c, __m128i d)
{
	uint64_t low = (uint32_t)_mm_movemask_epi8(a) | (uint32_t)_mm_movemask_epi8(b) << 16;
	uint64_t high = (uint32_t)_mm_movemask_epi8(c) | (uint32_t)_mm_movemask_epi8(d) << 16;

	return low | high << 32;
}

static inline uint64_t scan_equal(const __m128i v[4], char byte)
{
	const __m128i want = _mm_set1_epi8(byte);

	return scan_mask(_mm_cmpeq_epi8(v[0], want), _mm_cmpeq_epi8(v[1], want),
		_mm_cmpeq_epi8(v[2], want), _mm_cmpeq_epi8(v[3], want));
}

static inline struct scan_block scan_block_read(const char *data)
{
	const __m128i fold = _mm_set1_epi8(0x20); /* makes [ and { one byte, and ] and } */
	struct scan_block block;
	__m128i v[4];

	for (int i = 0; i < 4; i++)
		v[i] = _mm_loadu_si128((const __m128i *)(const void *)(data + 16 * i));
	block.quotes = scan_equal(v, '"');
	block.backslashes = scan_equal(v, '\\');
	for (int i = 0; i < 4; i++)
		v[i] = _mm_or_si128(v[i], fold);
	block.opens = scan_equal(v, '{');
	block.closes = scan_equal(v, '}');
	return block;
}

static inline int scan_special_mask(__m128i v)
{
	__m128i found = _mm_cmplt_epi8(v, _mm_set1_epi8(0x20)); /* signed: also 0x80 and above */

	found = _mm_or_si128(found, _mm_cmpeq_epi8(v, _mm_set1_epi8('"')));
	found = _mm_or_si128(found, _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
	return _mm_movemask_epi8(found);
}

static inline int scan_special_html_mask(__m128i v)
{
	__m128i found = _mm_cmpeq_epi8(v, _mm_set1_epi8('&'));
	__m128i angle = _mm_and_si128(v, _mm_set1_epi8((char)0xfd)); /* < and > differ in one bit */

	found = _mm_or_si128(found, _mm_cmpeq_epi8(angle, _mm_set1_epi8('<')));
	return _mm_movemask_epi8(found) | scan_special_mask(v);
}

static inline int scan_remarkable_mask(__m128i v)
{
	__m128i found = _mm_cmplt_epi8(v, _mm_set1_epi8(' ' + 1)); /* signed, as above */

	found = _mm_or_si128(found, _mm_cmpeq_epi8(v, _mm_set1_epi8(':')));
	found = _mm_or_si128(found, _mm_cmpeq_epi8(v, _mm_set1_epi8('#')));
	found = _mm_or_si128(found, _mm_cmpeq_epi8(v, _mm_set1_epi8('"')));
	found = _mm_or_si128(found, _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7f)));
	return _mm_movemask_epi8(found);
}

#define SCAN_FIND(name, mask_of, is_wanted)                                                     \
	static inline const char *name(const char *at, const char *end)                         \
	{                                                                                       \
		for (; end - at >= 16; at += 16) {                                              \
			int mask = mask_of(_mm_loadu_si128((const __m128i *)(const void *)at)); \
                                                                                                \
			if (mask)                                                               \
				return at + __builtin_ctz((unsigned)mask);                      \
		}                                                                               \
		while (at < end && !is_wanted(*at))                                             \
			at++;                                                                   \
		return at;                                                                      \
	}

#else

static inline struct scan_block scan_block_read(const char *data)
{
	struct scan_block block = {0};

	for (int i = 0; i < SCAN_BLOCK; i++) {
		uint64_t bit = (uint64_t)1 << i;

		block.quotes |= data[i] == '"' ? bit : 0;
		block.backslashes |= data[i] == '\\' ? bit : 0;
		block.opens |= (data[i] | 0x20) == '{' ? bit : 0;
		block.closes |= (data[i] | 0x20) == '}' ? bit : 0;
	}
	return block;
}

#define SCAN_FIND(name, mask_of, is_wanted)                             \
	static inline const char *name(const char *at, const char *end) \
	{                                                               \
		while (at < end && !is_wanted(*at))                     \
			at++;                                           \
		return at;                                              \
	}

#endif

/* The first special byte, or `end`. */
SCAN_FIND(scan_find_special, scan_special_mask, scan_is_special)
/* The first byte that JSON for HTML escapes, or `end`. */
SCAN_FIND(scan_find_special_html, scan_special_html_mask, scan_is_special_html)
/* The first remarkable byte, or `end`. */
SCAN_FIND(scan_find_remarkable, scan_remarkable_mask, scan_is_remarkable)

static inline unsigned scan_count_bits(uint64_t bits)
{
	bits -= bits >> 1 & 0x5555555555555555U;
	bits = (bits & 0x3333333333333333U) + (bits >> 2 & 0x3333333333333333U);
	bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0fU;
	return (unsigned)(bits * 0x0101010101010101U >> 56);
}

/* Bit i is the parity of the bits up to and including i. */
static inline uint64_t scan_parity(uint64_t bits)
{
	for (int shift = 1; shift < 64; shift <<= 1)
		bits ^= bits << shift;
	return bits;
}

#endif
