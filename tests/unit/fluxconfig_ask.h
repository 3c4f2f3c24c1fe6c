/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration asked for as on a command line, for tests of arm/fluxconfig*.c. */
#ifndef TESTS_UNIT_FLUXCONFIG_ASK_H
#define TESTS_UNIT_FLUXCONFIG_ASK_H

#include "arm/fluxconfig.h"
#include "base/alloc.h"
#include "base/json.h"
#include "base/strv.h"

/* "kind=git url=https://… branch=main -k name=infra path=./x": words with spaces between. */
static inline int ask_try(struct arm_config *config, const char *line, struct error *err)
{
	autostrv words = STRV_INIT;
	autostrv uses = STRV_INIT;
	bool kustomization = false;

	strv_split(&words, line, " ", false);
	for (size_t i = 0; i < words.len; i++) {
		const char *word = words.items[i];
		size_t len = strcspn(word, "=");
		size_t id = 0;

		if (streq(word, "-k")) {
			kustomization = true;
			strv_push(&uses, "--");
			continue;
		}
		if (kustomization) {
			strv_push(&uses, word);
			continue;
		}
		if (starts_with(word, "kind=")) {
			if (arm_config_set_kind(config, word + 5, err) < 0)
				return -1;
			continue;
		}
		while (id < FLUX_FIELDS && (strncmp(arm_config_fields[id].name, word, len) != 0 ||
						   arm_config_fields[id].name[len]))
			id++;
		if (id == FLUX_FIELDS)
			fail_msg("no field: %s", word);
		if (arm_config_set(config, (enum arm_config_id)id, NULL, word + len + 1, err) < 0)
			return -1;
	}
	if (kustomization && arm_config_set_kustomizations(config, &uses, err) < 0)
		return -1;
	return arm_config_check_kind(config, err);
}

static inline void ask(struct arm_config *config, const char *line)
{
	autoerror err = ERROR_INIT;

	if (ask_try(config, line, &err) < 0)
		fail_msg("%s: %s", line, err.message);
}

static inline struct json_object *parse(const char *text)
{
	struct json_object *tree = NULL;
	autoerror err = ERROR_INIT;

	if (json_parse(text, strlen(text), &tree, &err) < 0)
		fail_msg("%s: %s", text, err.message);
	return tree;
}

/* Equal as JSON, whatever the order of members. */
static inline bool same(struct json_object *a, struct json_object *b)
{
	struct json_iter iter = JSON_ITER_INIT;
	size_t members = 0;

	if (json_kind(a) != json_kind(b))
		return false;
	if (json_kind(a) == JSON_ARRAY) {
		for (size_t i = 0; i < json_len(a); i++)
			if (!same(json_item(a, i), json_item(b, i)))
				return false;
		return json_len(a) == json_len(b);
	}
	if (json_kind(a) != JSON_OBJECT)
		return strcmp(json_text(a), json_text(b)) == 0;
	while (json_next(a, &iter)) {
		if (!same(iter.value, json_get(b, iter.key)))
			return false;
		members++;
	}
	iter = (struct json_iter)JSON_ITER_INIT;
	while (json_next(b, &iter))
		members--;
	return members == 0;
}

static inline void assert_json(struct json_object *got, const char *wanted)
{
	autojson struct json_object *tree = parse(wanted);
	autobuf text = BUF_INIT;

	json_write(&text, got);
	if (!same(got, tree))
		fail_msg("\n   got %s\nwanted %s", text.ptr, wanted);
}

#endif
