/* SPDX-License-Identifier: Apache-2.0 */
#include "sign_in.h"

#define METADATA_2022                                                                         \
	"[{\"name\":\"AzureCloud\",\"resourceManager\":\"https://management.azure.com/\","    \
	"\"authentication\":{\"loginEndpoint\":\"https://login.microsoftonline.com\","        \
	"\"audiences\":[\"https://management.core.windows.net/\","                            \
	"\"https://management.azure.com/\"],\"identityProvider\":\"AAD\"}},"                  \
	"{\"name\":\"Local\",\"resourceManager\":\"https://arm.local\",\"authentication\":{"  \
	"\"loginEndpoint\":\"https://sts.local/adfs\",\"audiences\":[\"https://mgmt.x/1/\"]," \
	"\"identityProvider\":\"ADFS\"}}]"
#define STACK                                                                               \
	"{\"galleryEndpoint\":\"\",\"authentication\":{\"loginEndpoint\":\"https://l.s/\"," \
	"\"audiences\":[\"https://a.s/\"]}}"

static void test_reads_metadata(void **state)
{
	static const struct {
		const char *text, *name, *origin;
		const char *want_name, *authority, *endpoint, *audience;
		bool adfs;
	} rows[] = {
		{METADATA_2022, NULL, "https://management.azure.com", "AzureCloud",
			"https://login.microsoftonline.com", "https://management.azure.com",
			"https://management.azure.com", false},
		{METADATA_2022, NULL, "https://other", "AzureCloud",
			"https://login.microsoftonline.com", "https://management.azure.com",
			"https://management.azure.com", false},
		{METADATA_2022, NULL, "https://arm.local", "Local", "https://sts.local",
			"https://arm.local", "https://mgmt.x/1/", true},
		{METADATA_2022, "local", "https://management.azure.com", "Local",
			"https://sts.local", "https://arm.local", "https://mgmt.x/1/", true},
		{STACK, NULL, "https://arm.stack", "custom", "https://l.s", "https://arm.stack",
			"https://a.s/", false},
		{STACK, "Mine", "https://arm.stack", "Mine", "https://l.s", "https://arm.stack",
			"https://a.s/", false},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		CLEANUP(arm_cloud_clear) struct arm_cloud cloud = ARM_CLOUD_INIT;
		autoerror err = ERROR_INIT;

		assert_int_equal(arm_cloud_read_metadata(rows[i].text, strlen(rows[i].text),
					 rows[i].name, rows[i].origin, &cloud, &err),
			0);
		assert_string_equal(cloud.name, rows[i].want_name);
		assert_string_equal(cloud.authority, rows[i].authority);
		assert_string_equal(cloud.endpoint, rows[i].endpoint);
		assert_string_equal(cloud.audience, rows[i].audience);
		assert_int_equal(cloud.adfs, rows[i].adfs);
	}
}

static void test_refuses_metadata(void **state)
{
	static const struct {
		const char *text, *name, *message;
	} rows[] = {
		{"<html>", NULL, ""},
		{"[]", NULL, "does not describe a cloud"},
		{"{}", NULL, "does not describe a cloud"},
		{"7", NULL, "does not describe a cloud"},
		{METADATA_2022, "Nowhere", "no cloud named 'Nowhere'"},
		{"{\"authentication\":{\"loginEndpoint\":7}}", NULL, "does not describe a cloud"},
		{"{\"authentication\":{\"loginEndpoint\":\"http://l.s\"}}", NULL, "not https"},
		{"{\"authentication\":{\"loginEndpoint\":\"https://u:p@l.s\"}}", NULL,
			"no address of a server"},
		{"{\"authentication\":{\"loginEndpoint\":\"https://l.s\"},\"resourceManager\":"
		 "\"http://arm.s\"}",
			NULL, "not https"},
		{"{\"authentication\":{\"loginEndpoint\":\"https://l.s\"},\"resourceManager\":"
		 "\"https://arm.s/a/b\"}",
			NULL, "no address of a server"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct arm_cloud cloud = ARM_CLOUD_INIT;
		autoerror err = ERROR_INIT;

		assert_int_equal(arm_cloud_read_metadata(rows[i].text, strlen(rows[i].text),
					 rows[i].name, "https://o", &cloud, &err),
			-1);
		assert_non_null(strstr(err.message, rows[i].message));
		assert_null(cloud.name);
		assert_null(cloud.authority);
	}
}

/* What names a cloud, strongest first. */
static void test_chooses(void **state)
{
	static const struct {
		const char *name, *variable, *authority, *config;
		const char *want, *want_authority, *endpoint, *suffix;
	} rows[] = {
		{NULL, NULL, NULL, NULL, "AzureCloud", "https://login.microsoftonline.com",
			"https://management.azure.com", "kubernetesconfiguration.azure.com"},
		{"azureusgovernment", "AzureChinaCloud", NULL, "AzureCloud", "AzureUSGovernment",
			"https://login.microsoftonline.us", "https://management.usgovcloudapi.net",
			"kubernetesconfiguration.azure.us"},
		{NULL, "AzureChinaCloud", NULL, "AzureUSGovernment", "AzureChinaCloud",
			"https://login.chinacloudapi.cn", "https://management.chinacloudapi.cn",
			"kubernetesconfiguration.azure.cn"},
		{NULL, "public", NULL, NULL, "AzureCloud", "https://login.microsoftonline.com",
			"https://management.azure.com", "kubernetesconfiguration.azure.com"},
		{NULL, NULL, NULL, "AzureUSGovernment", "AzureUSGovernment",
			"https://login.microsoftonline.us", "https://management.usgovcloudapi.net",
			"kubernetesconfiguration.azure.us"},
		{NULL, NULL, "https://login.microsoftonline.us/", NULL, "AzureUSGovernment",
			"https://login.microsoftonline.us", "https://management.usgovcloudapi.net",
			"kubernetesconfiguration.azure.us"},
		{NULL, NULL, "login.partner.microsoftonline.cn", NULL, "AzureChinaCloud",
			"https://login.partner.microsoftonline.cn",
			"https://management.chinacloudapi.cn", "kubernetesconfiguration.azure.cn"},
		{"AzureCloud", NULL, "https://127.0.0.1:9", NULL, "AzureCloud",
			"https://127.0.0.1:9", "https://management.azure.com",
			"kubernetesconfiguration.azure.com"},
		{NULL, NULL, NULL, "Edge", "Edge", "https://sts.edge", "https://arm.edge", ""},
		{"Edge", NULL, NULL, NULL, "Edge", "https://sts.edge", "https://arm.edge", ""},
	};

	for (size_t i = 0; i < countof(rows); i++) {
		ONCE({500, NULL, NULL});
		CLEANUP(arm_cloud_clear) struct arm_cloud cloud = ARM_CLOUD_INIT;
		autoerror err = ERROR_INIT;
		autofree char *config = xasprintf("[core]\noutput = json\n[cloud]\nname = %s\n",
			rows[i].config ? rows[i].config : "");
		autofree char *path = play_write(&play, "config", config);
		autofree char *clouds = play_write(&play, "clouds.config",
			"[AzureCloud]\nsubscription = 1\n\n[Edge]\n"
			"endpoint_resource_manager = https://arm.edge/\r\n"
			"Endpoint_Active_Directory: https://sts.edge/adfs\n"
			"endpoint_active_directory_resource_id = https://mgmt.edge/x\n");

		play_set("AZURE_CLOUD_NAME", rows[i].variable);
		play_set("AZURE_AUTHORITY_HOST", rows[i].authority);
		assert_int_equal(arm_cloud_choose(rows[i].name, &cloud, &err), 0);
		assert_string_equal(cloud.name, rows[i].want);
		assert_string_equal(cloud.authority, rows[i].want_authority);
		assert_string_equal(cloud.endpoint, rows[i].endpoint);
		assert_string_equal(cloud.suffix, rows[i].suffix);
		assert_string_equal(
			cloud.audience, *cloud.suffix ? cloud.endpoint : "https://mgmt.edge/x");
		assert_int_equal(cloud.adfs, !*cloud.suffix);
		play_end(&play);
	}
}

static void test_refuses(void **state)
{
	static const struct {
		const char *name, *authority, *metadata, *message, *hint;
	} rows[] = {
		{"AzureClod", NULL, NULL, "no cloud is known by the name 'AzureClod'",
			"did you mean AzureCloud?"},
		{"x", NULL, NULL, "no cloud is known by the name 'x'", "az cloud list"},
		{"Broken", NULL, NULL,
			"cloud 'Broken' of az's clouds.config: its endpoint_resource_manager is "
			"not "
			"https",
			NULL},
		{"Half", NULL, NULL, "its endpoint_active_directory is not set", NULL},
		{NULL, "http://login.x", NULL, "AZURE_AUTHORITY_HOST is not https", NULL},
		{NULL, "https://login.x/tenant", NULL,
			"AZURE_AUTHORITY_HOST is no address of a server", NULL},
		{NULL, NULL, "http://arm.x", "ARM_CLOUD_METADATA_URL: it has to be an https URL",
			NULL},
	};

	for (size_t i = 0; i < countof(rows); i++) {
		ONCE({500, NULL, NULL});
		struct arm_cloud cloud = ARM_CLOUD_INIT;
		autoerror err = ERROR_INIT;
		autofree char *clouds = play_write(&play, "clouds.config",
			"[Broken]\nendpoint_resource_manager = http://arm.edge/\n"
			"endpoint_active_directory=https://x\n"
			"[Half]\nendpoint_resource_manager=https://arm\n");

		play_set("AZURE_AUTHORITY_HOST", rows[i].authority);
		play_set("ARM_CLOUD_METADATA_URL", rows[i].metadata);
		assert_int_equal(arm_cloud_choose(rows[i].name, &cloud, &err), -1);
		assert_int_equal(err.kind, ERROR_CONFIG);
		assert_non_null(strstr(err.message, rows[i].message));
		if (rows[i].hint)
			assert_non_null(strstr(err.hint, rows[i].hint));
		arm_cloud_clear(&cloud);
		play_end(&play);
	}
}

static void test_asks_for_metadata(void **state)
{
	ONCE({503, "retry-after-ms: 1\r\n", ""}, {200, NULL, STACK});
	CLEANUP(arm_cloud_clear) struct arm_cloud cloud = ARM_CLOUD_INIT;
	autoerror err = ERROR_INIT;

	play_set("ARM_CLOUD_METADATA_URL", play.server.url);
	assert_int_equal(arm_cloud_choose(NULL, &cloud, &err), 0);
	assert_string_equal(cloud.authority, "https://l.s");
	assert_string_equal(cloud.endpoint, play.server.url);
	play_stop(&play);
	assert_int_equal(play.server.requests.len, 2);
	assert_true(starts_with(play.server.requests.items[1],
		"GET /metadata/endpoints?api-version=2022-09-01 HTTP/1.1\r\n"));
	play_end(&play);
}

static void test_tells_why_metadata_fails(void **state)
{
	ONCE({302, "Location: https://other/\r\n", ""});
	struct arm_cloud cloud = ARM_CLOUD_INIT;
	autoerror err = ERROR_INIT;

	play_set("ARM_CLOUD_METADATA_URL", play.server.url);
	assert_int_equal(arm_cloud_choose(NULL, &cloud, &err), -1);
	assert_non_null(strstr(err.message, "ARM_CLOUD_METADATA_URL: https://127.0.0.1:"));
	assert_non_null(strstr(err.message, "status 302"));
	play_end(&play);
}

/* ---- the default subscription */

#define LIST(first, second)                                                                     \
	"\xef\xbb\xbf{\"subscriptions\":[{\"id\":\"s-1\",\"name\":\"One\",\"isDefault\":" first \
	",\"environmentName\":\"AzureCloud\"},{\"id\":\"s-2\",\"name\":\"Two\","                \
	"\"isDefault\":" second ",\"environmentName\":\"AzureUSGovernment\"}]}"

static void test_finds_the_default_subscription(void **state)
{
	static const struct {
		const char *profile, *cloud, *id;
	} rows[] = {
		{LIST("true", "false"), "AzureCloud", "s-1"},
		{LIST("true", "true"), "AzureUSGovernment", "s-2"},
		{LIST("true", "false"), "AzureUSGovernment", "s-2"}, /* of clouds.config */
		{LIST("true", "false"), "AzureChinaCloud", NULL},
		{LIST("\"true\"", "7"), "AzureCloud", NULL},
		{"{\"subscriptions\":{}}", "AzureCloud", NULL},
		{"{\"subscriptions\":[{\"id\":7,\"isDefault\":true},null,[]]}", "AzureCloud", NULL},
		{NULL, "AzureCloud", NULL},
	};

	for (size_t i = 0; i < countof(rows); i++) {
		ONCE({500, NULL, NULL});
		struct arm_cloud cloud = {.name = xstrdup(rows[i].cloud)};
		autofree char *id = NULL;
		autofree char *name = NULL;
		autoerror err = ERROR_INIT;
		autofree char *clouds = play_write(
			&play, "clouds.config", "[AzureUSGovernment]\nsubscription = S-2\n");
		autofree char *profile =
			rows[i].profile ? play_write(&play, "azureProfile.json", rows[i].profile)
					: NULL;

		assert_int_equal(arm_default_subscription(&cloud, &id, &name, &err), 0);
		if (rows[i].id)
			assert_string_equal(id, rows[i].id);
		else
			assert_null(id);
		arm_cloud_clear(&cloud);
		play_end(&play);
	}
}

static void test_says_that_the_profile_is_damaged(void **state)
{
	ONCE({500, NULL, NULL});
	struct arm_cloud cloud = {.name = xstrdup("AzureCloud")};
	char *id;
	char *name;
	autoerror err = ERROR_INIT;
	autofree char *path = play_write(&play, "azureProfile.json", "{\"subscriptions\":[");

	assert_int_equal(arm_default_subscription(&cloud, &id, &name, &err), -1);
	assert_non_null(strstr(err.message, "azureProfile.json"));
	arm_cloud_clear(&cloud);
	play_end(&play);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_metadata),
		cmocka_unit_test(test_refuses_metadata),
		cmocka_unit_test(test_chooses),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_asks_for_metadata),
		cmocka_unit_test(test_tells_why_metadata_fails),
		cmocka_unit_test(test_finds_the_default_subscription),
		cmocka_unit_test(test_says_that_the_profile_is_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
