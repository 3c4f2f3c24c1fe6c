/* SPDX-License-Identifier: Apache-2.0 */
/* The tokens of JSON text: white space, strings, numbers, literals, the frame of objects and
 * arrays. */
#include "base/base.h"

#include <math.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/scan_internal.h"
#include "base/scan_simd.h"

void scan_init(struct scan *scan, const char *text, size_t len, struct error *err)
{
	*scan = (struct scan){.start = text, .at = text, .end = text + len, .err = err};
}

void scan_clear(struct scan *scan)
{
	for (size_t i = 0; i < scan->decoded_len; i++)
		free(scan->decoded[i]);
	free(scan->decoded);
	free(scan->keys);
	*scan = (struct scan){.start = NULL};
}

int scan_fail(struct scan *scan, const char *at, const char *what)
{
	return error_set(scan->err, ERROR_SYNTAX, "malformed JSON at byte %zu: %s",
		(size_t)(at - scan->start), what);
}

int scan_unexpected(struct scan *scan)
{
	char what[] = "unexpected byte 0x00";
	unsigned char byte;

	if (scan->at >= scan->end)
		return scan_fail(scan, scan->end, "unexpected end of input");
	byte = (unsigned char)*scan->at;
	if (byte > 0x20 && byte < 0x7f) {
		char text[] = "unexpected ' '";

		text[sizeof("unexpected '") - 1] = (char)byte;
		return scan_fail(scan, scan->at, text);
	}
	what[sizeof(what) - 3] = "0123456789abcdef"[byte >> 4];
	what[sizeof(what) - 2] = "0123456789abcdef"[byte & 15];
	return scan_fail(scan, scan->at, what);
}

/* ---- strings */

size_t scan_utf8(const char *at, const char *end)
{
	const unsigned char *byte = (const unsigned char *)at;
	size_t left = (size_t)(end - at);
	size_t len;

	if (byte[0] < 0xc2 || byte[0] > 0xf4)
		return byte[0] < 0x80;
	len = byte[0] < 0xe0 ? 2 : byte[0] < 0xf0 ? 3 : 4;
	if (left < len)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((byte[i] & 0xc0) != 0x80)
			return 0;
	/* Overlong forms, surrogates, beyond U+10FFFF. */
	if ((byte[0] == 0xe0 && byte[1] < 0xa0) || (byte[0] == 0xed && byte[1] > 0x9f) ||
		(byte[0] == 0xf0 && byte[1] < 0x90) || (byte[0] == 0xf4 && byte[1] > 0x8f))
		return 0;
	return len;
}

bool scan_is_utf8(const char *text, size_t len)
{
	const char *end = text + len;
	size_t step = 1;

	for (; text < end && step; text += step)
		step = scan_utf8(text, end);
	return step != 0;
}

static int hex_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	digit |= 0x20;
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* The four digits of a \u escape, or -1. */
static int32_t hex4(const char *at, const char *end)
{
	int32_t code = 0;

	if (end - at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int value = hex_value(at[i]);

		if (value < 0)
			return -1;
		code = code << 4 | value;
	}
	return code;
}

/* Length of the escape whose backslash is at `at`; 0 if it is none. */
static size_t escape_len(const char *at, const char *end)
{
	if (end - at < 2)
		return 0;
	switch (at[1]) {
	case '"':
	case '\\':
	case '/':
	case 'b':
	case 'f':
	case 'n':
	case 'r':
	case 't':
		return 2;
	case 'u':
		return hex4(at + 2, end) < 0 ? 0 : 6;
	default:
		return 0;
	}
}

int scan_string(struct scan *scan, struct scan_text *ret)
{
	const char *at = scan->at + 1;

	ret->raw = at;
	ret->escaped = false;
	for (;;) {
		size_t len;

		at = scan_find_special(at, scan->end);
		if (at == scan->end)
			return scan_fail(scan, at, "unexpected end of input in a string");
		if (*at == '"')
			break;
		if (*at == '\\') {
			ret->escaped = true;
			len = escape_len(at, scan->end);
			if (!len)
				return scan_fail(scan, at, "not an escape");
		} else {
			len = (unsigned char)*at < 0x20 ? 0 : scan_utf8(at, scan->end);
			if (!len)
				return scan_fail(scan, at,
					(unsigned char)*at < 0x20
						? "a control character in a string"
						: "not UTF-8");
		}
		at += len;
	}
	ret->len = (size_t)(at - ret->raw);
	scan->at = at + 1;
	return 0;
}

void scan_add_utf8(struct buf *out, uint32_t code)
{
	char bytes[4];
	size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};

	for (size_t i = len; i-- > 1; code >>= 6)
		bytes[i] = (char)(0x80 | (code & 0x3f));
	bytes[0] = (char)(lead[len] | code);
	buf_add(out, bytes, len);
}

/* The code point of the \u escape at *at, which moves past it (and its other half). */
static uint32_t decode_unicode(const char **at, const char *end)
{
	uint32_t code = (uint32_t)hex4(*at + 2, end);
	int32_t low;

	*at += 6;
	if (code < 0xd800 || code > 0xdfff)
		return code;
	if (code > 0xdbff || end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u')
		return 0xfffd;
	low = hex4(*at + 2, end);
	if (low < 0xdc00 || low > 0xdfff)
		return 0xfffd;
	*at += 6;
	return 0x10000 + ((code - 0xd800) << 10) + ((uint32_t)low - 0xdc00);
}

static char decode_short(char letter)
{
	switch (letter) {
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return letter;
	}
}

void scan_decode(const struct scan_text *text, struct buf *out)
{
	const char *at = text->raw;
	const char *end = at + text->len;

	if (!text->escaped) {
		buf_add(out, at, text->len);
		return;
	}
	while (at < end) {
		const char *backslash = memchr(at, '\\', (size_t)(end - at));

		if (!backslash)
			backslash = end;
		buf_add(out, at, (size_t)(backslash - at));
		at = backslash;
		if (at == end)
			break;
		if (at[1] == 'u') {
			scan_add_utf8(out, decode_unicode(&at, end));
		} else {
			buf_addc(out, decode_short(at[1]));
			at += 2;
		}
	}
}

/* ---- numbers and literals */

static const char *digits(const char *at, const char *end)
{
	while (at < end && *at >= '0' && *at <= '9')
		at++;
	return at;
}

/* Digits without leading zeros that fit int64 with a minus, or uint64 without. */
static bool integer_fits(const char *text, size_t len, bool negative)
{
	static const char *const most[] = {"18446744073709551615", "9223372036854775808"};
	size_t most_len = strlen(most[negative]);

	return len < most_len || (len == most_len && memcmp(text, most[negative], len) <= 0);
}

/* Only an exponent or hundreds of digits can leave the range of double. */
static bool float_fits(const struct scan_number *number)
{
	autofree char *text = NULL;

	if (number->len < 300 && !memchr(number->text, 'e', number->len) &&
		!memchr(number->text, 'E', number->len))
		return true;
	text = xstrndup(number->text, number->len);
	return isfinite(strtod(text, NULL));
}

/* At least one digit from `at` on; NULL if there is none. */
static const char *some_digits(const char *at, const char *end)
{
	const char *after = digits(at, end);

	return after > at ? after : NULL;
}

static const char *number_tail(const char *at, const char *end)
{
	if (at < end && *at == '.') {
		at = some_digits(at + 1, end);
		if (!at)
			return NULL;
	}
	if (at < end && (*at == 'e' || *at == 'E')) {
		at++;
		if (at < end && (*at == '+' || *at == '-'))
			at++;
		at = some_digits(at, end);
	}
	return at;
}

int scan_number(struct scan *scan, struct scan_number *ret)
{
	bool negative = scan->at < scan->end && *scan->at == '-';
	const char *first = scan->at + negative;
	const char *whole, *tail;

	if (first == scan->end || *first < '0' || *first > '9')
		return scan_unexpected(scan);
	whole = *first == '0' ? first + 1 : digits(first, scan->end);
	if (whole < scan->end && *whole >= '0' && *whole <= '9')
		return scan_fail(scan, scan->at, "a number with a leading zero");
	tail = number_tail(whole, scan->end);
	if (!tail)
		return scan_fail(scan, scan->at, "not a number");
	*ret = (struct scan_number){
		.text = scan->at, .len = (size_t)(tail - scan->at), .is_float = tail != whole};
	if (ret->is_float ? !float_fits(ret)
			  : !integer_fits(first, (size_t)(whole - first), negative))
		return scan_fail(scan, scan->at, "a number out of range");
	scan->at = tail;
	return 0;
}

int scan_literal(struct scan *scan)
{
	static const char *const words[] = {"true", "false", "null"};
	size_t left = (size_t)(scan->end - scan->at);

	for (size_t i = 0; i < countof(words); i++) {
		size_t len = strlen(words[i]);

		if (left >= len && memcmp(scan->at, words[i], len) == 0) {
			scan->at += len;
			return 0;
		}
	}
	return scan_unexpected(scan);
}

/* ---- objects and arrays */

int scan_enter(struct scan *scan)
{
	if (++scan->depth > JSON_MAX_DEPTH)
		return scan_fail(scan, scan->at, "nested too deeply");
	scan->at++;
	return 0;
}

/* After an element: 1 before the next, 0 past the closing bracket. */
static int next_element(struct scan *scan, bool first, char close)
{
	char byte = scan_peek(scan);

	if (byte == close) {
		scan->at++;
		scan->depth--;
		return 0;
	}
	if (!first) {
		if (byte != ',')
			return scan_unexpected(scan);
		scan->at++;
		scan_space(scan);
	}
	return 1;
}

int scan_member(struct scan *scan, bool first, struct scan_text *key)
{
	int more = next_element(scan, first, '}');

	if (more <= 0)
		return more;
	if (scan->at == scan->end || *scan->at != '"')
		return scan_unexpected(scan);
	if (scan_string(scan, key) < 0)
		return -1;
	if (scan_peek(scan) != ':')
		return scan_unexpected(scan);
	scan->at++;
	scan_space(scan);
	return 1;
}

int scan_element(struct scan *scan, bool first)
{
	return next_element(scan, first, ']');
}

int scan_end(struct scan *scan)
{
	scan_space(scan);
	if (scan->at == scan->end)
		return 0;
	return scan_fail(scan, scan->at, "text after the end of the value");
}
