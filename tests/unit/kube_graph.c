/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/time.h"
#include "kube/graph.h"

/* A cluster written by hand, and what was made of it. */
struct world {
	struct survey *survey;
	struct install *install;
	struct graph *graph;
};

static struct world world_new(void)
{
	unsigned parts = SURVEY_FLUX | SURVEY_AZURE | SURVEY_WORKLOADS | SURVEY_PODS;
	struct world world = {.survey = survey_new(time_parse("2026-11-24T08:00:00Z"), parts)};

	for (size_t i = 0; i < kinds_count; i++)
		if (kinds[i].flags & KIND_FLUX)
			survey_note(world.survey, &kinds[i], kinds[i].name, SURVEY_OK, NULL);
	survey_note(world.survey, kind_find("Deployment", "apps"), "Deployment", SURVEY_OK, NULL);
	survey_note(world.survey, kind_find("Pod", ""), "Pod", SURVEY_OK, NULL);
	return world;
}

static void world_clear(struct world *world)
{
	graph_free(world->graph);
	install_free(world->install);
	survey_free(world->survey);
}

static void add(struct world *world, const char *kind, const char *json)
{
	autojson struct json_object *object = NULL;
	autoerror err = ERROR_INIT;

	if (json_parse(json, strlen(json), &object, &err) < 0)
		fail_msg("%s: %s", json, err.message);
	survey_add(world->survey, kind_find(kind, NULL), object);
}

/* An object of namespace "ns" with a Ready condition and more fields of its spec. */
static void flux(struct world *world, const char *kind, const char *name, const char *status,
	const char *reason, const char *message, const char *spec)
{
	autofree char *json = xasprintf(
		"{\"metadata\":{\"name\":\"%s\",\"namespace\":\"ns\",\"generation\":1},\"spec\":{%"
		"s},"
		"\"status\":{\"observedGeneration\":1,\"conditions\":[{\"type\":\"Ready\","
		"\"status\":\"%s\",\"reason\":\"%s\",\"message\":\"%s\","
		"\"lastTransitionTime\":\"2026-11-24T07:59:00Z\"}]}}",
		name, spec, status, reason, message);

	add(world, kind, json);
}

static void controller(struct world *world, const char *name, int wanted, int ready)
{
	autofree char *json =
		xasprintf("{\"metadata\":{\"name\":\"%s\",\"namespace\":\"flux-system\"},\"spec\":{"
			  "\"replicas\":%d,"
			  "\"template\":{\"spec\":{\"containers\":[{\"name\":\"manager\","
			  "\"image\":\"example.test/fluxcd/"
			  "%s:v1.7.4\"}]}}},\"status\":{\"readyReplicas\":%d}}",
			name, wanted, name, ready);

	add(world, "Deployment", json);
}

static void all_controllers(struct world *world)
{
	controller(world, "helm-controller", 1, 1);
	controller(world, "kustomize-controller", 1, 1);
	controller(world, "notification-controller", 1, 1);
	controller(world, "source-controller", 1, 1);
}

static void write_node(struct buf *out, const struct graph_node *node, unsigned depth)
{
	buf_fill(out, ' ', (size_t)depth * 2);
	buf_addf(out, "%s/%s", node->ref.kind, node->ref.name);
	if (node->missing)
		buf_adds(out, " missing");
	else if (node->controller)
		buf_addf(out, " %s", controller_fault_words(node->controller->fault));
	else
		buf_addf(out, " %s", object_state_word(node->state));
	if (node->edge != EDGE_NONE)
		buf_addf(out, " by %s", graph_edge_word(node->edge));
	buf_addc(out, '\n');
	for (const struct graph_node *child = node->first_child; child; child = child->next)
		write_node(out, child, depth + 1);
}

static void assert_tree(struct world *world, const char *expected)
{
	autobuf out = BUF_INIT;

	world->install = install_read(world->survey);
	world->graph = graph_new(world->survey, world->install);
	for (size_t i = 0; i < world->graph->root_count; i++)
		write_node(&out, world->graph->roots[i], 0);
	assert_string_equal(out.ptr, expected);
}

#define GIT_A "\"sourceRef\":{\"kind\":\"GitRepository\",\"name\":\"a\"}"
#define ON(name) "\"dependsOn\":[{\"name\":\"" name "\"}]"

static void test_all_ready(void **state)
{
	CLEANUP(world_clear) struct world world = world_new();

	(void)state;
	all_controllers(&world);
	flux(&world, "GitRepository", "a", "True", "Succeeded", "stored", "");
	flux(&world, "Kustomization", "k", "True", "ReconciliationSucceeded", "Applied", GIT_A);
	assert_tree(&world, "");
	assert_int_equal(world.graph->counted, 2);
	assert_int_equal(world.graph->not_ready, 0);
	assert_int_equal(world.graph->unwatched, 0);
}

static void test_dependency_chain_stands_under_its_source(void **state)
{
	CLEANUP(world_clear) struct world world = world_new();

	(void)state;
	all_controllers(&world);
	flux(&world, "GitRepository", "a", "False", "GitOperationFailed", "no such host", "");
	flux(&world, "Kustomization", "k1", "False", "ArtifactFailed",
		"Source artifact not found, retrying in 30s", GIT_A);
	flux(&world, "Kustomization", "k2", "False", "DependencyNotReady",
		"dependency 'ns/k1' is not ready", GIT_A "," ON("k1"));
	assert_tree(&world, "GitRepository/a Failing\n"
			    "  Kustomization/k1 Blocked by source\n"
			    "    Kustomization/k2 Blocked by dependsOn\n");
	assert_int_equal(world.graph->roots[0]->waiting, 2);
}

static void test_own_failure_is_a_root(void **state)
{
	CLEANUP(world_clear) struct world world = world_new();

	(void)state;
	all_controllers(&world);
	flux(&world, "GitRepository", "a", "False", "GitOperationFailed", "no such host", "");
	flux(&world, "Kustomization", "k1", "False", "BuildFailed", "kustomize build failed",
		GIT_A);
	flux(&world, "Kustomization", "k2", "False", "ArtifactFailed",
		"kustomization path not found: stat /x", GIT_A);
	assert_tree(&world, "GitRepository/a Failing\n"
			    "Kustomization/k1 Failing\n"
			    "Kustomization/k2 Failing\n");
}

static void test_missing_source_and_dependency(void **state)
{
	CLEANUP(world_clear) struct world world = world_new();

	(void)state;
	all_controllers(&world);
	flux(&world, "Kustomization", "old", "True", "ReconciliationSucceeded", "Applied", GIT_A);
	flux(&world, "Kustomization", "new", "False", "ArtifactFailed",
		"unable to get source 'ns/a': GitRepository not found", GIT_A);
	flux(&world, "Kustomization", "waits", "False", "DependencyNotReady",
		"dependency 'ns/gone' not found", ON("gone"));
	assert_tree(&world, "GitRepository/a missing\n"
			    "  Kustomization/old Stale by source\n"
			    "  Kustomization/new Blocked by source\n"
			    "Kustomization/gone missing\n"
			    "  Kustomization/waits Blocked by dependsOn\n");
}

/* A FluxConfig lacks its source: the source is the cause, and the FluxConfig no second one. */
static void test_missing_part_of_a_fluxconfig(void **state)
{
	CLEANUP(world_clear) struct world world = world_new();

	(void)state;
	all_controllers(&world);
	flux(&world, "Kustomization", "a-k", "False", "ArtifactFailed",
		"GitRepository.source.toolkit.fluxcd.io \\\"a\\\" not found", GIT_A);
	add(&world, "FluxConfig",
		"{\"metadata\":{\"name\":\"a\",\"namespace\":\"ns\"},\"spec\":{\"sourceKind\":"
		"\"GitRepository\",\"gitRepository\":{\"url\":\"u\"},\"kustomizations\":[{\"name\":"
		"\"k\"}]},\"status\":{\"provisioningState\":\"Succeeded\"}}");
	assert_tree(&world, "GitRepository/a missing\n"
			    "  FluxConfig/a Failing by made object\n"
			    "  Kustomization/a-k Blocked by source\n");
	assert_int_equal(world.graph->root_count, 1);
}

/* What `get` calls old is no less so here: nobody has reported for 41 minutes. */
static void test_fluxconfig_without_reports(void **state)
{
	CLEANUP(world_clear) struct world world = world_new();

	(void)state;
	all_controllers(&world);
	controller(&world, "fluxconfig-controller", 1, 1);
	controller(&world, "fluxconfig-agent", 0, 0);
	flux(&world, "GitRepository", "a", "True", "Succeeded", "stored", "");
	add(&world, "FluxConfig",
		"{\"metadata\":{\"name\":\"a\",\"namespace\":\"ns\"},\"spec\":{\"sourceKind\":"
		"\"GitRepository\",\"gitRepository\":{\"url\":\"u\",\"syncInterval\":\"10m0s\"}},"
		"\"status\":{\"provisioningState\":\"Succeeded\",\"dataplaneStatus\":{"
		"\"isSyncedWithAzure\":true,\"lastSyncedTime\":\"2026-11-24T07:19:00Z\"}}}");
	assert_tree(&world, "Deployment/fluxconfig-agent scaled to zero\n"
			    "  FluxConfig/a Stale by controller\n");
}

/* A kind that could not be read is not taken for "none". */
static void test_unread_kind_hides_nothing(void **state)
{
	CLEANUP(world_clear) struct world world = world_new();

	(void)state;
	all_controllers(&world);
	survey_note(world.survey, kind_find("GitRepository", NULL), "GitRepository",
		SURVEY_FORBIDDEN, NULL);
	flux(&world, "Kustomization", "k", "True", "ReconciliationSucceeded", "Applied", GIT_A);
	assert_tree(&world, "");
}

static void test_cycle_is_one_root(void **state)
{
	CLEANUP(world_clear) struct world world = world_new();

	(void)state;
	all_controllers(&world);
	flux(&world, "Kustomization", "c", "False", "DependencyNotReady",
		"dependency 'ns/a' is not ready", ON("a"));
	flux(&world, "Kustomization", "b", "False", "DependencyNotReady",
		"dependency 'ns/c' is not ready", ON("c"));
	flux(&world, "Kustomization", "a", "False", "DependencyNotReady",
		"dependency 'ns/b' is not ready", ON("b"));
	flux(&world, "Kustomization", "outside", "False", "DependencyNotReady",
		"dependency 'ns/c' is not ready", ON("c"));
	assert_tree(&world, "Kustomization/a Blocked\n"
			    "  Kustomization/c Blocked by cycle\n"
			    "    Kustomization/outside Blocked by dependsOn\n"
			    "  Kustomization/b Blocked by cycle\n");
	assert_true(world.graph->roots[0]->in_cycle);
	assert_int_equal(world.graph->root_count, 1);
	assert_int_equal(world.graph->roots[0]->waiting, 3);
}

static void test_self_dependency_is_a_root(void **state)
{
	CLEANUP(world_clear) struct world world = world_new();

	(void)state;
	all_controllers(&world);
	flux(&world, "Kustomization", "a", "False", "DependencyNotReady",
		"dependency 'ns/a' is not ready", ON("a"));
	assert_tree(&world, "Kustomization/a Blocked\n");
}

static void test_health_check_names_the_cause(void **state)
{
	CLEANUP(world_clear) struct world world = world_new();

	(void)state;
	all_controllers(&world);
	flux(&world, "HelmRepository", "charts", "False", "Failed", "404", "");
	flux(&world, "Kustomization", "k", "False", "HealthCheckFailed",
		"health check failed after 30s: timeout waiting for: [Deployment/web/web status: "
		"'InProgress', HelmRepository/ns/charts status: 'InProgress']",
		"");
	assert_tree(&world, "HelmRepository/charts Failing\n"
			    "  Kustomization/k Failing by health check\n");
}

static void test_release_waits_for_its_chart(void **state)
{
	CLEANUP(world_clear) struct world world = world_new();

	(void)state;
	all_controllers(&world);
	flux(&world, "HelmRepository", "charts", "True", "Succeeded", "stored", "");
	flux(&world, "HelmChart", "ns-web", "False", "InvalidChartReference", "no chart 7.x",
		"\"sourceRef\":{\"kind\":\"HelmRepository\",\"name\":\"charts\"}");
	flux(&world, "HelmRelease", "web", "False", "SourceNotReady",
		"HelmChart 'ns/ns-web' is not ready: no chart 7.x",
		"\"chart\":{\"spec\":{\"sourceRef\":{\"kind\":\"HelmRepository\",\"name\":"
		"\"charts\"}}}");
	assert_tree(&world, "HelmChart/ns-web Failing\n"
			    "  HelmRelease/web Blocked by chart\n");
}

static void test_controller_that_does_not_run(void **state)
{
	CLEANUP(world_clear) struct world world = world_new();

	(void)state;
	controller(&world, "helm-controller", 1, 1);
	controller(&world, "kustomize-controller", 1, 1);
	controller(&world, "source-controller", 0, 0);
	add(&world, "GitRepository",
		"{\"metadata\":{\"name\":\"a\",\"namespace\":\"ns\",\"generation\":2},\"status\":{"
		"\"observedGeneration\":1,\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]"
		"}}");
	flux(&world, "HelmRepository", "r", "True", "Succeeded", "stored", "");
	flux(&world, "Kustomization", "k", "Unknown", "Progressing", "Reconciliation in progress",
		GIT_A);
	assert_tree(&world, "Deployment/source-controller scaled to zero\n"
			    "  GitRepository/a Stale by controller\n"
			    "    Kustomization/k Progressing by source\n");
	assert_int_equal(world.graph->stale, 1);
	assert_int_equal(world.graph->unwatched, 1);
}

/* Nobody uses images here: that their controllers are not there is no fault. */
static void test_unused_controller_may_be_absent(void **state)
{
	CLEANUP(world_clear) struct world world = world_new();

	(void)state;
	all_controllers(&world);
	flux(&world, "ImageRepository", "i", "Unknown", "Progressing", "", "");
	assert_tree(&world, "Deployment/image-reflector-controller not there\n"
			    "  ImageRepository/i Progressing by controller\n");
}

static void test_short_workload(void **state)
{
	CLEANUP(world_clear) struct world world = world_new();

	(void)state;
	all_controllers(&world);
	flux(&world, "Kustomization", "k", "True", "ReconciliationSucceeded", "Applied", "");
	add(&world, "Deployment",
		"{\"metadata\":{\"name\":\"web\",\"namespace\":\"web\",\"labels\":{"
		"\"kustomize.toolkit.fluxcd.io/name\":\"k\","
		"\"kustomize.toolkit.fluxcd.io/namespace\":\"ns\"}},\"spec\":{\"replicas\":3},"
		"\"status\":{\"readyReplicas\":2}}");
	assert_tree(&world, "Deployment/web Progressing\n");
}

static void test_health_lists(void **state)
{
	static const struct {
		const char *message;
		size_t count;
		const char *kind, *namespace, *name, *status;
	} rows[] = {
		{"timeout waiting for: [Deployment/web/web status: 'InProgress']", 1, "Deployment",
			"web", "web", "InProgress"},
		{"x: failed early due to stalled resources: [HelmRelease/a/b status: 'Failed', "
		 "Job/a/c status: 'Unknown': boom]",
			2, "HelmRelease", "a", "b", "Failed"},
		{"timeout waiting for: [ClusterRole/x status: 'NotFound']", 1, "ClusterRole", "",
			"x", "NotFound"},
		{"timeout waiting for: [", 0, NULL, NULL, NULL, NULL},
		{"timeout waiting for: [nothing of the sort]", 0, NULL, NULL, NULL, NULL},
		{"all is well", 0, NULL, NULL, NULL, NULL},
		{NULL, 0, NULL, NULL, NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		CLEANUP(health_list_clear) struct health_list list;

		health_list_parse(rows[i].message, &list);
		assert_int_equal(list.count, rows[i].count);
		if (!rows[i].count)
			continue;
		assert_string_equal(list.entries[0].kind, rows[i].kind);
		assert_string_equal(list.entries[0].namespace, rows[i].namespace);
		assert_string_equal(list.entries[0].name, rows[i].name);
		assert_string_equal(list.entries[0].status, rows[i].status);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_ready),
		cmocka_unit_test(test_dependency_chain_stands_under_its_source),
		cmocka_unit_test(test_own_failure_is_a_root),
		cmocka_unit_test(test_missing_source_and_dependency),
		cmocka_unit_test(test_missing_part_of_a_fluxconfig),
		cmocka_unit_test(test_fluxconfig_without_reports),
		cmocka_unit_test(test_unread_kind_hides_nothing),
		cmocka_unit_test(test_cycle_is_one_root),
		cmocka_unit_test(test_self_dependency_is_a_root),
		cmocka_unit_test(test_health_check_names_the_cause),
		cmocka_unit_test(test_release_waits_for_its_chart),
		cmocka_unit_test(test_controller_that_does_not_run),
		cmocka_unit_test(test_unused_controller_may_be_absent),
		cmocka_unit_test(test_short_workload),
		cmocka_unit_test(test_health_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
