/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to the authority (Microsoft Entra ID, AD FS), and the settings that all of them need. */
#include "base/base.h"

#include <ctype.h>
#include <strings.h>

#include "arm/auth.h"
#include "arm/jwt.h"
#include "base/alloc.h"
#include "base/os.h"
#include "base/time.h"

#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

/* ---- settings */

const char *auth_env(const char *const names[])
{
	for (; *names; names++)
		if (os_env(*names))
			return os_env(*names);
	return NULL;
}

const char *auth_tenant(const struct auth *auth)
{
	static const char *const names[] = {"AZURE_TENANT_ID", "ARM_TENANT_ID", NULL};

	return auth->login->tenant ? auth->login->tenant : auth_env(names);
}

const char *auth_client_id(const struct auth *auth)
{
	static const char *const names[] = {"AZURE_CLIENT_ID", "ARM_CLIENT_ID", NULL};

	return auth->login->client_id ? auth->login->client_id : auth_env(names);
}

char *auth_missing(const char *value, const char *name)
{
	return value ? NULL : xasprintf("%s is not set", name);
}

char *auth_missing_principal(const struct auth *auth)
{
	char *missing = auth_missing(auth_client_id(auth), "AZURE_CLIENT_ID");

	return missing ? missing : auth_missing(auth_tenant(auth), "AZURE_TENANT_ID");
}

static bool says(const char *const words[])
{
	const char *value = os_env("ARM_USE_OIDC");

	for (; value && *words; words++)
		if (strcasecmp(value, *words) == 0)
			return true;
	return false;
}

bool auth_oidc_wanted(void)
{
	static const char *const words[] = {"true", "1", "t", NULL};

	return says(words);
}

bool auth_oidc_refused(void)
{
	static const char *const words[] = {"false", "0", "f", NULL};

	return says(words);
}

int64_t auth_now(const struct auth *auth)
{
	return time_now() + auth->skew_ms;
}

void auth_saw(struct auth *auth, const struct auth_call *call)
{
	if (call->date != TIME_NONE)
		auth->skew_ms = call->date - time_now();
}

/* ---- requests */

static bool valid_tenant(const char *tenant)
{
	for (const char *c = tenant; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '-' && *c != '.')
			return false;
	return *tenant && strlen(tenant) < 256;
}

int auth_endpoint(
	struct auth *auth, const char *tenant, const char *endpoint, char **ret, struct error *err)
{
	const struct arm_cloud *cloud = auth->login->cloud;

	if (!valid_tenant(tenant))
		return error_set(err, ERROR_CONFIG,
			"the tenant is neither an id nor a domain: letters, digits, dots and "
			"dashes");
	if (cloud->adfs)
		*ret = xasprintf("%s/adfs/oauth2/%s", cloud->authority, endpoint);
	else
		*ret = xasprintf("%s/%s/oauth2/v2.0/%s", cloud->authority, tenant, endpoint);
	return 0;
}

void auth_form_begin(struct auth *auth, struct auth_call *call, const char *client_id)
{
	autofree char *scope = xasprintf("%s/.default", auth->audience);
	char id[JWT_UUID_LEN + 1];

	jwt_uuid(id);
	call->method = "POST";
	strv_pushf(&call->headers, "client-request-id: %s", id);
	auth_form_add(call, "client_id", client_id);
	auth_form_add(call, "scope", scope);
	auth_form_add(call, "claims", auth->claims);
}

int auth_ask(struct auth *auth, struct auth_call *call, struct auth_token *ret, char **code,
	struct error *err)
{
	if (auth_http_send(&auth->http, call, err) < 0)
		return -1;
	auth_saw(auth, call);
	if (call->status != 200)
		return auth_reply_refusal(
			call->reply.ptr, call->reply.len, call->status, code, err);
	return auth_reply_read(call->reply.ptr, call->reply.len, call->date, ret, err);
}

int auth_ask_assertion(struct auth *auth, const char *endpoint, const char *assertion,
	struct auth_token *ret, char **code, struct error *err)
{
	CLEANUP(auth_call_clear) struct auth_call call = AUTH_CALL_INIT;

	call.url = endpoint;
	auth_form_begin(auth, &call, auth_client_id(auth));
	auth_form_add(&call, "grant_type", "client_credentials");
	auth_form_add(&call, "client_assertion_type", ASSERTION_TYPE);
	auth_form_add(&call, "client_assertion", assertion);
	return auth_ask(auth, &call, ret, code, err);
}

int auth_ask_federated(
	struct auth *auth, const char *assertion, struct auth_token *ret, struct error *err)
{
	autofree char *endpoint = NULL;

	if (auth_endpoint(auth, auth_tenant(auth), "token", &endpoint, err) < 0)
		return -1;
	return auth_ask_assertion(auth, endpoint, assertion, ret, NULL, err);
}
