/* SPDX-License-Identifier: Apache-2.0 */
/* Durations in the notation of Go's time package, which Kubernetes, Flux and kubectl use. */
#include "base/base.h"

#include <ctype.h>

#include "base/time.h"

struct unit {
	const char *name;
	int64_t ns;
};

/* Longer names first, so that "ms" is not read as "m". */
static const struct unit units[] = {
	{"ns", 1},
	{"us", 1000},
	{"\xc2\xb5s", 1000}, /* micro sign */
	{"\xce\xbcs", 1000}, /* Greek mu */
	{"ms", 1000000},
	{"s", 1000000000},
	{"m", 60LL * 1000000000},
	{"h", 3600LL * 1000000000},
};

static const struct unit *unit_at(const char **text)
{
	for (size_t i = 0; i < countof(units); i++) {
		if (starts_with(*text, units[i].name)) {
			*text += strlen(units[i].name);
			return &units[i];
		}
	}
	return NULL;
}

/* "1.5h" at *text, which moves past it. */
static bool term(const char **text, int64_t *sum)
{
	int64_t whole = 0;
	double fraction = 0;
	double weight = 0.1;
	bool any = false;
	const struct unit *unit;
	int64_t value;

	for (; isdigit((unsigned char)**text); (*text)++, any = true) {
		if (__builtin_mul_overflow(whole, 10, &whole) ||
			__builtin_add_overflow(whole, **text - '0', &whole))
			return false;
	}
	if (**text == '.') {
		for ((*text)++; isdigit((unsigned char)**text); (*text)++, any = true) {
			fraction += (**text - '0') * weight;
			weight /= 10;
		}
	}
	unit = any ? unit_at(text) : NULL;
	if (!unit || __builtin_mul_overflow(whole, unit->ns, &value))
		return false;
	return !__builtin_add_overflow(
		       value, (int64_t)(fraction * (double)unit->ns + 0.5), &value) &&
	       !__builtin_add_overflow(*sum, value, sum);
}

bool duration_parse(const char *text, int64_t *ret_ns)
{
	bool negative = *text == '-';
	int64_t sum = 0;

	if (*text == '-' || *text == '+')
		text++;
	if (streq(text, "0")) {
		*ret_ns = 0;
		return true;
	}
	if (!*text)
		return false;
	while (*text) {
		if (!term(&text, &sum) || sum < 0)
			return false;
	}
	*ret_ns = negative ? -sum : sum;
	return true;
}

/* `value` out of `per`, as "1.5" without trailing zeros. */
static void add_decimal(struct buf *out, uint64_t value, uint64_t per)
{
	uint64_t rest = value % per;

	buf_addf(out, "%llu", (unsigned long long)(value / per));
	if (!rest)
		return;
	buf_addc(out, '.');
	while (rest) {
		per /= 10;
		buf_addc(out, (char)('0' + rest / per));
		rest %= per;
	}
}

void duration_format(struct buf *out, int64_t ns)
{
	uint64_t rest = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
	uint64_t minute = 60ULL * 1000000000;
	uint64_t hour = 60 * minute;

	if (ns < 0)
		buf_addc(out, '-');
	if (rest == 0) {
		buf_adds(out, "0s");
	} else if (rest < 1000) {
		buf_addf(out, "%lluns", (unsigned long long)rest);
	} else if (rest < 1000000) {
		add_decimal(out, rest, 1000);
		buf_adds(out, "\xc2\xb5s");
	} else if (rest < 1000000000) {
		add_decimal(out, rest, 1000000);
		buf_adds(out, "ms");
	} else {
		if (rest >= hour)
			buf_addf(out, "%lluh", (unsigned long long)(rest / hour));
		if (rest >= minute)
			buf_addf(out, "%llum", (unsigned long long)(rest % hour / minute));
		add_decimal(out, rest % minute, 1000000000);
		buf_addc(out, 's');
	}
}
