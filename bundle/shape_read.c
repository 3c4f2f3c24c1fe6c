/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of bundle/shape.h goes over the text once, without a tree. It takes white space and
 * needless escapes; that there were none is seen when the text is written anew and compared.
 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/scan_internal.h"
#include "base/strv.h"
#include "bundle/limits.h"
#include "bundle/lock.h"
#include "bundle/shape.h"

#define COUNT_MAX ((1ULL << 53) - 1) /* what every reader of JSON holds exactly */

/* Where the reader is, for messages: from the innermost outwards. */
struct place {
	const struct place *up;
	const char *key;
	size_t index; /* SIZE_MAX: not in a list */
};

struct reader {
	struct scan scan;
	size_t items; /* of all lists */
	const struct place *place;
	struct buf text;
	struct error *err;
};

static void reader_clear(struct reader *reader)
{
	scan_clear(&reader->scan);
	buf_clear(&reader->text);
}

static void add_place(struct buf *out, const struct place *place)
{
	if (!place)
		return;
	add_place(out, place->up);
	if (place->key)
		buf_addf(out, "%s%s", out->len ? "." : "", place->key);
	else
		buf_addf(out, "[%zu]", place->index);
}

static int refuse(struct reader *reader, const char *what)
{
	autobuf place = BUF_INIT;

	add_place(&place, reader->place);
	if (!place.len)
		return error_set(reader->err, ERROR_DAMAGED, "%s", what);
	return error_set(reader->err, ERROR_DAMAGED, "%s: %s", place.ptr, what);
}

/* ---- scalars */

/* The string that comes next, into reader->text. */
static int read_string(struct reader *reader)
{
	struct scan_text text;

	if (scan_peek(&reader->scan) != '"')
		return refuse(reader, "a string is wanted");
	if (scan_string(&reader->scan, &text) < 0)
		return -1;
	buf_reset(&reader->text);
	scan_decode(&text, &reader->text);
	return 0;
}

static int read_text(struct reader *reader, char **ret)
{
	if (read_string(reader) < 0)
		return -1;
	if (!reader->text.len)
		return refuse(reader, "empty");
	*ret = xstrdup(reader->text.ptr);
	return 0;
}

static int read_fixed(struct reader *reader, const char *fixed)
{
	if (read_string(reader) < 0)
		return -1;
	if (streq(reader->text.ptr, fixed))
		return 0;
	return error_set(reader->err, ERROR_DAMAGED, "%s is not '%s'", reader->place->key, fixed);
}

static int read_sha256(struct reader *reader, struct sha256_text *ret)
{
	if (read_string(reader) < 0)
		return -1;
	if (reader->text.len != SHA256_TEXT_LEN ||
		!sha256_text_parse(reader->text.ptr, reader->text.len, ret))
		return refuse(reader, "not 'sha256:' and 64 hex digits");
	return 0;
}

static int read_oid(struct reader *reader, struct oid *ret)
{
	if (read_string(reader) < 0)
		return -1;
	if (reader->text.len != OID_HEX_LEN || !oid_parse(reader->text.ptr, OID_HEX_LEN, ret))
		return refuse(reader, "not the 40 hex digits of a Git object");
	return 0;
}

static int read_count(struct reader *reader, uint64_t *ret)
{
	struct scan_number number;
	uint64_t value = 0;

	if (scan_peek(&reader->scan) < '0' || scan_peek(&reader->scan) > '9')
		return refuse(reader, "a number is wanted");
	if (scan_number(&reader->scan, &number) < 0)
		return -1;
	for (size_t i = 0; i < number.len && !number.is_float && value <= COUNT_MAX; i++)
		value = value * 10 + (uint64_t)(number.text[i] - '0');
	if (number.is_float || value > COUNT_MAX)
		return refuse(reader, "not a whole number below 2^53");
	*ret = value;
	return 0;
}

static int read_flag(struct reader *reader, bool *ret)
{
	char first = scan_peek(&reader->scan);

	if (first != 't' && first != 'f')
		return refuse(reader, "true or false is wanted");
	*ret = first == 't';
	return scan_literal(&reader->scan);
}

static int read_choice(struct reader *reader, const char *words, unsigned *ret)
{
	autostrv known = STRV_INIT;

	if (read_string(reader) < 0)
		return -1;
	strv_split(&known, words, " ", false);
	for (size_t i = 0; i < known.len; i++) {
		if (!streq(known.items[i], reader->text.ptr))
			continue;
		*ret = (unsigned)i;
		return 0;
	}
	return refuse(reader, "not one of the known words");
}

/* ---- lists */

static int read_object(struct reader *reader, const struct shape *shape, void *object);

static int read_ref(struct reader *reader, const struct scan_text *key, struct lock_ref *ret)
{
	struct scan_key name;

	if (scan_decode_key(&reader->scan, key, &name) < 0)
		return -1;
	ret->name = xstrndup(name.text, name.len);
	return read_oid(reader, &ret->oid);
}

/* One of a list that is being filled; its memory is zeroed. */
#define TOO_MANY "more than the limit of things in all lists together"

static int read_element(struct reader *reader, const struct shape_field *field,
	const struct scan_text *key, void *item)
{
	if (++reader->items > LIMIT_LOCK_ITEMS)
		return refuse(reader, TOO_MANY);
	if (field->type == SHAPE_REFS)
		return read_ref(reader, key, item);
	if (field->type == SHAPE_OIDS)
		return read_oid(reader, item);
	return read_object(reader, field->shape, item);
}

/* A list and how far it is filled. */
struct filling {
	const struct shape_field *field;
	const struct shape *element;
	void *slot; /* of the pointer to the list */
	size_t *count;
	size_t cap;
};

/* Zeroed memory for one more. */
static char *filling_next(struct filling *filling)
{
	size_t size = filling->element->size;
	char *list = shape_list(filling->slot);
	char *item;

	if (*filling->count == filling->cap) {
		filling->cap = filling->cap ? filling->cap * 2 : 4;
		list = xreallocarray(list, filling->cap, size);
		memcpy(filling->slot, &list, sizeof(list));
	}
	item = list + (*filling->count)++ * size;
	memset(item, 0, size);
	return item;
}

static int fill(struct reader *reader, struct filling *filling, const struct scan_text *key)
{
	const struct shape *element = filling->element;
	struct place place = {.up = reader->place, .index = *filling->count};
	char *item;
	int result;

	if (*filling->count >= filling->field->limit)
		return refuse(reader, "longer than the limit");
	item = filling_next(filling);
	reader->place = &place;
	result = read_element(reader, filling->field, key, item);
	if (result == 0 && place.index && element->compare &&
		element->compare(item - element->size, item) >= 0)
		result = refuse(reader, "out of order, or there twice");
	reader->place = place.up;
	return result;
}

static int read_list(struct reader *reader, const struct shape_field *field, char *object)
{
	struct filling filling = {
		.field = field,
		.element = shape_element(field),
		.slot = object + field->offset,
		.count = (void *)(object + field->count_offset),
	};
	bool map = field->type == SHAPE_REFS;
	struct scan_text key = {0};
	int more = 1;

	if (scan_peek(&reader->scan) != (map ? '{' : '['))
		return refuse(reader, map ? "an object is wanted" : "a list is wanted");
	if (scan_enter(&reader->scan) < 0)
		return -1;
	for (bool first = true; more > 0; first = false) {
		more = map ? scan_member(&reader->scan, first, &key)
			   : scan_element(&reader->scan, first);
		if (more > 0 && fill(reader, &filling, &key) < 0)
			return -1;
	}
	return more;
}

static int read_texts(struct reader *reader, struct strv *ret)
{
	int more;

	*ret = (struct strv)STRV_INIT;
	if (scan_peek(&reader->scan) != '[')
		return refuse(reader, "a list is wanted");
	if (scan_enter(&reader->scan) < 0)
		return -1;
	while ((more = scan_element(&reader->scan, ret->len == 0)) > 0) {
		char *text;

		if (++reader->items > LIMIT_LOCK_ITEMS)
			return refuse(reader, TOO_MANY);
		if (read_string(reader) < 0)
			return -1;
		if (!reader->text.len)
			return refuse(reader, "empty");
		text = xstrdup(reader->text.ptr);
		strv_push_owned(ret, text);
		if (ret->len > 1 && strcmp(ret->items[ret->len - 2], text) >= 0)
			return refuse(reader, "out of order, or there twice");
	}
	return more;
}

/* ---- objects */

static int read_value(struct reader *reader, const struct shape_field *field, char *object)
{
	void *value = object + field->offset;

	switch (field->type) {
	case SHAPE_FIXED:
		return read_fixed(reader, field->fixed);
	case SHAPE_TEXT:
		return read_text(reader, value);
	case SHAPE_SHA256:
		return read_sha256(reader, value);
	case SHAPE_OID:
		return read_oid(reader, value);
	case SHAPE_COUNT:
		return read_count(reader, value);
	case SHAPE_FLAG:
		return read_flag(reader, value);
	case SHAPE_CHOICE:
		return read_choice(reader, field->fixed, value);
	case SHAPE_TEXTS:
		return read_texts(reader, value);
	case SHAPE_OBJECT:
		return read_object(reader, field->shape, object);
	default:
		return read_list(reader, field, object);
	}
}

static int absent(struct reader *reader, const struct shape_field *field)
{
	struct place place = {.up = reader->place, .key = field->key};

	reader->place = &place;
	refuse(reader, "missing, or out of order");
	reader->place = place.up;
	return -1;
}

/* The field that a key names, from `field` on: those between must be optional. */
static const struct shape_field *find_field(
	struct reader *reader, const struct shape_field *field, const struct scan_text *key)
{
	for (; field->key; field++) {
		if (key->len == strlen(field->key) && !memcmp(key->raw, field->key, key->len))
			return field;
		if (!field->optional) {
			absent(reader, field);
			return NULL;
		}
	}
	refuse(reader, "a member that is not known");
	return NULL;
}

static int read_member(struct reader *reader, const struct shape_field *field, char *object)
{
	struct place place = {.up = reader->place, .key = field->key};
	int result;

	reader->place = &place;
	result = read_value(reader, field, object);
	reader->place = place.up;
	return result;
}

static int read_object(struct reader *reader, const struct shape *shape, void *object)
{
	const struct shape_field *field = shape->fields;
	struct scan_text key;
	int more;

	if (scan_peek(&reader->scan) != '{')
		return refuse(reader, "an object is wanted");
	if (scan_enter(&reader->scan) < 0)
		return -1;
	for (bool first = true; (more = scan_member(&reader->scan, first, &key)) > 0;
		first = false) {
		field = find_field(reader, field, &key);
		if (!field || read_member(reader, field, object) < 0)
			return -1;
		field++;
	}
	for (; more == 0 && field->key; field++)
		if (!field->optional)
			return absent(reader, field);
	return more;
}

/* The only text that says it. */
static int check_canonical(
	const struct shape *shape, const char *text, size_t len, void *object, struct error *err)
{
	autobuf canonical = BUF_INIT;
	size_t same = 0;

	shape_write(shape, object, &canonical);
	while (same < len && same < canonical.len && text[same] == canonical.ptr[same])
		same++;
	if (same == len && same == canonical.len)
		return 0;
	return error_set(err, ERROR_DAMAGED, "not written canonically at byte %zu", same);
}

int shape_read(
	const struct shape *shape, const char *text, size_t len, void *object, struct error *err)
{
	CLEANUP(reader_clear) struct reader reader = {.text = BUF_INIT, .err = err};

	scan_init(&reader.scan, text, len, err);
	if (read_object(&reader, shape, object) < 0 || scan_end(&reader.scan) < 0) {
		if (err)
			err->kind = ERROR_DAMAGED;
		return -1;
	}
	return check_canonical(shape, text, len, object, err);
}
