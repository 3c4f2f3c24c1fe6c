/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "bundle/object_check.h"

static void test_names(void **state)
{
	static const struct {
		const char *name;
		bool safe;
	} rows[] = {
		{"a", true}, {"file.yaml", true}, {".gitignore", true}, {".gitmodules", true},
		{".github", true}, {".gi", true}, {"git", true}, {"git~2", true}, {"git~10", true},
		{"gitty", true}, {"...", true}, {"..a", true}, {".a", true}, {" ", true},
		{"x.git", true}, {".git2", true}, {"\xc3\xa4", true},
		{"system\\x2dfoo.service", true}, {"a\xe2\x80\x8c", true}, {"", false},
		{".", false}, {"..", false}, {"a/b", false}, {"/", false}, {"/etc", false},
		{"../x", false}, {".git", false}, {".GIT", false}, {".Git", false}, {".gIt", false},
		{".git ", false}, {".git.", false}, {".git. . .", false}, {".GIT...", false},
		{".git::$INDEX_ALLOCATION", false}, {".git:stream", false}, {".git ...:x", false},
		{"git~1", false}, {"GIT~1", false}, {"Git~1.", false}, {"git~1 ", false},
		{"git~1:x", false}, {".g\xe2\x80\x8cit", false}, {"\xe2\x80\x8d.git", false},
		{".git\xe2\x80\x8e", false}, {".gi\xe2\x80\x8ft", false},
		{".\xe2\x80\xaag\xe2\x80\xaeit", false}, {".G\xe2\x81\xaaI\xe2\x81\xafT", false},
		{"\xef\xbb\xbf.git", false}, {".git\\config", false}, {"a\\.git\\config", false},
		{"a\\..\\..\\b", false}, {"..\\x", false}, {"x\\GIT~1", false}, {"\xe2\x80", true},
		{".git\xe2\x80", true}, {".git\xe2\x80\x8b", true}, /* U+200B counts */
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++)
		if (object_name_safe(rows[i].name, strlen(rows[i].name)) != rows[i].safe)
			fail_msg("row %zu: '%s'", i, rows[i].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
