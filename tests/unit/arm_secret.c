/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "arm/secret.h"
#include "base/alloc.h"
#include "base/json.h"

static void test_hides(void **state)
{
	static const struct {
		const char *body, *shown;
	} rows[] = {
		{"{\"properties\":{\"configurationProtectedSettings\":{\"k\":\"s\",\"n\":null,"
		 "\"d\":{"
		 "\"e\":[{\"f\":1},2]}}}}",
			"{\"properties\":{\"configurationProtectedSettings\":{\"k\":\"(secret)\","
			"\"n\":"
			"null,\"d\":{\"e\":\"(secret)\"}}}}"},
		{"{\"bucket\":{\"accessKey\":\"s\",\"url\":\"u\"}}",
			"{\"bucket\":{\"accessKey\":\"(secret)\",\"url\":\"u\"}}"},
		{"{\"azureBlob\":{\"servicePrincipal\":{\"clientId\":\"c\",\"ClientSecret\":\"s\"},"
		 "\"sasToken\":\"s\"}}",
			"{\"azureBlob\":{\"servicePrincipal\":{\"clientId\":\"c\",\"ClientSecret\":"
			"\"(secret)\"},\"sasToken\":\"(secret)\"}}"},
		{"{\"a\":[1,\"b\"]}", NULL},
		{"[]", NULL},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autojson struct json_object *body = NULL;
		autojson struct json_object *shown = NULL;
		autobuf text = BUF_INIT;
		autobuf before = BUF_INIT;
		autoerror err = ERROR_INIT;
		bool found;

		assert_int_equal(json_parse(rows[i].body, strlen(rows[i].body), &body, &err), 0);
		shown = arm_secret_hide(body, &found);
		json_write(&text, shown);
		json_write(&before, body);
		assert_string_equal(text.ptr, rows[i].shown ? rows[i].shown : rows[i].body);
		assert_string_equal(before.ptr, rows[i].body);
		assert_int_equal(found, rows[i].shown != NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_hides)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
