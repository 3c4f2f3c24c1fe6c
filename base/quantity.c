/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <ctype.h>

#include "base/quantity.h"

struct suffix {
	const char *text;
	double factor;
};

/* The longer ones first: "Mi" is not "M". */
static const struct suffix suffixes[] = {
	{"Ki", 1024.0},
	{"Mi", 1048576.0},
	{"Gi", 1073741824.0},
	{"Ti", 1099511627776.0},
	{"Pi", 1125899906842624.0},
	{"Ei", 1152921504606846976.0},
	{"n", 1e-9},
	{"u", 1e-6},
	{"m", 1e-3},
	{"k", 1e3},
	{"M", 1e6},
	{"G", 1e9},
	{"T", 1e12},
	{"P", 1e15},
	{"E", 1e18},
	{"", 1.0},
};

bool quantity_parse(const char *text, int64_t *ret_milli)
{
	char *end;
	double value;
	double milli;

	if (!isdigit((unsigned char)*text) && !strchr("+-.", *text))
		return false;
	if (!*text || strpbrk(text, "xX") || strlen(text) > 64)
		return false;
	value = strtod(text, &end);
	if (end == text)
		return false;
	for (size_t i = 0; i < countof(suffixes); i++) {
		if (!streq(end, suffixes[i].text))
			continue;
		milli = value * suffixes[i].factor * 1000.0;
		if (milli > 9.2e18 || milli < -9.2e18)
			return false;
		*ret_milli = (int64_t)(milli < 0 ? milli - 0.5 : milli + 0.5);
		return true;
	}
	return false;
}
