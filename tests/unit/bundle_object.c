/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "bundle/object_check.h"

#define A "00112233445566778899aabbccddeeff00112233"
#define B "ffeeddccbbaa99887766554433221100ffeeddcc"
#define TREE "tree " A "\n"
#define PARENT "parent " B "\n"
#define AUTHOR "author Ada Byron <ada@example.com> 1600000000 +0100\n"
#define COMMITTER "committer Ada <ada@example.com> 1600000001 +0100\n"

static void test_commit(void **state)
{
	/* clang-format off */
	static const struct {
		const char *text;
		const char *says; /* NULL: it is good */
		size_t parents;
		const char *author, *email, *subject;
		int64_t time;
	} rows[] = {
		{TREE AUTHOR COMMITTER "\nSubject\n\nBody\n", NULL, 0, "Ada Byron", "ada@example.com", "Subject", 1600000001},
		{TREE PARENT PARENT AUTHOR COMMITTER "\nSubject", NULL, 2, "Ada Byron", "ada@example.com", "Subject", 1600000001},
		{TREE AUTHOR COMMITTER, NULL, 0, "Ada Byron", "ada@example.com", "", 1600000001},
		{TREE AUTHOR COMMITTER "\n", NULL, 0, "Ada Byron", "ada@example.com", "", 1600000001},
		{TREE AUTHOR COMMITTER "\n\n\n  late\n", NULL, 0, "Ada Byron", "ada@example.com", "  late", 1600000001},
		{TREE AUTHOR COMMITTER "gpgsig -----BEGIN\n \n -----END\n\nSigned\n", NULL, 0, "Ada Byron", "ada@example.com", "Signed", 1600000001},
		{TREE "author <> 1 +0000\ncommitter x 2\n\ns\n", NULL, 0, "", "", "s", 0},
		{TREE "author no mail\ncommitter a <b> junk\n\ns\n", NULL, 0, "no mail", "", "s", 0},
		{TREE "author a <b\ncommitter a <b> 99999999999999999999 +0000\n\ns\n", NULL, 0, "a", "", "s", 0},
		{TREE "author a <b> 1\ncommitter a <b> -5 +0000\n\ns\n", NULL, 0, "a", "b", "s", 0},
		{TREE "author a <b> 1\ncommitter a <b> 7 +051800\n\ns\n", NULL, 0, "a", "b", "s", 7},
		{"", "no good tree", 0, NULL, NULL, NULL, 0},
		{"tree " A, "no good tree", 0, NULL, NULL, NULL, 0},
		{"tree  " A "\n", "no good tree", 0, NULL, NULL, NULL, 0},
		{"tree 0011\n" AUTHOR COMMITTER, "no good tree", 0, NULL, NULL, NULL, 0},
		{"tree " A "00\n" AUTHOR COMMITTER, "no good tree", 0, NULL, NULL, NULL, 0},
		{PARENT TREE AUTHOR COMMITTER, "no good tree", 0, NULL, NULL, NULL, 0},
		{TREE "parent x\n" AUTHOR COMMITTER, "no good parent or author", 0, NULL, NULL, NULL, 0},
		{TREE PARENT "parent x\n" AUTHOR COMMITTER, "no good author", 0, NULL, NULL, NULL, 0},
		{TREE COMMITTER AUTHOR "\n", "no good parent or author", 0, NULL, NULL, NULL, 0},
		{TREE AUTHOR "\n", "no good committer", 0, NULL, NULL, NULL, 0},
		{TREE AUTHOR "committer a <b> 1", "no good committer", 0, NULL, NULL, NULL, 0},
		{TREE AUTHOR COMMITTER "encoding x", "no good header", 0, NULL, NULL, NULL, 0},
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct commit commit;
		autoerror err = ERROR_INIT;
		int result = commit_parse(rows[i].text, strlen(rows[i].text), &commit, &err);

		if (result != (rows[i].says ? -1 : 0))
			fail_msg("row %zu is %s", i, result ? err.message : "taken");
		if (rows[i].says) {
			if (!strstr(err.message, rows[i].says))
				fail_msg("row %zu says %s", i, err.message);
		} else {
			assert_int_equal(commit.parent_count, rows[i].parents);
			assert_string_equal(commit.author, rows[i].author);
			assert_string_equal(commit.email, rows[i].email);
			assert_string_equal(commit.subject, rows[i].subject);
			assert_int_equal(commit.time, rows[i].time);
		}
		commit_clear(&commit);
	}
}

static void test_commit_nul(void **state)
{
	static const char text[] = TREE "author A\0B <ada@example.com> 1 +0000\n" COMMITTER "\nx\n";
	static const char header[] = TREE AUTHOR COMMITTER "odd \0line\n\nx\n";
	static const char subject[] = TREE AUTHOR COMMITTER "\nfirst\0second\n";
	struct commit commit;
	autoerror err = ERROR_INIT;

	(void)state;
	assert_int_equal(commit_parse(text, sizeof(text) - 1, &commit, &err), -1);
	assert_int_equal(commit_parse(header, sizeof(header) - 1, &commit, &err), -1);
	assert_int_equal(commit_parse(subject, sizeof(subject) - 1, &commit, &err), 0);
	assert_string_equal(commit.subject, "first");
	commit_clear(&commit);
}

static void test_tag(void **state)
{
	static const struct {
		const char *text, *says;
		enum object_type type;
	} rows[] = {
		{"object " A "\ntype commit\ntag v1\ntagger a <b> 1 +0000\n\nx\n", NULL,
			OBJECT_COMMIT},
		{"object " A "\ntype tree\ntag v1\n\nx\n", NULL, OBJECT_TREE},
		{"object " A "\ntype blob\ntag v1\n", NULL, OBJECT_BLOB},
		{"object " A "\ntype tag\ntag v1\n\n", NULL, OBJECT_TAG},
		{"", "no good object", OBJECT_NONE},
		{"object x\ntype commit\ntag v1\n", "no good object", OBJECT_NONE},
		{"object " A "\ntype none\ntag v1\n", "no good type", OBJECT_NONE},
		{"object " A "\ntype commits\ntag v1\n", "no good type", OBJECT_NONE},
		{"object " A "\ntag v1\n", "no good type", OBJECT_NONE},
		{"object " A "\ntype commit\n\n", "no good header", OBJECT_NONE},
		{"object " A "\ntype commit\ntag v1\ntagger", "no good header", OBJECT_NONE},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct oid target;
		enum object_type type;
		autoerror err = ERROR_INIT;
		int result = tag_parse(rows[i].text, strlen(rows[i].text), &target, &type, &err);

		assert_int_equal(result, rows[i].says ? -1 : 0);
		if (rows[i].says)
			assert_non_null(strstr(err.message, rows[i].says));
		else
			assert_int_equal(type, rows[i].type);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commit),
		cmocka_unit_test(test_commit_nul),
		cmocka_unit_test(test_tag),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
