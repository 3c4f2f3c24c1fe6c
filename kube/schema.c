/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/strv.h"
#include "kube/schema.h"

/* Where in the document we are, for messages. */
struct place {
	const struct place *up;
	const struct schema *schema; /* the struct that has the field */
	const char *key;
};

static void *at(void *target, const struct schema_field *field)
{
	return (char *)target + field->offset;
}

void schema_init(const struct schema *schema, void *target)
{
	for (const struct schema_field *field = schema->fields; field->key; field++) {
		void *slot = at(target, field);

		switch (field->type) {
		case SCHEMA_STRING:
		case SCHEMA_POINTER:
		case SCHEMA_ANY:
			memset(slot, 0, sizeof(void *));
			break;
		case SCHEMA_BOOL:
			*(bool *)slot = false;
			break;
		case SCHEMA_BYTES:
			*(struct buf *)slot = (struct buf)BUF_INIT;
			break;
		case SCHEMA_STRINGS:
		case SCHEMA_STRING_MAP:
			*(struct strv *)slot = (struct strv)STRV_INIT;
			break;
		case SCHEMA_STRINGS_MAP:
			*(struct schema_map *)slot = (struct schema_map){STRV_INIT, false};
			break;
		case SCHEMA_STRUCT:
			schema_init(field->schema, slot);
			break;
		case SCHEMA_LIST:
			*(struct schema_list *)slot = (struct schema_list){NULL, 0};
			break;
		}
	}
}

void *schema_item(const struct schema *schema, const struct schema_list *list, size_t index)
{
	return (char *)list->items + index * schema->size;
}

static void clear_list(const struct schema *schema, struct schema_list *list)
{
	for (size_t i = 0; i < list->len; i++)
		schema_clear(schema, schema_item(schema, list, i));
	free(list->items);
}

static void clear_pointer(const struct schema *schema, void **slot)
{
	if (*slot)
		schema_clear(schema, *slot);
	free(*slot);
}

void schema_clear(const struct schema *schema, void *target)
{
	for (const struct schema_field *field = schema->fields; field->key; field++) {
		void *slot = at(target, field);

		switch (field->type) {
		case SCHEMA_STRING:
			free_pointer(slot);
			break;
		case SCHEMA_POINTER:
			clear_pointer(field->schema, slot);
			break;
		case SCHEMA_ANY:
			json_free(*(struct json_object **)slot);
			break;
		case SCHEMA_BOOL:
			break;
		case SCHEMA_BYTES:
			buf_clear(slot);
			break;
		case SCHEMA_STRINGS:
		case SCHEMA_STRING_MAP:
			strv_clear(slot);
			break;
		case SCHEMA_STRINGS_MAP:
			strv_clear(&((struct schema_map *)slot)->pairs);
			break;
		case SCHEMA_STRUCT:
			schema_clear(field->schema, slot);
			break;
		case SCHEMA_LIST:
			clear_list(field->schema, slot);
			break;
		}
	}
	schema_init(schema, target);
}

/* ---- reading */

static const char *kind_name(struct json_object *value)
{
	switch (json_kind(value)) {
	case JSON_BOOL:
		return "bool";
	case JSON_STRING:
		return "string";
	case JSON_ARRAY:
		return "array";
	case JSON_OBJECT:
		return "object";
	default:
		return "number";
	}
}

static void add_path(struct buf *out, const struct place *place)
{
	if (place->up) {
		add_path(out, place->up);
		buf_addc(out, '.');
	}
	buf_adds(out, place->key);
}

static int mismatch(
	const struct place *place, struct json_object *value, const char *type, struct error *err)
{
	autobuf path = BUF_INIT;

	add_path(&path, place);
	return error_set(err, ERROR_SYNTAX,
		"json: cannot unmarshal %s into Go struct field %s.%s of type %s", kind_name(value),
		place->schema->name, path.ptr, type);
}

static bool is_null(struct json_object *value)
{
	return json_kind(value) == JSON_NULL;
}

/* Text of a value that has to be text; null gives "". NULL with `err` set otherwise. */
static const char *text_of(
	const struct place *place, struct json_object *value, const char *type, struct error *err)
{
	if (is_null(value))
		return "";
	if (json_kind(value) == JSON_STRING)
		return json_text(value);
	mismatch(place, value, type, err);
	return NULL;
}

/* Go also takes a list of numbers for bytes. */
static int read_byte_list(
	const struct place *place, struct json_object *value, struct buf *ret, struct error *err)
{
	for (size_t i = 0; i < json_len(value); i++) {
		struct json_object *item = json_item(value, i);
		long number = strtol(json_text(item), NULL, 10);

		if (is_null(item)) {
			buf_addc(ret, '\0');
			continue;
		}
		if (json_kind(item) != JSON_INT || number < 0 || number > 255)
			return mismatch(place, item, "uint8", err);
		buf_addc(ret, (char)(unsigned char)number);
	}
	return 0;
}

static int read_bytes(
	const struct place *place, struct json_object *value, struct buf *ret, struct error *err)
{
	const char *text;
	size_t bad;

	if (json_kind(value) == JSON_ARRAY)
		return read_byte_list(place, value, ret, err);
	text = text_of(place, value, "[]uint8", err);
	if (!text)
		return -1;
	if (!base64_decode(text, strlen(text), ret, &bad))
		return error_set(err, ERROR_SYNTAX, "illegal base64 data at input byte %zu", bad);
	return 0;
}

static int read_strings(const struct place *place, struct json_object *value, const char *key,
	struct strv *ret, struct error *err)
{
	if (json_kind(value) != JSON_ARRAY)
		return mismatch(place, value, "[]string", err);
	for (size_t i = 0; i < json_len(value); i++) {
		const char *text = text_of(place, json_item(value, i), "string", err);

		if (!text)
			return -1;
		if (key)
			strv_push(ret, key);
		strv_push(ret, text);
	}
	return 0;
}

static int read_string_map(
	const struct place *place, struct json_object *value, struct strv *ret, struct error *err)
{
	struct json_iter iter = JSON_ITER_INIT;

	if (json_kind(value) != JSON_OBJECT)
		return mismatch(place, value, "map[string]string", err);
	while (json_next(value, &iter)) {
		const char *text = text_of(place, iter.value, "string", err);

		if (!text)
			return -1;
		strv_push(ret, iter.key);
		strv_push(ret, text);
	}
	return 0;
}

static int read_strings_map(const struct place *place, struct json_object *value,
	struct schema_map *ret, struct error *err)
{
	struct json_iter iter = JSON_ITER_INIT;

	if (json_kind(value) != JSON_OBJECT)
		return mismatch(place, value, "map[string][]string", err);
	while (json_next(value, &iter)) {
		ret->any = true;
		if (!is_null(iter.value) &&
			read_strings(place, iter.value, iter.key, &ret->pairs, err) < 0)
			return -1;
	}
	return 0;
}

static int read_struct(const struct schema *schema, struct json_object *object,
	const struct place *up, void *target, struct error *err);

/* A value that has to be an object of the field's schema. */
static int read_object(const struct schema_field *field, struct json_object *value,
	const struct place *place, void *target, struct error *err)
{
	autofree char *type = NULL;

	if (is_null(value))
		return 0;
	if (json_kind(value) == JSON_OBJECT)
		return read_struct(field->schema, value, place, target, err);
	type = xasprintf("%s.%s", field->schema->package, field->schema->name);
	return mismatch(place, value, type, err);
}

static int read_pointer(const struct schema_field *field, struct json_object *value,
	const struct place *place, void **slot, struct error *err)
{
	*slot = xcalloc(1, field->schema->size);
	schema_init(field->schema, *slot);
	return read_object(field, value, place, *slot, err);
}

static int read_list(const struct schema_field *field, struct json_object *value,
	const struct place *place, struct schema_list *list, struct error *err)
{
	const struct schema *schema = field->schema;
	size_t len = json_len(value);

	if (json_kind(value) != JSON_ARRAY) {
		autofree char *type = xasprintf("[]%s.%s", schema->package, schema->name);

		return mismatch(place, value, type, err);
	}
	list->items = xcalloc(len ? len : 1, schema->size);
	for (; list->len < len; list->len++)
		schema_init(schema, schema_item(schema, list, list->len));
	for (size_t i = 0; i < len; i++) {
		if (read_object(field, json_item(value, i), place, schema_item(schema, list, i),
			    err) < 0)
			return -1;
	}
	return 0;
}

static int read_string(const struct schema_field *field, struct json_object *value,
	const struct place *place, char **slot, struct error *err)
{
	const char *text = text_of(place, value, field->go_type ? field->go_type : "string", err);

	if (!text)
		return -1;
	*slot = xstrdup(text);
	return 0;
}

static int read_bool(
	const struct place *place, struct json_object *value, bool *slot, struct error *err)
{
	if (json_kind(value) != JSON_BOOL)
		return mismatch(place, value, "bool", err);
	*slot = streq(json_text(value), "true");
	return 0;
}

static int read_field(const struct schema_field *field, struct json_object *value,
	const struct place *place, void *slot, struct error *err)
{
	switch (field->type) {
	case SCHEMA_STRING:
		return read_string(field, value, place, slot, err);
	case SCHEMA_BOOL:
		return read_bool(place, value, slot, err);
	case SCHEMA_BYTES:
		return read_bytes(place, value, slot, err);
	case SCHEMA_STRINGS:
		return read_strings(place, value, NULL, slot, err);
	case SCHEMA_STRING_MAP:
		return read_string_map(place, value, slot, err);
	case SCHEMA_STRINGS_MAP:
		return read_strings_map(place, value, slot, err);
	case SCHEMA_STRUCT:
		return read_object(field, value, place, slot, err);
	case SCHEMA_POINTER:
		return read_pointer(field, value, place, slot, err);
	case SCHEMA_LIST:
		return read_list(field, value, place, slot, err);
	case SCHEMA_ANY:
		*(struct json_object **)slot = json_ref(value);
		return 0;
	}
	return 0;
}

static int read_struct(const struct schema *schema, struct json_object *object,
	const struct place *up, void *target, struct error *err)
{
	for (const struct schema_field *field = schema->fields; field->key; field++) {
		struct place place = {up, schema, field->key};
		struct json_object *value = json_get(object, field->key);

		if (is_null(value))
			continue;
		if (read_field(field, value, &place, at(target, field), err) < 0)
			return -1;
	}
	return 0;
}

int schema_read(
	const struct schema *schema, struct json_object *object, void *target, struct error *err)
{
	if (is_null(object))
		return 0;
	return read_struct(schema, object, NULL, target, err);
}

static int type_text(
	struct json_object *document, const char *key, const char **ret, struct error *err)
{
	struct json_object *value = json_get(document, key);

	*ret = "";
	if (is_null(value))
		return 0;
	if (json_kind(value) != JSON_STRING)
		return error_set(err, ERROR_SYNTAX,
			"couldn't get version/kind; json parse error: json: cannot unmarshal %s "
			"into Go struct field .%s of type string",
			kind_name(value), key);
	*ret = json_text(value);
	return 0;
}

int schema_type_meta(struct json_object *document, const char **api_version, const char **kind,
	struct error *err)
{
	*api_version = *kind = "";
	if (is_null(document))
		return 0;
	if (json_kind(document) != JSON_OBJECT)
		return error_set(err, ERROR_SYNTAX,
			"couldn't get version/kind; json parse error: json: cannot unmarshal %s "
			"into Go value of type struct { APIVersion string "
			"\"json:\\\"apiVersion,omitempty\\\"\"; Kind string "
			"\"json:\\\"kind,omitempty\\\"\" }",
			kind_name(document));
	if (type_text(document, "apiVersion", api_version, err) < 0)
		return -1;
	return type_text(document, "kind", kind, err);
}
