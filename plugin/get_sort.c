/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <math.h>

#include "base/alloc.h"
#include "base/json.h"
#include "plugin/get.h"

/* "1500m", "2Gi", "3": a quantity of Kubernetes by value; false for any other text. */
static bool parse_quantity(const char *text, double *ret)
{
	static const struct {
		const char *suffix;
		double factor;
	} suffixes[] = {
		{"", 1},
		{"n", 1e-9},
		{"u", 1e-6},
		{"m", 1e-3},
		{"k", 1e3},
		{"M", 1e6},
		{"G", 1e9},
		{"T", 1e12},
		{"P", 1e15},
		{"E", 1e18},
		{"Ki", 1024.0},
		{"Mi", 1048576.0},
		{"Gi", 1073741824.0},
		{"Ti", 1099511627776.0},
		{"Pi", 1125899906842624.0},
		{"Ei", 1152921504606846976.0},
	};
	size_t sign = *text == '-' || *text == '+';
	size_t len = sign + strspn(text + sign, "0123456789.");
	char *end;

	if (len == sign)
		return false;
	*ret = strtod(text, &end);
	for (size_t i = 0; i < countof(suffixes); i++)
		if (streq(suffixes[i].suffix, end)) {
			*ret *= suffixes[i].factor;
			return isfinite(*ret);
		}
	return false;
}

int get_sort_compare(const char *a, const char *b)
{
	double x;
	double y;

	bool number_a = parse_quantity(a, &x);
	bool number_b = parse_quantity(b, &y);

	if (number_a && number_b)
		return x < y ? -1 : x > y;
	/* Numbers before other texts, or "9" < "10" < "1x" < "9" would be an order without a least. */
	if (number_a != number_b)
		return number_a ? -1 : 1;
	return strcmp(a, b);
}

/* An object without the value comes first. */
static int by_key(const void *left, const void *right)
{
	const struct get_sorted *a = left;
	const struct get_sorted *b = right;
	int order = 0;

	if (a->key && b->key)
		order = get_sort_compare(a->key, b->key);
	else
		order = (a->key != NULL) - (b->key != NULL);
	if (order == 0 && a->target != b->target)
		order = a->target < b->target ? -1 : 1;
	if (order == 0)
		order = a->index < b->index ? -1 : 1;
	return order;
}

int get_sorter_add(struct get_sorter *sorter, const struct get *get,
	const struct get_target *target, const char *json, size_t len, struct error *err)
{
	autojson struct json_object *object = NULL;
	struct json_object *value = NULL;

	if (json_parse(json, len, &object, err) < 0)
		return -1;
	if (!get_name_wanted(target, json_str(object, "metadata", "name")) ||
		!get_state_wanted(get, target->kind, object))
		return 0;
	if (jsonpath_first(get->sort, object, &value, err) < 0)
		return -1;
	if (sorter->len == sorter->cap) {
		sorter->cap = sorter->cap ? sorter->cap * 2 : 64;
		sorter->items = xreallocarray(sorter->items, sorter->cap, sizeof(*sorter->items));
	}
	sorter->items[sorter->len] = (struct get_sorted){
		.json = xstrndup(json, len),
		.len = len,
		.target = target,
		.key = value ? xstrdup(json_text(value)) : NULL,
		.index = sorter->len,
	};
	sorter->len++;
	return 0;
}

int get_sorter_sort(
	struct get_sorter *sorter, const struct get *get, bool complete, struct error *err)
{
	bool found = sorter->len == 0 || !complete;

	for (size_t i = 0; i < sorter->len; i++)
		found |= sorter->items[i].key != NULL;
	if (!found)
		return error_set(err, ERROR_FAILED,
			"couldn't find any field with path \"%s\" in the list of objects",
			get->opts->sort_by);
	if (sorter->len > 0)
		qsort(sorter->items, sorter->len, sizeof(*sorter->items), by_key);
	return 0;
}

void get_sorter_clear(struct get_sorter *sorter)
{
	for (size_t i = 0; i < sorter->len; i++) {
		free(sorter->items[i].json);
		free(sorter->items[i].key);
	}
	free(sorter->items);
	*sorter = (struct get_sorter)GET_SORTER_INIT;
}
