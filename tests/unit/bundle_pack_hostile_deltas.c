/* SPDX-License-Identifier: Apache-2.0 */
/* Packs that mean harm, or are broken: each is refused, with a reason that names it. */
#include "test.h"

#include "bundle/limits.h"
#include "git_folder.h"
#include "pack_hostile.h"

/* ---- deltas */

static void delta_on(struct buf *pack, const struct buf *delta)
{
	uint64_t base = pack_text(pack, OBJECT_BLOB, "base");

	pack_ofs(pack, pack->len - base, delta);
	pack_finish(pack, 2);
}

static void back_before_start(struct buf *pack)
{
	autobuf delta = BUF_INIT;

	delta_append(&delta, 4, "x");
	pack_text(pack, OBJECT_BLOB, "base");
	pack_ofs(pack, 1000, &delta);
	pack_finish(pack, 2);
}

static void back_far_before(struct buf *pack)
{
	autobuf delta = BUF_INIT;

	delta_append(&delta, 4, "x");
	pack_text(pack, OBJECT_BLOB, "base");
	pack_ofs(pack, 1ULL << 55, &delta);
	pack_finish(pack, 2);
}

static void back_to_itself(struct buf *pack)
{
	autobuf delta = BUF_INIT;

	delta_append(&delta, 4, "x");
	pack_ofs(pack, 0, &delta);
	pack_finish(pack, 1);
}

static void back_into_the_middle(struct buf *pack)
{
	autobuf delta = BUF_INIT;
	uint64_t base = pack_text(pack, OBJECT_BLOB, "base");

	delta_append(&delta, 4, "x");
	pack_ofs(pack, pack->len - base - 1, &delta);
	pack_finish(pack, 2);
}

static void base_not_there(struct buf *pack)
{
	autobuf delta = BUF_INIT;
	struct oid none = object_name_of(OBJECT_BLOB, "nobody", 6);

	delta_append(&delta, 6, "x");
	pack_ref(pack, &none, &delta);
	pack_finish(pack, 1);
}

/* Names cannot be made to fit, so a cycle is two deltas whose bases are each other's place. */
static void base_is_itself(struct buf *pack)
{
	autobuf delta = BUF_INIT;
	struct oid a = object_name_of(OBJECT_BLOB, "a", 1);
	struct oid b = object_name_of(OBJECT_BLOB, "b", 1);

	delta_append(&delta, 1, "x");
	pack_ref(pack, &a, &delta);
	pack_ref(pack, &b, &delta);
	pack_finish(pack, 2);
}

static void wrong_base_size(struct buf *pack)
{
	autobuf delta = BUF_INIT;

	delta_append(&delta, 5, "x");
	delta_on(pack, &delta);
}

static void copies_too_much(struct buf *pack)
{
	autobuf delta = BUF_INIT;

	delta_begin(&delta, 4, 5);
	delta_copy(&delta, 0, 5);
	delta_on(pack, &delta);
}

static void copies_from_beyond(struct buf *pack)
{
	autobuf delta = BUF_INIT;

	delta_begin(&delta, 4, 4);
	delta_copy(&delta, UINT32_MAX, 4);
	delta_on(pack, &delta);
}

static void makes_too_much(struct buf *pack)
{
	autobuf delta = BUF_INIT;

	delta_begin(&delta, 4, 3);
	delta_copy(&delta, 0, 4);
	delta_on(pack, &delta);
}

static void makes_too_little(struct buf *pack)
{
	autobuf delta = BUF_INIT;

	delta_begin(&delta, 4, 5);
	delta_copy(&delta, 0, 4);
	delta_on(pack, &delta);
}

static void delta_cut(struct buf *pack)
{
	autobuf delta = BUF_INIT;

	delta_begin(&delta, 4, 9);
	buf_adds(&delta, "\x09"
			 "abc");
	delta_on(pack, &delta);
}

static void delta_reserved(struct buf *pack)
{
	autobuf delta = BUF_INIT;

	delta_begin(&delta, 4, 4);
	buf_addc(&delta, '\0');
	delta_on(pack, &delta);
}

static void delta_empty(struct buf *pack)
{
	autobuf delta = BUF_INIT;

	delta_on(pack, &delta);
}

static void delta_bomb(struct buf *pack)
{
	autobuf delta = BUF_INIT;

	delta_begin(&delta, 4, LIMIT_OBJECT_HELD + 1);
	delta_copy(&delta, 0, 4);
	delta_on(pack, &delta);
}

static void delta_announces_all(struct buf *pack)
{
	pack_text(pack, OBJECT_BLOB, "base");
	pack_header(pack, RAW_OFS_DELTA, LIMIT_OBJECT_HELD + 1);
	pack_back(pack, 5);
	pack_data(pack, "abc", 3);
	pack_finish(pack, 2);
}

static void deep(struct buf *pack, int depth)
{
	autobuf delta = BUF_INIT;
	size_t len = 4;
	uint64_t last = pack_text(pack, OBJECT_BLOB, "base");

	for (int i = 0; i < depth; i++) {
		uint64_t at = pack->len;

		delta_append(&delta, len++, "x");
		last = pack_ofs(pack, at - last, &delta);
	}
	pack_finish(pack, (uint32_t)depth + 1);
}

static void deep_enough(struct buf *pack)
{
	deep(pack, LIMIT_PACK_DELTAS);
}

static void too_deep(struct buf *pack)
{
	deep(pack, LIMIT_PACK_DELTAS + 1);
}

static void test_rows(void **state)
{
	/* clang-format off */
	static const struct hostile_row rows[] = {
		{back_before_start, "a delta on what is no object"},
		{back_far_before, "a delta on what is no object"},
		{back_to_itself, "a delta on what is no object"},
		{back_into_the_middle, "a delta on what is no object"},
		{base_not_there, "the delta's base"},
		{base_is_itself, "the delta's base"},
		{wrong_base_size, "does not fit its base"},
		{copies_too_much, "does not fit its base"},
		{copies_from_beyond, "does not fit its base"},
		{makes_too_much, "does not fit its base"},
		{makes_too_little, "does not fit its base"},
		{delta_cut, "does not fit its base"},
		{delta_reserved, "does not fit its base"},
		{delta_empty, "a delta of no good sizes"},
		{delta_bomb, "a delta of no good sizes"},
		{delta_announces_all, "a delta of more than"},
		{deep_enough, NULL},
		{too_deep, "more than 4096 deltas on each other"},
	};
	/* clang-format on */

	(void)state;
	hostile_rows(rows, countof(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
