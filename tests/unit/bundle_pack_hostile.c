/* SPDX-License-Identifier: Apache-2.0 */
/* Packs that mean harm, or are broken: each is refused, with a reason that names it. */
#include "test.h"

#include "bundle/limits.h"
#include "git_folder.h"
#include "pack_hostile.h"

/* ---- one wrong thing each */

static void good(struct buf *pack)
{
	autobuf delta = BUF_INIT;
	uint64_t base = pack_text(pack, OBJECT_BLOB, "base");
	uint64_t at = pack->len;
	struct oid name = object_name_of(OBJECT_BLOB, "base", 4);

	delta_append(&delta, 4, " and more");
	pack_ofs(pack, at - base, &delta);
	delta_append(&delta, 4, " by name");
	pack_ref(pack, &name, &delta);
	pack_finish(pack, 3);
}

static void wrong_signature(struct buf *pack)
{
	good(pack);
	pack->ptr[0] = 'B';
}

static void wrong_version(struct buf *pack)
{
	pack->ptr[7] = 4;
	pack_finish(pack, 0);
}

static void wrong_trailer(struct buf *pack)
{
	good(pack);
	pack->ptr[pack->len - 1] ^= 1;
}

static void garbage_behind(struct buf *pack)
{
	good(pack);
	buf_addc(pack, 'x');
}

static void too_many_announced(struct buf *pack)
{
	pack_text(pack, OBJECT_BLOB, "one");
	pack_finish(pack, 2);
}

static void too_few_announced(struct buf *pack)
{
	pack_text(pack, OBJECT_BLOB, "one");
	pack_text(pack, OBJECT_BLOB, "two");
	pack_finish(pack, 1);
}

static void huge_count(struct buf *pack)
{
	pack_finish(pack, UINT32_MAX);
}

static void cut_short(struct buf *pack)
{
	good(pack);
	buf_truncate(pack, pack->len / 2);
}

static void no_bytes(struct buf *pack)
{
	buf_reset(pack);
}

static void unknown_type(struct buf *pack)
{
	pack_header(pack, 5, 3);
	pack_data(pack, "abcdefghijklmnopqrstuvwxyz", 26);
	pack_finish(pack, 1);
}

static void type_zero(struct buf *pack)
{
	pack_header(pack, 0, 3);
	pack_data(pack, "abcdefghijklmnopqrstuvwxyz", 26);
	pack_finish(pack, 1);
}

static void endless_size(struct buf *pack)
{
	buf_addc(pack, (char)0xbf);
	buf_fill(pack, (char)0xff, 30);
	pack_finish(pack, 1);
}

static void bomb_blob(struct buf *pack)
{
	pack_header(pack, OBJECT_BLOB, LIMIT_OBJECT + 1);
	pack_data(pack, "abc", 3);
	pack_finish(pack, 1);
}

static void bomb_tree(struct buf *pack)
{
	pack_header(pack, OBJECT_TREE, LIMIT_OBJECT_HELD + 1);
	pack_data(pack, "abc", 3);
	pack_finish(pack, 1);
}

static void more_than_announced(struct buf *pack)
{
	pack_header(pack, OBJECT_BLOB, 2);
	pack_data(pack, "abc", 3);
	pack_finish(pack, 1);
}

static void less_than_announced(struct buf *pack)
{
	pack_header(pack, OBJECT_BLOB, 4);
	pack_data(pack, "abc", 3);
	pack_finish(pack, 1);
}

static void broken_deflate(struct buf *pack)
{
	pack_header(pack, OBJECT_BLOB, 4);
	buf_adds(pack, "this is not deflated, it is a text");
	pack_finish(pack, 1);
}

static void twice(struct buf *pack)
{
	pack_text(pack, OBJECT_BLOB, "same");
	pack_text(pack, OBJECT_BLOB, "same");
	pack_finish(pack, 2);
}

static void twice_by_delta(struct buf *pack)
{
	autobuf delta = BUF_INIT;
	uint64_t base = pack_text(pack, OBJECT_BLOB, "sam");

	pack_text(pack, OBJECT_BLOB, "same");
	delta_append(&delta, 3, "e");
	pack_ofs(pack, pack->len - base, &delta);
	pack_finish(pack, 3);
}

/* ---- what objects name */

static void entry(struct buf *tree, const char *mode_and_name, const struct oid *oid)
{
	buf_adds(tree, mode_and_name);
	buf_addc(tree, '\0');
	buf_add(tree, oid->bytes, OID_LEN);
}

static void tree_names_nothing(struct buf *pack)
{
	struct oid none = object_name_of(OBJECT_BLOB, "nobody", 6);
	autobuf tree = BUF_INIT;

	entry(&tree, "100644 a", &none);
	pack_object(pack, OBJECT_TREE, tree.ptr, tree.len);
	pack_finish(pack, 1);
}

static void tree_names_blob_as_tree(struct buf *pack)
{
	struct oid blob = object_name_of(OBJECT_BLOB, "blob", 4);
	autobuf tree = BUF_INIT;

	entry(&tree, "40000 a", &blob);
	pack_object(pack, OBJECT_TREE, tree.ptr, tree.len);
	pack_text(pack, OBJECT_BLOB, "blob");
	pack_finish(pack, 2);
}

static void tree_behind_its_blob(struct buf *pack)
{
	struct oid blob = object_name_of(OBJECT_BLOB, "blob", 4);
	autobuf tree = BUF_INIT;

	entry(&tree, "40000 a", &blob);
	pack_text(pack, OBJECT_BLOB, "blob");
	pack_object(pack, OBJECT_TREE, tree.ptr, tree.len);
	pack_finish(pack, 2);
}

static void tree_with_git(struct buf *pack)
{
	struct oid blob = object_name_of(OBJECT_BLOB, "blob", 4);
	autobuf tree = BUF_INIT;

	entry(&tree, "100644 .GIT", &blob);
	pack_text(pack, OBJECT_BLOB, "blob");
	pack_object(pack, OBJECT_TREE, tree.ptr, tree.len);
	pack_finish(pack, 2);
}

static void gitlink_to_elsewhere(struct buf *pack)
{
	struct oid none = object_name_of(OBJECT_COMMIT, "nobody", 6);
	autobuf tree = BUF_INIT;

	entry(&tree, "160000 a", &none);
	pack_object(pack, OBJECT_TREE, tree.ptr, tree.len);
	pack_finish(pack, 1);
}

static void commit_without_tree(struct buf *pack)
{
	pack_text(pack, OBJECT_COMMIT, "author a <b> 1 +0000\ncommitter a <b> 1 +0000\n\nx\n");
	pack_finish(pack, 1);
}

static void empty_commit(struct buf *pack)
{
	pack_text(pack, OBJECT_COMMIT, "");
	pack_finish(pack, 1);
}

static void test_rows(void **state)
{
	/* clang-format off */
	static const struct hostile_row rows[] = {
		{good, NULL},
		{wrong_signature, "no pack of version 2"},
		{wrong_version, "no pack of version 2"},
		{wrong_trailer, "do not match its SHA-1"},
		{garbage_behind, "bytes behind the pack's end"},
		{too_many_announced, "object at offset 24"},
		{too_few_announced, "do not match its SHA-1"},
		{huge_count, "a pack of 4294967295 objects"},
		{cut_short, "ends too early"},
		{no_bytes, "ends too early"},
		{unknown_type, "object at offset 12: a header that means nothing"},
		{type_zero, "object at offset 12: a header that means nothing"},
		{endless_size, "object at offset 12: a header that means nothing"},
		{bomb_blob, "a blob of 2147483649 bytes"},
		{bomb_tree, "a tree of 536870913 bytes"},
		{more_than_announced, "more than it announces"},
		{less_than_announced, "less than it announces"},
		{broken_deflate, "the compressed data are damaged"},
		{twice, "is there twice"},
		{twice_by_delta, "is there twice"},
		{tree_names_nothing, "is named but is not there"},
		{tree_names_blob_as_tree, "is a blob, but something names it as a tree"},
		{tree_behind_its_blob, "is a blob, but something names it as a tree"},
		{tree_with_git, "a name that could leave its folder"},
		{gitlink_to_elsewhere, NULL},
		{commit_without_tree, "a commit has no good tree"},
		{empty_commit, "a commit has no good tree"},
	};
	/* clang-format on */

	(void)state;
	hostile_rows(rows, countof(rows));
}

/* Whatever bit is turned, the pack is refused, and nothing breaks. */
static void test_every_bit(void **state)
{
	autobuf pack = BUF_INIT;

	(void)state;
	pack_begin(&pack);
	good(&pack);
	for (size_t i = 0; i < 8 * pack.len; i++) {
		autoerror err = ERROR_INIT;

		pack.ptr[i / 8] ^= (char)(1 << i % 8);
		assert_int_equal(index_bytes(&pack, &err), -1);
		pack.ptr[i / 8] ^= (char)(1 << i % 8);
	}
}

/* Gigabytes out of a few bytes: what objects announce is counted before they are made. */
static void test_ratio(void **state)
{
	static const struct {
		uint64_t content;
		size_t pack;
		int result;
	} rows[] = {
		{LIMIT_PACK_CONTENT, 100, 0},
		{LIMIT_PACK_CONTENT + 1, 100, -1},
		{LIMIT_PACK_CONTENT + 1, LIMIT_PACK_CONTENT / LIMIT_PACK_RATIO + 1, 0},
		{10 * LIMIT_PACK_CONTENT, LIMIT_PACK_CONTENT / LIMIT_PACK_RATIO, -1},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autobuf bytes = BUF_INIT;
		struct pack_bytes source = git_bytes(&bytes);
		struct pack_indexer *indexer;
		autoerror err = ERROR_INIT;

		buf_fill(&bytes, 0, rows[i].pack);
		indexer = pack_indexer_new(&source, NULL);
		assert_in_range(pack_indexer_feed(indexer, rows[i].pack, NULL) + 1, 0, 1);
		assert_int_equal(
			pack_indexer_count(indexer, rows[i].content, &err), rows[i].result);
		pack_indexer_free(indexer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_every_bit),
		cmocka_unit_test(test_ratio),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
