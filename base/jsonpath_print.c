/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/jsonpath_print.h"

static void write_value(struct buf *out, struct json_object *value);

/* As encoding/json writes text: the signs that HTML minds are escaped, and U+2028 and U+2029. */
static void write_string(struct buf *out, const char *text)
{
	static const char from[] = "\"\\\b\f\n\r\t";
	static const char to[] = "\"\\bfnrt";

	buf_addc(out, '"');
	for (const char *at = text; *at; at++) {
		const char *found = strchr(from, *at);

		if (found)
			buf_addf(out, "\\%c", to[found - from]);
		else if ((unsigned char)*at < 0x20 || strchr("<>&", *at))
			buf_addf(out, "\\u%04x", (unsigned)(unsigned char)*at);
		else if (strncmp(at, "\xe2\x80\xa8", 3) == 0 ||
			 strncmp(at, "\xe2\x80\xa9", 3) == 0) {
			buf_addf(out, "\\u202%c", at[2] == '\xa8' ? '8' : '9');
			at += 2;
		} else
			buf_addc(out, *at);
	}
	buf_addc(out, '"');
}

struct member {
	const char *key;
	struct json_object *value;
};

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct member *)a)->key, ((const struct member *)b)->key);
}

static void write_object(struct buf *out, struct json_object *object)
{
	struct json_iter iter = JSON_ITER_INIT;
	autofree struct member *members = NULL;
	size_t count = 0;

	while (json_next(object, &iter)) {
		members = xreallocarray(members, count + 1, sizeof(*members));
		members[count++] = (struct member){iter.key, iter.value};
	}
	if (count > 0)
		qsort(members, count, sizeof(*members), by_key);
	buf_addc(out, '{');
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_addc(out, ',');
		write_string(out, members[i].key);
		buf_addc(out, ':');
		write_value(out, members[i].value);
	}
	buf_addc(out, '}');
}

static void write_value(struct buf *out, struct json_object *value)
{
	switch (json_kind(value)) {
	case JSON_OBJECT:
		write_object(out, value);
		break;
	case JSON_ARRAY:
		buf_addc(out, '[');
		for (size_t i = 0; i < json_len(value); i++) {
			if (i > 0)
				buf_addc(out, ',');
			write_value(out, json_item(value, i));
		}
		buf_addc(out, ']');
		break;
	case JSON_STRING:
		write_string(out, json_text(value));
		break;
	case JSON_NULL:
		buf_adds(out, "null");
		break;
	case JSON_BOOL:
	case JSON_INT:
	case JSON_DOUBLE:
		buf_adds(out, json_text(value));
		break;
	}
}

void jsonpath_print_value(struct buf *out, struct json_object *value)
{
	enum json_kind kind = json_kind(value);

	if (kind == JSON_NULL)
		buf_adds(out, "<nil>");
	else if (kind == JSON_OBJECT || kind == JSON_ARRAY)
		write_value(out, value);
	else
		buf_adds(out, json_text(value));
}
