/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plain scalar of YAML 1.1 is, as Go's yaml.v2 decides it. Its oddities are kept, since
 * kubectl reads kubeconfigs with it: 08 is a float, 1_000 an integer, 0o17 octal, and an integer
 * beyond 64 bits a float.
 */
#include "base/base.h"

#include <math.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/number.h"
#include "base/yaml.h"

/* ---- words */

struct word {
	const char *text;
	enum yaml_type type;
	bool truth;
	double number;
};

/* clang-format off */
static const struct word words[] = {
	{"", YAML_NULL, false, 0}, {"~", YAML_NULL, false, 0},
	{"null", YAML_NULL, false, 0}, {"Null", YAML_NULL, false, 0}, {"NULL", YAML_NULL, false, 0},
	{"y", YAML_BOOL, true, 0}, {"Y", YAML_BOOL, true, 0},
	{"yes", YAML_BOOL, true, 0}, {"Yes", YAML_BOOL, true, 0}, {"YES", YAML_BOOL, true, 0},
	{"true", YAML_BOOL, true, 0}, {"True", YAML_BOOL, true, 0}, {"TRUE", YAML_BOOL, true, 0},
	{"on", YAML_BOOL, true, 0}, {"On", YAML_BOOL, true, 0}, {"ON", YAML_BOOL, true, 0},
	{"n", YAML_BOOL, false, 0}, {"N", YAML_BOOL, false, 0},
	{"no", YAML_BOOL, false, 0}, {"No", YAML_BOOL, false, 0}, {"NO", YAML_BOOL, false, 0},
	{"false", YAML_BOOL, false, 0}, {"False", YAML_BOOL, false, 0}, {"FALSE", YAML_BOOL, false, 0},
	{"off", YAML_BOOL, false, 0}, {"Off", YAML_BOOL, false, 0}, {"OFF", YAML_BOOL, false, 0},
	{".nan", YAML_FLOAT, false, (double)NAN}, {".NaN", YAML_FLOAT, false, (double)NAN},
	{".NAN", YAML_FLOAT, false, (double)NAN},
	{".inf", YAML_FLOAT, false, (double)INFINITY}, {".Inf", YAML_FLOAT, false, (double)INFINITY},
	{".INF", YAML_FLOAT, false, (double)INFINITY},
	{"+.inf", YAML_FLOAT, false, (double)INFINITY}, {"+.Inf", YAML_FLOAT, false, (double)INFINITY},
	{"+.INF", YAML_FLOAT, false, (double)INFINITY},
	{"-.inf", YAML_FLOAT, false, -(double)INFINITY}, {"-.Inf", YAML_FLOAT, false, -(double)INFINITY},
	{"-.INF", YAML_FLOAT, false, -(double)INFINITY},
};
#define LONGEST_WORD 5
/* clang-format on */

static bool resolve_word(const char *text, size_t len, struct yaml_value *ret)
{
	if (len > LONGEST_WORD)
		return false;
	for (size_t i = 0; i < countof(words); i++) {
		const struct word *word = &words[i];

		/* Most texts are told from most words by their first byte. */
		if (len && *word->text != *text)
			continue;
		if (strlen(word->text) == len && memcmp(word->text, text, len) == 0) {
			*ret = (struct yaml_value){
				.type = word->type, .truth = word->truth, .number = word->number};
			return true;
		}
	}
	return false;
}

/* ---- timestamps: 2006-1-2, 2006-1-2T15:4:5.9Z07:00 (also with t), 2006-1-2 15:4:5.9 */

/* One or two digits at *at, which moves past them; -1 if there are none. */
static int small_number(const char **at, const char *end)
{
	int value = 0;
	const char *from = *at;

	while (*at < end && *at < from + 2 && **at >= '0' && **at <= '9')
		value = value * 10 + *(*at)++ - '0';
	return *at == from ? -1 : value;
}

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

/* A small number up to `most` with `before` in front. */
static bool field(const char **at, const char *end, char before, int most)
{
	int value;

	if (*at == end || **at != before)
		return false;
	(*at)++;
	value = small_number(at, end);
	return value >= 0 && value <= most;
}

static int days_in(int month, int year)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

static bool resolve_date(const char **at, const char *end)
{
	int year = 0;
	int month;
	int day;

	if (end - *at < 5 || (*at)[4] != '-')
		return false;
	for (int i = 0; i < 4; i++) {
		if (!is_digit(**at))
			return false;
		year = year * 10 + *(*at)++ - '0';
	}
	(*at)++;
	month = small_number(at, end);
	if (month < 1 || month > 12 || *at == end || **at != '-')
		return false;
	(*at)++;
	day = small_number(at, end);
	return day >= 1 && day <= days_in(month, year);
}

static void skip_fraction(const char **at, const char *end)
{
	if (end - *at < 2 || (**at != '.' && **at != ',') || !is_digit((*at)[1]))
		return;
	for (++*at; *at < end && is_digit(**at);)
		++*at;
}

static bool resolve_zone(const char *at, const char *end)
{
	if (end - at == 1 && *at == 'Z')
		return true;
	if (end - at != 6 || (*at != '+' && *at != '-') || at[3] != ':')
		return false;
	return field(&at, end, *at, 24) && field(&at, end, ':', 60) && at == end;
}

static bool is_timestamp(const char *text, size_t len)
{
	const char *at = text;
	const char *end = text + len;
	bool zone;

	if (!resolve_date(&at, end))
		return false;
	if (at == end)
		return true;
	zone = *at == 'T' || *at == 't';
	while (!zone && end - at > 1 && at[0] == ' ' && at[1] == ' ')
		at++;
	if (!field(&at, end, zone ? *at : ' ', 23) || !field(&at, end, ':', 59) ||
		!field(&at, end, ':', 59))
		return false;
	skip_fraction(&at, end);
	return zone ? resolve_zone(at, end) : at == end;
}

/* ---- numbers */

static int digit_value(char byte)
{
	if (is_digit(byte))
		return byte - '0';
	byte |= 0x20;
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : 16;
}

/* The base that a prefix names; *at moves past it. */
static unsigned int_base(const char **at)
{
	const char *text = *at;
	char letter;

	if (text[0] != '0' || !text[1])
		return 10;
	letter = (char)(text[1] | 0x20);
	if (text[2] && (letter == 'x' || letter == 'o' || letter == 'b')) {
		*at += 2;
		return letter == 'x' ? 16 : letter == 'o' ? 8 : 2;
	}
	*at += 1;
	return 8;
}

static bool resolve_int(const char *plain, struct yaml_value *ret)
{
	const char *at = plain + (*plain == '-' || *plain == '+');
	uint64_t most = *plain == '-'   ? (uint64_t)INT64_MAX + 1
			: *plain == '+' ? (uint64_t)INT64_MAX
					: UINT64_MAX;
	unsigned base = int_base(&at);
	uint64_t value = 0;

	if (!*at)
		return false;
	for (; *at; at++) {
		unsigned digit = (unsigned)digit_value(*at);

		if (digit >= base || value > (most - digit) / base)
			return false;
		value = value * base + digit;
	}
	*ret = (struct yaml_value){.type = YAML_INT, .negative = *plain == '-', .magnitude = value};
	return true;
}

static const char *skip_digits(const char *at)
{
	while (is_digit(*at))
		at++;
	return at;
}

/* [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)? */
static bool is_float(const char *at)
{
	const char *from;

	at += *at == '-' || *at == '+';
	from = at;
	at = skip_digits(at);
	if (at == from && (at[0] != '.' || !is_digit(at[1])))
		return false;
	if (*at == '.')
		at = skip_digits(at + 1);
	if (*at == 'e' || *at == 'E') {
		at++;
		at += *at == '-' || *at == '+';
		if (!is_digit(*at))
			return false;
		at = skip_digits(at);
	}
	return !*at;
}

/* Only what numbers are written with, and a digit among it. */
static bool looks_like_number(const char *text, size_t len)
{
	bool digit = false;

	for (size_t i = 0; i < len; i++) {
		bool known = is_digit(text[i]) || digit_value(text[i]) < 16 || text[i] == '.' ||
			     text[i] == '_' || text[i] == '-' || text[i] == '+' ||
			     (text[i] | 0x20) == 'x' || (text[i] | 0x20) == 'o';

		if (!known)
			return false;
		digit |= is_digit(text[i]);
	}
	return digit;
}

static void copy_without_underscores(const char *text, size_t len, char *ret)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] != '_')
			*ret++ = text[i];
	*ret = '\0';
}

/* After a point Go takes underscores only between digits, after a digit or sign anywhere. */
static bool underscores_fit(const char *text, size_t len)
{
	if (text[0] != '.')
		return true;
	for (size_t i = 1; i < len; i++)
		if (text[i] == '_' &&
			(!is_digit(text[i - 1]) || i + 1 == len || !is_digit(text[i + 1])))
			return false;
	return true;
}

static bool resolve_number(const char *text, size_t len, struct yaml_value *ret)
{
	char few[64];
	autofree char *many = len >= sizeof(few) ? xmalloc(len + 1) : NULL;
	char *plain = many ? many : few;

	if (!looks_like_number(text, len))
		return false;
	copy_without_underscores(text, len, plain);
	if (text[0] != '.' && resolve_int(plain, ret))
		return true;
	if (!is_float(plain) || !underscores_fit(text, len))
		return false;
	*ret = (struct yaml_value){.type = YAML_FLOAT, .number = strtod(plain, NULL)};
	return isfinite(ret->number);
}

/* ---- the whole */

/* What the first byte leaves open; everything else is a string. */
enum hint {
	TEXT,
	WORD,
	NUMBER, /* or a word: .inf */
};

static enum hint hint_of(char first)
{
	if (is_digit(first))
		return NUMBER;
	switch (first) {
	case '+':
	case '-':
	case '.':
		return NUMBER;
	case 'y':
	case 'Y':
	case 'n':
	case 'N':
	case 't':
	case 'T':
	case 'f':
	case 'F':
	case 'o':
	case 'O':
	case '~':
		return WORD;
	default:
		return TEXT;
	}
}

enum yaml_type yaml_resolve_value(const char *text, size_t len, struct yaml_value *ret)
{
	enum hint hint = len ? hint_of(*text) : WORD;

	*ret = (struct yaml_value){.type = YAML_STRING};
	if (hint == TEXT || (!(len && is_digit(*text)) && resolve_word(text, len, ret)) ||
		hint == WORD)
		return ret->type;
	if (is_timestamp(text, len))
		ret->type = YAML_TIMESTAMP;
	else if (!resolve_number(text, len, ret))
		ret->type = YAML_STRING;
	return ret->type;
}

enum yaml_type yaml_resolve(const char *text, size_t len)
{
	struct yaml_value value;

	return yaml_resolve_value(text, len, &value);
}

/* [-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?: a number of base 60. */
static bool is_base60(const char *at, const char *end)
{
	bool colon = false;

	at += at < end && (*at == '-' || *at == '+');
	if (at == end || !is_digit(*at))
		return false;
	while (at < end && (is_digit(*at) || *at == '_'))
		at++;
	while (at < end && *at == ':') {
		const char *from = ++at;

		if (small_number(&at, end) < 0 || (at - from == 2 && *from > '5'))
			return false;
		colon = true;
	}
	if (at < end && *at == '.')
		for (at++; at < end && (is_digit(*at) || *at == '_');)
			at++;
	return colon && at == end;
}

bool yaml_reads_as_text(const char *text, size_t len)
{
	if (len && hint_of(*text) == TEXT)
		return true;
	return yaml_resolve(text, len) == YAML_STRING && !is_base60(text, text + len);
}

int yaml_new_number(double number, struct json_object **ret, struct error *err)
{
	autobuf text = BUF_INIT;
	struct yaml_value value;

	if (!isfinite(number))
		return error_set(err, ERROR_SYNTAX, "json: unsupported value: %s",
			isnan(number) ? "NaN"
			: number < 0  ? "-Inf"
				      : "+Inf");
	number_format_json(&text, number);
	if (yaml_resolve_value(text.ptr, text.len, &value) == YAML_INT && !value.negative)
		*ret = json_new_uint(value.magnitude);
	else if (value.type == YAML_INT)
		*ret = json_new_int((int64_t)(0 - value.magnitude));
	else
		*ret = json_new_double(number, text.ptr);
	return 0;
}
