/* SPDX-License-Identifier: Apache-2.0 */
/* A template up to the first zero byte, then the document that it is printed from. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/jsonpath.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void print_items(struct jsonpath *path, struct json_object *object)
{
	struct json_object *items = json_get(object, "items");
	const char *before;
	const char *after;
	autobuf pieces = BUF_INIT;
	autobuf whole = BUF_INIT;
	bool any = false;
	int result = 0;

	if (!jsonpath_streams(path, &before, &after) || json_kind(items) != JSON_ARRAY)
		return;
	buf_adds(&pieces, before);
	for (size_t i = 0; i < json_len(items) && result == 0; i++)
		result = jsonpath_print_item(path, json_item(items, i), &any, &pieces, NULL);
	buf_adds(&pieces, after);
	if (jsonpath_print(path, object, &whole, NULL) != result)
		abort();
	if (result == 0 && !streq(pieces.ptr, whole.ptr))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *zero = size > 0 ? memchr(data, 0, size) : NULL;
	CLEANUP(jsonpath_free_pointer) struct jsonpath *path = NULL;
	autojson struct json_object *object = NULL;
	autobuf out = BUF_INIT;

	if (!zero)
		return 0;
	if (jsonpath_compile((const char *)data, &path, NULL) < 0)
		return 0;
	if (json_parse((const char *)zero + 1, size - (size_t)(zero + 1 - data), &object, NULL) < 0)
		return 0;
	if (jsonpath_print(path, object, &out, NULL) == 0)
		print_items(path, object);
	return 0;
}
