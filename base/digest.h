/* SPDX-License-Identifier: Apache-2.0 */
/* Base64, hexadecimal and digests. The wrapper of OpenSSL's digests. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/base.h"
#include "base/buf.h"

/*
 * Standard base64 with padding, line breaks ignored, as Go reads it: on failure false, and `*bad`
 * is the offset of the byte that Go would name in "illegal base64 data at input byte N". Appends to
 * `out`.
 */
bool base64_decode(const char *text, size_t len, struct buf *out, size_t *bad);
void base64_encode(const void *data, size_t len, struct buf *out);
/* base64url without padding, as in JWTs. */
bool base64url_decode(const char *text, size_t len, struct buf *out);
void base64url_encode(const void *data, size_t len, struct buf *out);

/* Lower-case hex: two digits a byte, terminated. */
void hex_encode(const void *data, size_t len, char *hex);

#define SHA256_HEX_LEN 64
/* Lower-case hex into `hex`, terminated. */
void sha256_hex(const void *data, size_t len, char hex[SHA256_HEX_LEN + 1]);

enum digest_kind {
	DIGEST_SHA1,
	DIGEST_SHA256,
	DIGEST_SHA512
};
#define DIGEST_MAX 64 /* bytes of the longest */

/* A digest that is being taken; may be begun anew any number of times. */
struct digest;
struct digest *digest_new(enum digest_kind kind) NEVER_NULL;
void digest_free(struct digest *digest);
void digest_free_pointer(struct digest **slot);
#define autodigest CLEANUP(digest_free_pointer) struct digest
void digest_add(struct digest *digest, const void *data, size_t len);
/* The digest of all that was added; returns its length in bytes. Then it is begun anew. */
size_t digest_end(struct digest *digest, unsigned char bytes[DIGEST_MAX]);
/* The same in lower-case hex, terminated. */
void digest_end_hex(struct digest *digest, char hex[2 * DIGEST_MAX + 1]);

#endif
