/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <errno.h>
#include <math.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/jsonpath.h"
#include "base/jsonpath_internal.h"

struct parser {
	const char *whole; /* for messages */
	const char *at;
	const char *end; /* the text of a filter or union ends before the template does */
};

static int parse_steps(struct parser *parser, struct path_node *action, struct error *err);

static void node_free(struct path_node *node)
{
	if (!node)
		return;
	for (size_t i = 0; i < node->count; i++)
		node_free(node->children[i]);
	free(node->children);
	node_free(node->left);
	node_free(node->right);
	json_free(node->value);
	free(node->key);
	free(node);
}

void jsonpath_free(struct jsonpath *path)
{
	if (!path)
		return;
	for (size_t i = 0; i < path->root.count; i++)
		node_free(path->root.children[i]);
	free(path->root.children);
	free(path->text);
	free(path);
}

void jsonpath_free_pointer(struct jsonpath **slot)
{
	jsonpath_free(*slot);
}

static int fail(const struct parser *parser, const char *what, struct error *err)
{
	return error_set(err, ERROR_USAGE, "error parsing jsonpath %s, %s", parser->whole, what);
}

static struct path_node *append(struct path_node *parent, enum path_type type)
{
	struct path_node *node = xcalloc(1, sizeof(*node));

	node->type = type;
	if ((parent->count & (parent->count - 1)) == 0)
		parent->children = xreallocarray(
			parent->children, parent->count ? parent->count * 2 : 1, sizeof(node));
	parent->children[parent->count++] = node;
	return node;
}

static char peek(const struct parser *parser)
{
	return parser->at < parser->end ? *parser->at : '\0';
}

static bool has_prefix(const struct parser *parser, const char *prefix)
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
static void parse_field(struct parser *parser, struct path_node *action)
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
		append(action, PATH_WILDCARD);
		return;
	}
	node = append(action, PATH_FIELD);
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

static int parse_quote(struct parser *parser, struct path_node *action, struct error *err)
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
		return fail(parser, "unterminated quoted string", err);
	parser->at++;
	append(action, PATH_VALUE)->value = json_new_string_len(text.ptr, text.len);
	return 0;
}

static int parse_number(struct parser *parser, struct path_node *action, struct error *err)
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
		return fail(parser, "cannot parse number", err);
	whole = strtoll(text, &end, 10);
	if (*end == '\0' && errno == 0)
		append(action, PATH_VALUE)->value = json_new_int(whole);
	else
		append(action, PATH_VALUE)->value = json_new_double(number, text);
	return 0;
}

static int parse_identifier(struct parser *parser, struct path_node *action, struct error *err)
{
	const char *begin = parser->at;

	while (!ends_name(peek(parser)))
		parser->at++;

	autofree char *word = xstrndup(begin, (size_t)(parser->at - begin));

	if (streq(word, "true") || streq(word, "false"))
		append(action, PATH_VALUE)->value = json_new_bool(*word == 't');
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
	struct parser *parser, struct path_node *action, const char *text, struct error *err)
{
	size_t len = strlen(text);

	if (len >= 2 && text[0] == '\'' && text[len - 1] == '\'') {
		autobuf key = BUF_INIT;

		for (size_t i = 1; i + 1 < len; i++)
			if (text[i] != '\\')
				buf_addc(&key, text[i]);
		append(action, PATH_FIELD)->key = buf_detach(&key);
		return 0;
	}
	if (parse_slice(streq(text, "*") ? ":" : text, append(action, PATH_SLICE)) == 0)
		return 0;
	return error_set(err, ERROR_USAGE, "error parsing jsonpath %s, invalid array index %s",
		parser->whole, text);
}

/* The length up to the bracket that closes, past quotes; 0 if there is none. */
static size_t bracket_length(const struct parser *parser)
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
	struct parser *parser, struct path_node *action, char *text, struct error *err)
{
	struct path_node *node = append(action, PATH_UNION);

	for (char *part = text; part;) {
		char *comma = strchr(part, ',');
		size_t len;

		if (comma)
			*comma = '\0';
		part += strspn(part, " ");
		for (len = strlen(part); len > 0 && part[len - 1] == ' '; len--)
			part[len - 1] = '\0';
		if (parse_index(parser, append(node, PATH_ACTION), part, err) < 0)
			return -1;
		part = comma ? comma + 1 : NULL;
	}
	return 0;
}

static int parse_brackets(struct parser *parser, struct path_node *action, struct error *err)
{
	size_t len;

	parser->at++;
	len = bracket_length(parser);
	if (len == 0)
		return fail(parser, "unterminated array", err);

	autofree char *text = xstrndup(parser->at, len - 1);

	parser->at += len;
	if (*text != '\'' && strchr(text, ','))
		return parse_union(parser, action, text, err);
	if (*text == '\'' && strstr(text, "','"))
		return parse_union(parser, action, text, err);
	return parse_index(parser, action, text, err);
}

static struct path_node *parse_part(
	struct parser *parser, const char *text, size_t len, struct error *err)
{
	struct parser part = {parser->whole, text, text + len};
	struct path_node *action = xcalloc(1, sizeof(*action));

	action->type = PATH_ACTION;
	if (parse_steps(&part, action, err) < 0 || action->range || action->end) {
		node_free(action);
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
static int parse_condition(struct parser *parser, struct path_node *node, const char *text,
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
			return fail(parser, "unrecognized filter operator", err);
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
static const char *filter_end(const struct parser *parser)
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

static int parse_filter(struct parser *parser, struct path_node *action, struct error *err)
{
	const char *end;
	const char *text;

	parser->at += strlen("[?(");
	text = parser->at;
	end = filter_end(parser);
	if (!end)
		return fail(parser, "unterminated filter", err);
	parser->at = end + 1;
	if (peek(parser) != ']')
		return fail(parser, "unclosed array expect ]", err);
	parser->at++;
	if (parse_condition(parser, append(action, PATH_FILTER), text, (size_t)(end - text), err) <
		0) {
		/* A range inside a filter has no message of its own. */
		if (!err || err->kind != ERROR_USAGE)
			return fail(parser, "unrecognized filter", err);
		return -1;
	}
	return 0;
}

static int parse_recursive(struct parser *parser, struct path_node *action, struct error *err)
{
	if (action->count > 0 && action->children[action->count - 1]->type == PATH_RECURSIVE)
		return fail(parser, "invalid multiple recursive descent", err);
	parser->at += 2;
	append(action, PATH_RECURSIVE);
	if (is_alphanumeric(peek(parser)))
		parse_field(parser, action);
	return 0;
}

static int parse_step(struct parser *parser, struct path_node *action, struct error *err)
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
	return fail(
		parser, c == '\n' ? "unclosed action" : "unrecognized character in action", err);
}

/* Steps up to the end of the text or the brace that closes the action, which is left. */
static int parse_steps(struct parser *parser, struct path_node *action, struct error *err)
{
	while (parser->at < parser->end && *parser->at != '}')
		if (parse_step(parser, action, err) < 0)
			return -1;
	return 0;
}

static int parse_template(struct parser *parser, struct path_node *root, struct error *err)
{
	while (parser->at < parser->end) {
		const char *brace = memchr(parser->at, '{', (size_t)(parser->end - parser->at));
		size_t len = (size_t)((brace ? brace : parser->end) - parser->at);

		if (len > 0)
			append(root, PATH_TEXT)->value = json_new_string_len(parser->at, len);
		parser->at += len;
		if (!brace)
			break;
		parser->at++;
		if (parse_steps(parser, append(root, PATH_ACTION), err) < 0)
			return -1;
		if (peek(parser) != '}')
			return fail(parser, "unclosed action", err);
		parser->at++;
	}
	return 0;
}

#define MAX_RANGES 32

/* Every {end} ends the last range that is open; a range without one ends nowhere. */
static int match_ranges(struct parser *parser, struct path_node *root, struct error *err)
{
	size_t open[MAX_RANGES];
	size_t depth = 0;

	for (size_t i = 0; i < root->count; i++) {
		struct path_node *node = root->children[i];

		node->range_end = i;
		if (node->range) {
			if (depth == MAX_RANGES)
				return fail(parser, "too many ranges in one another", err);
			open[depth++] = i;
		} else if (node->end) {
			if (depth == 0)
				return fail(parser, "not in range, nothing to end", err);
			root->children[open[--depth]]->range_end = i;
		}
	}
	return 0;
}

int jsonpath_compile(const char *text, struct jsonpath **ret, struct error *err)
{
	CLEANUP(jsonpath_free_pointer) struct jsonpath *path = xcalloc(1, sizeof(*path));
	struct parser parser = {text, text, text + strlen(text)};

	if (strlen(text) > JSONPATH_MAX_LEN)
		return error_set(err, ERROR_USAGE, "a jsonpath template longer than %d bytes",
			JSONPATH_MAX_LEN);
	path->text = xstrdup(text);
	if (parse_template(&parser, &path->root, err) < 0 ||
		match_ranges(&parser, &path->root, err) < 0)
		return -1;
	*ret = TAKE(path);
	return 0;
}

int jsonpath_compile_relaxed(const char *text, struct jsonpath **ret, struct error *err)
{
	size_t len = strlen(text);
	bool braces = len > 2 && text[0] == '{' && text[len - 1] == '}';
	autofree char *inner = xstrndup(text + braces, len - 2 * (size_t)braces);
	const char *path = inner + (*inner == '.');

	if (!*path || strpbrk(path, "{}"))
		return error_set(err, ERROR_USAGE,
			"unexpected path string, expected a 'name1.name2' or '.name1.name2' or "
			"'{name1.name2}' or '{.name1.name2}'");

	autofree char *whole = xasprintf("{.%s}", path);

	return jsonpath_compile(whole, ret, err);
}
