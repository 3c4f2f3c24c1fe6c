/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "key_sample.h"

#include <openssl/err.h>

#include "base/pem_key.h"
#include "base/time.h"

static struct key_sample sample;

static int make_sample(void **state)
{
	(void)state;
	sample = key_sample_make(EVP_RSA_gen(2048));
	return 0;
}

static int clear_sample(void **state)
{
	(void)state;
	key_sample_clear(&sample);
	return 0;
}

static bool is_certificate(const struct buf *der, X509 *certificate)
{
	unsigned char *wanted = NULL;
	int len = i2d_X509(certificate, &wanted);
	bool same = der->len == (size_t)len && memcmp(der->ptr, wanted, der->len) == 0;

	OPENSSL_free(wanted);
	return same;
}

static bool verifies(const struct buf *message, const struct buf *signature, bool pss)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *how;
	bool good;

	EVP_DigestVerifyInit(ctx, &how, EVP_sha256(), NULL, sample.key);
	if (pss) {
		EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING);
		EVP_PKEY_CTX_set_rsa_pss_saltlen(how, 32);
	}
	good = EVP_DigestVerify(ctx, (const unsigned char *)signature->ptr, signature->len,
		       (const unsigned char *)message->ptr, message->len) == 1;
	EVP_MD_CTX_free(ctx);
	return good;
}

/* The whole of what a key is for. */
static void assert_works(const struct buf *content, const char *password, bool chain)
{
	autopemkey *key = NULL;
	autoerror err = ERROR_INIT;
	autobuf message = BUF_INIT;
	autobuf certificate = BUF_INIT;
	autobuf issuer = BUF_INIT;

	if (pem_key_read(content->ptr, content->len, password, &key, &err) < 0)
		fail_msg("%s", err.message);
	assert_true(pem_key_certificate(key, 0, &certificate));
	assert_true(is_certificate(&certificate, sample.certificate));
	assert_int_equal(pem_key_certificate(key, 1, &issuer), chain);
	assert_true(!chain || is_certificate(&issuer, sample.issuer));
	assert_false(pem_key_certificate(key, 2, &issuer));
	assert_int_equal(pem_key_expires(key), time_parse("2036-01-02T03:04:05Z"));
	buf_adds(&message, "a.b");
	for (int pss = 0; pss <= 1; pss++) {
		autobuf signature = BUF_INIT;

		assert_int_equal(pem_key_sign(key, pss ? PEM_KEY_PS256 : PEM_KEY_RS256, &message,
					 &signature, &err),
			0);
		assert_true(verifies(&message, &signature, pss));
		assert_false(verifies(&message, &signature, !pss));
	}
}

static void test_reads_pem(void **state)
{
	static const struct {
		enum key_form form;
		bool key_first, chain, password;
	} rows[] = {
		{KEY_PKCS8, true, false, false},
		{KEY_PKCS8, false, true, false},
		{KEY_PKCS8, false, true, true}, /* a password that is not needed */
		{KEY_TRADITIONAL, true, true, false},
		{KEY_PKCS8_SEALED, true, true, true},
		{KEY_TRADITIONAL_SEALED, false, false, true},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autobuf content = BUF_INIT;

		buf_adds(&content, "Bag Attributes\n  friendlyName: x\n");
		if (rows[i].key_first)
			key_sample_add_key(&content, sample.key, rows[i].form);
		/* The issuer first: which is the key's own is found out. */
		if (rows[i].chain)
			key_sample_add_certificate(&content, sample.issuer);
		key_sample_add_certificate(&content, sample.certificate);
		if (!rows[i].key_first)
			key_sample_add_key(&content, sample.key, rows[i].form);
		assert_works(&content, rows[i].password ? KEY_PASSWORD : NULL, rows[i].chain);
	}
}

static void test_reads_pfx(void **state)
{
	static const struct {
		const char *password;
		int cipher, mac_rounds;
	} rows[] = {
		{KEY_PASSWORD, 0, 0}, {KEY_PASSWORD, NID_pbe_WithSHA1And3_Key_TripleDES_CBC, 1},
		{NULL, 0, 0}, {"", 0, 0}, {NULL, -1, -1}, /* neither sealed nor signed */
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autobuf content = BUF_INIT;

		key_sample_add_pfx(
			&content, &sample, rows[i].password, rows[i].cipher, 0, rows[i].mac_rounds);
		assert_works(&content, rows[i].password, true);
	}
}

static void assert_refused(const struct buf *content, const char *password, const char *message)
{
	struct pem_key *key = NULL;
	autoerror err = ERROR_INIT;

	assert_int_equal(pem_key_read(content->ptr, content->len, password, &key, &err), -1);
	assert_null(key);
	if (!strstr(err.message, message))
		fail_msg("'%s' is not '%s'", err.message, message);
	assert_null(strstr(err.message, KEY_PASSWORD));
	assert_int_equal(ERR_peek_error(), 0);
}

static void test_says_what_is_missing(void **state)
{
	autobuf certificate = BUF_INIT;
	autobuf key = BUF_INIT;
	autobuf foreign = BUF_INIT;
	autobuf malformed = BUF_INIT;

	(void)state;
	key_sample_add_certificate(&certificate, sample.certificate);
	key_sample_add_key(&key, sample.key, KEY_PKCS8);
	key_sample_add_key(&foreign, sample.key, KEY_PKCS8);
	key_sample_add_certificate(&foreign, sample.issuer);
	buf_adds(&malformed, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
	assert_refused(&certificate, NULL, "there is no private key in it");
	assert_refused(&key, NULL, "there is no certificate in it");
	assert_refused(&foreign, NULL, "no certificate in it belongs to its key");
	assert_refused(&malformed, NULL, "its private key is malformed");
}

static void test_says_that_a_password_is_wrong(void **state)
{
	static const enum key_form forms[] = {KEY_PKCS8_SEALED, KEY_TRADITIONAL_SEALED};
	autobuf pfx = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < countof(forms); i++) {
		autobuf content = BUF_INIT;

		key_sample_add_certificate(&content, sample.certificate);
		key_sample_add_key(&content, sample.key, forms[i]);
		assert_refused(&content, "other", "the password does not open the private key");
		assert_refused(&content, NULL, "encrypted, and no password is set");
	}
	key_sample_add_pfx(&pfx, &sample, KEY_PASSWORD, 0, 0, 0);
	assert_refused(&pfx, "other", "the password does not open the PFX file");
	assert_refused(&pfx, NULL, "the PFX file wants a password, and none is set");
}

static void test_refuses_other_keys(void **state)
{
	struct key_sample rows[] = {
		key_sample_make(EVP_EC_gen("P-256")), key_sample_make(EVP_RSA_gen(1024))};
	static const char *const messages[] = {
		"its key is not of RSA", "its key has 1024 bits: 2048 to 16384 are taken"};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autobuf content = BUF_INIT;

		key_sample_add_key(&content, rows[i].key, KEY_PKCS8);
		key_sample_add_certificate(&content, rows[i].certificate);
		assert_refused(&content, NULL, messages[i]);
		key_sample_clear(&rows[i]);
	}
}

/* Years of work, asked for by a number in the file. */
static void test_refuses_endless_rounds(void **state)
{
	autobuf seal = BUF_INIT;
	autobuf pem = BUF_INIT;
	BIO *bio = BIO_new(BIO_s_mem());
	X509_ALGOR *algorithm = PKCS5_pbe2_set(EVP_aes_128_cbc(), 1, NULL, 0);
	PBE2PARAM *outer =
		ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), algorithm->parameter);
	PBKDF2PARAM *inner =
		ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM), outer->keyfunc->parameter);
	X509_SIG *sealed = X509_SIG_new();
	X509_ALGOR *place;
	ASN1_OCTET_STRING *bytes;

	(void)state;
	ASN1_INTEGER_set_int64(inner->iter, INT32_MAX);
	ASN1_TYPE_pack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM), inner, &outer->keyfunc->parameter);
	ASN1_TYPE_pack_sequence(ASN1_ITEM_rptr(PBE2PARAM), outer, &algorithm->parameter);
	X509_SIG_getm(sealed, &place, &bytes);
	X509_ALGOR_copy(place, algorithm);
	ASN1_OCTET_STRING_set(bytes, (const unsigned char *)"0123456789abcdef", 16);
	PEM_write_bio_PKCS8(bio, sealed);
	key_sample_take(&pem, bio);
	assert_refused(&pem, KEY_PASSWORD, "more than 2000000 rounds");
	X509_SIG_free(sealed);
	PBKDF2PARAM_free(inner);
	PBE2PARAM_free(outer);
	X509_ALGOR_free(algorithm);
	/* The MAC of a PFX: its count is the last number in the file. */
	key_sample_add_pfx(&seal, &sample, KEY_PASSWORD, 0, 0, 0x010203);
	assert_memory_equal(seal.ptr + seal.len - 5, "\x02\x03\x01\x02\x03", 5);
	seal.ptr[seal.len - 3] = 0x7f;
	assert_refused(&seal, KEY_PASSWORD, "more than 2000000 rounds");
}

static void test_refuses_what_is_neither(void **state)
{
	autobuf empty = BUF_INIT;
	autobuf text = BUF_INIT;
	autobuf cut = BUF_INIT;
	autobuf large = BUF_INIT;

	(void)state;
	buf_adds(&text, "not a key at all");
	key_sample_add_pfx(&cut, &sample, KEY_PASSWORD, 0, 0, 0);
	buf_truncate(&cut, cut.len / 2);
	buf_fill(&large, '0', PEM_KEY_MAX_BYTES + 1);
	assert_refused(&empty, NULL, "neither PEM nor PFX");
	assert_refused(&text, NULL, "neither PEM nor PFX");
	assert_refused(&cut, KEY_PASSWORD, "neither PEM nor PFX");
	assert_refused(&large, NULL, "too large");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_pem),
		cmocka_unit_test(test_reads_pfx),
		cmocka_unit_test(test_says_what_is_missing),
		cmocka_unit_test(test_says_that_a_password_is_wrong),
		cmocka_unit_test(test_refuses_other_keys),
		cmocka_unit_test(test_refuses_endless_rounds),
		cmocka_unit_test(test_refuses_what_is_neither),
	};

	return cmocka_run_group_tests(tests, make_sample, clear_sample);
}
