/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/error.h"
#include "kube/status_error.h"

#define FAILURE "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","

struct row {
	int status;
	const char *body;
	const char *what;
	enum error_kind kind;
	const char *message;
};

static void check(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		autoerror err = ERROR_INIT;

		assert_int_equal(kube_status_error(rows[i].status, rows[i].body,
					 strlen(rows[i].body), rows[i].what, &err),
			-1);
		assert_string_equal(err.message, rows[i].message);
		assert_int_equal(err.kind, rows[i].kind);
	}
}

/* clang-format off */
static const struct row with_status[] = {
	{404, FAILURE "\"message\":\"pods \\\"x\\\" not found\",\"reason\":\"NotFound\",\"details\":{\"name\":\"x\",\"kind\":\"pods\"},\"code\":404}",
		"get pods x", ERROR_NOT_FOUND,
		"Error from server (NotFound): pods \"x\" not found"},
	{403, FAILURE "\"message\":\"pods is forbidden: User \\\"u\\\" cannot list\",\"reason\":\"Forbidden\",\"code\":403}",
		NULL, ERROR_FORBIDDEN,
		"Error from server (Forbidden): pods is forbidden: User \"u\" cannot list"},
	{410, FAILURE "\"message\":\"too old\",\"reason\":\"Expired\",\"code\":410}",
		NULL, ERROR_GONE, "Error from server (Expired): too old"},
	{500, FAILURE "\"message\":\"etcd is sad\",\"code\":500}",
		NULL, ERROR_SERVER, "Error from server: etcd is sad"},
	{401, FAILURE "\"message\":\"Unauthorized\",\"reason\":\"Unauthorized\",\"code\":401}",
		NULL, ERROR_UNAUTHORIZED, "You must be logged in to the server (Unauthorized)"},
	{409, FAILURE "\"message\":\"the object has been modified\",\"reason\":\"Conflict\",\"code\":409}",
		NULL, ERROR_CONFLICT, "Error from server (Conflict): the object has been modified"},
	/* 422: one cause, several (each once), none, and without names. */
	{422, FAILURE "\"message\":\"m\",\"reason\":\"Invalid\",\"details\":{\"name\":\"x\",\"kind\":\"Kustomization\",\"causes\":[{\"reason\":\"FieldValueRequired\",\"message\":\"Required value\",\"field\":\"spec.path\"}]}}",
		NULL, ERROR_SERVER, "The Kustomization \"x\" is invalid: spec.path: Required value"},
	{422, FAILURE "\"message\":\"m\",\"reason\":\"Invalid\",\"details\":{\"name\":\"x\",\"kind\":\"K\",\"causes\":[{\"message\":\"a\",\"field\":\"f\"},{\"message\":\"b\",\"field\":\"g\"},{\"message\":\"a\",\"field\":\"f\"}]}}",
		NULL, ERROR_SERVER, "The K \"x\" is invalid: \n* f: a\n* g: b"},
	{422, FAILURE "\"message\":\"m\",\"reason\":\"Invalid\",\"details\":{\"name\":\"x\",\"kind\":\"K\"}}",
		NULL, ERROR_SERVER, "The K \"x\" is invalid"},
	{422, FAILURE "\"message\":\"something\",\"reason\":\"Invalid\"}",
		NULL, ERROR_SERVER, "The request is invalid: something"},
	{422, FAILURE "\"message\":\"m\",\"reason\":\"Invalid\",\"details\":{\"causes\":[{\"message\":\"a\",\"field\":\"f\"}]}}",
		NULL, ERROR_SERVER, "The request is invalid: f: a"},
};

static const struct row without_status[] = {
	{404, "404 page not found\n", "get things.g.io", ERROR_NOT_FOUND,
		"Error from server (NotFound): the server could not find the requested resource (get things.g.io)"},
	{404, "", NULL, ERROR_NOT_FOUND,
		"Error from server (NotFound): the server could not find the requested resource"},
	{403, "access denied by proxy\n", NULL, ERROR_FORBIDDEN,
		"Error from server (Forbidden): access denied by proxy"},
	{403, "", "get pods", ERROR_FORBIDDEN, "Error from server (Forbidden): (get pods)"},
	{401, "no\n", "get pods", ERROR_UNAUTHORIZED,
		"You must be logged in to the server (the server has asked for the client to provide credentials (get pods))"},
	{405, "", NULL, ERROR_SERVER,
		"Error from server (MethodNotAllowed): the server does not allow this method on the requested resource"},
	{409, "", NULL, ERROR_CONFLICT, "Error from server (Conflict): the server reported a conflict"},
	{429, "slow down", "get pods", ERROR_SERVER,
		"Error from server (TooManyRequests): the server has received too many requests and has asked us to try again later (get pods)"},
	{503, "x", NULL, ERROR_SERVER,
		"Error from server (ServiceUnavailable): the server is currently unable to handle the request"},
	{504, "x", NULL, ERROR_TIMEOUT,
		"Error from server (Timeout): the server was unable to return a response in the time allotted, but may still be processing the request"},
	{500, "say \"what\"\n", "get pods", ERROR_SERVER,
		"Error from server (InternalError): an error on the server (\"say \\\"what\\\"\") has prevented the request from succeeding (get pods)"},
	{502, "", NULL, ERROR_SERVER,
		"Error from server (InternalError): an error on the server (\"\") has prevented the request from succeeding"},
	{500, "{\"error\":\"json of another kind\"}", NULL, ERROR_SERVER,
		"Error from server (InternalError): an error on the server (\"unknown\") has prevented the request from succeeding"},
	{418, "teapot", NULL, ERROR_SERVER,
		"Error from server: the server responded with the status code 418 but did not return more information"},
	/* A Status that is not a failure says nothing. */
	{500, "{\"kind\":\"Status\",\"status\":\"Success\"}", NULL, ERROR_SERVER,
		"Error from server (InternalError): an error on the server (\"unknown\") has prevented the request from succeeding"},
};
/* clang-format on */

static void test_with_status(void **state)
{
	(void)state;
	check(with_status, countof(with_status));
}

static void test_without_status(void **state)
{
	(void)state;
	check(without_status, countof(without_status));
}

static void test_cuts_long_texts(void **state)
{
	char body[5000];
	autoerror err = ERROR_INIT;

	(void)state;
	memset(body, 'x', sizeof(body));
	kube_status_error(403, body, sizeof(body), NULL, &err);
	assert_int_equal(strlen(err.message), strlen("Error from server (Forbidden): ") + 2048);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_with_status),
		cmocka_unit_test(test_without_status),
		cmocka_unit_test(test_cuts_long_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
