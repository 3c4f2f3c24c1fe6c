/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/alloc.h"
#include "bundle/helm_index.h"
#include "bundle/web.h"

static void test_resolve(void **state)
{
	static const struct {
		const char *base, *reference, *expected;
	} rows[] = {
		{"https://h/a/b", "c", "https://h/a/c"},
		{"https://h/a/b/", "c", "https://h/a/b/c"},
		{"https://h/a/b/", "./c/./d.tgz", "https://h/a/b/c/d.tgz"},
		{"https://h/a/b/", "../c", "https://h/a/c"},
		{"https://h/a/b/", "../../../../c", "https://h/c"},
		{"https://h/a/b/", "/c", "https://h/c"},
		{"https://h/a/b/", "//x/c", "https://x/c"},
		{"https://h", "c", "https://h/c"},
		{"https://h:8443/a?q=1", "c?r=2", "https://h:8443/c?r=2"},
		{"https://h/a/b", "http://x/y", "http://x/y"},
		{"https://h/a/b", "HTTP-ish", "https://h/a/HTTP-ish"},
		{"https://h/a/", "c?next=https://x/y", "https://h/a/c?next=https://x/y"},
		{"https://h/a/b", "ftp://x/y", NULL},
		{"https://h/a/b", "file:///etc/passwd", NULL},
		{"", "c", NULL},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autofree char *url = web_resolve(rows[i].base, rows[i].reference);

		if (!streq(url, rows[i].expected))
			fail_msg("%s and %s: %s", rows[i].base, rows[i].reference,
				url ? url : "none");
	}
}

static void test_chart_urls(void **state)
{
	static const struct {
		const char *repository, *reference, *expected;
	} rows[] = {
		{"https://h/charts", "a.tgz", "https://h/charts/a.tgz"},
		{"https://h/charts/", "a.tgz", "https://h/charts/a.tgz"},
		{"https://h", "index.yaml", "https://h/index.yaml"},
		{"https://h/charts?sv=1&sig=x", "a.tgz", "https://h/charts/a.tgz?sv=1&sig=x"},
		{"https://h/charts?sv=1", "a.tgz?sv=2", "https://h/charts/a.tgz?sv=2"},
		{"https://h/charts?sv=1", "https://x/a.tgz", "https://x/a.tgz"},
		{"https://h/charts", "oci://x/a", NULL},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autofree char *url = helm_chart_url(rows[i].repository, rows[i].reference);

		if (!streq(url, rows[i].expected))
			fail_msg("%s and %s: %s", rows[i].repository, rows[i].reference,
				url ? url : "none");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resolve),
		cmocka_unit_test(test_chart_urls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
