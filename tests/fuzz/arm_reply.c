/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Azure Resource Manager answers. The first byte chooses: 'u' an address (nextLink, Azure-AsyncOperation),
 * 'c' the header of a challenge, else a body, taken as a page of a list, as an operation, as a provider and
 * as a resource. No address leads to another host, and no state is an end that is not one.
 */
#include "base/base.h"

#include <strings.h>

#include "arm/client_internal.h"
#include "arm/secret.h"
#include "arm/target.h"
#include "base/alloc.h"
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ENDPOINT "https://arm.example"

static void read_address(const char *text)
{
	static char endpoint[] = ENDPOINT;
	struct arm_cloud cloud = {.endpoint = endpoint};
	struct arm_options options = {.cloud = &cloud};
	struct arm_request request = {.path = text};
	struct arm *arm = arm_new(&options);
	CLEANUP(arm_operation_clear) struct arm_operation operation = ARM_OPERATION_INIT;
	CLEANUP(arm_target_clear) struct arm_target target = ARM_TARGET_INIT;
	autoerror err = ERROR_INIT;
	autofree char *url = NULL;

	if (arm_url(arm, &request, &url, &err) == 0) {
		const char *rest = url + strlen(ENDPOINT);

		if (!starts_with(url, ENDPOINT "/") || strpbrk(rest, "\r\n"))
			abort();
	}
	if (arm_operation_resume(arm, text, &operation, &err) == 0 &&
		!starts_with(operation.url, ENDPOINT "/"))
		abort();
	if (arm_target_parse(text, &target) && !target.type)
		abort();
	(void)arm_type_of(text);
	arm_free(arm);
}

static void read_operation(struct json_object *tree, bool deletes)
{
	CLEANUP(arm_operation_clear) struct arm_operation operation = ARM_OPERATION_INIT;
	struct arm_request poll = {.status = 200, .reply = tree};
	autofree char *problem = arm_resource_problem(tree);
	autoerror err = ERROR_INIT;
	unsigned unknown = 0;

	operation.deletes = deletes;
	if (arm_operation_look(&operation, &poll, &unknown, &err) != 1)
		return;
	if (strcasecmp(operation.status, "Succeeded") != 0 &&
		strcasecmp(operation.status, "Failed") != 0 &&
		strncasecmp(operation.status, "Cancel", 6) != 0)
		abort();
}

static void read_body(const char *text, size_t len)
{
	autojson struct json_object *list = json_new_array();
	autojson struct json_object *tree = NULL;
	autojson struct json_object *shown = NULL;
	autoerror err = ERROR_INIT;
	autofree char *next = NULL;

	if (json_parse(text, len, &tree, &err) < 0)
		return;
	if (arm_list_page(list, tree, &next, &err) == 0 && next)
		read_address(next);
	for (int i = 0; i < ARM_TYPES_COUNT; i++) {
		const char *version = arm_version_choose((enum arm_type)i, tree);

		if (version && !arm_type_speaks((enum arm_type)i, version))
			abort();
	}
	read_operation(tree, false);
	read_operation(tree, true);
	shown = arm_secret_hide(tree, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autofree char *text = NULL;
	autofree char *claims = NULL;

	if (!size)
		return 0;
	text = xstrndup((const char *)data + 1, size - 1);
	if (*data == 'u')
		read_address(text);
	else if (*data == 'c')
		claims = arm_claims_of(text);
	else
		read_body((const char *)data + 1, size - 1);
	return 0;
}
