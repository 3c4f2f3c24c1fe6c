/* SPDX-License-Identifier: Apache-2.0 */
/* One kustomization, from words KEY=VALUE as az takes them, and from documents. */
#include "base/base.h"

#include <strings.h>

#include "arm/duration.h"
#include "arm/fluxconfig.h"
#include "arm/fluxconfig_internal.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/nearest.h"

#define MAX_NAMES 1000 /* in one dependsOn */
#define SUBSTITUTE "substitute."

enum kind {
	TEXT,
	SECONDS,
	BOOL,
	NOT,
	NAMES,
	FROM,
	BUILD
};

/* clang-format off */
/* CATALOG: keys, their other spellings (az's, and ARM's own), and the member that they set. */
static const struct key {
	const char *names[5]; /* the first is ours */
	const char *member;
	enum kind kind;
} keys[] = {
	{{"dependsOn", "depends_on", "depends-on", "depends", "dependencies"}, "dependsOn", NAMES},
	{{"disableHealthCheck", "disable_health_check", "disable-health-check"}, "wait", NOT},
	{{"force"}, "force", BOOL},
	{{"path"}, "path", TEXT},
	{{"postBuild", "post_build", "post-build"}, "postBuild", BUILD},
	{{"prune"}, "prune", BOOL},
	{{"retryInterval", "retry_interval", "retry-interval", "retryIntervalInSeconds"}, "retryIntervalInSeconds", SECONDS},
	{{"substituteFrom", "substitute_from", "substitute-from"}, "substituteFrom", FROM},
	{{"syncInterval", "sync_interval", "sync-interval", "interval", "syncIntervalInSeconds"}, "syncIntervalInSeconds", SECONDS},
	{{"timeout", "timeoutInSeconds"}, "timeoutInSeconds", SECONDS},
	{{"wait"}, "wait", BOOL},
};
/* clang-format on */

static const struct key *key_find(const char *name)
{
	for (size_t i = 0; i < countof(keys); i++)
		for (size_t k = 0; k < countof(keys[i].names) && keys[i].names[k]; k++)
			if (streq(keys[i].names[k], name))
				return &keys[i];
	return NULL;
}

static int unknown_key(const char *name, struct error *err)
{
	struct nearest nearest = {.word = name};

	nearest_offer(&nearest, "name");
	for (size_t i = 0; i < countof(keys); i++)
		for (size_t k = 0; k < countof(keys[i].names) && keys[i].names[k]; k++)
			nearest_offer(&nearest, keys[i].names[k]);
	error_set(err, ERROR_USAGE, "unknown key '%s'", name);
	if (nearest.best)
		return error_hint(err, "did you mean %s?", nearest.best);
	return error_hint(err,
		"keys: name path dependsOn timeout syncInterval retryInterval prune force "
		"disableHealthCheck wait substitute.NAME substituteFrom");
}

/* ---- dependsOn */

/* Bytes that shells and JSON leave around a name; no name has one in it. */
static bool is_wrapping(char byte)
{
	return strchr("[]\"'\\ \t\n", byte) != NULL;
}

static void add_name(struct json_object *names, const char *text, size_t len)
{
	while (len && is_wrapping(*text)) {
		text++;
		len--;
	}
	while (len && is_wrapping(text[len - 1]))
		len--;
	if (len)
		json_push(names, json_new_string_len(text, len));
}

int arm_config_depends_on(const char *text, struct json_object **ret, struct error *err)
{
	autojson struct json_object *names = json_new_array();

	while (*text) {
		size_t len = strcspn(text, ",");

		add_name(names, text, len);
		text += len + (text[len] == ',');
		if (json_len(names) > MAX_NAMES)
			return error_set(
				err, ERROR_USAGE, "dependsOn: more than %d names", MAX_NAMES);
	}
	for (size_t i = 0; i < json_len(names); i++) {
		const char *name = json_text(json_item(names, i));

		for (const char *at = name; *at; at++)
			if (is_wrapping(*at))
				return error_set(err, ERROR_USAGE,
					"dependsOn: '%s' is no name of a kustomization", name);
	}
	*ret = TAKE(names);
	return 0;
}

/* ---- postBuild */

/* The object at `key`, made if it is not there; what was null there is replaced. */
static struct json_object *inner(struct json_object *object, const char *key)
{
	struct json_object *found = json_get(object, key);

	if (json_kind(found) == JSON_OBJECT)
		return found;
	found = json_new_object();
	json_set(object, key, found);
	return found;
}

/* "Secret/NAME", "ConfigMap/NAME?": with the mark it may be missing. */
static int substitute_source(struct json_object *list, const char *text, struct error *err)
{
	static const char *const kinds[] = {"ConfigMap", "Secret"};
	struct json_object *item;

	for (size_t i = 0; i < countof(kinds); i++) {
		size_t len = strlen(kinds[i]);
		bool optional = ends_with(text, "?");
		autofree char *name = NULL;

		if (strncasecmp(text, kinds[i], len) != 0 || text[len] != '/')
			continue;
		name = xstrndup(text + len + 1, strlen(text + len + 1) - optional);
		if (!*name)
			break;
		item = json_new_object();
		json_set_str(item, "kind", kinds[i]);
		json_set_str(item, "name", name);
		json_set(item, "optional", json_new_bool(optional));
		json_push(list, item);
		return 0;
	}
	return error_set(err, ERROR_USAGE,
		"substituteFrom: '%s' is not ConfigMap/NAME or Secret/NAME (with ? it may be "
		"missing)",
		text);
}

static int set_substitute_from(struct json_object *tree, const char *text, struct error *err)
{
	autostrv sources = STRV_INIT;
	autojson struct json_object *list = json_new_array();

	strv_split(&sources, text, ",", false);
	for (size_t i = 0; i < sources.len; i++)
		if (substitute_source(list, sources.items[i], err) < 0)
			return -1;
	json_set(inner(tree, "postBuild"), "substituteFrom", sources.len ? TAKE(list) : NULL);
	return 0;
}

/* What kustomize-controller takes as a variable: [A-Za-z_][A-Za-z0-9_]*. */
static int set_substitute(
	struct json_object *tree, const char *name, const char *value, struct error *err)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	size_t len = strspn(name, letters);

	len = len ? len + strspn(name + len, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO"
					     "PQRSTUVWXYZ_")
		  : 0;
	if (!len || name[len])
		return error_set(err, ERROR_USAGE,
			"substitute: '%s' is no name of a variable (letters, digits and _)", name);
	json_set_str(inner(inner(tree, "postBuild"), "substitute"), name, value);
	return 0;
}

/* ---- keys */

static int set_bool(
	struct json_object *tree, const struct key *key, const char *value, struct error *err)
{
	bool truth = strcasecmp(value, "true") == 0;

	if (!truth && strcasecmp(value, "false") != 0)
		return error_set(err, ERROR_USAGE, "%s: '%s' is neither true nor false",
			key->names[0], value);
	json_set(tree, key->member, json_new_bool(truth != (key->kind == NOT)));
	return 0;
}

static int set_seconds(
	struct json_object *tree, const struct key *key, const char *value, struct error *err)
{
	int64_t seconds;

	if (arm_duration_parse(key->names[0], value, &seconds, err) < 0)
		return -1;
	json_set(tree, key->member, json_new_int(seconds));
	return 0;
}

static int set_names(struct json_object *tree, const char *value, struct error *err)
{
	struct json_object *names = NULL;

	if (arm_config_depends_on(value, &names, err) < 0)
		return -1;
	json_set(tree, "dependsOn", names);
	return 0;
}

static int set_key(
	struct json_object *tree, const struct key *key, const char *value, struct error *err)
{
	if (key->kind == FROM)
		return set_substitute_from(tree, value, err);
	if (key->kind == TEXT) {
		json_set_str(tree, key->member, value);
		return 0;
	}
	if (!*value) {
		json_set(tree, key->member, NULL);
		return 0;
	}
	switch (key->kind) {
	case SECONDS:
		return set_seconds(tree, key, value, err);
	case NAMES:
		return set_names(tree, value, err);
	case BOOL:
	case NOT:
		return set_bool(tree, key, value, err);
	case TEXT:
	case FROM:
	case BUILD:
		break;
	}
	return error_set(err, ERROR_USAGE,
		"postBuild takes no value here: use substitute.NAME=VALUE and "
		"substituteFrom=Secret/NAME, or 'postBuild=' to remove it");
}

int arm_config_kustomization_set(
	struct json_object *kustomization, const char *key, const char *value, struct error *err)
{
	const struct key *found = key_find(key);

	if (arm_config_check_text(key, value, err) < 0)
		return -1;
	if (starts_with(key, SUBSTITUTE))
		return set_substitute(kustomization, key + strlen(SUBSTITUTE), value, err);
	return found ? set_key(kustomization, found, value, err) : unknown_key(key, err);
}

/* "validation" went away in 2022; az's users have it in their scripts. */
static bool is_of_the_past(const char *key)
{
	return streq(key, "validation");
}

static int read_word(struct json_object *tree, const char *word, char **name, struct strv *seen,
	struct error *err)
{
	const char *equals = strchr(word, '=');
	autofree char *key = equals ? xstrndup(word, (size_t)(equals - word)) : NULL;
	const struct key *known = key ? key_find(key) : NULL;

	if (!key)
		return error_set(err, ERROR_USAGE, "'%s' is not KEY=VALUE", word);
	if (strv_contains(seen, known ? known->member : key))
		return error_set(err, ERROR_USAGE, "'%s' is given twice", key);
	strv_push(seen, known ? known->member : key);
	if (is_of_the_past(key))
		return error_set(err, ERROR_USAGE, "'validation' is no longer a key: leave it out");
	if (!streq(key, "name"))
		return arm_config_kustomization_set(tree, key, equals + 1, err);
	str_replace(name, equals + 1);
	return 0;
}

int arm_config_kustomization(
	char *const words[], size_t count, char **name, struct json_object **ret, struct error *err)
{
	autojson struct json_object *tree = json_new_object();
	autofree char *found = NULL;
	autostrv seen = STRV_INIT;

	for (size_t i = 0; i < count; i++)
		if (read_word(tree, words[i], &found, &seen, err) < 0)
			return -1;
	*name = TAKE(found);
	*ret = TAKE(tree);
	return 0;
}

/* ---- documents */

static int document_names(struct json_object *tree, struct json_object *value, struct error *err)
{
	autobuf text = BUF_INIT;

	if (json_kind(value) != JSON_ARRAY)
		return set_names(tree, json_text(value), err);
	for (size_t i = 0; i < json_len(value); i++)
		buf_addf(&text, "%s%s", i ? "," : "", json_text(json_item(value, i)));
	return set_names(tree, text.ptr, err);
}

static int document_substitute(
	struct json_object *tree, struct json_object *value, struct error *err)
{
	struct json_iter iter = JSON_ITER_INIT;

	while (json_next(value, &iter))
		if (set_substitute(tree, iter.key, json_text(iter.value), err) < 0)
			return -1;
	return 0;
}

static int document_from(struct json_object *tree, struct json_object *value, struct error *err)
{
	autobuf text = BUF_INIT;

	if (json_kind(value) != JSON_ARRAY)
		return set_substitute_from(tree, json_text(value), err);
	for (size_t i = 0; i < json_len(value); i++) {
		struct json_object *item = json_item(value, i);

		if (json_kind(item) == JSON_OBJECT)
			buf_addf(&text, "%s%s/%s%s", i ? "," : "",
				json_text(json_get(item, "kind")),
				json_text(json_get(item, "name")),
				json_bool(item, "optional") ? "?" : "");
		else
			buf_addf(&text, "%s%s", i ? "," : "", json_text(item));
	}
	return set_substitute_from(tree, text.ptr, err);
}

static int document_member(
	struct json_object *tree, const char *key, struct json_object *value, struct error *err)
{
	const struct key *known = key_find(key);

	if (streq(key, "name") || json_kind(value) == JSON_NULL)
		return 0;
	if (streq(key, "substitute"))
		return document_substitute(tree, value, err);
	if (known && known->kind == NAMES)
		return document_names(tree, value, err);
	if (known && known->kind == FROM)
		return document_from(tree, value, err);
	if (known && known->kind == BUILD) {
		struct json_iter iter = JSON_ITER_INIT;

		while (json_next(value, &iter))
			if (document_member(tree, iter.key, iter.value, err) < 0)
				return -1;
		return 0;
	}
	return arm_config_kustomization_set(tree, key, json_text(value), err);
}

int arm_config_kustomization_document(
	const char *name, struct json_object *document, struct json_object **ret, struct error *err)
{
	autojson struct json_object *tree = json_new_object();
	struct json_iter iter = JSON_ITER_INIT;

	if (document && json_kind(document) != JSON_OBJECT)
		return error_set(err, ERROR_USAGE, "kustomization '%s' is no mapping", name);
	while (document && json_next(document, &iter))
		if (document_member(tree, iter.key, iter.value, err) < 0)
			return error_wrap(err, "kustomization '%s'", name);
	*ret = TAKE(tree);
	return 0;
}
