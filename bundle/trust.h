/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a bundle may be acted on: whoever pushes, extracts or applies one asks here first. */
#ifndef BUNDLE_TRUST_H
#define BUNDLE_TRUST_H

#include "base/base.h"
#include "base/error.h"
#include "bundle/bundle.h"
#include "bundle/signature.h"

struct trust_options {
	const char *allowed_signers; /* file; NULL: the user's own, see signature_trust_file() */
	bool allow_unsigned;         /* --insecure-allow-unsigned: also signed by anybody */
};

/*
 * 0: signed by somebody who is trusted, or it does not matter. `signer` (cleared first) tells who;
 * its fingerprint is NULL if the bundle is not signed. ERROR_NOT_TRUSTED: not signed, or by nobody
 * who is trusted. ERROR_DAMAGED: the signature is not of this bundle, whatever is allowed.
 */
int bundle_require_trust(const struct bundle *bundle, const struct trust_options *options,
	struct signer *signer, struct error *err) MUST_CHECK;

#endif
