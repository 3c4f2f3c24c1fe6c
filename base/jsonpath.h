/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kubectl's JSONPath templates over a JSON tree, as client-go's util/jsonpath reads them: text with
 * actions in braces: fields, ['key'], .., *, [n], [a:b:step], [a,b], [?(@.x=="y")], {range}{end},
 * quoted text. A missing field is empty, an index out of range an error.
 *
 * One difference: ['a.b'] is one key, whether its dot is escaped or not.
 */
#ifndef BASE_JSONPATH_H
#define BASE_JSONPATH_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"

struct json_object;

/* Longer templates are refused. */
#define JSONPATH_MAX_LEN 65536
/* More values than this at once end the evaluation. */
#define JSONPATH_MAX_VALUES 4000000

struct jsonpath;

/* ERROR_USAGE in kubectl's words: "error parsing jsonpath {.a, unclosed action". */
int jsonpath_compile(const char *text, struct jsonpath **ret, struct error *err) MUST_CHECK;
/* One path alone, as --sort-by takes it: "a.b", ".a.b", "{a.b}" or "{.a.b}". */
int jsonpath_compile_relaxed(const char *text, struct jsonpath **ret, struct error *err) MUST_CHECK;
void jsonpath_free(struct jsonpath *path);
void jsonpath_free_pointer(struct jsonpath **slot);

/*
 * Append what the template makes of `object`: text as it is, other values as compact JSON with
 * sorted keys, the values of one action with a space between them.
 */
int jsonpath_print(const struct jsonpath *path, struct json_object *object, struct buf *out,
	struct error *err) MUST_CHECK;

/* The first value that the first action finds, borrowed from `object`; NULL if none. */
int jsonpath_first(const struct jsonpath *path, struct json_object *object,
	struct json_object **ret, struct error *err) MUST_CHECK;

/*
 * Whether the template looks at one item of a list after another: "{.items[*].x}" or
 * "{range .items[*]}…{end}", with nothing but text around. Then jsonpath_print_item() can be called
 * for each item as it arrives, and `before` and `after` (borrowed) are the text around.
 */
bool jsonpath_streams(const struct jsonpath *path, const char **before, const char **after);
/* `*any` says whether something was printed before, for the space between; starts as false. */
int jsonpath_print_item(const struct jsonpath *path, struct json_object *item, bool *any,
	struct buf *out, struct error *err) MUST_CHECK;

#endif
