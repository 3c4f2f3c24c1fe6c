/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "fluxconfig_ask.h"

/* The tutorial's command, word for word. */
#define TUTORIAL                                                                   \
	"namespace=cluster-config scope=cluster "                                  \
	"url=https://github.com/Azure/gitops-flux2-kustomize-helm-mt branch=main " \
	"-k name=infra path=./infrastructure prune=true "                          \
	"-k name=apps path=./apps/staging prune=true dependsOn=[\"infra\"]"

static const struct {
	const char *asked, *wanted;
} put_rows[] = {
	{TUTORIAL, "{\"properties\":{\"scope\":\"cluster\",\"namespace\":\"cluster-config\","
		   "\"sourceKind\":\"GitRepository\",\"suspend\":false,\"gitRepository\":{"
		   "\"url\":\"https://github.com/Azure/gitops-flux2-kustomize-helm-mt\","
		   "\"repositoryRef\":{\"branch\":\"main\"}},\"kustomizations\":{\"infra\":{"
		   "\"path\":\"./infrastructure\",\"prune\":true},\"apps\":{\"path\":"
		   "\"./apps/staging\",\"prune\":true,\"dependsOn\":[\"infra\"]}}}}"},
	/* without --kustomization there is one, as az makes it */
	{"url=https://example.com/a timeout=10m sync-interval=600 tag=v1 provider=azure "
	 "suspend=true",
		"{\"properties\":{\"scope\":\"cluster\",\"namespace\":\"default\","
		"\"sourceKind\":\"GitRepository\",\"suspend\":true,\"gitRepository\":{"
		"\"url\":\"https://example.com/a\",\"timeoutInSeconds\":600,"
		"\"syncIntervalInSeconds\":600,\"repositoryRef\":{\"tag\":\"v1\"},"
		"\"provider\":\"Azure\"},\"kustomizations\":{\"kustomization-1\":{}}}}"},
	/* secrets in base64 apart from the source; null has no place in a PUT */
	{"url=https://example.com/a branch=b https-user=u https-key=k local-auth-ref= -k "
	 "name=x dependsOn=",
		"{\"properties\":{\"scope\":\"cluster\",\"namespace\":\"default\","
		"\"sourceKind\":\"GitRepository\",\"suspend\":false,\"gitRepository\":{"
		"\"url\":\"https://example.com/a\",\"repositoryRef\":{\"branch\":\"b\"},"
		"\"httpsUser\":\"u\"},\"configurationProtectedSettings\":{\"httpsKey\":"
		"\"aw==\"},\"kustomizations\":{\"x\":{}}}}"},
	{"kind=bucket url=https://minio.example bucket-name=flux bucket-access-key=a "
	 "bucket-secret-key=s timeout=1000 sync-interval=1000",
		"{\"properties\":{\"scope\":\"cluster\",\"namespace\":\"default\","
		"\"sourceKind\":\"Bucket\",\"suspend\":false,\"bucket\":{\"insecure\":"
		"false,"
		"\"url\":\"https://minio.example\",\"bucketName\":\"flux\",\"accessKey\":"
		"\"a\",\"timeoutInSeconds\":1000,\"syncIntervalInSeconds\":1000},"
		"\"configurationProtectedSettings\":{\"bucketSecretKey\":\"cw==\"},"
		"\"kustomizations\":{\"kustomization-1\":{}}}}"},
	{"kind=azblob url=https://a.blob.core.windows.net container-name=c sp-client-id=i "
	 "sp-tenant-id=t sp-client-secret=s",
		"{\"properties\":{\"scope\":\"cluster\",\"namespace\":\"default\","
		"\"sourceKind\":\"AzureBlob\",\"suspend\":false,\"azureBlob\":{\"url\":"
		"\"https://a.blob.core.windows.net\",\"containerName\":\"c\","
		"\"servicePrincipal\":{\"clientId\":\"i\",\"tenantId\":\"t\","
		"\"clientSecret\":\"s\"}},\"kustomizations\":{\"kustomization-1\":{}}}}"},
	{"kind=oci url=oci://example.com/m/podinfo service-account-name=sa "
	 "wait-for-reconciliation=true reconciliation-wait-duration=30m",
		"{\"properties\":{\"scope\":\"cluster\",\"namespace\":\"default\","
		"\"sourceKind\":\"OCIRepository\",\"suspend\":false,"
		"\"waitForReconciliation\":true,\"reconciliationWaitDuration\":\"PT30M\","
		"\"ociRepository\":{\"url\":\"oci://example.com/m/podinfo\","
		"\"serviceAccountName\":\"sa\"},\"kustomizations\":{\"kustomization-1\":{}}"
		"}"
		"}"},
};

static void test_put(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(put_rows); i++) {
		CLEANUP(arm_config_clear) struct arm_config config = ARM_CONFIG_INIT;
		autojson struct json_object *body = NULL;

		ask(&config, put_rows[i].asked);
		body = arm_config_put(&config);
		assert_json(body, put_rows[i].wanted);
	}
}

/* Properties of what is there. */
#define CURRENT                                                                                 \
	"{\"scope\":\"cluster\",\"namespace\":\"n\",\"sourceKind\":\"GitRepository\","          \
	"\"suspend\":false,\"gitRepository\":{\"url\":\"https://example.com/a\","               \
	"\"timeoutInSeconds\":600,\"repositoryRef\":{\"branch\":null,\"tag\":\"v1\"},"          \
	"\"httpsUser\":\"u\"},\"bucket\":null,\"kustomizations\":{\"infra\":{\"name\":"         \
	"\"infra\",\"path\":\"./i\",\"prune\":true,\"wait\":true},\"apps\":{\"name\":\"apps\"," \
	"\"path\":\"./a\",\"dependsOn\":[\"infra\"]}},\"configurationProtectedSettings\":{"     \
	"\"httpsKey\":\"\"},\"statuses\":[],\"complianceState\":\"Compliant\"}"

static struct json_object *current(void)
{
	autojson struct json_object *raw = parse(CURRENT);

	return arm_config_comparable(raw);
}

static void test_patch(void **state)
{
	static const struct {
		const char *asked, *wanted;
	} rows[] = {
		{"provider=azure", "{\"properties\":{\"gitRepository\":{\"provider\":\"Azure\"}}}"},
		{"suspend=true", "{\"properties\":{\"suspend\":true}}"},
		/* a tag goes before a branch, so it has to go */
		{"branch=main", "{\"properties\":{\"gitRepository\":{\"repositoryRef\":{"
				"\"branch\":\"main\",\"tag\":null}}}}"},
		{"tag=v2",
			"{\"properties\":{\"gitRepository\":{\"repositoryRef\":{\"tag\":\"v2\"}}}"
			"}"},
		{"local-auth-ref=", "{\"properties\":{\"gitRepository\":{\"localAuthRef\":null}}}"},
		{"-k name=apps dependsOn= syncInterval=300",
			"{\"properties\":{\"kustomizations\":{\"apps\":{\"dependsOn\":null,"
			"\"syncIntervalInSeconds\":300}}}}"},
		{"https-key=k", "{\"properties\":{\"configurationProtectedSettings\":{"
				"\"httpsKey\":\"aw==\"}}}"},
		{"kind=oci url=oci://example.com/a tag=v1",
			"{\"properties\":{\"sourceKind\":\"OCIRepository\",\"gitRepository\":{"
			"\"url\":null,\"timeoutInSeconds\":null,\"repositoryRef\":{\"tag\":null},"
			"\"httpsUser\":null},"
			"\"ociRepository\":{\"url\":\"oci://example.com/a\",\"repositoryRef\":{"
			"\"tag\":\"v1\"}}}}"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		CLEANUP(arm_config_clear) struct arm_config config = ARM_CONFIG_INIT;
		autojson struct json_object *has = current();
		autojson struct json_object *body = NULL;

		config.kind = arm_config_kind_find("git");
		ask(&config, rows[i].asked);
		body = arm_config_patch(&config, has);
		assert_json(body, rows[i].wanted);
	}
}

static void test_patch_to(void **state)
{
	CLEANUP(arm_config_clear) struct arm_config config = ARM_CONFIG_INIT;
	autojson struct json_object *has = current();
	autojson struct json_object *wanted = NULL;
	autojson struct json_object *body = NULL;

	(void)state;
	ask(&config, "namespace=n url=https://example.com/b tag=v1 https-user=u -k name=infra "
		     "path=./i prune=true");
	wanted = arm_config_put(&config);
	body = arm_config_patch_to(has, json_get(wanted, "properties"));
	assert_json(body,
		"{\"properties\":{\"gitRepository\":{\"url\":\"https://example.com/b\","
		"\"timeoutInSeconds\":null},\"kustomizations\":{\"infra\":{\"wait\":null},\"apps\":"
		"null}}}");
}

/* What is sent after "Invalid source kind match". */
static void test_whole_source(void **state)
{
	autojson struct json_object *has = current();
	autojson struct json_object *patch =
		parse("{\"properties\":{\"kustomizations\":{\"apps\":null},\"gitRepository\":{"
		      "\"repositoryRef\":{\"branch\":\"b\",\"tag\":null}}}}");

	(void)state;
	arm_config_patch_whole_source(patch, has);
	assert_json(patch,
		"{\"properties\":{\"sourceKind\":\"GitRepository\",\"kustomizations\":{\"apps\":"
		"null},\"gitRepository\":{\"url\":\"https://example.com/a\",\"timeoutInSeconds\":"
		"600,\"httpsUser\":\"u\",\"repositoryRef\":{\"branch\":\"b\",\"tag\":null}}}}");
}

static void test_redacted(void **state)
{
	CLEANUP(arm_config_clear) struct arm_config config = ARM_CONFIG_INIT;
	autojson struct json_object *body = NULL;
	autojson struct json_object *shown = NULL;
	autobuf text = BUF_INIT;

	(void)state;
	ask(&config, "kind=azblob url=https://a.example container-name=c account-key=hush1 "
		     "sas-token=hush2 sp-client-secret=hush3 sp-cert-password=hush4");
	body = arm_config_put(&config);
	assert_true(arm_config_holds_secrets(json_get(body, "properties")));
	shown = arm_config_redacted(body);
	json_write(&text, shown);
	assert_null(strstr(text.ptr, "hush"));
	assert_non_null(strstr(text.ptr, "\"accountKey\":\"(secret)\""));
	assert_string_equal(json_str(body, "properties", "azureBlob", "accountKey"), "hush1");
}

static void assert_diff(struct json_object *before, struct json_object *after, const char *wanted)
{
	struct arm_config_diff diff;
	autobuf text = BUF_INIT;

	arm_config_diff(before, after, &diff);
	for (size_t i = 0; i < diff.count; i++)
		buf_addf(&text, "%s: %s -> %s\n", diff.changes[i].path,
			diff.changes[i].before ? diff.changes[i].before : "none",
			diff.changes[i].after ? diff.changes[i].after : "none");
	arm_config_diff_clear(&diff);
	assert_string_equal(text.ptr, wanted);
}

static void test_diff(void **state)
{
	autojson struct json_object *has = current();
	autojson struct json_object *spelt_out =
		parse("{\"suspend\":true,\"kustomizations\":{\"infra\":{\"force\":false,"
		      "\"timeoutInSeconds\":600},\"apps\":null,\"new\":{\"path\":\"./n\"}},"
		      "\"configurationProtectedSettings\":{\"httpsKey\":\"aw==\"}}");
	autojson struct json_object *after = arm_config_merge(has, spelt_out);

	(void)state;
	assert_diff(has, has, "");
	assert_diff(has, after,
		"kustomizations.apps.path: ./a -> none\n"
		"kustomizations.apps.dependsOn: [\"infra\"] -> none\n"
		"kustomizations.apps: there -> none\n"
		"suspend: none -> true\n"
		"kustomizations.new.path: none -> ./n\n"
		"kustomizations.new: none -> there\n"
		"configurationProtectedSettings.httpsKey: none -> (secret)\n");
}

static void test_document(void **state)
{
	static const struct {
		const char *document, *wanted; /* "!": refused, with this message */
	} rows[] = {
		{"{\"name\":\"c\",\"namespace\":\"cluster-config\",\"url\":"
		 "\"https://example.com/a\",\"branch\":\"main\",\"syncInterval\":\"5m\","
		 "\"local-auth-ref\":\"s\",\"kustomizations\":{\"infra\":{\"path\":\"./i\"},"
		 "\"apps\":{\"dependsOn\":[\"infra\"],\"prune\":true}}}",
			"{\"properties\":{\"scope\":\"cluster\",\"namespace\":\"cluster-config\","
			"\"sourceKind\":\"GitRepository\",\"suspend\":false,\"gitRepository\":{"
			"\"url\":\"https://example.com/a\",\"repositoryRef\":{\"branch\":\"main\"},"
			"\"syncIntervalInSeconds\":300,\"localAuthRef\":\"s\"},\"kustomizations\":{"
			"\"infra\":{\"path\":\"./"
			"i\"},\"apps\":{\"dependsOn\":[\"infra\"],\"prune\":"
			"true}}}}"},
		{"{\"name\":\"c\",\"properties\":" CURRENT "}",
			"{\"properties\":{\"scope\":\"cluster\",\"namespace\":\"n\","
			"\"sourceKind\":\"GitRepository\",\"suspend\":false,\"gitRepository\":{"
			"\"url\":\"https://example.com/a\",\"timeoutInSeconds\":600,"
			"\"repositoryRef\":{\"tag\":\"v1\"},\"httpsUser\":\"u\"},"
			"\"kustomizations\":{\"infra\":{\"path\":\"./i\",\"prune\":true,\"wait\":"
			"true},\"apps\":{\"path\":\"./a\",\"dependsOn\":[\"infra\"]}}}}"},
		{"{\"name\":\"c\",\"kustomizations\":[{\"name\":\"a\"},{\"name\":\"a\"}]}",
			"!kustomization 'a' is given twice"},
		{"{\"urll\":\"x\"}", "!unknown member 'urll'"},
		{"{\"properties\":{\"gitRepository\":{\"urll\":\"x\"}}}", "!unknown member 'urll'"},
		{"{\"properties\":{\"sourceKind\":\"Bucket\",\"bucket\":{\"httpsUser\":\"x\"}}}",
			"!unknown member 'httpsUser'"},
		{"{\"url\":[\"x\"]}", "!url: a text is wanted"},
		{"[]", "!it is no mapping"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		CLEANUP(arm_config_clear) struct arm_config config = ARM_CONFIG_INIT;
		autojson struct json_object *document = parse(rows[i].document);
		autojson struct json_object *body = NULL;
		autofree char *name = NULL;
		autoerror err = ERROR_INIT;
		int result = arm_config_set_document(&config, document, &name, &err);

		if ((result < 0) != (*rows[i].wanted == '!'))
			fail_msg("%s: %s", rows[i].document, err.message);
		if (result < 0) {
			assert_string_equal(err.message, rows[i].wanted + 1);
			continue;
		}
		assert_string_equal(name, "c");
		body = arm_config_put(&config);
		assert_json(body, rows[i].wanted);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put),
		cmocka_unit_test(test_patch),
		cmocka_unit_test(test_patch_to),
		cmocka_unit_test(test_whole_source),
		cmocka_unit_test(test_redacted),
		cmocka_unit_test(test_diff),
		cmocka_unit_test(test_document),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
