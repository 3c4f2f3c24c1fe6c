/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A private key of RSA with its certificate and chain, out of PEM or PFX (PKCS #12), and signatures by
 * it. Nothing is ever prompted for. Keys are wiped.
 */
#ifndef BASE_PEM_KEY_H
#define BASE_PEM_KEY_H

#include "base/base.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/error.h"

#define PEM_KEY_MAX_BYTES ((size_t)1 << 20)
/* Rounds of deriving a key from a password that are still done. */
#define PEM_KEY_MAX_ROUNDS 2000000
#define PEM_KEY_MIN_BITS 2048
#define PEM_KEY_MAX_BITS 16384

struct pem_key;
/*
 * Read a file's content: PEM, in which a certificate and its key are looked for, or PFX. `password` may
 * be NULL. ERROR_CONFIG says what is missing or that the password is wrong; ERROR_SYNTAX: neither form.
 */
int pem_key_read(const char *data, size_t len, const char *password, struct pem_key **ret,
	struct error *err) MUST_CHECK;
void pem_key_free(struct pem_key *key);
void pem_key_free_pointer(struct pem_key **slot);
#define autopemkey CLEANUP(pem_key_free_pointer) struct pem_key

/* Certificate `index` in DER, appended to `out`: 0 is the key's own, then its chain as it was found.
 * False past the end. */
bool pem_key_certificate(const struct pem_key *key, size_t index, struct buf *out);
/* The moment at which the certificate expires; TIME_NONE if it is malformed. */
int64_t pem_key_expires(const struct pem_key *key);

enum pem_key_method {
	PEM_KEY_RS256, /* PKCS #1 v1.5 with SHA-256 */
	PEM_KEY_PS256, /* PSS with SHA-256, a salt of 32 bytes */
};
/* Append the signature of `message` to `out`. */
int pem_key_sign(const struct pem_key *key, enum pem_key_method method, const struct buf *message,
	struct buf *out, struct error *err) MUST_CHECK;

#endif
