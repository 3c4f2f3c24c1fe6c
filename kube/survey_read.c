/* SPDX-License-Identifier: Apache-2.0 */
/* Which lists a survey asks for, with which fields, and what became of each. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/scan.h"
#include "base/strv.h"
#include "kube/install.h"
#include "kube/lister.h"
#include "kube/survey.h"
#include "kube/survey_private.h"

/* clang-format off */
#define FIELDS_NAME "metadata.name", "metadata.namespace"
#define FIELDS_OBJECT FIELDS_NAME, "metadata.labels", "metadata.generation", "metadata.creationTimestamp", \
	"metadata.deletionTimestamp", "metadata.finalizers"

/* Beside object_state_fields: what the graph and the screens say of a Flux object. */
static const char *const flux_fields[] = {
	FIELDS_OBJECT,
	"metadata.annotations.[reconcile.fluxcd.io/requestedAt]",
	"metadata.annotations.[source.extensions.fluxcd.io/reconcile]",
	"metadata.annotations.[clusterconfig.azure.com/use-managed-source]",
	"spec.interval", "spec.timeout", "spec.retryInterval", "spec.suspend",
	"spec.url", "spec.ref", "spec.type", "spec.endpoint", "spec.bucketName", "spec.secretRef", "spec.provider",
	"spec.path", "spec.prune", "spec.force", "spec.wait", "spec.sourceRef", "spec.dependsOn",
	"spec.serviceAccountName", "spec.targetNamespace", "spec.kubeConfig",
	"spec.chart", "spec.version", "spec.chartRef",
	"spec.releaseName", "spec.include", "spec.sources", "spec.imageRepositoryRef", "spec.providerRef",
	"status.observedGeneration", "status.conditions", "status.artifact.revision",
	"status.artifact.lastUpdateTime", "status.lastAppliedRevision", "status.lastAttemptedRevision",
	"status.lastHandledReconcileAt", "status.helmChart", "status.storageNamespace", "status.failures",
	"status.history[].chartName", "status.history[].chartVersion", "status.history[].version",
	"status.history[].status", "status.history[].name", "status.history[].namespace",
	"status.latestRef", "status.latestImage",
	NULL,
};
static const char *const whole_fields[] = {"!metadata.managedFields", NULL};
static const char *const workload_fields[] = {
	FIELDS_OBJECT, "spec.replicas", "status",
	"spec.template.spec.containers[].name", "spec.template.spec.containers[].image",
	"spec.template.spec.containers[].args", "spec.template.spec.containers[].resources",
	"spec.template.spec.serviceAccountName", "spec.template.spec.securityContext",
	"spec.template.spec.containers[].securityContext",
	NULL,
};
static const char *const pod_fields[] = {
	FIELDS_OBJECT, "metadata.ownerReferences", "spec.nodeName",
	"spec.containers[].name", "spec.containers[].image", "spec.containers[].resources", "status",
	NULL,
};
static const char *const node_fields[] = {
	FIELDS_OBJECT, "spec.taints", "spec.unschedulable", "status.nodeInfo", "status.allocatable",
	"status.conditions[].type", "status.conditions[].status", "status.conditions[].reason",
	NULL,
};
static const char *const namespace_fields[] = {FIELDS_OBJECT, "status", NULL};
static const char *const crd_fields[] = {
	FIELDS_OBJECT, "spec.group", "spec.names.kind", "spec.names.plural",
	"spec.versions[].name", "spec.versions[].served", "spec.versions[].storage",
	"spec.versions[].deprecated", "status.storedVersions", "status.conditions",
	NULL,
};
static const char *const replicaset_fields[] = {
	FIELDS_OBJECT, "metadata.ownerReferences", "spec.replicas", "status", NULL,
};

/* Kinds outside Flux, by part; a namespace stands for one list of that namespace. */
static const struct survey_row {
	unsigned part;
	const char *kind, *group, *namespace, *selector;
	const char *const *fields;
} rows[] = {
	{SURVEY_WORKLOADS,   "Deployment",    "apps", NULL,          NULL, workload_fields},
	{SURVEY_WORKLOADS,   "StatefulSet",   "apps", NULL,          NULL, workload_fields},
	{SURVEY_WORKLOADS,   "DaemonSet",     "apps", NULL,          NULL, workload_fields},
	{SURVEY_PODS,        "Pod",           "",     "flux-system", NULL, pod_fields},
	{SURVEY_PODS,        "Pod",           "",     "azure-arc",   NULL, pod_fields},
	{SURVEY_PODS,        "Pod",           "",     "kube-system", "app.kubernetes.io/name=extension-manager", pod_fields},
	{SURVEY_REPLICASETS, "ReplicaSet",    "apps", "flux-system", NULL, replicaset_fields},
	{SURVEY_REPLICASETS, "ReplicaSet",    "apps", "azure-arc",   NULL, replicaset_fields},
	{SURVEY_CLUSTER,     "Node",          "",     NULL,          NULL, node_fields},
	{SURVEY_CLUSTER,     "Namespace",     "",     NULL,          NULL, namespace_fields},
	{SURVEY_CRDS,        "CustomResourceDefinition", "apiextensions.k8s.io", NULL, NULL, crd_fields},
	{SURVEY_QUOTAS,      "ResourceQuota", "",     NULL,          NULL, whole_fields},
};

static const struct document_row {
	unsigned part;
	const char *path, *what;
	size_t slot; /* of the struct json_object * in struct survey */
} documents[] = {
	{SURVEY_CLUSTER, "/version", "/version", offsetof(struct survey, version)},
	{SURVEY_AZURE, SURVEY_ARC_CONFIG_PATH,
		"ConfigMap azure-arc/azure-clusterconfig", offsetof(struct survey, arc_config)},
	{SURVEY_AZURE, SURVEY_AKS_CONFIG_PATH,
		"ConfigMap kube-system/extension-manager-config", offsetof(struct survey, aks_config)},
};
/* clang-format on */

#define MAX_PROJECTIONS 16

/* One list of the read and where it goes. */
struct ask {
	struct kind_list list;
	struct reading *reading;
	const char *selected; /* label app.kubernetes.io/name that items must have; NULL: any */
};

struct reading {
	struct survey *survey;
	struct kube *kube;
	const struct survey_options *options;
	struct ask *asks;
	size_t count;
	struct {
		const char *const *fields;
		struct projection *projection;
	} projections[MAX_PROJECTIONS];
};

static void reading_clear(struct reading *reading)
{
	for (size_t i = 0; i < reading->count; i++)
		kind_list_clear(&reading->asks[i].list);
	free(reading->asks);
	for (size_t i = 0; i < MAX_PROJECTIONS; i++)
		projection_free(reading->projections[i].projection);
}

/* What state.h reads of a Flux object, and flux_fields. */
static struct projection *flux_projection(void)
{
	autostrv paths = STRV_INIT;

	for (size_t i = 0; object_state_fields[i]; i++)
		strv_push(&paths, object_state_fields[i]);
	for (size_t i = 0; flux_fields[i]; i++)
		strv_push(&paths, flux_fields[i]);
	return projection_new((const char *const *)(void *)paths.items);
}

/* Projections are made once for each table of fields. */
static const struct projection *projection_of(struct reading *reading, const char *const *fields)
{
	size_t at = 0;

	while (reading->projections[at].projection && reading->projections[at].fields != fields)
		at++;
	if (!reading->projections[at].projection) {
		reading->projections[at].fields = fields;
		reading->projections[at].projection =
			fields == flux_fields ? flux_projection() : projection_new(fields);
	}
	return reading->projections[at].projection;
}

static int take_object(struct kube_request *request, struct json_object *object, struct error *err)
{
	struct ask *ask = request->ctx;
	struct survey *survey = ask->reading->survey;

	(void)err;
	if (ask->selected &&
		!streq(json_str(object, "metadata", "labels", "app.kubernetes.io/name"),
			ask->selected))
		return 0;
	survey->now = ask->reading->kube->now;
	survey_add(survey, ask->list.kind, object);
	return 0;
}

static struct ask *add_ask(struct reading *reading)
{
	struct ask *ask = &reading->asks[reading->count++];

	*ask = (struct ask){.list = KIND_LIST_INIT, .reading = reading};
	ask->list.request.ctx = ask;
	return ask;
}

static void ask_list(struct reading *reading, const struct kind *kind, const char *namespace,
	const char *const *fields)
{
	struct ask *ask = add_ask(reading);

	survey_list_for(reading->survey, kind);
	ask->list.kind = kind;
	ask->list.namespace = namespace;
	ask->list.request.on_object = take_object;
	ask->list.request.fields = projection_of(reading, fields);
}

static void ask_row(struct reading *reading, const struct survey_row *row)
{
	const struct kind *kind = kind_find(row->kind, row->group);

	if (!kind)
		return;
	ask_list(reading, kind, row->namespace, row->fields);
	if (row->selector) {
		struct ask *ask = &reading->asks[reading->count - 1];

		ask->list.request.label_selector = row->selector;
		ask->selected = strchr(row->selector, '=') + 1;
	}
}

/* Every kind of Flux and Azure that the parts name. */
static void ask_kinds(struct reading *reading)
{
	const struct survey_options *options = reading->options;

	for (size_t i = 0; i < kinds_count; i++) {
		const struct kind *kind = &kinds[i];
		bool azure = kind->family == FAMILY_AZURE && (kind->flags & KIND_ALL);

		if (azure && (options->parts & SURVEY_AZURE))
			ask_list(reading, kind,
				streq(kind->name, "FluxConfig") ? options->namespace : NULL,
				whole_fields);
		else if (!azure && (kind->flags & KIND_FLUX) && (options->parts & SURVEY_FLUX))
			ask_list(reading, kind, options->namespace, flux_fields);
	}
}

static enum survey_outcome outcome_of(const struct kind_list *list)
{
	if (list->not_installed)
		return SURVEY_NOT_INSTALLED;
	if (list->request.error.kind == ERROR_NONE)
		return SURVEY_OK;
	return list->request.error.kind == ERROR_FORBIDDEN ? SURVEY_FORBIDDEN : SURVEY_FAILED;
}

static void note_list(struct reading *reading, struct ask *ask)
{
	struct kind_list *list = &ask->list;
	autobuf what = BUF_INIT;

	buf_adds(&what, list->kind->name);
	if (list->namespace)
		buf_addf(&what, " in %s", list->namespace);
	survey_list_for(reading->survey, list->kind)->version =
		survey_intern(reading->survey, list->version);
	survey_note(reading->survey, list->kind, what.ptr, outcome_of(list), &list->request.error);
}

/* A document that is not there is no failure: it says that the cluster is of another sort. */
static void note_document(struct reading *reading, struct ask *ask, const struct document_row *row)
{
	struct kube_request *request = &ask->list.request;
	autojson struct json_object *tree = NULL;
	struct json_object *data;
	struct json_object **slot =
		(struct json_object **)(void *)((char *)reading->survey + row->slot);

	if (request->error.kind == ERROR_NONE &&
		json_parse(request->reply.ptr, request->reply.len, &tree, &request->error) < 0)
		error_wrap(&request->error, "reading %s", row->what);
	if (request->error.kind == ERROR_NOT_FOUND)
		error_clear(&request->error);
	data = json_get(tree, "data");
	if (tree)
		*slot = json_ref(data ? data : tree);
	survey_note(reading->survey, NULL, row->what, outcome_of(&ask->list), &request->error);
}

/* Run what has been asked since `from` and note how it went. */
static int run_asks(struct reading *reading, size_t from, struct error *err)
{
	const struct survey_options *options = reading->options;
	size_t count = reading->count - from;
	size_t extra = from == 0 ? options->extra_count : 0;
	autofree struct kind_list **lists = xcalloc(count + extra + 1, sizeof(struct kind_list *));

	for (size_t i = 0; i < count; i++)
		lists[i] = &reading->asks[from + i].list;
	for (size_t i = 0; i < extra; i++)
		lists[count++] = options->extra[i];
	if (kind_lists_run(reading->kube, lists, count, err) < 0)
		return -1;
	for (size_t i = from; i < reading->count; i++)
		if (reading->asks[i].list.kind)
			note_list(reading, &reading->asks[i]);
	return 0;
}

/* Controllers in another namespace than flux-system: their pods are read in a second round. */
static int read_other_namespace(struct reading *reading, struct error *err)
{
	struct install *install = install_read(reading->survey);
	const char *namespace = install->namespace;
	size_t from = reading->count;

	install_free(install);
	if (!namespace || streq(namespace, "flux-system"))
		return 0;
	for (size_t i = 0; i < countof(rows); i++) {
		struct survey_row row = rows[i];

		if (!streq(row.namespace, "flux-system") || !(reading->options->parts & row.part))
			continue;
		row.namespace = namespace;
		ask_row(reading, &row);
	}
	return run_asks(reading, from, err);
}

/* If nothing was answered at all, the first refusal is the answer. */
static int any_answer(struct survey *survey, struct error *err)
{
	for (size_t i = 0; i < survey->question_count; i++)
		if (survey->questions[i].outcome == SURVEY_OK ||
			survey->questions[i].outcome == SURVEY_NOT_INSTALLED)
			return 0;
	return survey->question_count ? error_move(err, &survey->questions[0].error) : 0;
}

int survey_read(struct kube *kube, const struct survey_options *options, struct survey **ret,
	struct error *err)
{
	autosurvey *survey = survey_new(kube->now, options->parts);
	CLEANUP(reading_clear)
	struct reading reading = {.survey = survey, .kube = kube, .options = options};
	size_t document_asks[countof(documents)];

	survey->namespace = survey_intern(survey, options->namespace);
	reading.asks = xcalloc(
		kinds_count + countof(rows) * 2 + countof(documents), sizeof(*reading.asks));
	ask_kinds(&reading);
	for (size_t i = 0; i < countof(rows); i++)
		if (options->parts & rows[i].part)
			ask_row(&reading, &rows[i]);
	for (size_t i = 0; i < countof(documents); i++) {
		if (!(options->parts & documents[i].part))
			continue;
		document_asks[i] = reading.count;
		add_ask(&reading)->list.request.path = documents[i].path;
	}
	if (run_asks(&reading, 0, err) < 0)
		return -1;
	for (size_t i = 0; i < countof(documents); i++)
		if (options->parts & documents[i].part)
			note_document(&reading, &reading.asks[document_asks[i]], &documents[i]);
	survey->now = kube->now;
	if (any_answer(survey, err) < 0)
		return -1;
	if ((options->parts & SURVEY_PODS) && read_other_namespace(&reading, err) < 0)
		return -1;
	*ret = TAKE(survey);
	return 0;
}
