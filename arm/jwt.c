/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "arm/jwt.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/sign.h"
#include "base/time.h"

#define ASSERTION_SECONDS 600
/* Seconds since 1970 beyond this are no moment: the year 9999. */
#define LAST_SECOND 253402300799

/* ---- reading */

struct json_object *jwt_claims(const char *token)
{
	const char *first = strchr(token, '.');
	const char *second = first ? strchr(first + 1, '.') : NULL;
	CLEANUP(buf_wipe) struct buf text = BUF_INIT;
	struct json_object *claims = NULL;

	if (!second || strlen(token) > JWT_MAX_BYTES ||
		!base64url_decode(first + 1, (size_t)(second - first - 1), &text) ||
		json_parse(text.ptr, text.len, &claims, NULL) < 0)
		return NULL;
	if (json_kind(claims) == JSON_OBJECT)
		return claims;
	json_free(claims);
	return NULL;
}

int64_t jwt_moment(struct json_object *claims, const char *name)
{
	int64_t seconds = json_int(claims, -1, name);

	return seconds < 0 || seconds > LAST_SECOND ? TIME_NONE : seconds * 1000;
}

/* ---- making */

void jwt_uuid(char text[JWT_UUID_LEN + 1])
{
	unsigned char bytes[16];
	char hex[2 * sizeof(bytes) + 1];

	sign_random(bytes, sizeof(bytes));
	bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40); /* version 4 of RFC 9562 */
	bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
	hex_encode(bytes, sizeof(bytes), hex);
	snprintf(text, JWT_UUID_LEN + 1, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
		hex + 16, hex + 20);
}

static void set_thumbprint(struct json_object *header, const char *name,
	const struct buf *certificate, enum digest_kind kind)
{
	autodigest *digest = digest_new(kind);
	unsigned char bytes[DIGEST_MAX];
	autobuf text = BUF_INIT;
	size_t len;

	digest_add(digest, certificate->ptr, certificate->len);
	len = digest_end(digest, bytes);
	base64url_encode(bytes, len, &text);
	json_set_str(header, name, text.ptr);
}

static void set_chain(struct json_object *header, const struct pem_key *key)
{
	struct json_object *chain = json_new_array();

	for (size_t i = 0;; i++) {
		autobuf certificate = BUF_INIT;
		autobuf text = BUF_INIT;

		if (!pem_key_certificate(key, i, &certificate))
			break;
		base64_encode(certificate.ptr, certificate.len, &text);
		json_push(chain, json_new_string(text.ptr));
	}
	json_set(header, "x5c", chain);
}

static struct json_object *make_header(const struct jwt_assertion *assertion)
{
	struct json_object *header = json_new_object();
	autobuf certificate = BUF_INIT;

	pem_key_certificate(assertion->key, 0, &certificate);
	json_set_str(header, "alg", assertion->rs256 ? "RS256" : "PS256");
	json_set_str(header, "typ", "JWT");
	if (assertion->rs256)
		set_thumbprint(header, "x5t", &certificate, DIGEST_SHA1);
	else
		set_thumbprint(header, "x5t#S256", &certificate, DIGEST_SHA256);
	if (assertion->chain)
		set_chain(header, assertion->key);
	return header;
}

static struct json_object *make_claims(const struct jwt_assertion *assertion)
{
	struct json_object *claims = json_new_object();
	int64_t now = assertion->now / 1000;
	char id[JWT_UUID_LEN + 1];

	jwt_uuid(id);
	json_set_str(claims, "aud", assertion->audience);
	json_set_str(claims, "iss", assertion->client_id);
	json_set_str(claims, "sub", assertion->client_id);
	json_set_str(claims, "jti", id);
	json_set(claims, "nbf", json_new_int(now));
	json_set(claims, "iat", json_new_int(now));
	json_set(claims, "exp", json_new_int(now + ASSERTION_SECONDS));
	return claims;
}

static void add_part(struct buf *out, struct json_object *part)
{
	autobuf text = BUF_INIT;

	json_write(&text, part);
	base64url_encode(text.ptr, text.len, out);
}

int jwt_assertion_make(const struct jwt_assertion *assertion, char **ret, struct error *err)
{
	autojson struct json_object *header = make_header(assertion);
	autojson struct json_object *claims = make_claims(assertion);
	CLEANUP(buf_wipe) struct buf text = BUF_INIT;
	autobuf signature = BUF_INIT;

	add_part(&text, header);
	buf_addc(&text, '.');
	add_part(&text, claims);
	if (pem_key_sign(assertion->key, assertion->rs256 ? PEM_KEY_RS256 : PEM_KEY_PS256, &text,
		    &signature, err) < 0)
		return -1;
	buf_addc(&text, '.');
	base64url_encode(signature.ptr, signature.len, &text);
	*ret = buf_detach(&text);
	return 0;
}
