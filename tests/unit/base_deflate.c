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
		size_t used, made;

		buf_grow(out, piece);
		step = inflater_step(inflater, in->ptr + at, left < piece ? left : piece, &used,
			out->ptr + out->len, piece, &made, &err);
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

static void test_whole(void **state)
{
	static const struct {
		size_t announced, cut; /* bytes of the output, bytes that are missing */
		const char *says;      /* NULL: it is good */
	} rows[] = {
		{5000, 0, NULL},
		{5000, 1, "end too early"},
		{5000, 100, "end too early"},
		{4999, 0, "hold more than the 4999 bytes announced"},
		{5001, 0, "hold 5000 bytes, not the 5001 announced"},
		{0, 0, "hold more than the 0 bytes announced"},
	};
	autoinflater *inflater = inflater_new(DEFLATE_ZLIB);
	autobuf text = BUF_INIT;
	autobuf packed = BUF_INIT;

	(void)state;
	make_text(&text, 5000);
	deflate_all(DEFLATE_ZLIB, &text, 5000, &packed);
	for (size_t i = 0; i < countof(rows); i++) {
		autofree char *out = xmalloc(rows[i].announced);
		size_t used = 0;
		autoerror err = ERROR_INIT;
		int result = inflater_whole(inflater, packed.ptr, packed.len - rows[i].cut, &used,
			out, rows[i].announced, &err);

		assert_int_equal(result, rows[i].says ? -1 : 0);
		if (rows[i].says) {
			assert_int_equal(err.kind, ERROR_DAMAGED);
			assert_non_null(strstr(err.message, rows[i].says));
			continue;
		}
		assert_int_equal(used, packed.len);
		assert_memory_equal(out, text.ptr, text.len);
	}
}

/* What follows a stream is left alone. */
static void test_behind(void **state)
{
	autoinflater *inflater = inflater_new(DEFLATE_ZLIB);
	autobuf text = BUF_INIT;
	autobuf packed = BUF_INIT;
	char out[100];
	size_t used;
	size_t len;

	(void)state;
	make_text(&text, sizeof(out));
	deflate_all(DEFLATE_ZLIB, &text, sizeof(out), &packed);
	len = packed.len;
	buf_adds(&packed, "something else");
	assert_int_equal(
		inflater_whole(inflater, packed.ptr, packed.len, &used, out, sizeof(out), NULL), 0);
	assert_int_equal(used, len);
	assert_memory_equal(out, text.ptr, sizeof(out));
}

/* Whichever bit is turned, the checksum or the decoder sees it. */
static void test_damage(void **state)
{
	autoinflater *inflater = inflater_new(DEFLATE_ZLIB);
	autobuf text = BUF_INIT;
	autobuf packed = BUF_INIT;
	char out[400];

	(void)state;
	make_text(&text, sizeof(out));
	deflate_all(DEFLATE_ZLIB, &text, sizeof(out), &packed);
	for (size_t i = 16; i < 8 * packed.len; i++) {
		packed.ptr[i / 8] ^= (char)(1 << i % 8);
		assert_int_equal(inflater_whole(inflater, packed.ptr, packed.len, NULL, out,
					 sizeof(out), NULL),
			-1);
		packed.ptr[i / 8] ^= (char)(1 << i % 8);
	}
	assert_int_equal(
		inflater_whole(inflater, packed.ptr, packed.len, NULL, out, sizeof(out), NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_gzip_same),
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_behind),
		cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
