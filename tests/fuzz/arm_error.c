/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Refusals of Azure Resource Manager. The first two bytes choose the HTTP status, the rest is the body:
 * whatever it holds, there is one message, of bounded length, and never success.
 */
#include "base/base.h"

#include "arm/error.h"
#include "base/error.h"
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MOST ((size_t)9 << 10)

static void check(const struct arm_failure *failure, int status)
{
	autoerror err = ERROR_INIT;

	if (!failure->message || strlen(failure->message) > MOST ||
		(failure->code && strlen(failure->code) > MOST) ||
		(failure->target && strlen(failure->target) > MOST) ||
		failure->whole.len > 6 * MOST)
		abort();
	if (arm_failure_error(failure, status, NULL, &err) != -1 || err.kind == ERROR_NONE ||
		!str_set(err.message) || error_exit_status(err.kind) != 1)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arm_failure_clear) struct arm_failure failure = ARM_FAILURE_INIT;
	autojson struct json_object *tree = NULL;
	autoerror ignored = ERROR_INIT;
	int status;

	if (size < 2)
		return 0;
	status = 300 + (data[0] * 256 + data[1]) % 300;
	arm_failure_read((const char *)data + 2, size - 2, status, &failure);
	check(&failure, status);
	/* The same as a part of another document. */
	if (json_parse((const char *)data + 2, size - 2, &tree, &ignored) < 0)
		return 0;
	arm_failure_of(tree, &failure);
	check(&failure, 0);
	return 0;
}
