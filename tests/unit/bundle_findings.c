/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/alloc.h"
#include "bundle/findings.h"

static void test_gitmodules(void **state)
{
	static const char text[] = "# a comment\n"
				   "[submodule \"one\"]\n"
				   "\tpath = libs/one\n"
				   "\turl = https://h/one.git ; behind it\n"
				   "[submodule \"two\"] ; odd\n"
				   "URL=../two.git\r\n"
				   "  path = \"libs/t w o\"\n"
				   "\tbranch = main\n"
				   "[submodule \"three\"]\n"
				   "\tpath = libs/three\n"
				   "[submodule \"four\"]\n"
				   "\turl = \"https://h/a\\\\b\\\"c#d\"\n"
				   "\tpath = four";
	static const struct {
		const char *path, *url;
	} rows[] = {
		{"libs/one", "https://h/one.git"},
		{"libs/t w o", "../two.git"},
		{"libs/three", NULL},
		{"four", "https://h/a\\b\"c#d"},
		{"one", NULL},
		{"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autofree char *url = gitmodules_url(text, strlen(text), rows[i].path);

		if (!streq(url, rows[i].url))
			fail_msg("%s: %s", rows[i].path, url ? url : "none");
	}
}

static void test_relative_urls(void **state)
{
	static const struct {
		const char *parent, *url, *expected;
	} rows[] = {
		{"https://h/o/r.git", "https://x/y", "https://x/y"},
		{"https://h/o/r.git", "../lib.git", "https://h/o/lib.git"},
		{"https://h/o/r.git/", "../../p/lib", "https://h/p/lib"},
		{"https://h/o/r.git", "./lib", "https://h/o/r.git/lib"},
		{"https://h/o/r.git", "../../../lib", NULL},
		{"https://h", "../lib", NULL},
		{"git@h:o/r.git", "../lib.git", "git@h:o/lib.git"},
		{"git@h:r.git", "../lib.git", "git@h:lib.git"},
		{"git@h:r.git", "../../lib.git", NULL},
		{"ssh://git@h:22/o/r", "../lib", "ssh://git@h:22/o/lib"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autofree char *url = submodule_url(rows[i].parent, rows[i].url);

		if (!streq(url, rows[i].expected))
			fail_msg("%s and %s: %s", rows[i].parent, rows[i].url, url ? url : "none");
	}
}

static void test_remote_bases(void **state)
{
	static const struct {
		const char *entry;
		bool remote;
	} rows[] = {
		{"deployment.yaml", false},
		{"../base", false},
		{"./overlays/github.com", false},
		{"https://example.com/x.yaml", true},
		{"ssh://git@h/o/r", true},
		{"git@github.com:o/r", true},
		{"github.com/o/r//base?ref=v1", true},
		{"h/o/r.git//base", true},
		{"base?ref=main", true},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++)
		if (is_remote_base(rows[i].entry) != rows[i].remote)
			fail_msg("%s", rows[i].entry);
}

static void test_written_and_read(void **state)
{
	struct lock_submodule submodule = {.path = (char[]){"a \"b\""}, .url = (char[]){"../c"}};
	struct remote_base base = {.path = (char[]){"k.yaml"}, .url = (char[]){"https://h"}};
	const struct findings written = {
		.objects = 7,
		.lfs_pointers = 2,
		.submodules = &submodule,
		.submodule_count = 1,
		.bases = &base,
		.base_count = 1,
	};
	autofindings found = {.objects = 0};
	autobuf text = BUF_INIT;

	(void)state;
	memset(&submodule.oid, 0x5a, sizeof(submodule.oid));
	findings_write(&written, &text);
	assert_true(findings_read(text.ptr, text.len, &found));
	assert_int_equal(found.objects, 7);
	assert_int_equal(found.lfs_pointers, 2);
	assert_string_equal(found.submodules[0].path, submodule.path);
	assert_true(oid_equal(&found.submodules[0].oid, &submodule.oid));
	assert_string_equal(found.bases[0].url, base.url);
	for (size_t len = 0; len < text.len; len++) {
		struct findings cut;

		assert_false(findings_read(text.ptr, len, &cut));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gitmodules),
		cmocka_unit_test(test_relative_urls),
		cmocka_unit_test(test_remote_bases),
		cmocka_unit_test(test_written_and_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
