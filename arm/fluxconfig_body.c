/* SPDX-License-Identifier: Apache-2.0 */
/* What was asked, as the bodies of PUT and PATCH. */
#include "base/base.h"

#include "arm/fluxconfig.h"
#include "arm/fluxconfig_internal.h"
#include "base/json.h"

const char *arm_config_field_parent(
	const struct arm_config_field *field, const struct arm_config_kind *kind)
{
	return streq(field->path[0], "@") ? kind->member : field->path[0];
}

struct json_object *arm_config_field_get(struct json_object *properties,
	const struct arm_config_field *field, const struct arm_config_kind *kind)
{
	const char *parent = arm_config_field_parent(field, kind);

	if (!field->path[1])
		return json_get(properties, parent);
	if (!field->path[2])
		return json_get(properties, parent, field->path[1]);
	return json_get(properties, parent, field->path[1], field->path[2]);
}

const struct arm_config_kind *arm_config_kind_of(struct json_object *properties)
{
	const char *name = json_str(properties, "sourceKind");
	const struct arm_config_kind *kind = name ? arm_config_kind_find(name) : NULL;

	return kind ? kind : &arm_config_kinds[0];
}

/* ---- placing values */

static struct json_object *inner(struct json_object *object, const char *key)
{
	struct json_object *found = json_get(object, key);

	if (json_kind(found) == JSON_OBJECT)
		return found;
	found = json_new_object();
	json_set(object, key, found);
	return found;
}

static void place(struct json_object *properties, const struct arm_config_field *field,
	const struct arm_config_kind *kind, struct json_object *value)
{
	struct json_object *parent = properties;
	const char *key = arm_config_field_parent(field, kind);

	for (size_t i = 1; i < countof(field->path) && field->path[i]; i++) {
		parent = inner(parent, key);
		key = field->path[i];
	}
	json_set(parent, key, json_ref(value));
}

/* What is asked to be removed is left out of a PUT, and null in a PATCH. */
static void place_given(const struct arm_config *config, struct json_object *properties, bool nulls)
{
	const struct arm_config_kind *kind = config->kind ? config->kind : &arm_config_kinds[0];

	for (size_t i = 0; i < FLUX_FIELDS; i++)
		if (config->given[i] && (nulls || config->values[i]))
			place(properties, &arm_config_fields[i], kind, config->values[i]);
}

static void without_nulls(struct json_object *object)
{
	struct json_iter iter = JSON_ITER_INIT;

	while (json_next(object, &iter)) {
		if (json_kind(iter.value) == JSON_NULL)
			json_delete(object, iter.key);
		else if (json_kind(iter.value) == JSON_OBJECT)
			without_nulls(iter.value);
	}
}

static struct json_object *wrap(struct json_object *properties)
{
	struct json_object *body = json_new_object();

	json_set(body, "properties", properties);
	return body;
}

/* ---- secrets */

static struct json_object *masked(struct json_object *value)
{
	struct json_object *copy;
	struct json_iter iter = JSON_ITER_INIT;

	if (json_kind(value) != JSON_OBJECT)
		return json_new_string(ARM_CONFIG_MASK);
	copy = json_new_object();
	while (json_next(value, &iter))
		json_set(copy, iter.key, json_new_string(ARM_CONFIG_MASK));
	return copy;
}

/* The object that holds a secret field, and its key in it; NULL if it is not there. */
static struct json_object *secret_holder(
	struct json_object *properties, const struct arm_config_field *field, const char **key)
{
	for (size_t i = 0; i < arm_config_kinds_count; i++) {
		struct json_object *source = json_get(properties, arm_config_kinds[i].member);

		if (!(field->kinds & arm_config_kinds[i].bit))
			continue;
		*key = field->path[2] ? field->path[2] : field->path[1];
		return field->path[2] ? json_get(source, field->path[1]) : source;
	}
	return NULL;
}

static void mask_secret(struct json_object *holder, const char *key)
{
	json_set_str(holder, key, ARM_CONFIG_MASK);
}

static void drop_secret(struct json_object *holder, const char *key)
{
	json_delete(holder, key);
}

/* Of the source's own secrets; is there any? `visit` may be NULL. */
static bool walk_secrets(
	struct json_object *properties, void (*visit)(struct json_object *holder, const char *key))
{
	bool any = false;

	for (size_t i = 0; i < FLUX_FIELDS; i++) {
		const struct arm_config_field *field = &arm_config_fields[i];
		const char *key = NULL;
		struct json_object *holder = field->secret && streq(field->path[0], "@")
						     ? secret_holder(properties, field, &key)
						     : NULL;

		if (!holder || !str_set(json_str(holder, key)))
			continue;
		any = true;
		if (visit)
			visit(holder, key);
	}
	return any;
}

struct json_object *arm_config_redacted(struct json_object *document)
{
	struct json_object *copy = json_copy(document);
	struct json_object *properties =
		json_get(copy, "properties") ? json_get(copy, "properties") : copy;
	struct json_object *settings = json_get(properties, ARM_CONFIG_SECRETS);

	if (settings)
		json_set(properties, ARM_CONFIG_SECRETS, masked(settings));
	walk_secrets(properties, mask_secret);
	return copy;
}

bool arm_config_holds_secrets(struct json_object *properties)
{
	struct json_object *settings = json_get(properties, ARM_CONFIG_SECRETS);

	return json_next(settings, &(struct json_iter)JSON_ITER_INIT) ||
	       walk_secrets(properties, NULL);
}

/* ---- PUT */

static void set_default(struct json_object *properties, const char *key, const char *text)
{
	if (!json_get(properties, key))
		json_set_str(properties, key, text);
}

struct json_object *arm_config_put(const struct arm_config *config)
{
	const struct arm_config_kind *kind = config->kind ? config->kind : &arm_config_kinds[0];
	struct json_object *properties = json_new_object();
	struct json_object *map =
		config->kustomizations ? json_copy(config->kustomizations) : json_new_object();

	set_default(properties, "scope", "cluster");
	set_default(properties, "namespace", "default");
	json_set_str(properties, "sourceKind", kind->source_kind);
	json_set(properties, "suspend", json_new_bool(false));
	/* ARM's own default is true, az's is false, and TLS is the better one */
	if (streq(kind->name, "bucket"))
		json_set(inner(properties, kind->member), "insecure", json_new_bool(false));
	place_given(config, properties, false);
	if (!config->kustomizations)
		json_set(map, ARM_CONFIG_DEFAULT_KUSTOMIZATION, json_new_object());
	without_nulls(map);
	json_set(properties, "kustomizations", map);
	return wrap(properties);
}

/* ---- PATCH */

/*
 * What takes an object away whose schema does not let it be null (sources, and what is in them): each
 * value of it as null, or off. Of the signatures' provider neither is allowed.
 */
static struct json_object *emptied(struct json_object *object)
{
	struct json_object *empty = json_new_object();
	struct json_iter iter = JSON_ITER_INIT;

	while (json_next(object, &iter)) {
		enum json_kind kind = json_kind(iter.value);

		if (kind == JSON_OBJECT)
			json_set(empty, iter.key,
				streq(iter.key, "verify") ? json_new_object()
							  : emptied(iter.value));
		else if (kind != JSON_NULL)
			json_set(empty, iter.key, kind == JSON_BOOL ? json_new_bool(false) : NULL);
	}
	return empty;
}

/* Of these the source uses the first that is set, so a new one has to be the only one. A commit may
 * stand with the branch that it is on. */
static void drop_other_refs(struct json_object *source, struct json_object *current)
{
	struct json_object *asked = json_get(source, "repositoryRef");
	struct json_object *has = json_get(current, "repositoryRef");
	struct json_iter iter = JSON_ITER_INIT;
	bool any = false;

	while (json_next(asked, &iter))
		any |= json_kind(iter.value) != JSON_NULL;
	iter = (struct json_iter)JSON_ITER_INIT;
	while (any && json_next(has, &iter)) {
		bool kept = json_get(asked, iter.key) ||
			    (streq(iter.key, "branch") && json_get(asked, "commit"));

		if (!kept && json_kind(iter.value) != JSON_NULL)
			json_set(asked, iter.key, NULL);
	}
}

struct json_object *arm_config_patch(const struct arm_config *config, struct json_object *current)
{
	const struct arm_config_kind *was = arm_config_kind_of(current);
	struct arm_config asked = *config;
	struct json_object *properties = json_new_object();

	if (!asked.kind)
		asked.kind = was;
	place_given(&asked, properties, true);
	if (asked.kind != was) {
		json_set_str(properties, "sourceKind", asked.kind->source_kind);
		json_set(properties, was->member, emptied(json_get(current, was->member)));
	}
	drop_other_refs(
		json_get(properties, asked.kind->member), json_get(current, asked.kind->member));
	if (config->kustomizations &&
		json_next(config->kustomizations, &(struct json_iter)JSON_ITER_INIT))
		json_set(properties, "kustomizations", json_copy(config->kustomizations));
	return wrap(properties);
}

struct json_object *arm_config_merge(struct json_object *target, struct json_object *patch)
{
	struct json_object *merged;
	struct json_iter iter = JSON_ITER_INIT;

	if (json_kind(patch) != JSON_OBJECT)
		return json_ref(patch);
	merged = json_kind(target) == JSON_OBJECT ? json_copy(target) : json_new_object();
	while (json_next(patch, &iter)) {
		if (json_kind(iter.value) == JSON_NULL)
			json_delete(merged, iter.key);
		else
			json_set(merged, iter.key,
				arm_config_merge(json_get(merged, iter.key), iter.value));
	}
	return merged;
}

/* ---- PATCH to a wanted state */

static bool is_source(const char *member)
{
	for (size_t i = 0; i < arm_config_kinds_count; i++)
		if (streq(arm_config_kinds[i].member, member))
			return true;
	return false;
}

/* Members that differ, and null for those that are gone (objects emptied where `source` says that this is
 * a source or in one); NULL if there are none. */
static struct json_object *difference(
	struct json_object *has, struct json_object *wants, bool source)
{
	struct json_object *patch = json_new_object();
	struct json_iter iter = JSON_ITER_INIT;
	bool any = false;

	while (json_next(wants, &iter)) {
		struct json_object *old = json_get(has, iter.key);
		struct json_object *value = NULL;

		if (json_kind(iter.value) == JSON_OBJECT && json_kind(old) == JSON_OBJECT)
			value = difference(old, iter.value, source || is_source(iter.key));
		else if (json_kind(old) != json_kind(iter.value) ||
			 strcmp(json_text(old), json_text(iter.value)) != 0)
			value = json_copy(iter.value);
		if (!value)
			continue;
		json_set(patch, iter.key, value);
		any = true;
	}
	iter = (struct json_iter)JSON_ITER_INIT;
	while (json_next(has, &iter)) {
		bool object = json_kind(iter.value) == JSON_OBJECT;

		if (json_kind(iter.value) == JSON_NULL || json_get(wants, iter.key))
			continue;
		json_set(patch, iter.key,
			object && (source || is_source(iter.key)) ? emptied(iter.value) : NULL);
		any = true;
	}
	if (any)
		return patch;
	json_free(patch);
	return NULL;
}

/* Members of `patch` over those of `object`; null stays null. */
static void fill(struct json_object *object, struct json_object *patch)
{
	struct json_iter iter = JSON_ITER_INIT;

	while (json_next(patch, &iter)) {
		struct json_object *old = json_get(object, iter.key);

		if (json_kind(iter.value) == JSON_OBJECT && json_kind(old) == JSON_OBJECT)
			fill(old, iter.value);
		else
			json_set(object, iter.key, json_ref(iter.value));
	}
}

struct json_object *arm_config_comparable(struct json_object *properties)
{
	struct json_object *copy = properties ? json_copy(properties) : json_new_object();
	struct json_object *map = json_get(copy, "kustomizations");
	struct json_iter iter = JSON_ITER_INIT;

	while (json_next(copy, &iter))
		if (arm_config_is_read_only(iter.key))
			json_delete(copy, iter.key);
	iter = (struct json_iter)JSON_ITER_INIT;
	while (json_next(map, &iter))
		if (json_kind(iter.value) == JSON_OBJECT)
			json_delete(iter.value, "name");
	json_delete(copy, ARM_CONFIG_SECRETS);
	walk_secrets(copy, drop_secret);
	without_nulls(copy);
	return copy;
}

struct json_object *arm_config_patch_to(struct json_object *current, struct json_object *wanted)
{
	static const char *const fixed[] = {
		"scope", "namespace", "waitForReconciliation", "reconciliationWaitDuration"};
	struct json_object *properties = difference(current, wanted, false);

	if (!properties)
		properties = json_new_object();
	for (size_t i = 0; i < countof(fixed); i++)
		json_delete(properties, fixed[i]);
	return wrap(properties);
}

void arm_config_patch_whole_source(struct json_object *patch, struct json_object *current)
{
	struct json_object *properties = json_get(patch, "properties");
	const struct arm_config_kind *kind = json_get(properties, "sourceKind")
						     ? arm_config_kind_of(properties)
						     : arm_config_kind_of(current);
	struct json_object *whole = json_get(current, kind->member);
	struct json_object *asked = json_get(properties, kind->member);

	whole = whole ? json_copy(whole) : json_new_object();
	fill(whole, asked);
	json_set_str(properties, "sourceKind", kind->source_kind);
	json_set(properties, kind->member, whole);
}
