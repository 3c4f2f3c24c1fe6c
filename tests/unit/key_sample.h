/* SPDX-License-Identifier: Apache-2.0 */
/* A key with its certificate and an issuer's, in every form that they come in. */
#ifndef TESTS_UNIT_KEY_SAMPLE_H
#define TESTS_UNIT_KEY_SAMPLE_H

#include "base/base.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "base/buf.h"

#define KEY_PASSWORD "p4ssw0rd-of-the-key"

struct key_sample {
	EVP_PKEY *key, *issuer_key;
	X509 *certificate, *issuer;
};

static inline X509 *key_sample_certificate(const char *name, EVP_PKEY *key, EVP_PKEY *signer)
{
	X509 *certificate = X509_new();

	X509_set_version(certificate, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	ASN1_TIME_set_string_X509(X509_getm_notBefore(certificate), "20250101000000Z");
	ASN1_TIME_set_string_X509(X509_getm_notAfter(certificate), "20360102030405Z");
	X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
		(const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
	X509_set_pubkey(certificate, key);
	X509_sign(certificate, signer, EVP_sha256());
	return certificate;
}

static inline struct key_sample key_sample_make(EVP_PKEY *key)
{
	struct key_sample sample = {.key = key, .issuer_key = EVP_EC_gen("P-256")};

	sample.certificate = key_sample_certificate("principal", key, sample.issuer_key);
	sample.issuer = key_sample_certificate("issuer", sample.issuer_key, sample.issuer_key);
	return sample;
}

static inline void key_sample_clear(struct key_sample *sample)
{
	EVP_PKEY_free(sample->key);
	EVP_PKEY_free(sample->issuer_key);
	X509_free(sample->certificate);
	X509_free(sample->issuer);
}

static inline void key_sample_take(struct buf *out, BIO *bio)
{
	char *data;
	long len = BIO_get_mem_data(bio, &data);

	buf_add(out, data, (size_t)len);
	BIO_free(bio);
}

static inline void key_sample_add_certificate(struct buf *out, X509 *certificate)
{
	BIO *bio = BIO_new(BIO_s_mem());

	PEM_write_bio_X509(bio, certificate);
	key_sample_take(out, bio);
}

enum key_form {
	KEY_PKCS8,
	KEY_TRADITIONAL,
	KEY_PKCS8_SEALED,
	KEY_TRADITIONAL_SEALED,
};

static inline void key_sample_add_key(struct buf *out, EVP_PKEY *key, enum key_form form)
{
	BIO *bio = BIO_new(BIO_s_mem());
	const unsigned char *password = (const unsigned char *)KEY_PASSWORD;
	int len = (int)strlen(KEY_PASSWORD);

	if (form == KEY_PKCS8)
		PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
	else if (form == KEY_PKCS8_SEALED)
		PEM_write_bio_PKCS8PrivateKey(
			bio, key, EVP_aes_256_cbc(), KEY_PASSWORD, len, NULL, NULL);
	else
		PEM_write_bio_PrivateKey_traditional(bio, key,
			form == KEY_TRADITIONAL ? NULL : EVP_aes_128_cbc(),
			form == KEY_TRADITIONAL ? NULL : password,
			form == KEY_TRADITIONAL ? 0 : len, NULL, NULL);
	key_sample_take(out, bio);
}

/* PFX with the issuer's certificate; `cipher` and `mac_rounds` 0 for the usual. */
static inline void key_sample_add_pfx(struct buf *out, const struct key_sample *sample,
	const char *password, int cipher, int rounds, int mac_rounds)
{
	STACK_OF(X509) *chain = sk_X509_new_null();
	BIO *bio = BIO_new(BIO_s_mem());
	PKCS12 *pfx;

	sk_X509_push(chain, sample->issuer);
	pfx = PKCS12_create(password, "name", sample->key, sample->certificate, chain, cipher,
		cipher, rounds, mac_rounds, 0);
	i2d_PKCS12_bio(bio, pfx);
	PKCS12_free(pfx);
	sk_X509_free(chain);
	key_sample_take(out, bio);
}

#endif
