/* SPDX-License-Identifier: Apache-2.0 */
/* Base64, hexadecimal and SHA-256. The wrapper of OpenSSL's digests. */
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

#define SHA256_HEX_LEN 64
/* Lower-case hex into `hex`, terminated. */
void sha256_hex(const void *data, size_t len, char hex[SHA256_HEX_LEN + 1]);

#endif
