/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "bundle/object_check.h"
#include "bundle/oid_map.h"

#define MAX_ENTRIES 6

/* Entries "MODE NAME", each followed by an oid of its index and 1. */
static void make_tree(const char *const *entries, struct buf *out)
{
	for (size_t i = 0; i < MAX_ENTRIES && entries[i]; i++) {
		buf_adds(out, entries[i]);
		buf_addc(out, '\0');
		buf_fill(out, (char)(i + 1), OID_LEN);
	}
}

static int count_names(void *ctx, const struct oid *oid, enum object_type type, struct error *err)
{
	size_t *counts = ctx;

	(void)err;
	assert_false(oid_is_zero(oid));
	counts[type]++;
	return 0;
}

static void test_check(void **state)
{
	/* clang-format off */
	static const struct {
		const char *entries[MAX_ENTRIES];
		const char *says; /* NULL: it is good */
		size_t blobs, trees;
	} rows[] = {
		{{NULL}, NULL, 0, 0},
		{{"100644 a", "100755 b", "120000 c", "40000 d", "160000 e"}, NULL, 3, 1},
		{{"040000 a", "100664 b", "100600 c"}, NULL, 2, 1},
		{{"100644 a.b", "40000 a", "100644 a0"}, NULL, 2, 1},
		{{"100644 a-", "40000 a", "100644 a0"}, NULL, 2, 1},
		{{"100644 a", "100644 a.b", "100644 a0"}, NULL, 3, 0},
		{{"100644 b", "100644 a"}, "an entry out of order", 0, 0},
		{{"40000 a", "100644 a.b"}, "an entry out of order", 0, 0},
		{{"100644 a", "100644 a"}, "a name twice", 0, 0},
		{{"40000 a", "40000 a"}, "a name twice", 0, 0},
		{{"100644 a", "40000 a"}, "a name twice", 0, 0},
		{{"100644 a", "100644 a-", "100644 a.b", "40000 a"}, "a name twice", 0, 0},
		{{"160000 a", "100644 a-", "40000 a"}, "a name twice", 0, 0},
		{{"100644 a", "100644 a!", "40000 a-", "40000 a"}, "a name twice", 0, 0},
		{{"100644 a", "100644 b", "40000 b.c"}, NULL, 2, 1},
		{{"100644 .git"}, "a name that could leave its folder", 0, 0},
		{{"40000 .."}, "a name that could leave its folder", 0, 0},
		{{"100644 "}, "a name that could leave its folder", 0, 0},
		{{"100644 a/b"}, "a name that could leave its folder", 0, 0},
		{{"100644"}, "a mode that there is not", 0, 0},
		{{" a"}, "a mode that there is not", 0, 0},
		{{"100648 a"}, "a mode that there is not", 0, 0},
		{{"0 a"}, "a mode that there is not", 0, 0},
		{{"60000 a"}, "a mode that there is not", 0, 0},
		{{"40755 a"}, "a mode that there is not", 0, 0},
		{{"00100644 a"}, "a mode that there is not", 0, 0},
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autobuf tree = BUF_INIT;
		size_t counts[OBJECT_TAG + 1] = {0};
		autoerror err = ERROR_INIT;
		int result;

		make_tree(rows[i].entries, &tree);
		result = tree_check(tree.ptr, tree.len, count_names, counts, &err);
		if (rows[i].says && (result == 0 || !strstr(err.message, rows[i].says)))
			fail_msg("row %zu says %s", i, result ? err.message : "nothing");
		if (rows[i].says)
			continue;
		assert_int_equal(result, 0);
		assert_int_equal(counts[OBJECT_BLOB], rows[i].blobs);
		assert_int_equal(counts[OBJECT_TREE], rows[i].trees);
	}
}

/* Cut anywhere but between entries it is refused. */
static void test_cut(void **state)
{
	static const char *const entries[MAX_ENTRIES] = {"100644 a", "40000 bc"};
	autobuf tree = BUF_INIT;

	(void)state;
	make_tree(entries, &tree);
	for (size_t len = 0; len <= tree.len; len++) {
		size_t counts[OBJECT_TAG + 1] = {0};
		bool whole = len == 0 || len == 9 + OID_LEN || len == tree.len;

		assert_int_equal(
			tree_check(tree.ptr, len, count_names, counts, NULL), whole ? 0 : -1);
	}
}

static void test_next(void **state)
{
	static const char *const entries[MAX_ENTRIES] = {"100600 a", "040000 bc"};
	autobuf tree = BUF_INIT;
	struct tree_entry entry;
	size_t at = 0;

	(void)state;
	make_tree(entries, &tree);
	assert_int_equal(tree_next(tree.ptr, tree.len, &at, &entry, NULL), 1);
	assert_int_equal(entry.mode, MODE_FILE);
	assert_string_equal(entry.name, "a");
	assert_int_equal(entry.oid.bytes[19], 1);
	assert_int_equal(tree_next(tree.ptr, tree.len, &at, &entry, NULL), 1);
	assert_int_equal(entry.mode, MODE_TREE);
	assert_string_equal(entry.name, "bc");
	assert_int_equal(tree_next(tree.ptr, tree.len, &at, &entry, NULL), 0);
}

static void test_no_object(void **state)
{
	static const char tree[] = "100644 a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
	size_t counts[OBJECT_TAG + 1] = {0};
	autoerror err = ERROR_INIT;

	(void)state;
	assert_int_equal(tree_check(tree, sizeof(tree) - 1, count_names, counts, &err), -1);
	assert_string_equal(err.message, "a tree has an entry without an object at byte 0");
}

/* ---- trees that differ little */

static int note_name(void *ctx, const struct oid *oid, enum object_type type, struct error *err)
{
	(void)err;
	*oid_map_put(ctx, oid) |= 1U << type;
	return 0;
}

/* Names that sort closely, so that files and trees of one name meet. */
static void random_tree(uint32_t *seed, struct buf *out)
{
	static const char *const names[] = {
		"a", "a!", "a-", "a-b", "a.b", "a.b-", "a0", "ab", "b", "b.c", "b0", "c"};
	static const char *const modes[] = {"100644", "40000", "160000", "40000"};

	for (size_t i = 0; i < countof(names); i++) {
		*seed = *seed * 1664525 + 1013904223;
		if (*seed >> 30 == 0)
			continue;
		buf_addf(out, "%s %s", modes[*seed >> 28 & 3], names[*seed >> 20 & 31 ? i : i / 2]);
		buf_addc(out, '\0');
		buf_fill(out, (char)(1 + (*seed >> 16 & 3)), OID_LEN);
	}
}

/* What is found good by its differences is good as a whole, and no name is missed. */
static void test_changes(void **state)
{
	uint32_t seed = 1;
	int compared[2] = {0};

	(void)state;
	for (int i = 0; i < 20000; i++) {
		autobuf first = BUF_INIT;
		autobuf second = BUF_INIT;
		CLEANUP(oid_map_clear) struct oid_map told = {0};
		CLEANUP(oid_map_clear) struct oid_map whole = {0};
		struct tree_known known;
		bool good;

		random_tree(&seed, &first);
		random_tree(&seed, &second);
		known = (struct tree_known){first.ptr, first.len};
		if (tree_check(first.ptr, first.len, note_name, &told, NULL) < 0)
			continue;
		good = tree_check(second.ptr, second.len, note_name, &whole, NULL) == 0;
		assert_int_equal(
			tree_check_changes(second.ptr, second.len, &known, note_name, &told, NULL),
			good ? 0 : -1);
		for (size_t j = 0; good && j < whole.cap; j++)
			if (whole.slots[j].value)
				assert_int_equal(whole.slots[j].value &
							 ~oid_map_get(&told, &whole.slots[j].oid),
					0);
		compared[good]++;
	}
	assert_true(compared[false] > 100 && compared[true] > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_no_object),
		cmocka_unit_test(test_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
