/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <limits.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/alloc.h"
#include "base/pem_key.h"
#include "base/time.h"

#define MAX_CERTIFICATES 16
#define SALT_BYTES 32
#define BEGIN "-----BEGIN "

struct pem_key {
	EVP_PKEY *pkey;
	STACK_OF(X509) * certificates; /* the key's own first, once it is complete */
};

/* What fails here is memory. */
static void must(bool worked)
{
	if (worked)
		return;
	fputs("error: OpenSSL is out of memory\n", stderr);
	abort();
}

void pem_key_free(struct pem_key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->pkey);
	sk_X509_pop_free(key->certificates, X509_free);
	free(key);
}

void pem_key_free_pointer(struct pem_key **slot)
{
	pem_key_free(*slot);
}

/* `certificate` becomes the key's; too many are dropped. */
static void add_certificate(struct pem_key *key, X509 *certificate)
{
	if (!certificate)
		return;
	if (sk_X509_num(key->certificates) < MAX_CERTIFICATES)
		must(sk_X509_push(key->certificates, certificate) > 0);
	else
		X509_free(certificate);
}

/* ---- rounds of deriving a key from a password: a file may ask for years of them */

static bool few_rounds(const ASN1_INTEGER *rounds)
{
	int64_t count = 0;

	return !rounds || (ASN1_INTEGER_get_int64(&count, rounds) == 1 && count >= 0 &&
				  count <= PEM_KEY_MAX_ROUNDS);
}

/* Of PBES2 with PBKDF2. */
static bool bounded_pbes2(const X509_ALGOR *algorithm)
{
	PBE2PARAM *outer =
		ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), algorithm->parameter);
	PBKDF2PARAM *inner = NULL;
	bool good;

	if (outer && OBJ_obj2nid(outer->keyfunc->algorithm) == NID_id_pbkdf2)
		inner = ASN1_TYPE_unpack_sequence(
			ASN1_ITEM_rptr(PBKDF2PARAM), outer->keyfunc->parameter);
	good = inner && few_rounds(inner->iter);
	PBKDF2PARAM_free(inner);
	PBE2PARAM_free(outer);
	return good;
}

static bool bounded(const X509_ALGOR *algorithm)
{
	PBEPARAM *simple;
	bool good;

	if (!algorithm)
		return false;
	if (OBJ_obj2nid(algorithm->algorithm) == NID_pbes2)
		return bounded_pbes2(algorithm);
	simple = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBEPARAM), algorithm->parameter);
	good = simple && few_rounds(simple->iter);
	PBEPARAM_free(simple);
	return good;
}

static int too_many(struct error *err)
{
	ERR_clear_error();
	return error_set(err, ERROR_CONFIG,
		"its protection is of an unknown kind, or wants more than %d rounds",
		PEM_KEY_MAX_ROUNDS);
}

/* ---- PEM */

static int wrong_password(const char *password, struct error *err)
{
	ERR_clear_error();
	if (password)
		return error_set(err, ERROR_CONFIG, "the password does not open the private key");
	return error_set(err, ERROR_CONFIG, "the private key is encrypted, and no password is set");
}

/* PKCS #8 with a password. */
static int decrypt_key(const unsigned char *data, long len, const char *password, EVP_PKEY **ret,
	struct error *err)
{
	X509_SIG *sealed = d2i_X509_SIG(NULL, &data, len);
	const X509_ALGOR *algorithm = NULL;
	PKCS8_PRIV_KEY_INFO *opened = NULL;
	int result = 0;

	if (sealed)
		X509_SIG_get0(sealed, &algorithm, NULL);
	if (!bounded(algorithm))
		result = too_many(err);
	else if (password)
		opened = PKCS8_decrypt(sealed, password, (int)strlen(password));
	if (opened)
		*ret = EVP_PKCS82PKEY(opened);
	if (result == 0 && !*ret)
		result = wrong_password(password, err);
	PKCS8_PRIV_KEY_INFO_free(opened);
	X509_SIG_free(sealed);
	ERR_clear_error();
	return result;
}

static int give_password(char *out, int room, int writing, void *ctx)
{
	const char *password = ctx;
	size_t len = password ? strlen(password) : 0;

	(void)writing;
	if (!len || room < 0 || len > (size_t)room)
		return -1;
	/* NOLINTNEXTLINE(bugprone-not-null-terminated-result): its length is what counts */
	memcpy(out, password, len);
	return (int)len;
}

struct pem_block {
	char *name, *header;
	unsigned char *data;
	long len;
};

static void block_clear(struct pem_block *block)
{
	OPENSSL_free(block->name);
	OPENSSL_free(block->header);
	if (block->data)
		OPENSSL_clear_free(block->data, (size_t)block->len);
	memset(block, 0, sizeof(*block));
}

/* The traditional encryption: one round of MD5, by a header of the block. */
static bool open_header(struct pem_block *block, const char *password)
{
	EVP_CIPHER_INFO cipher;
	char *unconst = password ? xstrdup(password) : NULL;
	bool good = PEM_get_EVP_CIPHER_INFO(block->header, &cipher) == 1 &&
		    PEM_do_header(&cipher, block->data, &block->len, give_password, unconst) == 1;

	str_wipe(&unconst);
	return good;
}

static int take_key(
	struct pem_key *key, struct pem_block *block, const char *password, struct error *err)
{
	const unsigned char *data = block->data;

	if (key->pkey)
		return 0;
	if (streq(block->name, "ENCRYPTED PRIVATE KEY"))
		return decrypt_key(data, block->len, password, &key->pkey, err);
	if (str_set(block->header) && !open_header(block, password))
		return wrong_password(password, err);
	key->pkey = d2i_AutoPrivateKey(NULL, &data, block->len);
	ERR_clear_error();
	return key->pkey ? 0 : error_set(err, ERROR_CONFIG, "its private key is malformed");
}

static int take_block(
	struct pem_key *key, struct pem_block *block, const char *password, struct error *err)
{
	const unsigned char *data = block->data;

	if (ends_with(block->name, "PRIVATE KEY"))
		return take_key(key, block, password, err);
	if (streq(block->name, "CERTIFICATE"))
		add_certificate(key, d2i_X509(NULL, &data, block->len));
	ERR_clear_error();
	return 0;
}

static int read_pem(struct pem_key *key, BIO *bio, const char *password, struct error *err)
{
	struct pem_block block = {NULL, NULL, NULL, 0};
	int result = 0;

	while (result == 0 &&
		PEM_read_bio(bio, &block.name, &block.header, &block.data, &block.len) == 1) {
		result = take_block(key, &block, password, err);
		block_clear(&block);
	}
	ERR_clear_error();
	return result;
}

/* ---- PFX */

/* The protection of each part and of the keys that stand in the open ones. */
static bool bounded_bags(const STACK_OF(PKCS12_SAFEBAG) * bags)
{
	for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); i++) {
		const PKCS12_SAFEBAG *bag = sk_PKCS12_SAFEBAG_value(bags, i);
		const X509_SIG *sealed = PKCS12_SAFEBAG_get_nid(bag) == NID_pkcs8ShroudedKeyBag
						 ? PKCS12_SAFEBAG_get0_pkcs8(bag)
						 : NULL;
		const X509_ALGOR *algorithm = NULL;

		if (!sealed)
			continue;
		X509_SIG_get0(sealed, &algorithm, NULL);
		if (!bounded(algorithm))
			return false;
	}
	return true;
}

static bool bounded_part(PKCS7 *part)
{
	STACK_OF(PKCS12_SAFEBAG) * bags;
	bool good;

	if (PKCS7_type_is_encrypted(part))
		return part->d.encrypted && bounded(part->d.encrypted->enc_data->algorithm);
	if (!PKCS7_type_is_data(part))
		return true;
	bags = PKCS12_unpack_p7data(part);
	good = bounded_bags(bags);
	sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
	return good;
}

static bool bounded_pfx(PKCS12 *pfx)
{
	const ASN1_INTEGER *rounds = NULL;
	STACK_OF(PKCS7) * parts;
	bool good;

	PKCS12_get0_mac(NULL, NULL, NULL, &rounds, pfx);
	parts = PKCS12_unpack_authsafes(pfx);
	good = few_rounds(rounds) && parts;
	for (int i = 0; good && i < sk_PKCS7_num(parts); i++)
		good = bounded_part(sk_PKCS7_value(parts, i));
	sk_PKCS7_pop_free(parts, PKCS7_free);
	return good;
}

/* Why it could not be opened. The oldest protection (RC2) is not part of OpenSSL by default. */
static int closed_pfx(PKCS12 *pfx, const char *password, struct error *err)
{
	bool verified = !PKCS12_mac_present(pfx) ||
			PKCS12_verify_mac(pfx, password ? password : "", -1) == 1 ||
			(!password && PKCS12_verify_mac(pfx, NULL, 0) == 1);

	ERR_clear_error();
	if (!verified)
		return error_set(err, ERROR_CONFIG,
			password ? "the password does not open the PFX file"
				 : "the PFX file wants a password, and none is set");
	error_set(err, ERROR_CONFIG,
		"the PFX file is damaged, or protected in a way that is too old");
	return error_hint(err, "openssl pkcs12 -legacy -in FILE -nodes -out FILE.pem");
}

static int open_pfx(struct pem_key *key, PKCS12 *pfx, const char *password, struct error *err)
{
	STACK_OF(X509) *chain = NULL;
	X509 *certificate = NULL;

	if (!bounded_pfx(pfx))
		return too_many(err);
	if (PKCS12_parse(pfx, password, &key->pkey, &certificate, &chain) != 1)
		return closed_pfx(pfx, password, err);
	add_certificate(key, certificate);
	while (sk_X509_num(chain) > 0)
		add_certificate(key, sk_X509_shift(chain));
	sk_X509_free(chain);
	return 0;
}

static int read_pfx(struct pem_key *key, BIO *bio, const char *password, struct error *err)
{
	PKCS12 *pfx = d2i_PKCS12_bio(bio, NULL);
	int result;

	ERR_clear_error();
	if (!pfx)
		return error_set(err, ERROR_SYNTAX, "it is neither PEM nor PFX");
	result = open_pfx(key, pfx, password, err);
	PKCS12_free(pfx);
	ERR_clear_error();
	return result;
}

/* ---- both */

static int check_rsa(const EVP_PKEY *pkey, struct error *err)
{
	int bits = EVP_PKEY_get_bits(pkey);

	if (EVP_PKEY_get_base_id(pkey) != EVP_PKEY_RSA)
		return error_set(err, ERROR_CONFIG, "its key is not of RSA");
	if (bits < PEM_KEY_MIN_BITS || bits > PEM_KEY_MAX_BITS)
		return error_set(err, ERROR_CONFIG, "its key has %d bits: %d to %d are taken", bits,
			PEM_KEY_MIN_BITS, PEM_KEY_MAX_BITS);
	return 0;
}

/* The key's certificate comes first. */
static bool put_own_first(struct pem_key *key)
{
	for (int i = 0; i < sk_X509_num(key->certificates); i++) {
		X509 *certificate = sk_X509_value(key->certificates, i);

		if (X509_check_private_key(certificate, key->pkey) != 1)
			continue;
		sk_X509_delete(key->certificates, i);
		must(sk_X509_unshift(key->certificates, certificate) > 0);
		ERR_clear_error();
		return true;
	}
	ERR_clear_error();
	return false;
}

static int complete(struct pem_key *key, struct error *err)
{
	if (!key->pkey)
		return error_set(err, ERROR_CONFIG, "there is no private key in it");
	if (!sk_X509_num(key->certificates))
		return error_set(err, ERROR_CONFIG, "there is no certificate in it");
	if (check_rsa(key->pkey, err) < 0)
		return -1;
	if (!put_own_first(key))
		return error_set(err, ERROR_CONFIG, "no certificate in it belongs to its key");
	return 0;
}

static bool is_pem(const char *data, size_t len)
{
	for (size_t i = 0; i + strlen(BEGIN) <= len; i++)
		if (memcmp(data + i, BEGIN, strlen(BEGIN)) == 0)
			return true;
	return false;
}

int pem_key_read(
	const char *data, size_t len, const char *password, struct pem_key **ret, struct error *err)
{
	autopemkey *key = xcalloc(1, sizeof(*key));
	BIO *bio;
	int result;

	if (len > PEM_KEY_MAX_BYTES)
		return error_set(err, ERROR_SYNTAX, "it is too large for a key");
	/* OpenSSL may first be heard of here: see base/pem.c. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
	key->certificates = sk_X509_new_null();
	bio = BIO_new_mem_buf(data, (int)len);
	must(bio && key->certificates);
	result = is_pem(data, len) ? read_pem(key, bio, password, err)
				   : read_pfx(key, bio, password, err);
	BIO_free(bio);
	if (result < 0 || complete(key, err) < 0)
		return -1;
	*ret = TAKE(key);
	return 0;
}

bool pem_key_certificate(const struct pem_key *key, size_t index, struct buf *out)
{
	unsigned char *der = NULL;
	int len;

	if (index >= (size_t)sk_X509_num(key->certificates))
		return false;
	len = i2d_X509(sk_X509_value(key->certificates, (int)index), &der);
	must(len > 0);
	buf_add(out, der, (size_t)len);
	OPENSSL_free(der);
	return true;
}

int64_t pem_key_expires(const struct pem_key *key)
{
	const ASN1_TIME *until = X509_get0_notAfter(sk_X509_value(key->certificates, 0));
	struct tm tm;
	autobuf text = BUF_INIT;

	if (ASN1_TIME_to_tm(until, &tm) != 1) {
		ERR_clear_error();
		return TIME_NONE;
	}
	buf_addf(&text, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
		tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	return time_parse(text.ptr);
}

static bool use_pss(EVP_PKEY_CTX *ctx)
{
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, SALT_BYTES) == 1;
}

int pem_key_sign(const struct pem_key *key, enum pem_key_method method, const struct buf *message,
	struct buf *out, struct error *err)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *how = NULL;
	size_t len = (size_t)EVP_PKEY_get_size(key->pkey);
	bool good;

	must(ctx);
	buf_grow(out, len);
	good = EVP_DigestSignInit(ctx, &how, EVP_sha256(), NULL, key->pkey) == 1 &&
	       (method == PEM_KEY_RS256 || use_pss(how)) &&
	       EVP_DigestSign(ctx, (unsigned char *)out->ptr + out->len, &len,
		       (const unsigned char *)message->ptr, message->len) == 1;
	if (good)
		buf_commit(out, len);
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return good ? 0 : error_set(err, ERROR_CONFIG, "its key makes no signature");
}
