/* SPDX-License-Identifier: Apache-2.0 */
#include "arm_play.h"

#include "arm/operation.h"

#define EXTENSION                                                                               \
	"/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/"      \
	"Microsoft.Kubernetes/connectedClusters/c/providers/Microsoft.KubernetesConfiguration/" \
	"extensions/flux"
#define NOW "retry-after-ms: 0\r\n"
#define AZURE_ASYNC "Azure-AsyncOperation: %s" EXTENSION "/operations/1?api-Version=2024-11-01\r\n"
#define LOCATION "Location: https://eastus.rp.kubernetesconfiguration.azure.com/x\r\n"

/* What a change meets, and how it ends. `first` may have the server's address. */
struct story {
	const char *method, *first;
	struct play_reply replies[6];
	size_t count, requests;
	const char *error; /* part of it; NULL: it works */
	bool reply;        /* the resource is there at the end */
};

static const struct story stories[] = {
	/* done at once */
	{"PUT", "", {{200, NULL, "{\"properties\":{\"provisioningState\":\"Succeeded\"}}"}}, 1, 1,
		NULL, true},
	{"DELETE", "", {{204, NULL, ""}}, 1, 1, NULL, false},
	{"DELETE", "", {{200, NULL, "{\"content\":null,\"statusCode\":200}"}}, 1, 1, NULL, false},
	/* states that nobody knows are states on the way; not known yet is no end */
	{"PUT", AZURE_ASYNC LOCATION NOW,
		{{201, NULL, "{\"properties\":{\"provisioningState\":\"Creating\"}}"},
			{404, NOW, "{}"}, {200, NOW, "{\"status\":\"Somehow\"}"},
			{200, NOW, "{\"status\":\"succeeded\"}"},
			{200, NULL, "{\"name\":\"flux\"}"}},
		5, 5, NULL, true},
	{"DELETE", AZURE_ASYNC NOW, {{202, NULL, ""}, {404, NOW, "{}"}}, 2, 2, NULL, false},
	{"DELETE", AZURE_ASYNC NOW, {{202, NULL, ""}, {200, NOW, "{\"status\":\"Succeeded\"}"}}, 2,
		2, NULL, false},
	/* no address to poll: the resource itself */
	{"PATCH", LOCATION NOW,
		{{202, NULL, ""},
			{200, NOW, "{\"properties\":{\"provisioningState\":\"Updating\"}}"},
			{200, NOW, "{\"properties\":{\"provisioningState\":\"Succeeded\"}}"}},
		3, 3, NULL, true},
	{"DELETE", LOCATION NOW,
		{{202, NULL, ""},
			{200, NOW, "{\"properties\":{\"provisioningState\":\"Succeeded\"}}"},
			{404, NULL, "{}"}},
		3, 3, NULL, false},
	/* an address elsewhere */
	{"PUT", "Azure-AsyncOperation: https://evil.example/operations/1\r\n", {{201, NULL, "{}"}},
		1, 1, "nothing is sent there", false},
	/* failures, with what the resource says */
	{"PUT", AZURE_ASYNC NOW,
		{{201, NULL, "{}"},
			{200, NOW,
				"{\"status\":\"Failed\",\"error\":{\"code\":"
				"\"ExtensionOperationFailed\","
				"\"message\":\"InnerError [broken]\"}}"},
			{200, NULL,
				"{\"properties\":{\"errorInfo\":{\"code\":\"X\",\"message\":\"the "
				"pod "
				"has no room\"}}}"}},
		3, 3,
		"ended as 'Failed': broken (ExtensionOperationFailed)\nand the resource says: the "
		"pod has "
		"no room",
		false},
	{"PUT", AZURE_ASYNC NOW,
		{{201, NULL, "{}"}, {200, NOW, "{\"status\":\"Canceled\"}"},
			{200, NULL, "{\"properties\":{\"errorMessage\":\"stopped by somebody\"}}"}},
		3, 3, "ended as 'Canceled': stopped by somebody", false},
	{"PUT", AZURE_ASYNC NOW,
		{{201, NULL, "{}"}, {200, NOW, "{\"status\":\"Failed\"}"},
			{200, NULL,
				"{\"properties\":{\"statuses\":[{\"level\":\"Information\","
				"\"message\":\"fine\"},"
				"{\"level\":\"Error\",\"message\":\"not fine\"}]}}"}},
		3, 3, "ended as 'Failed': not fine", false},
};

static void play_story(const struct story *story)
{
	CLEANUP(arm_operation_clear) struct arm_operation operation = ARM_OPERATION_INIT;
	CLEANUP(arm_request_clear) struct arm_request request = ARM_REQUEST_INIT;
	struct play_reply replies[6];
	struct arm_play play;
	autobuf first = BUF_INIT;
	autoerror err = ERROR_INIT;
	const char *address = strstr(story->first, "%s");
	int result;

	memcpy(replies, story->replies, sizeof(replies));
	arm_play_begin(&play, replies, story->count, false);
	buf_add(&first, story->first,
		address ? (size_t)(address - story->first) : strlen(story->first));
	if (address)
		buf_addf(&first, "%s%s", play.play.server.url, address + 2);
	replies[0].headers = first.ptr;
	request.method = story->method;
	request.path = EXTENSION;
	request.api_version = "2024-11-01";
	result = arm_operation_begin(play.arm, &request, &operation, &err);
	if (result == 0)
		result = arm_operation_wait(play.arm, &operation, NULL, NULL, &err);
	if ((result < 0) != (story->error != NULL) ||
		(story->error && !strstr(err.message, story->error)))
		fail_msg("%s %s: %s", story->method, story->first, err.message);
	assert_int_equal(operation.reply != NULL, story->reply);
	arm_play_stop(&play);
	assert_int_equal(arm_play_count(&play), story->requests);
	for (size_t i = 1; address && i + 1 < story->count; i++)
		if (!strstr(arm_play_asked(&play, i),
			    "/operations/1?api-Version=2024-11-01 HTTP/") &&
			!starts_with(arm_play_asked(&play, i), "GET " EXTENSION "?"))
			fail_msg("not as it was given: %s", arm_play_asked(&play, i));
	arm_play_end(&play);
}

static void test_stories(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(stories); i++)
		play_story(&stories[i]);
}

static void test_takes_up_again(void **state)
{
	static const struct {
		const char *url, *resource, *version; /* resource NULL: refused */
	} rows[] = {
		{"/a/extensions/flux/operations/1?api-Version=2024-11-01", "/a/extensions/flux",
			"2024-11-01"},
		{"/a/extensions/flux/Operations/1?x=y&API-VERSION=2#f", "/a/extensions/flux", "2"},
		{"/a/extensions/flux?api-version=3", "/a/extensions/flux", "3"},
		{"/operations?api-version=3", "/operations", "3"},
		{"/a/extensions/flux/operations/1", NULL, NULL},
		{"https://evil.example/a/operations/1?api-version=1", NULL, NULL},
	};
	static char endpoint[] = "https://arm.example";
	struct arm_cloud cloud = {.endpoint = endpoint};
	struct arm_options options = {.cloud = &cloud};
	struct arm *arm = arm_new(&options);

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		CLEANUP(arm_operation_clear) struct arm_operation operation = ARM_OPERATION_INIT;
		autoerror err = ERROR_INIT;
		int result = arm_operation_resume(arm, rows[i].url, &operation, &err);

		assert_int_equal(result, rows[i].resource ? 0 : -1);
		if (result < 0)
			continue;
		assert_string_equal(operation.resource + strlen(endpoint), rows[i].resource);
		assert_string_equal(operation.api_version, rows[i].version);
		assert_int_equal(operation.by_resource, !strstr(rows[i].url, "perations/"));
	}
	arm_free(arm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stories),
		cmocka_unit_test(test_takes_up_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
