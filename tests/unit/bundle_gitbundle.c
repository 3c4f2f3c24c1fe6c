/* SPDX-License-Identifier: Apache-2.0 */
#include "git_folder.h"

#include "bundle/gitbundle.h"

#define OID_A "00112233445566778899aabbccddeeff00112233"
#define OID_B "ffeeddccbbaa99887766554433221100ffeeddcc"
#define SIGNATURE "# v2 git bundle\n"

static void test_read(void **state)
{
	static const struct {
		const char *text;
		int result;
		size_t prerequisites, refs;
		const char *says;
	} rows[] = {
		{SIGNATURE OID_A " refs/heads/main\n\n", 1, 0, 1, NULL},
		{SIGNATURE OID_A " HEAD\n" OID_B " refs/tags/v1\n\n", 1, 0, 2, NULL},
		{SIGNATURE "-" OID_A "\n-" OID_B " a subject\n" OID_A " refs/x/y\n\n", 1, 2, 1,
			NULL},
		{SIGNATURE "\n", 1, 0, 0, NULL},
		{"# v2 git", 0, 0, 0, NULL},
		{SIGNATURE OID_A " refs/heads/main\n", 0, 0, 0, NULL},
		{SIGNATURE OID_A " refs/he", 0, 0, 0, NULL},
		{"# v3 git bundle\n@object-format=sha1\n\n", -1, 0, 0, "not a git bundle"},
		{"PACK", -1, 0, 0, "not a git bundle"},
		{SIGNATURE OID_A "refs/heads/main\n\n", -1, 0, 0, "line 2: no good ref"},
		{SIGNATURE OID_A "\n\n", -1, 0, 0, "line 2: no good ref"},
		{SIGNATURE OID_A " \n\n", -1, 0, 0, "line 2: no good ref"},
		{SIGNATURE "0011 refs/heads/main\n\n", -1, 0, 0, "line 2: no good ref"},
		{SIGNATURE OID_A " refs/heads/../x\n\n", -1, 0, 0, "git would refuse"},
		{SIGNATURE OID_A " main\n\n", -1, 0, 0, "git would refuse"},
		{SIGNATURE OID_A " HEAD2\n\n", -1, 0, 0, "git would refuse"},
		{SIGNATURE "-0011\n\n", -1, 0, 0, "no good prerequisite"},
		{SIGNATURE "-" OID_A "x\n\n", -1, 0, 0, "no good prerequisite"},
		{SIGNATURE OID_A " refs/a/b\n-" OID_B "\n\n", -1, 0, 0, "line 3: a prerequisite"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autogitbundle header = {0};
		size_t pack = 0;
		autoerror err = ERROR_INIT;

		assert_int_equal(
			gitbundle_read(rows[i].text, strlen(rows[i].text), &header, &pack, &err),
			rows[i].result);
		assert_int_equal(header.prerequisite_count, rows[i].prerequisites);
		assert_int_equal(header.ref_count, rows[i].refs);
		assert_int_equal(pack, rows[i].result > 0 ? strlen(rows[i].text) : 0);
		if (rows[i].says)
			assert_non_null(strstr(err.message, rows[i].says));
	}
}

static void test_round_trip(void **state)
{
	struct lock_ref refs[] = {
		{.name = (char[]){"refs/heads/main"}}, {.name = (char[]){"HEAD"}}};
	struct oid prerequisite;
	autobuf out = BUF_INIT;
	autogitbundle header = {0};
	size_t pack;
	autoerror err = ERROR_INIT;

	(void)state;
	assert_true(oid_parse(OID_A, OID_HEX_LEN, &refs[0].oid));
	assert_true(oid_parse(OID_B, OID_HEX_LEN, &refs[1].oid));
	prerequisite = refs[1].oid;
	gitbundle_write(&prerequisite, 1, refs, 2, &out);
	buf_adds(&out, "PACK");
	assert_int_equal(gitbundle_read(out.ptr, out.len, &header, &pack, &err), 1);
	assert_string_equal(out.ptr + pack, "PACK");
	assert_string_equal(header.refs[0].name, "refs/heads/main");
	assert_true(oid_equal(&header.refs[1].oid, &refs[1].oid));
	assert_true(oid_equal(&header.prerequisites[0], &prerequisite));
	/* However much of it is there, it is never taken for something else. */
	for (size_t len = 0; len < pack; len++) {
		autogitbundle part = {0};

		assert_int_equal(gitbundle_read(out.ptr, len, &part, &pack, &err), 0);
	}
}

/* git reads what is written here, and the other way round. */
static void test_git(void **state)
{
	autobuf out = BUF_INIT;
	autobuf pack = BUF_INIT;
	autobuf theirs = BUF_INIT;
	autogitbundle header = {0};
	size_t at;
	autoerror err = ERROR_INIT;
	struct lock_ref ref = {.name = (char[]){"refs/heads/main"}};

	(void)state;
	git_make("origin", 20);
	ref.oid = git_oid("origin", "main");
	gitbundle_write(NULL, 0, &ref, 1, &out);
	git_shell(&pack, "echo main | git -C origin pack-objects -q --stdout --revs");
	buf_add(&out, pack.ptr, pack.len);
	git_write("ours.bundle", &out);
	git_shell(NULL, "git clone -q --mirror ours.bundle copy && git -C copy fsck --strict");
	git_shell(NULL, "git -C origin bundle create -q ../theirs.bundle ^main~3 main v2");
	git_read("theirs.bundle", &theirs);
	assert_int_equal(gitbundle_read(theirs.ptr, theirs.len, &header, &at, &err), 1);
	assert_int_equal(header.ref_count, 2);
	assert_true(header.prerequisite_count > 0);
	assert_memory_equal(theirs.ptr + at, "PACK", 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_git),
	};

	return cmocka_run_group_tests(tests, git_folder_set_up, git_folder_tear_down);
}
