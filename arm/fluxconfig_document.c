/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration described in a file. */
#include "base/base.h"

#include <ctype.h>

#include "arm/fluxconfig.h"
#include "arm/fluxconfig_internal.h"
#include "base/alloc.h"
#include "base/json.h"
#include "base/nearest.h"

#define MAX_DEPTH 3 /* of a field in the properties */

bool arm_config_is_read_only(const char *member)
{
	static const char *const members[] = {"statuses", "repositoryPublicKey",
		"sourceSyncedCommitId", "sourceUpdatedAt", "statusUpdatedAt", "complianceState",
		"provisioningState", "errorMessage"};

	for (size_t i = 0; i < countof(members); i++)
		if (streq(member, members[i]))
			return true;
	return false;
}

/* Equal but for case, dashes and underscores: "localAuthRef", "local-auth-ref". */
static bool same_name(const char *a, const char *b)
{
	for (;; a++, b++) {
		while (*a == '-' || *a == '_')
			a++;
		while (*b == '-' || *b == '_')
			b++;
		if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
			return false;
		if (!*a)
			return true;
	}
}

size_t arm_config_field_find(const char *name)
{
	if (same_name(name, "interval"))
		return FLUX_INTERVAL;
	for (size_t i = 0; i < FLUX_FIELDS; i++)
		if (same_name(name, arm_config_fields[i].name))
			return i;
	return FLUX_FIELDS;
}

static int unknown(const char *name, struct error *err)
{
	struct nearest nearest = {.word = name};

	nearest_offer(&nearest, "name");
	nearest_offer(&nearest, "kind");
	nearest_offer(&nearest, "kustomizations");
	for (size_t i = 0; i < FLUX_FIELDS; i++)
		nearest_offer(&nearest, arm_config_fields[i].name);
	error_set(err, ERROR_USAGE, "unknown member '%s'", name);
	return nearest.best ? error_hint(err, "did you mean %s?", nearest.best) : -1;
}

/* A value as YAML or ARM has it. */
static int set_value(struct arm_config *config, size_t id, const char *label,
	struct json_object *value, struct error *err)
{
	enum arm_config_type type = arm_config_fields[id].type;
	enum json_kind wanted = type == FLUX_MAP ? JSON_OBJECT : JSON_ARRAY;

	if (type != FLUX_MAP && type != FLUX_LIST) {
		if (json_kind(value) == JSON_OBJECT || json_kind(value) == JSON_ARRAY)
			return error_set(err, ERROR_USAGE, "%s: a text is wanted", label);
		return arm_config_set(config, (enum arm_config_id)id, label, json_text(value), err);
	}
	if (json_kind(value) != wanted)
		return error_set(err, ERROR_USAGE, "%s: a %s is wanted", label,
			type == FLUX_MAP ? "mapping" : "list");
	json_free(config->values[id]);
	config->values[id] = json_copy(value);
	config->given[id] = true;
	return 0;
}

/* ---- kustomizations: a mapping by name, or a list of mappings with names */

static int add_kustomization(
	struct arm_config *config, const char *name, struct json_object *value, struct error *err)
{
	struct json_object *tree;

	if (!str_set(name))
		return error_set(err, ERROR_USAGE, "a kustomization has no name");
	if (json_get(config->kustomizations, name))
		return error_set(err, ERROR_USAGE, "kustomization '%s' is given twice", name);
	if (arm_config_kustomization_document(name, value, &tree, err) < 0)
		return -1;
	json_set(config->kustomizations, name, tree);
	return 0;
}

static int set_kustomizations(
	struct arm_config *config, struct json_object *value, struct error *err)
{
	struct json_iter iter = JSON_ITER_INIT;

	if (!config->kustomizations)
		config->kustomizations = json_new_object();
	if (json_kind(value) != JSON_OBJECT && json_kind(value) != JSON_ARRAY)
		return error_set(err, ERROR_USAGE, "kustomizations: a mapping by name is wanted");
	for (size_t i = 0; i < json_len(value); i++) {
		struct json_object *item = json_item(value, i);

		if (add_kustomization(config, json_str(item, "name"), item, err) < 0)
			return -1;
	}
	if (json_kind(value) == JSON_ARRAY)
		return 0;
	while (json_next(value, &iter))
		if (add_kustomization(config, iter.key, iter.value, err) < 0)
			return -1;
	return 0;
}

/* ---- our form */

static int set_member(struct arm_config *config, const char *key, struct json_object *value,
	char **name, struct error *err)
{
	size_t id = arm_config_field_find(key);

	if (streq(key, "name")) {
		str_replace(name, json_text(value));
		return 0;
	}
	if (streq(key, "kind") || same_name(key, "source-kind"))
		return arm_config_set_kind(config, json_text(value), err);
	if (streq(key, "kustomizations"))
		return set_kustomizations(config, value, err);
	return id < FLUX_FIELDS ? set_value(config, id, key, value, err) : unknown(key, err);
}

/* ---- ARM's form */

static bool names_field(const char *const path[MAX_DEPTH], const struct arm_config_kind *kind)
{
	for (size_t i = 0; i < FLUX_FIELDS; i++) {
		const struct arm_config_field *field = &arm_config_fields[i];
		bool same = streq(path[0], arm_config_field_parent(field, kind));

		for (size_t k = 1; k < MAX_DEPTH && same; k++)
			same = streq(path[k], field->path[k]) &&
			       (field->kinds == 0 || (field->kinds & kind->bit));
		if (same)
			return true;
	}
	return false;
}

/* Every value is one of a field: what nobody reads is a mistake. */
static int check_known(struct json_object *object, const char *path[MAX_DEPTH], size_t depth,
	const struct arm_config_kind *kind, struct error *err)
{
	struct json_iter iter = JSON_ITER_INIT;

	while (json_next(object, &iter)) {
		if (depth == 0 &&
			(arm_config_is_read_only(iter.key) || streq(iter.key, "sourceKind") ||
				streq(iter.key, "kustomizations")))
			continue;
		path[depth] = iter.key;
		for (size_t i = depth + 1; i < MAX_DEPTH; i++)
			path[i] = NULL;
		if (json_kind(iter.value) == JSON_NULL || names_field(path, kind))
			continue;
		if (json_kind(iter.value) != JSON_OBJECT || depth + 1 >= MAX_DEPTH)
			return unknown(iter.key, err);
		if (check_known(iter.value, path, depth + 1, kind, err) < 0)
			return -1;
	}
	return 0;
}

/* Secrets stand in base64 there already; a mask in the place of one says nothing. */
static int set_arm_value(
	struct arm_config *config, size_t id, struct json_object *value, struct error *err)
{
	const struct arm_config_field *field = &arm_config_fields[id];

	if (field->secret && (!*json_text(value) || streq(json_text(value), ARM_CONFIG_MASK)))
		return 0;
	if (field->type != FLUX_TO_BASE64)
		return set_value(config, id, field->name, value, err);
	json_free(config->values[id]);
	config->values[id] = json_copy(value);
	config->given[id] = true;
	return 0;
}

static int set_properties(
	struct arm_config *config, struct json_object *properties, struct error *err)
{
	const char *path[MAX_DEPTH] = {NULL};
	struct json_object *kustomizations = json_get(properties, "kustomizations");

	config->kind = arm_config_kind_of(properties);
	if (check_known(properties, path, 0, config->kind, err) < 0)
		return -1;
	for (size_t i = 0; i < FLUX_FIELDS; i++) {
		const struct arm_config_field *field = &arm_config_fields[i];
		struct json_object *value = arm_config_field_get(properties, field, config->kind);

		if (field->kinds && !(field->kinds & config->kind->bit))
			continue;
		if (value && set_arm_value(config, i, value, err) < 0)
			return -1;
	}
	return kustomizations ? set_kustomizations(config, kustomizations, err) : 0;
}

int arm_config_set_document(
	struct arm_config *config, struct json_object *document, char **name, struct error *err)
{
	struct json_iter iter = JSON_ITER_INIT;
	struct json_object *properties = json_get(document, "properties");

	*name = NULL;
	if (json_kind(document) != JSON_OBJECT)
		return error_set(err, ERROR_USAGE, "it is no mapping");
	if (properties) {
		*name = xstrdup_or_null(json_str(document, "name"));
		return set_properties(config, properties, err);
	}
	while (json_next(document, &iter))
		if (json_kind(iter.value) != JSON_NULL &&
			set_member(config, iter.key, iter.value, name, err) < 0)
			return -1;
	return 0;
}
