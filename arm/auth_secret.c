/* SPDX-License-Identifier: Apache-2.0 */
/* A service principal by its secret (OAuth 2.0 client credentials). */
#include "base/base.h"

#include "arm/auth.h"
#include "base/alloc.h"

static const char *secret(void)
{
	static const char *const names[] = {"AZURE_CLIENT_SECRET", "ARM_CLIENT_SECRET", NULL};

	return auth_env(names);
}

static char *absent(const struct auth *auth)
{
	return secret() ? auth_missing_principal(auth) : xstrdup("AZURE_CLIENT_SECRET is not set");
}

static int get(struct auth *auth, struct auth_token *ret, struct error *err)
{
	CLEANUP(auth_call_clear) struct auth_call call = AUTH_CALL_INIT;
	autofree char *endpoint = NULL;

	if (auth_endpoint(auth, auth_tenant(auth), "token", &endpoint, err) < 0)
		return -1;
	call.url = endpoint;
	auth_form_begin(auth, &call, auth_client_id(auth));
	auth_form_add(&call, "grant_type", "client_credentials");
	auth_form_add(&call, "client_secret", secret());
	return auth_ask(auth, &call, ret, NULL, err);
}

const struct auth_source auth_secret = {absent, get};
