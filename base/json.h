/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON trees: reading, building. The wrapper of json-c; no other file includes its headers.
 *
 * Documents of a server stay trees. Accessors take the path as separate keys, so that a key with
 * dots or slashes needs no escaping; what they return is borrowed from the tree.
 *
 *	const char *at = json_str(object, "metadata", "annotations",
 * "reconcile.fluxcd.io/requestedAt");
 *
 * json-c's own parser is not used: it is lenient in ways that matter (integers beyond 64 bits are
 * clamped, trailing text, duplicate keys, quotes of the wrong kind), and slow. The strict scanner of
 * base/scan.h reads, and is fuzzed against that parser.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"

struct json_object;

void json_free(struct json_object *object);
void json_free_pointer(struct json_object **slot);
#define autojson CLEANUP(json_free_pointer)

/* Nesting deeper than this is refused wherever JSON from outside is read. */
#define JSON_MAX_DEPTH 256

/*
 * Parse one complete document of `len` bytes: RFC 8259, UTF-8, nothing after it, no duplicate key,
 * no number that would be clamped. The result is owned by the caller. ERROR_SYNTAX names the byte
 * offset.
 */
int json_parse(
	const char *text, size_t len, struct json_object **ret, struct error *err) MUST_CHECK;

/*
 * The same of the members that a projection keeps (base/scan.h; NULL keeps all), without the detour
 * over their text: of what is skipped only brackets and strings are looked at.
 */
struct projection;
int json_project(const struct projection *projection, const char *text, size_t len,
	struct json_object **ret, struct error *err) MUST_CHECK;

/* ---- reading: keys end with NULL, which the macros add; borrowed; absent and wrong type read
 * alike */

/* The value at the path, or NULL (also for null). */
struct json_object *json_at(struct json_object *object, ...) SENTINEL;
/* Text at the path, or NULL if absent or not text. */
const char *json_str_at(struct json_object *object, ...) SENTINEL;
/* Integer at the path; `fallback` if absent, not an integer or beyond int64. */
int64_t json_int_at(struct json_object *object, int64_t fallback, ...) SENTINEL;
/* True only for true. */
bool json_bool_at(struct json_object *object, ...) SENTINEL;
#define json_get(object, ...) json_at(object, __VA_ARGS__, (char *)NULL)
#define json_str(object, ...) json_str_at(object, __VA_ARGS__, (char *)NULL)
#define json_int(object, fallback, ...) json_int_at(object, fallback, __VA_ARGS__, (char *)NULL)
#define json_bool(object, ...) json_bool_at(object, __VA_ARGS__, (char *)NULL)
/* A count, as of restarts or replicas: what int32_t does not hold becomes the nearest that it does,
 * so that many of them can be added up in 64 bits; never negative. */
#define json_count(object, fallback, ...) json_clamp_count(json_int(object, fallback, __VA_ARGS__))
static inline int32_t json_clamp_count(int64_t value)
{
	return value < 0 ? 0 : value > INT32_MAX ? INT32_MAX : (int32_t)value;
}

/* NULL, which is how a tree holds null, is JSON_NULL. */
enum json_kind {
	JSON_NULL,
	JSON_BOOL,
	JSON_INT,
	JSON_DOUBLE,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT
};
enum json_kind json_kind(struct json_object *value);
/* The value itself as text ("" for NULL): strings raw, all else as JSON writes it. Borrowed. */
const char *json_text(struct json_object *value);
/* A number as a double, 0 for anything else. */
double json_double(struct json_object *value);
/* Bytes of a string's text, which may hold NUL; 0 for anything else. */
size_t json_string_len(struct json_object *value);
/* Levels of objects and arrays; 0 for a scalar. Bounded by what was read: JSON_MAX_DEPTH. */
unsigned json_height(struct json_object *value);
/* A copy, so that changing one place of the tree changes no other; owned. */
struct json_object *json_copy(struct json_object *value);
/* Items of an array, 0 for anything else. */
size_t json_len(struct json_object *array);
/* Item `index`, borrowed; NULL past the end. */
struct json_object *json_item(struct json_object *array, size_t index);

/* Walk an object's members in their order; false at the end. Start with `= JSON_ITER_INIT`. The
 * member just given may be deleted. */
struct json_iter {
	const char *key; /* borrowed */
	struct json_object *value;
	void *next;
	bool started;
};
#define JSON_ITER_INIT           \
	{                        \
		.started = false \
	}
bool json_next(struct json_object *object, struct json_iter *iter);

/* ---- building */

struct json_object *json_new_object(void);
struct json_object *json_new_array(void);
struct json_object *json_new_string(const char *text); /* NULL gives null */
struct json_object *json_new_string_len(const char *text, size_t len);
struct json_object *json_new_int(int64_t value);
struct json_object *json_new_uint(uint64_t value);
/* A finite number. Keeps the source text, so that it prints as it was read (NULL: 17 digits). */
struct json_object *json_new_double(double value, const char *source);
/* Text of any bytes: those that are no UTF-8 become U+FFFD, as they do when Go writes JSON. */
struct json_object *json_new_string_of_bytes(const char *data, size_t len);
struct json_object *json_new_bool(bool value);
/* One more reference to the same value. */
struct json_object *json_ref(struct json_object *value);
/* `value` becomes the object's (also NULL, which stands for null). */
void json_set(struct json_object *object, const char *key, struct json_object *value);
void json_set_str(struct json_object *object, const char *key, const char *text);
void json_push(struct json_object *array, struct json_object *value);
void json_delete(struct json_object *object, const char *key);

/* Of json-c: "0.16", for `version`. */
const char *json_library_version(void);

/* Compact text. */
void json_write(struct buf *out, struct json_object *value);

#endif
