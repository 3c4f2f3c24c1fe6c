/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deltas whose bases are far away, in packs so large that the indexer has let go of them: more between
 * them than it keeps, and families of objects so big that they are not held all at once.
 */
#include "test.h"

#include "bundle/limits.h"
#include "git_folder.h"
#include "pack_maker.h"

#define FILLER (400 * KiB)

/* Bytes that nothing can be shared of. */
static void noise(struct buf *out, uint32_t seed, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		seed = seed * 1664525 + 1013904223;
		buf_addc(out, (char)(seed >> 24));
	}
}

struct making {
	struct buf pack;
	uint32_t count;
	struct oid names[400];
	struct buf contents[400];
	uint64_t offsets[400];
	enum object_type types[400];
};

static void making_clear(struct making *making)
{
	buf_clear(&making->pack);
	for (size_t i = 0; i < countof(making->contents); i++)
		buf_clear(&making->contents[i]);
	free(making);
}

static struct making *making_new(void)
{
	struct making *making = xcalloc(1, sizeof(*making));

	for (size_t i = 0; i < countof(making->contents); i++)
		making->contents[i] = (struct buf)BUF_INIT;
	pack_begin(&making->pack);
	return making;
}

static uint32_t add(struct making *making, uint64_t offset, enum object_type type)
{
	struct buf *content = &making->contents[making->count];

	making->offsets[making->count] = offset;
	making->types[making->count] = type;
	making->names[making->count] = object_name_of(type, content->ptr, content->len);
	return making->count++;
}

static uint32_t add_noise(struct making *making, size_t len)
{
	struct buf *content = &making->contents[making->count];

	noise(content, making->count, len);
	return add(making, pack_object(&making->pack, OBJECT_BLOB, content->ptr, content->len),
		OBJECT_BLOB);
}

static void add_fillers(struct making *making, int count)
{
	while (count--)
		add_noise(making, FILLER);
}

/* A delta on an object, that appends a text. */
static uint32_t add_delta(struct making *making, uint32_t base, bool by_name, const char *text)
{
	struct buf *content = &making->contents[making->count];
	const struct buf *below = &making->contents[base];
	autobuf delta = BUF_INIT;
	uint64_t at = making->pack.len;

	buf_add(content, below->ptr, below->len);
	buf_adds(content, text);
	delta_append(&delta, below->len, text);
	if (by_name)
		pack_ref(&making->pack, &making->names[base], &delta);
	else
		pack_ofs(&making->pack, at - making->offsets[base], &delta);
	return add(making, at, OBJECT_BLOB);
}

/* Every object is found, and reads as it was made. */
static void check(struct making *making)
{
	struct pack_bytes source;
	struct pack *pack;
	autoodb *odb = odb_new();
	autoerror err = ERROR_INIT;

	pack_finish(&making->pack, making->count);
	source = git_bytes(&making->pack);
	if (pack_index(&source, NULL, NULL, &pack, &err) < 0)
		fail_msg("%s", err.message);
	odb_add(odb, pack);
	assert_int_equal(pack_count(pack), making->count);
	for (uint32_t i = 0; i < making->count; i++) {
		enum object_type type;
		autobuf content = BUF_INIT;

		assert_int_equal(odb_read(odb, &making->names[i], &type, &content, &err), 0);
		assert_int_equal(type, making->types[i]);
		assert_int_equal(content.len, making->contents[i].len);
		assert_memory_equal(content.ptr, making->contents[i].ptr, content.len);
	}
	making_clear(making);
}

static void test_far(void **state)
{
	struct making *making = making_new();
	uint32_t base, early, middle, named;

	(void)state;
	base = add_noise(making, 1000);
	early = add_delta(making, base, false, "early");
	named = add_delta(making, base, true, "by name");
	add_fillers(making, 25);
	/* On an object that is whole, on deltas that were resolved, on one that was not. */
	middle = add_delta(making, base, false, "late");
	add_delta(making, early, false, "late on early");
	add_delta(making, named, false, "late on one by name");
	add_fillers(making, 25);
	middle = add_delta(making, middle, false, "very late");
	add_delta(making, middle, false, "the last");
	add_delta(making, middle, true, "the last by name");
	add_delta(making, base, false, "again on the first");
	check(making);
}

/* Deltas by name before their bases, among much else. */
static void test_before(void **state)
{
	struct making *making = making_new();
	struct buf *content;
	autobuf base = BUF_INIT;
	autobuf delta = BUF_INIT;
	uint64_t at = making->pack.len;
	struct oid name;

	(void)state;
	noise(&base, 77, 5000);
	name = object_name_of(OBJECT_BLOB, base.ptr, base.len);
	content = &making->contents[0];
	buf_add(content, base.ptr, base.len);
	buf_adds(content, "first");
	delta_append(&delta, base.len, "first");
	pack_ref(&making->pack, &name, &delta);
	add(making, at, OBJECT_BLOB);
	add_delta(making, 0, false, "on the first");
	add_fillers(making, 25);
	content = &making->contents[making->count];
	buf_add(content, base.ptr, base.len);
	add(making, pack_object(&making->pack, OBJECT_BLOB, base.ptr, base.len), OBJECT_BLOB);
	check(making);
}

/* A wide and deep family of 3 MB each. */
static void test_big(void **state)
{
	struct making *making = making_new();
	uint32_t level[3] = {0};

	(void)state;
	level[0] = add_noise(making, 3 * MiB);
	for (int i = 0; i < 2; i++) {
		level[1] = add_delta(making, level[0], false, i ? "a" : "b");
		for (int j = 0; j < 2; j++) {
			level[2] = add_delta(making, level[1], false, j ? "c" : "d");
			add_delta(making, level[2], false, "e");
			add_delta(making, level[2], false, "f");
		}
	}
	check(making);
}

static void test_deep_and_late(void **state)
{
	struct making *making = making_new();
	uint32_t last = add_noise(making, 3000);

	(void)state;
	for (int i = 0; i < 200; i++) {
		last = add_delta(making, last, false, "x");
		if (i % 20 == 0)
			add_fillers(making, 3);
	}
	check(making);
}

/* A tree of 1 MB, and one that differs from it. */
static void test_big_tree(void **state)
{
	struct making *making = making_new();
	autobuf delta = BUF_INIT;
	struct buf *tree;
	const struct buf *first;
	uint32_t blob = add_noise(making, 100);
	uint64_t at = making->pack.len;

	(void)state;
	tree = &making->contents[making->count];
	for (int i = 0; i < 30000; i++) {
		buf_addf(tree, "100644 file%05d", i);
		buf_addc(tree, '\0');
		buf_add(tree, making->names[blob].bytes, OID_LEN);
	}
	pack_object(&making->pack, OBJECT_TREE, tree->ptr, tree->len);
	add(making, at, OBJECT_TREE);
	first = tree;
	at = making->pack.len;
	tree = &making->contents[making->count];
	buf_add(tree, first->ptr + 37, first->len - 37);
	delta_begin(&delta, first->len, tree->len);
	delta_copy(&delta, 37, (uint32_t)tree->len);
	pack_ofs(&making->pack, at - making->offsets[making->count - 1], &delta);
	add(making, at, OBJECT_TREE);
	check(making);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_far),
		cmocka_unit_test(test_before),
		cmocka_unit_test(test_big),
		cmocka_unit_test(test_deep_and_late),
		cmocka_unit_test(test_big_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
