/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/alloc.h"
#include "base/json.h"
#include "kube/selector.h"

#define POD                                                                                \
	"{\"metadata\":{\"name\":\"p\",\"namespace\":\"n\"},\"spec\":{\"nodeName\":\"a\"," \
	"\"hostNetwork\":true},\"status\":{\"phase\":\"Running\",\"podIP\":\"10.0.0.1\"}}"
#define EVENT                                                                                  \
	"{\"metadata\":{\"name\":\"e\"},\"involvedObject\":{\"kind\":\"Pod\",\"name\":\"p\"}," \
	"\"reason\":\"Started\",\"type\":\"Normal\",\"source\":{},\"reportingComponent\":"     \
	"\"kubelet\"}"

static const struct {
	const char *kind, *selector, *object;
	bool matches;
} rows[] = {
	/* clang-format off */
	{"Pod", "",                                    POD, true},
	{"Pod", "metadata.name=p",                     POD, true},
	{"Pod", "metadata.name==p,metadata.namespace=n,", POD, true},
	{"Pod", "metadata.name!=p",                    POD, false},
	{"Pod", "metadata.name=p,metadata.name=q",     POD, false},
	{"Pod", "spec.nodeName=a",                     POD, true},
	{"Pod", "spec.host=a",                         POD, true},
	{"Pod", "spec.hostNetwork=true",               POD, true},
	{"Pod", "status.phase!=Running",               POD, false},
	{"Pod", "status.podIP=10.0.0.1",               POD, true},
	{"Pod", "status.podIPs=10.0.0.1",              POD, false},
	{"Pod", "spec.restartPolicy=",                 POD, true},
	{"Pod", "metadata.name=a\\,b",                 "{\"metadata\":{\"name\":\"a,b\"}}", true},
	{"Pod", "metadata.name=a\\=b",                 "{\"metadata\":{\"name\":\"a=b\"}}", true},
	{"Pod", "spec.hostNetwork=false",              "{}", true},
	{"Node", "spec.unschedulable=false",           "{}", true},
	{"Node", "spec.unschedulable=true",            "{\"spec\":{\"unschedulable\":true}}", true},
	{"Job", "status.successful=0",                 "{}", true},
	{"Job", "status.successful=1",                 "{\"status\":{\"succeeded\":1}}", true},
	{"Event", "involvedObject.kind=Pod,involvedObject.name=p", EVENT, true},
	{"Event", "source=kubelet",                    EVENT, true},
	{"Event", "reportingComponent=kubelet,type=Normal,reason!=x", EVENT, true},
	{"Event", "source=a",                          "{\"source\":{\"component\":\"a\"}}", true},
	{"HelmRelease", "metadata.namespace=",         "{}", true},
	/* clang-format on */
};

static void matching(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		struct field_selector *selector = NULL;
		autojson struct json_object *object = NULL;
		autoerror err = ERROR_INIT;

		assert_int_equal(
			json_parse(rows[i].object, strlen(rows[i].object), &object, NULL), 0);
		if (field_selector_parse(
			    kind_find(rows[i].kind, NULL), rows[i].selector, &selector, &err) < 0)
			fail_msg("'%s': %s", rows[i].selector, err.message);
		if (field_selector_matches(selector, object) != rows[i].matches)
			fail_msg("'%s' of %s", rows[i].selector, rows[i].object);
		field_selector_free(selector);
	}
}

/* What a server 1.36 said to each. */
static const struct {
	const char *kind, *selector, *error;
} refused[] = {
	/* clang-format off */
	{"Pod", "a b",                   "invalid selector: 'a b'; can't understand 'a b'"},
	{"Pod", "metadata.name",         "invalid selector: 'metadata.name'; can't understand 'metadata.name'"},
	{"Pod", "foo=b,metadata.name",   "invalid selector: 'foo=b,metadata.name'; can't understand 'metadata.name'"},
	{"Pod", "metadata.name =x",      "field label not supported: metadata.name "},
	{"Pod", " metadata.name=x",      "field label not supported:  metadata.name"},
	{"Pod", "metadata.name=a=b",     "invalid field selector: unescaped character in value: 61"},
	{"Pod", "metadata.name=a\\b",    "invalid field selector: invalid escape sequence: \\b"},
	{"Pod", "metadata.name=a\\",     "invalid field selector: invalid escape sequence: \\"},
	{"Pod", "foo=bar,zoo=x",         "field label not supported: foo"},
	{"Pod", "zoo=x,foo=bar",         "field label not supported: foo"},
	{"Pod", "=x",                    "field label not supported: "},
	{"Pod", "metadata.name!!=x",     "field label not supported: metadata.name!"},
	{"HelmRelease", "spec.foo=x",    "field label not supported: spec.foo"},
	{"Node", "metadata.namespace=x", "field label not supported: metadata.namespace"},
	{"Job", "spec.foo=x",            "field label \"spec.foo\" not supported for Job"},
	{"Deployment", "spec.foo=x",     "\"spec.foo\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""},
	{"CustomResourceDefinition", "status.phase=x", "\"status.phase\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""},
	/* clang-format on */
};

static void server_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(refused); i++) {
		struct field_selector *selector = NULL;
		autoerror err = ERROR_INIT;

		assert_int_equal(field_selector_parse(kind_find(refused[i].kind, NULL),
					 refused[i].selector, &selector, &err),
			-1);
		assert_string_equal(err.message, refused[i].error);
	}
}

/* Only what is looked at has to be read of an object. */
static void paths(void **state)
{
	struct field_selector *selector = NULL;
	autostrv found = STRV_INIT;
	autofree char *joined = NULL;

	(void)state;
	assert_int_equal(field_selector_parse(kind_find("Event", NULL), "source=a,type!=b,type!=c",
				 &selector, NULL),
		0);
	field_selector_paths(selector, &found);
	joined = strv_join(&found, " ");
	assert_string_equal(joined, "source.component reportingComponent type");
	field_selector_free(selector);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matching),
		cmocka_unit_test(server_words),
		cmocka_unit_test(paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
