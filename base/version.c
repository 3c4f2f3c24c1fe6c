/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/version.h"

/* The number at `*at`, which moves behind it; a number too long for a version is a large one. */
static uint64_t take_number(const char **at)
{
	uint64_t number = 0;

	for (; **at >= '0' && **at <= '9'; (*at)++)
		if (number < UINT32_MAX)
			number = number * 10 + (uint64_t)(**at - '0');
	return number;
}

/* "-23" counts 23, nothing 0, and "-rc.1", which comes before the release, -1. */
static int64_t take_suffix(const char *at)
{
	if (*at != '-')
		return 0;
	at++;
	if (*at < '0' || *at > '9')
		return -1;
	return (int64_t)take_number(&at);
}

int version_compare(const char *a, const char *b)
{
	a += *a == 'v';
	b += *b == 'v';
	for (;;) {
		uint64_t x = take_number(&a);
		uint64_t y = take_number(&b);

		if (x != y)
			return x < y ? -1 : 1;
		if (*a != '.' && *b != '.')
			break;
		a += *a == '.';
		b += *b == '.';
	}

	int64_t x = take_suffix(a);
	int64_t y = take_suffix(b);

	return x == y ? 0 : x < y ? -1 : 1;
}
