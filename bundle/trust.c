/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/os.h"
#include "base/time.h"
#include "bundle/limits.h"
#include "bundle/trust.h"

/* A file that was named has to be there; without the user's own nobody is trusted. */
static int read_trust(const struct trust_options *options, struct buf *ret, struct error *err)
{
	autofree char *own = options->allowed_signers ? NULL : signature_trust_file();
	const char *path = own ? own : options->allowed_signers;

	if (!path || (own && !os_file_exists(own)))
		return 0;
	if (os_read_file(path, LIMIT_TRUST_FILE, ret, err) < 0)
		return error_wrap(err, "allowed signers");
	return 0;
}

static int refuse_unsigned(const struct bundle *bundle, struct error *err)
{
	error_set(err, ERROR_NOT_TRUSTED, "'%s' is not signed", media_name(bundle->media));
	return error_hint(err,
		"ask for a signed one (bundle create --key), or say --insecure-allow-unsigned");
}

static int refuse_signer(
	const struct bundle *bundle, const struct signer *signer, struct error *err)
{
	error_set(err, ERROR_NOT_TRUSTED, "'%s' is signed by %s %s: %s", media_name(bundle->media),
		signer->key_type, signer->fingerprint, signer->why ? signer->why : "not trusted");
	return error_hint(err, "compare the fingerprint with the signer's by another way, then "
			       "'kubectl flux-arc bundle keys trust'");
}

int bundle_require_trust(const struct bundle *bundle, const struct trust_options *options,
	struct signer *signer, struct error *err)
{
	autobuf trust = BUF_INIT;
	struct signature_trust wanted = {.now = time_now() / 1000};

	signer_clear(signer);
	if (!bundle->signature.len)
		return options->allow_unsigned ? 0 : refuse_unsigned(bundle, err);
	if (read_trust(options, &trust, err) < 0)
		return -1;
	wanted.text = trust.ptr;
	if (signature_verify(&bundle->signature, &bundle->lock_text, &wanted, signer, err) < 0)
		return error_wrap(err, "'%s'", media_name(bundle->media));
	if (signer->principal || options->allow_unsigned)
		return 0;
	return refuse_signer(bundle, signer, err);
}
