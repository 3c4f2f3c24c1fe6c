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

/* A key to sign with: an unencrypted OpenSSH key file, else whatever the agent holds for PATH.pub. */
struct signing_key;
int signing_key_open(const char *path, struct signing_key **ret, struct error *err) MUST_CHECK;
void signing_key_free(struct signing_key *key);
/* The armored signature of `message` is appended. */
int signing_key_sign(struct signing_key *key, const struct buf *message, struct buf *signature,
	struct error *err) MUST_CHECK;
/* "SHA256:…", and "ssh-ed25519 AAAA…"; borrowed. */
const char *signing_key_fingerprint(const struct signing_key *key);
const char *signing_key_public(const struct signing_key *key);

/* Who signed, once it is known that the signature is good. */
struct signer {
	char *principal;   /* NULL: nobody who is trusted */
	char *fingerprint; /* "SHA256:…" */
	char *key_type;    /* "ssh-ed25519" */
	char *why;         /* why it is not trusted; NULL: it is */
};
void signer_clear(struct signer *signer);
/* The allowed_signers file of the user: $XDG_CONFIG_HOME/kubectl-flux-arc/allowed_signers. */
char *signature_trust_file(void);
/*
 * `trust`: text of an allowed_signers file ("" : nobody is). `now`: seconds since 1970, for
 * valid-after and valid-before. ERROR_DAMAGED: malformed, or not of this message. A good signature
 * of somebody who is not trusted is no error here: see signer.principal.
 */
int signature_verify(const struct buf *signature, const struct buf *message, const char *trust,
	int64_t now, struct signer *ret, struct error *err) MUST_CHECK;

#endif
