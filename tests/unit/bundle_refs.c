/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/alloc.h"
#include "bundle/refs.h"

#define A "1111111111111111111111111111111111111111"
#define B "2222222222222222222222222222222222222222"
#define C "3333333333333333333333333333333333333333"
#define T "4444444444444444444444444444444444444444" /* an annotated tag that names A */

static void test_revisions(void **state)
{
	static const struct {
		const char *text, *ref; /* ref NULL: not a revision */
	} rows[] = {
		{"main@sha1:" A, "main"},
		{"feature/a@b@sha1:" A, "feature/a@b"},
		{"refs/heads/main@sha1:" A, "refs/heads/main"},
		{"sha1:" A, ""},
		{"main/" A, "main"},
		{"feature/x/" A, "feature/x"},
		{"HEAD/" A, "HEAD"},
		{A, NULL},
		{"main@sha256:" A, NULL},
		{"main@sha1:1111", NULL},
		{"mainsha1:" A, NULL},
		{"main@sha1:" A "0", NULL},
		{"sha256:" A, NULL},
		{"", NULL},
		{":", NULL},
		{"/", NULL},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		size_t len = 0;
		struct oid oid;
		char hex[OID_HEX_LEN + 1];

		if (revision_parse(rows[i].text, &len, &oid) != (rows[i].ref != NULL))
			fail_msg("'%s'", rows[i].text);
		if (!rows[i].ref)
			continue;
		oid_hex(&oid, hex);
		assert_string_equal(hex, A);
		assert_int_equal(len, strlen(rows[i].ref));
		assert_memory_equal(rows[i].text, rows[i].ref, len);
	}
}

/* What a server lists: name, object, what a tag object names, HEAD's branch. */
static const struct {
	const char *name, *oid, *peeled, *symref;
} server_rows[] = {
	{"HEAD", B, NULL, "refs/heads/main"},
	{"refs/heads/main", B, NULL, NULL},
	{"refs/heads/release", A, NULL, NULL},
	{"refs/pull/1/head", C, NULL, NULL},
	{"refs/tags/not-a-version", A, NULL, NULL},
	{"refs/tags/v1.0.0", T, A, NULL},
	{"refs/tags/v1.1.0", B, NULL, NULL},
	{"refs/tags/v1.2.0-rc.1", C, NULL, NULL},
	{"refs/tags/v2.0.0", C, NULL, NULL},
};

static struct oid oid_of(const char *hex)
{
	struct oid oid = {{0}};

	if (hex)
		assert_true(oid_parse(hex, strlen(hex), &oid));
	return oid;
}

static void choose(const struct ref_want *wants, size_t count, bool all, struct refs *ret,
	struct error *err, int expected)
{
	struct remote_ref refs[countof(server_rows)];
	struct refs_server server = {.refs = refs, .count = countof(server_rows)};

	for (size_t i = 0; i < countof(server_rows); i++)
		refs[i] = (struct remote_ref){
			.name = (char *)(uintptr_t)server_rows[i].name,
			.oid = oid_of(server_rows[i].oid),
			.peeled = oid_of(server_rows[i].peeled),
			.symref = (char *)(uintptr_t)server_rows[i].symref,
		};
	assert_int_equal(refs_choose(&server, wants, count, all, ret, err), expected);
}

/* "NAME=x" with the first digit of the object, separated by spaces, then " HEAD=NAME". */
static char *text_of(const struct refs *refs)
{
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < refs->count; i++) {
		char hex[OID_HEX_LEN + 1];

		oid_hex(&refs->items[i].oid, hex);
		buf_addf(&out, "%s=%.1s ", refs->items[i].name, hex);
	}
	buf_addf(&out, "HEAD=%s", refs->head ? refs->head : "-");
	return buf_detach(&out);
}

#define W(...) ((struct ref_want){__VA_ARGS__})
#define S(text) ((char *)(uintptr_t)(text))

static void test_choices(void **state)
{
	static const char anchor_c[] = REFS_ANCHOR C;
	const struct {
		struct ref_want want;
		const char *expected; /* NULL: not found */
	} rows[] = {
		/* The tip, the applied commit, one that the branch has left. */
		{W(.branch = S("main")), "refs/heads/main=2 HEAD=refs/heads/main"},
		{W(.branch = S("main"), .revision = S("main@sha1:" A)),
			"refs/heads/main=1 HEAD=refs/heads/main"},
		{W(.branch = S("gone"), .revision = S("gone/" A)),
			"refs/heads/gone=1 HEAD=refs/heads/gone"},
		{W(.branch = S("gone")), NULL},
		/* The tag object while it names what is applied, else the commit. */
		{W(.tag = S("v1.0.0")), "refs/tags/v1.0.0=4 HEAD=-"},
		{W(.tag = S("v1.0.0"), .revision = S("v1.0.0@sha1:" A)),
			"refs/tags/v1.0.0=4 HEAD=-"},
		{W(.tag = S("v1.0.0"), .revision = S("v1.0.0@sha1:" C)),
			"refs/tags/v1.0.0=3 HEAD=-"},
		/* Nothing newer than what is applied. */
		{W(.semver = S("1.x")), "refs/tags/v1.0.0=4 refs/tags/v1.1.0=2 HEAD=-"},
		{W(.semver = S(">=1.0.0"), .revision = S("v1.1.0@sha1:" B)),
			"refs/tags/v1.0.0=4 refs/tags/v1.1.0=2 HEAD=-"},
		{W(.semver = S(">=1.0.0")),
			"refs/tags/v1.0.0=4 refs/tags/v1.1.0=2 refs/tags/v2.0.0=3 HEAD=-"},
		{W(.semver = S("3.x")), NULL},
		{W(.name = S("refs/pull/1/head"), .revision = S("refs/pull/1/head@sha1:" A)),
			"refs/pull/1/head=1 HEAD=-"},
		{W(.commit = S(C)), NULL},
		{W(.commit = S(A), .branch = S("main")), "refs/heads/main=1 HEAD=refs/heads/main"},
		{W(.any = S("release")), "refs/heads/release=1 HEAD=refs/heads/release"},
		{W(.any = S("v2.0.0")), "refs/tags/v2.0.0=3 HEAD=-"},
		{W(.any = S("refs/pull/1/head")), "refs/pull/1/head=3 HEAD=-"},
		{W(.any = S("nowhere")), NULL},
		{W(.any = NULL), "refs/heads/main=2 HEAD=refs/heads/main"},
		{W(.branch = S("../x"), .revision = S("x/" A)), NULL},
		/* The commit wins over all else. */
		{W(.commit = S("abc"), .branch = S("main")), NULL},
	};
	autofree char *anchored = xasprintf("%s=3 HEAD=%s", anchor_c, anchor_c);

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		const char *expected = streq(rows[i].want.commit, C) ? anchored : rows[i].expected;
		autofree char *text = NULL;
		autoerror err = ERROR_INIT;
		struct refs refs;

		choose(&rows[i].want, 1, false, &refs, &err, expected ? 0 : -1);
		text = expected ? text_of(&refs) : NULL;
		if (expected && !streq(text, expected))
			fail_msg("row %zu: %s", i, text);
		refs_clear(&refs);
	}
}

/* Two sources of one branch at different commits: the tip keeps the name, in either order. */
static void test_conflict(void **state)
{
	const struct ref_want wants[] = {
		W(.branch = S("main"), .revision = S("main@sha1:" A)),
		W(.branch = S("main"), .revision = S("main@sha1:" B)),
		W(.branch = S("main"), .revision = S("main@sha1:" A)),
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct refs refs;
		autofree char *text = NULL;

		choose(wants + i, 2, false, &refs, NULL, 0);
		text = text_of(&refs);
		assert_string_equal(
			text, "refs/heads/flux-arc/" A "=1 refs/heads/main=2 HEAD=refs/heads/main");
		refs_clear(&refs);
	}
}

static void test_all(void **state)
{
	const struct ref_want want = W(.branch = S("main"), .revision = S("main@sha1:" A));
	struct refs refs;
	autofree char *text = NULL;

	(void)state;
	choose(&want, 1, true, &refs, NULL, 0);
	text = text_of(&refs);
	assert_string_equal(text, "refs/heads/main=1 refs/heads/release=1 "
				  "refs/tags/not-a-version=1 refs/tags/v1.0.0=4 "
				  "refs/tags/v1.1.0=2 refs/tags/v1.2.0-rc.1=3 refs/tags/v2.0.0=3 "
				  "HEAD=refs/heads/main");
	refs_clear(&refs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_revisions),
		cmocka_unit_test(test_choices),
		cmocka_unit_test(test_conflict),
		cmocka_unit_test(test_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
