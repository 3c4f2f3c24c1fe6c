/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/jsonpath.h"

static const char list[] =
	"{\"kind\":\"List\",\"items\":["
	"{\"metadata\":{\"name\":\"one\",\"labels\":{\"app.kubernetes.io/name\":\"x\"}},"
	"\"spec\":{\"n\":1,\"on\":true,\"d\":1.5,\"none\":null,\"t\":\"a<b>&\"},"
	"\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"},"
	"{\"type\":\"Healthy\",\"status\":\"False\"}]}},"
	"{\"metadata\":{\"name\":\"two\"},\"spec\":{\"n\":20,\"list\":[0,1,2,3,4,5]},"
	"\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"False\"}]}}]}";

static struct json_object *parse(const char *text)
{
	struct json_object *object = NULL;

	assert_int_equal(json_parse(text, strlen(text), &object, NULL), 0);
	return object;
}

/* From kubectl's documentation of JSONPath and from client-go's own tests, on the list above. */
static const char *const printed[][2] = {
	{"", ""},
	{"text", "text"},
	{"{.kind}", "List"},
	{"{$.kind}", "List"},
	{"{@.kind}", "List"},
	{"{['kind']}", "List"},
	{"{ .kind }", "List"},
	{"{.items[*].metadata.name}", "one two"},
	{"{.items[0].metadata.name}", "one"},
	{"{.items[-1].metadata.name}", "two"},
	{"{.items[1:].metadata.name}", "two"},
	{"{.items[:1].metadata.name}", "one"},
	{"{.items[0:0].metadata.name}", ""},
	{"{.items[1].spec.list[1:5:2]}", "1 3"},
	{"{.items[1].spec.list[-2:]}", "4 5"},
	{"{.items[1].spec.list[0,2]}", "0 2"},
	{"{.items[1].spec.list[ 0 , -1 ]}", "0 5"},
	{"{.items[1].spec['n','list']}", "20 [0,1,2,3,4,5]"},
	{"{.items[*].spec.missing}", ""},
	{"{.missing.deeper[3]}", ""},
	{"{.items[0].metadata.labels.app\\.kubernetes\\.io/name}", "x"},
	{"{.items[0].metadata.labels['app\\.kubernetes\\.io/name']}", "x"},
	{"{.items[0].metadata.labels['app.kubernetes.io/name']}", "x"},
	{"{.items[0].spec.on}", "true"},
	{"{.items[0].spec.d}", "1.5"},
	{"{.items[0].spec.none}", "<nil>"},
	{"{.items[0].spec.t}", "a<b>&"},
	{"{.items[0].spec}", "{\"d\":1.5,\"n\":1,\"none\":null,\"on\":true,"
			     "\"t\":\"a\\u003cb\\u003e\\u0026\"}"},
	{"{.items[0].status.conditions[?(@.type==\"Ready\")].status}", "True"},
	{"{.items[0].status.conditions[?(@.type=='Ready')].status}", "True"},
	{"{.items[0].status.conditions[?(@.type!=\"Ready\")].type}", "Healthy"},
	{"{.items[?(@.spec.n>5)].metadata.name}", "two"},
	{"{.items[?(@.spec.n<=1)].metadata.name}", "one"},
	{"{.items[?(@.spec.n>=1)].metadata.name}", "one two"},
	{"{.items[?(@.spec.on==true)].metadata.name}", "one"},
	{"{.items[?(@.spec.on)].metadata.name}", "one"},
	{"{.items[?(@.metadata.name==\")\")].metadata.name}", ""},
	{"{..name}", "one two"},
	{"{.items[*].metadata..name}", "one two"},
	{"{.items[0].status.conditions.*.type}", "Ready Healthy"},
	{"{range .items[*]}{.metadata.name}{\"\\n\"}{end}", "one\ntwo\n"},
	{"{range .items[*]}{.metadata.name}={.spec.n};{end}!", "one=1;two=20;!"},
	{"{range .items[*]}[{range .status.conditions[*]}{.type},{end}]{end}",
		"[Ready,Healthy,][Ready,]"},
	{"{range .none[*]}{.a[9]}{end}after", "after"},
	{"{\"a\\tb\"}{'c\\'d'}{'\\n'}", "a\tbc'd\n"},
	{"{1}{-2}{1.5}{true}", "1-21.5true"},
};

static void test_prints(void **state)
{
	autojson struct json_object *object = parse(list);

	(void)state;
	for (size_t i = 0; i < countof(printed); i++) {
		CLEANUP(jsonpath_free_pointer) struct jsonpath *path = NULL;
		autoerror err = ERROR_INIT;
		autobuf out = BUF_INIT;

		if (jsonpath_compile(printed[i][0], &path, &err) < 0 ||
			jsonpath_print(path, object, &out, &err) < 0)
			fail_msg("%s: %s", printed[i][0], err.message);
		assert_string_equal(out.ptr, printed[i][1]);
	}
}

static void test_refused_templates(void **state)
{
	static const char *const rows[][2] = {
		{"{.a", "error parsing jsonpath {.a, unclosed action"},
		{"{", "error parsing jsonpath {, unclosed action"},
		{"{.a[}", "error parsing jsonpath {.a[}, unterminated array"},
		{"{.a[x]}", "error parsing jsonpath {.a[x]}, invalid array index x"},
		{"{.a[]}", "error parsing jsonpath {.a[]}, invalid array index "},
		{"{.a[1:2:3:4]}",
			"error parsing jsonpath {.a[1:2:3:4]}, invalid array index 1:2:3:4"},
		{"{.a[?(@.b==1]}", "error parsing jsonpath {.a[?(@.b==1]}, unterminated filter"},
		{"{.a[?(@.b==1)}",
			"error parsing jsonpath {.a[?(@.b==1)}, unclosed array expect ]"},
		{"{.a[?(@.b=!1)]}",
			"error parsing jsonpath {.a[?(@.b=!1)]}, unrecognized filter operator"},
		{"{.a[?(range)]}", "error parsing jsonpath {.a[?(range)]}, unrecognized filter"},
		{"{\"abc}", "error parsing jsonpath {\"abc}, unterminated quoted string"},
		{"{....}", "error parsing jsonpath {....}, invalid multiple recursive descent"},
		{"{end}", "error parsing jsonpath {end}, not in range, nothing to end"},
		{"{hello}", "error parsing jsonpath {hello}, unrecognized identifier hello"},
		{"{1e999}", "error parsing jsonpath {1e999}, cannot parse number"},
		{"{1x}", "error parsing jsonpath {1x}, cannot parse number"},
		{"{~}", "error parsing jsonpath {~}, unrecognized character in action"},
		{"{.a[99999999999999999999]}",
			"error parsing jsonpath {.a[99999999999999999999]}, invalid array index "
			"99999999999999999999"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		CLEANUP(jsonpath_free_pointer) struct jsonpath *path = NULL;
		autoerror err = ERROR_INIT;

		assert_int_equal(jsonpath_compile(rows[i][0], &path, &err), -1);
		assert_int_equal(err.kind, ERROR_USAGE);
		assert_string_equal(err.message, rows[i][1]);
	}
}

static void test_failing_evaluations(void **state)
{
	static const char *const rows[][2] = {
		{"{.items[2]}", "array index out of bounds: index 2, length 2"},
		{"{.items[-3]}", "array index out of bounds: index -1, length 2"},
		{"{.items[0:5]}", "array index out of bounds: index 4, length 2"},
		{"{.items[1:0]}", "starting index 1 is greater than ending index 0"},
		{"{.kind[0]}", "List is not array or slice"},
		{"{.kind[?(@.a==1)]}", "List is not array or slice and cannot be filtered"},
		{"{.items[1].spec.list[0:4:0]}", "step must be > 0"},
		{"{.items[?(@.spec.n==\"1\")]}", "incompatible types for comparison"},
		{"{.items[?(@.status.conditions[*].type==\"Ready\")]}",
			"can only compare one element at a time"},
	};
	autojson struct json_object *object = parse(list);

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		CLEANUP(jsonpath_free_pointer) struct jsonpath *path = NULL;
		autoerror err = ERROR_INIT;
		autobuf out = BUF_INIT;

		assert_int_equal(jsonpath_compile(rows[i][0], &path, &err), 0);
		assert_int_equal(jsonpath_print(path, object, &out, &err), -1);
		if (!strstr(err.message, rows[i][1]))
			fail_msg("%s: %s", rows[i][0], err.message);
	}
}

static void test_relaxed(void **state)
{
	static const char *const good[] = {
		"metadata.name", ".metadata.name", "{metadata.name}", "{.metadata.name}"};
	static const char *const bad[] = {"", ".", "{}", "{.}", "{.a", "a}", "{.a}{.b}"};
	autojson struct json_object *object = parse("{\"metadata\":{\"name\":\"n\"}}");
	autojson struct json_object *empty = parse("{}");

	(void)state;
	for (size_t i = 0; i < countof(good); i++) {
		CLEANUP(jsonpath_free_pointer) struct jsonpath *path = NULL;
		struct json_object *value = NULL;

		assert_int_equal(jsonpath_compile_relaxed(good[i], &path, NULL), 0);
		assert_int_equal(jsonpath_first(path, object, &value, NULL), 0);
		assert_string_equal(json_text(value), "n");
		assert_int_equal(jsonpath_first(path, empty, &value, NULL), 0);
		assert_null(value);
	}
	for (size_t i = 0; i < countof(bad); i++) {
		struct jsonpath *path = NULL;

		assert_int_equal(jsonpath_compile_relaxed(bad[i], &path, NULL), -1);
	}
}

/* Item after item must print what the whole list prints. */
static void test_streaming_is_the_same(void **state)
{
	static const struct {
		const char *template;
		bool streams;
	} rows[] = {
		{"{.items[*].metadata.name}", true},
		{"{ .items[*]['spec'].n } done", true},
		{"names: {range .items[*]}{.metadata.name}{\"\\n\"}{end}.", true},
		{"{range .items[*].status.conditions[*]}{.type} {end}", true},
		{"{range .items[:]}{range .status.conditions[*]}{.type} {end}{end}", true},
		{"{.items[*].spec.missing}", true},
		{"{.items[*]}", true},
		{"{.items[0].metadata.name}", false},
		{"{.items[1:].metadata.name}", false},
		{"{.kind}", false},
		{"{..name}", false},
		{"{.items[*].metadata.name}{.items[*].spec.n}", false},
		{"{range .items[*]}{.metadata.name}", false},
		{"{.items[*].spec.n \"x\"}", false},
		{"", false},
	};
	autojson struct json_object *object = parse(list);
	struct json_object *items = json_get(object, "items");

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		CLEANUP(jsonpath_free_pointer) struct jsonpath *path = NULL;
		autobuf whole = BUF_INIT;
		autobuf pieces = BUF_INIT;
		const char *before;
		const char *after;
		bool any = false;

		assert_int_equal(jsonpath_compile(rows[i].template, &path, NULL), 0);
		assert_int_equal(jsonpath_streams(path, &before, &after), rows[i].streams);
		if (!rows[i].streams)
			continue;
		assert_int_equal(jsonpath_print(path, object, &whole, NULL), 0);
		buf_adds(&pieces, before);
		for (size_t j = 0; j < json_len(items); j++)
			assert_int_equal(
				jsonpath_print_item(path, json_item(items, j), &any, &pieces, NULL),
				0);
		buf_adds(&pieces, after);
		assert_string_equal(pieces.ptr, whole.ptr);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prints),
		cmocka_unit_test(test_refused_templates),
		cmocka_unit_test(test_failing_evaluations),
		cmocka_unit_test(test_relaxed),
		cmocka_unit_test(test_streaming_is_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
