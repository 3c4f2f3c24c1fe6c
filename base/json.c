/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <limits.h>

#include <json-c/json.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/scan_internal.h"

#define WRITE_FLAGS (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

void json_free(struct json_object *object)
{
	json_object_put(object);
}

void json_free_pointer(struct json_object **slot)
{
	json_free(*slot);
}

/* What json-c could not allocate; null is never asked for through this. */
static struct json_object *or_abort(struct json_object *object)
{
	if (!object)
		abort();
	return object;
}

/* ---- reading */

static struct json_object *walk(struct json_object *object, va_list keys)
{
	const char *key;

	while ((key = va_arg(keys, const char *))) {
		if (!json_object_is_type(object, json_type_object))
			return NULL;
		if (!json_object_object_get_ex(object, key, &object))
			return NULL;
	}
	return object;
}

struct json_object *json_at(struct json_object *object, ...)
{
	va_list keys;

	va_start(keys, object);
	object = walk(object, keys);
	va_end(keys);
	return object;
}

const char *json_str_at(struct json_object *object, ...)
{
	va_list keys;

	va_start(keys, object);
	object = walk(object, keys);
	va_end(keys);
	if (!json_object_is_type(object, json_type_string))
		return NULL;
	return json_object_get_string(object);
}

int64_t json_int_at(struct json_object *object, int64_t fallback, ...)
{
	va_list keys;

	va_start(keys, fallback);
	object = walk(object, keys);
	va_end(keys);
	if (!json_object_is_type(object, json_type_int))
		return fallback;
	/* json-c would clamp what only uint64 can hold. */
	if (json_object_get_uint64(object) > INT64_MAX)
		return fallback;
	return json_object_get_int64(object);
}

bool json_bool_at(struct json_object *object, ...)
{
	va_list keys;

	va_start(keys, object);
	object = walk(object, keys);
	va_end(keys);
	return json_object_is_type(object, json_type_boolean) && json_object_get_boolean(object);
}

enum json_kind json_kind(struct json_object *value)
{
	static const enum json_kind kinds[] = {
		[json_type_null] = JSON_NULL,
		[json_type_boolean] = JSON_BOOL,
		[json_type_double] = JSON_DOUBLE,
		[json_type_int] = JSON_INT,
		[json_type_object] = JSON_OBJECT,
		[json_type_array] = JSON_ARRAY,
		[json_type_string] = JSON_STRING,
	};

	return kinds[json_object_get_type(value)];
}

const char *json_text(struct json_object *value)
{
	if (!value)
		return "";
	if (json_object_is_type(value, json_type_string))
		return json_object_get_string(value);
	return json_object_to_json_string_ext(value, WRITE_FLAGS);
}

double json_double(struct json_object *value)
{
	return json_object_get_double(value);
}

size_t json_string_len(struct json_object *value)
{
	return (size_t)json_object_get_string_len(value);
}

size_t json_len(struct json_object *array)
{
	return json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;
}

struct json_object *json_item(struct json_object *array, size_t index)
{
	return index < json_len(array) ? json_object_array_get_idx(array, index) : NULL;
}

bool json_next(struct json_object *object, struct json_iter *iter)
{
	struct lh_entry *entry = iter->next;

	if (!iter->started) {
		iter->started = true;
		if (!json_object_is_type(object, json_type_object))
			return false;
		entry = lh_table_head(json_object_get_object(object));
	}
	if (!entry)
		return false;
	iter->key = lh_entry_k(entry);
	iter->value = lh_entry_v(entry);
	iter->next = lh_entry_next(entry);
	return true;
}

/* ---- building */

struct json_object *json_new_object(void)
{
	return or_abort(json_object_new_object());
}

struct json_object *json_new_array(void)
{
	return or_abort(json_object_new_array());
}

struct json_object *json_new_string(const char *text)
{
	return text ? json_new_string_len(text, strlen(text)) : NULL;
}

struct json_object *json_new_string_len(const char *text, size_t len)
{
	if (len > INT_MAX - 1)
		abort();
	return or_abort(json_object_new_string_len(text, (int)len));
}

struct json_object *json_new_int(int64_t value)
{
	return or_abort(json_object_new_int64(value));
}

struct json_object *json_new_uint(uint64_t value)
{
	if (value <= INT64_MAX)
		return json_new_int((int64_t)value);
	return or_abort(json_object_new_uint64(value));
}

struct json_object *json_new_double(double value, const char *source)
{
	if (!source)
		return or_abort(json_object_new_double(value));
	return or_abort(json_object_new_double_s(value, source));
}

struct json_object *json_new_bool(bool value)
{
	return or_abort(json_object_new_boolean(value));
}

struct json_object *json_ref(struct json_object *value)
{
	return json_object_get(value);
}

void json_set(struct json_object *object, const char *key, struct json_object *value)
{
	if (json_object_object_add(object, key, value) < 0)
		abort();
}

void json_set_str(struct json_object *object, const char *key, const char *text)
{
	json_set(object, key, json_new_string(text));
}

void json_push(struct json_object *array, struct json_object *value)
{
	if (json_object_array_add(array, value) < 0)
		abort();
}

void json_delete(struct json_object *object, const char *key)
{
	json_object_object_del(object, key);
}

void json_write(struct buf *out, struct json_object *value)
{
	size_t len;
	const char *text = json_object_to_json_string_length(value, WRITE_FLAGS, &len);

	if (!text)
		abort();
	buf_add(out, text, len);
}

const char *json_library_version(void)
{
	return json_c_version();
}

struct json_object *json_copy(struct json_object *value)
{
	struct json_object *result = NULL;

	if (value && json_object_deep_copy(value, &result, NULL) < 0)
		abort();
	return result;
}

unsigned json_height(struct json_object *value)
{
	struct json_iter iter = JSON_ITER_INIT;
	unsigned most = 0;
	unsigned below;

	if (json_kind(value) != JSON_OBJECT && json_kind(value) != JSON_ARRAY)
		return 0;
	while (json_next(value, &iter)) {
		below = json_height(iter.value);
		most = below > most ? below : most;
	}
	for (size_t i = 0; i < json_len(value); i++) {
		below = json_height(json_item(value, i));
		most = below > most ? below : most;
	}
	return most + 1;
}

struct json_object *json_new_string_of_bytes(const char *data, size_t len)
{
	autobuf text = BUF_INIT;
	const char *end = data + len;

	while (data < end) {
		size_t sequence = scan_utf8(data, end);

		if (sequence)
			buf_add(&text, data, sequence);
		else
			scan_add_utf8(&text, 0xfffd);
		data += sequence ? sequence : 1;
	}
	return json_new_string_len(text.ptr, text.len);
}
