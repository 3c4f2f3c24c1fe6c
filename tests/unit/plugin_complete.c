/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/alloc.h"
#include "plugin/complete.h"

/* The values offered, without their descriptions, separated by spaces. */
static char *offered(const char *line, bool new_word)
{
	autostrv words = STRV_INIT;
	autostrv lines = STRV_INIT;
	autostrv values = STRV_INIT;
	autobuf out = BUF_INIT;

	strv_split(&words, line, " ", false);
	if (new_word)
		strv_push(&words, "");
	complete_words(&words, &out);
	strv_split(&lines, out.ptr, "\n", false);
	for (size_t i = 0; i < lines.len; i++)
		strv_push_owned(&values, xstrndup(lines.items[i], strcspn(lines.items[i], "\t")));
	return strv_join(&values, " ");
}

static void test_offered(void **state)
{
	static const struct {
		const char *line;
		bool new_word;
		const char *is;
	} rows[] = {
		{"vers", false, "version :4"},
		{"__", false, ":4"},
		{"nosuch", true, ":4"},
		{"help exit", false, "exit-status :4"},
		{"help vers", false, "version :4"},
		{"version", true, ":4"},
		{"version --cli", false, "--client --client-certificate --client-key :4"},
		{"version --color", true, "auto always never :4"},
		{"version --color=a", false, "--color=auto --color=always :4"},
		{"version --color=", false, "--color=auto --color=always --color=never :4"},
		{"version --kubeconfig", true, ":0"},
		{"version -n", true, ":4"},
		{"-n x vers", false, "version :4"},
		{"version --nosuch=", false, ":4"},
		{"", false, ":4"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autofree char *is = offered(rows[i].line, rows[i].new_word);

		assert_string_equal(is, rows[i].is);
	}
}

static void test_lines_have_descriptions(void **state)
{
	autostrv words = STRV_INIT;
	autobuf out = BUF_INIT;

	(void)state;
	strv_push(&words, "vers");
	complete_words(&words, &out);
	assert_string_equal(
		out.ptr, "version\tShow the versions of this program and of the cluster\n:4\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_offered),
		cmocka_unit_test(test_lines_have_descriptions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
