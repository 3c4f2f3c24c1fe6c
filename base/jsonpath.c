/* SPDX-License-Identifier: Apache-2.0 */
/* Templates: text, actions in braces, ranges. What is inside an action is base/jsonpath_parse.c's. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/jsonpath.h"
#include "base/jsonpath_internal.h"

void jsonpath_node_free(struct path_node *node)
{
	if (!node)
		return;
	for (size_t i = 0; i < node->count; i++)
		jsonpath_node_free(node->children[i]);
	free(node->children);
	jsonpath_node_free(node->left);
	jsonpath_node_free(node->right);
	json_free(node->value);
	free(node->key);
	free(node);
}

void jsonpath_free(struct jsonpath *path)
{
	if (!path)
		return;
	for (size_t i = 0; i < path->root.count; i++)
		jsonpath_node_free(path->root.children[i]);
	free(path->root.children);
	free(path->text);
	free(path);
}

void jsonpath_free_pointer(struct jsonpath **slot)
{
	jsonpath_free(*slot);
}

static int parse_template(struct path_parser *parser, struct path_node *root, struct error *err)
{
	while (parser->at < parser->end) {
		const char *brace = memchr(parser->at, '{', (size_t)(parser->end - parser->at));
		size_t len = (size_t)((brace ? brace : parser->end) - parser->at);

		if (len > 0)
			jsonpath_append(root, PATH_TEXT)->value =
				json_new_string_len(parser->at, len);
		parser->at += len;
		if (!brace)
			break;
		parser->at++;
		if (jsonpath_parse_steps(parser, jsonpath_append(root, PATH_ACTION), err) < 0)
			return -1;
		if (parser->at == parser->end)
			return jsonpath_fail(parser, "unclosed action", err);
		parser->at++;
	}
	return 0;
}

#define MAX_RANGES 32

/* Every {end} ends the last range that is open; a range without one ends nowhere. */
static int match_ranges(struct path_parser *parser, struct path_node *root, struct error *err)
{
	size_t open[MAX_RANGES];
	size_t depth = 0;

	for (size_t i = 0; i < root->count; i++) {
		struct path_node *node = root->children[i];

		node->range_end = i;
		if (node->range) {
			if (depth == MAX_RANGES)
				return jsonpath_fail(parser, "too many ranges in one another", err);
			open[depth++] = i;
		} else if (node->end) {
			if (depth == 0)
				return jsonpath_fail(parser, "not in range, nothing to end", err);
			root->children[open[--depth]]->range_end = i;
		}
	}
	return 0;
}

int jsonpath_compile(const char *text, struct jsonpath **ret, struct error *err)
{
	CLEANUP(jsonpath_free_pointer) struct jsonpath *path = xcalloc(1, sizeof(*path));
	struct path_parser parser = {text, text, text + strlen(text)};

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
