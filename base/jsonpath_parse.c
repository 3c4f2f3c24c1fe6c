/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <errno.h>
#include <math.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/jsonpath.h"
#include "base/jsonpath_internal.h"

int jsonpath_fail(const struct path_parser *parser, const char *what, struct error *err)
{
	return error_set(err, ERROR_USAGE, "error parsing jsonpath %s, %s", parser->whole, what);
}

struct path_node *jsonpath_append(struct path_node *parent, enum path_type type)
{
	struct path_node *node = xcalloc(1, sizeof(*node));

	node->type = type;
	if ((parent->count & (parent->count - 1)) == 0)
		parent->children = xreallocarray(
			parent->children, parent->count ? parent->count * 2 : 1, sizeof(node));
	parent->children[parent->count++] = node;
	return node;
}

static char peek(const struct path_parser *parser)
{
	return parser->at < parser->end ? *parser->at : '\0';
}

static bool has_prefix(const struct path_parser *parser, const char *prefix)
{
	size_t len = strlen(prefix);

	return (size_t)(parser->end - parser->at) >= len && memcmp(parser->at, prefix, len) == 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alphanumeric(char c)
{
	return c == '_' || is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       ((unsigned char)c & 0x80);
}

/* What may follow a field's name. */
static bool ends_name(char c)
{
	return c == '\0' || strchr(" \t\r\n.,[]$@{}", c);
}

/* A field's name with its backslashes taken away; "*" is every field. */
static void parse_field(struct path_parser *parser, struct path_node *action)
{
	autobuf name = BUF_INIT;
	struct path_node *node;
	bool escaped = false;

	while (!ends_name(peek(parser))) {
		if (peek(parser) == '\\') {
			escaped = true;
			parser->at++;
			if (parser->at == parser->end)
				break;
		}
		buf_addc(&name, *parser->at++);
	}
	if (streq(name.ptr, "*") && !escaped) {
		jsonpath_append(action, PATH_WILDCARD);
		return;
	}
	node = jsonpath_append(action, PATH_FIELD);
	node->key = buf_detach(&name);
}

/* One escape of a quoted text; kubectl knows Go's. */
static char unescape(char c)
{
	static const char from[] = "abfnrtv";
	static const char to[] = "\a\b\f\n\r\t\v";
	const char *found = c ? strchr(from, c) : NULL;

	return found ? to[found - from] : c;
}

static int parse_quote(struct path_parser *parser, struct path_node *action, struct error *err)
{
	autobuf text = BUF_INIT;
	char quote = *parser->at++;

	while (parser->at < parser->end && *parser->at != quote && *parser->at != '\n') {
		if (*parser->at == '\\' && parser->at + 1 < parser->end) {
			parser->at++;
			buf_addc(&text, unescape(*parser->at++));
			continue;
		}
		buf_addc(&text, *parser->at++);
	}
	if (peek(parser) != quote)
		return jsonpath_fail(parser, "unterminated quoted string", err);
	parser->at++;
	jsonpath_append(action, PATH_VALUE)->value = json_new_string_len(text.ptr, text.len);
	return 0;
}

static int parse_number(struct path_parser *parser, struct path_node *action, struct error *err)
{
	const char *begin = parser->at;
	double number;
	long long whole;
	char *end;

	while (peek(parser) == '+' || peek(parser) == '-' || peek(parser) == '.' ||
		is_alphanumeric(peek(parser)))
		parser->at++;

	autofree char *text = xstrndup(begin, (size_t)(parser->at - begin));

	errno = 0;
	number = strtod(text, &end);
	if (*end || end == text || errno == ERANGE || !isfinite(number))
		return jsonpath_fail(parser, "cannot parse number", err);
	whole = strtoll(text, &end, 10);
	if (*end == '\0' && errno == 0)
		jsonpath_append(action, PATH_VALUE)->value = json_new_int(whole);
	else
		jsonpath_append(action, PATH_VALUE)->value = json_new_double(number, text);
	return 0;
}

static int parse_identifier(struct path_parser *parser, struct path_node *action, struct error *err)
{
	const char *begin = parser->at;

	while (!ends_name(peek(parser)))
		parser->at++;

	autofree char *word = xstrndup(begin, (size_t)(parser->at - begin));

	if (streq(word, "true") || streq(word, "false"))
		jsonpath_append(action, PATH_VALUE)->value = json_new_bool(*word == 't');
	else if (streq(word, "range"))
		action->range = true;
	else if (streq(word, "end"))
		action->end = true;
	else
		return error_set(err, ERROR_USAGE,
			"error parsing jsonpath %s, unrecognized identifier %s", parser->whole,
			word);
	return 0;
}

/* "-12" at `*at`, which moves behind it; false if there is no number. */
static bool take_bound(const char **at, struct path_bound *bound)
{
	char *end;

	if (**at != '-' && !is_digit(**at))
		return false;
	errno = 0;
	bound->value = strtol(*at, &end, 10);
	if (end == *at || errno == ERANGE || bound->value > INT32_MAX || bound->value < -INT32_MAX)
		return false;
	bound->known = true;
	*at = end;
	return true;
}

/* "n", "a:b", "a:b:step", each part of which may be absent. */
static int parse_slice(const char *text, struct path_node *node)
{
	const char *at = text;
	size_t parts = 1;

	take_bound(&at, &node->bounds[0]);
	while (*at == ':' && parts < 3) {
		at++;
		take_bound(&at, &node->bounds[parts++]);
	}
	if (*at || !*text)
		return -1;
	if (parts == 1) {
		node->bounds[1].known = true;
		node->bounds[1].derived = true;
		node->bounds[1].value = node->bounds[0].value + 1;
	}
	return 0;
}

/* The content of one pair of brackets, or of one part of a union. */
static int parse_index(
	struct path_parser *parser, struct path_node *action, const char *text, struct error *err)
{
	size_t len = strlen(text);

	if (len >= 2 && text[0] == '\'' && text[len - 1] == '\'') {
		autobuf key = BUF_INIT;

		for (size_t i = 1; i + 1 < len; i++)
			if (text[i] != '\\')
				buf_addc(&key, text[i]);
		jsonpath_append(action, PATH_FIELD)->key = buf_detach(&key);
		return 0;
	}
	if (parse_slice(streq(text, "*") ? ":" : text, jsonpath_append(action, PATH_SLICE)) == 0)
		return 0;
	return error_set(err, ERROR_USAGE, "error parsing jsonpath %s, invalid array index %s",
		parser->whole, text);
}

/* The length up to the bracket that closes, past quotes; 0 if there is none. */
static size_t bracket_length(const struct path_parser *parser)
{
	bool quoted = false;

	for (const char *at = parser->at; at < parser->end; at++) {
		if (*at == '\'')
			quoted = !quoted;
		else if (*at == ']' && !quoted)
			return (size_t)(at - parser->at) + 1;
	}
	return 0;
}

static int parse_union(
	struct path_parser *parser, struct path_node *action, char *text, struct error *err)
{
	struct path_node *node = jsonpath_append(action, PATH_UNION);

	for (char *part = text; part;) {
		char *comma = strchr(part, ',');
		size_t len;

		if (comma)
			*comma = '\0';
		part += strspn(part, " ");
		for (len = strlen(part); len > 0 && part[len - 1] == ' '; len--)
			part[len - 1] = '\0';
		if (parse_index(parser, jsonpath_append(node, PATH_ACTION), part, err) < 0)
			return -1;
		part = comma ? comma + 1 : NULL;
	}
	return 0;
}

static int parse_brackets(struct path_parser *parser, struct path_node *action, struct error *err)
{
	size_t len;

	parser->at++;
	len = bracket_length(parser);
	if (len == 0)
		return jsonpath_fail(parser, "unterminated array", err);

	autofree char *text = xstrndup(parser->at, len - 1);

	parser->at += len;
	if (*text != '\'' && strchr(text, ','))
		return parse_union(parser, action, text, err);
	if (*text == '\'' && strstr(text, "','"))
		return parse_union(parser, action, text, err);
	return parse_index(parser, action, text, err);
}

static struct path_node *parse_part(
	struct path_parser *parser, const char *text, size_t len, struct error *err)
{
	struct path_parser part = {parser->whole, text, text + len};
	struct path_node *action = xcalloc(1, sizeof(*action));

	action->type = PATH_ACTION;
	if (jsonpath_parse_steps(&part, action, err) < 0 || action->range || action->end) {
		jsonpath_node_free(action);
		return NULL;
	}
	return action;
}

static bool parse_operator(const char *text, size_t len, enum path_operator *ret)
{
	static const struct {
		const char *text;
		enum path_operator operator;
	} operators[] = {
		{"==", PATH_EQUAL},
		{"!=", PATH_NOT_EQUAL},
		{"<", PATH_LESS},
		{"<=", PATH_LESS_EQUAL},
		{">", PATH_GREATER},
		{">=", PATH_GREATER_EQUAL},
	};

	for (size_t i = 0; i < countof(operators); i++)
		if (strlen(operators[i].text) == len && memcmp(operators[i].text, text, len) == 0) {
			*ret = operators[i].operator;
			return true;
		}
	return false;
}

/* "@.type=="Ready"", "@.suspend": left, and if there is an operator, right. */
static int parse_condition(struct path_parser *parser, struct path_node *node, const char *text,
	size_t len, struct error *err)
{
	size_t left = 0;
	size_t width = 0;

	while (left < len && !strchr("!<>=", text[left]))
		left++;
	while (left + width < len && strchr("!<>=", text[left + width]))
		width++;
	if (left > 0 && width > 0 && left + width < len) {
		if (!parse_operator(text + left, width, &node->operator))
			return jsonpath_fail(parser, "unrecognized filter operator", err);
		node->right = parse_part(parser, text + left + width, len - left - width, err);
		if (!node->right)
			return -1;
	} else {
		left = len;
	}
	node->left = parse_part(parser, text, left, err);
	return node->left ? 0 : -1;
}

/* The first closing parenthesis that is not inside the one quoted text that may be there. */
static const char *filter_end(const struct path_parser *parser)
{
	char quote = '\0';
	bool closed = false;

	for (const char *at = parser->at; at < parser->end && *at != '\n'; at++) {
		if ((*at == '"' || *at == '\'') && !quote)
			quote = *at;
		else if (*at == quote && quote && at[-1] != '\\')
			closed = true;
		else if (*at == ')' && (!quote || closed))
			return at;
	}
	return NULL;
}

static int parse_filter(struct path_parser *parser, struct path_node *action, struct error *err)
{
	const char *end;
	const char *text;

	parser->at += strlen("[?(");
	text = parser->at;
	end = filter_end(parser);
	if (!end)
		return jsonpath_fail(parser, "unterminated filter", err);
	parser->at = end + 1;
	if (peek(parser) != ']')
		return jsonpath_fail(parser, "unclosed array expect ]", err);
	parser->at++;
	if (parse_condition(parser, jsonpath_append(action, PATH_FILTER), text,
		    (size_t)(end - text), err) < 0) {
		/* A range inside a filter has no message of its own. */
		if (!err || err->kind != ERROR_USAGE)
			return jsonpath_fail(parser, "unrecognized filter", err);
		return -1;
	}
	return 0;
}

static int parse_recursive(struct path_parser *parser, struct path_node *action, struct error *err)
{
	if (action->count > 0 && action->children[action->count - 1]->type == PATH_RECURSIVE)
		return jsonpath_fail(parser, "invalid multiple recursive descent", err);
	parser->at += 2;
	jsonpath_append(action, PATH_RECURSIVE);
	if (is_alphanumeric(peek(parser)))
		parse_field(parser, action);
	return 0;
}

static int parse_step(struct path_parser *parser, struct path_node *action, struct error *err)
{
	char c = peek(parser);

	if (has_prefix(parser, "[?("))
		return parse_filter(parser, action, err);
	if (has_prefix(parser, ".."))
		return parse_recursive(parser, action, err);
	if (c == ' ' || c == '@' || c == '$') {
		parser->at++;
		return 0;
	}
	if (c == '[')
		return parse_brackets(parser, action, err);
	if (c == '"' || c == '\'')
		return parse_quote(parser, action, err);
	if (c == '.') {
		parser->at++;
		parse_field(parser, action);
		return 0;
	}
	if (c == '+' || c == '-' || is_digit(c))
		return parse_number(parser, action, err);
	if (is_alphanumeric(c))
		return parse_identifier(parser, action, err);
	return jsonpath_fail(
		parser, c == '\n' ? "unclosed action" : "unrecognized character in action", err);
}

/* Steps up to the end of the text or the brace that closes the action, which is left. */
int jsonpath_parse_steps(struct path_parser *parser, struct path_node *action, struct error *err)
{
	while (parser->at < parser->end && *parser->at != '}')
		if (parse_step(parser, action, err) < 0)
			return -1;
	return 0;
}
