/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Workload identity: a token that somebody whom the application trusts has issued is exchanged for
 * one of Azure. In a pod it stands in a file; the runners of GitHub and of Azure Pipelines are asked.
 */
#include "base/base.h"

#include "arm/auth.h"
#include "arm/jwt.h"
#include "base/alloc.h"
#include "base/json.h"
#include "base/os.h"
#include "base/url.h"

#define EXCHANGE_AUDIENCE "api%3A%2F%2FAzureADTokenExchange"

/* ---- a file, or Terraform's variable */

static const char *token_file(void)
{
	const char *path = os_env("AZURE_FEDERATED_TOKEN_FILE");

	if (!path && !auth_oidc_refused())
		path = os_env("ARM_OIDC_TOKEN_FILE_PATH");
	return path;
}

static const char *token_text(void)
{
	return auth_oidc_refused() ? NULL : os_env("ARM_OIDC_TOKEN");
}

static char *workload_absent(const struct auth *auth)
{
	if (!token_file() && !token_text())
		return xstrdup("AZURE_FEDERATED_TOKEN_FILE is not set");
	return auth_missing_principal(auth);
}

/* The file is read anew each time: the kubelet replaces the token in it. */
static int workload_get(struct auth *auth, struct auth_token *ret, struct error *err)
{
	CLEANUP(buf_wipe) struct buf text = BUF_INIT;
	autoerror failure = ERROR_INIT;

	buf_grow(&text, JWT_MAX_BYTES);
	if (!token_file())
		buf_adds(&text, token_text());
	else if (os_read_file(token_file(), JWT_MAX_BYTES, &text, &failure) < 0)
		return error_set(err, ERROR_CONFIG, "%s", failure.message);
	buf_trim(&text);
	if (!auth_is_token(text.ptr, text.len))
		return error_set(err, ERROR_CONFIG, "%s holds no token",
			token_file() ? token_file() : "ARM_OIDC_TOKEN");
	return auth_ask_federated(auth, text.ptr, ret, err);
}

const struct auth_source auth_workload = {workload_absent, workload_get};

/* ---- runners */

struct runner {
	const char *url, *token; /* of the service that is asked */
	const char *client_id, *tenant;
	const char *method, *key; /* of the reply's token */
};

/* Ask for the runner's own token: `*ret` owned, a secret. */
static int ask_runner(struct auth *auth, const struct runner *runner, const char *url, char **ret,
	struct error *err)
{
	CLEANUP(auth_call_clear) struct auth_call call = AUTH_CALL_INIT;
	autojson struct json_object *reply = NULL;
	struct json_object *text;

	if (!auth_is_token(runner->token, strlen(runner->token)))
		return error_set(err, ERROR_CONFIG, "the runner's own token is malformed");
	call.url = url;
	call.method = runner->method;
	strv_pushf(&call.headers, "Authorization: Bearer %s", runner->token);
	if (streq(runner->method, "POST"))
		strv_push(&call.headers, "Content-Length: 0");
	if (auth_http_send(&auth->http, &call, err) < 0)
		return -1;
	if (call.status != 200)
		return error_set(err, ERROR_UNAUTHORIZED,
			"the runner's service refuses a token with status %d", call.status);
	if (json_parse(call.reply.ptr, call.reply.len, &reply, NULL) < 0)
		return error_set(err, ERROR_SERVER, "the runner's service gives no JSON");
	text = json_get(reply, runner->key);
	if (json_kind(text) != JSON_STRING ||
		!auth_is_token(json_text(text), json_string_len(text)))
		return error_set(err, ERROR_SERVER, "the runner's service gives no token");
	*ret = xstrdup(json_text(text));
	return 0;
}

static int exchange(struct auth *auth, const struct runner *runner, const char *url,
	struct auth_token *ret, struct error *err)
{
	CLEANUP(str_wipe) char *assertion = NULL;
	struct arm_login login = *auth->login;
	struct auth inner = *auth;
	int result;

	if (ask_runner(auth, runner, url, &assertion, err) < 0)
		return -1;
	login.client_id = runner->client_id;
	login.tenant = runner->tenant;
	inner.login = &login;
	result = auth_ask_federated(&inner, assertion, ret, err);
	auth->skew_ms = inner.skew_ms;
	return result;
}

/* ---- GitHub */

static struct runner github(const struct auth *auth)
{
	static const char *const urls[] = {
		"ACTIONS_ID_TOKEN_REQUEST_URL", "ARM_OIDC_REQUEST_URL", NULL};
	static const char *const tokens[] = {
		"ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ARM_OIDC_REQUEST_TOKEN", NULL};

	return (struct runner){
		.url = auth_env(urls),
		.token = auth_env(tokens),
		.client_id = auth_client_id(auth),
		.tenant = auth_tenant(auth),
		.key = "value",
	};
}

static char *github_absent(const struct auth *auth)
{
	struct runner runner = github(auth);

	if (!runner.url || !runner.token)
		return xstrdup(
			"ACTIONS_ID_TOKEN_REQUEST_URL is not set: in a workflow of GitHub it "
			"is with 'permissions: id-token: write'");
	if (auth_oidc_refused())
		return xstrdup("ARM_USE_OIDC says no");
	return auth_missing_principal(auth);
}

static int github_get(struct auth *auth, struct auth_token *ret, struct error *err)
{
	struct runner runner = github(auth);
	autofree char *url = xasprintf("%s%saudience=%s", runner.url,
		strchr(runner.url, '?') ? "&" : "?", EXCHANGE_AUDIENCE);

	return exchange(auth, &runner, url, ret, err);
}

const struct auth_source auth_github = {github_absent, github_get};

/* ---- Azure Pipelines */

static const char *connection(void)
{
	static const char *const names[] = {"AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
		"ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID", "ARM_OIDC_AZURE_SERVICE_CONNECTION_ID",
		NULL};

	return auth_env(names);
}

/* The task that runs the program sets variables of its own for whom it acts. */
static struct runner pipelines(const struct auth *auth)
{
	const char *client = os_env("AZURESUBSCRIPTION_CLIENT_ID");
	const char *tenant = os_env("AZURESUBSCRIPTION_TENANT_ID");

	return (struct runner){
		.url = os_env("SYSTEM_OIDCREQUESTURI"),
		.token = os_env("SYSTEM_ACCESSTOKEN"),
		.client_id = client ? client : auth_client_id(auth),
		.tenant = auth->login->tenant || !tenant ? auth_tenant(auth) : tenant,
		.method = "POST",
		.key = "oidcToken",
	};
}

static char *pipelines_absent(const struct auth *auth)
{
	struct runner runner = pipelines(auth);

	if (!runner.url)
		return xstrdup("SYSTEM_OIDCREQUESTURI is not set");
	if (!runner.token)
		return xstrdup("SYSTEM_ACCESSTOKEN is not set: map it in the pipeline's 'env:'");
	if (!connection())
		return xstrdup("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID is not set");
	if (!runner.client_id)
		return xstrdup("AZURE_CLIENT_ID is not set");
	return auth_missing(runner.tenant, "AZURE_TENANT_ID");
}

static int pipelines_get(struct auth *auth, struct auth_token *ret, struct error *err)
{
	struct runner runner = pipelines(auth);
	autobuf url = BUF_INIT;

	buf_addf(&url, "%s%sapi-version=7.1&serviceConnectionId=", runner.url,
		strchr(runner.url, '?') ? "&" : "?");
	url_encode(&url, connection());
	return exchange(auth, &runner, url.ptr, ret, err);
}

const struct auth_source auth_pipelines = {pipelines_absent, pipelines_get};
