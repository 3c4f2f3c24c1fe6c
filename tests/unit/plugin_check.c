/* SPDX-License-Identifier: Apache-2.0 */
/* Every rule of `check` is provoked by one change of a healthy cluster, and is silent on that cluster. */
#include "test.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/time.h"
#include "plugin/check.h"

#define NOW "2026-11-24T08:00:00Z"
#define META(ns, name) \
	"\"metadata\":{\"namespace\":\"" ns "\",\"name\":\"" name "\",\"generation\":1}"
#define CLUSTER_META(name) "\"metadata\":{\"name\":\"" name "\"}"
#define DEPLOYMENT(ns, name, image, replicas, ready)                                              \
	"{" META(ns,                                                                              \
		name) ",\"spec\":{\"replicas\":" #replicas                                        \
		      ",\"template\":{\"spec\":{\"containers\":[{\"name\":\"manager\",\"image\":" \
		      "\"example.test/" image "\"}]}}},\"status\":{\"replicas\":" #replicas       \
		      ",\"readyReplicas\":" #ready "}}"
#define POD(name, app, status)                                                                   \
	"{\"metadata\":{\"namespace\":\"flux-system\",\"name\":\"" name                          \
	"\",\"labels\":{\"app\":\"" app                                                          \
	"\"},\"ownerReferences\":[{\"kind\":\"ReplicaSet\",\"name\":\"" app "-1\"}]},"           \
	"\"spec\":{\"containers\":[{\"name\":\"manager\",\"image\":\"example.test/" app          \
	":v1\"}]},"                                                                              \
	"\"status\":{\"phase\":\"Running\",\"containerStatuses\":[{\"name\":\"manager\"," status \
	"}]}}"
#define CRD(plural, group, kind, versions, stored)                                          \
	"{" CLUSTER_META(plural                                                             \
		"." group) ",\"spec\":{\"group\":\"" group "\",\"names\":{\"kind\":\"" kind \
			   "\",\"plural\":\"" plural "\"},\"versions\":[" versions          \
			   "]},\"status\":{\"storedVersions\":[" stored                     \
			   "],\"conditions\":[{\"type\":\"Established\",\"status\":\"True\"}]}}"
#define V1 "{\"name\":\"v1\",\"served\":true,\"storage\":true}"
#define V1_NOT_SERVED "{\"name\":\"v1\",\"served\":false,\"storage\":true}"
#define EXTENSION(version, parameter, status)                                                    \
	"{" META("flux-system",                                                                  \
		"flux") ",\"spec\":{\"extensionType\":\"microsoft.flux\",\"version\":\"" version \
			"\",\"parameter\":{" parameter "}},\"status\":{" status "}}"
#define INSTALLED "\"extensionState\":\"Installed\",\"syncStatus\":{\"isSyncedWithAzure\":true}"
#define CONFIG(source, dataplane)                                       \
	"{" META("cluster-config",                                      \
		"cluster-config") ",\"spec\":{\"sourceKind\":\"" source \
				  "\"},\"status\":{\"dataplaneStatus\":{" dataplane "}}}"
#define SYNCED "\"isSyncedWithAzure\":true,\"lastSyncedTime\":\"2026-11-24T07:59:00Z\""
#define QUOTA(hard, used) \
	"{" META("flux-system", "quota") ",\"status\":{\"hard\":{" hard "},\"used\":{" used "}}}"
#define NODE(os, taints)                                                                           \
	"{" CLUSTER_META("node-1") ",\"spec\":{\"taints\":[" taints "]},\"status\":{\"nodeInfo\":" \
				   "{\"operatingSystem\":\"" os "\",\"architecture\":\"amd64\"},"  \
				   "\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}"
#define READY                                                                    \
	"\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]," \
	"\"observedGeneration\":1}"
#define RELEASE                                                                                \
	"{\"metadata\":{\"namespace\":\"cluster-config\",\"name\":\"redis\",\"generation\":1," \
	"\"annotations\":{\"clusterconfig.azure.com/use-managed-source\":\"true\"},"           \
	"\"labels\":{\"kustomize.toolkit.fluxcd.io/name\":\"apps\","                           \
	"\"kustomize.toolkit.fluxcd.io/namespace\":\"cluster-config\"}}," READY "}"
#define APPS                                                                                  \
	"{\"metadata\":{\"namespace\":\"cluster-config\",\"name\":\"apps\",\"generation\":1," \
	"\"labels\":{\"clusterconfig.azure.com/name\":\"cluster-config\","                    \
	"\"clusterconfig.azure.com/namespace\":\"cluster-config\"}}," READY "}"

struct document {
	const char *kind, *key, *json; /* json NULL: not there */
};

#define SOURCE_DOWN                                                    \
	{                                                              \
		"Deployment", "source",                                \
			DEPLOYMENT("flux-system", "source-controller", \
				"source-controller:v1.7.4-23", 1, 0)   \
	}
#define SOURCE_POD(status)                                                                     \
	{                                                                                      \
		"Pod", "source-pod", POD("source-controller-1-a", "source-controller", status) \
	}

static const struct document healthy[] = {
	{"Deployment", "source",
		DEPLOYMENT(
			"flux-system", "source-controller", "source-controller:v1.7.4-23", 1, 1)},
	{"Deployment", "kustomize",
		DEPLOYMENT("flux-system", "kustomize-controller", "kustomize-controller:v1.7.3-17",
			1, 1)},
	{"Deployment", "helm",
		DEPLOYMENT("flux-system", "helm-controller", "helm-controller:v1.4.5-16", 1, 1)},
	{"Deployment", "notification",
		DEPLOYMENT("flux-system", "notification-controller",
			"notification-controller:v1.7.5-15", 1, 1)},
	{"Deployment", "agent",
		DEPLOYMENT("flux-system", "fluxconfig-agent", "fluxconfig-agent:1.24.1", 1, 1)},
	{"Deployment", "config",
		DEPLOYMENT("flux-system", "fluxconfig-controller", "fluxconfig-controller:1.24.1",
			1, 1)},
	{"Deployment", "arc", DEPLOYMENT("azure-arc", "config-agent", "config-agent:1.36.1", 1, 1)},
	{"Pod", "source-pod",
		POD("source-controller-1-a", "source-controller",
			"\"ready\":true,\"restartCount\":0")},
	{"CustomResourceDefinition", "crd-git",
		CRD("gitrepositories", "source.toolkit.fluxcd.io", "GitRepository", V1, "\"v1\"")},
	{"ExtensionConfig", "extension", EXTENSION("1.24.1", "", INSTALLED)},
	{"FluxConfig", "fluxconfig", CONFIG("GitRepository", SYNCED)},
	{"HelmRelease", "release", RELEASE},
	{"Kustomization", "apps", APPS},
	{"Node", "node", NODE("linux", "")},
	{"Namespace", "namespace",
		"{" CLUSTER_META("flux-system") ",\"status\":{\"phase\":\"Active\"}}"},
	{"ResourceQuota", "quota", NULL},
	{"ImagePolicy", "policy", NULL},
	{"Deployment", "other", NULL},
};

/* One change, and the only rule that it provokes. */
struct row {
	const char *id, *and_id;
	struct document change, also;
	bool pre;
	bool bare;           /* no Flux at all */
	bool forbidden;      /* Flux's kinds may not be read */
	bool upstream;       /* Flux, but not by Azure, and no Azure agents */
	const char *refused; /* a resource that access reviews deny */
	bool openshift;
	const char *server; /* gitVersion */
};

static const struct row rows[] = {
	{.id = "controller-missing", .change = {"Deployment", "helm", NULL}},
	{.id = "controller-scaled-to-zero",
		.change = {"Deployment", "source",
			DEPLOYMENT("flux-system", "source-controller",
				"source-controller:v1.7.4-23", 0, 0)}},
	{.id = "controller-no-pods",
		.change = {"Deployment", "config",
			DEPLOYMENT("flux-system", "fluxconfig-controller",
				"fluxconfig-controller:1.24.1", 1, 0)}},
	{.id = "controller-no-pods",
		.change = {"Deployment", "arc",
			DEPLOYMENT("azure-arc", "config-agent", "config-agent:1.36.1", 1, 0)}},
	{.id = "controller-not-ready",
		.change = SOURCE_DOWN,
		.also = SOURCE_POD(
			"\"ready\":false,\"restartCount\":0,\"state\":{\"running\":{}}")},
	{.id = "controller-crash-loop",
		.change = SOURCE_DOWN,
		.also = SOURCE_POD(
			"\"ready\":false,\"restartCount\":7,\"state\":{\"waiting\":{\"reason\":"
			"\"CrashLoopBackOff\"}},"
			"\"lastState\":{\"terminated\":{\"exitCode\":1,\"reason\":\"Error\"}}")},
	{.id = "controller-out-of-memory",
		.change = SOURCE_DOWN,
		.also = SOURCE_POD("\"ready\":false,\"restartCount\":7,\"state\":{\"waiting\":{"
				   "\"reason\":\"CrashLoopBackOff\"}},"
				   "\"lastState\":{\"terminated\":{\"exitCode\":137,\"reason\":"
				   "\"OOMKilled\"}}")},
	{.id = "controller-image-pull",
		.change = SOURCE_DOWN,
		.also = SOURCE_POD("\"ready\":false,\"restartCount\":0,\"state\":{\"waiting\":{"
				   "\"reason\":\"ImagePullBackOff\"}}")},
	{.id = "controller-restarts",
		.change = {"Pod", "source-pod",
			POD("source-controller-1-a", "source-controller",
				"\"ready\":true,\"restartCount\":9,\"lastState\":{\"terminated\":{"
				"\"exitCode\":1,\"reason\":\"Error\"}}")}},
	{.id = "kind-without-controller",
		.change = {"ImagePolicy", "policy",
			"{" META("cluster-config", "redis") "," READY "}"}},
	{.id = "crd-not-served",
		.change = {"CustomResourceDefinition", "crd-git",
			CRD("gitrepositories", "source.toolkit.fluxcd.io", "GitRepository",
				V1_NOT_SERVED, "\"v1\"")}},
	{.id = "crd-stored-version",
		.change = {"CustomResourceDefinition", "crd-git",
			CRD("gitrepositories", "source.toolkit.fluxcd.io", "GitRepository", V1,
				"\"v1beta2\",\"v1\"")}},
	{.id = "crd-missing", .change = {"CustomResourceDefinition", "crd-git", NULL}},
	{.id = "two-installations",
		.change = {"Deployment", "other",
			DEPLOYMENT("tools", "source-controller", "source-controller:v1.7.4-23", 1,
				1)}},
	{.id = "extension-failed",
		.change = {"ExtensionConfig", "extension",
			EXTENSION("1.24.1", "",
				"\"status\":\"Failed\",\"message\":\"Failed to install the "
				"extension\"")}},
	{.id = "extension-not-synced",
		.change = {"ExtensionConfig", "extension",
			EXTENSION("1.24.1", "",
				"\"status\":\"Installed\",\"syncStatus\":{\"isSyncedWithAzure\":"
				"false}")}},
	{.id = "extension-dead-setting",
		.change = {"ExtensionConfig", "extension",
			EXTENSION(
				"1.24.1", "\"helm-controller.detectDrift\":\"true\"", INSTALLED)}},
	{.id = "extension-unsupported",
		.and_id = "images-out-of-step",
		.change = {"ExtensionConfig", "extension", EXTENSION("1.20.4", "", INSTALLED)}},
	{.id = "images-out-of-step",
		.change = {"Deployment", "helm",
			DEPLOYMENT(
				"flux-system", "helm-controller", "helm-controller:v1.3.2", 1, 1)}},
	{.id = "kubernetes-too-old", .server = "v1.27.1"},
	{.id = "fluxconfig-not-synced",
		.change = {"FluxConfig", "fluxconfig",
			CONFIG("GitRepository", "\"isSyncedWithAzure\":false")}},
	{.id = "fluxconfig-not-synced",
		.change = {"FluxConfig", "fluxconfig",
			CONFIG("GitRepository", "\"isSyncedWithAzure\":true,\"lastSyncedTime\":"
						"\"2026-11-23T08:00:00Z\"")}},
	{.id = "managed-source-not-git",
		.change = {"FluxConfig", "fluxconfig", CONFIG("Bucket", SYNCED)}},
	{.id = "permission-missing", .refused = "helmreleases"},
	{.id = "openshift-scc-missing", .refused = "securitycontextconstraints", .openshift = true},
	{.id = "no-usable-node", .pre = true, .change = {"Node", "node", NODE("windows", "")}},
	{.id = "no-usable-node",
		.pre = true,
		.change = {"Node", "node",
			NODE("linux",
				"{\"key\":\"CriticalAddonsOnly\",\"effect\":\"NoSchedule\"}")}},
	{.id = "namespace-terminating",
		.pre = true,
		.change = {"Namespace", "namespace",
			"{\"metadata\":{\"name\":\"flux-system\",\"deletionTimestamp\":\"2026-11-"
			"24T07:00:00Z\"}}"}},
	{.id = "pod-security",
		.pre = true,
		.change = {"Namespace", "namespace",
			"{\"metadata\":{\"name\":\"flux-system\",\"labels\":{\"pod-security."
			"kubernetes.io/enforce\":\"restricted\"}}}"}},
	{.id = "quota-too-small",
		.pre = true,
		.bare = true,
		.change = {"ResourceQuota", "quota", QUOTA("\"pods\":\"10\"", "\"pods\":\"5\"")}},
	{.id = "not-connected", .and_id = "another-flux", .pre = true, .upstream = true},
	{.id = "not-connected", .pre = true, .bare = true, .upstream = true},
	{.id = "flux-not-installed", .bare = true},
};

/* ---- a cluster that answers access reviews */

static const struct row *current;

static void answer(struct kube_request *request, int status, const char *body)
{
	request->status = status;
	buf_adds(&request->reply, body);
	if (status == 404)
		error_set(&request->error, ERROR_NOT_FOUND, "not found");
}

static int fake_run(
	struct kube *kube, struct kube_request *requests[], size_t count, struct error *err)
{
	(void)kube;
	(void)err;
	for (size_t i = 0; i < count; i++) {
		bool refused = current->refused && requests[i]->body &&
			       strstr(requests[i]->body, current->refused);

		if (requests[i]->body)
			answer(requests[i], 201,
				refused ? "{\"status\":{\"allowed\":false}}"
					: "{\"status\":{\"allowed\":true}}");
		else if (current->openshift)
			answer(requests[i], 200, "{\"kind\":\"APIGroup\"}");
		else
			answer(requests[i], 404, "");
	}
	return 0;
}

static const struct kube_ops fake_ops = {.run = fake_run};

/* ---- the cluster of a row */

static struct json_object *parse(const char *json)
{
	struct json_object *tree = NULL;
	autoerror err = ERROR_INIT;

	if (json_parse(json, strlen(json), &tree, &err) < 0)
		fail_msg("%s: %s", json, err.message);
	return tree;
}

static const char *const flux_keys[] = {
	"source", "kustomize", "helm", "notification", "source-pod", "release", "apps"};
static const char *const azure_keys[] = {"agent", "config", "extension", "fluxconfig"};

static bool belongs(const struct document *document, const char *const keys[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (streq(document->key, keys[i]))
			return true;
	}
	return false;
}

static const char *json_of(const struct document *document, const struct row *row)
{
	if (row->bare && belongs(document, flux_keys, countof(flux_keys)))
		return NULL;
	if ((row->bare || row->upstream) && belongs(document, azure_keys, countof(azure_keys)))
		return NULL;
	if (streq(row->also.key, document->key))
		return row->also.json;
	return streq(row->change.key, document->key) ? row->change.json : document->json;
}

static void add_documents(struct survey *survey, const struct row *row)
{
	for (size_t i = 0; i < countof(healthy); i++) {
		const struct kind *kind = kind_find(healthy[i].kind, NULL);
		const char *json = json_of(&healthy[i], row);
		autojson struct json_object *tree = json ? parse(json) : NULL;

		survey_note(survey, kind, kind->name,
			!row->bare || !(kind->flags & KIND_FLUX) ? SURVEY_OK
			: row->forbidden                         ? SURVEY_FORBIDDEN
								 : SURVEY_NOT_INSTALLED,
			NULL);
		if (tree)
			survey_add(survey, kind, tree);
	}
}

/* All CRDs but the one that rows play with. */
static void add_crds(struct survey *survey)
{
	const struct kind *crd = kind_find("CustomResourceDefinition", NULL);

	for (size_t i = 0; i < kinds_count; i++) {
		autofree char *json = NULL;
		autojson struct json_object *tree = NULL;

		if (streq(kinds[i].name, "GitRepository") || !strchr(kinds[i].group, '.'))
			continue;
		json = xasprintf("{\"metadata\":{\"name\":\"%s.%s\"},\"spec\":{\"versions\":[" V1
				 "]},"
				 "\"status\":{\"storedVersions\":[\"v1\"]}}",
			kinds[i].plural, kinds[i].group);
		tree = parse(json);
		survey_add(survey, crd, tree);
	}
}

static struct check check_of(struct app *app, const struct row *row)
{
	struct check check = {.app = app,
		.pre = row->pre,
		.cloud = "public",
		.passed = STRV_INIT,
		.unanswered = STRV_INIT};
	autofree char *version =
		xasprintf("{\"gitVersion\":\"%s\"}", row->server ? row->server : "v1.36.3");

	check.survey = survey_new(time_parse(NOW), SURVEY_FLUX | SURVEY_AZURE | SURVEY_WORKLOADS |
							   SURVEY_PODS | SURVEY_CLUSTER |
							   SURVEY_CRDS | SURVEY_QUOTAS);
	add_documents(check.survey, row);
	add_crds(check.survey);
	check.survey->version = parse(version);
	survey_note(check.survey, NULL, "ConfigMap azure-arc/azure-clusterconfig", SURVEY_OK, NULL);
	survey_note(check.survey, NULL, "ConfigMap kube-system/extension-manager-config", SURVEY_OK,
		NULL);
	if (!row->upstream)
		check.survey->arc_config =
			parse("{\"AZURE_RESOURCE_GROUP\":\"rg\",\"AZURE_RESOURCE_NAME\":\"arc\"}");
	check.install = install_read(check.survey);
	return check;
}

static void assert_only(const struct check *check, const struct row *row)
{
	const char *id = row->id;
	bool found = false;
	bool found_too = !row->and_id;
	bool endpoint = !row->pre;

	for (size_t i = 0; i < check->count; i++) {
		const struct finding *finding = &check->findings[i];

		if (strstr(finding->rule->id, "endpoint-unreachable")) {
			endpoint = true; /* the proxy of main() refuses */
			continue;
		}
		if (streq(finding->rule->id, id))
			found = true;
		else if (row->and_id && streq(finding->rule->id, row->and_id))
			found_too = true;
		else
			fail_msg("%s: unwanted finding %s: %s: %s", id ? id : "healthy",
				finding->rule->id, finding->object, finding->seen);
		assert_true(str_set(finding->object));
		assert_true(str_set(finding->seen));
		assert_true(str_set(finding->rule->why));
	}
	if ((id && !found) || !found_too || !endpoint)
		fail_msg("%s: not found", id ? id : "endpoints");
}

static void run_row(const struct row *row)
{
	struct kube kube = {.ops = &fake_ops};
	struct app app = {.kube = &kube, .warned = STRV_INIT, .out = stdout, .err = stderr};
	struct check check = check_of(&app, row);

	current = row;
	check_all(&check);
	assert_only(&check, row);
	check_clear(&check);
	free(app.progress_text);
}

static void test_healthy_is_silent(void **state)
{
	static const struct row row = {.id = NULL};
	static const struct row pre = {.id = NULL, .pre = true};
	static const struct row openshift = {.id = NULL, .openshift = true};
	/* Before an installation nobody can say that another Flux is there. */
	static const struct row forbidden = {
		.id = NULL, .pre = true, .bare = true, .forbidden = true};

	(void)state;
	run_row(&row);
	run_row(&pre);
	run_row(&openshift);
	run_row(&forbidden);
}

static void test_each_rule_is_provoked(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(rows); i++)
		run_row(&rows[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_healthy_is_silent),
		cmocka_unit_test(test_each_rule_is_provoked),
	};

	/* The endpoints of --pre are asked through a proxy that refuses, so that nothing leaves. */
	setenv("HTTPS_PROXY", "http://127.0.0.1:1", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
