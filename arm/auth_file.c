/* SPDX-License-Identifier: Apache-2.0 */
/* A token that somebody else got, in a file or on a descriptor. */
#include "base/base.h"

#include <strings.h>

#include "arm/auth.h"
#include "arm/jwt.h"
#include "base/alloc.h"
#include "base/json.h"
#include "base/os.h"
#include "base/time.h"

static char *absent(const struct auth *auth)
{
	if (auth->login->token_file || auth->login->token_fd >= 0)
		return NULL;
	return xstrdup("--token-file is not given");
}

/* A file is read each time, since others may renew what is in it; a descriptor once. */
static int read_given(struct auth *auth, struct buf *text, struct error *err)
{
	autofree char *path = NULL;

	if (auth->login->token_file)
		return os_read_file(auth->login->token_file, JWT_MAX_BYTES, text, err);
	if (!auth->given.len) {
		path = xasprintf("/dev/fd/%d", auth->login->token_fd);
		if (os_read_file(path, JWT_MAX_BYTES, &auth->given, err) < 0)
			return -1;
	}
	buf_add(text, auth->given.ptr, auth->given.len);
	return 0;
}

/* Whether it is the tenant that was asked for; an expiry that has passed is for the server to judge,
 * since it may be our clock that is wrong. */
static int look_into(struct auth *auth, struct auth_token *token, struct error *err)
{
	autojson struct json_object *claims = jwt_claims(token->text);
	const char *tenant = json_str(claims, "tid");
	const char *wanted = auth->login->tenant;

	token->expires = jwt_moment(claims, "exp");
	if (token->expires > auth_now(auth))
		token->life_ms = token->expires - auth_now(auth);
	if (tenant && wanted && !strchr(wanted, '.') && strcasecmp(tenant, wanted) != 0)
		return error_set(err, ERROR_UNAUTHORIZED,
			"the token is for tenant %.64s, and not for the one that --tenant names",
			tenant);
	return 0;
}

static int get(struct auth *auth, struct auth_token *ret, struct error *err)
{
	CLEANUP(buf_wipe) struct buf text = BUF_INIT;

	buf_grow(&text, JWT_MAX_BYTES);
	if (read_given(auth, &text, err) < 0)
		return error_set(err, ERROR_CONFIG, "%s", err->message);
	buf_trim(&text);
	if (!auth_is_token(text.ptr, text.len))
		return error_set(err, ERROR_CONFIG,
			"what is in it is no token: one word of printable characters, as 'az "
			"account "
			"get-access-token --query accessToken -o tsv' prints it");
	ret->text = xstrdup(text.ptr);
	return look_into(auth, ret, err);
}

const struct auth_source auth_file = {absent, get};
