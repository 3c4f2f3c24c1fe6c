/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <setjmp.h>
#include <cmocka.h>

#include "arm/identity.h"
#include "base/alloc.h"
#include "base/json.h"

#define ISSUER "https://oidc.example/tenant/id/"
#define SOURCE "system:serviceaccount:flux-system:source-controller"

static struct json_object *parse(const char *text)
{
	struct json_object *tree = NULL;
	autoerror err = ERROR_INIT;

	if (json_parse(text, strlen(text), &tree, &err) < 0)
		fail_msg("%s", err.message);
	return tree;
}

/* One credential; the caller frees. */
static struct json_object *credentials(
	const char *issuer, const char *subject, const char *audience)
{
	autofree char *text = xasprintf(
		"[{\"name\":\"flux-c-source-controller\",\"properties\":{\"issuer\":\"%s\","
		"\"subject\":\"%s\",\"audiences\":[\"%s\"]}}]",
		issuer, subject, audience);

	return parse(text);
}

static void test_find(void **state)
{
	static const struct {
		const char *issuer, *subject, *audience;
		bool serves;
	} rows[] = {
		{ISSUER, SOURCE, ARM_FEDERATION_AUDIENCE, true},
		/* Azure compares byte by byte. */
		{"https://oidc.example/tenant/id", SOURCE, ARM_FEDERATION_AUDIENCE, false},
		{ISSUER, "system:serviceaccount:flux-system:Source-controller",
			ARM_FEDERATION_AUDIENCE, false},
		{ISSUER, SOURCE, "api://other", false},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autojson struct json_object *list =
			credentials(rows[i].issuer, rows[i].subject, rows[i].audience);
		const char *found = arm_federation_find(list, ISSUER, SOURCE);

		assert_int_equal(found != NULL, rows[i].serves);
	}
	assert_null(arm_federation_find(NULL, ISSUER, SOURCE));
}

static void test_names(void **state)
{
	autojson struct json_object *taken = parse("[{\"name\":\"FLUX-c-source-controller\"}]");
	char long_name[200];
	autofree char *plain = arm_federation_name("my.cluster_1", "source-controller", NULL);
	autofree char *second = arm_federation_name("c", "source-controller", taken);
	autofree char *cut = NULL;

	(void)state;
	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	cut = arm_federation_name(long_name, "image-automation-controller", NULL);
	assert_string_equal(plain, "flux-my-cluster-1-source-controller");
	assert_string_equal(second, "flux-c-source-controller-2");
	assert_int_equal(strlen(cut), 120);
	assert_true(ends_with(cut, "-image-automation-controller"));
}

static void test_body(void **state)
{
	autofree char *subject = arm_federation_subject("source-controller");
	autojson struct json_object *body = arm_federation_body(ISSUER, subject);
	autobuf text = BUF_INIT;

	(void)state;
	json_write(&text, body);
	assert_string_equal(text.ptr,
		"{\"properties\":{\"issuer\":\"" ISSUER "\",\"subject\":\"" SOURCE
		"\",\"audiences\":[\"api://AzureADTokenExchange\"]}}");
}

static void test_issuer(void **state)
{
	static const struct {
		const char *text, *url;
		bool workload;
	} rows[] = {
		{"{\"properties\":{\"oidcIssuerProfile\":{\"enabled\":true,\"issuerUrl\":\"https://"
		 "a/\"},"
		 "\"securityProfile\":{\"workloadIdentity\":{\"enabled\":true}}}}",
			"https://a/", true},
		{"{\"properties\":{\"oidcIssuerProfile\":{\"enabled\":true,\"issuerURL\":\"https://"
		 "b/\"}}}",
			"https://b/", false},
		{"{\"properties\":{\"oidcIssuerProfile\":{\"issuerURL\":\"\"}}}", NULL, false},
		{"{}", NULL, false},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autojson struct json_object *cluster = parse(rows[i].text);
		struct arm_issuer issuer;

		arm_issuer_read(cluster, &issuer);
		assert_int_equal(issuer.workload_identity, rows[i].workload);
		if (rows[i].url)
			assert_string_equal(issuer.url, rows[i].url);
		else
			assert_null(issuer.url);
	}
}

static void test_roles(void **state)
{
	autojson struct json_object *list = parse("[{\"properties\":{\"roleDefinitionId\":\"/x/"
						  "acdd72a7-3385-48ef-bd42-f606fba81ae7\"}},"
						  "{\"properties\":{}},"
						  "{\"properties\":{\"roleDefinitionId\":\"/x/"
						  "7F951DDA-4ED3-4680-A7CA-43FE172D538D\"}}]");
	const struct arm_pull_role *role = arm_pull_role_find(list);

	(void)state;
	assert_non_null(role);
	assert_string_equal(role->name, "AcrPull");
	assert_null(arm_pull_role_find(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_body),
		cmocka_unit_test(test_issuer),
		cmocka_unit_test(test_roles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
