/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/yaml.h"

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool is_letter(char byte)
{
	return (signed char)byte < 0 || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= 'a' && byte <= 'z');
}

/* The run of digits from `at` on, wrapping around as Go's int64 does, behind `start`. */
static uint64_t digits(const char *text, size_t len, size_t at, uint64_t start, size_t *ret_end)
{
	for (; at < len && is_digit(text[at]); at++)
		start = start * 10 + (uint64_t)(text[at] - '0');
	*ret_end = at;
	return start;
}

/* Zeros inside of a number count, zeros in front of one do not. */
static bool number_begun(const char *text, size_t at)
{
	while (at-- > 0 && is_digit(text[at]))
		if (text[at] != '0')
			return true;
	return false;
}

static int order(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

int yaml_key_compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t least = a_len < b_len ? a_len : b_len;
	size_t at = 0;
	size_t a_end;
	size_t b_end;
	uint64_t start;
	int by_value;

	while (at < least && a[at] == b[at])
		at++;
	if (at == least)
		return order((int64_t)a_len, (int64_t)b_len);
	if (is_letter(a[at]) != is_letter(b[at]))
		return is_letter(a[at]) ? 1 : -1;
	if (is_letter(a[at]))
		return order((unsigned char)a[at], (unsigned char)b[at]);
	start = (a[at] == '0' || b[at] == '0') && number_begun(a, at);
	by_value = order((int64_t)digits(a, a_len, at, start, &a_end),
		(int64_t)digits(b, b_len, at, start, &b_end));
	if (by_value)
		return by_value;
	if (a_end != b_end)
		return order((int64_t)a_end, (int64_t)b_end);
	return order(a[at], b[at]);
}
