/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The name of a Git object: SHA-1, 20 bytes. SHA-256 repositories are refused where a server or a
 * bundle announces one ("object-format=sha256"), since neither Flux nor libgit2 reads them.
 */
#ifndef BUNDLE_OID_H
#define BUNDLE_OID_H

#include "base/base.h"

#define OID_LEN 20
#define OID_HEX_LEN 40

struct oid {
	unsigned char bytes[OID_LEN];
};

/* Lower-case hex, terminated. */
void oid_hex(const struct oid *oid, char hex[OID_HEX_LEN + 1]);
/* False unless the first 40 bytes of `text` are lower-case hex; what follows is not looked at. */
bool oid_parse(const char *text, size_t len, struct oid *ret);
int oid_compare(const struct oid *left, const struct oid *right);
static inline bool oid_equal(const struct oid *left, const struct oid *right)
{
	return memcmp(left->bytes, right->bytes, OID_LEN) == 0;
}
bool oid_is_zero(const struct oid *oid);

#endif
