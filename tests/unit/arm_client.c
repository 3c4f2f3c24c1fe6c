/* SPDX-License-Identifier: Apache-2.0 */
#include "arm_play.h"

#define CHALLENGE                                                              \
	"WWW-Authenticate: Bearer realm=\"\", error=\"insufficient_claims\", " \
	"claims=\"eyJhY2Nlc3NfdG9rZW4iOnt9fQ==\"\r\n"
#define EXPIRED                                                                         \
	"{\"error\":{\"code\":\"ExpiredAuthenticationToken\",\"message\":\"The access " \
	"token expiry UTC time is earlier than current UTC time.\"}}"
#define AT_ONCE "retry-after-ms: 0\r\n"
#define PATH "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg"
#define EXTENSIONS                                                            \
	PATH "/providers/Microsoft.Kubernetes/connectedClusters/c/providers/" \
	     "Microsoft.KubernetesConfiguration/extensions"

static int get(struct arm_play *play, const char *path, struct json_object **ret, struct error *err)
{
	return arm_get(play->arm, path, "2021-04-01", ret, err);
}

static void test_request_and_reply(void **state)
{
	static const struct play_reply replies[] = {{200, NULL, "{\"name\":\"rg\"}"}};
	struct arm_play play;
	autojson struct json_object *reply = NULL;
	autoerror err = ERROR_INIT;

	(void)state;
	arm_play_begin(&play, replies, countof(replies), false);
	assert_int_equal(get(&play, PATH "?x=1", &reply, &err), 0);
	assert_string_equal(json_str(reply, "name"), "rg");
	arm_play_stop(&play);
	const char *asked = arm_play_asked(&play, 0);
	assert_true(starts_with(asked, "GET " PATH "?x=1&api-version=2021-04-01 HTTP/"));
	assert_non_null(strstr(asked, "Authorization: Bearer " TOKEN "\r\n"));
	assert_non_null(strstr(asked, "Accept: application/json\r\n"));
	assert_non_null(strstr(asked, "x-ms-client-request-id: "));
	arm_play_end(&play);
}

static void test_addresses(void **state)
{
	/* The endpoint is https://Arm.example:8443; %s: refused. */
	static const struct {
		const char *path, *url;
	} rows[] = {
		{"/subscriptions", "https://arm.example:8443/subscriptions?api-version=1"},
		{"https://ARM.Example:8443/a?b=c", "https://arm.example:8443/a?b=c&api-version=1"},
		{"HTTPS://arm.example:8443", "https://arm.example:8443/?api-version=1"},
		{"https://arm.example:8443/RESOURCEGROUPS/%2e%2e/x",
			"https://arm.example:8443/RESOURCEGROUPS/%2e%2e/x?api-version=1"},
		{"https://arm.example/a", NULL},
		{"http://arm.example:8443/a", NULL},
		{"https://arm.example.evil:8443/a", NULL},
		{"https://evil/arm.example:8443/a", NULL},
		{"https://arm.example:8443@evil/a", NULL},
		{"https://evil@arm.example:8443/a", NULL},
		{"https://arm.example:8443\\@evil/a", NULL},
		{"https://arm.example:8443#@evil/", "https://arm.example:8443/?api-version=1"},
		{"//evil/a", "https://arm.example:8443//evil/a?api-version=1"},
		{"/a\nb", NULL},
		{"relative", NULL},
		{"", NULL},
		{"https://eastus.rp.kubernetesconfiguration.azure.com/a", NULL},
	};
	static char endpoint[] = "https://arm.example:8443";
	struct arm_cloud cloud = {.endpoint = endpoint};
	struct arm_options options = {.cloud = &cloud};
	struct arm *arm = arm_new(&options);

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct arm_request request = {.path = rows[i].path, .api_version = "1"};
		autoerror err = ERROR_INIT;
		autofree char *url = NULL;
		int result = arm_url(arm, &request, &url, &err);

		if (!rows[i].url && (result == 0 || error_exit_status(err.kind) > 2))
			fail_msg("'%s' became '%s'", rows[i].path, url ? url : err.message);
		if (rows[i].url && (result < 0 || !streq(url, rows[i].url)))
			fail_msg("'%s' became '%s'", rows[i].path, url ? url : err.message);
	}
	arm_free(arm);
}

static void test_tries_again(void **state)
{
	/* Replies, then how many requests there were, and how it ended. */
	static const struct {
		struct play_reply replies[6];
		size_t count, requests;
		int status;
	} rows[] = {
		{{{503, AT_ONCE, ""}, {200, NULL, "{}"}}, 2, 2, 200},
		{{{500, AT_ONCE, ""}, {502, AT_ONCE, ""}, {504, AT_ONCE, ""}, {200, NULL, "{}"}}, 4,
			4, 200},
		{{{503, AT_ONCE, ""}}, 1, 4, 503},
		{{{400, NULL, "{}"}}, 1, 1, 400},
		{{{409, NULL, "{}"}}, 1, 1, 409},
		{{{307, "Location: https://evil/\r\n", ""}}, 1, 1, 307},
		{{{503, "Retry-After: 400\r\n", ""}}, 1, 1, 503},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct arm_play play;
		CLEANUP(arm_request_clear) struct arm_request request = ARM_REQUEST_INIT;
		struct arm_request *requests[] = {&request};
		autoerror err = ERROR_INIT;

		arm_play_begin(&play, rows[i].replies, rows[i].count, false);
		request.path = PATH;
		assert_int_equal(arm_run(play.arm, requests, 1, &err), 0);
		assert_int_equal(request.status, rows[i].status);
		assert_int_equal(request.error.kind == ERROR_NONE, rows[i].status == 200);
		arm_play_stop(&play);
		assert_int_equal(arm_play_count(&play), rows[i].requests);
		arm_play_end(&play);
	}
}

static void test_a_put_that_breaks_is_sent_again(void **state)
{
	static const struct play_reply replies[] = {{0, NULL, NULL}, {200, NULL, "{}"}};
	struct arm_play play;
	CLEANUP(arm_request_clear) struct arm_request request = ARM_REQUEST_INIT;
	autojson struct json_object *body = json_new_object();
	autoerror err = ERROR_INIT;

	(void)state;
	json_set_str(body, "a", "b");
	arm_play_begin(&play, replies, countof(replies), false);
	request.method = "PUT";
	request.path = PATH;
	request.body = body;
	if (arm_send(play.arm, &request, &err) < 0)
		fail_msg("%s", err.message);
	arm_play_stop(&play);
	assert_int_equal(arm_play_count(&play), 2);
	assert_true(ends_with(arm_play_asked(&play, 1), "\r\n\r\n{\"a\":\"b\"}"));
	arm_play_end(&play);
}

/* More often than other failures, since the server says when; each wait is at least a second. */
static void test_obeys_throttling(void **state)
{
	static const struct play_reply replies[] = {
		{429, "Retry-After: 0\r\n", ""},
		{429, "x-ms-retry-after-ms: 5\r\n", ""},
		{200, "x-ms-ratelimit-remaining-subscription-writes: 3\r\n", "{}"},
	};
	struct arm_play play;
	autojson struct json_object *reply = NULL;
	autoerror err = ERROR_INIT;
	int64_t began = time_monotonic();

	(void)state;
	arm_play_begin(&play, replies, countof(replies), false);
	assert_int_equal(get(&play, PATH, &reply, &err), 0);
	assert_true(time_monotonic() - began >= 2000);
	assert_int_equal(play.warnings.len, 1);
	assert_string_equal(
		play.warnings.items[0], "Azure's limit is almost used up: subscription-writes");
	arm_play_end(&play);
}

static void test_a_storm_has_an_end(void **state)
{
	static const struct play_reply longer[] = {
		{429, "Retry-After: 3600\r\n", "{\"error\":{\"code\":\"TooManyRequests\"}}"}};
	struct arm_play play;
	autojson struct json_object *reply = NULL;
	autoerror err = ERROR_INIT;

	(void)state;
	arm_play_begin(&play, longer, 1, false);
	assert_int_equal(get(&play, PATH, &reply, &err), -1);
	assert_non_null(strstr(err.hint, "limit of requests"));
	arm_play_stop(&play);
	assert_int_equal(arm_play_count(&play), 1);
	arm_play_end(&play);
}

/* ---- tokens */

static void test_answers_a_challenge_once(void **state)
{
	static const struct play_reply replies[] = {
		{200, NULL, GRANTED},
		{401, CHALLENGE, "{}"},
		{200, NULL,
			"{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"new\"}"},
		{200, NULL, "{\"name\":\"rg\"}"},
	};
	struct arm_play play;
	autojson struct json_object *reply = NULL;
	autoerror err = ERROR_INIT;

	(void)state;
	arm_play_begin(&play, replies, countof(replies), true);
	assert_int_equal(get(&play, PATH, &reply, &err), 0);
	arm_play_stop(&play);
	assert_int_equal(arm_play_count(&play), 4);
	assert_non_null(strstr(arm_play_asked(&play, 2), "claims=%7B%22access_token%22"));
	assert_non_null(strstr(arm_play_asked(&play, 3), "Authorization: Bearer new\r\n"));
	arm_play_end(&play);
}

static void test_an_expired_token_is_renewed_once(void **state)
{
	static const struct play_reply replies[] = {
		{200, NULL, GRANTED},
		{401, NULL, EXPIRED},
		{200, NULL,
			"{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"new\"}"},
		{401, NULL, EXPIRED},
		{200, NULL, "{}"},
	};
	struct arm_play play;
	autojson struct json_object *reply = NULL;
	autoerror err = ERROR_INIT;

	(void)state;
	arm_play_begin(&play, replies, countof(replies), true);
	assert_int_equal(get(&play, PATH, &reply, &err), -1);
	assert_int_equal(err.kind, ERROR_UNAUTHORIZED);
	assert_null(strstr(err.message, TOKEN));
	arm_play_stop(&play);
	assert_int_equal(arm_play_count(&play), 4);
	assert_non_null(strstr(arm_play_asked(&play, 3), "Authorization: Bearer new\r\n"));
	arm_play_end(&play);
}

/* ---- errors */

static void test_an_error_names_its_ids(void **state)
{
	static const struct play_reply replies[] = {{403,
		"x-ms-request-id: req-1\r\nx-ms-correlation-request-id: cor-2\r\n"
		"x-ms-routing-request-id: WEST:3\r\n",
		"{\"error\":{\"code\":\"AuthorizationFailed\",\"message\":\"no\"}}"}};
	struct arm_play play;
	autojson struct json_object *reply = NULL;
	autoerror err = ERROR_INIT;

	(void)state;
	arm_play_begin(&play, replies, countof(replies), false);
	assert_int_equal(get(&play, PATH, &reply, &err), -1);
	assert_int_equal(err.kind, ERROR_FORBIDDEN);
	assert_true(starts_with(err.message, "no (AuthorizationFailed, status 403)\n"));
	assert_non_null(strstr(err.message, "request req-1, correlation cor-2, routing WEST:3,"));
	arm_play_end(&play);
}

static void test_absence(void **state)
{
	static const struct {
		const char *body;
		bool absent;
	} rows[] = {
		{"", true},
		{"<html>404</html>", true},
		{"{\"error\":{\"code\":\"ResourceNotFound\",\"message\":\"x\"}}", true},
		{"{\"error\":{\"code\":\"ResourceGroupNotFound\",\"message\":\"x\"}}", false},
		{"{\"error\":{\"code\":\"SubscriptionNotFound\",\"message\":\"x\"}}", false},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct play_reply replies[] = {{404, NULL, rows[i].body}};
		struct arm_play play;
		CLEANUP(arm_request_clear) struct arm_request request = ARM_REQUEST_INIT;
		autoerror err = ERROR_INIT;

		arm_play_begin(&play, replies, 1, false);
		request.path = PATH;
		request.absent_ok = true;
		assert_int_equal(arm_send(play.arm, &request, &err), rows[i].absent ? 0 : -1);
		assert_null(request.reply);
		assert_int_equal(request.status, 404);
		arm_play_end(&play);
	}
}

static void test_what_is_no_json(void **state)
{
	static const struct play_reply replies[] = {{200, NULL, "<html>sign in here</html>"}};
	struct arm_play play;
	CLEANUP(arm_request_clear) struct arm_request request = ARM_REQUEST_INIT;
	autojson struct json_object *reply = NULL;
	autoerror err = ERROR_INIT;

	(void)state;
	arm_play_begin(&play, replies, countof(replies), false);
	assert_int_equal(get(&play, PATH, &reply, &err), -1);
	assert_int_equal(err.kind, ERROR_SERVER);
	/* What comes with a DELETE does not matter. */
	request.method = "DELETE";
	request.path = PATH;
	assert_int_equal(arm_send(play.arm, &request, &err), 0);
	arm_play_end(&play);
}

/* ---- lists */

static void test_pages(void **state)
{
	struct play_reply replies[] = {
		{200, NULL, NULL}, {200, NULL, "{\"value\":[3],\"nextLink\":null}"}};
	struct arm_play play;
	autojson struct json_object *list = NULL;
	autofree char *first = NULL;
	autoerror err = ERROR_INIT;

	(void)state;
	arm_play_begin(&play, replies, countof(replies), false);
	first = xasprintf("{\"value\":[1,2],\"nextLink\":\"HTTPS%s" PATH
			  "?api-version=x&$skipToken=a%%20b\"}",
		play.play.server.url + 5);
	replies[0].body = first;
	assert_int_equal(arm_list(play.arm, PATH, "2021-04-01", &list, &err), 0);
	assert_int_equal(json_len(list), 3);
	arm_play_stop(&play);
	assert_true(starts_with(
		arm_play_asked(&play, 1), "GET " PATH "?api-version=x&$skipToken=a%20b HTTP/"));
	arm_play_end(&play);
}

static void test_pages_elsewhere_are_refused(void **state)
{
	static const char *const links[] = {"https://evil.example/next", "http://127.0.0.1/next",
		"/relative", "https://127.0.0.1:1/next"};

	(void)state;
	for (size_t i = 0; i < countof(links); i++) {
		autofree char *body = xasprintf("{\"value\":[],\"nextLink\":\"%s\"}", links[i]);
		struct play_reply replies[] = {{200, NULL, body}};
		struct arm_play play;
		autojson struct json_object *list = NULL;
		autoerror err = ERROR_INIT;

		arm_play_begin(&play, replies, 1, false);
		assert_int_equal(arm_list(play.arm, PATH, "1", &list, &err), -1);
		assert_int_equal(error_exit_status(err.kind), 1);
		assert_non_null(strstr(err.message, "nothing is sent there"));
		arm_play_stop(&play);
		assert_int_equal(arm_play_count(&play), 1);
		arm_play_end(&play);
	}
}

static void test_pages_without_end(void **state)
{
	struct play_reply replies[] = {{200, NULL, NULL}};
	struct arm_play play;
	autojson struct json_object *list = NULL;
	autofree char *again = NULL;
	autoerror err = ERROR_INIT;

	(void)state;
	arm_play_begin(&play, replies, 1, false);
	again = xasprintf("{\"value\":[1],\"nextLink\":\"%s/next\"}", play.play.server.url);
	replies[0].body = again;
	assert_int_equal(arm_list(play.arm, PATH, "1", &list, &err), -1);
	assert_non_null(strstr(err.message, "more than 200 pages"));
	arm_play_end(&play);
}

/* ---- api-versions */

#define REFUSED                                                                         \
	{                                                                               \
		404, NULL,                                                              \
			"{\"error\":{\"code\":\"InvalidResourceType\",\"message\":"     \
			"\"The resource type could not be found for api version "       \
			"'2024-11-01'. The supported api-versions are '2023-05-01'\"}}" \
	}
#define PROVIDER                                                                            \
	{                                                                                   \
		200, NULL,                                                                  \
			"{\"namespace\":\"Microsoft.KubernetesConfiguration\","             \
			"\"resourceTypes\":[{\"resourceType\":\"Extensions\","              \
			"\"apiVersions\":[\"2099-01-01\",\"2023-05-01\",\"2022-11-01\"]}]}" \
	}

static void test_agrees_on_a_version(void **state)
{
	static const struct play_reply replies[] = {
		REFUSED, PROVIDER, {200, NULL, "{\"value\":[]}"}};
	struct arm_play play;
	autojson struct json_object *list = NULL;
	autojson struct json_object *again = NULL;
	autoerror err = ERROR_INIT;

	(void)state;
	arm_play_begin(&play, replies, countof(replies), false);
	assert_string_equal(arm_api_version(play.arm, ARM_EXTENSIONS), "2024-11-01");
	assert_int_equal(arm_list(play.arm, EXTENSIONS, arm_api_version(play.arm, ARM_EXTENSIONS),
				 &list, &err),
		0);
	assert_string_equal(arm_api_version(play.arm, ARM_EXTENSIONS), "2023-05-01");
	assert_int_equal(arm_list(play.arm, EXTENSIONS, arm_api_version(play.arm, ARM_EXTENSIONS),
				 &again, &err),
		0);
	arm_play_stop(&play);
	assert_int_equal(arm_play_count(&play), 4);
	assert_non_null(strstr(arm_play_asked(&play, 1),
		"/providers/Microsoft.KubernetesConfiguration?api-version=2021-04-01 "));
	assert_non_null(strstr(arm_play_asked(&play, 2), "/extensions?api-version=2023-05-01 "));
	arm_play_end(&play);
}

static void test_a_chosen_version_stays(void **state)
{
	static const struct play_reply replies[] = {REFUSED};
	struct arm_play play;
	autojson struct json_object *list = NULL;
	autoerror err = ERROR_INIT;

	(void)state;
	arm_play_begin(&play, replies, countof(replies), false);
	arm_set_api_version(play.arm, ARM_EXTENSIONS, "2020-07-01-preview");
	assert_int_equal(arm_list(play.arm, EXTENSIONS, arm_api_version(play.arm, ARM_EXTENSIONS),
				 &list, &err),
		-1);
	arm_play_stop(&play);
	assert_int_equal(arm_play_count(&play), 1);
	arm_play_end(&play);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request_and_reply),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_tries_again),
		cmocka_unit_test(test_a_put_that_breaks_is_sent_again),
		cmocka_unit_test(test_obeys_throttling),
		cmocka_unit_test(test_a_storm_has_an_end),
		cmocka_unit_test(test_answers_a_challenge_once),
		cmocka_unit_test(test_an_expired_token_is_renewed_once),
		cmocka_unit_test(test_an_error_names_its_ids),
		cmocka_unit_test(test_absence),
		cmocka_unit_test(test_what_is_no_json),
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_pages_elsewhere_are_refused),
		cmocka_unit_test(test_pages_without_end),
		cmocka_unit_test(test_agrees_on_a_version),
		cmocka_unit_test(test_a_chosen_version_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
