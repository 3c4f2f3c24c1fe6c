/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "arm/client_internal.h"
#include "base/alloc.h"
#include "base/json.h"

#define S "/subscriptions/s"
#define C S "/resourceGroups/rg/providers/Microsoft.Kubernetes/connectedClusters/c"
#define K "/providers/Microsoft.KubernetesConfiguration/"

static void test_types_of_paths(void **state)
{
	static const struct {
		const char *path;
		enum arm_type type;
	} rows[] = {
		{C, ARM_CONNECTED_CLUSTERS},
		{C K "extensions", ARM_EXTENSIONS},
		{C "/PROVIDERS/microsoft.kubernetesconfiguration/EXTENSIONS/flux?api-version=1",
			ARM_EXTENSIONS},
		{C K "extensions/flux/operations/1", ARM_EXTENSIONS},
		{C K "extensionTypes/microsoft.flux/versions", ARM_EXTENSION_TYPES},
		{"https://management.azure.com" C K "fluxConfigurations/x",
			ARM_FLUX_CONFIGURATIONS},
		{S "/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/"
		   "i",
			ARM_USER_IDENTITIES},
		{S "/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/"
		   "i/"
		   "federatedIdentityCredentials/f",
			ARM_FEDERATED_CREDENTIALS},
		{S "/providers/Microsoft.KubernetesConfiguration", ARM_TYPES_COUNT},
		{S "/providers/Microsoft.KubernetesConfiguration/register", ARM_TYPES_COUNT},
		{S, ARM_TYPES_COUNT},
		{"", ARM_TYPES_COUNT},
		{"/providers", ARM_TYPES_COUNT},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++)
		if (arm_type_of(rows[i].path) != rows[i].type)
			fail_msg("%s: %d", rows[i].path, (int)arm_type_of(rows[i].path));
}

static void test_chooses_the_newest_of_both(void **state)
{
	static const struct {
		const char *offered, *chosen;
	} rows[] = {
		{"[\"2025-03-01\",\"2024-11-01\",\"2023-05-01\"]", "2025-03-01"},
		{"[\"2022-11-01\",\"2023-05-01\"]", "2023-05-01"},
		{"[\"2099-01-01\"]", NULL},
		{"[]", NULL},
		{"\"2024-11-01\"", NULL},
		{"[null,1,{}]", NULL},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autojson struct json_object *provider = NULL;
		autoerror err = ERROR_INIT;
		autofree char *text =
			xasprintf("{\"resourceTypes\":[{},{\"resourceType\":\"extensions\","
				  "\"apiVersions\":%s}]}",
				rows[i].offered);

		assert_int_equal(json_parse(text, strlen(text), &provider, &err), 0);
		if (!streq(arm_version_choose(ARM_EXTENSIONS, provider), rows[i].chosen))
			fail_msg("%s: %s", rows[i].offered,
				arm_version_choose(ARM_EXTENSIONS, provider));
	}
}

/* The default is one that is known. */
static void test_catalog(void **state)
{
	static char endpoint[] = "https://arm.example";
	struct arm_cloud cloud = {.endpoint = endpoint};
	struct arm_options options = {.cloud = &cloud};
	struct arm *arm = arm_new(&options);

	(void)state;
	for (int i = 0; i < ARM_TYPES_COUNT; i++) {
		enum arm_type type = (enum arm_type)i;

		assert_true(str_set(arm_type_resource(type)));
		if (*arm_type_provider(type) && !arm_type_speaks(type, arm_api_version(arm, type)))
			fail_msg("%s", arm_type_resource(type));
	}
	arm_free(arm);
}

static void test_claims(void **state)
{
	static const struct {
		const char *header, *claims;
	} rows[] = {
		{"Bearer realm=\"\", error=\"insufficient_claims\", claims=\"eyJhIjoxfQ==\"",
			"{\"a\":1}"},
		{"Bearer error=\"insufficient_claims\", claims=\"eyJhIjoxfQ\"", "{\"a\":1}"},
		{"Bearer error=\"invalid_token\", claims=\"eyJhIjoxfQ==\"", NULL},
		{"Bearer error=\"insufficient_claims\", claims=\"\"", NULL},
		{"Bearer error=\"insufficient_claims\", claims=\"%%%\"", NULL},
		{"Bearer error=\"insufficient_claims\"", NULL},
		{NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autofree char *claims = arm_claims_of(rows[i].header);

		if (!streq(claims, rows[i].claims))
			fail_msg("%s: %s", rows[i].header, claims);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types_of_paths),
		cmocka_unit_test(test_chooses_the_newest_of_both),
		cmocka_unit_test(test_catalog),
		cmocka_unit_test(test_claims),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
