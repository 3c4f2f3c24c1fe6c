/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/buf.h"
#include "base/scan.h"

/* Items joined by '|'. */
static int collect(void *ctx, const char *item, size_t len, struct error *err)
{
	struct buf *out = ctx;

	(void)err;
	buf_add(out, item, len);
	buf_addc(out, '|');
	return 0;
}

static int split(const char *text, size_t len, size_t piece, struct buf *out, struct error *err)
{
	CLEANUP(splitter_clear) struct splitter splitter;

	buf_reset(out);
	splitter_init(&splitter, "items", collect, out);
	for (size_t at = 0; at < len; at += piece)
		if (splitter_feed(&splitter, text + at, len - at < piece ? len - at : piece, err) <
			0)
			return -1;
	if (splitter_finish(&splitter, err) < 0)
		return -1;
	buf_addf(out, "%llu ", (unsigned long long)splitter.items);
	buf_add(out, splitter.envelope.ptr, splitter.envelope.len);
	return 0;
}

/* clang-format off */
static const char *const good[][2] = {
	{"{}", "0 {}"},
	{" {\"kind\":\"List\",\"items\":[]}\n", "0 {\"kind\":\"List\",\"items\":[]}"},
	{"{\"items\":null,\"a\":1}", "0 {\"items\":null,\"a\":1}"},
	{"{\"items\":{\"items\":[1]}}", "0 {\"items\":{\"items\":[1]}}"},
	{"{\"items\":\"items\",\"x\":[1]}", "0 {\"items\":\"items\",\"x\":[1]}"},
	{"{\"x\":\"items\",\"y\":[1]}", "0 {\"x\":\"items\",\"y\":[1]}"},
	{"{\"a\":{\"items\":[1]},\"items\" : [ {\"b\":\"]}\"} , [[]] ],\"metadata\":{\"continue\":\"t\"}}",
		"{\"b\":\"]}\"}|[[]]|2 {\"a\":{\"items\":[1]},\"items\" : [],\"metadata\":{\"continue\":\"t\"}}"},
	{"{\"items\":[1, true ,null,\"a\\\"]\",-2.5\n]}", "1|true|null|\"a\\\"]\"|-2.5|5 {\"items\":[]}"},
	{"{\"\\u0069tems\":[{}]}", "{}|1 {\"\\u0069tems\":[]}"},
	{"{\"items\":[{\"a\":\"\\\\\",\"b\":\"\\\\\\\"}\"}]}", "{\"a\":\"\\\\\",\"b\":\"\\\\\\\"}\"}|1 {\"items\":[]}"},
	{"{\"items\":[{\"long\":\"................................................................................\"},{}]}",
		"{\"long\":\"................................................................................\"}|{}|2 {\"items\":[]}"},
};

static const char *const bad[] = {
	"", " ", "[]", "1", "{", "{\"items\":[", "{\"items\":[1", "{\"items\":[1,", "{\"items\":[{}",
	"{\"items\":[{}]", "{\"items\":[]}}", "{\"items\":[]}{}", "{\"items\":[,]}", "{\"items\":[1,]}",
	"{\"items\":[{} {}]}", "{\"items\":[}]}", "{\"items\":[],\"items\":[]}", "{\"items\":[],}",
	"{\"items\":[]]", "{\"a\":1,\"a\":2}", "{\"items\" []}", "{\"items\":[\"a]}",
};
/* clang-format on */

static void test_any_pieces_give_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(good); i++) {
		size_t len = strlen(good[i][0]);

		for (size_t piece = 1; piece <= len; piece++) {
			autobuf out = BUF_INIT;
			autoerror err = ERROR_INIT;

			if (split(good[i][0], len, piece, &out, &err) < 0)
				fail_msg("%s by %zu: %s", good[i][0], piece, err.message);
			assert_string_equal(out.ptr, good[i][1]);
		}
	}
}

static void test_refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(bad); i++) {
		size_t len = strlen(bad[i]);

		for (size_t piece = 1; piece <= len + 1; piece++) {
			autobuf out = BUF_INIT;
			autoerror err = ERROR_INIT;

			if (split(bad[i], len, piece, &out, &err) == 0)
				fail_msg("accepted %s by %zu", bad[i], piece);
			assert_int_equal(err.kind, ERROR_SYNTAX);
		}
	}
}

static int refuse(void *ctx, const char *item, size_t len, struct error *err)
{
	(void)ctx;
	(void)item;
	(void)len;
	return error_set(err, ERROR_FAILED, "not this one");
}

static void test_failing_item_ends_it(void **state)
{
	CLEANUP(splitter_clear) struct splitter splitter;
	autoerror err = ERROR_INIT;
	static const char text[] = "{\"items\":[1,2]}";

	(void)state;
	splitter_init(&splitter, "items", refuse, NULL);
	assert_int_equal(splitter_feed(&splitter, text, strlen(text), &err), -1);
	assert_string_equal(err.message, "not this one");
	assert_int_equal(splitter_feed(&splitter, " ", 1, &err), -1);
	assert_int_equal(splitter_finish(&splitter, &err), -1);
}

/* Feed `start`, then `fill` until it is refused; returns the bytes of filling that went in. */
static size_t feed_until_refused(const char *start, char byte, struct error *err)
{
	CLEANUP(splitter_clear) struct splitter splitter;
	autobuf out = BUF_INIT;
	autobuf fill = BUF_INIT;
	size_t fed = 0;

	splitter_init(&splitter, "items", collect, &out);
	buf_fill(&fill, byte, 1 << 16);
	assert_int_equal(splitter_feed(&splitter, start, strlen(start), err), 0);
	while (fed < 2 * SPLIT_MAX_ITEM && splitter_feed(&splitter, fill.ptr, fill.len, err) == 0)
		fed += fill.len;
	return fed;
}

static void test_bounds(void **state)
{
	autoerror err = ERROR_INIT;
	size_t fed;

	(void)state;
	fed = feed_until_refused("{\"items\":[{\"a\":\"", 'x', &err);
	assert_in_range(fed, SPLIT_MAX_ITEM - (1 << 17), SPLIT_MAX_ITEM);
	assert_non_null(strstr(err.message, "an item is too large"));
	fed = feed_until_refused("{\"kind\":\"", 'x', &err);
	assert_in_range(fed, SPLIT_MAX_ENVELOPE - (1 << 17), SPLIT_MAX_ENVELOPE);
	assert_non_null(strstr(err.message, "too much outside"));
	fed = feed_until_refused("{\"items\":[", '[', &err);
	assert_int_equal(fed, 0);
	assert_non_null(strstr(err.message, "nested too deeply"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_pieces_give_the_same),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_failing_item_ends_it),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
