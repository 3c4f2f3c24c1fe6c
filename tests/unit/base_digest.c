/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/digest.h"

static void test_base64_decode(void **state)
{
	static const struct {
		const char *text, *want;
		size_t bad;
	} rows[] = {
		{"", "", 0},
		{"Zg==", "f", 0},
		{"Zm8=", "fo", 0},
		{"Zm9v", "foo", 0},
		{"Zm\n9v\r\nYg=\n=", "foob", 0},
		{"Zg", NULL, 0},
		{"Zg=", NULL, 3},
		{"Z", NULL, 0},
		{"Zm9v!", NULL, 4},
		{"Zg==Zg==", NULL, 4},
		{"Zm9vYg", NULL, 4},
		{"=", NULL, 0},
		{"Zm9v=", NULL, 4},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autobuf out = BUF_INIT;
		size_t bad = 0;
		bool ok = base64_decode(rows[i].text, strlen(rows[i].text), &out, &bad);

		assert_int_equal(ok, rows[i].want != NULL);
		if (ok)
			assert_string_equal(out.ptr, rows[i].want);
		else
			assert_int_equal(bad, rows[i].bad);
	}
}

static void test_base64_round_trip(void **state)
{
	unsigned char bytes[256];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)i;
	for (size_t len = 0; len <= sizeof(bytes); len++) {
		autobuf text = BUF_INIT;
		autobuf back = BUF_INIT;
		size_t bad;

		base64_encode(bytes, len, &text);
		assert_true(base64_decode(text.ptr, text.len, &back, &bad));
		assert_int_equal(back.len, len);
		assert_memory_equal(back.ptr, bytes, len);
	}
}

static void test_base64url(void **state)
{
	autobuf out = BUF_INIT;

	(void)state;
	assert_true(base64url_decode("eyJleHAiOjF9", 12, &out));
	assert_string_equal(out.ptr, "{\"exp\":1}");
	assert_true(base64url_decode("-_8", 3, &out));
	assert_false(base64url_decode("a", 1, &out));
	assert_false(base64url_decode("a+bc", 4, &out));
}

static void test_sha256(void **state)
{
	char hex[SHA256_HEX_LEN + 1];

	(void)state;
	sha256_hex("abc", 3, hex);
	assert_string_equal(
		hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/* "abc" whole and in pieces, from FIPS 180-4's examples; a digest may be taken again and again. */
static void test_digest(void **state)
{
	static const struct {
		enum digest_kind kind;
		size_t len;
		const char *want;
	} rows[] = {
		{DIGEST_SHA1, 20, "a9993e364706816aba3e25717850c26c9cd0d89d"},
		{DIGEST_SHA256, 32,
			"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{DIGEST_SHA512, 64,
			"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
			"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autodigest *digest = digest_new(rows[i].kind);
		unsigned char bytes[DIGEST_MAX];
		char hex[2 * DIGEST_MAX + 1];

		digest_add(digest, "abc", 3);
		digest_end_hex(digest, hex);
		assert_string_equal(hex, rows[i].want);
		digest_add(digest, "a", 1);
		digest_add(digest, "", 0);
		digest_add(digest, "bc", 2);
		assert_int_equal(digest_end(digest, bytes), rows[i].len);
		hex_encode(bytes, rows[i].len, hex);
		assert_string_equal(hex, rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base64_decode),
		cmocka_unit_test(test_base64_round_trip),
		cmocka_unit_test(test_base64url),
		cmocka_unit_test(test_sha256),
		cmocka_unit_test(test_digest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
