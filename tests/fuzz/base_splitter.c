/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Splitting against parsing the whole: the first byte chooses how the rest is cut into pieces. Any
 * cut gives the same items, and an accepted list is what the whole document holds.
 */
#include "base/base.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Items as an array of JSON, with `checked` false once one of them is not JSON. */
struct collected {
	struct buf items;
	bool checked;
	size_t count;
};

static int collect(void *ctx, const char *item, size_t len, struct error *err)
{
	struct collected *all = ctx;

	all->checked &= scan_check(item, len, NULL) == 0;
	buf_addc(&all->items, all->count++ ? ',' : '[');
	buf_add(&all->items, item, len);
	(void)err;
	return 0;
}

/* Piece sizes from a sequence that `seed` begins; 0 is one piece. */
static bool split(
	const char *text, size_t len, unsigned seed, struct collected *all, struct buf *envelope)
{
	CLEANUP(splitter_clear) struct splitter splitter;
	size_t at = 0;

	*all = (struct collected){.items = BUF_INIT, .checked = true};
	splitter_init(&splitter, "items", collect, all);
	while (at < len) {
		size_t piece = seed ? 1 + seed % 97 : len;

		if (piece > len - at)
			piece = len - at;
		if (splitter_feed(&splitter, text + at, piece, NULL) < 0)
			return false;
		at += piece;
		seed = seed ? seed * 1103515245U + 12345U : 0;
	}
	buf_addc(&all->items, all->count ? ']' : '[');
	if (!all->count)
		buf_addc(&all->items, ']');
	if (splitter_finish(&splitter, NULL) < 0)
		return false;
	buf_add(envelope, splitter.envelope.ptr, splitter.envelope.len);
	return true;
}

static bool same_text(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && memcmp(a->ptr, b->ptr, a->len) == 0;
}

/* The whole document's items against those that were split off, the rest against the envelope. */
static void compare(struct json_object *whole, const struct buf *items, const struct buf *envelope)
{
	autojson struct json_object *pieces = NULL;
	autojson struct json_object *rest = NULL;
	struct json_object *list = json_get(whole, "items");
	autobuf left = BUF_INIT;
	autobuf right = BUF_INIT;

	if (json_parse(items->ptr, items->len, &pieces, NULL) < 0 ||
		json_parse(envelope->ptr, envelope->len, &rest, NULL) < 0)
		abort();
	if (json_kind(list) == JSON_ARRAY) {
		json_write(&left, list);
		json_write(&right, pieces);
		if (!same_text(&left, &right))
			abort();
		json_set(whole, "items", json_new_array());
	} else if (json_len(pieces)) {
		abort();
	}
	buf_reset(&left);
	buf_reset(&right);
	json_write(&left, whole);
	json_write(&right, rest);
	if (!same_text(&left, &right))
		abort();
}

/* The whole is refused, its pieces are not: only the depth may explain it. */
static void explain(const struct error *err)
{
	if (!strstr(err->message, "nested too deeply"))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct collected once;
	struct collected cut;
	autobuf envelope = BUF_INIT;
	autobuf envelope_cut = BUF_INIT;
	autojson struct json_object *whole = NULL;
	autoerror err = ERROR_INIT;
	const char *text = (const char *)data + 1;
	bool good;

	if (size < 2)
		return 0;
	good = split(text, size - 1, 0, &once, &envelope);
	if (split(text, size - 1, 1U + data[0], &cut, &envelope_cut) != good)
		abort();
	if (good && (!same_text(&once.items, &cut.items) || !same_text(&envelope, &envelope_cut)))
		abort();
	if (json_parse(text, size - 1, &whole, &err) < 0) {
		if (good && once.checked)
			explain(&err);
	} else if (json_kind(whole) == JSON_OBJECT) {
		if (!good || !once.checked)
			abort();
		compare(whole, &once.items, &envelope);
	} else if (good) {
		abort();
	}
	buf_clear(&once.items);
	buf_clear(&cut.items);
	return 0;
}
