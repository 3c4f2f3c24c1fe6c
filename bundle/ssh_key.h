/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of OpenSSH: public ones as they stand in a line of text and in signatures (RFC 4253, 5656,
 * 8709; openssh-portable, PROTOCOL.u2f for hardware keys), private ones in files ("openssh-key-v1",
 * PROTOCOL.key), and the signatures that they make.
 */
#ifndef BUNDLE_SSH_KEY_H
#define BUNDLE_SSH_KEY_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/sign.h"

#define SSH_KEY_FILE_MAX 65536 /* bytes; one of RSA 16384 has 12 KiB */

struct ssh_key_type {
	const char *name; /* "ssh-ed25519" */
	enum sign_method method;
	const char *curve; /* as in the key; NULL: not ECDSA */
	bool hardware;     /* of a FIDO authenticator: signs its own words around the message */
};
/* NULL: not a type that is read. */
const struct ssh_key_type *ssh_key_type(struct sign_bytes name);

struct ssh_public {
	const struct ssh_key_type *type;
	struct buf blob; /* as SSH carries it */
	char *comment;   /* "" without */
};
#define SSH_PUBLIC_INIT           \
	{                         \
		.blob = BUF_INIT, \
	}
void ssh_public_clear(struct ssh_public *key);
/* The whole of `blob` is one well-formed key. ERROR_SYNTAX. */
int ssh_public_parse(struct sign_bytes blob, struct ssh_public *ret, struct error *err) MUST_CHECK;
/* "ssh-ed25519 AAAA… comment", to the end of the line. ERROR_SYNTAX. */
int ssh_public_read(const char *line, struct ssh_public *ret, struct error *err) MUST_CHECK;
/* "ssh-ed25519 AAAA…", without the comment; the caller frees. */
char *ssh_public_text(const struct ssh_public *key);
/* "SHA256:…" as ssh-keygen -l shows it; the caller frees. */
char *ssh_public_fingerprint(const struct ssh_public *key);

/* Is `signature` (algorithm, bytes, and a hardware key's flags and counter) the key's of `message`?
 * ERROR_DAMAGED if not. */
int ssh_public_verify(const struct ssh_public *key, struct sign_bytes message,
	struct sign_bytes signature, struct error *err) MUST_CHECK;

struct ssh_private {
	struct ssh_public public_key;
	struct sign_key *key; /* NULL: encrypted, or held by hardware */
};
#define SSH_PRIVATE_INIT                       \
	{                                      \
		.public_key = SSH_PUBLIC_INIT, \
	}
void ssh_private_clear(struct ssh_private *key);
/* Text of a key file. ERROR_SYNTAX. */
int ssh_private_read(
	const char *text, size_t len, struct ssh_private *ret, struct error *err) MUST_CHECK;
/* The signature as ssh_public_verify() takes it is appended. RSA signs with SHA-512. */
int ssh_private_sign(const struct ssh_private *key, struct sign_bytes message,
	struct buf *signature, struct error *err) MUST_CHECK;
/* A new ed25519 key: its file, which is not encrypted, and its public line. */
void ssh_private_make(const char *comment, struct buf *file, struct buf *public_line);

#endif
