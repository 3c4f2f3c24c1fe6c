/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The strict scanner against json-c: what it accepts json-c accepts too, with the same values, and
 * what json-c writes of them it accepts again.
 */
#include "base/base.h"

#include <json-c/json.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct json_object *parse_by_json_c(const char *text, size_t len)
{
	struct json_tokener *tokener = json_tokener_new_ex(JSON_MAX_DEPTH + 2);
	struct json_object *object;

	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	object = json_tokener_parse_ex(tokener, text, (int)len);
	if (json_tokener_get_error(tokener) == json_tokener_continue)
		object = json_tokener_parse_ex(tokener, "", 1);
	if (json_tokener_get_error(tokener) != json_tokener_success)
		abort();
	json_tokener_free(tokener);
	return object;
}

/* json-c takes some pairs of escaped surrogates, such as \ud836\ude00, for half of another one. */
static bool has_surrogate_pair(const char *text, size_t len)
{
	for (size_t i = 0; i + 8 <= len; i++)
		if (text[i] == '\\' && text[i + 1] == 'u' && (text[i + 2] | 0x20) == 'd' &&
			text[i + 6] == '\\' && text[i + 7] == 'u')
			return true;
	return false;
}

/* Doubles are equal if their texts are: both keep the source. */
static bool same(struct json_object *a, struct json_object *b)
{
	autobuf left = BUF_INIT;
	autobuf right = BUF_INIT;

	json_write(&left, a);
	json_write(&right, b);
	return left.len == right.len && memcmp(left.ptr, right.ptr, left.len) == 0;
}

/* Whether the projection of everything is everything. */
static void check_projection(const char *text, size_t len, struct json_object *object)
{
	static const char *const paths[] = {"!no.such[].member", NULL};
	struct projection *projection = projection_new(paths);
	autobuf out = BUF_INIT;
	autojson struct json_object *again = NULL;

	if (scan_project(projection, text, len, &out, NULL) < 0 ||
		json_parse(out.ptr, out.len, &again, NULL) < 0 || !same(object, again))
		abort();
	projection_free(projection);
}

/* Whether text to tree is the same as text to text to tree. */
static void check_both_projections(const char *text, size_t len)
{
	static const char *const paths[] = {"a", "b.a", "c[].a", "d[][]", "e.a[].b", "!a.b", NULL};
	struct projection *projection = projection_new(paths);
	autobuf out = BUF_INIT;
	autojson struct json_object *direct = NULL;
	autojson struct json_object *again = NULL;
	int result = scan_project(projection, text, len, &out, NULL);

	if (json_project(projection, text, len, &direct, NULL) != result)
		abort();
	if (result == 0 && (json_parse(out.ptr, out.len, &again, NULL) < 0 || !same(direct, again)))
		abort();
	projection_free(projection);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	autojson struct json_object *ours = NULL;
	autojson struct json_object *theirs = NULL;
	autojson struct json_object *again = NULL;
	autobuf out = BUF_INIT;

	check_both_projections(text, size);
	if (scan_check(text, size, NULL) < 0) {
		if (json_parse(text, size, &ours, NULL) == 0)
			abort();
		return 0;
	}
	theirs = parse_by_json_c(text, size);
	if (json_parse(text, size, &ours, NULL) < 0)
		abort();
	if (!has_surrogate_pair(text, size) && !same(ours, theirs))
		abort();
	json_write(&out, ours);
	if (json_parse(out.ptr, out.len, &again, NULL) < 0 || !same(ours, again))
		abort();
	check_projection(text, size, ours);
	return 0;
}
