/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "kube/selector.h"

enum token_type {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_COMMA,
	TOKEN_NOT,
	TOKEN_EQUALS,
	TOKEN_DIFFERS,
	TOKEN_GREATER,
	TOKEN_LESS,
	TOKEN_IN, /* also a word where one may stand */
	TOKEN_NOT_IN,
};

struct token {
	enum token_type type;
	char *text;
};

enum relation {
	RELATION_IN,
	RELATION_NOT_IN,
	RELATION_EXISTS,
	RELATION_MISSING,
	RELATION_GREATER,
	RELATION_LESS,
};

struct requirement {
	char *key;
	enum relation relation;
	struct strv values; /* sorted, each once */
};

struct label_selector {
	struct requirement *items;
	size_t count;
};

struct parser {
	struct token *tokens; /* ends with TOKEN_END */
	size_t count, at;
};

/* ---- tokens */

static void push(struct parser *parser, enum token_type type, const char *text, size_t len)
{
	parser->tokens = xreallocarray(parser->tokens, parser->count + 1, sizeof(*parser->tokens));
	parser->tokens[parser->count++] = (struct token){type, xstrndup(text, len)};
}

/* The longest of the signs at `text`; its length, 0 if there is none. */
static size_t sign_at(const char *text, enum token_type *type)
{
	static const struct {
		const char *text;
		enum token_type type;
	} signs[] = {
		{"==", TOKEN_EQUALS},
		{"!=", TOKEN_DIFFERS},
		{"=", TOKEN_EQUALS},
		{"!", TOKEN_NOT},
		{"(", TOKEN_OPEN},
		{")", TOKEN_CLOSE},
		{",", TOKEN_COMMA},
		{">", TOKEN_GREATER},
		{"<", TOKEN_LESS},
	};

	for (size_t i = 0; i < countof(signs); i++)
		if (starts_with(text, signs[i].text)) {
			*type = signs[i].type;
			return strlen(signs[i].text);
		}
	return 0;
}

static void scan(struct parser *parser, const char *text)
{
	for (;;) {
		enum token_type type;
		size_t len;

		text += strspn(text, " \t\r\n");
		if (!*text)
			break;
		len = sign_at(text, &type);
		if (!len) {
			len = strcspn(text, " \t\r\n=!(),><");
			type = len == 2 && starts_with(text, "in")      ? TOKEN_IN
			       : len == 5 && starts_with(text, "notin") ? TOKEN_NOT_IN
									: TOKEN_WORD;
		}
		push(parser, type, text, len);
		text += len;
	}
	push(parser, TOKEN_END, "", 0);
}

static void parser_clear(struct parser *parser)
{
	for (size_t i = 0; i < parser->count; i++)
		free(parser->tokens[i].text);
	free(parser->tokens);
}

/* The type of the next token; `as_value`: "in" and "notin" are words here. */
static enum token_type peek(const struct parser *parser, bool as_value)
{
	enum token_type type = parser->tokens[parser->at].type;

	return as_value && type >= TOKEN_IN ? TOKEN_WORD : type;
}

static const char *peek_text(const struct parser *parser)
{
	return parser->tokens[parser->at].text;
}

/* Its text; the end is never left behind. */
static const char *next(struct parser *parser)
{
	const char *text = peek_text(parser);

	parser->at += parser->at + 1 < parser->count;
	return text;
}

static int unexpected(const char *found, const char *expected, struct error *err)
{
	return error_set(err, ERROR_SERVER, "found '%s', expected: %s", found, expected);
}

/* ---- values */

static void insert(struct strv *values, const char *text)
{
	if (!strv_contains(values, text))
		strv_push(values, text);
}

/* Behind "(": words with commas between; an empty place is an empty value. */
static int parse_list(struct parser *parser, struct strv *values, struct error *err)
{
	for (;;) {
		enum token_type type = peek(parser, true);
		const char *text = next(parser);

		if (type == TOKEN_WORD) {
			insert(values, text);
			if (peek(parser, true) == TOKEN_CLOSE)
				return 0;
			if (peek(parser, true) != TOKEN_COMMA)
				return unexpected(peek_text(parser), "',' or ')'", err);
		} else if (type == TOKEN_COMMA) {
			if (!values->len)
				insert(values, "");
			if (peek(parser, true) == TOKEN_CLOSE) {
				insert(values, "");
				return 0;
			}
			if (peek(parser, true) == TOKEN_COMMA) {
				next(parser);
				insert(values, "");
			}
		} else {
			return unexpected(text, "',', or identifier", err);
		}
	}
}

static int parse_set(struct parser *parser, struct strv *values, struct error *err)
{
	enum token_type type = peek(parser, true);
	const char *text = next(parser);

	if (type != TOKEN_OPEN)
		return error_set(err, ERROR_SERVER, "found '%s' expected: '('", text);
	type = peek(parser, true);
	if (type == TOKEN_CLOSE) {
		next(parser);
		return 0;
	}
	if (type != TOKEN_WORD && type != TOKEN_COMMA)
		return unexpected(peek_text(parser), "',', ')' or identifier", err);
	if (parse_list(parser, values, err) < 0)
		return -1;
	next(parser);
	return 0;
}

static int parse_value(struct parser *parser, struct strv *values, struct error *err)
{
	enum token_type type = peek(parser, true);

	if (type == TOKEN_END || type == TOKEN_COMMA) {
		insert(values, "");
		return 0;
	}
	if (type != TOKEN_WORD)
		return unexpected(next(parser), "identifier", err);
	insert(values, next(parser));
	return 0;
}

/* ---- requirements */

static bool is_integer(const char *text)
{
	char *end;

	errno = 0;
	(void)strtoll(text, &end, 10);
	return *text && !strchr(" \t\n\v\f\r", *text) && !*end && !errno;
}

static int check_requirement(const struct requirement *requirement, struct error *err)
{
	const struct strv *values = &requirement->values;
	bool ordered = requirement->relation >= RELATION_GREATER;

	if (requirement->relation <= RELATION_NOT_IN && !values->len)
		return error_set(err, ERROR_SERVER,
			"values: Invalid value: []: for 'in', 'notin' operators, values set can't "
			"be empty");
	for (size_t i = 0; i < values->len; i++) {
		const char *value = values->items[i];
		autobuf why = BUF_INIT;

		if (ordered && !is_integer(value))
			return error_set(err, ERROR_SERVER,
				"values[%zu]: Invalid value: \"%s\": for 'Gt', 'Lt' operators, "
				"the value must be an integer",
				i, value);
		label_check_value(value, &why);
		if (why.len)
			return error_set(err, ERROR_SERVER,
				"values[%zu][%s]: Invalid value: \"%s\": %s", i, requirement->key,
				value, why.ptr);
	}
	return 0;
}

static int parse_key(struct parser *parser, struct requirement *requirement, struct error *err)
{
	enum token_type type = peek(parser, true);
	const char *text = next(parser);
	autobuf why = BUF_INIT;
	bool negated = type == TOKEN_NOT;

	if (negated) {
		type = peek(parser, true);
		text = next(parser);
	}
	if (type != TOKEN_WORD)
		return unexpected(text, "identifier", err);
	label_check_key(text, &why);
	if (why.len)
		return error_set(
			err, ERROR_SERVER, "<nil>: Invalid value: \"%s\": %s", text, why.ptr);
	requirement->key = xstrdup(text);
	type = peek(parser, true);
	requirement->relation = negated ? RELATION_MISSING : RELATION_EXISTS;
	/* Whether a relation and values follow. */
	return !negated && type != TOKEN_END && type != TOKEN_COMMA;
}

static int parse_relation(struct parser *parser, enum relation *ret, struct error *err)
{
	static const enum relation relations[] = {
		[TOKEN_EQUALS] = RELATION_IN,
		[TOKEN_DIFFERS] = RELATION_NOT_IN,
		[TOKEN_GREATER] = RELATION_GREATER,
		[TOKEN_LESS] = RELATION_LESS,
		[TOKEN_IN] = RELATION_IN,
		[TOKEN_NOT_IN] = RELATION_NOT_IN,
	};
	enum token_type type = peek(parser, false);
	const char *text = next(parser);

	if (type < TOKEN_EQUALS)
		return unexpected(text, "in, notin, =, ==, !=, gt, lt", err);
	*ret = relations[type];
	return type >= TOKEN_IN; /* whether a set follows */
}

static int parse_requirement(
	struct parser *parser, struct requirement *requirement, struct error *err)
{
	int more = parse_key(parser, requirement, err);
	int set;

	if (more <= 0)
		return more;
	set = parse_relation(parser, &requirement->relation, err);
	if (set < 0)
		return -1;
	if (set && parse_set(parser, &requirement->values, err) < 0)
		return -1;
	if (!set && parse_value(parser, &requirement->values, err) < 0)
		return -1;
	strv_sort(&requirement->values);
	return check_requirement(requirement, err);
}

static int parse(struct parser *parser, struct label_selector *selector, struct error *err)
{
	while (peek(parser, true) != TOKEN_END) {
		struct requirement *requirement;
		enum token_type type = peek(parser, true);

		if (type != TOKEN_WORD && type != TOKEN_NOT)
			return unexpected(
				peek_text(parser), "!, identifier, or 'end of string'", err);
		selector->items = xreallocarray(
			selector->items, selector->count + 1, sizeof(*selector->items));
		requirement = &selector->items[selector->count++];
		*requirement = (struct requirement){.values = STRV_INIT};
		if (parse_requirement(parser, requirement, err) < 0)
			return error_wrap(err, "unable to parse requirement");
		if (peek(parser, true) == TOKEN_END)
			break;
		if (peek(parser, true) != TOKEN_COMMA)
			return unexpected(peek_text(parser), "',' or 'end of string'", err);
		next(parser);
		type = peek(parser, true);
		if (type != TOKEN_WORD && type != TOKEN_NOT)
			return unexpected(peek_text(parser), "identifier after ','", err);
	}
	return 0;
}

int label_selector_parse(const char *text, struct label_selector **ret, struct error *err)
{
	CLEANUP(parser_clear) struct parser parser = {.count = 0};
	struct label_selector *selector = xcalloc(1, sizeof(*selector));

	scan(&parser, text);
	if (parse(&parser, selector, err) < 0) {
		label_selector_free(selector);
		return -1;
	}
	*ret = selector;
	return 0;
}

void label_selector_free(struct label_selector *selector)
{
	if (!selector)
		return;
	for (size_t i = 0; i < selector->count; i++) {
		free(selector->items[i].key);
		strv_clear(&selector->items[i].values);
	}
	free(selector->items);
	free(selector);
}

/* ---- matching */

static bool requirement_matches(const struct requirement *requirement, const char *value)
{
	bool inside = value && strv_contains(&requirement->values, value);

	switch (requirement->relation) {
	case RELATION_IN:
		return inside;
	case RELATION_NOT_IN:
		return !inside;
	case RELATION_EXISTS:
		return value != NULL;
	case RELATION_MISSING:
		return !value;
	default:
		break;
	}
	if (!value || !is_integer(value))
		return false;
	if (requirement->relation == RELATION_GREATER)
		return strtoll(value, NULL, 10) > strtoll(requirement->values.items[0], NULL, 10);
	return strtoll(value, NULL, 10) < strtoll(requirement->values.items[0], NULL, 10);
}

bool label_selector_matches(const struct label_selector *selector, struct json_object *labels)
{
	for (size_t i = 0; i < selector->count; i++)
		if (!requirement_matches(
			    &selector->items[i], json_str(labels, selector->items[i].key)))
			return false;
	return true;
}
