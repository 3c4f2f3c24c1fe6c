/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "plugin/report.h"

static void test_report(void **state)
{
	static const struct {
		enum error_kind kind;
		const char *message, *hint, *is;
	} rows[] = {
		{ERROR_FAILED, "open x: permission denied", NULL,
			"error: open x: permission denied\n"},
		{ERROR_USAGE, "unknown flag: --x", "See 'kubectl flux-arc --help' for usage.",
			"error: unknown flag: --x\nSee 'kubectl flux-arc --help' for usage.\n"},
		{ERROR_NOT_FOUND, "no x", "try -n", "error: no x\nhint: try -n\n"},
		{ERROR_NOT_FOUND, "Error from server (NotFound): pods \"x\" not found", NULL,
			"Error from server (NotFound): pods \"x\" not found\n"},
		{ERROR_NETWORK, "Unable to connect to the server: EOF", NULL,
			"Unable to connect to the server: EOF\n"},
		{ERROR_NETWORK, "The connection to the server h:1 was refused", NULL,
			"The connection to the server h:1 was refused\n"},
		{ERROR_CONFIG, "Error in configuration: \n* a\n* b", NULL,
			"Error in configuration: \n* a\n* b\n"},
		{ERROR_SERVER, "The Kustomization \"x\" is invalid: spec.path: Required value",
			NULL, "The Kustomization \"x\" is invalid: spec.path: Required value\n"},
		{ERROR_SERVER, "The end is \"x\" near", NULL, "error: The end is \"x\" near\n"},
		{ERROR_SERVER, "a\033[2J", NULL, "error: a^[[2J\n"},
		{ERROR_CONFIG, "a\n\n\tb\rc", NULL, "error: a\n\n\tb\\rc\n"},
		{ERROR_FINDINGS, "", NULL, ""},
		{ERROR_FINDINGS, "2 objects are not ready", NULL,
			"error: 2 objects are not ready\n"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autoerror err = ERROR_INIT;
		autobuf out = BUF_INIT;

		error_set(&err, rows[i].kind, "%s", rows[i].message);
		if (rows[i].hint)
			error_hint(&err, "%s", rows[i].hint);
		report_error(&out, &err);
		assert_string_equal(out.ptr, rows[i].is);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_report),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
