/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <limits.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/number.h"
#include "base/scan_internal.h"
#include "base/yaml_internal.h"

#define TAG_PREFIX "tag:yaml.org,2002:"
/* They are searched one by one. */
#define MAX_ANCHORS 1000
#define NO_ANCHOR MAX_ANCHORS

void yaml_reader_clear(struct yaml_reader *reader)
{
	for (size_t i = 0; i < reader->anchors_len; i++) {
		free(reader->anchors[i].name);
		json_free(reader->anchors[i].value);
	}
	free(reader->anchors);
	yaml_parser_delete(&reader->parser);
}

/* ---- failing, in Go's words */

int yaml_fail(struct yaml_reader *reader, const char *format, ...)
{
	va_list args;
	autofree char *what = NULL;

	va_start(args, format);
	what = xvasprintf(format, args);
	va_end(args);
	return error_set(reader->err, ERROR_SYNTAX, "yaml: %s", what);
}

/* libyaml counts lines from 0; Go adds one for its scanner alone, and so do we. */
static int fail_parser(struct yaml_reader *reader)
{
	const yaml_parser_t *parser = &reader->parser;
	const char *problem =
		parser->problem ? parser->problem : "unknown problem parsing YAML content";
	size_t line = parser->problem_mark.line;

	if (line)
		line += parser->error == YAML_SCANNER_ERROR;
	else
		line = parser->context_mark.line;
	if (line)
		return yaml_fail(reader, "line %zu: %s", line, problem);
	return yaml_fail(reader, "%s", problem);
}

int yaml_next(struct yaml_reader *reader, yaml_event_t *event)
{
	yaml_event_delete(event);
	if (!yaml_parser_parse(&reader->parser, event))
		return fail_parser(reader);
	return 0;
}

static int count_nodes(struct yaml_reader *reader, size_t nodes, const char *problem)
{
	if (nodes > YAML_MAX_NODES - reader->nodes)
		return yaml_fail(reader, "%s", problem);
	reader->nodes += nodes;
	return 0;
}

/* ---- scalars */

static int new_binary(
	struct yaml_reader *reader, const char *text, size_t len, struct json_object **ret)
{
	autobuf data = BUF_INIT;
	size_t bad;

	if (!base64_decode(text, len, &data, &bad))
		return yaml_fail(reader, "!!binary value contains invalid base64 data");
	*ret = json_new_string_of_bytes(data.ptr, data.len);
	return 0;
}

static int new_resolved(struct yaml_reader *reader, const struct yaml_value *value,
	const char *text, size_t len, struct json_object **ret)
{
	switch (value->type) {
	case YAML_NULL:
		*ret = NULL;
		return 0;
	case YAML_BOOL:
		*ret = json_new_bool(value->truth);
		return 0;
	case YAML_INT:
		*ret = value->negative ? json_new_int((int64_t)(0 - value->magnitude))
				       : json_new_uint(value->magnitude);
		return 0;
	case YAML_FLOAT:
		return yaml_new_number(value->number, ret, reader->err);
	default:
		*ret = json_new_string_len(text, len);
		return 0;
	}
}

static const char *const type_tags[] = {
	[YAML_STRING] = "str",
	[YAML_TIMESTAMP] = "timestamp",
	[YAML_NULL] = "null",
	[YAML_BOOL] = "bool",
	[YAML_INT] = "int",
	[YAML_FLOAT] = "float",
};

/* The scalar must be what its tag (without the prefix) says. Go's error quotes it, but it may be a
 * secret. */
static int new_tagged(struct yaml_reader *reader, const char *tag, const char *text, size_t len,
	struct json_object **ret)
{
	struct yaml_value value;

	if (streq(tag, "str")) {
		*ret = json_new_string_len(text, len);
		return 0;
	}
	yaml_resolve_value(text, len, &value);
	if (value.type == YAML_TIMESTAMP && !streq(tag, "timestamp"))
		value.type = YAML_STRING;
	if (value.type == YAML_INT && streq(tag, "float"))
		return yaml_new_number(
			value.negative ? -(double)value.magnitude : (double)value.magnitude, ret,
			reader->err);
	if (!streq(tag, type_tags[value.type]))
		return yaml_fail(
			reader, "cannot decode !!%s as a !!%s", type_tags[value.type], tag);
	return new_resolved(reader, &value, text, len, ret);
}

static int read_scalar(
	struct yaml_reader *reader, const yaml_event_t *event, struct json_object **ret)
{
	const char *text = (const char *)event->data.scalar.value;
	size_t len = event->data.scalar.length;
	const char *tag = (const char *)event->data.scalar.tag;
	struct yaml_value value = {.type = YAML_STRING};

	if (len > INT_MAX - 1)
		return yaml_fail(reader, "a value is too large");
	if (!tag) {
		if (event->data.scalar.plain_implicit)
			yaml_resolve_value(text, len, &value);
		return new_resolved(reader, &value, text, len, ret);
	}
	if (!starts_with(tag, TAG_PREFIX))
		return new_resolved(reader, &value, text, len, ret);
	tag += strlen(TAG_PREFIX);
	if (streq(tag, "binary"))
		return new_binary(reader, text, len, ret);
	for (size_t i = 0; i < countof(type_tags); i++)
		if (streq(tag, type_tags[i]))
			return new_tagged(reader, tag, text, len, ret);
	return new_resolved(reader, &value, text, len, ret);
}

/* ---- anchors */

/* Names a value that begins now: an index for close_anchor(), NO_ANCHOR without a name, or -1. */
static int open_anchor(struct yaml_reader *reader, const yaml_char_t *name, bool is_mapping)
{
	if (!name)
		return NO_ANCHOR;
	if (reader->anchors_len == MAX_ANCHORS)
		return yaml_fail(reader, "more than %d anchors", MAX_ANCHORS);
	if (reader->anchors_len == reader->anchors_cap) {
		reader->anchors_cap = reader->anchors_cap ? reader->anchors_cap * 2 : 8;
		reader->anchors = xreallocarray(
			reader->anchors, reader->anchors_cap, sizeof(reader->anchors[0]));
	}
	reader->anchors[reader->anchors_len++] = (struct yaml_anchor){
		.name = xstrdup((const char *)name),
		.nodes = reader->nodes,
		.is_mapping = is_mapping,
		.open = true,
	};
	return (int)reader->anchors_len - 1;
}

static void close_anchor(struct yaml_reader *reader, int index, struct json_object *value)
{
	struct yaml_anchor *anchor;

	if (index == NO_ANCHOR)
		return;
	anchor = &reader->anchors[index];
	anchor->value = json_ref(value);
	anchor->nodes = reader->nodes - anchor->nodes + 1;
	anchor->open = false;
}

/* The latest with this name, closed. */
static struct yaml_anchor *find_anchor(struct yaml_reader *reader, const yaml_event_t *event)
{
	const char *name = (const char *)event->data.alias.anchor;

	for (size_t i = reader->anchors_len; i-- > 0;) {
		struct yaml_anchor *anchor = &reader->anchors[i];

		if (!streq(anchor->name, name))
			continue;
		if (!anchor->open)
			return anchor;
		yaml_fail(reader, "anchor '%s' value contains itself", name);
		return NULL;
	}
	yaml_fail(reader, "unknown anchor '%s' referenced", name);
	return NULL;
}

static int read_alias(
	struct yaml_reader *reader, const yaml_event_t *event, struct json_object **ret)
{
	struct yaml_anchor *anchor = find_anchor(reader, event);

	if (!anchor ||
		count_nodes(reader, anchor->nodes, "document contains excessive aliasing") < 0)
		return -1;
	if (reader->depth + json_height(anchor->value) > JSON_MAX_DEPTH)
		return yaml_fail(reader, "exceeded max depth of %d", JSON_MAX_DEPTH);
	*ret = json_copy(anchor->value);
	return 0;
}

/* ---- collections */

static int read_items(struct yaml_reader *reader, struct json_object *array)
{
	for (;;) {
		autoevent event = {.type = YAML_NO_EVENT};
		autojson struct json_object *item = NULL;

		if (yaml_next(reader, &event) < 0)
			return -1;
		if (event.type == YAML_SEQUENCE_END_EVENT)
			return 0;
		if (yaml_read_node(reader, &event, &item) < 0)
			return -1;
		json_push(array, TAKE(item));
	}
}

static bool is_merge(const yaml_event_t *event)
{
	const char *tag;

	if (event->type != YAML_SCALAR_EVENT ||
		!streq((const char *)event->data.scalar.value, "<<"))
		return false;
	tag = (const char *)event->data.scalar.tag;
	return event->data.scalar.plain_implicit || streq(tag, TAG_PREFIX "merge");
}

static int fail_merge(struct yaml_reader *reader)
{
	return yaml_fail(reader, "map merge requires map or sequence of maps as the value");
}

/* What Go prints of a map's key; text is taken as it is. */
static int key_text(struct yaml_reader *reader, struct json_object *key, struct buf *ret)
{
	switch (json_kind(key)) {
	case JSON_DOUBLE:
		number_format_yaml(ret, json_double(key));
		return 0;
	case JSON_BOOL:
	case JSON_INT:
		buf_adds(ret, json_text(key));
		return 0;
	case JSON_STRING:
		buf_add(ret, json_text(key), json_string_len(key));
		if (memchr(ret->ptr, '\0', ret->len))
			return yaml_fail(reader, "a map key with a NUL character");
		return 0;
	case JSON_NULL:
		return yaml_fail(reader, "unsupported map key: null");
	default:
		return yaml_fail(reader, "invalid map key: neither text, number nor boolean");
	}
}

static void merge_object(struct json_object *into, struct json_object *from)
{
	struct json_iter iter = JSON_ITER_INIT;

	while (json_next(from, &iter))
		json_set(into, iter.key, json_ref(iter.value));
}

/* The mapping at the next event, or what an alias there names. */
static int read_merged(
	struct yaml_reader *reader, const yaml_event_t *event, struct json_object **ret)
{
	if (event->type == YAML_ALIAS_EVENT) {
		struct yaml_anchor *anchor = find_anchor(reader, event);

		if (anchor && !anchor->is_mapping)
			return fail_merge(reader);
	} else if (event->type != YAML_MAPPING_START_EVENT) {
		return fail_merge(reader);
	}
	return yaml_read_node(reader, event, ret);
}

/* The sequence of a merge: earlier mappings win, hence they are merged last. */
static int read_merge_sequence(
	struct yaml_reader *reader, const yaml_event_t *start, struct json_object *object)
{
	autojson struct json_object *all = json_new_array();
	int anchor = open_anchor(reader, start->data.sequence_start.anchor, false);

	if (anchor < 0)
		return -1;
	for (;;) {
		autoevent event = {.type = YAML_NO_EVENT};
		autojson struct json_object *one = NULL;

		if (yaml_next(reader, &event) < 0)
			return -1;
		if (event.type == YAML_SEQUENCE_END_EVENT)
			break;
		if (read_merged(reader, &event, &one) < 0)
			return -1;
		json_push(all, TAKE(one));
	}
	close_anchor(reader, anchor, all);
	for (size_t i = json_len(all); i-- > 0;)
		merge_object(object, json_item(all, i));
	return 0;
}

static int read_merge(struct yaml_reader *reader, struct json_object *object)
{
	autoevent event = {.type = YAML_NO_EVENT};
	autojson struct json_object *from = NULL;

	if (yaml_next(reader, &event) < 0)
		return -1;
	if (event.type == YAML_SEQUENCE_START_EVENT)
		return read_merge_sequence(reader, &event, object);
	if (read_merged(reader, &event, &from) < 0)
		return -1;
	merge_object(object, from);
	return 0;
}

static int read_member(
	struct yaml_reader *reader, const yaml_event_t *event, struct json_object *object)
{
	autojson struct json_object *key = NULL;
	autojson struct json_object *value = NULL;
	autoevent after = {.type = YAML_NO_EVENT};
	autobuf name = BUF_INIT;

	if (is_merge(event))
		return read_merge(reader, object);
	if (yaml_read_node(reader, event, &key) < 0 || key_text(reader, key, &name) < 0)
		return -1;
	if (yaml_next(reader, &after) < 0 || yaml_read_node(reader, &after, &value) < 0)
		return -1;
	json_set(object, name.ptr, TAKE(value));
	return 0;
}

static int read_members(struct yaml_reader *reader, struct json_object *object)
{
	for (;;) {
		autoevent event = {.type = YAML_NO_EVENT};

		if (yaml_next(reader, &event) < 0)
			return -1;
		if (event.type == YAML_MAPPING_END_EVENT)
			return 0;
		if (read_member(reader, &event, object) < 0)
			return -1;
	}
}

static int read_collection(
	struct yaml_reader *reader, const yaml_event_t *event, struct json_object **ret)
{
	bool mapping = event->type == YAML_MAPPING_START_EVENT;
	autojson struct json_object *value = mapping ? json_new_object() : json_new_array();
	int anchor = open_anchor(reader,
		mapping ? event->data.mapping_start.anchor : event->data.sequence_start.anchor,
		mapping);

	if (anchor < 0)
		return -1;
	if (++reader->depth > JSON_MAX_DEPTH)
		return yaml_fail(reader, "exceeded max depth of %d", JSON_MAX_DEPTH);
	if ((mapping ? read_members(reader, value) : read_items(reader, value)) < 0)
		return -1;
	reader->depth--;
	close_anchor(reader, anchor, value);
	*ret = TAKE(value);
	return 0;
}

/* The value that begins with `event`. */
int yaml_read_node(struct yaml_reader *reader, const yaml_event_t *event, struct json_object **ret)
{
	int anchor;

	if (event->type == YAML_ALIAS_EVENT)
		return read_alias(reader, event, ret);
	if (count_nodes(reader, 1, "the document has too many values") < 0)
		return -1;
	if (event->type != YAML_SCALAR_EVENT)
		return read_collection(reader, event, ret);
	anchor = open_anchor(reader, event->data.scalar.anchor, false);
	if (anchor < 0 || read_scalar(reader, event, ret) < 0)
		return -1;
	close_anchor(reader, anchor, *ret);
	return 0;
}

/* The first document; what comes after it is not looked at. */
static int read_document(struct yaml_reader *reader, struct json_object **ret)
{
	autoevent event = {.type = YAML_NO_EVENT};
	autojson struct json_object *value = NULL;

	do {
		if (yaml_next(reader, &event) < 0)
			return -1;
		if (event.type == YAML_STREAM_END_EVENT)
			return 0;
	} while (event.type != YAML_DOCUMENT_START_EVENT);
	if (yaml_next(reader, &event) < 0 || yaml_read_node(reader, &event, &value) < 0 ||
		yaml_next(reader, &event) < 0)
		return -1;
	*ret = TAKE(value);
	return 0;
}

int yaml_parse(const char *text, size_t len, struct json_object **ret, struct error *err)
{
	struct yaml_reader reader = {.err = err};
	int result;

	*ret = NULL;
	if (len > YAML_MAX_BYTES)
		return error_set(
			err, ERROR_SYNTAX, "yaml: more than %zu MiB", YAML_MAX_BYTES >> 20);
	if (!yaml_parser_initialize(&reader.parser))
		abort();
	yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, len);
	result = read_document(&reader, ret);
	yaml_reader_clear(&reader);
	return result;
}

const char *yaml_library_version(void)
{
	return yaml_get_version_string();
}
