/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/alloc.h"
#include "base/file.h"
#include "bundle/receipt.h"

#define HEX "1111111111111111111111111111111111111111111111111111111111111111"
#define LOCK "sha256:" HEX
#define OID "2222222222222222222222222222222222222222"

static const char canonical[] =
	"{\"apiVersion\":\"bundle.flux-arc.io/v1\",\"kind\":\"Receipt\",\"lock\":\"" LOCK
	"\",\"sequence\":3,\"sources\":[{\"name\":\"app\",\"refs\":{\"refs/heads/a\":\"" OID
	"\",\"refs/heads/b\":\"" OID "\"},\"target\":\"https://b/app\",\"url\":\"https://a/app\"},"
	"{\"name\":\"more\",\"refs\":{},\"target\":\"https://b/more\",\"url\":\"https://a/"
	"more\"}]}\n";

static void add(struct receipt *receipt, const char *name, const char *const *refs)
{
	struct receipt_source *source = receipt_source(receipt, name);
	struct oid oid;

	assert_true(oid_parse(OID, OID_HEX_LEN, &oid));
	source->url = xasprintf("https://a/%s", name);
	source->target = xasprintf("https://b/%s", name);
	for (; *refs; refs++)
		receipt_add_ref(source, *refs, &oid);
}

/* Whatever the order in which things are added, the text is the same, and reads back. */
static void test_is_canonical(void **state)
{
	static const char *const refs[] = {"refs/heads/b", "refs/heads/a", NULL};
	autoreceipt receipt = RECEIPT_INIT;
	autoreceipt again = RECEIPT_INIT;
	autobuf text = BUF_INIT;

	(void)state;
	assert_true(sha256_text_parse(LOCK, SHA256_TEXT_LEN, &receipt.lock));
	receipt.sequence = 3;
	add(&receipt, "more", refs + 2);
	add(&receipt, "app", refs);
	receipt_print(&receipt, &text);
	assert_string_equal(text.ptr, canonical);
	assert_int_equal(receipt_parse(text.ptr, text.len, &again, NULL), 0);
	buf_reset(&text);
	receipt_print(&again, &text);
	assert_string_equal(text.ptr, canonical);
	assert_non_null(receipt_find(&again, "more"));
	assert_null(receipt_find(&again, "none"));
	assert_true(receipt_looks_like(text.ptr, text.len));
	assert_false(receipt_looks_like("{\"kind\":\"Lock\"}", 15));
	assert_false(receipt_looks_like("oci-layout", 10));
}

static void test_refused(void **state)
{
	static const struct {
		const char *from, *to, *why;
	} rows[] = {
		{"{\"apiVersion", "[\"apiVersion", "not a receipt"},
		{"Receipt", "Lock", "apiVersion and kind"},
		{"/v1", "/v2", "apiVersion and kind"},
		{"sha256:1", "sha256:X", "'lock' or 'sequence'"},
		{"sha256:1", "sha256:", "'lock' or 'sequence'"},
		{":3,", ":0,", "'lock' or 'sequence'"},
		{":3,", ":\"3\",", "'lock' or 'sequence'"},
		{"\"sources\":[", "\"other\":[", "'sources'"},
		{"\"target\":\"https://b/app\"", "\"target\":1", "lacks"},
		{"\"name\":\"more\"", "\"name\":\"app\"", "two sources"},
		{"\"refs\":{}", "\"refs\":[]", "no 'refs'"},
		{"refs/heads/b", "refs/heads/../b", "malformed"},
		{"\"2222", "\"222", "malformed"},
		{"refs/heads/b", "refs/heads/a", "not a receipt"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		const char *at = strstr(canonical, rows[i].from);
		autoreceipt receipt = RECEIPT_INIT;
		autoerror err = ERROR_INIT;
		autobuf text = BUF_INIT;

		buf_add(&text, canonical, (size_t)(at - canonical));
		buf_adds(&text, rows[i].to);
		buf_adds(&text, at + strlen(rows[i].from));
		assert_int_equal(receipt_parse(text.ptr, text.len, &receipt, &err), -1);
		assert_int_equal(err.kind, ERROR_DAMAGED);
		if (!strstr(err.message, rows[i].why))
			fail_msg("%s: %s", text.ptr, err.message);
	}
}

static void test_files(void **state)
{
	static const char *const refs[] = {"refs/heads/a", NULL};
	autoreceipt receipt = RECEIPT_INIT;
	autoreceipt again = RECEIPT_INIT;
	autoerror err = ERROR_INIT;
	autofree char *folder = NULL;

	(void)state;
	assert_int_equal(folder_temporary(&folder, NULL), 0);
	autofree char *path = xasprintf("%s/receipt.json", folder);
	assert_int_equal(receipt_read(path, &again, &err), -1);
	assert_int_equal(err.kind, ERROR_NOT_FOUND);
	assert_true(sha256_text_parse(LOCK, SHA256_TEXT_LEN, &receipt.lock));
	receipt.sequence = 1;
	add(&receipt, "app", refs);
	assert_int_equal(receipt_write(path, &receipt, NULL), 0);
	assert_int_equal(receipt_read(path, &again, NULL), 0);
	assert_int_equal(again.source_count, 1);
	assert_string_equal(again.sources[0].refs[0].name, "refs/heads/a");
	folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_is_canonical),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
