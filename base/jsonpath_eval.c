/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/jsonpath.h"
#include "base/jsonpath_internal.h"
#include "base/jsonpath_print.h"

/* Values borrowed from the tree or the template; NULL is JSON's null. */
struct values {
	struct json_object **items;
	size_t len, cap;
};

static int eval_steps(
	const struct path_node *action, size_t from, struct values *values, struct error *err);

static void values_clear(struct values *values)
{
	free(values->items);
	*values = (struct values){.len = 0};
}

#define autovalues CLEANUP(values_clear) struct values

static int push(struct values *values, struct json_object *value, struct error *err)
{
	if (values->len == JSONPATH_MAX_VALUES)
		return error_set(err, ERROR_FAILED, "more than %d values", JSONPATH_MAX_VALUES);
	if (values->len == values->cap) {
		values->cap = values->cap ? values->cap * 2 : 8;
		values->items = xreallocarray(values->items, values->cap, sizeof(*values->items));
	}
	values->items[values->len++] = value;
	return 0;
}

static int eval_field(const struct path_node *node, struct json_object *value, struct values *out,
	struct error *err)
{
	struct json_iter iter = JSON_ITER_INIT;

	if (json_kind(value) != JSON_OBJECT)
		return 0;
	while (json_next(value, &iter))
		if (streq(iter.key, node->key))
			return push(out, iter.value, err);
	return 0;
}

static int eval_wildcard(struct json_object *value, struct values *out, struct error *err)
{
	struct json_iter iter = JSON_ITER_INIT;

	if (json_kind(value) == JSON_ARRAY) {
		for (size_t i = 0; i < json_len(value); i++)
			if (push(out, json_item(value, i), err) < 0)
				return -1;
	} else if (json_kind(value) == JSON_OBJECT) {
		while (json_next(value, &iter))
			if (push(out, iter.value, err) < 0)
				return -1;
	}
	return 0;
}

/* The value and all below it that holds values in turn; depth is bounded by the parser of JSON. */
static int eval_recursive(struct json_object *value, struct values *out, struct error *err)
{
	autovalues below = {.len = 0};

	if (eval_wildcard(value, &below, err) < 0)
		return -1;
	if (below.len == 0)
		return 0;
	if (push(out, value, err) < 0)
		return -1;
	for (size_t i = 0; i < below.len; i++)
		if (eval_recursive(below.items[i], out, err) < 0)
			return -1;
	return 0;
}

static int out_of_bounds(long index, long len, struct error *err)
{
	return error_set(
		err, ERROR_FAILED, "array index out of bounds: index %ld, length %ld", index, len);
}

static int eval_slice(const struct path_node *node, struct json_object *value, struct values *out,
	struct error *err)
{
	const struct path_bound *bounds = node->bounds;
	long len = (long)json_len(value);
	long from = bounds[0].known ? bounds[0].value : 0;
	long to = bounds[1].known ? bounds[1].value : len;
	long step = bounds[2].known ? bounds[2].value : 1;

	if (!value)
		return 0;
	if (json_kind(value) != JSON_ARRAY)
		return error_set(err, ERROR_FAILED, "%s is not array or slice",
			json_kind(value) == JSON_OBJECT ? "an object" : json_text(value));
	if (from < 0)
		from += len;
	if (to < 0 || (to == 0 && bounds[1].derived))
		to += len;
	if (from == to)
		return 0;
	if (from >= len || from < 0)
		return out_of_bounds(from, len, err);
	if (to > len || to < 0)
		return out_of_bounds(to - 1, len, err);
	if (from > to)
		return error_set(err, ERROR_FAILED,
			"starting index %ld is greater than ending index %ld", from, to);
	if (step <= 0)
		return error_set(err, ERROR_FAILED, "step must be > 0");
	for (long i = from; i < to; i += step)
		if (push(out, json_item(value, (size_t)i), err) < 0)
			return -1;
	return 0;
}

static int compare_numbers(struct json_object *left, struct json_object *right)
{
	const char *x = json_text(left);
	const char *y = json_text(right);

	if (json_kind(left) == JSON_INT) {
		long long a = strtoll(x, NULL, 10);
		long long b = strtoll(y, NULL, 10);

		return a < b ? -1 : a > b;
	}

	double a = strtod(x, NULL);
	double b = strtod(y, NULL);

	return a < b ? -1 : a > b;
}

/* Order of two values of one kind; false where Go's templates cannot compare either. */
static bool compare(struct json_object *left, struct json_object *right, int *ret)
{
	enum json_kind kind = json_kind(left);

	if (kind != json_kind(right))
		return false;
	if (kind == JSON_STRING)
		*ret = strcmp(json_text(left), json_text(right));
	else if (kind == JSON_INT || kind == JSON_DOUBLE)
		*ret = compare_numbers(left, right);
	else if (kind == JSON_BOOL)
		*ret = strcmp(json_text(left), json_text(right));
	else
		return false;
	return true;
}

static bool holds(enum path_operator operator, int order)
{
	switch (operator) {
	case PATH_EQUAL:
		return order == 0;
	case PATH_NOT_EQUAL:
		return order != 0;
	case PATH_LESS:
		return order < 0;
	case PATH_LESS_EQUAL:
		return order <= 0;
	case PATH_GREATER:
		return order > 0;
	case PATH_GREATER_EQUAL:
		return order >= 0;
	case PATH_EXISTS:
		break;
	}
	return true;
}

static int passes(
	const struct path_node *node, struct json_object *item, bool *ret, struct error *err)
{
	autovalues left = {.len = 0};
	autovalues right = {.len = 0};
	int order = 0;

	*ret = false;
	if (push(&left, item, err) < 0 || eval_steps(node->left, 0, &left, err) < 0)
		return -1;
	if (node->operator== PATH_EXISTS) {
		*ret = left.len > 0;
		return 0;
	}
	if (push(&right, item, err) < 0 || eval_steps(node->right, 0, &right, err) < 0)
		return -1;
	if (left.len == 0 || right.len == 0)
		return 0;
	if (left.len > 1 || right.len > 1)
		return error_set(err, ERROR_FAILED, "can only compare one element at a time");
	if (!compare(left.items[0], right.items[0], &order))
		return error_set(err, ERROR_FAILED, "incompatible types for comparison");
	*ret = holds(node->operator, order);
	return 0;
}

static int eval_filter(const struct path_node *node, struct json_object *value, struct values *out,
	struct error *err)
{
	if (json_kind(value) != JSON_ARRAY)
		return error_set(err, ERROR_FAILED,
			"%s is not array or slice and cannot be filtered",
			json_kind(value) == JSON_OBJECT ? "an object" : json_text(value));
	for (size_t i = 0; i < json_len(value); i++) {
		struct json_object *item = json_item(value, i);
		bool pass;

		if (passes(node, item, &pass, err) < 0)
			return -1;
		if (pass && push(out, item, err) < 0)
			return -1;
	}
	return 0;
}

/* The steps of every part see the same input. */
static int eval_union(const struct path_node *node, const struct values *input, struct values *out,
	struct error *err)
{
	for (size_t i = 0; i < node->count; i++) {
		autovalues part = {.len = 0};

		for (size_t j = 0; j < input->len; j++)
			if (push(&part, input->items[j], err) < 0)
				return -1;
		if (eval_steps(node->children[i], 0, &part, err) < 0)
			return -1;
		for (size_t j = 0; j < part.len; j++)
			if (push(out, part.items[j], err) < 0)
				return -1;
	}
	return 0;
}

static int eval_each(const struct path_node *node, struct json_object *value, struct values *out,
	struct error *err)
{
	switch (node->type) {
	case PATH_FIELD:
		return eval_field(node, value, out, err);
	case PATH_SLICE:
		return eval_slice(node, value, out, err);
	case PATH_WILDCARD:
		return eval_wildcard(value, out, err);
	case PATH_RECURSIVE:
		return eval_recursive(value, out, err);
	case PATH_FILTER:
		return eval_filter(node, value, out, err);
	case PATH_TEXT:
	case PATH_ACTION:
	case PATH_VALUE:
	case PATH_UNION:
		break;
	}
	return 0;
}

/* One step from all of `values` to what it leads to. */
static int eval_step(const struct path_node *node, struct values *values, struct error *err)
{
	autovalues out = {.len = 0};

	if (node->type == PATH_VALUE) {
		if (push(&out, node->value, err) < 0)
			return -1;
	} else if (node->type == PATH_UNION) {
		if (eval_union(node, values, &out, err) < 0)
			return -1;
	} else {
		for (size_t i = 0; i < values->len; i++)
			if (eval_each(node, values->items[i], &out, err) < 0)
				return -1;
	}
	values_clear(values);
	*values = out;
	out = (struct values){.len = 0};
	return 0;
}

static int eval_steps(
	const struct path_node *action, size_t from, struct values *values, struct error *err)
{
	for (size_t i = from; i < action->count; i++)
		if (eval_step(action->children[i], values, err) < 0)
			return -1;
	return 0;
}

static void print_values(const struct values *values, bool *any, struct buf *out)
{
	for (size_t i = 0; i < values->len; i++) {
		if (*any)
			buf_addc(out, ' ');
		jsonpath_print_value(out, values->items[i]);
		*any = true;
	}
}

/* The nodes from `from` up to `to`, with `object` as the current one. */
static int run(const struct path_node *root, size_t from, size_t to, struct json_object *object,
	struct buf *out, struct error *err)
{
	for (size_t i = from; i < to; i++) {
		const struct path_node *node = root->children[i];
		autovalues values = {.len = 0};
		bool any = false;

		if (node->type == PATH_TEXT) {
			buf_adds(out, json_text(node->value));
			continue;
		}
		if (push(&values, object, err) < 0 || eval_steps(node, 0, &values, err) < 0)
			return -1;
		if (node->end)
			continue;
		if (!node->range) {
			print_values(&values, &any, out);
			continue;
		}
		for (size_t j = 0; j < values.len; j++)
			if (run(root, i + 1, node->range_end > i ? node->range_end : to,
				    values.items[j], out, err) < 0)
				return -1;
		i = node->range_end;
	}
	return 0;
}

static int explain(const struct jsonpath *path, struct error *err)
{
	return error_wrap(err, "error executing jsonpath \"%s\"", path->text);
}

int jsonpath_print(
	const struct jsonpath *path, struct json_object *object, struct buf *out, struct error *err)
{
	if (run(&path->root, 0, path->root.count, object, out, err) < 0)
		return explain(path, err);
	return 0;
}

int jsonpath_first(const struct jsonpath *path, struct json_object *object,
	struct json_object **ret, struct error *err)
{
	autovalues values = {.len = 0};

	*ret = NULL;
	for (size_t i = 0; i < path->root.count; i++) {
		if (path->root.children[i]->type != PATH_ACTION)
			continue;
		if (push(&values, object, err) < 0 ||
			eval_steps(path->root.children[i], 0, &values, err) < 0)
			return explain(path, err);
		*ret = values.len > 0 ? values.items[0] : NULL;
		return 0;
	}
	return 0;
}

/* ---- one item of a list after another */

/* Begins with .items[*]? */
static bool is_items(const struct path_node *action)
{
	const struct path_node *slice;

	if (action->type != PATH_ACTION || action->count < 2)
		return false;
	slice = action->children[1];
	return action->children[0]->type == PATH_FIELD &&
	       streq(action->children[0]->key, "items") && slice->type == PATH_SLICE &&
	       !slice->bounds[0].known && !slice->bounds[1].known && !slice->bounds[2].known;
}

/* A quoted text stands for itself in each item, but was meant once. */
static bool has_value(const struct path_node *action)
{
	for (size_t i = 0; i < action->count; i++)
		if (action->children[i]->type == PATH_VALUE)
			return true;
	return false;
}

/* The index of the action that looks at the items, or the count of nodes. */
static size_t items_action(const struct path_node *root)
{
	return root->count > 0 && root->children[0]->type == PATH_TEXT ? 1 : 0;
}

bool jsonpath_streams(const struct jsonpath *path, const char **before, const char **after)
{
	const struct path_node *root = &path->root;
	size_t first = items_action(root);
	size_t next;

	*before = first > 0 ? json_text(root->children[0]->value) : "";
	*after = "";
	if (first >= root->count || !is_items(root->children[first]) ||
		has_value(root->children[first]))
		return false;
	next = first + 1;
	if (root->children[first]->range) {
		if (root->children[first]->range_end <= first)
			return false;
		next = root->children[first]->range_end + 1;
	}
	if (next < root->count && root->children[next]->type == PATH_TEXT)
		*after = json_text(root->children[next++]->value);
	return next == root->count;
}

int jsonpath_print_item(const struct jsonpath *path, struct json_object *item, bool *any,
	struct buf *out, struct error *err)
{
	const struct path_node *root = &path->root;
	size_t first = items_action(root);
	const struct path_node *node = root->children[first];
	autovalues values = {.len = 0};

	if (push(&values, item, err) < 0 || eval_steps(node, 2, &values, err) < 0)
		return explain(path, err);
	if (!node->range) {
		print_values(&values, any, out);
		return 0;
	}
	for (size_t i = 0; i < values.len; i++)
		if (run(root, first + 1, node->range_end, values.items[i], out, err) < 0)
			return explain(path, err);
	return 0;
}
