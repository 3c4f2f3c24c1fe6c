/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/digest.h"
#include "bundle/ssh_key.h"
#include "bundle/ssh_wire.h"

#define BEGIN "-----BEGIN OPENSSH PRIVATE KEY-----\n"
#define END "-----END OPENSSH PRIVATE KEY-----"
#define MAGIC "openssh-key-v1" /* and a NUL */
#define BLOCK 8                /* bytes that an unencrypted list of keys is padded to */
#define LINE 70                /* of base64, as ssh-keygen breaks it */

void ssh_private_clear(struct ssh_private *key)
{
	ssh_public_clear(&key->public_key);
	sign_key_free(key->key);
	key->key = NULL;
}

/* The lines between BEGIN and END as bytes. */
static bool dearmor(const char *text, struct buf *ret)
{
	autobuf base64 = BUF_INIT;
	const char *end;
	size_t bad;
	bool good;

	if (!starts_with(text, BEGIN))
		return false;
	text += strlen(BEGIN);
	end = strstr(text, "\n" END);
	if (!end || end[strlen("\n" END) + strspn(end + strlen("\n" END), " \t\r\n")])
		return false;
	buf_add(&base64, text, (size_t)(end - text));
	good = base64_decode(base64.ptr, base64.len, ret, &bad);
	sign_wipe_buf(&base64);
	return good;
}

struct envelope {
	struct sign_bytes cipher, public_blob, list;
};

static bool read_envelope(const struct buf *bytes, struct envelope *ret)
{
	struct ssh_reader reader = ssh_reader(bytes->ptr, bytes->len);
	struct sign_bytes magic, kdf, kdf_options;
	uint32_t count;

	return ssh_read_raw(&reader, sizeof(MAGIC), &magic) &&
	       memcmp(magic.data, MAGIC, sizeof(MAGIC)) == 0 &&
	       ssh_read_string(&reader, &ret->cipher) && ssh_read_string(&reader, &kdf) &&
	       ssh_read_string(&reader, &kdf_options) && ssh_read_u32(&reader, &count) &&
	       count == 1 && ssh_read_string(&reader, &ret->public_blob) &&
	       ssh_read_string(&reader, &ret->list) && !reader.left;
}

/* The numbers of a private key after its type; those that signing does not need are passed over. */
static bool read_numbers(
	struct ssh_reader *reader, const struct ssh_key_type *type, struct sign_parts *ret)
{
	struct sign_bytes curve, rest[3];

	ret->method = type->method;
	if (type->method == SIGN_RSA_SHA512)
		return ssh_read_mpint(reader, &ret->modulus) &&
		       ssh_read_mpint(reader, &ret->exponent) &&
		       ssh_read_mpint(reader, &ret->secret) && ssh_read_mpint(reader, &rest[0]) &&
		       ssh_read_mpint(reader, &rest[1]) && ssh_read_mpint(reader, &rest[2]);
	if (type->curve)
		return ssh_read_string(reader, &curve) && ssh_bytes_are(curve, type->curve) &&
		       ssh_read_string(reader, &ret->point) && ssh_read_mpint(reader, &ret->secret);
	if (!ssh_read_string(reader, &ret->point) || !ssh_read_string(reader, &ret->secret) ||
		ret->secret.len != 2 * SIGN_ED25519_LEN)
		return false;
	ret->secret.len = SIGN_ED25519_LEN; /* the public key follows the seed */
	return true;
}

/* The one key of an unencrypted list, with its comment. */
static int read_list(struct sign_bytes list, struct ssh_private *ret, struct error *err)
{
	struct ssh_reader reader = ssh_reader(list.data, list.len);
	const struct ssh_key_type *type = ret->public_key.type;
	struct sign_parts parts = {0};
	struct sign_bytes name, comment;
	unsigned char byte;
	uint32_t check[2];

	if (!ssh_read_u32(&reader, &check[0]) || !ssh_read_u32(&reader, &check[1]) ||
		check[0] != check[1] || !ssh_read_string(&reader, &name) ||
		!ssh_bytes_are(name, type->name) || !read_numbers(&reader, type, &parts) ||
		!ssh_read_string(&reader, &comment) || reader.left >= BLOCK)
		return error_set(err, ERROR_SYNTAX, "malformed private key");
	for (unsigned char want = 1; ssh_read_byte(&reader, &byte); want++)
		if (byte != want)
			return error_set(err, ERROR_SYNTAX, "malformed private key");
	if (sign_key_new(&parts, &ret->key, err) < 0)
		return -1;
	free(ret->public_key.comment);
	ret->public_key.comment = xstrndup((const char *)comment.data, comment.len);
	return 0;
}

int ssh_private_read(const char *text, size_t len, struct ssh_private *ret, struct error *err)
{
	autobuf bytes = BUF_INIT;
	struct envelope envelope;
	int result;

	if (memchr(text, '\0', len) || !dearmor(text, &bytes) || !read_envelope(&bytes, &envelope))
		result = error_set(err, ERROR_SYNTAX, "malformed private key");
	else
		result = ssh_public_parse(envelope.public_blob, &ret->public_key, err);
	if (result == 0 && !ret->public_key.type->hardware &&
		ssh_bytes_are(envelope.cipher, "none"))
		result = read_list(envelope.list, ret, err);
	sign_wipe_buf(&bytes);
	return result;
}

/* r and s as two mpints in a string. */
static void add_halves(const struct buf *raw, size_t half, struct buf *out)
{
	autobuf both = BUF_INIT;

	ssh_add_mpint(&both, (const unsigned char *)raw->ptr, half);
	ssh_add_mpint(&both, (const unsigned char *)raw->ptr + half, half);
	ssh_add_string(out, both.ptr, both.len);
}

int ssh_private_sign(const struct ssh_private *key, struct sign_bytes message,
	struct buf *signature, struct error *err)
{
	const struct ssh_key_type *type = key->public_key.type;
	size_t half = sign_half(type->method);
	autobuf raw = BUF_INIT;

	if (sign_make(key->key, type->method, message, &raw, err) < 0)
		return -1;
	ssh_add_text(signature, type->method == SIGN_RSA_SHA512 ? "rsa-sha2-512" : type->name);
	if (half)
		add_halves(&raw, half, signature);
	else
		ssh_add_string(signature, raw.ptr, raw.len);
	return 0;
}

/* ---- a new key */

static void add_public(const unsigned char *point, struct buf *out)
{
	ssh_add_text(out, "ssh-ed25519");
	ssh_add_string(out, point, SIGN_ED25519_LEN);
}

static void add_list(
	const unsigned char pair[2 * SIGN_ED25519_LEN], const char *comment, struct buf *out)
{
	unsigned char check[4];

	sign_random(check, sizeof(check));
	buf_add(out, check, sizeof(check));
	buf_add(out, check, sizeof(check));
	add_public(pair + SIGN_ED25519_LEN, out);
	ssh_add_string(out, pair, 2 * SIGN_ED25519_LEN);
	ssh_add_text(out, comment);
	for (char byte = 1; out->len % BLOCK; byte++)
		buf_addc(out, byte);
}

static void armor(const struct buf *bytes, struct buf *out)
{
	autobuf base64 = BUF_INIT;

	base64_encode(bytes->ptr, bytes->len, &base64);
	buf_grow(out, base64.len + base64.len / LINE + 100);
	buf_adds(out, BEGIN);
	for (size_t at = 0; at < base64.len; at += LINE) {
		buf_add(out, base64.ptr + at, base64.len - at < LINE ? base64.len - at : LINE);
		buf_addc(out, '\n');
	}
	buf_adds(out, END "\n");
	sign_wipe_buf(&base64);
}

void ssh_private_make(const char *comment, struct buf *file, struct buf *public_line)
{
	unsigned char pair[2 * SIGN_ED25519_LEN];
	autobuf blob = BUF_INIT;
	autobuf list = BUF_INIT;
	autobuf bytes = BUF_INIT;

	sign_generate(pair, pair + SIGN_ED25519_LEN);
	add_public(pair + SIGN_ED25519_LEN, &blob);
	buf_grow(&list, 256 + strlen(comment));
	add_list(pair, comment, &list);
	buf_grow(&bytes, 256 + list.len);
	buf_add(&bytes, MAGIC, sizeof(MAGIC));
	ssh_add_text(&bytes, "none");
	ssh_add_text(&bytes, "none");
	ssh_add_text(&bytes, "");
	ssh_add_u32(&bytes, 1);
	ssh_add_string(&bytes, blob.ptr, blob.len);
	ssh_add_string(&bytes, list.ptr, list.len);
	armor(&bytes, file);
	buf_adds(public_line, "ssh-ed25519 ");
	base64_encode(blob.ptr, blob.len, public_line);
	buf_addf(public_line, " %s\n", comment);
	sign_wipe(pair, sizeof(pair));
	sign_wipe_buf(&list);
	sign_wipe_buf(&bytes);
}
