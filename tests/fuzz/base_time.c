/* SPDX-License-Identifier: Apache-2.0 */
/* Moments and durations of server replies and flags: what parses prints and parses back to the same. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/time.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_moment(int64_t moment)
{
	autobuf out = BUF_INIT;
	int64_t whole;

	if (moment == TIME_NONE)
		return;
	whole = moment - ((moment % 1000) + 1000) % 1000;
	time_format_utc(&out, moment);
	/* an offset can move a moment out of the four-digit years, which print but do not parse */
	if (out.len == 20 && out.ptr[0] != '-' && time_parse(out.ptr) != whole)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autofree char *text = xstrndup((const char *)data, size);
	autobuf age = BUF_INIT;
	int64_t ns;

	check_moment(time_parse(text));
	check_moment(time_parse_http(text));
	if (duration_parse(text, &ns)) {
		autobuf out = BUF_INIT;
		int64_t again;

		duration_format(&out, ns);
		if (!duration_parse(out.ptr, &again))
			abort();
		/* fractions of days worth of nanoseconds pass through a double */
		if (again / 1000000 != ns / 1000000)
			abort();
		time_format_age(&age, ns);
	}
	return 0;
}
