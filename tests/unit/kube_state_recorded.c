/* SPDX-License-Identifier: Apache-2.0 */
/* Documents that real controllers wrote, each with the fault that was made and the verdict on it. */
#include "state_rows.h"

static struct json_object *read_recorded(void)
{
	FILE *file = fopen(TEST_DATA "/state/recorded.json", "rb");
	autobuf text = BUF_INIT;
	char chunk[4096];
	size_t got;

	assert_non_null(file);
	while ((got = fread(chunk, 1, sizeof(chunk), file)) > 0)
		buf_add(&text, chunk, got);
	fclose(file);
	return parse(text.ptr);
}

/* What is not named here is Ready. `message` is the beginning of what is told. */
static const struct {
	const char *recording, *kind, *name;
	enum object_state state;
	const char *reason, *message;
} verdicts[] = {
	{"admission-policy-denied", "Kustomization", "web", STATE_FAILING, "ReconciliationFailed",
		"Deployment/web/web dry-run failed (Invalid)"},
	{"chart-template-error", "HelmRelease", "webapp", STATE_FAILING, "InstallFailed",
		"Helm install failed for release web/webapp with chart webapp@1.1.0"},
	{"crd-missing", "Kustomization", "web", STATE_FAILING, "ReconciliationFailed",
		"Certificate/web/web-tls dry-run failed: no matches for kind"},
	{"cross-namespace-reference-denied", "Kustomization", "web", STATE_STALLED, "AccessDenied",
		"can't access 'GitRepository/cluster-config/cluster-config'"},
	{"dependson-cycle", "Kustomization", "backend", STATE_BLOCKED, "DependencyNotReady",
		"dependency 'cluster-config/frontend' is not ready"},
	{"dependson-cycle", "Kustomization", "frontend", STATE_BLOCKED, "DependencyNotReady",
		"dependency 'cluster-config/backend' is not ready"},
	{"fluxconfig-agent-crashloop", "FluxConfig", "cluster-config", STATE_STALE, "Compliant",
		"Resource is Ready"},
	{"git-auth-secret-missing", "Kustomization", "private-config", STATE_BLOCKED,
		"ArtifactFailed", "Source artifact not found"},
	{"git-auth-secret-missing", "GitRepository", "private-config", STATE_FAILING,
		"AuthenticationFailed", "failed to get secret"},
	{"git-dns-no-such-host", "GitRepository", "cluster-config", STATE_FAILING,
		"GitOperationFailed", "failed to checkout and determine revision"},
	{"git-repository-not-found", "GitRepository", "cluster-config", STATE_FAILING,
		"GitOperationFailed", "failed to checkout and determine revision"},
	{"helm-install-timeout", "HelmRelease", "webapp", STATE_STALLED, "RetriesExceeded",
		"Helm install failed for release web/webapp with chart webapp@1.3.0: timeout"},
	{"helm-target-namespace-missing", "HelmRelease", "webapp", STATE_STALLED, "RetriesExceeded",
		"Helm install failed for release payments/webapp"},
	{"helmrelease-dependson-failed", "HelmRelease", "database", STATE_BLOCKED, "SourceNotReady",
		"HelmChart 'cluster-config/cluster-config-database' is not ready"},
	{"helmrelease-dependson-failed", "HelmRelease", "webapp", STATE_BLOCKED,
		"DependencyNotReady", "dependency 'cluster-config/database' is not ready"},
	{"helmrelease-dependson-failed", "HelmChart", "cluster-config-database", STATE_STALLED,
		"InvalidChartReference", "invalid chart reference"},
	{"helmrepository-index-404", "FluxConfig", "cluster-config", STATE_FAILING, "Non-Compliant",
		"health check failed after"},
	{"helmrepository-index-404", "Kustomization", "cluster-config-apps", STATE_BLOCKED,
		"DependencyNotReady", "dependency 'cluster-config/cluster-config-infra'"},
	{"helmrepository-index-404", "Kustomization", "cluster-config-infra", STATE_FAILING,
		"HealthCheckFailed", "health check failed after"},
	{"helmrepository-index-404", "HelmRepository", "bitnami", STATE_FAILING, "Failed",
		"failed to fetch Helm repository index"},
	{"image-pull-backoff", "Kustomization", "web", STATE_FAILING, "HealthCheckFailed",
		"health check failed after"},
	{"kustomization-missing-resource-file", "Kustomization", "web", STATE_FAILING,
		"BuildFailed", "kustomize build failed"},
	{"kustomization-path-not-found", "Kustomization", "cluster-config-apps", STATE_BLOCKED,
		"DependencyNotReady", "dependency 'cluster-config/cluster-config-infra'"},
	{"kustomization-path-not-found", "Kustomization", "cluster-config-infra", STATE_FAILING,
		"ArtifactFailed", "kustomization path not found"},
	{"kustomization-suspended", "Kustomization", "cluster-config-apps", STATE_SUSPENDED,
		"ReconciliationSucceeded", "Applied revision"},
	{"kustomize-duplicate-resource", "Kustomization", "web", STATE_FAILING, "BuildFailed",
		"kustomize build failed"},
	{"namespace-stuck-terminating", "HelmRelease", "webapp", STATE_DELETING, "InstallSucceeded",
		"Helm install succeeded"},
	{"quota-exceeded", "Kustomization", "web", STATE_FAILING, "HealthCheckFailed",
		"health check failed after"},
	{"rbac-forbidden", "Kustomization", "web", STATE_FAILING, "ReconciliationFailed",
		"ClusterRole/web-reader dry-run failed (Forbidden)"},
	{"retry-storm-old-object", "GitRepository", "legacy", STATE_FAILING, "GitOperationFailed",
		"failed to checkout and determine revision"},
	{"sops-secret-missing", "Kustomization", "web", STATE_FAILING, "BuildFailed",
		"secrets \"sops-age\" not found"},
	{"source-controller-crashloop", "Kustomization", "cluster-config-infra", STATE_PROGRESSING,
		"Progressing", "Reconciliation in progress"},
	{"source-controller-scaled-to-zero", "GitRepository", "cluster-config", STATE_STALE,
		"Succeeded", "stored artifact for revision"},
	{"substitutefrom-configmap-missing", "Kustomization", "web", STATE_FAILING, "BuildFailed",
		"post build failed"},
	{"values-configmap-missing", "HelmRelease", "webapp", STATE_FAILING, "ValuesError",
		"could not resolve ConfigMap chart values reference"},
};

static void check_verdict(const char *recording, struct json_object *object)
{
	const char *kind = json_str(object, "kind");
	const char *name = json_str(object, "metadata", "name");
	int64_t now = time_parse("2026-11-24T07:30:00Z");
	struct state_reading reading;
	enum object_state expected = STATE_READY;

	object_state_read(kind_find(kind, NULL), object, now, &reading);
	for (size_t i = 0; i < countof(verdicts); i++) {
		if (!streq(verdicts[i].recording, recording) || !streq(verdicts[i].kind, kind) ||
			!streq(verdicts[i].name, name))
			continue;
		expected = verdicts[i].state;
		assert_string_equal(reading.reason, verdicts[i].reason);
		assert_true(starts_with(reading.message, verdicts[i].message));
	}
	if (reading.state != expected)
		fail_msg("%s: %s %s is %s, not %s", recording, kind, name,
			object_state_word(reading.state), object_state_word(expected));
}

static void test_recorded(void **state)
{
	autojson struct json_object *recorded = read_recorded();

	(void)state;
	assert_true(json_len(recorded) >= countof(verdicts));
	for (size_t i = 0; i < json_len(recorded); i++) {
		struct json_object *row = json_item(recorded, i);

		check_verdict(json_str(row, "recording"), json_get(row, "object"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
