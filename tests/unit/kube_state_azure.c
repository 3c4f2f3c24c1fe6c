/* SPDX-License-Identifier: Apache-2.0 */
#include "state_rows.h"

#define PART(word, message) "{\"complianceState\":\"" word "\",\"message\":\"" message "\"}"
#define MANAGED(source, infra, apps)                                                           \
	"\"managedStatuses\":{\"gitRepository\":" source ",\"kustomizations\":{\"a/i\":" infra \
	",\"a/a\":" apps "}}"
#define SYNCED(word, when) \
	",\"dataplaneStatus\":{\"isSyncedWithAzure\":" word ",\"lastSyncedTime\":\"" when "\"}"
#define SUCCEEDED "\"provisioningState\":\"Succeeded\","

static const struct row rows[] = {
	{"FluxConfig", "{}", STATE_PROGRESSING, NULL},
	{"FluxConfig",
		"{\"status\":{" SUCCEEDED MANAGED(PART("Compliant", "s"), PART("Compliant", "i"),
			PART("Compliant", "a")) "}}",
		STATE_READY, NULL},
	/* The part that only waits does not hide the part that it waits for. */
	{"FluxConfig",
		"{\"status\":{" SUCCEEDED MANAGED(PART("Compliant", "s"),
			PART("Non-Compliant", "dependency 'a/i' is not ready"),
			PART("Non-Compliant", "path not found")) "}}",
		STATE_FAILING, "path not found"},
	{"FluxConfig",
		"{\"status\":{" SUCCEEDED MANAGED(
			PART("Pending", "soon"), PART("Compliant", "i"), "{}") "}}",
		STATE_PROGRESSING, "soon"},
	{"FluxConfig",
		"{\"status\":{" SUCCEEDED MANAGED(PART("Brand-New-Word", "?"), "{}", "7") "}}",
		STATE_PROGRESSING, NULL},
	{"FluxConfig", "{\"status\":{\"provisioningState\":\"Failed\"}}", STATE_FAILING, NULL},
	{"FluxConfig", "{\"status\":{\"provisioningState\":\"Creating\"}}", STATE_PROGRESSING,
		NULL},
	{"FluxConfig",
		"{\"spec\":{\"softDelete\":true},\"status\":{\"provisioningState\":"
		"\"Succeeded\"}}",
		STATE_DELETING, NULL},
	{"FluxConfig", "{" META("2") ",\"status\":{" SUCCEEDED "\"observedGeneration\":1}}",
		STATE_STALE, NULL},
	{"FluxConfig",
		"{\"spec\":{\"gitRepository\":{\"syncInterval\":\"10m0s\"}},\"status\":{"
		"\"provisioningState\":\"Succeeded\"" SYNCED("true", "2026-11-24T07:29:00Z") "}}",
		STATE_STALE, NULL},
	{"FluxConfig",
		"{\"spec\":{\"gitRepository\":{\"syncInterval\":\"10m0s\"}},\"status\":{"
		"\"provisioningState\":\"Succeeded\"" SYNCED("true", "2026-11-24T07:31:00Z") "}}",
		STATE_READY, NULL},
	{"FluxConfig", "{\"status\":{\"provisioningState\":\"Succeeded\"" SYNCED("false", "") "}}",
		STATE_STALE, NULL},
	{"ExtensionConfig", "{}", STATE_PROGRESSING, NULL},
	{"ExtensionConfig", "{\"status\":{\"extensionState\":\"Installed\",\"message\":\"m\"}}",
		STATE_READY, "m"},
	{"ExtensionConfig",
		"{\"status\":{\"extensionState\":\"Failed\",\"message\":\"m\","
		"\"reconciliationError\":\"e\"}}",
		STATE_FAILING, "e"},
	{"ExtensionConfig", "{\"status\":{\"status\":\"Successfully installed the extension\"}}",
		STATE_READY, NULL},
	{"ExtensionConfig", "{\"status\":{\"status\":\"Failed to install the extension\"}}",
		STATE_FAILING, NULL},
	{"ExtensionConfig", "{\"status\":{\"status\":\"Failed to delete the extension\"}}",
		STATE_DELETING, NULL},
	{"ExtensionConfig", "{\"status\":{\"status\":\"Installing the extension\"}}",
		STATE_PROGRESSING, NULL},
	{"ExtensionConfig",
		"{\"status\":{\"extensionState\":\"Installed\",\"syncStatus\":{"
		"\"isSyncedWithAzure\":false}}}",
		STATE_STALE, NULL},
	{"FluxConfigSyncStatus", "{}", STATE_STATIC, NULL},
};

static void test_azure(void **state)
{
	(void)state;
	check_rows(rows, countof(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_azure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
