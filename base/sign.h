/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures with keys given as plain numbers, as SSH carries them. The wrapper of OpenSSL's public
 * key methods; formats of keys and signatures are the caller's.
 */
#ifndef BASE_SIGN_H
#define BASE_SIGN_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"

/* Borrowed bytes. */
struct sign_bytes {
	const unsigned char *data;
	size_t len;
};

/* How a signature is made. The two of RSA (PKCS #1 v1.5) share their keys. */
enum sign_method {
	SIGN_ED25519,
	SIGN_P256, /* ECDSA, each curve with its SHA-2 */
	SIGN_P384,
	SIGN_P521,
	SIGN_RSA_SHA256,
	SIGN_RSA_SHA512,
};

#define SIGN_RSA_MIN_BITS 3072
#define SIGN_RSA_MAX_BITS 16384
#define SIGN_ED25519_LEN 32 /* bytes of a seed, and of a public key */

/* A key as numbers, most significant byte first. */
struct sign_parts {
	enum sign_method method;
	struct sign_bytes point;             /* ed25519: 32 bytes; ECDSA: 4, x, y */
	struct sign_bytes modulus, exponent; /* RSA */
	struct sign_bytes secret; /* ed25519: the seed; ECDSA: the scalar; RSA: d; empty: public */
};

struct sign_key;
/* ERROR_SYNTAX: a wrong length, a point off the curve; ERROR_NOT_TRUSTED: RSA below 3072 bits. */
int sign_key_new(
	const struct sign_parts *parts, struct sign_key **ret, struct error *err) MUST_CHECK;
void sign_key_free(struct sign_key *key);
void sign_key_free_pointer(struct sign_key **slot);
#define autosignkey CLEANUP(sign_key_free_pointer) struct sign_key

/* Bytes of r and of s in an ECDSA signature of this method; 0 for others. */
size_t sign_half(enum sign_method method);
/*
 * Is it the key's signature of `message`? ECDSA signatures are r and s, each of sign_half() bytes.
 * False too if key and method do not belong together.
 */
bool sign_verify(const struct sign_key *key, enum sign_method method, struct sign_bytes message,
	struct sign_bytes signature);
/* Appends the signature, in the form that sign_verify() takes. That it fits the public key that others
 * know is for the caller to verify. */
int sign_make(const struct sign_key *key, enum sign_method method, struct sign_bytes message,
	struct buf *signature, struct error *err) MUST_CHECK;

/* A new ed25519 key. */
void sign_generate(unsigned char seed[SIGN_ED25519_LEN], unsigned char point[SIGN_ED25519_LEN]);
void sign_random(void *data, size_t len);
/* Overwrite secrets in a way that no compiler leaves out. */
void sign_wipe(void *data, size_t len);
/* The same for all memory of a buffer, which is then empty. */
void sign_wipe_buf(struct buf *buf);

#endif
