/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <float.h>
#include <math.h>
#include <stdio.h>

#include "base/number.h"

#define TWO_TO_64 18446744073709551616.0

/* The value is 0.DIGITS times ten to the power of `point`. */
struct decimal {
	char digits[DBL_DECIMAL_DIG + 1];
	int len;
	int point;
	bool negative;
};

/* Every decimal of 15 digits survives a double, so fewer need not be tried; small ones excepted. */
static void shortest(double value, struct decimal *ret)
{
	char text[40];
	char *exponent;
	int precision = fabs(value) < DBL_MIN ? 1 : DBL_DIG;

	for (; precision < DBL_DECIMAL_DIG; precision++) {
		snprintf(text, sizeof(text), "%.*e", precision - 1, fabs(value));
		if (strtod(text, NULL) >= fabs(value) && strtod(text, NULL) <= fabs(value))
			break;
	}
	snprintf(text, sizeof(text), "%.*e", precision - 1, fabs(value));
	exponent = strchr(text, 'e');
	*ret = (struct decimal){
		.point = (int)strtol(exponent + 1, NULL, 10) + 1, .negative = signbit(value) != 0};
	for (const char *at = text; at < exponent; at++)
		if (*at >= '0' && *at <= '9')
			ret->digits[ret->len++] = *at;
	while (ret->len > 1 && ret->digits[ret->len - 1] == '0')
		ret->len--;
}

static void format_exponent(struct buf *out, const struct decimal *decimal, int min_digits)
{
	buf_addc(out, decimal->digits[0]);
	if (decimal->len > 1) {
		buf_addc(out, '.');
		buf_add(out, decimal->digits + 1, (size_t)decimal->len - 1);
	}
	buf_addf(out, "e%c%0*d", decimal->point < 1 ? '-' : '+', min_digits,
		abs(decimal->point - 1));
}

static void format_plain(struct buf *out, const struct decimal *decimal)
{
	int whole = decimal->point < decimal->len ? decimal->point : decimal->len;

	if (whole <= 0) {
		buf_addc(out, '0');
		whole = 0;
	}
	buf_add(out, decimal->digits, (size_t)whole);
	if (decimal->point > decimal->len)
		buf_fill(out, '0', (size_t)(decimal->point - decimal->len));
	if (whole == decimal->len)
		return;
	buf_addc(out, '.');
	if (decimal->point < 0)
		buf_fill(out, '0', (size_t)-decimal->point);
	buf_add(out, decimal->digits + whole, (size_t)(decimal->len - whole));
}

void number_format_json(struct buf *out, double value)
{
	struct decimal decimal;
	double size = fabs(value);

	shortest(value, &decimal);
	if (decimal.negative)
		buf_addc(out, '-');
	if (size > 0 && (size < 1e-6 || value >= TWO_TO_64 || value <= -TWO_TO_64 / 2))
		format_exponent(out, &decimal, 1);
	else
		format_plain(out, &decimal);
}

void number_format_yaml(struct buf *out, double value)
{
	struct decimal decimal;

	shortest(value, &decimal);
	if (decimal.negative)
		buf_addc(out, '-');
	if (decimal.point < -3 || decimal.point > 6)
		format_exponent(out, &decimal, 2);
	else
		format_plain(out, &decimal);
}
