/* SPDX-License-Identifier: Apache-2.0 */
#include "state_rows.h"

static void test_precedence(void **state)
{
	static const struct row rows[] = {
		{"Kustomization", "{}", STATE_PROGRESSING, NULL},
		{"Kustomization", "{\"metadata\":null,\"spec\":7,\"status\":[]}", STATE_PROGRESSING,
			NULL},
		{"Kustomization", "{\"status\":{\"conditions\":{\"type\":\"Ready\"}}}",
			STATE_PROGRESSING, NULL},
		{"Kustomization", "{" STATUS("1,null,\"x\",{}", "") "}", STATE_PROGRESSING, NULL},
		{"Kustomization",
			"{" STATUS(READY("True", "ReconciliationSucceeded", "ok"), "") "}",
			STATE_READY, "ok"},
		/* Deleting outvotes Suspended, which outvotes all else. */
		{"Kustomization",
			"{\"metadata\":{\"deletionTimestamp\":\"2026-11-24T07:59:00Z\"},"
			"\"spec\":{\"suspend\":true}," STATUS(READY("True", "r", "m"), "") "}",
			STATE_DELETING, NULL},
		{"Kustomization",
			"{\"spec\":{\"suspend\":true}," STATUS(
				COND("Stalled", "True", "AccessDenied", "s", "") "," READY(
					"False", "AccessDenied", "r"),
				"") "}",
			STATE_SUSPENDED, "r"},
		{"Kustomization",
			"{\"spec\":{\"suspend\":\"true\"}," STATUS(READY("True", "r", "m"), "") "}",
			STATE_READY, NULL},
		/* Suspension of a generator is an annotation. */
		{"ArtifactGenerator",
			"{\"metadata\":{\"annotations\":{\"source.extensions.fluxcd.io/reconcile\":"
			"\"disabled\"}}," STATUS(READY("True", "r", "m"), "") "}",
			STATE_SUSPENDED, NULL},
		/* Reconciling does not outvote Ready, either way. */
		{"HelmRelease",
			"{" STATUS(COND("Reconciling", "True", "Progressing", "p", "") "," READY(
					   "False", "ValuesError", "no values"),
				"") "}",
			STATE_FAILING, "no values"},
		{"HelmRelease",
			"{" STATUS(COND("Reconciling", "True", "Progressing", "p", "") "," READY(
					   "True", "InstallSucceeded", "ok"),
				"") "}",
			STATE_READY, "ok"},
		{"HelmRelease",
			"{" STATUS(COND("Reconciling", "True", "Progressing", "p", ""), "") "}",
			STATE_PROGRESSING, "p"},
		{"HelmRelease",
			"{" STATUS(READY("Unknown", "Progressing", "Running 'upgrade'"), "") "}",
			STATE_PROGRESSING, "Running 'upgrade'"},
		{"Kustomization", "{" STATUS(READY("False", "Progressing", "m"), "") "}",
			STATE_PROGRESSING, NULL},
		{"Kustomization", "{" STATUS(READY("False", "HealthCheckCanceled", "m"), "") "}",
			STATE_PROGRESSING, NULL},
		{"GitRepository", "{" STATUS(READY("False", "NewRevision", "m"), "") "}",
			STATE_PROGRESSING, NULL},
	};

	(void)state;
	check_rows(rows, countof(rows));
}

static void test_blocked_or_at_fault(void **state)
{
	static const struct row rows[] = {
		{"Kustomization",
			"{" STATUS(READY("False", "DependencyNotReady",
					   "dependency 'a/b' is not ready"),
				"") "}",
			STATE_BLOCKED, NULL},
		{"Kustomization",
			"{" STATUS(
				READY("False", "DependencyNotReady", "dependency 'a/b' not found"),
				"") "}",
			STATE_FAILING, NULL},
		{"Kustomization",
			"{" STATUS(READY("False", "ArtifactFailed",
					   "unable to get source 'a/b': gitrepositories 'b' not "
					   "found"),
				"") "}",
			STATE_FAILING, NULL},
		{"Kustomization",
			"{" STATUS(
				READY("False", "ArtifactFailed",
					"Source is not ready, artifact not found, retrying in 30s"),
				"") "}",
			STATE_BLOCKED, NULL},
		{"Kustomization",
			"{" STATUS(
				READY("False", "ArtifactFailed", "kustomization path not found: x"),
				"") "}",
			STATE_FAILING, NULL},
		/* Flux 2.1 of a chart that is not ready. */
		{"HelmRelease",
			"{" STATUS(READY("False", "ArtifactFailed", "HelmChart 'a/b' is not ready"),
				"") "}",
			STATE_BLOCKED, NULL},
		{"HelmChart",
			"{" STATUS(READY("False", "NoSourceArtifact",
					   "no artifact available for HelmRepository source 'x'"),
				"") "}",
			STATE_BLOCKED, NULL},
		{"HelmChart",
			"{" STATUS(READY("False", "SourceUnavailable",
					   "failed to get source: x not found"),
				"") "}",
			STATE_FAILING, NULL},
		{"ImagePolicy",
			"{" STATUS(READY("False", "DependencyNotReady",
					   "referenced ImageRepository does not exist"),
				"") "}",
			STATE_FAILING, NULL},
		{"ImagePolicy",
			"{" STATUS(READY("False", "DependencyNotReady", "no tags in database"),
				"") "}",
			STATE_BLOCKED, NULL},
	};

	(void)state;
	check_rows(rows, countof(rows));
}

static void test_stalled_tells_the_cause(void **state)
{
	static const struct row rows[] = {
		{"HelmRelease",
			"{" STATUS(
				COND("Stalled", "True", "RetriesExceeded",
					"Failed to upgrade after 3 attempt(s)",
					"") "," READY("False", "RetriesExceeded",
					"Failed to upgrade after 3 attempt(s)") "," COND("Released",
					"False", "UpgradeFailed", "Helm upgrade failed: boom", ""),
				"") "}",
			STATE_STALLED, "Helm upgrade failed: boom"},
		{"HelmRelease",
			"{" STATUS(COND("Stalled", "True", "MissingRollbackTarget",
					   "Failed to perform remediation: missing target",
					   "") "," READY("False", "UpgradeFailed",
					   "Helm upgrade failed: boom"),
				"") "}",
			STATE_STALLED, "Helm upgrade failed: boom"},
		/* Flux 2.1 has no Stalled condition. */
		{"HelmRelease",
			"{" STATUS(
				READY("False", "InstallFailed",
					"install retries exhausted") "," COND("Released", "False",
					"InstallFailed", "Helm install failed: boom", ""),
				"") "}",
			STATE_STALLED, "Helm install failed: boom"},
		{"HelmRelease",
			"{" STATUS(READY("False", "UpgradeFailed",
					   "upgrade retries exhausted") "," COND("Released", "True",
					   "UpgradeSucceeded", "fine", "") "," COND("TestSuccess",
					   "False", "TestFailed", "Helm test failed: boom", ""),
				"") "}",
			STATE_STALLED, "Helm test failed: boom"},
		{"GitRepository",
			"{" STATUS(COND("Stalled", "True", "URLInvalid", "bad url", ""), "") "}",
			STATE_STALLED, "bad url"},
	};

	(void)state;
	check_rows(rows, countof(rows));
}

static void test_stale(void **state)
{
	static const struct row rows[] = {
		/* The spec is newer, and nobody has looked. */
		{"GitRepository", "{" META("3") "," STATUS(READY("True", "r", "m"), SEEN("2")) "}",
			STATE_STALE, NULL},
		/* A condition that already speaks of this generation. */
		{"GitRepository",
			"{" META("3") "," STATUS(
				COND("Ready", "True", "r", "m", SEEN("3")), SEEN("2")) "}",
			STATE_READY, NULL},
		/* It is being looked at. */
		{"GitRepository",
			"{" META("3") "," STATUS(READY("True", "r", "m") "," COND("Reconciling",
							 "True", "Progressing", "p", SEEN("3")),
				SEEN("2")) "}",
			STATE_PROGRESSING, "p"},
		/* A failing object stays at its last good generation: that is no news. */
		{"GitRepository", "{" META("3") "," STATUS(READY("False", "r", "m"), SEEN("2")) "}",
			STATE_FAILING, NULL},
		{"GitRepository",
			"{" META("1") "," STATUS(READY("False", "r", "m"), SEEN("-1")) "}",
			STATE_FAILING, NULL},
		/* Unknown is not old. */
		{"GitRepository", "{" META("3") "," STATUS(READY("True", "r", "m"), "") "}",
			STATE_READY, NULL},
		{"GitRepository", "{" META("3") "," STATUS(READY("True", "r", "m"), SEEN("-1")) "}",
			STATE_READY, NULL},
		/* 31 minutes since the last of the reconciles that are due every 10. */
		{"Kustomization",
			"{\"spec\":{\"interval\":\"10m\"}," STATUS(READY("True", "r", "m"),
				",\"history\":[{\"lastReconciled\":\"2026-11-24T07:29:00Z\"},"
				"{\"lastReconciled\":\"2026-11-24T06:00:00Z\"}]") "}",
			STATE_STALE, NULL},
		{"Kustomization",
			"{\"spec\":{\"interval\":\"10m\"}," STATUS(READY("True", "r", "m"),
				",\"history\":[{\"lastReconciled\":\"2026-11-24T07:31:00Z\"}]") "}",
			STATE_READY, NULL},
		/* A quiet healthy object has no other clock. */
		{"Kustomization",
			"{\"spec\":{\"interval\":\"1s\"}," STATUS(READY("True", "r", "m"), "") "}",
			STATE_READY, NULL},
		{"Kustomization",
			"{\"spec\":{\"interval\":\"0s\"}," STATUS(READY("True", "r", "m"),
				",\"history\":[{\"lastReconciled\":\"2020-11-24T07:29:00Z\"}]") "}",
			STATE_READY, NULL},
		{"Kustomization",
			"{\"spec\":{\"interval\":\"sometimes\"}," STATUS(READY("True", "r", "m"),
				",\"history\":[{\"lastReconciled\":\"2020-"
				"11-24T07:29:00Z\"}, 5]") "}",
			STATE_READY, NULL},
	};

	(void)state;
	check_rows(rows, countof(rows));
}

static void test_static(void **state)
{
	static const struct row rows[] = {
		{"Alert", "{\"apiVersion\":\"notification.toolkit.fluxcd.io/v1beta3\"}",
			STATE_STATIC, NULL},
		/* What an older controller left behind says nothing. */
		{"Provider",
			"{\"apiVersion\":\"notification.toolkit.fluxcd.io/v1beta3\"," STATUS(
				READY("False", "r", "m"), "") "}",
			STATE_STATIC, NULL},
		{"Provider",
			"{\"apiVersion\":\"notification.toolkit.fluxcd.io/v1beta3\","
			"\"spec\":{\"suspend\":true}}",
			STATE_SUSPENDED, NULL},
		{"Alert",
			"{\"apiVersion\":\"notification.toolkit.fluxcd.io/v1beta2\"," STATUS(
				READY("False", "ValidationFailed", "m"), "") "}",
			STATE_FAILING, NULL},
		{"HelmRepository", "{\"spec\":{\"type\":\"oci\"}}", STATE_STATIC, NULL},
		{"HelmRepository",
			"{\"spec\":{\"type\":\"oci\"}," STATUS(
				READY("True", "Succeeded", "m"), "") "}",
			STATE_READY, NULL},
		{"HelmRepository", "{\"spec\":{}}", STATE_PROGRESSING, NULL},
		{"ExternalArtifact", "{\"status\":{\"artifact\":{\"revision\":\"x\"}}}",
			STATE_READY, NULL},
		{"ExternalArtifact", "{}", STATE_PROGRESSING, NULL},
		{"Namespace", "{}", STATE_STATIC, NULL},
	};

	(void)state;
	check_rows(rows, countof(rows));
}

static void test_moments(void **state)
{
	static const struct {
		const char *kind, *object, *since;
		bool retrying, unseen;
	} rows[] = {
		{"Kustomization", "{" STATUS(READY("False", "BuildFailed", "m"), "") "}",
			"2026-11-24T07:59:00Z", true, false},
		{"Kustomization", "{" STATUS(READY("True", "r", "m"), "") "}",
			"2026-11-24T07:59:00Z", false, false},
		{"Kustomization", "{\"metadata\":{\"creationTimestamp\":\"2026-11-24T07:58:00Z\"}}",
			"2026-11-24T07:58:00Z", false, true},
		{"Kustomization", "{\"metadata\":{\"deletionTimestamp\":\"2026-11-24T07:57:00Z\"}}",
			"2026-11-24T07:57:00Z", false, false},
		/* Nothing says when it was suspended. */
		{"Kustomization",
			"{\"spec\":{\"suspend\":true}," STATUS(READY("False", "r", "m"), "") "}",
			NULL, false, false},
		{"Kustomization",
			"{" STATUS(READY("Unknown", "Progressing", "m") "," COND(
					   "Reconciling", "True", "ProgressingWithRetry", "p", ""),
				"") "}",
			"2026-11-24T07:59:00Z", true, false},
		{"GitRepository", "{" META("3") "," STATUS(READY("True", "r", "m"), SEEN("2")) "}",
			NULL, false, false},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autojson struct json_object *object = parse(rows[i].object);
		struct state_reading reading;

		object_state_read(kind_find(rows[i].kind, NULL), object, time_parse(NOW), &reading);
		assert_true(reading.since == time_parse(rows[i].since));
		assert_int_equal(reading.retrying, rows[i].retrying);
		assert_int_equal(reading.unseen, rows[i].unseen);
		assert_int_equal(reading.stale_because != NULL, reading.state == STATE_STALE);
	}
}

static void test_revisions(void **state)
{
	static const struct {
		const char *kind, *object, *revision;
	} rows[] = {
		{"GitRepository", "{\"status\":{\"artifact\":{\"revision\":\"main@sha1:ab\"}}}",
			"main@sha1:ab"},
		{"GitRepository", "{}", NULL},
		{"Kustomization",
			"{\"status\":{\"lastAppliedRevision\":\"a\",\"lastAttemptedRevision\":"
			"\"b\"}}",
			"a"},
		{"Kustomization", "{\"status\":{\"lastAttemptedRevision\":\"b\"}}", NULL},
		/* A failed upgrade stands first and does not run. */
		{"HelmRelease",
			"{\"status\":{\"lastAttemptedRevision\":\"2.0.0\",\"history\":["
			"{\"version\":4,\"status\":\"failed\",\"chartVersion\":\"2.0.0\"},"
			"{\"version\":2,\"status\":\"deployed\",\"chartVersion\":\"1.0.0\"},"
			"{\"version\":3,\"status\":\"deployed\",\"chartVersion\":\"1.1.0\"}]}}",
			"1.1.0"},
		{"HelmRelease",
			"{\"status\":{\"history\":[{\"version\":1,\"status\":\"failed\","
			"\"chartVersion\":\"2.0.0\"}]}}",
			NULL},
		/* Flux up to 2.1 */
		{"HelmRelease", "{\"status\":{\"lastAppliedRevision\":\"1.2.3\"}}", "1.2.3"},
		{"ImagePolicy", "{\"status\":{\"latestRef\":{\"tag\":\"1.0\"}}}", "1.0"},
		{"ImagePolicy", "{\"status\":{\"latestImage\":\"r/x:1.0\"}}", "r/x:1.0"},
		{"ImageUpdateAutomation", "{\"status\":{\"lastPushCommit\":\"abc\"}}", "abc"},
		{"FluxConfig", "{\"status\":{\"lastSyncedCommit\":\"main/abc\"}}", "main/abc"},
		{"ExtensionConfig",
			"{\"status\":{\"helmReleaseStatus\":{\"installedChartVersion\":\"1.24.1\"}}"
			"}",
			"1.24.1"},
		{"Alert", "{\"status\":{\"lastAppliedRevision\":\"x\"}}", NULL},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autojson struct json_object *object = parse(rows[i].object);
		const char *revision = object_revision(kind_find(rows[i].kind, NULL), object);

		if (rows[i].revision)
			assert_string_equal(revision ? revision : "", rows[i].revision);
		else
			assert_null(revision);
	}
}

#define HEX40 "c6e00d0813798d40af289c1bd201bf17280459f4"

static void test_short_revisions(void **state)
{
	static const char *const rows[][2] = {
		{"", ""},
		{"main@sha1:" HEX40, "main@sha1:c6e00d08"},
		{"main/" HEX40, "main/c6e00d08"},
		{"refs/heads/main@sha1:" HEX40, "refs/heads/main@sha1:c6e00d08"},
		{"sha256:" HEX40 "000000000000000000000000", "sha256:c6e00d08"},
		{"6.5.4+c6e00d081379", "6.5.4+c6e00d081379"},
		{"x" HEX40, "x" HEX40},
		{"ABC " HEX40 " " HEX40 ".", "ABC c6e00d08 c6e00d08."},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autobuf out = BUF_INIT;

		revision_short(&out, rows[i][0]);
		assert_string_equal(out.ptr, rows[i][1]);
	}
}

static void test_words(void **state)
{
	enum object_state parsed;

	(void)state;
	for (int i = 0; i < STATE_COUNT; i++) {
		assert_true(object_state_parse(object_state_word((enum object_state)i), &parsed));
		assert_int_equal(parsed, i);
	}
	assert_true(object_state_parse("failing", &parsed));
	assert_int_equal(parsed, STATE_FAILING);
	assert_false(object_state_parse("broken", &parsed));
	assert_true(object_state_not_ready(STATE_STALE));
	assert_false(object_state_not_ready(STATE_STATIC));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_precedence),
		cmocka_unit_test(test_blocked_or_at_fault),
		cmocka_unit_test(test_stalled_tells_the_cause),
		cmocka_unit_test(test_stale),
		cmocka_unit_test(test_static),
		cmocka_unit_test(test_moments),
		cmocka_unit_test(test_revisions),
		cmocka_unit_test(test_short_revisions),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
