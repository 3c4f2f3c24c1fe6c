/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "kube/path.h"

static const struct {
	const char *path;
	bool resource;
	/* group, version, namespace, plural, name, subresource */
	const char *wanted[6];
} rows[] = {
	/* clang-format off */
	{"/version", false, {NULL}},
	{"/apis/apps", false, {NULL}},
	{"/apis/apps/v1", false, {NULL}},
	{"/api/v1", false, {NULL}},
	{"/api/v1/nodes", true, {"", "v1", NULL, "nodes", NULL, NULL}},
	{"/api/v1/namespaces", true, {"", "v1", NULL, "namespaces", NULL, NULL}},
	{"/api/v1/namespaces/x", true, {"", "v1", NULL, "namespaces", "x", NULL}},
	{"/api/v1/namespaces/x/pods", true, {"", "v1", "x", "pods", NULL, NULL}},
	{"/api/v1/namespaces/x/pods/y", true, {"", "v1", "x", "pods", "y", NULL}},
	{"/api/v1/namespaces/x/pods/y/log", true, {"", "v1", "x", "pods", "y", "log"}},
	{"/apis/apps/v1/deployments", true, {"apps", "v1", NULL, "deployments", NULL, NULL}},
	{"/apis/a.b/v1/namespaces/x/ks/a%20b%2Fc%zz", true, {"a.b", "v1", "x", "ks", "a b/c%zz", NULL}},
	/* clang-format on */
};

static void parts(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		const char *const *wanted = rows[i].wanted;
		autokubepath path = KUBE_PATH_INIT;

		if (kube_path_parse(rows[i].path, &path) != rows[i].resource ||
			!streq(path.group, wanted[0]) || !streq(path.version, wanted[1]) ||
			!streq(path.namespace, wanted[2]) || !streq(path.plural, wanted[3]) ||
			!streq(path.name, wanted[4]) || !streq(path.subresource, wanted[5]))
			fail_msg("%s", rows[i].path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(parts)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
