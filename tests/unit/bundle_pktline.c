/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/alloc.h"
#include "bundle/pktline.h"

/* What was read, as text: data in quotes, ends as F, D, E; enough at "stop". */
static int note(void *ctx, enum pkt_kind kind, const char *data, size_t len, struct error *err)
{
	struct buf *seen = ctx;

	(void)err;
	if (kind != PKT_DATA) {
		buf_addc(seen, "FDE"[kind]);
		return 0;
	}
	buf_addc(seen, '\'');
	buf_add(seen, data, len);
	buf_addc(seen, '\'');
	return len == 4 && memcmp(data, "stop", 4) == 0;
}

static int feed_in_pieces(const char *text, size_t piece, struct buf *seen, struct error *err)
{
	CLEANUP(pkt_reader_clear) struct pkt_reader reader = PKT_READER_INIT;
	size_t len = strlen(text);
	int result = 0;

	reader.on_packet = note;
	reader.ctx = seen;
	for (size_t at = 0; at < len && result == 0; at += piece) {
		size_t n = len - at < piece ? len - at : piece;
		/* Exactly so many bytes, so that reading on is seen. */
		autofree char *copy = xstrndup(text + at, n);

		result = pkt_feed(&reader, copy, n, NULL, err);
	}
	if (result == 0 && !pkt_at_boundary(&reader))
		buf_addc(seen, '+');
	return result;
}

static void test_reads(void **state)
{
	static const struct {
		const char *text, *seen;
		int result;
	} rows[] = {
		{"", "", 0},
		{"0000", "F", 0},
		{"000100020000", "DEF", 0},
		{"0004", "''", 0},
		{"0006a\n0009hello0000", "'a\n''hello'F", 0},
		{"000Aabcdef", "'abcdef'", 0},
		{"0008stop0006xx", "'stop'", 1},
		{"0006a", "+", 0},
		{"00", "+", 0},
		{"0003", "", -1},
		{"HTTP", "", -1},
		{"0006ab-001", "'ab'", -1},
		{"fff1", "", -1},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		for (size_t piece = 1; piece < 20; piece++) {
			autobuf seen = BUF_INIT;
			autoerror err = ERROR_INIT;

			assert_int_equal(
				feed_in_pieces(rows[i].text, piece, &seen, &err), rows[i].result);
			assert_string_equal(seen.ptr, rows[i].seen);
			assert_int_equal(err.kind, rows[i].result < 0 ? ERROR_SERVER : ERROR_NONE);
		}
	}
}

static void test_tells_what_it_used(void **state)
{
	CLEANUP(pkt_reader_clear) struct pkt_reader reader = PKT_READER_INIT;
	autobuf seen = BUF_INIT;
	size_t used = 0;

	(void)state;
	reader.on_packet = note;
	reader.ctx = &seen;
	assert_int_equal(pkt_feed(&reader, "0006ab0008stoprest", 18, &used, NULL), 1);
	assert_int_equal(used, 14);
	assert_int_equal(pkt_feed(&reader, "0008st", 6, &used, NULL), 0);
	assert_int_equal(pkt_feed(&reader, "oprest", 6, &used, NULL), 1);
	assert_int_equal(used, 2);
}

static void test_writes(void **state)
{
	autobuf out = BUF_INIT;

	(void)state;
	pkt_addf(&out, "want %d\n", 1);
	pkt_add_delim(&out);
	pkt_add(&out, "", 0);
	pkt_add_flush(&out);
	assert_string_equal(out.ptr, "000bwant 1\n000100040000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads),
		cmocka_unit_test(test_tells_what_it_used),
		cmocka_unit_test(test_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
