/* SPDX-License-Identifier: Apache-2.0 */
/* A service principal by its certificate: a JWT signed with its key stands for the secret. */
#include "base/base.h"

#include <strings.h>

#include "arm/auth.h"
#include "arm/jwt.h"
#include "base/alloc.h"
#include "base/os.h"
#include "base/time.h"

/* "client assertion is not within its valid time range" */
#define NOT_IN_TIME "700024"

static const char *path(void)
{
	static const char *const names[] = {
		"AZURE_CLIENT_CERTIFICATE_PATH", "ARM_CLIENT_CERTIFICATE_PATH", NULL};

	return auth_env(names);
}

static const char *password(void)
{
	static const char *const names[] = {
		"AZURE_CLIENT_CERTIFICATE_PASSWORD", "ARM_CLIENT_CERTIFICATE_PASSWORD", NULL};

	return auth_env(names);
}

static bool send_chain(void)
{
	const char *value = os_env("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN");

	return value && (strcasecmp(value, "true") == 0 || streq(value, "1"));
}

static char *absent(const struct auth *auth)
{
	return path() ? auth_missing_principal(auth)
		      : xstrdup("AZURE_CLIENT_CERTIFICATE_PATH is not set");
}

static int read_key(struct pem_key **ret, struct error *err)
{
	CLEANUP(buf_wipe) struct buf content = BUF_INIT;
	autoerror failure = ERROR_INIT;

	buf_grow(&content, 2 * JWT_MAX_BYTES);
	if (os_read_file(path(), PEM_KEY_MAX_BYTES, &content, &failure) < 0)
		return error_set(err, ERROR_CONFIG, "%s", failure.message);
	if (pem_key_read(content.ptr, content.len, password(), ret, err) < 0)
		return error_wrap(err, "'%s'", path());
	return 0;
}

static int ask(struct auth *auth, const char *endpoint, const struct pem_key *key,
	struct auth_token *ret, char **code, struct error *err)
{
	CLEANUP(str_wipe) char *text = NULL;
	struct jwt_assertion assertion = {
		.key = key,
		.audience = endpoint,
		.client_id = auth_client_id(auth),
		.now = auth_now(auth),
		.rs256 = auth->login->cloud->adfs,
		.chain = send_chain(),
	};

	if (jwt_assertion_make(&assertion, &text, err) < 0)
		return -1;
	return auth_ask_assertion(auth, endpoint, text, ret, code, err);
}

/* For whoever asks why a certificate is refused. */
static int wrap_with_expiry(const struct pem_key *key, struct error *err)
{
	autobuf until = BUF_INIT;

	if (pem_key_expires(key) == TIME_NONE)
		return -1;
	time_format_utc(&until, pem_key_expires(key));
	return error_wrap(err, "certificate '%s', valid until %s", path(), until.ptr);
}

static int get(struct auth *auth, struct auth_token *ret, struct error *err)
{
	autopemkey *key = NULL;
	autofree char *endpoint = NULL;
	autofree char *code = NULL;
	int64_t skew_ms = auth->skew_ms;
	int result;

	if (read_key(&key, err) < 0 ||
		auth_endpoint(auth, auth_tenant(auth), "token", &endpoint, err) < 0)
		return -1;
	result = ask(auth, endpoint, key, ret, &code, err);
	/* Our clock is wrong, and the refusal said what time it is. */
	if (result < 0 && streq(code, NOT_IN_TIME) && auth->skew_ms != skew_ms)
		result = ask(auth, endpoint, key, ret, NULL, err);
	return result < 0 ? wrap_with_expiry(key, err) : 0;
}

const struct auth_source auth_certificate = {absent, get};
