/* SPDX-License-Identifier: Apache-2.0 */
/* What a change changes, line by line. */
#include "base/base.h"

#include "arm/fluxconfig.h"
#include "arm/fluxconfig_internal.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"

/* CATALOG: what a member is when nobody says it; by the end of its path. */
static const struct {
	const char *path, *value;
} defaults[] = {
	{"scope", "cluster"},
	{"namespace", "default"},
	{"suspend", "false"},
	{"sourceKind", "GitRepository"},
	{"waitForReconciliation", "false"},
	{".timeoutInSeconds", "600"},
	{".syncIntervalInSeconds", "600"},
	{".prune", "false"},
	{".force", "false"},
	{".wait", "true"},
	{".path", ""},
	{"gitRepository.provider", "Generic"},
	{"ociRepository.insecure", "false"},
	{"ociRepository.useWorkloadIdentity", "false"},
	{"bucket.insecure", "true"},
	{".clientCertificateSendChain", "false"},
	{".layerSelector.operation", "extract"},
};

/* Texts that a walk collects; `paths` and `values` go together. */
struct flat {
	struct strv paths, values;
};

static void flat_clear(struct flat *flat)
{
	strv_clear(&flat->paths);
	strv_clear(&flat->values);
}

static bool is_default(const char *path, const char *value)
{
	for (size_t i = 0; i < countof(defaults); i++) {
		bool here = *defaults[i].path == '.' || strchr(defaults[i].path, '.')
				    ? ends_with(path, defaults[i].path)
				    : streq(path, defaults[i].path);

		if (here && streq(value, defaults[i].value))
			return true;
	}
	return false;
}

static bool is_nothing(struct json_object *value)
{
	switch (json_kind(value)) {
	case JSON_NULL:
		return true;
	case JSON_STRING:
		return !*json_text(value);
	case JSON_ARRAY:
		return json_len(value) == 0;
	default:
		return false;
	}
}

/* Names of kustomizations are texts without dots; keys of maps may be anything, which is shown as it is. */
static void flatten(
	struct json_object *object, const char *prefix, unsigned depth, struct flat *flat)
{
	struct json_iter iter = JSON_ITER_INIT;

	while (json_next(object, &iter)) {
		autofree char *path =
			*prefix ? xasprintf("%s.%s", prefix, iter.key) : xstrdup(iter.key);

		if (json_kind(iter.value) == JSON_OBJECT) {
			flatten(iter.value, path, depth + 1, flat);
		} else if (!is_nothing(iter.value) && !is_default(path, json_text(iter.value))) {
			strv_push(&flat->paths, path);
			strv_push(&flat->values, json_text(iter.value));
		}
	}
	/* a kustomization that says nothing is one, all the same */
	if (depth == 2 && starts_with(prefix, "kustomizations.")) {
		strv_push(&flat->paths, prefix);
		strv_push(&flat->values, "there");
	}
}

static const char *flat_find(const struct flat *flat, const char *path)
{
	for (size_t i = 0; i < flat->paths.len; i++)
		if (streq(flat->paths.items[i], path))
			return flat->values.items[i];
	return NULL;
}

static void add_change(
	struct arm_config_diff *diff, const char *path, const char *before, const char *after)
{
	struct arm_config_change *change;

	diff->changes = xreallocarray(diff->changes, diff->count + 1, sizeof(*diff->changes));
	change = &diff->changes[diff->count++];
	*change = (struct arm_config_change){
		.path = xstrdup(path),
		.before = xstrdup_or_null(before),
		.after = xstrdup_or_null(after),
	};
}

void arm_config_diff(
	struct json_object *before, struct json_object *after, struct arm_config_diff *ret)
{
	CLEANUP(flat_clear) struct flat old = {.paths = STRV_INIT, .values = STRV_INIT};
	CLEANUP(flat_clear) struct flat new = {.paths = STRV_INIT, .values = STRV_INIT};
	autojson struct json_object *shown = arm_config_redacted(before);
	autojson struct json_object *masked = arm_config_redacted(after);

	*ret = (struct arm_config_diff)ARM_CONFIG_DIFF_INIT;
	flatten(shown, "", 0, &old);
	flatten(masked, "", 0, &new);
	for (size_t i = 0; i < old.paths.len; i++) {
		const char *path = old.paths.items[i];
		const char *now = flat_find(&new, path);

		if (!now || strcmp(now, old.values.items[i]) != 0)
			add_change(ret, path, old.values.items[i], now);
	}
	for (size_t i = 0; i < new.paths.len; i++) {
		const char *was = flat_find(&old, new.paths.items[i]);

		if (!was || streq(new.values.items[i], ARM_CONFIG_MASK))
			add_change(ret, new.paths.items[i], was, new.values.items[i]);
	}
}

void arm_config_diff_clear(struct arm_config_diff *diff)
{
	for (size_t i = 0; i < diff->count; i++) {
		free(diff->changes[i].path);
		free(diff->changes[i].before);
		free(diff->changes[i].after);
	}
	free(diff->changes);
	*diff = (struct arm_config_diff)ARM_CONFIG_DIFF_INIT;
}
