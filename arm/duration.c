/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <ctype.h>
#include <inttypes.h>

#include "arm/duration.h"
#include "base/time.h"

#define MINUTE 60
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define SECOND_NS 1000000000

/* A whole number at *text, which moves past it. */
static bool number(const char **text, int64_t *ret)
{
	const char *start = *text;

	*ret = 0;
	for (; isdigit((unsigned char)**text); (*text)++)
		if (__builtin_mul_overflow(*ret, 10, ret) ||
			__builtin_add_overflow(*ret, **text - '0', ret))
			return false;
	return *text > start;
}

/* The units of ISO 8601 that have one length, in the order in which they may stand. */
static const struct iso_unit {
	char letter;
	bool time; /* behind the T */
	int64_t seconds;
} iso_units[] = {
	{'W', false, 7 * (int64_t)DAY},
	{'D', false, DAY},
	{'H', true, HOUR},
	{'M', true, MINUTE},
	{'S', true, 1},
};

/* "30M" at *text. `next` is the first unit that may follow. */
static bool iso_term(const char **text, bool time, size_t *next, int64_t *sum)
{
	int64_t value;

	if (!number(text, &value))
		return false;
	for (size_t i = *next; i < countof(iso_units); i++) {
		if (iso_units[i].letter != toupper((unsigned char)**text) ||
			iso_units[i].time != time)
			continue;
		(*text)++;
		*next = i + 1;
		return !__builtin_mul_overflow(value, iso_units[i].seconds, &value) &&
		       !__builtin_add_overflow(*sum, value, sum);
	}
	return false;
}

static bool parse_iso(const char *text, int64_t *ret)
{
	bool time = false;
	size_t next = 0;

	*ret = 0;
	text++;
	if (!*text)
		return false;
	while (*text) {
		if (!time && toupper((unsigned char)*text) == 'T') {
			time = true;
			text++;
		}
		if (!iso_term(&text, time, &next, ret))
			return false;
	}
	return true;
}

static bool parse_go(const char *text, int64_t *ret)
{
	int64_t ns;

	if (!isdigit((unsigned char)*text) || !duration_parse(text, &ns) || ns % SECOND_NS != 0)
		return false;
	*ret = ns / SECOND_NS;
	return true;
}

static bool parse(const char *text, int64_t *ret)
{
	const char *end = text;

	if (toupper((unsigned char)*text) == 'P')
		return parse_iso(text, ret);
	if (number(&end, ret) && !*end)
		return true;
	return parse_go(text, ret);
}

int arm_duration_parse(const char *what, const char *text, int64_t *ret_seconds, struct error *err)
{
	if (!parse(text, ret_seconds)) {
		error_set(err, ERROR_USAGE, "%s: '%s' is no duration in whole seconds", what, text);
		return error_hint(err, "write it as 90s, 10m, 1h30m, or as seconds: 120");
	}
	if (*ret_seconds <= 0 || *ret_seconds > ARM_DURATION_MAX)
		return error_set(err, ERROR_USAGE, "%s: '%s' is not between one second and a year",
			what, text);
	return 0;
}

void arm_duration_iso(struct buf *out, int64_t seconds)
{
	bool time = false;

	buf_addc(out, 'P');
	if (seconds == 0)
		buf_adds(out, "T0S");
	for (size_t i = 1; i < countof(iso_units); i++) {
		int64_t count = seconds / iso_units[i].seconds;

		seconds %= iso_units[i].seconds;
		if (count == 0)
			continue;
		if (iso_units[i].time && !time)
			buf_addc(out, 'T');
		time = iso_units[i].time;
		buf_addf(out, "%" PRId64 "%c", count, iso_units[i].letter);
	}
}

void arm_duration_text(struct buf *out, int64_t seconds)
{
	if (seconds == 0)
		buf_adds(out, "0s");
	if (seconds >= HOUR)
		buf_addf(out, "%" PRId64 "h", seconds / HOUR);
	if (seconds % HOUR >= MINUTE)
		buf_addf(out, "%" PRId64 "m", seconds % HOUR / MINUTE);
	if (seconds % MINUTE)
		buf_addf(out, "%" PRId64 "s", seconds % MINUTE);
}
