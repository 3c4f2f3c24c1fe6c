/* SPDX-License-Identifier: Apache-2.0 */
/* Trees and histories, against what git says of them. */
#include "git_folder.h"

#include "bundle/object.h"

static struct odb *odb; /* of the whole repository */

/* ---- trees */

static int list_entry(
	void *ctx, const char *path, const struct tree_entry *entry, struct error *err)
{
	struct buf *out = ctx;
	char hex[OID_HEX_LEN + 1];

	(void)err;
	oid_hex(&entry->oid, hex);
	buf_addf(out, "%06o %s\t%s\n", entry->mode, hex, path);
	return 0;
}

static void test_walk(void **state)
{
	static const char *const revisions[] = {"main", "main~115", "main~117", "main~110"};

	(void)state;
	for (size_t i = 0; i < countof(revisions); i++) {
		autofree char *tree = xasprintf("%s^{tree}", revisions[i]);
		struct oid oid = git_oid("full", tree);
		autobuf ours = BUF_INIT;
		autobuf theirs = BUF_INIT;
		autoerror err = ERROR_INIT;

		assert_int_equal(tree_walk(odb, &oid, list_entry, &ours, &err), 0);
		git_shell(&theirs,
			"git -C full -c core.quotePath=false ls-tree -r %s | sed 's/ [a-z]* / /'",
			revisions[i]);
		assert_string_equal(ours.ptr, theirs.ptr);
	}
}

static int list_difference(void *ctx, const char *path, const struct tree_entry *before,
	const struct tree_entry *after, struct error *err)
{
	static const struct oid none;
	struct buf *out = ctx;
	char old[OID_HEX_LEN + 1];
	char new[OID_HEX_LEN + 1];

	(void)err;
	oid_hex(before ? &before->oid : &none, old);
	oid_hex(after ? &after->oid : &none, new);
	buf_addf(out, ":%06o %06o %s %s\t%s\n", before ? before->mode : 0, after ? after->mode : 0,
		old, new, path);
	return 0;
}

/* git may tell a file that becomes a folder in another order, or as a change of type. */
static void sort_lines(struct buf *text)
{
	git_write("unsorted", text);
	git_shell(text, "sort unsorted");
}

static void test_diff(void **state)
{
	static const struct {
		const char *before, *after;
	} rows[] = {
		{"main~1", "main"},
		{"main~50", "main"},
		{"main~118", "main~112"},
		{"main~119", "main"},
		{"main", "main~119"},
		{"main", "main"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autofree char *before_tree = xasprintf("%s^{tree}", rows[i].before);
		autofree char *after_tree = xasprintf("%s^{tree}", rows[i].after);
		struct oid before = git_oid("full", before_tree);
		struct oid after = git_oid("full", after_tree);
		autobuf ours = BUF_INIT;
		autobuf theirs = BUF_INIT;
		autoerror err = ERROR_INIT;

		assert_int_equal(tree_diff(odb, &before, &after, list_difference, &ours, &err), 0);
		git_shell(&theirs,
			"git -C full -c core.quotePath=false diff-tree -r --no-renames %s %s | "
			"sed 's/ [A-Z]\\t/\\t/'",
			rows[i].before, rows[i].after);
		sort_lines(&ours);
		sort_lines(&theirs);
		assert_string_equal(ours.ptr, theirs.ptr);
	}
}

static void test_diff_with_nothing(void **state)
{
	struct oid tree = git_oid("full", "main^{tree}");
	autobuf added = BUF_INIT;
	autobuf removed = BUF_INIT;
	autobuf files = BUF_INIT;
	autoerror err = ERROR_INIT;

	(void)state;
	assert_int_equal(tree_diff(odb, NULL, &tree, list_difference, &added, &err), 0);
	assert_int_equal(tree_diff(odb, &tree, NULL, list_difference, &removed, &err), 0);
	assert_int_equal(tree_walk(odb, &tree, list_entry, &files, &err), 0);
	assert_int_equal(added.len, removed.len);
	assert_string_not_equal(added.ptr, removed.ptr);
	assert_true(files.len > 0);
}

/* ---- commits */

static int list_commit(
	void *ctx, const struct oid *oid, const struct commit *commit, struct error *err)
{
	struct buf *out = ctx;
	char hex[OID_HEX_LEN + 1];

	(void)err;
	oid_hex(oid, hex);
	buf_addf(out, "%s|%s|%s|%lld|%s\n", hex, commit->author, commit->email,
		(long long)commit->time, commit->subject);
	return 0;
}

static void test_history(void **state)
{
	static const struct {
		const char *from, *to;
		size_t limit;
		bool more;
	} rows[] = {
		{NULL, "main", 1000, false},
		{NULL, "main", 10, true},
		{"main~5", "main", 1000, false},
		{"main~5", "main", 2, true},
		{"main~2", "main", 2, false},
		{"main~37", "main~3", 1000, false},
		{"main", "main~3", 1000, false},
		{"main", "main", 1000, false},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct oid to = git_oid("full", rows[i].to);
		struct oid from = git_oid("full", rows[i].from ? rows[i].from : "main");
		autobuf ours = BUF_INIT;
		autobuf theirs = BUF_INIT;
		bool more = !rows[i].more;
		struct commit_range range = {rows[i].from ? &from : NULL, &to, rows[i].limit};
		autoerror err = ERROR_INIT;

		assert_int_equal(commit_walk(odb, &range, list_commit, &ours, &more, &err), 0);
		git_shell(&theirs,
			"git -C full log --format='%%H|%%an|%%ae|%%ct|%%s' -n %zu %s%s %s",
			rows[i].limit, rows[i].from ? "^" : "", rows[i].from ? rows[i].from : "",
			rows[i].to);
		assert_string_equal(ours.ptr, theirs.ptr);
		assert_int_equal(more, rows[i].more);
	}
}

static void test_peel(void **state)
{
	static const char *const names[] = {"main", "v1", "v2", "light"};
	struct oid tree = git_oid("full", "main^{tree}");
	struct oid none = {{0}};
	struct oid commit;
	autoerror err = ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < countof(names); i++) {
		autofree char *peeled = xasprintf("%s^{commit}", names[i]);
		struct oid oid = git_oid("full", names[i]);
		struct oid wanted = git_oid("full", peeled);

		assert_int_equal(odb_peel(odb, &oid, &commit, &err), 0);
		assert_true(oid_equal(&commit, &wanted));
	}
	assert_int_equal(odb_peel(odb, &tree, &commit, &err), -1);
	assert_int_equal(err.kind, ERROR_DAMAGED);
	assert_int_equal(odb_peel(odb, &none, &commit, &err), -1);
	assert_int_equal(err.kind, ERROR_NOT_FOUND);
}

static void test_wrong_type(void **state)
{
	struct oid commit = git_oid("full", "main");
	struct oid tree = git_oid("full", "main^{tree}");
	struct commit parsed;
	autobuf out = BUF_INIT;
	autoerror err = ERROR_INIT;

	(void)state;
	assert_int_equal(tree_walk(odb, &commit, list_entry, &out, &err), -1);
	assert_non_null(strstr(err.message, "is a commit, not a tree"));
	assert_int_equal(odb_commit(odb, &tree, &parsed, &err), -1);
	assert_non_null(strstr(err.message, "is a tree, not a commit"));
}

static struct buf whole = BUF_INIT;

static int set_up(void **state)
{
	struct pack_bytes source;
	struct pack *pack;

	if (git_folder_set_up(state) < 0)
		return -1;
	git_make("full", 120);
	git_shell(&whole, "git -C full pack-objects -q --stdout --revs --all </dev/null");
	source = git_bytes(&whole);
	odb = odb_new();
	if (pack_index(&source, NULL, NULL, &pack, NULL) < 0)
		return -1;
	odb_add(odb, pack);
	return 0;
}

static int tear_down(void **state)
{
	odb_free(odb);
	buf_clear(&whole);
	return git_folder_tear_down(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_diff),
		cmocka_unit_test(test_diff_with_nothing),
		cmocka_unit_test(test_history),
		cmocka_unit_test(test_peel),
		cmocka_unit_test(test_wrong_type),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
