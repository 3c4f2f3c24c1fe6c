/* SPDX-License-Identifier: Apache-2.0 */
/* Which columns a kind has. A column is a row of a table; a kind's table is found by its name. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "plugin/get.h"

#define MANAGED_SOURCE "metadata.annotations.[clusterconfig.azure.com/use-managed-source]"
#define CREATED "metadata.creationTimestamp"
#define FAR COLUMN_WIDE

/* What every kind of Flux begins and ends with. */
#define BEGIN                                                                                     \
	{"STATE", NULL, get_cell_state, COLUMN_STYLED}, {"REVISION", NULL, get_cell_revision, 0}, \
	{                                                                                         \
		"SINCE", NULL, get_cell_since, 0                                                  \
	}
#define END                                                                                   \
	{"MESSAGE", "metadata.finalizers", get_cell_message, COLUMN_FLEXIBLE | COLUMN_EMPTY}, \
	{                                                                                     \
		NULL, NULL, NULL, 0                                                           \
	}
#define INTERVAL                                       \
	{                                              \
		"INTERVAL", "spec.interval", NULL, FAR \
	}
#define AGE                                     \
	{                                       \
		"AGE", CREATED, get_cell_age, 0 \
	}
#define DONE                        \
	{                           \
		NULL, NULL, NULL, 0 \
	}
#define URL                                  \
	{                                    \
		"URL", "spec.url", NULL, FAR \
	}
#define REF                                          \
	{                                            \
		"REF", "spec.ref", get_cell_ref, FAR \
	}
#define SOURCE                                                   \
	{                                                        \
		"SOURCE", "spec.sourceRef", get_cell_source, FAR \
	}
#define ATTEMPTED                                                                \
	{                                                                        \
		"ATTEMPTED", "status.lastAttemptedRevision", get_cell_short, FAR \
	}

/* clang-format off */
static const struct get_column git[] = {BEGIN, URL, REF, INTERVAL, END};
static const struct get_column helm_repository[] = {BEGIN, {"TYPE", "spec.type", NULL, FAR}, URL, INTERVAL, END};
static const struct get_column bucket[] = {BEGIN,
	{"ENDPOINT", "spec.endpoint", NULL, FAR}, {"BUCKET", "spec.bucketName", NULL, FAR}, INTERVAL, END};
static const struct get_column helm_chart[] = {BEGIN,
	{"CHART", "spec.chart", NULL, FAR}, {"VERSION", "spec.version", NULL, FAR}, SOURCE, INTERVAL, END};
static const struct get_column external[] = {BEGIN, SOURCE, END};
static const struct get_column generator[] = {BEGIN, {"ARTIFACTS", "status.inventory", get_cell_count, FAR}, END};
static const struct get_column kustomization[] = {BEGIN,
	ATTEMPTED, SOURCE, {"PATH", "spec.path", NULL, FAR}, INTERVAL, END};
static const struct get_column helm_release[] = {BEGIN,
	ATTEMPTED, {"CHART", "spec.chart.spec.chart spec.chartRef", get_cell_chart, FAR}, {"VERSION", "spec.chart.spec.version", NULL, FAR},
	{"SOURCE", "spec.chart.spec.sourceRef spec.chartRef", get_cell_source, FAR},
	{"TARGET", "spec.targetNamespace", NULL, FAR}, INTERVAL, {"MANAGED-SOURCE", MANAGED_SOURCE, NULL, FAR}, END};
static const struct get_column image_repository[] = {BEGIN,
	{"IMAGE", "spec.image", NULL, FAR}, {"TAGS", "status.lastScanResult.tagCount", get_cell_number, FAR},
	{"SCANNED", "status.lastScanResult.scanTime", get_cell_age, FAR}, INTERVAL, END};
static const struct get_column image_policy[] = {BEGIN,
	{"IMAGE", "status.latestRef.name", NULL, FAR}, {"REPOSITORY", "spec.imageRepositoryRef.name", NULL, FAR}, END};
static const struct get_column image_update[] = {BEGIN,
	SOURCE, {"RAN", "status.lastAutomationRunTime", get_cell_age, FAR},
	{"PUSHED", "status.lastPushTime", get_cell_age, FAR}, INTERVAL, END};
static const struct get_column receiver[] = {BEGIN,
	{"TYPE", "spec.type", NULL, FAR}, {"PATH", "status.webhookPath", NULL, FAR}, END};
static const struct get_column alert[] = {BEGIN,
	{"PROVIDER", "spec.providerRef.name", NULL, FAR}, {"SEVERITY", "spec.eventSeverity", NULL, FAR}, END};
static const struct get_column provider[] = {BEGIN,
	{"TYPE", "spec.type", NULL, FAR}, {"CHANNEL", "spec.channel", NULL, FAR}, END};
static const struct get_column flux_config[] = {
	{"SCOPE", "spec.scope", NULL, 0}, {"STATE", NULL, get_cell_state, COLUMN_STYLED},
	{"COMPLIANCE", NULL, get_cell_compliance, 0}, {"REVISION", NULL, get_cell_revision, 0},
	{"SYNCED", "status.dataplaneStatus", get_cell_synced, 0},
	{"SOURCE", "spec.sourceKind", NULL, FAR},
	{"URL", "spec.gitRepository.url spec.bucket.url spec.azureBlob.url spec.ociRepository.url", get_cell_config_source, FAR},
	{"REF", "spec.gitRepository.ref spec.ociRepository.ref", get_cell_ref, FAR},
	{"PROVISIONED", "status.provisioningState", NULL, FAR}, {"AGE", CREATED, get_cell_age, FAR}, END};
static const struct get_column extension_config[] = {
	{"TYPE", "spec.extensionType", NULL, 0}, {"VERSION", "spec.version", NULL, 0},
	{"STATE", NULL, get_cell_state, COLUMN_STYLED}, {"SYNCED", "status.syncStatus", get_cell_synced, 0},
	{"INSTALLED", "status.helmReleaseStatus.installedChartVersion", NULL, FAR},
	{"TRAIN", "spec.releaseTrain", NULL, FAR}, {"AUTO-UPGRADE", "spec.autoUpgradeMinorVersion", NULL, FAR},
	{"AGE", CREATED, get_cell_age, FAR}, END};
static const struct get_column crd[] = {
	{"SERVED", "spec.versions[].name spec.versions[].served spec.versions[].storage", get_cell_served, 0},
	{"STORED", "status.storedVersions", get_cell_list, 0}, {"KIND", "spec.names.kind", NULL, FAR},
	{"SCOPE", "spec.scope", NULL, FAR}, AGE, DONE};
static const struct get_column pod[] = {
	{"READY", "spec.containers[].name spec.initContainers[].name spec.initContainers[].restartPolicy status.containerStatuses "
		"status.initContainerStatuses", get_cell_pod_ready, 0},
	{"STATUS", "status.phase status.reason status.conditions metadata.deletionTimestamp", get_cell_pod_status, COLUMN_STYLED},
	{"RESTARTS", NULL, get_cell_pod_restarts, 0}, AGE, {"IP", "status.podIP", NULL, FAR}, {"NODE", "spec.nodeName", NULL, FAR},
	{"IMAGES", "spec.containers[].image", get_cell_images, FAR}, DONE};
#define IMAGES {"IMAGES", "spec.template.spec.containers[].image", get_cell_images, FAR}
static const struct get_column deployment[] = {
	{"READY", "spec.replicas status.readyReplicas", get_cell_replicas, COLUMN_STYLED},
	{"UP-TO-DATE", "status.updatedReplicas", get_cell_number, 0},
	{"AVAILABLE", "status.availableReplicas", get_cell_number, 0}, AGE, IMAGES, DONE};
static const struct get_column stateful_set[] = {
	{"READY", "spec.replicas status.readyReplicas", get_cell_replicas, COLUMN_STYLED}, AGE, IMAGES, DONE};
static const struct get_column daemon_set[] = {
	{"DESIRED", "status.desiredNumberScheduled", get_cell_number, 0}, {"CURRENT", "status.currentNumberScheduled", get_cell_number, 0},
	{"READY", "status.numberReady", get_cell_number, 0}, {"UP-TO-DATE", "status.updatedNumberScheduled", get_cell_number, 0},
	{"AVAILABLE", "status.numberAvailable", get_cell_number, 0}, AGE, IMAGES, DONE};
static const struct get_column replica_set[] = {
	{"DESIRED", "spec.replicas", get_cell_number, 0}, {"CURRENT", "status.replicas", get_cell_number, 0},
	{"READY", "status.readyReplicas", get_cell_number, 0}, AGE, IMAGES, DONE};
static const struct get_column namespace[] = {{"STATUS", "status.phase", NULL, COLUMN_STYLED}, AGE, DONE};
static const struct get_column node[] = {
	{"STATUS", "spec.unschedulable status.conditions", get_cell_node_status, COLUMN_STYLED},
	{"ROLES", "metadata.labels", get_cell_node_roles, 0}, AGE, {"VERSION", "status.nodeInfo.kubeletVersion", NULL, 0},
	{"OS-IMAGE", "status.nodeInfo.osImage", NULL, FAR}, DONE};
static const struct get_column anything[] = {AGE, DONE};

static const struct get_view views[] = {
	/* kind, has a state, style, columns */
	{"GitRepository", true, NULL, git},
	{"OCIRepository", true, NULL, git},
	{"HelmRepository", true, NULL, helm_repository},
	{"HelmChart", true, NULL, helm_chart},
	{"Bucket", true, NULL, bucket},
	{"ExternalArtifact", true, NULL, external},
	{"ArtifactGenerator", true, NULL, generator},
	{"Kustomization", true, NULL, kustomization},
	{"HelmRelease", true, NULL, helm_release},
	{"ImageRepository", true, NULL, image_repository},
	{"ImagePolicy", true, NULL, image_policy},
	{"ImageUpdateAutomation", true, NULL, image_update},
	{"Receiver", true, NULL, receiver},
	{"Alert", true, NULL, alert},
	{"Provider", true, NULL, provider},
	{"FluxConfig", true, NULL, flux_config},
	{"ExtensionConfig", true, NULL, extension_config},
	{"CustomResourceDefinition", false, NULL, crd},
	{"Pod", false, get_style_pod, pod},
	{"Deployment", false, get_style_replicas, deployment},
	{"StatefulSet", false, get_style_replicas, stateful_set},
	{"DaemonSet", false, NULL, daemon_set},
	{"ReplicaSet", false, NULL, replica_set},
	{"Namespace", false, get_style_phase, namespace},
	{"Node", false, NULL, node},
};
static const struct get_view plain = {NULL, false, NULL, anything};
/* clang-format on */

const struct get_view *get_view_of(const struct kind *kind)
{
	for (size_t i = 0; i < countof(views); i++)
		if (streq(views[i].kind, kind->name))
			return &views[i];
	return &plain;
}

static void add_paths(struct strv *ret, const char *paths)
{
	autostrv words = STRV_INIT;

	strv_split(&words, paths, " ", false);
	for (size_t i = 0; i < words.len; i++)
		if (!strv_contains(ret, words.items[i]))
			strv_push(ret, words.items[i]);
}

void get_view_fields(const struct get *get, const struct get_view *view, struct strv *ret)
{
	add_paths(ret, "metadata.name metadata.namespace");
	if (get->opts->show_labels || get->opts->label_columns.len > 0)
		add_paths(ret, "metadata.labels");
	if (view->has_state)
		for (size_t i = 0; object_state_fields[i]; i++)
			strv_push(ret, object_state_fields[i]);
	for (const struct get_column *column = view->columns; column->heading; column++)
		if (column->fields && (get->format == GET_WIDE || !(column->flags & COLUMN_WIDE)))
			add_paths(ret, column->fields);
}

struct json_object *get_value_at(struct json_object *object, const char *path)
{
	while (object && *path) {
		size_t len = *path == '[' ? strcspn(++path, "]") : strcspn(path, ".");
		autofree char *key = xstrndup(path, len);

		object = json_get(object, key);
		path += len;
		path += *path == ']';
		path += *path == '.';
	}
	return object;
}

enum app_style get_state_style(enum object_state state)
{
	switch (state) {
	case STATE_READY:
		return STYLE_GOOD;
	case STATE_FAILING:
	case STATE_STALLED:
		return STYLE_BAD;
	case STATE_STATIC:
		return STYLE_PLAIN;
	case STATE_DELETING:
	case STATE_SUSPENDED:
	case STATE_BLOCKED:
	case STATE_PROGRESSING:
	case STATE_STALE:
	case STATE_COUNT:
		break;
	}
	return STYLE_WARN;
}
