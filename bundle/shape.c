/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <inttypes.h>

#include "base/alloc.h"
#include "base/scan_internal.h"
#include "base/strv.h"
#include "bundle/limits.h"
#include "bundle/lock.h"
#include "bundle/shape.h"

static void *at(void *object, size_t offset)
{
	return (char *)object + offset;
}

static size_t *count_of(const struct shape_field *field, void *object)
{
	return at(object, field->count_offset);
}

static int compare_oids(const void *left, const void *right)
{
	return oid_compare(left, right);
}

static int compare_refs(const void *left, const void *right)
{
	const struct lock_ref *a = left;
	const struct lock_ref *b = right;

	return strcmp(a->name, b->name);
}

/* Elements of the three kinds of lists alike. */
static const struct shape oid_shape = {.size = sizeof(struct oid), .compare = compare_oids};
static const struct shape ref_shape = {.size = sizeof(struct lock_ref), .compare = compare_refs};

const struct shape *shape_element(const struct shape_field *field)
{
	if (field->type == SHAPE_LIST)
		return field->shape;
	return field->type == SHAPE_REFS ? &ref_shape : &oid_shape;
}

/* ---- clearing */

static void clear_list(const struct shape_field *field, void *object)
{
	const struct shape *element = shape_element(field);
	void *slot = at(object, field->offset);
	autofree char *list = shape_list(slot);
	size_t *count = count_of(field, object);

	for (size_t i = 0; i < *count; i++) {
		char *item = list + i * element->size;

		if (field->type == SHAPE_REFS)
			free(((struct lock_ref *)(void *)item)->name);
		else if (field->type == SHAPE_LIST)
			shape_clear(element, item);
	}
	memset(slot, 0, sizeof(list));
	*count = 0;
}

static void clear_field(const struct shape_field *field, void *object)
{
	switch (field->type) {
	case SHAPE_TEXT:
		str_replace(at(object, field->offset), NULL);
		break;
	case SHAPE_TEXTS:
		strv_clear(at(object, field->offset));
		break;
	case SHAPE_OIDS:
	case SHAPE_REFS:
	case SHAPE_LIST:
		clear_list(field, object);
		break;
	case SHAPE_OBJECT:
		shape_clear(field->shape, object);
		break;
	default:
		break;
	}
}

void shape_clear(const struct shape *shape, void *object)
{
	for (const struct shape_field *field = shape->fields; field->key; field++)
		clear_field(field, object);
}

/* ---- writing */

void shape_write_text(const char *text, struct buf *out)
{
	static const char *const escapes[] = {
		['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f", ['\r'] = "\\r"};
	const char *end = text + strlen(text);

	buf_addc(out, '"');
	while (text < end) {
		unsigned char byte = (unsigned char)*text;
		size_t len = byte < 0x80 ? 1 : scan_utf8(text, end);

		if (byte == '"' || byte == '\\')
			buf_addf(out, "\\%c", byte);
		else if (byte < 0x20 && byte < countof(escapes) && escapes[byte])
			buf_adds(out, escapes[byte]);
		else if (byte < 0x20)
			buf_addf(out, "\\u%04x", byte);
		else if (len)
			buf_add(out, text, len);
		else
			scan_add_utf8(out, 0xfffd);
		text += len ? len : 1;
	}
	buf_addc(out, '"');
}

static void write_oid(const struct oid *oid, struct buf *out)
{
	char hex[OID_HEX_LEN + 1];

	oid_hex(oid, hex);
	buf_addf(out, "\"%s\"", hex);
}

static void write_object(const struct shape *shape, void *object, struct buf *out);

static void write_element(const struct shape_field *field, void *item, struct buf *out)
{
	if (field->type == SHAPE_REFS) {
		const struct lock_ref *ref = item;

		shape_write_text(ref->name, out);
		buf_addc(out, ':');
		write_oid(&ref->oid, out);
	} else if (field->type == SHAPE_OIDS) {
		write_oid(item, out);
	} else {
		write_object(field->shape, item, out);
	}
}

static void write_list(const struct shape_field *field, void *object, struct buf *out)
{
	const struct shape *element = shape_element(field);
	char *list = shape_list(at(object, field->offset));
	size_t count = *count_of(field, object);

	if (count && element->compare)
		qsort(list, count, element->size, element->compare);
	buf_addc(out, field->type == SHAPE_REFS ? '{' : '[');
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_addc(out, ',');
		write_element(field, list + i * element->size, out);
	}
	buf_addc(out, field->type == SHAPE_REFS ? '}' : ']');
}

static void write_texts(struct strv *texts, struct buf *out)
{
	strv_sort(texts);
	buf_addc(out, '[');
	for (size_t i = 0; i < texts->len; i++) {
		if (i)
			buf_addc(out, ',');
		shape_write_text(texts->items[i], out);
	}
	buf_addc(out, ']');
}

/* The word of this index. */
static const char *choice(const char *words, size_t index, size_t *len)
{
	while (index--)
		words += strcspn(words, " ") + 1;
	*len = strcspn(words, " ");
	return words;
}

static void write_value(const struct shape_field *field, void *object, struct buf *out)
{
	void *value = at(object, field->offset);
	const char *word;
	size_t len;

	switch (field->type) {
	case SHAPE_FIXED:
		shape_write_text(field->fixed, out);
		break;
	case SHAPE_TEXT:
		shape_write_text(*(char **)value ? *(char **)value : "", out);
		break;
	case SHAPE_SHA256:
		shape_write_text(((struct sha256_text *)value)->text, out);
		break;
	case SHAPE_OID:
		write_oid(value, out);
		break;
	case SHAPE_COUNT:
		buf_addf(out, "%" PRIu64, *(uint64_t *)value);
		break;
	case SHAPE_FLAG:
		buf_adds(out, *(bool *)value ? "true" : "false");
		break;
	case SHAPE_CHOICE:
		word = choice(field->fixed, *(unsigned *)value, &len);
		buf_addf(out, "\"%.*s\"", (int)len, word);
		break;
	case SHAPE_TEXTS:
		write_texts(value, out);
		break;
	case SHAPE_OIDS:
	case SHAPE_REFS:
	case SHAPE_LIST:
		write_list(field, object, out);
		break;
	case SHAPE_OBJECT:
		write_object(field->shape, object, out);
		break;
	}
}

static bool is_there(const struct shape_field *field, void *object)
{
	if (!field->optional)
		return true;
	if (field->type == SHAPE_TEXT)
		return *(char **)at(object, field->offset) != NULL;
	if (field->type == SHAPE_SHA256)
		return *((struct sha256_text *)at(object, field->offset))->text;
	if (field->type == SHAPE_LIST)
		return *count_of(field, object) > 0;
	for (field = field->shape->fields; field->key; field++) {
		struct shape_field inner = *field;

		inner.optional = field->type == SHAPE_TEXT || field->type == SHAPE_SHA256;
		if (inner.optional && is_there(&inner, object))
			return true;
	}
	return false;
}

static void write_object(const struct shape *shape, void *object, struct buf *out)
{
	bool first = true;

	buf_addc(out, '{');
	for (const struct shape_field *field = shape->fields; field->key; field++) {
		if (!is_there(field, object))
			continue;
		buf_addf(out, "%s\"%s\":", first ? "" : ",", field->key);
		write_value(field, object, out);
		first = false;
	}
	buf_addc(out, '}');
}

void shape_write(const struct shape *shape, void *object, struct buf *out)
{
	write_object(shape, object, out);
	buf_addc(out, '\n');
}
