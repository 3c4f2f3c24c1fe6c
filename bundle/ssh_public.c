/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/digest.h"
#include "bundle/ssh_key.h"
#include "bundle/ssh_wire.h"

#define HARDWARE_ED25519 "sk-ssh-ed25519@openssh.com"
#define HARDWARE_ECDSA "sk-ecdsa-sha2-nistp256@openssh.com"

/* clang-format off */
static const struct ssh_key_type types[] = {
	/* name                 method           curve       hardware */
	{"ssh-ed25519",         SIGN_ED25519,    NULL,       false},
	{"ecdsa-sha2-nistp256", SIGN_P256,       "nistp256", false},
	{"ecdsa-sha2-nistp384", SIGN_P384,       "nistp384", false},
	{"ecdsa-sha2-nistp521", SIGN_P521,       "nistp521", false},
	{"ssh-rsa",             SIGN_RSA_SHA512, NULL,       false},
	{HARDWARE_ED25519,      SIGN_ED25519,    NULL,       true},
	{HARDWARE_ECDSA,        SIGN_P256,       "nistp256", true},
};
/* clang-format on */

const struct ssh_key_type *ssh_key_type(struct sign_bytes name)
{
	for (size_t i = 0; i < countof(types); i++)
		if (ssh_bytes_are(name, types[i].name))
			return &types[i];
	return NULL;
}

void ssh_public_clear(struct ssh_public *key)
{
	buf_clear(&key->blob);
	free(key->comment);
	memset(key, 0, sizeof(*key));
	key->blob = (struct buf)BUF_INIT;
}

/* What a public key says, borrowed from its blob. */
struct content {
	const struct ssh_key_type *type;
	struct sign_parts parts;
	struct sign_bytes application; /* of a hardware key: what it was made for, "ssh:" */
};

static bool read_numbers(struct ssh_reader *reader, struct content *ret)
{
	const struct ssh_key_type *type = ret->type;
	struct sign_bytes curve;

	ret->parts.method = type->method;
	if (type->method == SIGN_RSA_SHA512)
		return ssh_read_mpint(reader, &ret->parts.exponent) &&
		       ssh_read_mpint(reader, &ret->parts.modulus);
	if (type->curve && (!ssh_read_string(reader, &curve) || !ssh_bytes_are(curve, type->curve)))
		return false;
	return ssh_read_string(reader, &ret->parts.point);
}

static int read_content(struct sign_bytes blob, struct content *ret, struct error *err)
{
	struct ssh_reader reader = ssh_reader(blob.data, blob.len);
	struct sign_bytes name;

	memset(ret, 0, sizeof(*ret));
	if (!ssh_read_string(&reader, &name))
		return error_set(err, ERROR_SYNTAX, "malformed key");
	ret->type = ssh_key_type(name);
	if (!ret->type)
		return error_set(err, ERROR_SYNTAX, "a key of type '%.*s', which is not supported",
			name.len < 64 ? (int)name.len : 64, (const char *)name.data);
	if (!read_numbers(&reader, ret) ||
		(ret->type->hardware && !ssh_read_string(&reader, &ret->application)) ||
		reader.left)
		return error_set(err, ERROR_SYNTAX, "malformed key of type %s", ret->type->name);
	return 0;
}

int ssh_public_parse(struct sign_bytes blob, struct ssh_public *ret, struct error *err)
{
	struct content content;
	autosignkey *key = NULL;

	if (read_content(blob, &content, err) < 0 || sign_key_new(&content.parts, &key, err) < 0)
		return -1;
	ret->type = content.type;
	buf_reset(&ret->blob);
	buf_add(&ret->blob, blob.data, blob.len);
	str_replace(&ret->comment, "");
	return 0;
}

int ssh_public_read(const char *line, struct ssh_public *ret, struct error *err)
{
	size_t name_len = strcspn(line, " \t\r\n");
	const char *text = line + name_len + strspn(line + name_len, " \t");
	size_t text_len = strcspn(text, " \t\r\n");
	const char *comment = text + text_len + strspn(text + text_len, " \t");
	const struct ssh_key_type *type =
		ssh_key_type((struct sign_bytes){(const unsigned char *)line, name_len});
	autobuf blob = BUF_INIT;
	size_t bad;

	if (!type)
		return error_set(err, ERROR_SYNTAX, "a key of type '%.*s', which is not supported",
			name_len < 64 ? (int)name_len : 64, line);
	if (!base64_decode(text, text_len, &blob, &bad))
		return error_set(err, ERROR_SYNTAX, "malformed key of type %s", type->name);
	if (ssh_public_parse((struct sign_bytes){(unsigned char *)blob.ptr, blob.len}, ret, err) <
		0)
		return -1;
	if (ret->type != type)
		return error_set(err, ERROR_SYNTAX, "a key of type %s that is called %s",
			ret->type->name, type->name);
	free(ret->comment);
	ret->comment = xstrndup(comment, strcspn(comment, "\r\n"));
	return 0;
}

char *ssh_public_text(const struct ssh_public *key)
{
	autobuf text = BUF_INIT;

	buf_addf(&text, "%s ", key->type->name);
	base64_encode(key->blob.ptr, key->blob.len, &text);
	return buf_detach(&text);
}

char *ssh_public_fingerprint(const struct ssh_public *key)
{
	autodigest *digest = digest_new(DIGEST_SHA256);
	unsigned char bytes[DIGEST_MAX];
	autobuf text = BUF_INIT;

	digest_add(digest, key->blob.ptr, key->blob.len);
	buf_adds(&text, "SHA256:");
	base64_encode(bytes, digest_end(digest, bytes), &text);
	while (text.ptr[text.len - 1] == '=')
		buf_truncate(&text, text.len - 1);
	return buf_detach(&text);
}

/* ---- signatures */

/* Which method a signature of this name is made by, with this key. */
static bool method_of(
	struct sign_bytes name, const struct ssh_key_type *type, enum sign_method *ret)
{
	*ret = type->method;
	if (type->method != SIGN_RSA_SHA512)
		return ssh_bytes_are(name, type->name);
	if (ssh_bytes_are(name, "rsa-sha2-256"))
		*ret = SIGN_RSA_SHA256;
	return *ret == SIGN_RSA_SHA256 || ssh_bytes_are(name, "rsa-sha2-512");
}

static bool add_padded(struct buf *out, struct sign_bytes number, size_t len)
{
	if (number.len > len)
		return false;
	buf_fill(out, '\0', len - number.len);
	buf_add(out, number.data, number.len);
	return true;
}

/* The bytes of a signature in the form of base/sign.h. */
static bool read_raw(struct sign_bytes bytes, enum sign_method method, struct buf *ret)
{
	struct ssh_reader reader = ssh_reader(bytes.data, bytes.len);
	size_t half = sign_half(method);
	struct sign_bytes r, s;

	if (half)
		return ssh_read_mpint(&reader, &r) && ssh_read_mpint(&reader, &s) && !reader.left &&
		       add_padded(ret, r, half) && add_padded(ret, s, half);
	buf_add(ret, bytes.data, bytes.len);
	return true;
}

/* A hardware key signs: what it was made for and the message, both as digests, and between them
 * its flags and its counter, which follow the signature. */
static bool add_hardware_message(const struct content *key, struct sign_bytes message,
	struct sign_bytes state, struct buf *ret)
{
	autodigest *digest = digest_new(DIGEST_SHA256);
	unsigned char bytes[DIGEST_MAX];

	digest_add(digest, key->application.data, key->application.len);
	buf_add(ret, bytes, digest_end(digest, bytes));
	buf_add(ret, state.data, state.len);
	digest_add(digest, message.data, message.len);
	buf_add(ret, bytes, digest_end(digest, bytes));
	return true;
}

int ssh_public_verify(const struct ssh_public *key, struct sign_bytes message,
	struct sign_bytes signature, struct error *err)
{
	struct ssh_reader reader = ssh_reader(signature.data, signature.len);
	struct sign_bytes blob = {(const unsigned char *)key->blob.ptr, key->blob.len};
	struct sign_bytes name, bytes;
	struct sign_bytes state = {NULL, 0};
	enum sign_method method;
	struct content content;
	autosignkey *number = NULL;
	autobuf raw = BUF_INIT;
	autobuf framed = BUF_INIT;

	if (read_content(blob, &content, err) < 0 || sign_key_new(&content.parts, &number, err) < 0)
		return -1;
	if (!ssh_read_string(&reader, &name) || !ssh_read_string(&reader, &bytes) ||
		(content.type->hardware && !ssh_read_raw(&reader, 5, &state)) || reader.left)
		return error_set(err, ERROR_DAMAGED, "malformed signature");
	if (!method_of(name, content.type, &method))
		return error_set(err, ERROR_DAMAGED,
			"a signature that is not one of %s keys with SHA-2", content.type->name);
	if (!read_raw(bytes, method, &raw))
		return error_set(err, ERROR_DAMAGED, "malformed signature");
	if (content.type->hardware) {
		add_hardware_message(&content, message, state, &framed);
		message = (struct sign_bytes){(unsigned char *)framed.ptr, framed.len};
	}
	if (!sign_verify(number, method, message,
		    (struct sign_bytes){(unsigned char *)raw.ptr, raw.len}))
		return error_set(err, ERROR_DAMAGED, "the signature is not one of this text");
	return 0;
}
