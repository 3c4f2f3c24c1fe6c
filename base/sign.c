/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>

#include "base/alloc.h"
#include "base/sign.h"

struct sign_key {
	EVP_PKEY *pkey;
	const char *kind;
	const char *group;
};

/* clang-format off */
static const struct method {
	const char *kind, *group, *digest;
	size_t half; /* bytes of r and of s */
} methods[] = {
	[SIGN_ED25519]    = {"ED25519", NULL,    NULL,      0},
	[SIGN_P256]       = {"EC",      "P-256", "SHA2-256", 32},
	[SIGN_P384]       = {"EC",      "P-384", "SHA2-384", 48},
	[SIGN_P521]       = {"EC",      "P-521", "SHA2-512", 66},
	[SIGN_RSA_SHA256] = {"RSA",     NULL,    "SHA2-256", 0},
	[SIGN_RSA_SHA512] = {"RSA",     NULL,    "SHA2-512", 0},
};
/* clang-format on */

/* What fails here is memory. */
static void must(bool worked)
{
	if (worked)
		return;
	fputs("error: OpenSSL is out of memory\n", stderr);
	abort();
}

void sign_wipe(void *data, size_t len)
{
	OPENSSL_cleanse(data, len);
}

void sign_wipe_buf(struct buf *buf)
{
	sign_wipe(buf->ptr, buf->cap);
	buf_clear(buf);
}

void sign_random(void *data, size_t len)
{
	must(len <= INT32_MAX && RAND_bytes(data, (int)len) == 1);
}

/* ---- keys */

static EVP_PKEY *ed25519_key(const struct sign_parts *parts)
{
	if (parts->point.len != SIGN_ED25519_LEN)
		return NULL;
	if (!parts->secret.len)
		return EVP_PKEY_new_raw_public_key(
			EVP_PKEY_ED25519, NULL, parts->point.data, parts->point.len);
	if (parts->secret.len != SIGN_ED25519_LEN)
		return NULL;
	return EVP_PKEY_new_raw_private_key(
		EVP_PKEY_ED25519, NULL, parts->secret.data, parts->secret.len);
}

static EVP_PKEY *build_key(const char *kind, bool secret, OSSL_PARAM_BLD *build)
{
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
	EVP_PKEY *pkey = NULL;

	must(params && ctx);
	if (EVP_PKEY_fromdata_init(ctx) != 1 ||
		EVP_PKEY_fromdata(
			ctx, &pkey, secret ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params) != 1)
		pkey = NULL;
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	return pkey;
}

static BIGNUM *number(struct sign_bytes bytes)
{
	BIGNUM *bn = BN_secure_new();

	must(bn && bytes.len <= INT32_MAX && BN_bin2bn(bytes.data, (int)bytes.len, bn));
	return bn;
}

static EVP_PKEY *ec_key(const struct sign_parts *parts)
{
	const struct method *method = &methods[parts->method];
	OSSL_PARAM_BLD *build;
	BIGNUM *scalar;
	EVP_PKEY *pkey;

	if (parts->point.len != 1 + 2 * method->half || parts->point.data[0] != 4 ||
		parts->secret.len > method->half)
		return NULL;
	build = OSSL_PARAM_BLD_new();
	scalar = number(parts->secret);
	must(build &&
		OSSL_PARAM_BLD_push_utf8_string(
			build, OSSL_PKEY_PARAM_GROUP_NAME, method->group, 0) == 1 &&
		OSSL_PARAM_BLD_push_octet_string(
			build, OSSL_PKEY_PARAM_PUB_KEY, parts->point.data, parts->point.len) == 1);
	if (parts->secret.len)
		must(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, scalar) == 1);
	pkey = build_key(method->kind, parts->secret.len > 0, build);
	BN_clear_free(scalar);
	OSSL_PARAM_BLD_free(build);
	return pkey;
}

/* Without the factors, which would only make it faster: one signature is all that is made. */
static EVP_PKEY *rsa_key(const struct sign_parts *parts)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	BIGNUM *n = number(parts->modulus);
	BIGNUM *e = number(parts->exponent);
	BIGNUM *d = number(parts->secret);
	EVP_PKEY *pkey;

	must(build && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
		OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) == 1);
	if (parts->secret.len)
		must(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_D, d) == 1);
	pkey = build_key("RSA", parts->secret.len > 0, build);
	BN_free(n);
	BN_free(e);
	BN_clear_free(d);
	OSSL_PARAM_BLD_free(build);
	return pkey;
}

static size_t bits(struct sign_bytes bytes)
{
	size_t zeros = 0;

	if (!bytes.len || !bytes.data[0])
		return 0;
	while (!(bytes.data[0] >> (7 - zeros)))
		zeros++;
	return 8 * bytes.len - zeros;
}

static int check_rsa(const struct sign_parts *parts, struct error *err)
{
	size_t size = bits(parts->modulus);

	if (size < SIGN_RSA_MIN_BITS)
		return error_set(err, ERROR_NOT_TRUSTED,
			"an RSA key of %zu bits, at least %d are wanted", size, SIGN_RSA_MIN_BITS);
	if (size > SIGN_RSA_MAX_BITS)
		return error_set(err, ERROR_SYNTAX, "an RSA key of %zu bits, at most %d are read",
			size, SIGN_RSA_MAX_BITS);
	if (parts->exponent.len > 8 || !parts->exponent.len ||
		parts->secret.len > parts->modulus.len)
		return error_set(err, ERROR_SYNTAX, "an RSA key with a malformed exponent");
	return 0;
}

int sign_key_new(const struct sign_parts *parts, struct sign_key **ret, struct error *err)
{
	const struct method *method = &methods[parts->method];
	EVP_PKEY *pkey;

	*ret = NULL;
	/* OpenSSL may first be heard of here: see base/pem.c. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
	if (streq(method->kind, "RSA")) {
		if (check_rsa(parts, err) < 0)
			return -1;
		pkey = rsa_key(parts);
	} else if (method->half) {
		pkey = ec_key(parts);
	} else {
		pkey = ed25519_key(parts);
	}
	ERR_clear_error();
	if (!pkey)
		return error_set(err, ERROR_SYNTAX, "its numbers do not make a key");
	*ret = xcalloc(1, sizeof(**ret));
	**ret = (struct sign_key){pkey, method->kind, method->group};
	return 0;
}

void sign_key_free(struct sign_key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->pkey);
	free(key);
}

void sign_key_free_pointer(struct sign_key **slot)
{
	sign_key_free(*slot);
}

void sign_generate(unsigned char seed[SIGN_ED25519_LEN], unsigned char point[SIGN_ED25519_LEN])
{
	size_t seed_len = SIGN_ED25519_LEN;
	size_t point_len = SIGN_ED25519_LEN;
	EVP_PKEY *pkey;

	OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
	pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	must(pkey && EVP_PKEY_get_raw_private_key(pkey, seed, &seed_len) == 1 &&
		EVP_PKEY_get_raw_public_key(pkey, point, &point_len) == 1);
	EVP_PKEY_free(pkey);
}

/* ---- signatures */

size_t sign_half(enum sign_method method)
{
	return methods[method].half;
}

/* r and s as the DER that OpenSSL wants; the caller frees with OPENSSL_free(). */
static int ec_to_der(const struct method *method, struct sign_bytes signature, unsigned char **der)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = number((struct sign_bytes){signature.data, method->half});
	BIGNUM *s = number((struct sign_bytes){signature.data + method->half, method->half});
	int len;

	must(sig && ECDSA_SIG_set0(sig, r, s) == 1);
	len = i2d_ECDSA_SIG(sig, der);
	ECDSA_SIG_free(sig);
	return len;
}

static bool verify_raw(
	EVP_PKEY *pkey, const char *digest, struct sign_bytes message, struct sign_bytes signature)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good;

	must(ctx);
	good = EVP_DigestVerifyInit_ex(ctx, NULL, digest, NULL, NULL, pkey, NULL) == 1 &&
	       EVP_DigestVerify(ctx, signature.data, signature.len, message.data, message.len) == 1;
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return good;
}

bool sign_verify(const struct sign_key *key, enum sign_method method, struct sign_bytes message,
	struct sign_bytes signature)
{
	const struct method *how = &methods[method];
	unsigned char *der = NULL;
	bool good = false;
	int len;

	if (!streq(key->kind, how->kind) || !streq(key->group, how->group))
		return false;
	if (!how->half)
		return verify_raw(key->pkey, how->digest, message, signature);
	if (signature.len != 2 * how->half)
		return false;
	len = ec_to_der(how, signature, &der);
	if (len > 0)
		good = verify_raw(
			key->pkey, how->digest, message, (struct sign_bytes){der, (size_t)len});
	OPENSSL_free(der);
	return good;
}

static bool sign_raw(
	EVP_PKEY *pkey, const char *digest, struct sign_bytes message, struct buf *signature)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len = (size_t)EVP_PKEY_get_size(pkey);
	bool good;

	must(ctx);
	buf_grow(signature, len);
	good = EVP_DigestSignInit_ex(ctx, NULL, digest, NULL, NULL, pkey, NULL) == 1 &&
	       EVP_DigestSign(ctx, (unsigned char *)signature->ptr + signature->len, &len,
		       message.data, message.len) == 1;
	if (good)
		buf_commit(signature, len);
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return good;
}

static void der_to_ec(const struct method *method, const struct buf *der, struct buf *signature)
{
	const unsigned char *at = (const unsigned char *)der->ptr;
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)der->len);
	unsigned char half[66];
	int len = (int)method->half;

	must(sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), half, len) == len);
	buf_add(signature, half, method->half);
	must(BN_bn2binpad(ECDSA_SIG_get0_s(sig), half, len) == len);
	buf_add(signature, half, method->half);
	ECDSA_SIG_free(sig);
}

int sign_make(const struct sign_key *key, enum sign_method method, struct sign_bytes message,
	struct buf *signature, struct error *err)
{
	const struct method *how = &methods[method];
	autobuf raw = BUF_INIT;

	if (!streq(key->kind, how->kind) || !streq(key->group, how->group) ||
		!sign_raw(key->pkey, how->digest, message, &raw))
		return error_set(err, ERROR_FAILED, "the key makes no signature");
	if (how->half)
		der_to_ec(how, &raw, signature);
	else
		buf_add(signature, raw.ptr, raw.len);
	return 0;
}
