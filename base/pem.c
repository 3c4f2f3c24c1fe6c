/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <limits.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/pem.h"

/* One block of a PEM text. */
struct block {
	char *name; /* "CERTIFICATE" */
	char *header;
	unsigned char *data;
	long len;
};

static void block_clear(struct block *block)
{
	OPENSSL_free(block->name);
	OPENSSL_free(block->header);
	if (block->data)
		OPENSSL_clear_free(block->data, (size_t)block->len);
	memset(block, 0, sizeof(*block));
}

/* The next block that is well-formed; damaged ones are skipped, as Go does. */
static bool next_block(BIO *bio, struct block *block)
{
	memset(block, 0, sizeof(*block));
	for (;;) {
		size_t before = BIO_ctrl_pending(bio);
		bool read = PEM_read_bio(bio, &block->name, &block->header, &block->data,
				    &block->len) == 1;

		ERR_clear_error();
		if (read)
			return true;
		if (BIO_ctrl_pending(bio) == 0 || BIO_ctrl_pending(bio) == before)
			return false;
	}
}

static BIO *open_text(const char *text, size_t len)
{
	BIO *bio;

	/* OpenSSL is first heard of here. The system takes its memory back faster than it does. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
	bio = len <= INT_MAX ? BIO_new_mem_buf(text, (int)len) : NULL;

	if (!bio)
		abort();
	return bio;
}

static bool is_certificate(const struct block *block)
{
	return streq(block->name, "CERTIFICATE") && !str_set(block->header);
}

static X509 *parse_certificate(const struct block *block)
{
	const unsigned char *data = block->data;
	X509 *certificate = d2i_X509(NULL, &data, block->len);

	if (certificate && data != block->data + block->len) {
		X509_free(certificate);
		certificate = NULL;
	}
	ERR_clear_error();
	return certificate;
}

static void add_certificate(struct buf *out, X509 *certificate)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long len;

	if (!bio || PEM_write_bio_X509(bio, certificate) != 1)
		abort();
	len = BIO_get_mem_data(bio, &text);
	buf_add(out, text, (size_t)len);
	BIO_free(bio);
}

int pem_certificates(const char *pem, size_t len, struct buf *out, struct error *err)
{
	BIO *bio = open_text(pem, len);
	struct block block;
	size_t good = 0;
	size_t bad = 0;
	size_t blocks = 0;

	while (next_block(bio, &block)) {
		X509 *certificate = is_certificate(&block) ? parse_certificate(&block) : NULL;

		blocks++;
		if (certificate) {
			add_certificate(out, certificate);
			good++;
		} else if (is_certificate(&block)) {
			bad++;
		}
		X509_free(certificate);
		block_clear(&block);
	}
	BIO_free(bio);
	if (good)
		return 0;
	if (bad)
		return error_set(err, ERROR_CONFIG,
			"failed to parse certificate: x509: malformed certificate");
	if (blocks)
		return error_set(err, ERROR_CONFIG, "no valid certificate authority data seen");
	return error_set(err, ERROR_CONFIG, "unable to parse bytes as PEM block");
}

static bool is_private_key(const struct block *block)
{
	return streq(block->name, "PRIVATE KEY") || ends_with(block->name, " PRIVATE KEY");
}

/* The first block of the wanted sort; `*others` says what was there instead. */
static bool find_block(const struct buf *pem, bool (*wanted)(const struct block *),
	struct block *ret, char **other)
{
	BIO *bio = open_text(pem->ptr, pem->len);
	bool found = false;

	*other = NULL;
	while (!found && next_block(bio, ret)) {
		found = wanted(ret);
		if (found)
			break;
		if (!*other) {
			*other = ret->name;
			ret->name = NULL;
		}
		block_clear(ret);
	}
	BIO_free(bio);
	return found;
}

static X509 *first_certificate(const struct buf *cert, struct error *err)
{
	struct block block;
	X509 *certificate = NULL;
	char *other;

	if (find_block(cert, is_certificate, &block, &other)) {
		certificate = parse_certificate(&block);
		block_clear(&block);
		if (!certificate)
			error_set(err, ERROR_CONFIG, "x509: malformed certificate");
	} else if (!other) {
		error_set(
			err, ERROR_CONFIG, "tls: failed to find any PEM data in certificate input");
	} else if (ends_with(other, "PRIVATE KEY")) {
		error_set(err, ERROR_CONFIG,
			"tls: failed to find certificate PEM data in certificate input, but did "
			"find a private key; PEM inputs may have been switched");
	} else {
		error_set(err, ERROR_CONFIG,
			"tls: failed to find \"CERTIFICATE\" PEM block in certificate input after "
			"skipping PEM blocks of the following types: [%s]",
			other);
	}
	OPENSSL_free(other);
	return certificate;
}

/* Of the certificate's type as a rule: to try that first is half the work of trying all. */
static EVP_PKEY *parse_key(const struct block *block, const EVP_PKEY *public_key)
{
	int type = public_key ? EVP_PKEY_get_base_id(public_key) : EVP_PKEY_NONE;
	const unsigned char *data = block->data;
	EVP_PKEY *parsed = NULL;

	if (type > EVP_PKEY_NONE)
		parsed = d2i_PrivateKey(type, NULL, &data, block->len);
	if (!parsed) {
		data = block->data;
		parsed = d2i_AutoPrivateKey(NULL, &data, block->len);
	}
	ERR_clear_error();
	return parsed;
}

static EVP_PKEY *first_key(const struct buf *key, const EVP_PKEY *public_key, struct error *err)
{
	struct block block;
	EVP_PKEY *parsed = NULL;
	char *other;

	if (find_block(key, is_private_key, &block, &other)) {
		/* An encrypted key has a header or a name of its own; like Go we do not ask for
		 * its password. */
		if (!str_set(block.header))
			parsed = parse_key(&block, public_key);
		block_clear(&block);
		if (!parsed)
			error_set(err, ERROR_CONFIG, "tls: failed to parse private key");
	} else if (!other) {
		error_set(err, ERROR_CONFIG, "tls: failed to find any PEM data in key input");
	} else if (streq(other, "CERTIFICATE")) {
		error_set(err, ERROR_CONFIG,
			"tls: found a certificate rather than a key in the PEM for the private "
			"key");
	} else {
		error_set(err, ERROR_CONFIG,
			"tls: failed to find PEM block with type ending in \"PRIVATE KEY\" in key "
			"input after skipping PEM blocks of the following types: [%s]",
			other);
	}
	OPENSSL_free(other);
	return parsed;
}

int pem_check_pair(const struct buf *cert, const struct buf *key, struct error *err)
{
	X509 *certificate = first_certificate(cert, err);
	EVP_PKEY *public_key = certificate ? X509_get0_pubkey(certificate) : NULL;
	EVP_PKEY *private_key = certificate ? first_key(key, public_key, err) : NULL;
	int result = -1;

	if (certificate && private_key) {
		if (!public_key ||
			EVP_PKEY_get_base_id(public_key) != EVP_PKEY_get_base_id(private_key))
			error_set(err, ERROR_CONFIG,
				"tls: private key type does not match public key type");
		else if (EVP_PKEY_eq(public_key, private_key) != 1)
			error_set(err, ERROR_CONFIG, "tls: private key does not match public key");
		else
			result = 0;
	}
	ERR_clear_error();
	EVP_PKEY_free(private_key);
	X509_free(certificate);
	return result;
}
