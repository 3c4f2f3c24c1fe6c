/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/alloc.h"
#include "bundle/chartindex.h"

#define HEX "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static int add(struct chartindex *index, const char *name, const char *version, const char *entry,
	char **file, struct error *err)
{
	autofree char *name_copy = xstrdup(name);
	autofree char *version_copy = xstrdup(version);
	autofree char *entry_copy = xstrdup(entry);
	const struct lock_chart chart = {
		.name = name_copy, .version = version_copy, .blob = {"sha256:" HEX}};
	const struct buf text = {.ptr = entry_copy, .len = strlen(entry)};

	return chartindex_add(index, &chart, &text, file, err);
}

static void test_index(void **state)
{
	autochartindex *index = chartindex_new();
	autobuf out = BUF_INIT;
	autoerror err = ERROR_INIT;
	autofree char *first = NULL;
	autofree char *second = NULL;
	autofree char *third = NULL;

	(void)state;
	assert_int_equal(
		add(index, "podinfo", "6.5.0",
			"{\"apiVersion\":\"v1\",\"name\":\"podinfo\",\"version\":\"6.5.0\","
			"\"urls\":[\"https://example.com/x.tgz\",\"b\"],\"digest\":\"" HEX
			"\",\"created\":\"2023-01-02T00:00:00Z\"}",
			&first, &err),
		0);
	assert_int_equal(
		add(index, "podinfo", "6.5.1+build.1",
			"{\"name\":\"podinfo\",\"version\":\"6.5.1+build.1\"}", &second, &err),
		0);
	assert_int_equal(add(index, "bare", "1.0.0", "", &third, &err), 0);
	assert_string_equal(first, "podinfo-6.5.0.tgz");
	assert_string_equal(second, "podinfo-6.5.1+build.1.tgz");
	assert_int_equal(chartindex_write(index, &out, &err), 0);
	assert_string_equal(out.ptr, "apiVersion: v1\n"
				     "entries:\n"
				     "  bare:\n"
				     "  - apiVersion: v2\n"
				     "    digest: " HEX "\n"
				     "    name: bare\n"
				     "    urls:\n"
				     "    - bare-1.0.0.tgz\n"
				     "    version: 1.0.0\n"
				     "  podinfo:\n"
				     "  - apiVersion: v1\n"
				     "    created: \"2023-01-02T00:00:00Z\"\n"
				     "    digest: " HEX "\n"
				     "    name: podinfo\n"
				     "    urls:\n"
				     "    - podinfo-6.5.0.tgz\n"
				     "    version: 6.5.0\n"
				     "  - digest: " HEX "\n"
				     "    name: podinfo\n"
				     "    urls:\n"
				     "    - podinfo-6.5.1+build.1.tgz\n"
				     "    version: 6.5.1+build.1\n");
}

static void test_refused(void **state)
{
	static const struct {
		const char *name, *version, *entry, *error;
	} rows[] = {
		{"../x", "1.0.0", "", "chart '../x' '1.0.0' cannot be a file's name"},
		{"a/b", "1.0.0", "", "cannot be a file's name"},
		{"", "1.0.0", "", "cannot be a file's name"},
		{".x", "1.0.0", "", "cannot be a file's name"},
		{"x", "1.0.0/..", "", "cannot be a file's name"},
		{"x", "1.0\n", "", "cannot be a file's name"},
		{"x", "1", "[]", "chart x 1: its entry is of another chart"},
		{"x", "1", "{\"name\":\"y\",\"version\":\"1\"}", "another chart"},
		{"x", "1", "{\"name\":\"x\",\"version\":\"2\"}", "another chart"},
		{"x", "1", "{\"name\":\"x\",\"version\":\"1\",\"digest\":\"00\"}",
			"another digest"},
		{"x", "1", "{", "chart x 1: "},
		{"there", "1", "", "chart there 1 is there twice"},
	};
	autochartindex *index = chartindex_new();
	autofree char *there = NULL;

	(void)state;
	assert_int_equal(add(index, "there", "1", "", &there, NULL), 0);
	for (size_t i = 0; i < countof(rows); i++) {
		autofree char *file = NULL;
		autoerror err = ERROR_INIT;

		assert_int_equal(
			add(index, rows[i].name, rows[i].version, rows[i].entry, &file, &err), -1);
		if (!strstr(err.message, rows[i].error))
			fail_msg("row %zu says %s", i, err.message);
		assert_int_equal(err.kind, ERROR_DAMAGED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_index),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
