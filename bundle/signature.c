/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/os.h"
#include "bundle/allowed_signers.h"
#include "bundle/limits.h"
#include "bundle/signature.h"
#include "bundle/ssh_agent.h"
#include "bundle/ssh_wire.h"

#define BEGIN "-----BEGIN SSH SIGNATURE-----\n"
#define END "-----END SSH SIGNATURE-----\n"
#define MAGIC "SSHSIG"
#define VERSION 1
#define LINE 70     /* of base64, as ssh-keygen breaks it */
#define LINE_MAX 76 /* as others may */

/* ---- the key to sign with */

struct signing_key {
	char *path;
	struct ssh_private key;
	char *fingerprint, *text;
};

void signing_key_free(struct signing_key *key)
{
	if (!key)
		return;
	ssh_private_clear(&key->key);
	free(key->path);
	free(key->fingerprint);
	free(key->text);
	free(key);
}

void signing_key_free_pointer(struct signing_key **slot)
{
	signing_key_free(*slot);
}

const char *signing_key_fingerprint(const struct signing_key *key)
{
	return key->fingerprint;
}

const char *signing_key_public(const struct signing_key *key)
{
	return key->text;
}

static int read_private(struct signing_key *key, struct error *err)
{
	autobuf text = BUF_INIT;
	int result;

	if (os_read_secret(key->path, SSH_KEY_FILE_MAX, &text, err) < 0)
		return -1;
	if (starts_with(text.ptr, "-----BEGIN OPENSSH PRIVATE KEY-----")) {
		result = ssh_private_read(text.ptr, text.len, &key->key, err);
	} else {
		result = error_set(err, ERROR_SYNTAX, "not a key in OpenSSH's own format");
		if (strstr(text.ptr, " PRIVATE KEY-----"))
			error_hint(err, "ssh-keygen -p -f %s writes it anew in that format",
				key->path);
		else
			error_hint(err, "'kubectl flux-arc bundle keys make' makes one");
	}
	sign_wipe_buf(&text);
	return result;
}

/* Who has to be asked for a key whose secret is not in the file. */
static int check_agent(const struct signing_key *key, struct error *err)
{
	const struct ssh_public *public_key = &key->key.public_key;

	if (key->key.key)
		return 0;
	if (ssh_agent_check(public_key, err) == 0)
		return 0;
	error_wrap(err, "the key is %s, so ssh-agent has to sign",
		public_key->type->hardware     ? "held by hardware"
		: ends_with(key->path, ".pub") ? "a public one"
					       : "encrypted");
	if (os_env("SSH_AUTH_SOCK"))
		return error_hint(err, "ssh-add %.*s",
			(int)(strlen(key->path) - (ends_with(key->path, ".pub") ? 4 : 0)),
			key->path);
	return error_hint(err, "eval \"$(ssh-agent)\" && ssh-add %s", key->path);
}

int signing_key_open(const char *path, struct signing_key **ret, struct error *err)
{
	autosigningkey *key = xcalloc(1, sizeof(*key));
	autobuf text = BUF_INIT;
	int result;

	*ret = NULL;
	*key = (struct signing_key){.path = xstrdup(path), .key = SSH_PRIVATE_INIT};
	if (os_read_file(path, SSH_KEY_FILE_MAX, &text, err) < 0)
		return error_wrap(err, "the signing key '%s'", path);
	if (ssh_key_type(
		    (struct sign_bytes){(const unsigned char *)text.ptr, strcspn(text.ptr, " \t")}))
		result = ssh_public_read(text.ptr, &key->key.public_key, err);
	else
		result = read_private(key, err);
	sign_wipe_buf(&text);
	if (result < 0 || check_agent(key, err) < 0)
		return error_wrap(err, "the signing key '%s'", path);
	key->fingerprint = ssh_public_fingerprint(&key->key.public_key);
	key->text = ssh_public_text(&key->key.public_key);
	*ret = TAKE(key);
	return 0;
}

/* ---- SSHSIG */

/* What is signed instead of the message: its digest in a frame of its own. */
static void add_framed(const struct buf *message, bool sha512, struct buf *out)
{
	autodigest *digest = digest_new(sha512 ? DIGEST_SHA512 : DIGEST_SHA256);
	unsigned char bytes[DIGEST_MAX];

	digest_add(digest, message->ptr, message->len);
	buf_adds(out, MAGIC);
	ssh_add_text(out, SIGNATURE_NAMESPACE);
	ssh_add_text(out, "");
	ssh_add_text(out, sha512 ? "sha512" : "sha256");
	ssh_add_string(out, bytes, digest_end(digest, bytes));
}

static void add_armored(const struct buf *blob, size_t width, struct buf *out)
{
	autobuf base64 = BUF_INIT;

	base64_encode(blob->ptr, blob->len, &base64);
	buf_adds(out, BEGIN);
	for (size_t at = 0; at < base64.len; at += width) {
		buf_add(out, base64.ptr + at, base64.len - at < width ? base64.len - at : width);
		buf_addc(out, '\n');
	}
	buf_adds(out, END);
}

int signing_key_sign(struct signing_key *key, const struct buf *message, struct buf *signature,
	struct error *err)
{
	const struct ssh_public *public_key = &key->key.public_key;
	autobuf framed = BUF_INIT;
	autobuf made = BUF_INIT;
	autobuf blob = BUF_INIT;
	struct sign_bytes bytes;
	int result;

	add_framed(message, true, &framed);
	bytes = (struct sign_bytes){(unsigned char *)framed.ptr, framed.len};
	result = key->key.key ? ssh_private_sign(&key->key, bytes, &made, err)
			      : ssh_agent_sign(public_key, bytes, &made, err);
	/* Neither an agent nor a file whose halves do not belong together is taken at its word. */
	if (result == 0)
		result = ssh_public_verify(public_key, bytes,
			(struct sign_bytes){(unsigned char *)made.ptr, made.len}, err);
	if (result < 0)
		return error_wrap(err, "signing with '%s'", key->path);
	buf_adds(&blob, MAGIC);
	ssh_add_u32(&blob, VERSION);
	ssh_add_string(&blob, public_key->blob.ptr, public_key->blob.len);
	ssh_add_text(&blob, SIGNATURE_NAMESPACE);
	ssh_add_text(&blob, "");
	ssh_add_text(&blob, "sha512");
	ssh_add_string(&blob, made.ptr, made.len);
	add_armored(&blob, LINE, signature);
	return 0;
}

/* Only the one text that armoring gives is taken, so that a byte that changes is always seen. */
static int dearmor(const struct buf *signature, struct buf *blob, struct error *err)
{
	size_t begin = strlen(BEGIN);
	size_t end = strlen(END);
	autobuf again = BUF_INIT;
	size_t width, bad;

	if (signature->len > LIMIT_SIGNATURE)
		return error_set(err, ERROR_DAMAGED,
			"a signature of %zu bytes, at most %lu are read", signature->len,
			LIMIT_SIGNATURE);
	if (!starts_with(signature->ptr, BEGIN) || signature->len < begin + end)
		return error_set(err, ERROR_DAMAGED, "not an SSH signature");
	width = strcspn(signature->ptr + begin, "\n");
	if (width && width <= LINE_MAX &&
		base64_decode(signature->ptr + begin, signature->len - begin - end, blob, &bad))
		add_armored(blob, width, &again);
	if (again.len != signature->len || memcmp(again.ptr, signature->ptr, again.len) != 0)
		return error_set(err, ERROR_DAMAGED, "malformed SSH signature");
	return 0;
}

struct content {
	struct sign_bytes key, namespace, hash, signature;
};

static int read_content(const struct buf *blob, struct content *ret, struct error *err)
{
	struct ssh_reader reader = ssh_reader(blob->ptr, blob->len);
	struct sign_bytes magic, reserved;
	uint32_t version;

	if (!ssh_read_raw(&reader, strlen(MAGIC), &magic) || !ssh_bytes_are(magic, MAGIC) ||
		!ssh_read_u32(&reader, &version))
		return error_set(err, ERROR_DAMAGED, "malformed SSH signature");
	if (version != VERSION)
		return error_set(err, ERROR_DAMAGED,
			"an SSH signature of version %u, only %d is known", version, VERSION);
	if (!ssh_read_string(&reader, &ret->key) || !ssh_read_string(&reader, &ret->namespace) ||
		!ssh_read_string(&reader, &reserved) || !ssh_read_string(&reader, &ret->hash) ||
		!ssh_read_string(&reader, &ret->signature) || reader.left || reserved.len)
		return error_set(err, ERROR_DAMAGED, "malformed SSH signature");
	if (!ssh_bytes_are(ret->hash, "sha512") && !ssh_bytes_are(ret->hash, "sha256"))
		return error_set(err, ERROR_DAMAGED, "an SSH signature of an unknown digest");
	return 0;
}

static int read_signer(struct sign_bytes blob, struct ssh_public *ret, struct error *err)
{
	struct ssh_reader reader = ssh_reader(blob.data, blob.len);
	struct sign_bytes name;
	autofree char *type = NULL;

	if (ssh_read_string(&reader, &name))
		type = xstrndup((const char *)name.data, name.len);
	if (type && ends_with(type, "-cert-v01@openssh.com"))
		return error_set(err, ERROR_NOT_TRUSTED,
			"signed with a certificate, which is not supported");
	if (ssh_public_parse(blob, ret, err) == 0)
		return 0;
	if (err && err->kind == ERROR_SYNTAX)
		err->kind = ERROR_DAMAGED;
	return error_wrap(err, "signed with");
}

void signer_clear(struct signer *signer)
{
	free(signer->principal);
	free(signer->fingerprint);
	free(signer->key_type);
	free(signer->why);
	memset(signer, 0, sizeof(*signer));
}

int signature_verify(const struct buf *signature, const struct buf *message,
	const struct signature_trust *trust, struct signer *ret, struct error *err)
{
	CLEANUP(ssh_public_clear) struct ssh_public key = SSH_PUBLIC_INIT;
	autobuf blob = BUF_INIT;
	autobuf framed = BUF_INIT;
	struct content content;

	signer_clear(ret);
	if (dearmor(signature, &blob, err) < 0 || read_content(&blob, &content, err) < 0 ||
		read_signer(content.key, &key, err) < 0)
		return -1;
	if (!ssh_bytes_are(content.namespace, SIGNATURE_NAMESPACE))
		return error_set(err, ERROR_NOT_TRUSTED, "signed for another purpose than '%s'",
			SIGNATURE_NAMESPACE);
	add_framed(message, ssh_bytes_are(content.hash, "sha512"), &framed);
	if (ssh_public_verify(&key, (struct sign_bytes){(unsigned char *)framed.ptr, framed.len},
		    content.signature, err) < 0)
		return -1;
	ret->fingerprint = ssh_public_fingerprint(&key);
	ret->key_type = xstrdup(key.type->name);
	return allowed_signers_find(trust, &key, &ret->principal, &ret->why, err);
}

char *signature_trust_file(void)
{
	autofree char *folder = folder_config();

	return folder ? xasprintf("%s/allowed_signers", folder) : NULL;
}
