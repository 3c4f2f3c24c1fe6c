/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/time.h"
#include "kube/install.h"

static void add(struct survey *survey, const char *kind, const char *json)
{
	autojson struct json_object *object = NULL;
	autoerror err = ERROR_INIT;

	if (json_parse(json, strlen(json), &object, &err) < 0)
		fail_msg("%s: %s", json, err.message);
	survey_note(survey, kind_find(kind, NULL), kind, SURVEY_OK, NULL);
	survey_add(survey, kind_find(kind, NULL), object);
}

/* A Deployment in `namespace` with one container; `labels` as JSON members. */
static void deploy(struct survey *survey, const char *namespace, const char *name,
	const char *image, int wanted, int ready, const char *labels)
{
	autofree char *json = xasprintf(
		"{\"metadata\":{\"name\":\"%s\",\"namespace\":\"%s\",\"labels\":{%s}},\"spec\":{"
		"\"replicas\":%d,\"template\":{\"spec\":{\"containers\":[{\"name\":\"fluent-bit\","
		"\"image\":\"x.test/fluent-bit:1\"},{\"name\":\"manager\",\"image\":\"%s\"}]}}},"
		"\"status\":{\"readyReplicas\":%d}}",
		name, namespace, labels, wanted, image, ready);

	add(survey, "Deployment", json);
}

static void test_images(void **state)
{
	static const char *const rows[][2] = {
		{"mcr.microsoft.com/oss/fluxcd/source-controller:v1.7.4-23", "source-controller"},
		{"localhost:5000/source-controller", "source-controller"},
		{"ghcr.io/fluxcd/helm-controller@sha256:abc", "helm-controller"},
		{"ghcr.io/fluxcd/helm-controller:v1@sha256:abc", "helm-controller"},
		{"x.test/my-source-controller:v1", NULL},
		{"source-controller-tools", NULL},
		{"", NULL},
		{NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		const char *found = controller_of_image(rows[i][0]);

		assert_true(streq(found, rows[i][1]));
	}
}

static void test_distributions(void **state)
{
	struct survey *survey = survey_new(0, SURVEY_WORKLOADS);
	struct install *install = install_read(survey);

	(void)state;
	assert_int_equal(install->distribution, DISTRIBUTION_NONE);
	assert_false(install->known);
	install_free(install);

	deploy(survey, "flux-system", "source-controller", "g/source-controller:v1.6.2", 1, 1,
		"\"app.kubernetes.io/version\":\"v2.6.4\"");
	install = install_read(survey);
	assert_int_equal(install->distribution, DISTRIBUTION_UPSTREAM);
	assert_string_equal(install->flux_version, "2.6.4");
	assert_string_equal(install->namespace, "flux-system");
	install_free(install);

	add(survey, "Kustomization",
		"{\"metadata\":{\"name\":\"flux-system\",\"namespace\":\"flux-system\"}}");
	install = install_read(survey);
	assert_int_equal(install->distribution, DISTRIBUTION_BOOTSTRAP);
	install_free(install);

	deploy(survey, "flux-system", "flux-operator", "g/flux-operator:v0.58.1", 1, 1, "");
	install = install_read(survey);
	assert_int_equal(install->distribution, DISTRIBUTION_OPERATOR);
	install_free(install);

	add(survey, "ExtensionConfig",
		"{\"metadata\":{\"name\":\"flux\",\"namespace\":\"flux-system\"},\"spec\":{"
		"\"extensionType\":\"Microsoft.Flux\",\"version\":\"1.24.1\"}}");
	install = install_read(survey);
	assert_int_equal(install->distribution, DISTRIBUTION_AZURE);
	assert_string_equal(install->extension_version, "1.24.1");
	assert_string_equal(install->flux_version, "2.7.5");
	install_free(install);
	survey_free(survey);
}

/* Without its label the release is known by the image, and the extension by its agent's tag. */
static void test_versions_by_image(void **state)
{
	struct survey *survey = survey_new(0, SURVEY_WORKLOADS);
	struct install *install;

	(void)state;
	deploy(survey, "flux-system", "source-controller", "g/source-controller:v1.2.5", 1, 1, "");
	deploy(survey, "flux-system", "kustomize-controller", "g/kustomize-controller:v1.1.1", 1, 1,
		"");
	install = install_read(survey);
	assert_string_equal(install->flux_version, "2.1");
	install_free(install);
	deploy(survey, "flux-system", "fluxconfig-agent", "m/fluxconfig-agent:1.10.0", 1, 1, "");
	install = install_read(survey);
	assert_string_equal(install->extension_version, "1.10.0");
	assert_string_equal(install->flux_version, "2.1.2");
	install_free(install);
	survey_free(survey);
}

#define POD(name, owner, status)                                                                \
	"{\"metadata\":{\"name\":\"" name                                                       \
	"\",\"namespace\":\"flux-system\",\"ownerReferences\":[{"                               \
	"\"kind\":\"ReplicaSet\",\"name\":\"" owner "\"}]},\"status\":{\"containerStatuses\":[" \
	"{\"name\":\"manager\",\"ready\":false,\"restartCount\":3," status "}]}}"

static void test_faults(void **state)
{
	static const struct {
		int wanted;
		const char *status;
		enum controller_fault fault;
	} rows[] = {
		{0, "\"state\":{}", CONTROLLER_SCALED_TO_ZERO},
		{1, "\"state\":{\"waiting\":{\"reason\":\"CrashLoopBackOff\"}}",
			CONTROLLER_CRASH_LOOP},
		{1,
			"\"state\":{\"waiting\":{\"reason\":\"CrashLoopBackOff\"}},\"lastState\":{"
			"\"terminated\":{\"reason\":\"OOMKilled\",\"exitCode\":137}}",
			CONTROLLER_OUT_OF_MEMORY},
		{1, "\"state\":{\"waiting\":{\"reason\":\"ImagePullBackOff\"}}",
			CONTROLLER_IMAGE_PULL},
		{1, "\"state\":{\"waiting\":{\"reason\":\"ContainerCreating\"}}",
			CONTROLLER_NOT_READY},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct survey *survey = survey_new(0, SURVEY_WORKLOADS | SURVEY_PODS);
		autofree char *pod =
			xasprintf(POD("helm-controller-abc-xyz", "helm-controller-abc", "%s"),
				rows[i].status);
		struct install *install;
		const struct controller *controller;

		deploy(survey, "flux-system", "helm-controller", "g/helm-controller:v1",
			rows[i].wanted, 0, "");
		add(survey, "Pod", pod);
		/* Another Deployment whose name begins alike. */
		add(survey, "Pod",
			POD("helm-controller-b-abc-xyz", "helm-controller-b-abc", "\"state\":{}"));
		install = install_read(survey);
		controller = install_find(install, "helm-controller");
		assert_int_equal(controller->fault, rows[i].fault);
		assert_int_equal(controller->restarts, 3);
		assert_true(controller->down);
		assert_true(install_down(install, kind_find("HelmRelease", NULL)));
		install_free(install);
		survey_free(survey);
	}
}

/* Numbers that no kubelet counts to neither wrap nor become negative. */
static void test_restarts_are_bounded(void **state)
{
	struct survey *survey = survey_new(0, SURVEY_WORKLOADS | SURVEY_PODS);
	struct install *install;

	(void)state;
	deploy(survey, "flux-system", "helm-controller", "g/helm-controller:v1", 1, 1, "");
	add(survey, "Pod",
		"{\"metadata\":{\"namespace\":\"flux-system\",\"name\":\"helm-controller-abc-xyz\"}"
		","
		"\"status\":{\"containerStatuses\":[{\"name\":\"a\",\"restartCount\":2147483647},"
		"{\"name\":\"b\",\"restartCount\":9223372036854775807},"
		"{\"name\":\"c\",\"restartCount\":-5}]}}");
	install = install_read(survey);
	assert_int_equal(
		install_find(install, "helm-controller")->restarts, INT64_C(2) * INT32_MAX);
	install_free(install);
	survey_free(survey);
}

static void test_one_shard_is_enough(void **state)
{
	struct survey *survey = survey_new(0, SURVEY_WORKLOADS);
	struct install *install;

	(void)state;
	deploy(survey, "flux-system", "source-controller", "g/source-controller:v1.7.4", 1, 1, "");
	deploy(survey, "flux-system", "source-controller-shard1", "g/source-controller:v1.7.4", 1,
		0, "");
	install = install_read(survey);
	assert_false(install_down(install, kind_find("GitRepository", NULL)));
	assert_string_equal(install_find(install, "source-controller")->deployment->name,
		"source-controller-shard1");
	/* Not there at all, and known not to be. */
	assert_true(install_down(install, kind_find("HelmRelease", NULL)));
	install_free(install);
	survey_free(survey);
}

static void test_agents(void **state)
{
	struct survey *survey = survey_new(0, SURVEY_WORKLOADS);
	struct install *install;
	size_t agents = 0;

	(void)state;
	deploy(survey, "azure-arc", "config-agent", "m/config-agent:1.36.1", 1, 1, "");
	deploy(survey, "kube-system", "extension-operator", "m/extension-operator:1", 1, 1,
		"\"app.kubernetes.io/name\":\"extension-manager\"");
	deploy(survey, "kube-system", "coredns", "m/coredns:1", 1, 1, "");
	install = install_read(survey);
	for (size_t i = 0; i < install->count; i++)
		agents += install->controllers[i].role == ROLE_AGENT;
	assert_int_equal(agents, 2);
	install_free(install);
	survey_free(survey);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_images),
		cmocka_unit_test(test_distributions),
		cmocka_unit_test(test_versions_by_image),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_restarts_are_bounded),
		cmocka_unit_test(test_one_shard_is_enough),
		cmocka_unit_test(test_agents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
