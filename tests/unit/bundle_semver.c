/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "bundle/semver.h"

static void test_parse(void **state)
{
	static const struct {
		const char *text;
		bool ok;
	} rows[] = {
		{"1.2.3", true},
		{"v1.2.3", true},
		{"0.0.0", true},
		{"1.2.3-rc.1+build.5", true},
		{"1.2.3+001", true},
		{"1.2", false},
		{"1", false},
		{"vv1.2.3", false},
		{"V1.2.3", false},
		{"01.2.3", false},
		{"1.2.3-01", false},
		{"1.2.3-", false},
		{"1.2.3-a..b", false},
		{"1.2.3+", false},
		{"1.2.3.4", false},
		{"1.2.3 ", false},
		{"99999999999999999999.0.0", false},
		{"release-1.2.3", false},
		{"", false},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct semver version;

		if (semver_parse(rows[i].text, &version) != rows[i].ok)
			fail_msg("'%s'", rows[i].text);
	}
}

/* Each is less than the next. */
static void test_compare(void **state)
{
	static const char *const rows[] = {"0.9.9", "1.0.0-0", "1.0.0-9", "1.0.0-10", "1.0.0-alpha",
		"1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",
		"v1.0.0", "1.0.1", "1.2.0", "1.10.0", "2.0.0"};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		for (size_t j = 0; j < countof(rows); j++) {
			struct semver left;
			struct semver right;
			int order;

			assert_true(semver_parse(rows[i], &left));
			assert_true(semver_parse(rows[j], &right));
			order = semver_compare(&left, &right);
			if ((order > 0) - (order < 0) != (i > j) - (i < j))
				fail_msg("%s and %s: %d", rows[i], rows[j], order);
		}
	}
}

static void test_metadata_does_not_count(void **state)
{
	struct semver left;
	struct semver right;

	(void)state;
	assert_true(semver_parse("1.0.0+a", &left));
	assert_true(semver_parse("1.0.0+b", &right));
	assert_int_equal(semver_compare(&left, &right), 0);
}

/* clang-format off */
static const struct {
	const char *range, *version;
	bool has;
} matches[] = {
	{"=2.0.0", "1.2.3", false}, {"=2.0.0", "2.0.0", true}, {"=2.0", "2.0.1", true}, {"4.1", "4.1.0", true},
	{"!=4.1.0", "4.1.0", false}, {"!=4.1.0", "4.1.1", true}, {"!=4.1", "4.1.1", false}, {"!=4.1", "5.1.0", true},
	{"!=4.1", "5.1.0-alpha.1", false}, {"!=4.1-alpha", "4.1.0", true}, {"!=4.1-alpha", "4.1.0-alpha", false},
	{"!=4.x", "5.1.0", true}, {"!=4.x", "4.1.0", false}, {"!=4.2.x", "4.2.3", false},
	{"<11", "0.1.0", true}, {"<11", "11.1.0", false}, {"<1.1", "1.1.1", false}, {"<1.1.x", "1.0.500", true},
	{"<=11", "11.2.3", true}, {"<=11", "12.2.3", false}, {"<=1.1", "1.2.3", false}, {"<=1.1", "1.1.1", true},
	{"<=2.x", "3.0.0", false}, {"<=1.1-a", "0.1.0-alpha", true},
	{">1.1", "4.1.0", true}, {">1.1", "1.1.0", false}, {">11", "11.1.0", false}, {">11.1", "11.1.1", false},
	{">11.1", "11.2.1", true}, {">0-0", "0.0.1-alpha", false}, {">0.0.0-0", "0.0.0-alpha", true},
	{">1.2.3-alpha.1", "1.2.3-alpha.2", true}, {">*", "0.1.0", true},
	{">=11.1", "11.1.2", true}, {">=11.1", "11.0.2", false}, {">=0", "0.0.1-alpha", false},
	{">=0-0", "0.0.1-alpha", true}, {">=0.0.0-0", "3.4.5-beta.1", true}, {"<0-z", "0.0.0-alpha", true},
	{"*", "4.5.6", true}, {"*", "1.2.3-alpha.1", false}, {"*-0", "1.2.3-alpha.1", true},
	{"2.*", "2.1.1", true}, {"2.*", "3.4.5", false}, {"2.1.*", "2.2.1", false}, {"2", "2.1.1", true},
	{"~1.2.3", "1.2.4", true}, {"~1.2.3", "1.3.4", false}, {"~1", "1.2.4", true}, {"~1", "2.3.4", false},
	{"~1.2.3-beta.2", "1.2.4-beta.2", true}, {"~1.2.3-beta.2", "1.3.4-beta.2", false}, {"~*", "2.1.1", true},
	{"~>1.2", "1.2.9", true}, {"~0.0.0", "1.2.3", true}, {"0.0.x", "1.2.3", false},
	{"^1.2.3", "1.8.9", true}, {"^1.2.3", "2.8.9", false}, {"^1.2.3", "1.2.1", false},
	{"^1.2.0", "1.2.1-alpha.1", false}, {"^1.2.0-alpha.0", "1.2.1-alpha.1", true},
	{"^0.2.3", "0.2.5", true}, {"^0.2.3", "0.5.6", false}, {"^0.2", "0.2.5", true}, {"^0.0.3", "0.0.4", false},
	{"^0.0", "0.0.3", true}, {"^0.0", "0.1.4", false}, {"^0", "0.2.3", true}, {"^0", "1.1.4", false},
	{">=1.1, <2, !=1.2.3", "1.2.3", false}, {">=1.1 <2 !=1.2.3 || > 3", "4.1.2", true},
	{">=1.1 <2 !=1.2.3 || > 3", "3.1.2", false}, {">= 1.1 < 2 != 1.2.3 || >= 3", "3.0.0", true},
	{"1.1 - 2", "1.1.1", true}, {"1.5.0 - 4.5", "3.7.0", true}, {"1.5.0 - 4.5", "4.6.0", false},
	{"1.1-3", "4.3.2", false}, {"3 - 4 || => 6.0, < 7", "6.1.0", true}, {"v1.x", "v1.4.0", true},
	/* One term that names a pre-release opens its group, no other. */
	{">=1.0.0-0 <2.0.0", "1.5.0-beta", true}, {">=1.0.0-0 || <2.0.0", "0.5.0-beta", false},
};
/* clang-format on */

static void test_ranges(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(matches); i++) {
		autorange *range = NULL;
		struct semver version;

		assert_int_equal(semver_range_parse(matches[i].range, &range, NULL), 0);
		assert_true(semver_parse(matches[i].version, &version));
		if (semver_range_has(range, &version) != matches[i].has)
			fail_msg("'%s' and %s", matches[i].range, matches[i].version);
	}
}

static void test_malformed_ranges(void **state)
{
	static const char *const rows[] = {"foo", ">= bar", "BAR >= 1.2.3", "12.3.4.1234",
		"12.3.34~ 1.2.3", "", " ", "1.2,", "1.2 ||", "|| 1", "1.2 - ", "1..2", "1.2.3-",
		">> 1", "1x", "99999999999999999999"};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autorange *range = NULL;
		autoerror err = ERROR_INIT;

		if (semver_range_parse(rows[i], &range, &err) == 0)
			fail_msg("'%s'", rows[i]);
		assert_int_equal(err.kind, ERROR_USAGE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_metadata_does_not_count),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_malformed_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
