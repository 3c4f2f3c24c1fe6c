/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "arm/target.h"
#include "base/alloc.h"

#define SUB "00000000-0000-0000-0000-00000000000a"

static void test_types(void **state)
{
	static const struct {
		const char *typed, *name;
	} rows[] = {
		{"connectedClusters", "connectedClusters"},
		{"CONNECTEDCLUSTERS", "connectedClusters"},
		{"arc", "connectedClusters"},
		{"aks", "managedClusters"},
		{"managedclusters", "managedClusters"},
		{"provisionedClusters", "provisionedClusters"},
		{"appliances", NULL},
		{"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		const struct arm_cluster_type *type = arm_cluster_type_find(rows[i].typed);

		assert_int_equal(type != NULL, rows[i].name != NULL);
		if (type)
			assert_string_equal(type->name, rows[i].name);
	}
}

static void test_parse(void **state)
{
	/* The id, and what its path is written as; NULL: it is no cluster. */
	static const char *const rows[][2] = {
		{"/subscriptions/" SUB
		 "/resourceGroups/rg/providers/Microsoft.Kubernetes/connectedClusters/c",
			"/subscriptions/" SUB
			"/resourceGroups/rg/providers/Microsoft.Kubernetes/connectedClusters/c"},
		{"/SUBSCRIPTIONS/" SUB
		 "/resourcegroups/Rg/providers/microsoft.containerservice/ManagedClusters/C",
			"/subscriptions/" SUB "/resourceGroups/Rg/providers/"
			"Microsoft.ContainerService/managedClusters/C"},
		{"/subscriptions/" SUB
		 "/resourceGroups/rg/providers/Microsoft.Kubernetes/connectedClusters/c/providers/"
		 "Microsoft.KubernetesConfiguration/extensions/flux",
			"/subscriptions/" SUB
			"/resourceGroups/rg/providers/Microsoft.Kubernetes/connectedClusters/c"},
		{"/subscriptions/" SUB "/resourceGroups/rg/providers/Microsoft.Kubernetes/"
		 "managedClusters/c",
			NULL},
		{"/subscriptions/" SUB "/resourceGroups/rg", NULL},
		{"/subscriptions//resourceGroups/rg/providers/Microsoft.Kubernetes/"
		 "connectedClusters/c",
			NULL},
		{"", NULL},
		{"////////////////", NULL},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		CLEANUP(arm_target_clear) struct arm_target target = ARM_TARGET_INIT;
		bool parsed = arm_target_parse(rows[i][0], &target);
		autobuf path = BUF_INIT;

		if (parsed != (rows[i][1] != NULL))
			fail_msg("%s", rows[i][0]);
		if (!parsed)
			continue;
		arm_target_path(&target, &path);
		assert_string_equal(path.ptr, rows[i][1]);
	}
}

static void test_names(void **state)
{
	/* subscription, group, cluster; part of the refusal */
	static const char *const rows[][4] = {
		{SUB, "rg", "c", NULL},
		{SUB, "r(g)_-.x", "a_b-1", NULL},
		{SUB, "gr\xc3\xbcn", "c", NULL},
		{"not-an-id", "rg", "c", "a subscription's id"},
		{SUB, "a/b", "c", "a resource group"},
		{SUB, "a?b", "c", "a resource group"},
		{SUB, "ends.", "c", "ends with a dot"},
		{SUB, "rg", "a/../b", "a cluster"},
		{SUB, "rg", "", "a cluster"},
		{SUB, "rg", "a.b", "a cluster"},
		{SUB, "rg", "0123456789012345678901234567890123456789012345678901234567890123",
			"longer than 63"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		CLEANUP(arm_target_clear) struct arm_target target = ARM_TARGET_INIT;
		autoerror err = ERROR_INIT;

		target.subscription = xstrdup(rows[i][0]);
		target.group = xstrdup(rows[i][1]);
		target.cluster = xstrdup(rows[i][2]);
		if ((arm_target_check(&target, &err) < 0) != (rows[i][3] != NULL))
			fail_msg("row %zu: %s", i, err.message);
		if (!rows[i][3])
			continue;
		assert_int_equal(err.kind, ERROR_USAGE);
		assert_non_null(strstr(err.message, rows[i][3]));
	}
}

static void test_child(void **state)
{
	CLEANUP(arm_target_clear) struct arm_target target = ARM_TARGET_INIT;
	autofree char *list = NULL;
	autofree char *one = NULL;

	(void)state;
	target.subscription = xstrdup(SUB);
	target.group = xstrdup("rg");
	target.cluster = xstrdup("c");
	target.type = arm_cluster_type_find("aks");
	list = arm_target_child(&target, "extensions", NULL);
	one = arm_target_child(&target, "extensions", "flux");
	assert_string_equal(list,
		"/subscriptions/" SUB "/resourceGroups/rg/providers/Microsoft.ContainerService/"
		"managedClusters/c/providers/Microsoft.KubernetesConfiguration/extensions");
	assert_true(ends_with(one, "/extensions/flux"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_child),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
