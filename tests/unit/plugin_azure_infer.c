/* SPDX-License-Identifier: Apache-2.0 */
/* Which cluster in Azure the kubeconfig's is: the readings, and the choice among them. */
#include "test.h"

#include "base/alloc.h"
#include "base/json.h"
#include "plugin/azure_target.h"

#define SUB "00000000-0000-0000-0000-00000000000a"
#define OTHER "00000000-0000-0000-0000-00000000000b"
#define AKS                   \
	"/subscriptions/" SUB \
	"/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/"

static struct json_object *tree(const char *text)
{
	struct json_object *object = NULL;
	autoerror err = ERROR_INIT;

	if (json_parse(text, strlen(text), &object, &err) < 0)
		fail_msg("%s", err.message);
	return object;
}

static void test_reads_the_config_map(void **state)
{
	static const struct {
		const char *text;
		bool names;
	} rows[] = {
		{"{\"data\":{\"AZURE_SUBSCRIPTION_ID\":\"" SUB
		 "\",\"AZURE_RESOURCE_GROUP\":\"rg\",\"AZURE_RESOURCE_NAME\":\"c\"}}",
			true},
		{"{\"data\":{\"AZURE_SUBSCRIPTION_ID\":\"" SUB
		 "\",\"AZURE_RESOURCE_GROUP\":\"\",\"AZURE_RESOURCE_NAME\":\"c\"}}",
			false},
		/* what would lead elsewhere as part of a path */
		{"{\"data\":{\"AZURE_SUBSCRIPTION_ID\":\"" SUB
		 "\",\"AZURE_RESOURCE_GROUP\":\"rg/../../x\",\"AZURE_RESOURCE_NAME\":\"c\"}}",
			false},
		{"{\"data\":{\"AZURE_SUBSCRIPTION_ID\":\"x?y\",\"AZURE_RESOURCE_GROUP\":\"rg\","
		 "\"AZURE_RESOURCE_NAME\":\"c\"}}",
			false},
		{"{\"data\":null}", false},
		{"[]", false},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		CLEANUP(arm_target_clear) struct arm_target target = ARM_TARGET_INIT;
		autojson struct json_object *map = tree(rows[i].text);

		assert_int_equal(azure_read_config(map, arm_cluster_type_find("arc"), &target),
			rows[i].names);
		assert_int_equal(target.cluster != NULL, rows[i].names);
	}
}

static void test_matches_the_address(void **state)
{
	static const struct {
		const char *host, *cluster;
	} rows[] = {
		{"a-1.hcp.eastus.azmk8s.io", "a"},
		{"A-1.HCP.eastus.azmk8s.io", "a"},
		{"b-1.privatelink.eastus.azmk8s.io", "b"},
		{"c-1.hcp.eastus.azmk8s.io", NULL},
		{"", NULL},
	};
	autojson struct json_object *clusters = tree(
		"[{},{\"id\":\"" AKS "a\",\"properties\":{\"fqdn\":\"a-1.hcp.eastus.azmk8s.io\"}},"
		"{\"id\":\"" AKS "b\",\"properties\":{\"fqdn\":null,\"privateFQDN\":"
		"\"b-1.privatelink.eastus.azmk8s.io\"}},"
		"{\"id\":\"/nonsense\",\"properties\":{\"fqdn\":\"c-1.hcp.eastus.azmk8s.io\"}}]");

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		CLEANUP(arm_target_clear) struct arm_target target = ARM_TARGET_INIT;

		assert_int_equal(
			azure_match_host(clusters, rows[i].host, &target), rows[i].cluster != NULL);
		if (rows[i].cluster)
			assert_string_equal(target.cluster, rows[i].cluster);
	}
}

static void add(struct azure_candidates *candidates, const char *cluster, const char *type)
{
	struct arm_target *item = &candidates->items[candidates->len++];

	item->subscription = xstrdup(SUB);
	item->group = xstrdup("rg");
	item->cluster = xstrdup(cluster);
	item->type = arm_cluster_type_find(type);
}

static void test_chooses(void **state)
{
	static const struct {
		const char *subscription, *group, *cluster, *type;
		size_t count;
	} rows[] = {
		{NULL, NULL, NULL, NULL, 2},
		{NULL, NULL, NULL, "aks", 1},
		{NULL, "RG", "ARC-1", NULL, 1},
		{SUB, NULL, "arc-1", "arc", 1},
		{OTHER, NULL, NULL, NULL, 0},
		{NULL, "other", NULL, NULL, 0},
		{NULL, NULL, "arc-1", "aks", 0},
	};
	CLEANUP(azure_candidates_clear)
	struct azure_candidates candidates = AZURE_CANDIDATES_INIT;

	(void)state;
	add(&candidates, "arc-1", "arc");
	add(&candidates, "aks-1", "aks");
	for (size_t i = 0; i < countof(rows); i++) {
		CLEANUP(arm_target_clear) struct arm_target wanted = ARM_TARGET_INIT;
		const struct arm_target *found = NULL;

		wanted.subscription = xstrdup_or_null(rows[i].subscription);
		wanted.group = xstrdup_or_null(rows[i].group);
		wanted.cluster = xstrdup_or_null(rows[i].cluster);
		wanted.type = rows[i].type ? arm_cluster_type_find(rows[i].type) : NULL;
		assert_int_equal(azure_match(&candidates, &wanted, &found), rows[i].count);
		assert_int_equal(found != NULL, rows[i].count > 0);
	}
}

/* What was not typed is not enough for a deletion that nobody is asked about. */
static void test_requires_names(void **state)
{
	static const struct {
		bool inferred, yes, taken;
	} rows[] = {{false, false, true}, {false, true, true}, {true, false, true},
		{true, true, false}};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct azure_flags flags = {.yes = rows[i].yes};
		struct azure azure = {.flags = &flags, .inferred = rows[i].inferred};
		autoerror err = ERROR_INIT;

		azure.target = (struct arm_target){
			.group = xstrdup("rg"),
			.cluster = xstrdup("c"),
			.subscription = xstrdup(SUB),
			.type = arm_cluster_type_find("arc"),
		};
		assert_int_equal(azure_require_typed(&azure, &err), rows[i].taken ? 0 : -1);
		if (!rows[i].taken)
			assert_string_equal(
				err.hint, "-g rg -c c -t connectedClusters --subscription " SUB);
		arm_target_clear(&azure.target);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_the_config_map),
		cmocka_unit_test(test_matches_the_address),
		cmocka_unit_test(test_chooses),
		cmocka_unit_test(test_requires_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
