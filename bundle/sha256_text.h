/* SPDX-License-Identifier: Apache-2.0 */
/* The name of a blob: its SHA-256 as OCI writes it, "sha256:…". */
#ifndef BUNDLE_SHA256_TEXT_H
#define BUNDLE_SHA256_TEXT_H

#include "base/base.h"
#include "base/digest.h"

#define SHA256_PREFIX "sha256:"
#define SHA256_TEXT_LEN 71 /* SHA256_PREFIX and 64 hex digits */

/* "sha256:…", terminated; empty: none. */
struct sha256_text {
	char text[SHA256_TEXT_LEN + 1];
};

/* False unless the first SHA256_TEXT_LEN of `len` bytes are one; what follows is not looked at. */
bool sha256_text_parse(const char *text, size_t len, struct sha256_text *ret);
/* Of these bytes. */
void sha256_text_of(const void *data, size_t len, struct sha256_text *ret);
/* Of all that was added to a DIGEST_SHA256, which is begun anew. */
void sha256_text_end(struct digest *digest, struct sha256_text *ret);
bool sha256_text_equal(const struct sha256_text *left, const struct sha256_text *right);

#endif
