/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words of --kustomization, one a line, "--" between uses; a first line "{" is a document instead. What is
 * taken can be checked, made into bodies and compared, and comes back the same through a document.
 */
#include "base/base.h"

#include "arm/fluxconfig.h"
#include "base/alloc.h"
#include "base/json.h"
#include "base/strv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(struct arm_config *config)
{
	autojson struct json_object *body = arm_config_put(config);
	struct json_object *properties = json_get(body, "properties");
	autojson struct json_object *has = arm_config_comparable(properties);
	autojson struct json_object *patch = arm_config_patch(config, has);
	autojson struct json_object *merged = arm_config_merge(has, json_get(patch, "properties"));
	autojson struct json_object *same = arm_config_patch_to(has, has);
	struct arm_config_check check = {
		.name = "c", .properties = merged, .asked = properties, .creates = true};
	struct arm_config_diff diff;

	if (json_next(json_get(same, "properties"), &(struct json_iter)JSON_ITER_INIT))
		abort();
	arm_config_diff(has, has, &diff);
	if (diff.count)
		abort();
	arm_config_diff_clear(&diff);
	arm_config_patch_whole_source(patch, has);
	(void)!arm_config_check(&check, NULL);
	(void)!arm_config_check_kustomizations("c", json_get(properties, "kustomizations"), NULL);
}

static void try_document(const char *text, size_t size)
{
	CLEANUP(arm_config_clear) struct arm_config config = ARM_CONFIG_INIT;
	autojson struct json_object *document = NULL;
	autofree char *name = NULL;

	if (json_parse(text, size, &document, NULL) < 0)
		return;
	if (arm_config_set_document(&config, document, &name, NULL) == 0)
		use(&config);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arm_config_clear) struct arm_config config = ARM_CONFIG_INIT;
	autofree char *text = xstrndup((const char *)data, size);
	autostrv words = STRV_INIT;

	if (*text == '{') {
		try_document(text, strlen(text));
		return 0;
	}
	strv_split(&words, text, "\n", false);
	if (arm_config_set_kustomizations(&config, &words, NULL) == 0)
		use(&config);
	return 0;
}
