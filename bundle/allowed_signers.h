/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is trusted: a file of lines "principals [options] keytype base64 [comment]", as ssh-keygen
 * reads it (ssh-keygen(1), ALLOWED SIGNERS). Of the options all are known: namespaces="…",
 * valid-after="…", valid-before="…" and cert-authority; lines with the last are passed over, since
 * certificates are not read.
 */
#ifndef BUNDLE_ALLOWED_SIGNERS_H
#define BUNDLE_ALLOWED_SIGNERS_H

#include "base/base.h"
#include "base/error.h"
#include "bundle/signature.h"
#include "bundle/ssh_key.h"

struct allowed_signer {
	char *principals;                  /* patterns with commas between them, without quotes */
	char *namespaces;                  /* the same; NULL: any */
	int64_t valid_after, valid_before; /* seconds since 1970; 0: no bound */
	bool authority;
	struct ssh_public key;
	unsigned line; /* the first is 1 */
};
#define ALLOWED_SIGNER_INIT            \
	{                              \
		.key = SSH_PUBLIC_INIT \
	}
void allowed_signer_clear(struct allowed_signer *signer);

/* Walks a file's text. Start with the text and line 0. */
struct allowed_signers {
	const char *at;
	unsigned line;
};
/* 1: the next entry is in `ret` (cleared before), 0: there is none. ERROR_SYNTAX with the line. */
int allowed_signers_next(
	struct allowed_signers *file, struct allowed_signer *ret, struct error *err) MUST_CHECK;

/*
 * The principals of the first line that lets `key` sign now, or why there is none; one of the two is
 * set, the caller frees. ERROR_SYNTAX if a line is malformed, whoever it is for.
 */
int allowed_signers_find(const struct signature_trust *trust, const struct ssh_public *key,
	char **principals, char **why, struct error *err) MUST_CHECK;

/* Does `text` match a list of patterns with `*` and `?`, commas between them? One that begins with
 * "!" and matches decides that it does not. */
bool allowed_signers_match(const char *text, const char *patterns);
/* YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS in local time, or with Z or UTC behind it; 0 if malformed
 * or not after 1970. */
int64_t allowed_signers_time(const char *text);

#endif
