/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/buf.h"
#include "bundle/limits.h"
#include "bundle/ref_name.h"

static void test_names(void **state)
{
	static const struct {
		const char *name;
		bool valid;
	} rows[] = {
		{"refs/heads/main", true},
		{"refs/tags/v1.0.0", true},
		{"refs/heads/a@b", true},
		{"refs/heads/@", true},
		{"refs/heads/fl\303\244che", true},
		{"refs/x", true},
		{"refs/", false},
		{"refs", false},
		{"HEAD", false},
		{"heads/main", false},
		{"refs//x", false},
		{"refs/heads/", false},
		{"refs/heads/.x", false},
		{"refs/heads/x.lock", false},
		{"refs/x.lock/y", false},
		{"refs/heads/a..b", false},
		{"refs/heads/..", false},
		{"refs/../x", false},
		{"refs/heads/x.", false},
		{"refs/heads/a@{b", false},
		{"refs/heads/a b", false},
		{"refs/heads/a\nb", false},
		{"refs/heads/a\x7f", false},
		{"refs/heads/a~1", false},
		{"refs/heads/a^", false},
		{"refs/heads/a:b", false},
		{"refs/heads/a?", false},
		{"refs/heads/*", false},
		{"refs/heads/[a", false},
		{"refs/heads/a\\b", false},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++)
		if (ref_name_valid(rows[i].name, strlen(rows[i].name)) != rows[i].valid)
			fail_msg("%s", rows[i].name);
	assert_false(ref_name_valid("refs/heads/a\0b", 14));
}

static void test_length(void **state)
{
	autobuf name = BUF_INIT;

	(void)state;
	buf_adds(&name, "refs/heads/");
	buf_fill(&name, 'x', LIMIT_GIT_REF_NAME - name.len);
	assert_true(ref_name_valid(name.ptr, name.len));
	buf_addc(&name, 'x');
	assert_false(ref_name_valid(name.ptr, name.len));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
