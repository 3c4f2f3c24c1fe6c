/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures of bundles: SSHSIG, as `ssh-keygen -Y sign -n flux-arc-bundle` writes and
 * `ssh-keygen -Y verify` reads them (openssh-portable, PROTOCOL.sshsig), and who is trusted: an
 * allowed_signers file (ssh-keygen(1), ALLOWED SIGNERS).
 */
#ifndef BUNDLE_SIGNATURE_H
#define BUNDLE_SIGNATURE_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"

#define SIGNATURE_NAMESPACE "flux-arc-bundle"

/*
 * A key to sign with: an unencrypted OpenSSH key file; if it is encrypted, held by hardware, or a
 * public key alone, the agent (SSH_AUTH_SOCK) signs. Others than its owner must not be able to read a
 * private key file.
 */
struct signing_key;
int signing_key_open(const char *path, struct signing_key **ret, struct error *err) MUST_CHECK;
void signing_key_free(struct signing_key *key);
void signing_key_free_pointer(struct signing_key **slot);
#define autosigningkey CLEANUP(signing_key_free_pointer) struct signing_key
/* The armored signature of `message` is appended; the same key and message give the same one, unless
 * it is an ECDSA or a hardware key. */
int signing_key_sign(struct signing_key *key, const struct buf *message, struct buf *signature,
	struct error *err) MUST_CHECK;
/* "SHA256:…", and "ssh-ed25519 AAAA…"; borrowed. */
const char *signing_key_fingerprint(const struct signing_key *key);
const char *signing_key_public(const struct signing_key *key);

/* Who signed, once it is known that the signature is good. */
struct signer {
	char *principal;   /* as the line says it, "a@x,b@y"; NULL: nobody who is trusted */
	char *fingerprint; /* "SHA256:…" */
	char *key_type;    /* "ssh-ed25519" */
	char *why;         /* why it is not trusted; NULL: it is */
};
void signer_clear(struct signer *signer);

/* The allowed_signers file of the user: $XDG_CONFIG_HOME/kubectl-flux-arc/allowed_signers; NULL if
 * there is no home. The caller frees. */
char *signature_trust_file(void);

/* Whom to trust. All borrowed. */
struct signature_trust {
	const char *text;      /* of an allowed_signers file; "": nobody */
	const char *principal; /* must be this one, by the patterns of the line; NULL: any */
	int64_t now;           /* seconds since 1970, for valid-after and valid-before */
};
/*
 * ERROR_DAMAGED: malformed, or not of this message. ERROR_NOT_TRUSTED: a kind of key that is refused
 * (RSA below 3072 bits, certificates), or another namespace. ERROR_SYNTAX: a malformed line of the
 * trust file. A good signature of somebody who is not trusted is no error here: see signer.principal.
 */
int signature_verify(const struct buf *signature, const struct buf *message,
	const struct signature_trust *trust, struct signer *ret, struct error *err) MUST_CHECK;

#endif
