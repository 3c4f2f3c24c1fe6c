/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <ctype.h>

#include "base/alloc.h"
#include "bundle/semver.h"

#define MAX_TERMS 1000

/* ---- versions */

/* Digits of at most 19 places; NULL if there are none. */
static const char *take_number(const char *text, uint64_t *ret)
{
	size_t digits = strspn(text, "0123456789");

	if (!digits || digits > 19)
		return NULL;
	*ret = strtoull(text, NULL, 10);
	return text + digits;
}

static bool is_identifier_byte(char byte)
{
	return isalnum((unsigned char)byte) || byte == '-';
}

/* Identifiers with dots between; `strict` refuses numbers that begin with a zero. */
static const char *take_identifiers(const char *text, bool strict)
{
	for (;;) {
		const char *start = text;
		bool digits = true;

		for (; is_identifier_byte(*text); text++)
			digits = digits && isdigit((unsigned char)*text);
		if (text == start || (strict && digits && *start == '0' && text - start > 1))
			return NULL;
		if (*text != '.')
			return text;
		text++;
	}
}

/* What may follow the numbers: "-PRE", "+META". NULL if it is malformed. */
static const char *take_tail(const char *text, bool strict, struct semver *ret)
{
	ret->pre = "";
	ret->pre_len = 0;
	if (*text == '-') {
		ret->pre = text + 1;
		text = take_identifiers(text + 1, strict);
		if (!text)
			return NULL;
		ret->pre_len = (size_t)(text - ret->pre);
	}
	return *text == '+' ? take_identifiers(text + 1, false) : text;
}

bool semver_parse(const char *text, struct semver *ret)
{
	uint64_t *const parts[] = {&ret->major, &ret->minor, &ret->patch};

	text += *text == 'v';
	for (size_t i = 0; i < countof(parts); i++) {
		if (i > 0 && *text++ != '.')
			return false;
		if (text[0] == '0' && isdigit((unsigned char)text[1]))
			return false;
		text = take_number(text, parts[i]);
		if (!text)
			return false;
	}
	text = take_tail(text, true, ret);
	return text && !*text;
}

static int compare_numbers(uint64_t left, uint64_t right)
{
	return left < right ? -1 : left > right;
}

/* One identifier of a pre-release: numbers by value and before words. */
static int compare_identifiers(const char *left, size_t n, const char *right, size_t m)
{
	uint64_t a = 0;
	uint64_t b = 0;
	bool left_is_number = take_number(left, &a) == left + n;
	bool right_is_number = take_number(right, &b) == right + m;
	int order;

	if (left_is_number && right_is_number)
		return compare_numbers(a, b);
	if (left_is_number != right_is_number)
		return left_is_number ? -1 : 1;
	order = memcmp(left, right, n < m ? n : m);
	return order ? order : compare_numbers(n, m);
}

static size_t identifier_len(const char *text, const char *end)
{
	const char *dot = memchr(text, '.', (size_t)(end - text));

	return (size_t)((dot ? dot : end) - text);
}

static int compare_pre(const struct semver *left, const struct semver *right)
{
	const char *a = left->pre;
	const char *b = right->pre;
	const char *a_end = a + left->pre_len;
	const char *b_end = b + right->pre_len;

	if (!left->pre_len || !right->pre_len)
		return compare_numbers(!left->pre_len, !right->pre_len);
	while (a < a_end && b < b_end) {
		size_t n = identifier_len(a, a_end);
		size_t m = identifier_len(b, b_end);
		int order = compare_identifiers(a, n, b, m);

		if (order)
			return order;
		a += n + 1;
		b += m + 1;
	}
	return compare_numbers(a < a_end, b < b_end);
}

int semver_compare(const struct semver *left, const struct semver *right)
{
	int order = compare_numbers(left->major, right->major);

	if (!order)
		order = compare_numbers(left->minor, right->minor);
	if (!order)
		order = compare_numbers(left->patch, right->patch);
	return order ? order : compare_pre(left, right);
}

/* ---- ranges */

enum operator{
	OPERATOR_TILDE_OR_EQUAL,
	OPERATOR_NOT_EQUAL,
	OPERATOR_GREATER,
	OPERATOR_LESS,
	OPERATOR_AT_LEAST,
	OPERATOR_AT_MOST,
	OPERATOR_TILDE,
	OPERATOR_CARET,
};

struct term {
	enum operator operator;
	struct semver version;
	/* Numbers that were left out or are "x": any, any minor, any patch. */
	bool open, open_minor, open_patch;
	bool begins_group; /* "||" stood before it */
};

struct semver_range {
	char *text; /* terms point into it */
	struct term *terms;
	size_t count;
};

void semver_range_free(struct semver_range *range)
{
	if (!range)
		return;
	free(range->text);
	free(range->terms);
	free(range);
}

void semver_range_free_pointer(struct semver_range **slot)
{
	semver_range_free(*slot);
}

static const char *skip_spaces(const char *text)
{
	return text + strspn(text, " \t\n\v\f\r");
}

static const char *take_operator(const char *text, enum operator* ret)
{
	/* clang-format off */
	static const struct {
		const char *text;
		enum operator operator;
	} operators[] = {
		{"!=", OPERATOR_NOT_EQUAL},
		{">=", OPERATOR_AT_LEAST},
		{"=>", OPERATOR_AT_LEAST},
		{"<=", OPERATOR_AT_MOST},
		{"=<", OPERATOR_AT_MOST},
		{"~>", OPERATOR_TILDE},
		{"~",  OPERATOR_TILDE},
		{"^",  OPERATOR_CARET},
		{">",  OPERATOR_GREATER},
		{"<",  OPERATOR_LESS},
		{"=",  OPERATOR_TILDE_OR_EQUAL},
	};
	/* clang-format on */

	*ret = OPERATOR_TILDE_OR_EQUAL;
	for (size_t i = 0; i < countof(operators); i++)
		if (starts_with(text, operators[i].text)) {
			*ret = operators[i].operator;
			return text + strlen(operators[i].text);
		}
	return text;
}

/* A number or "x"; `*open` says which. */
static const char *take_part(const char *text, uint64_t *number, bool *open)
{
	*open = *text == 'x' || *text == 'X' || *text == '*';
	*number = 0;
	return *open ? text + 1 : take_number(text, number);
}

/* "v1.x": what is left out is open, and so is all that follows. */
static const char *take_version(const char *text, struct term *term)
{
	struct semver *version = &term->version;
	uint64_t *const parts[] = {&version->major, &version->minor, &version->patch};
	bool open[] = {true, true, true};

	text += *text == 'v';
	for (size_t i = 0; i < countof(parts); i++) {
		if (i > 0 && *text != '.')
			break;
		text = take_part(text + (i > 0), parts[i], &open[i]);
		if (!text)
			return NULL;
	}
	term->open = open[0] || open[1] || open[2];
	term->open_minor = !open[0] && open[1];
	term->open_patch = !open[0] && !open[1] && open[2];
	for (size_t i = 0; i + 1 < countof(parts); i++) {
		if (!open[i])
			continue;
		*parts[i + 1] = 0;
		open[i + 1] = true;
	}
	return take_tail(text, false, version);
}

static struct term *add_term(struct semver_range *range)
{
	range->terms = xreallocarray(range->terms, range->count + 1, sizeof(*range->terms));
	range->terms[range->count] = (struct term){.operator= OPERATOR_TILDE_OR_EQUAL };
	return &range->terms[range->count++];
}

/* The second half of "1.2 - 2.4" if it stands here: then the first becomes ">= 1.2". */
static const char *take_hyphen(struct semver_range *range, const char *text)
{
	const char *mark = skip_spaces(text);
	struct term upper = {.operator= OPERATOR_AT_MOST };

	if (mark == text || *mark != '-' || skip_spaces(mark + 1) == mark + 1)
		return text;
	text = take_version(skip_spaces(mark + 1), &upper);
	if (!text)
		return NULL;
	range->terms[range->count - 1].operator= OPERATOR_AT_LEAST;
	*add_term(range) = upper;
	return text;
}

static const char *take_term(struct semver_range *range, const char *text, bool begins_group)
{
	struct term *term = add_term(range);
	const char *version = take_operator(skip_spaces(text), &term->operator);
	bool bare = version == skip_spaces(text);

	term->begins_group = begins_group;
	text = take_version(skip_spaces(version), term);
	return text && bare ? take_hyphen(range, text) : text;
}

/* All terms; false where the text is malformed. */
static bool take_terms(struct semver_range *range)
{
	const char *text = range->text;
	bool begins_group = true;

	for (;;) {
		const char *after;

		if (range->count >= MAX_TERMS)
			return false;
		text = take_term(range, text, begins_group);
		if (!text)
			return false;
		after = skip_spaces(text);
		if (!*after)
			return true;
		begins_group = starts_with(after, "||");
		if (begins_group)
			text = after + 2;
		else if (*after == ',')
			text = after + 1;
		else if (after == text)
			return false;
		else
			text = after;
	}
}

int semver_range_parse(const char *text, struct semver_range **ret, struct error *err)
{
	struct semver_range *range = xcalloc(1, sizeof(*range));

	range->text = xstrdup(text);
	if (!take_terms(range)) {
		semver_range_free(range);
		return error_set(
			err, ERROR_USAGE, "semver parse error: improper constraint: %s", text);
	}
	*ret = range;
	return 0;
}

/* ---- matching */

static bool not_equal(const struct semver *v, const struct term *term)
{
	if (!term->open)
		return semver_compare(v, &term->version) != 0;
	if (v->major != term->version.major)
		return true;
	if (term->open_minor)
		return false;
	if (v->minor != term->version.minor)
		return true;
	return term->open_patch && compare_pre(v, &term->version) != 0;
}

static bool greater(const struct semver *v, const struct term *term)
{
	if (!term->open)
		return semver_compare(v, &term->version) > 0;
	if (v->major != term->version.major || term->open_minor)
		return v->major > term->version.major;
	if (term->open_patch)
		return v->minor > term->version.minor;
	return semver_compare(v, &term->version) > 0;
}

static bool at_most(const struct semver *v, const struct term *term)
{
	if (!term->open)
		return semver_compare(v, &term->version) <= 0;
	if (v->major != term->version.major)
		return v->major < term->version.major;
	return term->open_minor || v->minor <= term->version.minor;
}

static bool tilde(const struct semver *v, const struct term *term)
{
	const struct semver *least = &term->version;

	if (semver_compare(v, least) < 0)
		return false;
	if (!least->major && !least->minor && !least->patch && !term->open_minor &&
		!term->open_patch)
		return true;
	return v->major == least->major && (term->open_minor || v->minor == least->minor);
}

static bool caret(const struct semver *v, const struct term *term)
{
	const struct semver *least = &term->version;

	if (semver_compare(v, least) < 0)
		return false;
	if (least->major > 0 || term->open_minor)
		return v->major == least->major;
	if (v->major > 0)
		return false;
	if (least->minor > 0 || term->open_patch)
		return v->minor == least->minor;
	return v->minor == 0 && v->patch == least->patch;
}

static bool term_has(const struct term *term, const struct semver *v)
{
	switch (term->operator) {
	case OPERATOR_NOT_EQUAL:
		return not_equal(v, term);
	case OPERATOR_GREATER:
		return greater(v, term);
	case OPERATOR_LESS:
		return semver_compare(v, &term->version) < 0;
	case OPERATOR_AT_LEAST:
		return semver_compare(v, &term->version) >= 0;
	case OPERATOR_AT_MOST:
		return at_most(v, term);
	case OPERATOR_TILDE:
		return tilde(v, term);
	case OPERATOR_CARET:
		return caret(v, term);
	default:
		return term->open ? tilde(v, term) : semver_compare(v, &term->version) == 0;
	}
}

/* Pre-releases count only where a term of the same group names one. */
static bool group_has(const struct term *terms, size_t count, const struct semver *version)
{
	bool allows_pre = false;

	for (size_t i = 0; i < count; i++)
		allows_pre = allows_pre || terms[i].version.pre_len;
	if (version->pre_len && !allows_pre)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!term_has(&terms[i], version))
			return false;
	return true;
}

bool semver_range_has(const struct semver_range *range, const struct semver *version)
{
	for (size_t start = 0, end; start < range->count; start = end) {
		for (end = start + 1; end < range->count && !range->terms[end].begins_group; end++)
			;
		if (group_has(range->terms + start, end - start, version))
			return true;
	}
	return false;
}
