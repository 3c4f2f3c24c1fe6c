/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "bundle/snapshot_private.h"

#define JWT "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"

/* `scrubbed` NULL: nothing is replaced. */
static const struct {
	const char *text, *scrubbed;
} rows[] = {
	/* clang-format off */
	{"", NULL},
	{"nothing to see", NULL},
	{"https://example.com/a@b", NULL},
	{"https://user:pass@example.com/x", "https://<redacted>@example.com/x"},
	{"clone 'https://ghp_abc@host/x.git': no", "clone 'https://<redacted>@host/x.git': no"},
	{"http://a:b@h and HTTPS://c:d@h", "http://<redacted>@h and HTTPS://<redacted>@h"},
	{"https://u:p@ss@host/", "https://<redacted>@host/"},
	{"ssh://git@github.com/a", NULL},
	{"ssh://git:secret@github.com/a", "ssh://<redacted>@github.com/a"},
	{"git@github.com:a/b", NULL},
	{"\"https://u:p\\u0026q@host\"", "\"https://<redacted>@host\""},
	{"\"https://host\\n@x\"", NULL},
	{"https://host?x=a@b", NULL},
	{"postgres://app:pw@db:5432/x", "postgres://<redacted>@db:5432/x"},
	{"https://u:p@", "https://<redacted>@"},
	{"https://u:p", NULL},
	{"https://u:a'(),;<>[b@host/", "https://<redacted>@host/"},
	{"<https://host> a@b", NULL},
	{"Authorization: Bearer abc123def456", "Authorization: Bearer <redacted>"},
	{"{\"value\":\"bearer abc123def456\"}", "{\"value\":\"bearer <redacted>\"}"},
	{"Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic <redacted>"},
	{"Basic dXNlcjpwYXNzMQ==", "Basic <redacted>"},
	{"basic authentication is off, bearer tokens too", NULL},
	{"Bearer realm=\"https://x\"", NULL},
	{"token " JWT " refused", "token <redacted> refused"},
	{"eyJ is short", NULL},
	{"https://x.blob.core.windows.net/c?sv=1&sig=a%2Bb%3D&se=2", "https://x.blob.core.windows.net/c?sv=1&sig=<redacted>&se=2"},
	{"https://x/c?sig=ab\\u0026se=2", "https://x/c?sig=<redacted>\\u0026se=2"},
	{"https://x/c?a\\u0026sig=ab", "https://x/c?a\\u0026sig=<redacted>"},
	{"design=x", NULL},
	{"Endpoint=sb://x/;SharedAccessKeyName=n;SharedAccessKey=ab+c/d=;EntityPath=e",
		"Endpoint=sb://x/;SharedAccessKeyName=n;SharedAccessKey=<redacted>;EntityPath=e"},
	{"AccountName=a;AccountKey=ab==", "AccountName=a;AccountKey=<redacted>"},
	/* clang-format on */
};

static void replaced(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		/* Without a byte behind it that could be read. */
		char *exact = malloc(strlen(rows[i].text) + 1);
		autobuf out = BUF_INIT;
		uint64_t count = 0;

		assert_non_null(exact);
		memcpy(exact, rows[i].text, strlen(rows[i].text) + 1);
		snapshot_scrub(exact, strlen(exact), &out, &count);
		free(exact);
		assert_string_equal(out.ptr, rows[i].scrubbed ? rows[i].scrubbed : rows[i].text);
		if (!rows[i].scrubbed)
			assert_int_equal(count, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(replaced)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
