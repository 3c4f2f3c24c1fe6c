/* SPDX-License-Identifier: Apache-2.0 */
/* One object of a list becomes a record. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/time.h"
#include "kube/install.h"
#include "kube/survey.h"
#include "kube/survey_private.h"

/* A list longer than this is not an edge list that anybody wrote. */
#define MAX_REFS 256

static const char *or_else(const char *text, const char *fallback)
{
	return str_set(text) ? text : fallback;
}

static struct survey_ref make_ref(
	struct survey *survey, const char *kind, const char *namespace, const char *name)
{
	struct survey_ref ref = {NULL, NULL, NULL};

	if (!str_set(name) || !str_set(kind))
		return ref;
	ref.kind = survey_intern(survey, kind);
	ref.namespace = survey_intern(survey, namespace ? namespace : "");
	ref.name = survey_intern(survey, name);
	return ref;
}

/* A reference object {kind, namespace, name} as Flux writes them. */
static struct survey_ref read_ref(
	struct survey *survey, struct json_object *value, const char *kind, const char *namespace)
{
	return make_ref(survey, or_else(json_str(value, "kind"), kind),
		or_else(json_str(value, "namespace"), namespace), json_str(value, "name"));
}

/* Where a kind names what it feeds on, and the kind that is meant when it does not say. */
static const struct source_field {
	const char *kind;
	const char *path[4];
	const char *target;
} source_fields[] = {
	/* clang-format off */
	{"Alert",                 {"spec", "providerRef"},                   "Provider"},
	{"ExternalArtifact",      {"spec", "sourceRef"},                     "ArtifactGenerator"},
	{"HelmChart",             {"spec", "sourceRef"},                     "HelmRepository"},
	{"HelmRelease",           {"spec", "chartRef"},                      "OCIRepository"},
	{"HelmRelease",           {"spec", "chart", "spec", "sourceRef"},    "HelmRepository"},
	{"ImagePolicy",           {"spec", "imageRepositoryRef"},            "ImageRepository"},
	{"ImageUpdateAutomation", {"spec", "sourceRef"},                     "GitRepository"},
	{"Kustomization",         {"spec", "sourceRef"},                     "GitRepository"},
	/* clang-format on */
};

static struct survey_ref read_source(
	struct survey *survey, const struct survey_object *record, struct json_object *object)
{
	for (size_t i = 0; i < countof(source_fields); i++) {
		const struct source_field *field = &source_fields[i];
		struct json_object *value;

		if (!streq(field->kind, record->kind->name))
			continue;
		value = json_get(
			object, field->path[0], field->path[1], field->path[2], field->path[3]);
		if (value)
			return read_ref(survey, value, field->target, record->namespace);
	}
	return (struct survey_ref){NULL, NULL, NULL};
}

/* The HelmChart of a HelmRelease: the one in its status, else the one that is going to be made. */
static struct survey_ref read_chart(
	struct survey *survey, const struct survey_object *record, struct json_object *object)
{
	const char *made = json_str(object, "status", "helmChart");
	const char *slash = made ? strchr(made, '/') : NULL;

	if (!streq(record->kind->name, "HelmRelease") || !json_get(object, "spec", "chart"))
		return (struct survey_ref){NULL, NULL, NULL};
	if (slash) {
		autofree char *namespace = xstrndup(made, (size_t)(slash - made));

		return make_ref(survey, "HelmChart", namespace, slash + 1);
	}
	autofree char *name = xasprintf("%s-%s", record->namespace, record->name);
	return make_ref(survey, "HelmChart", record->source.namespace, name);
}

static struct json_object *depends_array(struct json_object *object, const char **kind)
{
	struct json_object *value = json_get(object, "spec", "dependsOn");

	if (value)
		return value;
	*kind = "GitRepository";
	value = json_get(object, "spec", "sources");
	return value ? value : json_get(object, "spec", "include");
}

static void read_depends(
	struct survey *survey, struct survey_object *record, struct json_object *object)
{
	const char *kind = record->kind->name;
	struct json_object *array = depends_array(object, &kind);
	size_t count = json_len(array);
	struct survey_ref *refs;

	if (!count)
		return;
	if (count > MAX_REFS)
		count = MAX_REFS;
	refs = intern_alloc(survey->private->pool, count * sizeof(*refs));
	for (size_t i = 0; i < count; i++) {
		struct json_object *item = json_item(array, i);
		struct json_object *included = json_get(item, "repository");
		struct survey_ref ref =
			read_ref(survey, included ? included : item, kind, record->namespace);

		if (ref.name)
			refs[record->depends_count++] = ref;
	}
	record->depends = refs;
}

static struct survey_ref read_owner(struct survey *survey, struct json_object *object)
{
	static const struct {
		const char *kind, *name, *namespace;
	} rows[] = {
		{"FluxConfig", "clusterconfig.azure.com/name", "clusterconfig.azure.com/namespace"},
		{"HelmRelease", "helm.toolkit.fluxcd.io/name", "helm.toolkit.fluxcd.io/namespace"},
		{"Kustomization", "kustomize.toolkit.fluxcd.io/name",
			"kustomize.toolkit.fluxcd.io/namespace"},
		{"ResourceSet", "resourceset.fluxcd.controlplane.io/name",
			"resourceset.fluxcd.controlplane.io/namespace"},
	};
	struct json_object *labels = json_get(object, "metadata", "labels");

	for (size_t i = 0; labels && i < countof(rows); i++) {
		const char *name = json_str(labels, rows[i].name);

		if (str_set(name))
			return make_ref(
				survey, rows[i].kind, json_str(labels, rows[i].namespace), name);
	}
	return (struct survey_ref){NULL, NULL, NULL};
}

static void read_workload(struct survey_object *record, struct json_object *object)
{
	if (streq(record->kind->name, "DaemonSet")) {
		record->wanted = json_count(object, 0, "status", "desiredNumberScheduled");
		record->ready = json_count(object, 0, "status", "numberReady");
	} else {
		record->wanted = json_count(object, 1, "spec", "replicas");
		record->ready = json_count(object, 0, "status", "readyReplicas");
	}
	record->state = record->ready >= record->wanted ? STATE_READY : STATE_PROGRESSING;
}

static bool is_workload(const struct kind *kind)
{
	return streq(kind->name, "Deployment") || streq(kind->name, "StatefulSet") ||
	       streq(kind->name, "DaemonSet");
}

static void read_state(
	struct survey *survey, struct survey_object *record, struct json_object *object)
{
	struct state_reading reading = {.since = TIME_NONE};

	object_state_read(record->kind, object, survey->now, &reading);
	record->state = reading.state;
	record->since = reading.since;
	record->retrying = reading.retrying;
	record->stale_because = reading.stale_because;
	record->generation = reading.generation;
	record->observed_generation = reading.observed_generation;
	if (object_state_not_ready(reading.state)) {
		record->reason = survey_intern(survey, reading.reason);
		record->message = survey_intern(survey, reading.message);
	}
	record->revision = survey_intern(survey, object_revision(record->kind, object));
	record->suspended = json_bool(object, "spec", "suspend");
	record->source = read_source(survey, record, object);
	record->chart = read_chart(survey, record, object);
	read_depends(survey, record, object);
}

bool survey_is_controller(const char *namespace, struct json_object *object)
{
	struct json_object *labels = json_get(object, "metadata", "labels");
	struct json_object *containers = json_get(object, "spec", "template", "spec", "containers");

	if (streq(namespace, "flux-system") || streq(namespace, "azure-arc"))
		return true;
	if (streq(json_str(labels, "app.kubernetes.io/name"), "extension-manager"))
		return true;
	for (size_t i = 0; i < json_len(containers); i++)
		if (controller_of_image(json_str(json_item(containers, i), "image")))
			return true;
	return false;
}

static bool keeps_document(const struct survey_list *list, const struct survey_object *record,
	struct json_object *object)
{
	if (is_workload(record->kind) || streq(record->kind->name, "ReplicaSet"))
		return survey_is_controller(record->namespace, object) ||
		       (record->owner.name && object_state_not_ready(record->state) &&
			       list->count < SURVEY_KEEP);
	if (record->kind->flags & KIND_FLUX)
		return list->count < SURVEY_KEEP ||
		       (object_state_not_ready(record->state) && list->ill < SURVEY_KEEP_ILL);
	return true;
}

static void keep_document(
	struct survey *survey, struct survey_object *record, struct json_object *object)
{
	struct buf *text = &survey->private->scratch;
	char *copy;

	buf_reset(text);
	json_write(text, object);
	copy = intern_alloc(survey->private->pool, text->len + 1);
	memcpy(copy, text->ptr, text->len + 1);
	record->json = copy;
	record->json_len = (uint32_t)text->len;
}

static void list_push(struct survey_list *list, const struct survey_object *record)
{
	if (list->count == list->cap) {
		list->cap = list->cap ? list->cap + list->cap / 2 : 16;
		list->objects = xreallocarray(list->objects, list->cap, sizeof(*list->objects));
	}
	list->objects[list->count++] = *record;
	list->ill += object_state_not_ready(record->state);
}

void survey_add(struct survey *survey, const struct kind *kind, struct json_object *object)
{
	struct survey_list *list = survey_list_for(survey, kind);
	struct survey_object record = {
		.kind = kind, .since = TIME_NONE, .state = STATE_STATIC, .observed_generation = -1};
	const char *namespace = json_str(object, "metadata", "namespace");

	record.name = survey_intern(survey, json_str(object, "metadata", "name"));
	record.namespace = survey_intern(survey, namespace ? namespace : "");
	if (!record.name)
		return;
	record.generation = json_int(object, -1, "metadata", "generation");
	record.owner = read_owner(survey, object);
	if (is_workload(kind)) {
		read_workload(&record, object);
		if (!record.owner.name && !survey_is_controller(record.namespace, object))
			return;
	} else if ((kind->flags & KIND_FLUX) || kind->family == FAMILY_AZURE) {
		read_state(survey, &record, object);
	}
	if (keeps_document(list, &record, object))
		keep_document(survey, &record, object);
	list_push(list, &record);
	survey->private->index_stale = true;
}
