/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON web tokens (RFC 7519): what one says, which is not verified since that is the server's work,
 * and the assertion by which a service principal proves that it has a certificate's key.
 */
#ifndef ARM_JWT_H
#define ARM_JWT_H

#include "base/base.h"
#include "base/error.h"
#include "base/pem_key.h"

struct json_object;

#define JWT_MAX_BYTES ((size_t)64 << 10)

/* The claims, owned; NULL if the text is no token of this form. */
struct json_object *jwt_claims(const char *token);
/* A moment among the claims ("exp", in seconds since 1970); TIME_NONE. */
int64_t jwt_moment(struct json_object *claims, const char *name);

struct jwt_assertion {
	const struct pem_key *key;
	const char *audience;  /* the token endpoint's URL */
	const char *client_id; /* issuer and subject */
	int64_t now;           /* it is valid for ten minutes from this moment */
	bool rs256;            /* RS256 and x5t, as AD FS wants it; else PS256 and x5t#S256 */
	bool chain; /* x5c: the certificates go along, which is looked up by subject name */
};
/* `*ret` owned, to be wiped. */
int jwt_assertion_make(
	const struct jwt_assertion *assertion, char **ret, struct error *err) MUST_CHECK;

/* A random UUID: "6f1e…", terminated. */
#define JWT_UUID_LEN 36
void jwt_uuid(char text[JWT_UUID_LEN + 1]);

#endif
