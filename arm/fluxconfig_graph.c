/* SPDX-License-Identifier: Apache-2.0 */
/* Names of configurations and kustomizations, and what depends on what. */
#include "base/base.h"

#include "arm/fluxconfig.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/nearest.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyz0123456789"
#define MAX_KUSTOMIZATIONS 1000

/* What Kubernetes takes as an object's name: letters and digits, with - and . inside. */
static int check_name(const char *what, const char *name, struct error *err)
{
	size_t len = strlen(name);

	if (len == 0)
		return error_set(err, ERROR_USAGE, "%s has no name", what);
	if (len > ARM_CONFIG_MAX_NAME)
		return error_set(err, ERROR_USAGE,
			"%s '%s': the name has %zu characters, at most %d "
			"are allowed",
			what, name, len, ARM_CONFIG_MAX_NAME);
	if (strspn(name, LETTERS "-.") != len || !strchr(LETTERS, name[0]) ||
		!strchr(LETTERS, name[len - 1]))
		return error_set(err, ERROR_USAGE,
			"%s '%s': a name has lower-case letters, digits, - and ., and begins and "
			"ends with a letter or digit",
			what, name);
	return 0;
}

int arm_config_check_name(const char *name, struct error *err)
{
	return check_name("configuration", name, err);
}

static int check_joined(const char *config, const char *name, struct error *err)
{
	size_t len = strlen(config) + 1 + strlen(name);

	if (check_name("kustomization", name, err) < 0)
		return -1;
	if (len <= ARM_CONFIG_MAX_JOINED)
		return 0;
	error_set(err, ERROR_USAGE,
		"kustomization '%s': '%s-%s' has %zu characters, at most %d are allowed", name,
		config, name, len, ARM_CONFIG_MAX_JOINED);
	return error_hint(err, "the object in the cluster has both names: shorten either by %zu",
		len - ARM_CONFIG_MAX_JOINED);
}

/* ---- dependsOn */

static int unknown_name(
	struct json_object *map, const char *from, const char *to, struct error *err)
{
	struct nearest nearest = {.word = to};
	struct json_iter iter = JSON_ITER_INIT;

	while (json_next(map, &iter))
		if (!streq(iter.key, from))
			nearest_offer(&nearest, iter.key);
	error_set(err, ERROR_USAGE,
		"kustomization '%s' depends on '%s', and this configuration has none of that name",
		from, to);
	return nearest.best ? error_hint(err, "did you mean %s?", nearest.best) : -1;
}

static int check_depends(
	struct json_object *map, const char *name, struct json_object *names, struct error *err)
{
	for (size_t i = 0; i < json_len(names); i++) {
		const char *to = json_text(json_item(names, i));

		if (streq(to, name))
			return error_set(
				err, ERROR_USAGE, "kustomization '%s' depends on itself", name);
		if (json_kind(json_get(map, to)) != JSON_OBJECT)
			return unknown_name(map, name, to, err);
		for (size_t k = 0; k < i; k++)
			if (streq(to, json_text(json_item(names, k))))
				return error_set(err, ERROR_USAGE,
					"kustomization '%s' depends on '%s' twice", name, to);
	}
	return 0;
}

/* The first name that `name` depends on and that is in `left`; NULL: none. */
static const char *next_left(struct json_object *map, const char *name, const struct strv *left)
{
	struct json_object *names = json_get(map, name, "dependsOn");

	for (size_t i = 0; i < json_len(names); i++) {
		const char *to = json_text(json_item(names, i));

		if (strv_contains(left, to))
			return to;
	}
	return NULL;
}

static int tell_cycle(struct json_object *map, const struct strv *left, struct error *err)
{
	const char *at = left->items[0];
	const char *start;
	autobuf path = BUF_INIT;

	/* after so many steps it goes round */
	for (size_t i = 0; i < left->len; i++)
		at = next_left(map, at, left);
	start = at;
	do {
		buf_addf(&path, "%s -> ", at);
		at = next_left(map, at, left);
	} while (!streq(at, start));
	buf_adds(&path, start);
	return error_set(err, ERROR_USAGE,
		"kustomizations depend on each other in a circle, so none would ever start: %s",
		path.ptr);
}

/* Take away what waits for nothing that is left, until nothing changes. */
static int check_cycles(struct json_object *map, struct error *err)
{
	autostrv left = STRV_INIT;
	struct json_iter iter = JSON_ITER_INIT;
	bool changed = true;

	while (json_next(map, &iter))
		strv_push(&left, iter.key);
	while (changed) {
		changed = false;
		for (size_t i = left.len; i > 0; i--) {
			if (next_left(map, left.items[i - 1], &left))
				continue;
			strv_remove(&left, i - 1);
			changed = true;
		}
	}
	return left.len ? tell_cycle(map, &left, err) : 0;
}

int arm_config_check_kustomizations(
	const char *name, struct json_object *kustomizations, struct error *err)
{
	struct json_iter iter = JSON_ITER_INIT;
	size_t count = 0;

	while (json_next(kustomizations, &iter)) {
		if (++count > MAX_KUSTOMIZATIONS)
			return error_set(err, ERROR_USAGE, "more than %d kustomizations",
				MAX_KUSTOMIZATIONS);
		if (check_joined(name, iter.key, err) < 0)
			return -1;
	}
	iter = (struct json_iter)JSON_ITER_INIT;
	while (json_next(kustomizations, &iter))
		if (check_depends(
			    kustomizations, iter.key, json_get(iter.value, "dependsOn"), err) < 0)
			return -1;
	return check_cycles(kustomizations, err);
}
