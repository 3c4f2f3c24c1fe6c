/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text to tree in one pass: the strict scanner reads, json-c only holds what was read. Its own
 * parser would have to be guarded by the same scanner first, and costs more than the rest.
 */
#include "base/base.h"

#include <limits.h>

#include <json-c/json.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/scan_internal.h"

/* One text being read. */
struct reader {
	struct scan scan;
	struct buf key; /* the key being added, decoded and terminated */
	struct buf text;
};

static void reader_clear(struct reader *reader)
{
	scan_clear(&reader->scan);
	buf_clear(&reader->key);
	buf_clear(&reader->text);
}

/* Read the value that begins at the next byte; `node` NULL: all of it. */
static int read_value(
	struct reader *reader, const struct projection *node, struct json_object **ret);

static int read_string(struct reader *reader, struct json_object **ret)
{
	struct scan_text text;

	if (scan_string(&reader->scan, &text) < 0)
		return -1;
	if (!text.escaped) {
		*ret = json_new_string_len(text.raw, text.len);
		return 0;
	}
	buf_reset(&reader->text);
	scan_decode(&text, &reader->text);
	*ret = json_new_string_len(reader->text.ptr, reader->text.len);
	return 0;
}

static int read_number(struct reader *reader, struct json_object **ret)
{
	struct scan_number number;
	uint64_t value = 0;
	bool negative;

	if (scan_number(&reader->scan, &number) < 0)
		return -1;
	if (number.is_float) {
		buf_reset(&reader->text);
		buf_add(&reader->text, number.text, number.len);
		*ret = json_new_double(strtod(reader->text.ptr, NULL), reader->text.ptr);
		return 0;
	}
	/* The scanner has seen to the range. */
	negative = *number.text == '-';
	for (size_t i = negative; i < number.len; i++)
		value = value * 10 + (uint64_t)(number.text[i] - '0');
	*ret = negative ? json_new_int((int64_t)(0 - value)) : json_new_uint(value);
	return 0;
}

static int read_literal(struct reader *reader, struct json_object **ret)
{
	char first = *reader->scan.at;

	if (scan_literal(&reader->scan) < 0)
		return -1;
	*ret = first == 'n' ? NULL : json_new_bool(first == 't');
	return 0;
}

/* Add the member whose key the scanner has just pushed. */
static void add_member(struct reader *reader, struct json_object *object, struct json_object *value)
{
	const struct scan_key *key = &reader->scan.keys[reader->scan.keys_len - 1];

	buf_reset(&reader->key);
	buf_add(&reader->key, key->text, key->len);
	/* New for certain, since a key twice fails in the end. */
	if (json_object_object_add_ex(
		    object, reader->key.ptr, value, JSON_C_OBJECT_ADD_KEY_IS_NEW) < 0)
		abort();
}

static int skip_value(struct scan *scan)
{
	if (scan->at < scan->end && (*scan->at == '{' || *scan->at == '['))
		return scan_skip_container(scan);
	return scan_value(scan);
}

static int read_members(
	struct reader *reader, const struct projection *node, struct json_object *object)
{
	struct scan *scan = &reader->scan;
	size_t base = scan->keys_len;
	bool rising = true;
	struct scan_text key;
	int more;

	for (more = scan_member(scan, true, &key); more > 0;
		more = scan_member(scan, false, &key)) {
		const struct projection *member = NULL;
		struct json_object *value = NULL;

		if (node && !projection_member(node, &key, &member)) {
			if (skip_value(scan) < 0)
				return -1;
			continue;
		}
		if (scan_push_key(scan, &key) < 0)
			return -1;
		rising = rising && scan_key_rises(scan, base);
		if (read_value(reader, member, &value) < 0)
			return -1;
		add_member(reader, object, value);
	}
	if (more < 0 || (!rising && scan_refuse_duplicates(scan, base) < 0))
		return -1;
	scan_pop_keys(scan, base);
	return 0;
}

static int read_elements(
	struct reader *reader, const struct projection *node, struct json_object *array)
{
	struct scan *scan = &reader->scan;
	const struct projection *element = NULL;
	bool kept = !node || projection_elements(node, &element);
	int more;

	for (more = scan_element(scan, true); more > 0; more = scan_element(scan, false)) {
		struct json_object *value = NULL;

		if (!kept) {
			if (skip_value(scan) < 0)
				return -1;
			continue;
		}
		if (read_value(reader, element, &value) < 0)
			return -1;
		json_push(array, value);
	}
	return more;
}

static int read_container(
	struct reader *reader, const struct projection *node, struct json_object **ret)
{
	bool is_object = *reader->scan.at == '{';
	autojson struct json_object *value = NULL;
	int result;

	if (scan_enter(&reader->scan) < 0)
		return -1;
	value = is_object ? json_new_object() : json_new_array();
	result = is_object ? read_members(reader, node, value) : read_elements(reader, node, value);
	if (result < 0)
		return -1;
	*ret = TAKE(value);
	return 0;
}

static int read_value(
	struct reader *reader, const struct projection *node, struct json_object **ret)
{
	switch (scan_peek(&reader->scan)) {
	case '{':
	case '[':
		return read_container(reader, node, ret);
	case '"':
		return read_string(reader, ret);
	case 't':
	case 'f':
	case 'n':
		return read_literal(reader, ret);
	default:
		return read_number(reader, ret);
	}
}

int json_project(const struct projection *projection, const char *text, size_t len,
	struct json_object **ret, struct error *err)
{
	CLEANUP(reader_clear) struct reader reader = {.key = BUF_INIT, .text = BUF_INIT};
	autojson struct json_object *value = NULL;

	*ret = NULL;
	/* json-c counts in int. */
	if (len > INT_MAX - 1)
		return error_set(
			err, ERROR_SYNTAX, "a JSON document of %zu bytes is too large", len);
	scan_init(&reader.scan, text, len, err);
	if (read_value(&reader, projection, &value) < 0 || scan_end(&reader.scan) < 0)
		return -1;
	*ret = TAKE(value);
	return 0;
}

int json_parse(const char *text, size_t len, struct json_object **ret, struct error *err)
{
	return json_project(NULL, text, len, ret, err);
}
