/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/alloc.h"
#include "base/deflate.h"

/* Text that has something to compress, and something that has not. */
static void make_text(struct buf *out, size_t len)
{
	uint32_t seed = 7;

	while (out->len < len) {
		seed = seed * 1664525 + 1013904223;
		buf_addf(out, "key%u: value %08x\n", seed >> 28, seed);
	}
	buf_truncate(out, len);
}

static void deflate_all(
	enum deflate_format format, const struct buf *text, size_t piece, struct buf *out)
{
	autodeflater *deflater = deflater_new(format, 6);

	for (size_t at = 0; at < text->len; at += piece) {
		size_t left = text->len - at;

		deflater_add(deflater, text->ptr + at, left < piece ? left : piece, false, out);
	}
	deflater_add(deflater, NULL, 0, true, out);
}

/* Piece by piece, with little room. */
static void inflate_all(
	enum deflate_format format, const struct buf *in, size_t piece, struct buf *out)
{
	autoinflater *inflater = inflater_new(format);
	size_t at = 0;
	int step = 0;
	autoerror err = ERROR_INIT;

	while (step == 0) {
		size_t left = in->len - at;
		size_t used = left < piece ? left : piece;
		size_t made = piece;

		buf_grow(out, piece);
		step = inflater_step(
			inflater, in->ptr + at, &used, out->ptr + out->len, &made, &err);
		assert_true(step >= 0 && (used || made || step));
		buf_commit(out, made);
		at += used;
	}
	assert_int_equal(at, in->len);
}

static void test_round_trip(void **state)
{
	static const size_t sizes[] = {0, 1, 1000, 70000, 1000000};
	static const size_t pieces[] = {1000000, 4096, 100};

	(void)state;
	for (size_t i = 0; i < countof(sizes) * countof(pieces); i++) {
		enum deflate_format format = i % 2 ? DEFLATE_GZIP : DEFLATE_ZLIB;
		size_t piece = pieces[i / countof(sizes)];
		autobuf text = BUF_INIT;
		autobuf packed = BUF_INIT;
		autobuf back = BUF_INIT;

		make_text(&text, sizes[i % countof(sizes)]);
		deflate_all(format, &text, piece, &packed);
		inflate_all(format, &packed, piece, &back);
		assert_int_equal(back.len, text.len);
		assert_memory_equal(back.ptr, text.ptr, text.len);
	}
}

/* The same input gives the same file, however it comes; nothing of this machine or hour is in it. */
static void test_gzip_same(void **state)
{
	static const unsigned char head[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
	autobuf text = BUF_INIT;
	autobuf first = BUF_INIT;
	autobuf second = BUF_INIT;

	(void)state;
	make_text(&text, 300000);
	deflate_all(DEFLATE_GZIP, &text, text.len, &first);
	deflate_all(DEFLATE_GZIP, &text, 777, &second);
	assert_memory_equal(first.ptr, head, sizeof(head));
	assert_int_equal(first.len, second.len);
	assert_memory_equal(first.ptr, second.ptr, first.len);
}

/* A stream that is cut off only wants more; what follows one is left alone. */
static void test_ends(void **state)
{
	autoinflater *inflater = inflater_new(DEFLATE_ZLIB);
	autobuf text = BUF_INIT;
	autobuf packed = BUF_INIT;
	char out[200];
	size_t len;

	(void)state;
	make_text(&text, 100);
	deflate_all(DEFLATE_ZLIB, &text, 100, &packed);
	len = packed.len;
	buf_adds(&packed, "something else");
	for (size_t given = 0; given <= packed.len; given++) {
		size_t used = given;
		size_t made = sizeof(out);

		inflater_reset(inflater);
		assert_int_equal(inflater_step(inflater, packed.ptr, &used, out, &made, NULL),
			given >= len ? 1 : 0);
		assert_int_equal(used, given < len ? given : len);
	}
	assert_memory_equal(out, text.ptr, 100);
}

/* Whichever bit is turned, the stream does not end as if it were good. */
static void test_damage(void **state)
{
	autoinflater *inflater = inflater_new(DEFLATE_ZLIB);
	autobuf text = BUF_INIT;
	autobuf packed = BUF_INIT;
	char out[800];

	(void)state;
	make_text(&text, 400);
	deflate_all(DEFLATE_ZLIB, &text, 400, &packed);
	for (size_t i = 16; i < 8 * packed.len; i++) {
		size_t used = packed.len;
		size_t made = sizeof(out);
		autoerror err = ERROR_INIT;

		packed.ptr[i / 8] ^= (char)(1 << i % 8);
		inflater_reset(inflater);
		assert_int_not_equal(
			inflater_step(inflater, packed.ptr, &used, out, &made, &err), 1);
		packed.ptr[i / 8] ^= (char)(1 << i % 8);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_gzip_same),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
