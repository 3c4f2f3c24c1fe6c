/* SPDX-License-Identifier: Apache-2.0 */
/* What is printed as JSON or YAML reads back as the same value; printing that again changes nothing. */
#include "base/base.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/scan.h"
#include "base/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool equal(struct json_object *a, struct json_object *b);

static bool is_number(struct json_object *value)
{
	return json_kind(value) == JSON_INT || json_kind(value) == JSON_DOUBLE;
}

/* 1.0 is printed as 1, hence as another kind of number. */
static bool equal_numbers(struct json_object *a, struct json_object *b)
{
	double left = strtod(json_text(a), NULL);
	double right = strtod(json_text(b), NULL);

	if (json_kind(a) == JSON_INT && json_kind(b) == JSON_INT)
		return streq(json_text(a), json_text(b));
	return left <= right && left >= right;
}

static bool equal_objects(struct json_object *a, struct json_object *b)
{
	struct json_iter iter = JSON_ITER_INIT;
	struct json_iter other = JSON_ITER_INIT;
	size_t balance = 0;

	while (json_next(a, &iter)) {
		balance++;
		if (!equal(iter.value, json_at(b, iter.key, (char *)NULL)))
			return false;
	}
	while (json_next(b, &other))
		balance--;
	return balance == 0;
}

static bool equal(struct json_object *a, struct json_object *b)
{
	if (is_number(a) && is_number(b))
		return equal_numbers(a, b);
	if (json_kind(a) != json_kind(b))
		return false;
	if (json_kind(a) == JSON_OBJECT)
		return equal_objects(a, b);
	if (json_kind(a) != JSON_ARRAY)
		return streq(json_text(a), json_text(b));
	if (json_len(a) != json_len(b))
		return false;
	for (size_t i = 0; i < json_len(a); i++)
		if (!equal(json_item(a, i), json_item(b, i)))
			return false;
	return true;
}

static void check_json(const char *text, size_t size, struct json_object *object)
{
	autobuf once = BUF_INIT;
	autobuf twice = BUF_INIT;
	autobuf thrice = BUF_INIT;
	autojson struct json_object *again = NULL;

	if (scan_print_json(text, size, 0, NULL, &once, NULL) < 0 ||
		json_parse(once.ptr, once.len, &again, NULL) < 0 || !equal(object, again))
		abort();
	/* A float that is -0 is an integer when it is read again, and is then 0. */
	if (scan_print_json(once.ptr, once.len, 0, NULL, &twice, NULL) < 0 ||
		scan_print_json(twice.ptr, twice.len, 0, NULL, &thrice, NULL) < 0 ||
		!streq(twice.ptr, thrice.ptr))
		abort();
}

/* At least as deep as the text is nested. */
static size_t count_brackets(const char *text, size_t size)
{
	size_t count = 0;

	for (size_t i = 0; i < size; i++)
		count += text[i] == '[' || text[i] == '{';
	return count;
}

static void check_yaml(const char *text, size_t size, struct json_object *object)
{
	autobuf once = BUF_INIT;
	autobuf inner = BUF_INIT;
	autojson struct json_object *again = NULL;
	autojson struct json_object *item = NULL;

	if (scan_print_yaml(text, size, 0, NULL, &once, NULL) < 0 ||
		yaml_parse(once.ptr, once.len, &again, NULL) < 0 || !equal(object, again))
		abort();
	if (count_brackets(text, size) > JSON_MAX_DEPTH - 2)
		return;
	/* As an item of a list, the way that several objects are printed. */
	buf_adds(&inner, "items:\n- ");
	if (scan_print_yaml(text, size, 2, NULL, &inner, NULL) < 0 ||
		yaml_parse(inner.ptr, inner.len, &item, NULL) < 0 ||
		!equal(object, json_item(json_get(item, "items"), 0)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	autojson struct json_object *object = NULL;
	autobuf out = BUF_INIT;

	if (json_parse(text, size, &object, NULL) < 0) {
		if (scan_print_json(text, size, 0, NULL, &out, NULL) == 0 ||
			scan_print_yaml(text, size, 0, NULL, &out, NULL) == 0)
			abort();
		return 0;
	}
	check_json(text, size, object);
	check_yaml(text, size, object);
	return 0;
}
