/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "arm/error.h"
#include "base/alloc.h"
#include "base/json.h"

static const struct {
	const char *body, *code, *message, *hint; /* hint: part of it; NULL: none */
} refusals[] = {
	{"{\"error\":{\"code\":\"ResourceNotFound\",\"message\":\"The Resource 'x' was not "
	 "found.\"}}",
		"ResourceNotFound", "The Resource 'x' was not found.", "check the name"},
	/* without the wrapper */
	{"{\"code\":\"ScopeLocked\",\"message\":\"locked\"}", "ScopeLocked", "locked", "a lock"},
	/* details: the first that says something */
	{"{\"error\":{\"code\":\"BadRequest\",\"message\":\"outer\",\"details\":[{},"
	 "{\"code\":\"ValidationFailed\",\"message\":\"inner\",\"target\":\"t\"}]}}",
		"ValidationFailed", "inner", NULL},
	/* details without a message keep what was said above */
	{"{\"error\":{\"code\":\"BadRequest\",\"message\":\"outer\",\"details\":[{\"code\":"
	 "\"Deep\"}]}}",
		"Deep", "outer", NULL},
	{"{\"error\":{\"code\":\"A\",\"message\":\"a\",\"innererror\":{\"code\":\"B\","
	 "\"message\":\"b\"}}}",
		"B", "b", NULL},
	/* JSON inside a message */
	{"{\"error\":{\"code\":\"ResourceOperationFailure\",\"message\":\"It failed: "
	 "{\\\"error\\\":{\\\"code\\\":\\\"QuotaExceeded\\\",\\\"message\\\":\\\"no "
	 "room\\\"}}\"}}",
		"QuotaExceeded", "no room", "the resource itself"},
	/* what an extension says */
	{"{\"error\":{\"code\":\"ExtensionOperationFailed\",\"message\":\"The extension "
	 "operation failed with the following error:  Error: [ InnerError: [Helm "
	 "installation failed : InnerError [cannot re-use a name that is still in use]]] "
	 "occurred while doing the operation : [Create] on the config\"}}",
		"ExtensionOperationFailed", "cannot re-use a name that is still in use",
		"helm uninstall flux"},
	{"{\"error\":{\"code\":\"ExtensionCreationFailed\",\"message\":\"Unable to get the "
	 "status from the local CRD with the error : {Error : Retry for given duration "
	 "didn't get any results with err {status not populated}}\"}}",
		"ExtensionCreationFailed",
		"Unable to get the status from the local CRD with the error : {Error : "
		"Retry "
		"for given duration didn't get any results with err {status not "
		"populated}}",
		"pod identity"},
	{"{\"error\":{\"code\":\"BadRequest\",\"message\":\"Extensions are only supported "
	 "on clusters using Managed Service Identity\"}}",
		"BadRequest",
		"Extensions are only supported on clusters using Managed Service Identity",
		"--enable-managed-identity"},
	{"{\"error\":{\"code\":\"BadRequest\",\"message\":\"\"}}", "BadRequest", "", NULL},
	/* sign-in's form, and texts */
	{"{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215\"}", "invalid_client",
		"AADSTS7000215", NULL},
	{"\"just a text\"", NULL, "just a text", NULL},
	{"plain words\n", NULL, "plain words", NULL},
	{"<!DOCTYPE html><html><head><TITLE>502 Bad Gateway</TITLE>", NULL,
		"a web page in place of Azure's answer: '502 Bad Gateway'", NULL},
	{"\xef\xbb\xbf <html>", NULL, "a web page in place of Azure's answer", NULL},
	{"", NULL, "", NULL},
	{"[]", NULL, "[]", NULL},
	{"{}", NULL, "", NULL},
	{"null", NULL, "null", NULL},
};

static void test_unfolds(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(refusals); i++) {
		CLEANUP(arm_failure_clear) struct arm_failure failure = ARM_FAILURE_INIT;
		const struct arm_advice *advice;

		arm_failure_read(refusals[i].body, strlen(refusals[i].body), 400, &failure);
		if (!streq(failure.code, refusals[i].code) ||
			!streq(failure.message, refusals[i].message))
			fail_msg("%s: '%s', '%s'", refusals[i].body, failure.code, failure.message);
		advice = arm_advice_find(&failure);
		if (!refusals[i].hint != !advice ||
			(advice && !strstr(advice->hint, refusals[i].hint)))
			fail_msg("%s: hint '%s'", refusals[i].body, advice ? advice->hint : "");
	}
}

/* Levels within levels within a text end. */
static void test_is_bounded(void **state)
{
	CLEANUP(arm_failure_clear) struct arm_failure failure = ARM_FAILURE_INIT;
	autobuf body = BUF_INIT;
	autobuf text = BUF_INIT;

	(void)state;
	for (int i = 0; i < 60; i++)
		buf_addf(&body, "{\"code\":\"C%d\",\"details\":[", i);
	for (int i = 0; i < 60; i++)
		buf_adds(&body, "]}");
	arm_failure_read(body.ptr, body.len, 400, &failure);
	assert_string_equal(failure.code, "C12");
	buf_fill(&text, 'x', 100000);
	buf_adds(&text, "\xc3\xa4");
	arm_failure_read(text.ptr, text.len, 500, &failure);
	assert_true(strlen(failure.message) < 4200);
	assert_true(failure.whole.len < 40000);
	buf_reset(&text);
	buf_fill(&text, '[', 50000);
	arm_failure_read(text.ptr, text.len, 500, &failure);
	assert_true(strlen(failure.message) < 4200);
}

static void test_error(void **state)
{
	static const struct {
		const char *code, *message, *ids;
		int status;
		enum error_kind kind;
		const char *text;
	} rows[] = {
		{NULL, "", NULL, 502, ERROR_SERVER,
			"Azure refused, and gave no reason (status 502)"},
		{"X", "words", NULL, 0, ERROR_SERVER, "words (X)"},
		{"X", "words", "(ids)", 404, ERROR_NOT_FOUND, "words (X, status 404)\n(ids)"},
		{"X", "A sentence.", NULL, 400, ERROR_SERVER, "A sentence (X, status 400)"},
		{"ScopeLocked", "words", NULL, 409, ERROR_FORBIDDEN,
			"words (ScopeLocked, status 409)"},
		{NULL, "words", NULL, 401, ERROR_UNAUTHORIZED, "words (status 401)"},
		{NULL, "words", NULL, 504, ERROR_TIMEOUT, "words (status 504)"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		CLEANUP(arm_failure_clear) struct arm_failure failure = ARM_FAILURE_INIT;
		autoerror err = ERROR_INIT;

		failure.code = xstrdup_or_null(rows[i].code);
		failure.message = xstrdup(rows[i].message);
		buf_addf(&failure.whole, "%s: %s\n", rows[i].code ? rows[i].code : "",
			rows[i].message);
		assert_int_equal(
			arm_failure_error(&failure, rows[i].status, rows[i].ids, &err), -1);
		assert_int_equal(err.kind, rows[i].kind);
		assert_string_equal(err.message, rows[i].text);
	}
}

static void test_catalog(void **state)
{
	(void)state;
	for (size_t i = 0; i < arm_advice_count; i++) {
		const struct arm_advice *row = &arm_advice[i];

		assert_true(row->code || row->text);
		assert_true(str_set(row->hint) && !ends_with(row->hint, "."));
		for (size_t k = 0; k < i; k++)
			if (streq(arm_advice[k].code, row->code) &&
				streq(arm_advice[k].text, row->text))
				fail_msg("%s, %s stand twice", row->code, row->text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unfolds),
		cmocka_unit_test(test_is_bounded),
		cmocka_unit_test(test_error),
		cmocka_unit_test(test_catalog),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
