/* SPDX-License-Identifier: Apache-2.0 */
/* Durations of flags and files: what parses is within bounds, prints, and parses back to the same. */
#include "base/base.h"

#include "arm/duration.h"
#include "base/alloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_again(const char *text, int64_t seconds)
{
	int64_t again;

	if (arm_duration_parse("x", text, &again, NULL) < 0 || again != seconds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autofree char *text = xstrndup((const char *)data, size);
	autobuf iso = BUF_INIT;
	autobuf go = BUF_INIT;
	int64_t seconds;

	if (arm_duration_parse("x", text, &seconds, NULL) < 0)
		return 0;
	if (seconds <= 0 || seconds > ARM_DURATION_MAX)
		abort();
	arm_duration_iso(&iso, seconds);
	arm_duration_text(&go, seconds);
	check_again(iso.ptr, seconds);
	check_again(go.ptr, seconds);
	return 0;
}
