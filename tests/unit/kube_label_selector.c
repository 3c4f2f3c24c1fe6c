/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/buf.h"
#include "base/json.h"
#include "kube/selector.h"

#define LABEL                                                                                  \
	"a valid label must be an empty string or consist of alphanumeric characters, '-', "   \
	"'_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  " \
	"or 'my_value',  or '12345', regex used for validation is "                            \
	"'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
#define NAME                                                                                  \
	"must consist of alphanumeric characters, '-', '_' or '.', and must start and end "   \
	"with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex " \
	"used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
#define B64 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define OPERATORS "in, notin, =, ==, !=, gt, lt"

/* What a server 1.36 said to each. */
static const struct {
	const char *selector, *error;
} refused[] = {
	{"a b", "unable to parse requirement: found 'b', expected: " OPERATORS},
	{"a=b,", "found '', expected: identifier after ','"},
	{"a in (", "unable to parse requirement: found '', expected: ',', ')' or identifier"},
	{"a in (x", "unable to parse requirement: found '', expected: ',' or ')'"},
	{"a in x", "unable to parse requirement: found 'x' expected: '('"},
	{"a in (x y)", "unable to parse requirement: found 'y', expected: ',' or ')'"},
	{"a>b", "unable to parse requirement: values[0]: Invalid value: \"b\": for 'Gt', 'Lt' "
		"operators, the value must be an integer"},
	{"=b", "found '=', expected: !, identifier, or 'end of string'"},
	{"!a=b", "found '=', expected: ',' or 'end of string'"},
	{"a=-b", "unable to parse requirement: values[0][a]: Invalid value: \"-b\": " LABEL},
	{"a in (y,-x)", "unable to parse requirement: values[0][a]: Invalid value: \"-x\": " LABEL},
	{"a=b c", "found 'c', expected: ',' or 'end of string'"},
	{"-a=b", "unable to parse requirement: <nil>: Invalid value: \"-a\": name part " NAME},
	{"a/b/c=d", "unable to parse requirement: <nil>: Invalid value: \"a/b/c\": a valid label "
		    "key " NAME
		    " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"},
	{"A.b/c=d",
		"unable to parse requirement: <nil>: Invalid value: \"A.b/c\": prefix part a "
		"lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, "
		"'-' or '.', and must start and end with an alphanumeric character (e.g. "
		"'example.com', regex used for validation is "
		"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"},
	{"/c=d", "unable to parse requirement: <nil>: Invalid value: \"/c\": prefix part must be "
		 "non-empty"},
	{"x,,y", "found ',', expected: identifier after ','"},
	{",x", "found ',', expected: !, identifier, or 'end of string'"},
	{"a===b", "unable to parse requirement: found '=', expected: identifier"},
	{"a=!b", "unable to parse requirement: found '!', expected: identifier"},
	{"a<>b", "unable to parse requirement: found '>', expected: identifier"},
	{"a=" B64, "unable to parse requirement: values[0][a]: Invalid value: \"" B64
		   "\": must be no more than 63 bytes"},
	{B64 "=x", "unable to parse requirement: <nil>: Invalid value: \"" B64
		   "\": name part must be no more than 63 bytes"},
	{"a not b", "unable to parse requirement: found 'not', expected: " OPERATORS},
	{"a in ((", "unable to parse requirement: found '(', expected: ',', ')' or identifier"},
	{"a!b", "unable to parse requirement: found '!', expected: " OPERATORS},
	{"a in", "unable to parse requirement: found '' expected: '('"},
	{"a)", "unable to parse requirement: found ')', expected: " OPERATORS},
};

static void server_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(refused); i++) {
		struct label_selector *selector = NULL;
		autoerror err = ERROR_INIT;

		assert_int_equal(label_selector_parse(refused[i].selector, &selector, &err), -1);
		assert_string_equal(err.message, refused[i].error);
	}
}

static const struct {
	const char *selector, *labels;
	bool matches;
} rows[] = {
	/* clang-format off */
	{"",                   "{}",                   true},
	{"a=b",                "{\"a\":\"b\"}",        true},
	{"a==b",               "{\"a\":\"c\"}",        false},
	{" a = b , c = d ",    "{\"a\":\"b\",\"c\":\"d\"}", true},
	{"a=b,c=d",            "{\"a\":\"b\"}",        false},
	{"a=",                 "{\"a\":\"\"}",         true},
	{"a=",                 "{}",                   false},
	{"a!=b",               "{}",                   true},
	{"a!=b",               "{\"a\":\"b\"}",        false},
	{"a",                  "{\"a\":\"\"}",         true},
	{"a",                  "{}",                   false},
	{"!a",                 "{}",                   true},
	{"! a",                "{\"a\":\"\"}",         false},
	{"a in (x,y)",         "{\"a\":\"y\"}",        true},
	{"a in (x,y)",         "{\"a\":\"z\"}",        false},
	{"a in (,)",           "{\"a\":\"\"}",         true},
	{"a in (x,)",          "{\"a\":\"\"}",         true},
	{"a notin (x,y)",      "{}",                   true},
	{"a notin (x,y)",      "{\"a\":\"x\"}",        false},
	{"in=x",               "{\"in\":\"x\"}",       true},
	{"a in (in,notin)",    "{\"a\":\"notin\"}",    true},
	{"a>4",                "{\"a\":\"5\"}",        true},
	{"a>4",                "{\"a\":\"4\"}",        false},
	{"a<4",                "{\"a\":\"x\"}",        false},
	{"a<4",                "{\"a\":\"3\"}",        true},
	{"app.kubernetes.io/name=x,b!=c", "{\"app.kubernetes.io/name\":\"x\"}", true},
	/* clang-format on */
};

static void matching(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct label_selector *selector = NULL;
		autojson struct json_object *labels = NULL;

		assert_int_equal(
			json_parse(rows[i].labels, strlen(rows[i].labels), &labels, NULL), 0);
		assert_int_equal(label_selector_parse(rows[i].selector, &selector, NULL), 0);
		if (label_selector_matches(selector, labels) != rows[i].matches)
			fail_msg("'%s' of %s", rows[i].selector, rows[i].labels);
		label_selector_free(selector);
	}
}

/* A list without labels at all. */
static void no_labels(void **state)
{
	struct label_selector *selector = NULL;

	(void)state;
	assert_int_equal(label_selector_parse("!a,b!=c", &selector, NULL), 0);
	assert_true(label_selector_matches(selector, NULL));
	label_selector_free(selector);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(server_words),
		cmocka_unit_test(matching),
		cmocka_unit_test(no_labels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
