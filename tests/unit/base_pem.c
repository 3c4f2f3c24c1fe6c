/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/alloc.h"
#include "base/pem.h"

static void take_bio(BIO *bio, struct buf *out)
{
	char *text;
	long len = BIO_get_mem_data(bio, &text);

	buf_add(out, text, (size_t)len);
	BIO_free(bio);
}

/* A key of its own and a certificate that it signed. */
static void make_pair(const char *curve, struct buf *cert, struct buf *key)
{
	EVP_PKEY *pkey = curve ? EVP_EC_gen(curve) : EVP_RSA_gen(2048);
	X509 *x509 = X509_new();
	BIO *bio = BIO_new(BIO_s_mem());

	assert_non_null(pkey);
	ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
	X509_gmtime_adj(X509_getm_notBefore(x509), 0);
	X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
	X509_set_pubkey(x509, pkey);
	assert_true(X509_sign(x509, pkey, EVP_sha256()) > 0);
	PEM_write_bio_X509(bio, x509);
	take_bio(bio, cert);
	bio = BIO_new(BIO_s_mem());
	PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL);
	take_bio(bio, key);
	X509_free(x509);
	EVP_PKEY_free(pkey);
}

struct pairs {
	struct buf cert, key, other_cert, other_key, rsa_cert, rsa_key;
};

static int set_up(void **state)
{
	struct pairs *pairs = xcalloc(1, sizeof(*pairs));

	*pairs = (struct pairs){BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT};
	make_pair("P-256", &pairs->cert, &pairs->key);
	make_pair("P-256", &pairs->other_cert, &pairs->other_key);
	make_pair(NULL, &pairs->rsa_cert, &pairs->rsa_key);
	*state = pairs;
	return 0;
}

static int tear_down(void **state)
{
	struct pairs *pairs = *state;

	buf_clear(&pairs->cert);
	buf_clear(&pairs->key);
	buf_clear(&pairs->other_cert);
	buf_clear(&pairs->other_key);
	buf_clear(&pairs->rsa_cert);
	buf_clear(&pairs->rsa_key);
	free(pairs);
	return 0;
}

static void test_certificates_are_picked_out(void **state)
{
	struct pairs *pairs = *state;
	autobuf text = BUF_INIT;
	autobuf wanted = BUF_INIT;
	autobuf out = BUF_INIT;
	autoerror err = ERROR_INIT;

	buf_addf(&text, "# comment\n%s%s\n", pairs->key.ptr, pairs->cert.ptr);
	buf_adds(&text, "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n");
	buf_addf(&text, "subject=x\r\n%strailing", pairs->rsa_cert.ptr);
	buf_addf(&wanted, "%s%s", pairs->cert.ptr, pairs->rsa_cert.ptr);
	assert_int_equal(pem_certificates(text.ptr, text.len, &out, &err), 0);
	assert_string_equal(out.ptr, wanted.ptr);
}

static void test_no_certificates(void **state)
{
	struct pairs *pairs = *state;
	const struct {
		const char *text, *error;
	} rows[] = {
		{"", "unable to parse bytes as PEM block"},
		{"foo", "unable to parse bytes as PEM block"},
		{"-----BEGIN CERTIFICATE-----\n", "unable to parse bytes as PEM block"},
		{pairs->key.ptr, "no valid certificate authority data seen"},
		{"-----BEGIN CERTIFICATE-----\nZm9v\n-----END CERTIFICATE-----\n",
			"failed to parse certificate: x509: malformed certificate"},
	};

	for (size_t i = 0; i < countof(rows); i++) {
		autobuf out = BUF_INIT;
		autoerror err = ERROR_INIT;

		assert_int_equal(
			pem_certificates(rows[i].text, strlen(rows[i].text), &out, &err), -1);
		assert_string_equal(err.message, rows[i].error);
	}
}

static void test_pairs(void **state)
{
	struct pairs *pairs = *state;
	const struct buf empty = BUF_INIT;
	const struct {
		const struct buf *cert, *key;
		const char *error; /* NULL: they belong together */
	} rows[] = {
		{&pairs->cert, &pairs->key, NULL},
		{&pairs->rsa_cert, &pairs->rsa_key, NULL},
		{&pairs->cert, &pairs->other_key, "tls: private key does not match public key"},
		{&pairs->cert, &pairs->rsa_key,
			"tls: private key type does not match public key type"},
		{&empty, &pairs->key, "tls: failed to find any PEM data in certificate input"},
		{&pairs->key, &pairs->cert,
			"tls: failed to find certificate PEM data in certificate input, but did "
			"find a "
			"private key; PEM inputs may have been switched"},
		{&pairs->cert, &empty, "tls: failed to find any PEM data in key input"},
		{&pairs->cert, &pairs->cert,
			"tls: found a certificate rather than a key in the PEM for the private "
			"key"},
	};

	for (size_t i = 0; i < countof(rows); i++) {
		autoerror err = ERROR_INIT;
		int result = pem_check_pair(rows[i].cert, rows[i].key, &err);

		assert_int_equal(result, rows[i].error ? -1 : 0);
		if (rows[i].error)
			assert_string_equal(err.message, rows[i].error);
	}
}

/* An encrypted key is refused; nothing asks for its password. */
static void test_encrypted_keys(void **state)
{
	struct pairs *pairs = *state;
	BIO *in = BIO_new_mem_buf(pairs->key.ptr, (int)pairs->key.len);
	EVP_PKEY *pkey = PEM_read_bio_PrivateKey(in, NULL, NULL, NULL);
	BIO *out = BIO_new(BIO_s_mem());
	unsigned char password[] = "x";
	autobuf encrypted = BUF_INIT;
	autoerror err = ERROR_INIT;

	PEM_write_bio_PrivateKey_traditional(out, pkey, EVP_aes_128_cbc(), password, 1, NULL, NULL);
	take_bio(out, &encrypted);
	BIO_free(in);
	EVP_PKEY_free(pkey);
	assert_int_equal(pem_check_pair(&pairs->cert, &encrypted, &err), -1);
	assert_string_equal(err.message, "tls: failed to parse private key");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_certificates_are_picked_out),
		cmocka_unit_test(test_no_certificates),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_encrypted_keys),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
