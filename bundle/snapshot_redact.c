/* SPDX-License-Identifier: Apache-2.0 */
/* What is left out of an object: a table of places, by kind. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/scan.h"
#include "base/strv.h"
#include "bundle/snapshot_private.h"

/*
 * Keys with spaces between; "*" is every element of an array or every member of an object. Below the
 * place every scalar is replaced. `url`: of a URL, what stands behind its host.
 */
struct place {
	const char *kind; /* NULL: any */
	const char *keys;
	bool url;
};

#define POD "spec template spec "
#define CRON "spec jobTemplate spec template spec "
#define ENV(kind, spec)                                               \
	{kind, spec "containers * env * value", false},               \
		{kind, spec "initContainers * env * value", false},   \
	{                                                             \
		kind, spec "ephemeralContainers * env * value", false \
	}

static const struct place places[] = {
	/* clang-format off */
	{NULL, "metadata annotations kubectl.kubernetes.io/last-applied-configuration", false},
	{NULL, "metadata annotations kapp.k14s.io/original", false},
	{NULL, "metadata annotations objectset.rio.cattle.io/applied", false},
	{"ConfigMap", "data *", false},
	{"ConfigMap", "binaryData *", false},
	{"HelmRelease", "spec values", false},
	{"HelmRelease", "spec postRenderers * kustomize patches * patch", false},
	{"HelmRelease", "spec postRenderers * kustomize patchesStrategicMerge", false},
	{"HelmRelease", "spec postRenderers * kustomize patchesJson6902 * patch * value", false},
	{"Kustomization", "spec postBuild substitute", false},
	{"Kustomization", "spec patches * patch", false},
	{"Kustomization", "spec patchesStrategicMerge", false},
	{"Kustomization", "spec patchesJson6902 * patch * value", false},
	{"FluxConfig", "spec kustomizations * postBuild substitute", false},
	{"FluxConfig", "spec parameters", false},
	{"ExtensionConfig", "spec parameter", false},
	{"ExtensionConfig", "spec parameters", false},
	{"ExtensionConfig", "spec configurationSettings", false},
	{"ImageUpdateAutomation", "spec git commit messageTemplateValues", false},
	{"Provider", "spec address", true},
	{"Provider", "spec proxy", true},
	ENV("Pod", "spec "),
	ENV("Deployment", POD), ENV("StatefulSet", POD), ENV("DaemonSet", POD),
	ENV("ReplicaSet", POD), ENV("Job", POD), ENV("CronJob", CRON),
	/* clang-format on */
};

/* ---- replacing in a tree */

static bool is_scalar(struct json_object *value)
{
	enum json_kind kind = json_kind(value);

	return kind != JSON_OBJECT && kind != JSON_ARRAY;
}

/* "https://hooks.example.com/<redacted>": tokens stand in the path. Of other addresses nothing is
 * kept, since some are connection strings. */
static struct json_object *without_path(struct json_object *value)
{
	const char *text = json_text(value);
	const char *host = starts_with(text, "https://") ? text + strlen("https://") : text;
	size_t len = host > text ? (size_t)(host - text) + strcspn(host, "/?#;,") : 0;
	autobuf kept = BUF_INIT;

	if (!text[len])
		return json_ref(value);
	buf_add(&kept, text, len);
	buf_addf(&kept, "%s" REDACTED, len ? "/" : "");
	return json_new_string(kept.ptr);
}

static struct json_object *redacted(
	struct json_object *value, const struct place *place, uint64_t *count);

/* The same value with what `keys` leads to replaced; owned. An array is built anew, an object is
 * changed in place. */
static struct json_object *walk(
	struct json_object *value, const char *keys, const struct place *place, uint64_t *count)
{
	size_t len = strcspn(keys, " ");
	const char *rest = keys[len] ? keys + len + 1 : keys + len;
	bool all = len == 1 && *keys == '*';
	struct json_iter iter = JSON_ITER_INIT;
	struct json_object *array;

	if (!len)
		return redacted(value, place, count);
	if (json_kind(value) == JSON_ARRAY && all) {
		array = json_new_array();
		for (size_t i = 0; i < json_len(value); i++)
			json_push(array, walk(json_item(value, i), rest, place, count));
		return array;
	}
	while (json_kind(value) == JSON_OBJECT && json_next(value, &iter))
		if (all || (strlen(iter.key) == len && memcmp(iter.key, keys, len) == 0))
			json_set(value, iter.key, walk(iter.value, rest, place, count));
	return json_ref(value);
}

static struct json_object *redacted(
	struct json_object *value, const struct place *place, uint64_t *count)
{
	/* null and "" say nothing. */
	if (json_kind(value) == JSON_NULL || (is_scalar(value) && !*json_text(value)))
		return json_ref(value);
	if (!is_scalar(value))
		return walk(value, "*", place, count);
	++*count;
	return place->url ? without_path(value) : json_new_string(REDACTED);
}

/* ---- one object */

static bool mentions(const char *json, size_t len, const char *keys)
{
	const char *key = keys + strlen(keys);
	autobuf quoted = BUF_INIT;

	/* The last that is a name. */
	do {
		const char *end = key;

		while (key > keys && key[-1] != ' ')
			key--;
		buf_reset(&quoted);
		buf_addf(&quoted, "\"%.*s\"", (int)(end - key), key);
		key -= key > keys;
	} while (streq(quoted.ptr, "\"*\""));
	return snapshot_mentions(json, len, quoted.ptr);
}

/* Text of one line: only white space between tokens can hold a line break. */
static void add_line(const char *json, size_t len, struct buf *out)
{
	size_t start = out->len;

	buf_add(out, json, len);
	for (char *p = out->ptr + start; p < out->ptr + out->len; p++)
		if (*p == '\n' || *p == '\r')
			*p = ' ';
}

int snapshot_redact(struct redaction *redaction, const char *json, size_t len, struct buf *out,
	struct error *err)
{
	autojson struct json_object *tree = NULL;
	autobuf text = BUF_INIT;

	for (size_t i = 0; !redaction->include_values && i < countof(places); i++) {
		const struct place *place = &places[i];

		if ((place->kind && !streq(place->kind, redaction->kind->name)) ||
			!mentions(json, len, place->keys))
			continue;
		if (!tree && json_parse(json, len, &tree, err) < 0)
			return -1;
		json_free(walk(tree, place->keys, place, &redaction->count));
	}
	if (tree)
		json_write(&text, tree);
	else if (scan_check(json, len, err) < 0)
		return -1;
	else
		add_line(json, len, &text);
	snapshot_scrub(text.ptr, text.len, out, &redaction->count);
	return 0;
}
