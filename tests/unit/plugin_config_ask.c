/* SPDX-License-Identifier: Apache-2.0 */
/* Words of a command line, as the body that would be sent. */
#include "test.h"

#include "base/os.h"
#include "fluxconfig_ask.h"
#include "plugin/config.h"
#include "plugin/options.h"

#define WHERE "-g flux-demo-rg -c flux-demo-arc -t connectedClusters -n c "
#define GIT                                                                 \
	"{\"properties\":{\"scope\":\"cluster\",\"namespace\":\"default\"," \
	"\"sourceKind\":\"GitRepository\",\"suspend\":"
#define ONE ",\"kustomizations\":{\"kustomization-1\":{}}}}"

/* The body, or NULL with an error; `warnings` are those that were printed. */
static struct json_object *read_line(const char *line, struct strv *warnings, struct error *err)
{
	CLEANUP(parsed_clear) struct parsed parsed = PARSED_INIT;
	autoconfig config = CONFIG_INIT;
	autostrv words = STRV_INIT;
	struct app app = {.err = tmpfile(), .out = stdout, .warned = STRV_INIT};
	struct arm_target target = {.subscription = (char[]){"s"},
		.group = (char[]){"g"},
		.cluster = (char[]){"c"},
		.type = arm_cluster_type_find("arc")};
	struct azure azure = {.app = &app, .target = target};
	struct json_object *body = NULL;

	strv_push(&words, "kubectl-flux-arc");
	strv_split(&words, line, " ", false);
	if (options_parse((int)words.len, words.items, &parsed, err) == 0) {
		azure.flags = parsed.opts;
		if (config_ask(&azure, parsed.opts, &config, err) == 0 &&
			arm_config_check_kind(&config.asked, err) == 0)
			body = arm_config_put(&config.asked);
	}
	strv_push_all(warnings, &app.warned);
	strv_clear(&app.warned);
	fclose(app.err);
	return body;
}

static const struct {
	const char *line, *wanted;
} lines[] = {
	/* the tutorial's words, as a shell leaves them, and as PowerShell does */
	{"config create -g flux-demo-rg -c flux-demo-arc -n cluster-config --namespace "
	 "cluster-config -t connectedClusters --scope cluster -u "
	 "https://github.com/Azure/gitops-flux2-kustomize-helm-mt --branch main "
	 "--kustomization name=infra path=./infrastructure prune=true --kustomization "
	 "name=apps path=./apps/staging prune=true dependsOn=[infra]",
		"{\"properties\":{\"scope\":\"cluster\",\"namespace\":\"cluster-config\","
		"\"sourceKind\":\"GitRepository\",\"suspend\":false,\"gitRepository\":{"
		"\"url\":\"https://github.com/Azure/gitops-flux2-kustomize-helm-mt\","
		"\"repositoryRef\":{\"branch\":\"main\"}},\"kustomizations\":{\"infra\":{"
		"\"path\":\"./infrastructure\",\"prune\":true},\"apps\":{\"path\":"
		"\"./apps/staging\",\"prune\":true,\"dependsOn\":[\"infra\"]}}}}"},
	{"config create " WHERE "-u https://x.example/a --branch b -k name=a "
	 "dependsOn=[\"b\"] -k name=b",
		GIT "false,\"gitRepository\":{\"url\":\"https://x.example/a\","
		    "\"repositoryRef\":{\"branch\":\"b\"}},\"kustomizations\":{\"a\":{"
		    "\"dependsOn\":[\"b\"]},\"b\":{}}}}"},
	/* switches with a value of their own, and without */
	{"config create " WHERE "--suspend true -u https://x.example/a --tag t",
		GIT "true,\"gitRepository\":{\"url\":\"https://x.example/a\","
		    "\"repositoryRef\":{\"tag\":\"t\"}}" ONE},
	{"config create " WHERE "--suspend=false -u https://x.example/a --tag t",
		GIT "false,\"gitRepository\":{\"url\":\"https://x.example/a\","
		    "\"repositoryRef\":{\"tag\":\"t\"}}" ONE},
	/* az's second names */
	{"config create " WHERE "-u https://x.example/a --tag t --interval 120 --local-ref "
	 "s --cluster-rp Microsoft.Kubernetes --ns default -s cluster",
		GIT "false,\"gitRepository\":{\"url\":\"https://x.example/a\","
		    "\"syncIntervalInSeconds\":120,\"localAuthRef\":\"s\","
		    "\"repositoryRef\":{\"tag\":\"t\"}}" ONE},
	{"config create " WHERE "--kind azblob -u https://x.example/a --container-name c "
	 "--service-principal-client-id i --service-principal-tenant-id t "
	 "--service-principal-client-certificate-send-chain true",
		"{\"properties\":{\"scope\":\"cluster\",\"namespace\":\"default\","
		"\"sourceKind\":\"AzureBlob\",\"suspend\":false,\"azureBlob\":{\"url\":"
		"\"https://x.example/a\",\"containerName\":\"c\",\"servicePrincipal\":{"
		"\"clientId\":\"i\",\"tenantId\":\"t\",\"clientCertificateSendChain\":true}"
		"}" ONE},
	{"config create " WHERE "--kind oci -u oci://x.example/a --verification-provider "
	 "cosign --match-oidc-identity {\"issuer\":\"i\",\"subject\":\"s\"} "
	 "--verification-config a=1 b=2",
		"{\"properties\":{\"scope\":\"cluster\",\"namespace\":\"default\","
		"\"sourceKind\":\"OCIRepository\",\"suspend\":false,\"ociRepository\":{"
		"\"url\":\"oci://x.example/a\",\"verify\":{\"provider\":\"cosign\","
		"\"verificationConfig\":{\"a\":\"1\",\"b\":\"2\"},\"matchOidcIdentity\":[{"
		"\"issuer\":\"i\",\"subject\":\"s\"}]}}" ONE},
};

static void test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(lines); i++) {
		autoerror err = ERROR_INIT;
		autostrv warnings = STRV_INIT;
		autojson struct json_object *body = read_line(lines[i].line, &warnings, &err);

		if (!body)
			fail_msg("%s: %s", lines[i].line, err.message);
		assert_json(body, lines[i].wanted);
		assert_int_equal(warnings.len, 0);
	}
}

/* A secret in the arguments works, and is said to be one; in a file it is not seen. */
static void test_secrets(void **state)
{
	autoerror err = ERROR_INIT;
	autostrv warnings = STRV_INIT;
	autofree char *path = NULL;
	autofree char *line = NULL;
	autojson struct json_object *body = NULL;
	int fd = -1;

	(void)state;
	body = read_line("config create " WHERE "-u https://x.example/a --branch b --https-user u "
			 "--https-key k",
		&warnings, &err);
	assert_string_equal(
		json_str(body, "properties", "configurationProtectedSettings", "httpsKey"), "aw==");
	assert_int_equal(warnings.len, 1);
	assert_non_null(strstr(warnings.items[0], "--https-key @FILE"));
	strv_clear(&warnings);
	assert_true(os_memory_file("k\n", 2, &fd, &path));
	line = xasprintf("config create " WHERE "-u https://x.example/a --branch b --https-user u "
			 "--https-key @%s",
		path);
	json_free(body);
	body = read_line(line, &warnings, &err);
	assert_string_equal(
		json_str(body, "properties", "configurationProtectedSettings", "httpsKey"), "aw==");
	assert_int_equal(warnings.len, 0);
}

static void test_refused(void **state)
{
	static const struct {
		const char *line, *wanted;
	} rows[] = {
		{"config create " WHERE "--kind git --known-hosts aGk= --known-hosts-file x",
			"--known-hosts and --known-hosts-file: only one of them"},
		{"config create " WHERE "--https-key @/nowhere",
			"--https-key: open /nowhere: no such file or directory"},
		{"config create " WHERE "--https-key @fd:x",
			"--https-key: 'fd:x' is no descriptor"},
		{"config create " WHERE "--kustomization",
			"flag needs an argument: --kustomization"},
		{"config create -g g -c c", "the configuration's name is missing"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autoerror err = ERROR_INIT;
		autostrv warnings = STRV_INIT;
		autojson struct json_object *body = read_line(rows[i].line, &warnings, &err);

		if (body || !streq(err.message, rows[i].wanted))
			fail_msg("%s: %s", rows[i].line, body ? "taken" : err.message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
