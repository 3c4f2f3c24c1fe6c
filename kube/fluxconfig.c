/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/time.h"
#include "kube/fluxconfig.h"

#define MAX_PARTS 1000

/* How a field of a FluxConfig becomes a field of the object that is made from it. */
enum field_type {
	FIELD_TEXT,
	FIELD_FLAG,
	FIELD_DURATION,
	FIELD_PATH, /* "./a", "a" and "a/" are one */
};
static const struct field {
	const char *asked[2], *made[2];
	enum field_type type;
} source_fields[] =
	{
		/* clang-format off */
	{{"url"},           {"url"},           FIELD_TEXT},
	{{"bucketName"},    {"bucketName"},    FIELD_TEXT},
	{{"ref", "branch"}, {"ref", "branch"}, FIELD_TEXT},
	{{"ref", "tag"},    {"ref", "tag"},    FIELD_TEXT},
	{{"ref", "semver"}, {"ref", "semver"}, FIELD_TEXT},
	{{"ref", "commit"}, {"ref", "commit"}, FIELD_TEXT},
	{{"ref", "digest"}, {"ref", "digest"}, FIELD_TEXT},
	{{"syncInterval"},  {"interval"},      FIELD_DURATION},
	{{"timeout"},       {"timeout"},       FIELD_DURATION},
		/* clang-format on */
},
  kustomization_fields[] = {
	  /* clang-format off */
	{{"path"},          {"path"},          FIELD_PATH},
	{{"prune"},         {"prune"},         FIELD_FLAG},
	{{"force"},         {"force"},         FIELD_FLAG},
	{{"wait"},          {"wait"},          FIELD_FLAG},
	{{"syncInterval"},  {"interval"},      FIELD_DURATION},
	{{"retryInterval"}, {"retryInterval"}, FIELD_DURATION},
	{{"timeout"},       {"timeout"},       FIELD_DURATION},
	  /* clang-format on */
};

/* Where a FluxConfig keeps its source, and what that becomes. */
static const struct source_kind {
	const char *field, *kind, *status;
} source_kinds[] = {
	{"gitRepository", "GitRepository", "gitRepository"},
	{"ociRepository", "OCIRepository", "ociRepository"},
	{"bucket", "Bucket", "bucket"},
	{"azureBlob", "Bucket", "bucket"},
};

/* ---- comparing */

static bool same_duration(const char *a, const char *b)
{
	int64_t x;
	int64_t y;

	if (!duration_parse(a, &x) || !duration_parse(b, &y))
		return streq(a, b);
	return x == y;
}

static void normal_path(struct buf *out, const char *path)
{
	while (*path == '/' || (path[0] == '.' && path[1] == '/'))
		path++;
	buf_adds(out, streq(path, ".") ? "" : path);
	while (out->len && out->ptr[out->len - 1] == '/')
		buf_truncate(out, out->len - 1);
}

static bool same_path(const char *a, const char *b)
{
	autobuf x = BUF_INIT;
	autobuf y = BUF_INIT;

	normal_path(&x, a);
	normal_path(&y, b);
	return streq(x.ptr, y.ptr);
}

static bool same_value(const struct field *field, const char *asked, const char *made)
{
	switch (field->type) {
	case FIELD_DURATION:
		return same_duration(asked, made);
	case FIELD_PATH:
		return same_path(asked, made);
	default:
		return streq(asked, made);
	}
}

/* What a missing field means: an absent flag is false, anything else is not compared. */
static const char *value_of(const struct field *field, struct json_object *value)
{
	if (value)
		return json_text(value);
	return field->type == FIELD_FLAG ? "false" : NULL;
}

static void compare_fields(struct fluxconfig_part *part, const struct field *fields, size_t count,
	struct json_object *asked, struct json_object *made)
{
	for (size_t i = 0; i < count; i++) {
		const struct field *field = &fields[i];
		struct json_object *theirs = json_get(asked, field->asked[0], field->asked[1]);
		struct json_object *ours = json_get(made, field->made[0], field->made[1]);
		const char *want = value_of(field, theirs);
		const char *have = value_of(field, ours);

		if ((!theirs && !ours) || (want && have && same_value(field, want, have)))
			continue;
		/* Defaults of the controller: not asked for, and so not changed. */
		if (!theirs && field->type != FIELD_FLAG && !streq(field->asked[0], "ref"))
			continue;
		strv_pushf(&part->differences, "spec.%s%s%s is %s, FluxConfig asks for %s",
			field->made[0], field->made[1] ? "." : "",
			field->made[1] ? field->made[1] : "", have ? have : "not set",
			want ? want : "none");
	}
}

static void compare_suspend(
	struct fluxconfig_part *part, struct json_object *asked, struct json_object *made)
{
	bool want = json_bool(asked, "spec", "suspend");
	bool have = json_bool(made, "spec", "suspend");

	if (want != have)
		strv_pushf(&part->differences, "spec.suspend is %s, FluxConfig asks for %s",
			have ? "true" : "false", want ? "true" : "false");
}

/* ---- parts */

static struct fluxconfig_part *push_part(struct survey *survey, struct fluxconfig *config,
	const char *kind, const char *name, struct json_object *status)
{
	struct fluxconfig_part *part;
	const char *compliance = json_str(status, "complianceState");

	config->parts = xreallocarray(config->parts, config->count + 1, sizeof(*config->parts));
	part = &config->parts[config->count++];
	*part = (struct fluxconfig_part){
		.ref = {survey_intern(survey, kind), config->object->namespace,
			survey_intern(survey, name)},
		.compliance = compliance ? compliance : "",
		.differences = STRV_INIT,
	};
	part->object = survey_find_ref(survey, &part->ref);
	return part;
}

static void read_source_part(struct survey *survey, struct fluxconfig *config)
{
	struct json_object *spec = json_get(config->tree, "spec");

	for (size_t i = 0; i < countof(source_kinds); i++) {
		const struct source_kind *row = &source_kinds[i];
		struct json_object *asked = json_get(spec, row->field);
		struct fluxconfig_part *part;
		autojson struct json_object *made = NULL;

		if (json_kind(asked) != JSON_OBJECT)
			continue;
		part = push_part(survey, config, row->kind, config->object->name,
			json_get(config->tree, "status", "managedStatuses", row->status));
		part->label = xasprintf("source %s", part->ref.name);
		made = part->object ? survey_tree(part->object) : NULL;
		if (!made)
			return;
		compare_fields(
			part, source_fields, countof(source_fields), asked, json_get(made, "spec"));
		compare_suspend(part, config->tree, made);
		return;
	}
}

static void read_kustomization_part(struct survey *survey, struct fluxconfig *config,
	const char *name, struct json_object *asked)
{
	autofree char *made_name = xasprintf("%s-%s", config->object->name, name);
	autofree char *key = xasprintf("%s/%s", config->object->namespace, made_name);
	struct fluxconfig_part *part = push_part(survey, config, "Kustomization", made_name,
		json_get(config->tree, "status", "managedStatuses", "kustomizations", key));
	autojson struct json_object *made = part->object ? survey_tree(part->object) : NULL;

	part->label = xstrdup(name);
	if (!made)
		return;
	compare_fields(part, kustomization_fields, countof(kustomization_fields), asked,
		json_get(made, "spec"));
	compare_suspend(part, config->tree, made);
	if (part->object->source.name && part->object->source.name != config->object->name)
		strv_pushf(&part->differences, "spec.sourceRef is %s, FluxConfig asks for %s",
			part->object->source.name, config->object->name);
}

static void read_kustomization_parts(struct survey *survey, struct fluxconfig *config)
{
	struct json_object *asked = json_get(config->tree, "spec", "kustomizations");
	struct json_iter iter = JSON_ITER_INIT;

	for (size_t i = 0; i < json_len(asked) && i < MAX_PARTS; i++) {
		struct json_object *item = json_item(asked, i);
		const char *name = json_str(item, "name");

		if (str_set(name))
			read_kustomization_part(survey, config, name, item);
	}
	while (json_kind(asked) == JSON_OBJECT && json_next(asked, &iter) &&
		config->count < MAX_PARTS)
		read_kustomization_part(survey, config, iter.key, iter.value);
}

/* ---- the whole */

static int badness(const char *compliance)
{
	static const char *const order[] = {
		"Compliant", "Unknown", "Suspended", "Pending", "Non-Compliant"};

	for (size_t i = 0; i < countof(order); i++)
		if (streq(compliance, order[i]))
			return (int)i + 1;
	return 0;
}

void fluxconfig_read(
	struct survey *survey, const struct survey_object *object, struct fluxconfig *ret)
{
	struct json_object *plane;

	*ret = (struct fluxconfig){.object = object, .tree = survey_tree(object)};
	plane = json_get(ret->tree, "status", "dataplaneStatus");
	ret->synced =
		!json_get(plane, "isSyncedWithAzure") || json_bool(plane, "isSyncedWithAzure");
	ret->synced_at = time_parse(json_str(plane, "lastSyncedTime"));
	ret->provisioning = json_str(ret->tree, "status", "provisioningState");
	read_source_part(survey, ret);
	read_kustomization_parts(survey, ret);
	for (size_t i = 0; i < ret->count; i++) {
		if (badness(ret->parts[i].compliance) > badness(ret->compliance))
			ret->compliance = ret->parts[i].compliance;
		ret->differing += ret->parts[i].differences.len > 0;
	}
}

bool fluxconfig_part_missing(const struct survey *survey, const struct fluxconfig_part *part)
{
	const struct survey_list *list = survey_list(survey, part->ref.kind, NULL);

	return !part->object && list && list->outcome == SURVEY_OK;
}

const struct fluxconfig_part *fluxconfig_missing(
	const struct survey *survey, const struct fluxconfig *config)
{
	for (size_t i = 0; i < config->count; i++)
		if (fluxconfig_part_missing(survey, &config->parts[i]))
			return &config->parts[i];
	return NULL;
}

void fluxconfig_clear(struct fluxconfig *config)
{
	for (size_t i = 0; i < config->count; i++) {
		free(config->parts[i].label);
		strv_clear(&config->parts[i].differences);
	}
	free(config->parts);
	json_free(config->tree);
	*config = (struct fluxconfig)FLUXCONFIG_INIT;
}
