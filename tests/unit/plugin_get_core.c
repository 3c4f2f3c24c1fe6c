/* SPDX-License-Identifier: Apache-2.0 */
/* READY, STATUS and RESTARTS of pods as kubectl computes them. */
#include "test.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/time.h"
#include "plugin/get.h"

#define CONTAINERS(count) "\"spec\":{\"containers\":[" count "]}"
#define ONE "{\"name\":\"a\"}"
#define TWO ONE ",{\"name\":\"b\"}"
#define RUNNING(name) "{\"name\":\"" name "\",\"ready\":true,\"state\":{\"running\":{}}}"
#define WAITING(name, reason, restarts)                                                 \
	"{\"name\":\"" name "\",\"restartCount\":" restarts ",\"state\":{\"waiting\":{" \
	"\"reason\":\"" reason "\"}},\"lastState\":{\"terminated\":{\"finishedAt\":"    \
	"\"2026-11-24T07:59:00Z\"}}}"
#define ENDED(name, more) "{\"name\":\"" name "\",\"state\":{\"terminated\":{" more "}}}"
#define STATUS(phase, more) "\"status\":{\"phase\":\"" phase "\"" more "}"
#define STATUSES(list) ",\"containerStatuses\":[" list "]"
#define INITS(list) ",\"initContainerStatuses\":[" list "]"
#define DELETED "\"metadata\":{\"deletionTimestamp\":\"2026-11-24T07:59:00Z\"}"

static const struct {
	const char *pod, *ready, *status, *restarts;
} rows[] = {
	{"{" CONTAINERS(ONE) "," STATUS("Running", STATUSES(RUNNING("a"))) "}", "1/1", "Running",
		"0"},
	{"{" CONTAINERS(ONE) "," STATUS("Pending", "") "}", "0/1", "Pending", "0"},
	{"{}", "0/0", "", "0"},
	{"{" CONTAINERS(TWO) "," STATUS(
		 "Running", STATUSES(RUNNING("a") "," WAITING("b", "CrashLoopBackOff", "7"))) "}",
		"1/2", "CrashLoopBackOff", "7 (60s ago)"},
	{"{" CONTAINERS(ONE) "," STATUS("Failed", ",\"reason\":\"Evicted\"") "}", "0/1", "Evicted",
		"0"},
	{"{" CONTAINERS(ONE) "," STATUS(
		 "Succeeded", STATUSES(ENDED("a", "\"exitCode\":0,\"reason\":\"Completed\""))) "}",
		"0/1", "Completed", "0"},
	{"{" CONTAINERS(ONE) "," STATUS("Failed", STATUSES(ENDED("a", "\"exitCode\":3"))) "}",
		"0/1", "ExitCode:3", "0"},
	{"{" CONTAINERS(ONE) "," STATUS("Failed", STATUSES(ENDED("a", "\"signal\":9"))) "}", "0/1",
		"Signal:9", "0"},
	/* One container has ended, the other still runs. */
	{"{" CONTAINERS(TWO) "," STATUS("Running",
		 STATUSES(ENDED("a", "\"exitCode\":0,\"reason\":\"Completed\"") "," RUNNING(
			 "b"))) "}",
		"1/2", "NotReady", "0"},
	{"{" CONTAINERS(TWO) "," STATUS("Running",
		 ",\"conditions\":[{\"type\":\"Ready\","
		 "\"status\":\"True\"}]" STATUSES(ENDED(
			 "a", "\"exitCode\":0,\"reason\":\"Completed\"") "," RUNNING("b"))) "}",
		"1/2", "Running", "0"},
	{"{" DELETED "," CONTAINERS(ONE) "," STATUS("Running", STATUSES(RUNNING("a"))) "}", "1/1",
		"Terminating", "0"},
	{"{" DELETED "," CONTAINERS(ONE) "," STATUS("Succeeded", "") "}", "0/1", "Succeeded", "0"},
	{"{" DELETED "," CONTAINERS(ONE) "," STATUS("Running", ",\"reason\":\"NodeLost\"") "}",
		"0/1", "Unknown", "0"},
	{"{" CONTAINERS(ONE) "," STATUS("Pending", ",\"conditions\":[{\"type\":\"PodScheduled\","
						   "\"reason\":\"SchedulingGated\"}]") "}",
		"0/1", "SchedulingGated", "0"},
	/* Init containers, in turn. */
	{"{\"spec\":{\"initContainers\":[" TWO "],\"containers\":[" ONE "]}," STATUS("Pending",
		 INITS(ENDED("a",
			 "\"exitCode\":0") ",{\"name\":\"b\",\"state\":{\"running\":{}}}")) "}",
		"0/1", "Init:1/2", "0"},
	{"{\"spec\":{\"initContainers\":[" ONE "],\"containers\":[" ONE
	 "]}," STATUS("Pending", INITS(WAITING("a", "ImagePullBackOff", "0"))) "}",
		"0/1", "Init:ImagePullBackOff", "0"},
	{"{\"spec\":{\"initContainers\":[" ONE "],\"containers\":[" ONE
	 "]}," STATUS("Pending", INITS(WAITING("a", "PodInitializing", "2"))) "}",
		"0/1", "Init:0/1", "2 (60s ago)"},
	{"{\"spec\":{\"initContainers\":[" ONE "],\"containers\":[" ONE
	 "]}," STATUS("Failed", INITS(ENDED("a", "\"exitCode\":1,\"reason\":\"Error\""))) "}",
		"0/1", "Init:Error", "0"},
	{"{\"spec\":{\"initContainers\":[" ONE "],\"containers\":[" ONE
	 "]}," STATUS("Failed", INITS(ENDED("a", "\"exitCode\":4"))) "}",
		"0/1", "Init:ExitCode:4", "0"},
	/* A sidecar is an init container that stays. */
	{"{\"spec\":{\"initContainers\":[{\"name\":\"s\",\"restartPolicy\":\"Always\"}],"
	 "\"containers\":[" ONE
	 "]}," STATUS("Running", INITS("{\"name\":\"s\","
				       "\"started\":true,\"ready\":true,\"restartCount\":2,"
				       "\"state\":{\"running\":{}}}") STATUSES(RUNNING("a"))) "}",
		"2/2", "Running", "2"},
};

static void test_pods(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct json_object *object = NULL;
		struct get_cell cell = {.now = time_parse("2026-11-24T08:00:00Z")};
		autobuf ready = BUF_INIT;
		autobuf status = BUF_INIT;
		autobuf restarts = BUF_INIT;

		if (json_parse(rows[i].pod, strlen(rows[i].pod), &object, NULL) < 0)
			fail_msg("row %zu is no JSON: %s", i, rows[i].pod);
		cell.object = object;
		get_cell_pod_ready(&ready, &cell);
		get_cell_pod_status(&status, &cell);
		get_cell_pod_restarts(&restarts, &cell);
		json_free(object);
		assert_string_equal(ready.ptr, rows[i].ready);
		assert_string_equal(status.ptr, rows[i].status);
		assert_string_equal(restarts.ptr, rows[i].restarts);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pods),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
