/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "kube/releases.h"

static void test_compare(void **state)
{
	static const struct {
		const char *a, *b;
		int sign;
	} rows[] = {
		{"1.7.4", "1.7.4", 0},
		{"v1.7.4", "1.7.4", 0},
		{"1.7", "1.7.0", 0},
		{"1.10.0", "1.9.1", 1},
		{"0.41.2", "2.0.1", -1},
		{"1.7.4-23", "1.7.4", 1},
		{"1.7.4-9", "1.7.4-23", -1},
		{"1.7.5", "1.7.4-23", 1},
		{"2.0.0-rc.1", "2.0.0", -1},
		{"1.33", "1.33.1+k3s1", -1},
		{"v1.36.3", "v1.36.3+k3s1", 0},
		{"99999999999999999999.1", "1.0", 1},
		{"", "0", 0},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		assert_int_equal(version_compare(rows[i].a, rows[i].b), rows[i].sign);
		assert_int_equal(version_compare(rows[i].b, rows[i].a), -rows[i].sign);
	}
}

static void test_flux_of_image(void **state)
{
	static const struct {
		const char *controller, *tag, *minor;
	} rows[] = {
		{"source-controller", "v1.7.4-23", "2.7"},
		{"helm-controller", "v1.4.5-16", "2.7"},
		{"helm-controller", "v0.36.2", "2.1"},
		{"kustomize-controller", "v1.9.6", "2.9"},
		{"image-reflector-controller", "v0.35.2-15", "2.6"},
		{"image-automation-controller", "0.31.0", "0.41"},
		{"source-controller", "v1.70.0", NULL},
		{"source-controller", "latest", NULL},
		{"source-controller", "", NULL},
		{"source-controller", NULL, NULL},
		{"source-watcher", "v2.2.1", NULL},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		const struct flux_release *release =
			flux_release_of_image(rows[i].controller, rows[i].tag);

		if (rows[i].minor)
			assert_string_equal(release ? release->minor : "", rows[i].minor);
		else
			assert_null(release);
	}
}

static void test_extension_find(void **state)
{
	const struct extension_release *release = extension_release_find("1.24.1");

	(void)state;
	assert_non_null(release);
	assert_string_equal(release->flux, "2.7.5");
	assert_string_equal(release->source, "1.7.4-23");
	assert_string_equal(extension_releases_as_of(), release->month);
	assert_string_equal(extension_release_find("1.7.3")->flux, "0.41.2");
	assert_string_equal(extension_release_find("1.8.2")->month, "2024-02");
	assert_string_equal(extension_release_find("1.17.2")->helm, "1.3.0");
	assert_null(extension_release_find("1.24.2"));
	assert_null(extension_release_find(NULL));
}

/* Rows that are out of order would make "newest" and "behind" lie. */
static void test_tables_are_ordered(void **state)
{
	(void)state;
	for (size_t i = 1; i < flux_releases_count; i++)
		assert_true(
			version_compare(flux_releases[i - 1].minor, flux_releases[i].minor) > 0);
	for (size_t i = 1; i < extension_releases_count; i++) {
		const struct extension_release *newer = &extension_releases[i - 1];
		const struct extension_release *older = &extension_releases[i];

		assert_true(version_compare(newer->version, older->version) > 0);
		assert_true(version_compare(newer->flux, older->flux) >= 0);
	}
}

/* Every tag that the extension ships belongs to the Flux minor that it claims, but for the one that
 * does not. */
static void test_tables_agree(void **state)
{
	(void)state;
	for (size_t i = 0; i < extension_releases_count; i++) {
		const struct extension_release *row = &extension_releases[i];
		const struct flux_release *flux =
			flux_release_of_image("kustomize-controller", row->kustomize);

		if (version_compare(row->flux, "0.41") < 0) {
			assert_null(flux);
			assert_null(flux_release_of_version(row->flux));
			continue;
		}
		assert_non_null(flux);
		assert_true(strncmp(row->flux, flux->minor, strlen(flux->minor)) == 0);
		assert_ptr_equal(flux_release_of_version(row->flux), flux);
		assert_ptr_equal(flux_release_of_image("helm-controller", row->helm), flux);
		assert_ptr_equal(
			flux_release_of_image("notification-controller", row->notification), flux);
	}
}

static void test_minors_behind(void **state)
{
	(void)state;
	assert_int_equal(extension_release_minors_behind(extension_releases[0].version), 0);
	assert_int_equal(extension_release_minors_behind("1.24.0"), 0);
	assert_int_equal(extension_release_minors_behind("1.23.9"), 1);
	assert_int_equal(extension_release_minors_behind("1.22.1"), 2);
	assert_int_equal(extension_release_minors_behind("1.21.0"), 3);
	assert_int_equal(extension_release_minors_behind("9.0.0"), 0);
	assert_true(extension_release_minors_behind("0.1") > 10);
	assert_true(extension_release_minors_behind("") > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_minors_behind),
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_flux_of_image),
		cmocka_unit_test(test_extension_find),
		cmocka_unit_test(test_tables_are_ordered),
		cmocka_unit_test(test_tables_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
