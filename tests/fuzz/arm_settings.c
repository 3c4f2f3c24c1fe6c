/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The settings checker: a JSON object of settings that are in force, a line break, then one of the change. Whatever
 * they hold, findings are whole and counted rightly, and what a row of the catalog allows is never called wrong.
 */
#include "base/base.h"

#include "arm/settings.h"
#include "base/alloc.h"
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_findings(const struct arm_settings_check *check)
{
	size_t errors = 0;

	for (size_t i = 0; i < check->count; i++) {
		const struct arm_setting_finding *finding = &check->findings[i];

		if (!finding->key || !str_set(finding->text))
			abort();
		errors += finding->error;
	}
	if (errors != check->errors)
		abort();
}

/* One pair by itself, on the newest AKS: only its own value can be wrong. */
static void check_pair(const char *key, const char *value)
{
	const struct arm_setting *row = arm_setting_find(key);
	autofree char *nearest = arm_setting_nearest(key);
	autojson struct json_object *change = json_new_object();
	struct arm_settings_check check = {.change = change};
	autobuf why = BUF_INIT;

	if (nearest && !arm_setting_find(nearest))
		abort();
	json_set_str(change, key, value);
	arm_settings_check(&check);
	check_findings(&check);
	if ((row && arm_setting_allows(row, value, &why)) != !check.errors)
		abort();
	if (row && !why.len != !check.errors)
		abort();
	arm_settings_check_clear(&check);
}

static void check_both(struct json_object *now, struct json_object *change, size_t way)
{
	static const char *const versions[] = {NULL, "1.24.1", "1.12.0", "x"};
	struct arm_settings_check check = {
		.now = now,
		.change = change,
		.version = versions[way],
		.arc = way % 2 == 1,
		.unchecked = way == 3,
	};

	arm_settings_check(&check);
	check_findings(&check);
	arm_settings_check_clear(&check);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
	size_t first = end ? (size_t)(end - data) : 0;
	autojson struct json_object *now = NULL;
	autojson struct json_object *change = NULL;
	struct json_iter iter = JSON_ITER_INIT;
	autoerror err = ERROR_INIT;

	if (!end || json_parse((const char *)data, first, &now, &err) < 0 ||
		json_parse((const char *)end + 1, size - first - 1, &change, &err) < 0)
		return 0;
	for (size_t way = 0; way < 4; way++)
		check_both(now, change, way);
	while (json_next(change, &iter))
		if (json_kind(iter.value) == JSON_STRING)
			check_pair(iter.key, json_text(iter.value));
	return 0;
}
