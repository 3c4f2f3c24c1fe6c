/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The identity that Azure gave a machine: its metadata service (IMDS), that of App Service in two
 * generations, of a server that Azure Arc manages, and of Cloud Shell. Which of them it is, the
 * environment says; without a word it is IMDS.
 */
#include "base/base.h"

#include <strings.h>

#include "arm/auth.h"
#include "arm/auth_managed.h"
#include "base/alloc.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/os.h"
#include "base/url.h"

#define IMDS_HOST "http://169.254.169.254"
#define IMDS_PATH "/metadata/identity/oauth2/token"
#define MAX_KEY_BYTES 4096

struct auth_arc_paths auth_arc = {
	.agent = "/var/opt/azcmagent/bin/himds",
	.keys = "/var/opt/azcmagent/tokens",
	.endpoint = "http://localhost:40342" IMDS_PATH,
};

/* One kind of service. */
struct service {
	const char *what;
	const char *api_version; /* NULL: none is said */
	const char *id_name;     /* how a client id is named; NULL: only one identity */
	const char *method;
	const char *endpoint;
	const char *header, *secret; /* "Metadata" and "true", or what proves who asks */
};

enum kind {
	APP_SERVICE,
	ARC,
	OLD_APP_SERVICE,
	CLOUD_SHELL,
	IMDS
};

/* clang-format off */
static const struct service services[] = {
	[APP_SERVICE]     = {"App Service",      "2019-08-01", "client_id", "GET",  NULL, "X-IDENTITY-HEADER", NULL},
	[ARC]             = {"Azure Arc",        "2020-06-01", NULL,        "GET",  NULL, "Metadata",          "true"},
	[OLD_APP_SERVICE] = {"App Service",      "2017-09-01", "clientid",  "GET",  NULL, "secret",            NULL},
	[CLOUD_SHELL]     = {"Cloud Shell",      NULL,         NULL,        "POST", NULL, "Metadata",          "true"},
	[IMDS]            = {"metadata service", "2018-02-01", "client_id", "GET",  NULL, "Metadata",          "true"},
};
/* clang-format on */

static enum kind kind_here(void)
{
	if (os_env("IDENTITY_ENDPOINT") && os_env("IDENTITY_HEADER"))
		return APP_SERVICE;
	if (os_env("IDENTITY_ENDPOINT") && os_env("IMDS_ENDPOINT"))
		return ARC;
	if (os_env("MSI_ENDPOINT"))
		return os_env("MSI_SECRET") ? OLD_APP_SERVICE : CLOUD_SHELL;
	return os_file_exists(auth_arc.agent) ? ARC : IMDS;
}

/* `*imds` is the address made for IMDS, owned by the caller. */
static struct service service_here(char **imds)
{
	const char *host = os_env("AZURE_POD_IDENTITY_AUTHORITY_HOST");
	enum kind kind = kind_here();
	struct service service = services[kind];
	size_t len;

	if (kind == APP_SERVICE || kind == ARC)
		service.endpoint = os_env("IDENTITY_ENDPOINT");
	if (kind == APP_SERVICE)
		service.secret = os_env("IDENTITY_HEADER");
	if (kind == ARC && !service.endpoint)
		service.endpoint = auth_arc.endpoint;
	if (kind == OLD_APP_SERVICE || kind == CLOUD_SHELL)
		service.endpoint = os_env("MSI_ENDPOINT");
	if (kind == OLD_APP_SERVICE)
		service.secret = os_env("MSI_SECRET");
	if (kind != IMDS)
		return service;
	host = host ? host : IMDS_HOST;
	len = strlen(host);
	while (len && host[len - 1] == '/')
		len--;
	*imds = xasprintf("%.*s" IMDS_PATH, (int)len, host);
	service.endpoint = *imds;
	return service;
}

/* ---- the request */

static void make_url(const struct auth *auth, const struct service *service, struct buf *url)
{
	buf_addf(url, "%s%c", service->endpoint, strchr(service->endpoint, '?') ? '&' : '?');
	buf_addf(url, "api-version=%s&resource=", service->api_version);
	url_encode(url, auth->audience);
	if (!service->id_name || !auth_client_id(auth))
		return;
	buf_addf(url, "&%s=", service->id_name);
	url_encode(url, auth_client_id(auth));
}

/* What is not there yet, or is busy. On other clouds something answers at the same address, too. */
static bool comes_later(const struct auth_call *call)
{
	const char *server = auth_reply_header(call, "Server");

	return (call->status == 404 || call->status == 410) && server &&
	       starts_with(server, "IMDS/");
}

static int send(struct auth *auth, const struct service *service, const char *authorization,
	struct auth_call *call, struct error *err)
{
	autobuf url = BUF_INIT;

	if (service->api_version)
		make_url(auth, service, &url);
	else
		buf_adds(&url, service->endpoint);
	call->url = url.ptr;
	call->method = service->method;
	call->local = true;
	call->retry = comes_later;
	strv_pushf(&call->headers, "%s: %s", service->header, service->secret);
	if (authorization)
		strv_pushf(&call->headers, "Authorization: %s", authorization);
	if (!service->api_version)
		auth_form_add(call, "resource", auth->audience);
	if (auth_http_send(&auth->http, call, err) < 0)
		return -1;
	auth_saw(auth, call);
	call->url = NULL;
	return 0;
}

/* ---- the challenge of Azure Arc: who can read its file is allowed to ask */

/* "Basic realm=/var/opt/azcmagent/tokens/x.key": the file; NULL for any other challenge. Owned. */
static char *challenge_file(const struct auth_call *call)
{
	const char *text = auth_reply_header(call, "WWW-Authenticate");
	const char *realm;
	size_t len;

	if (!text || strncasecmp(text, "Basic realm=", strlen("Basic realm=")) != 0)
		return NULL;
	realm = text + strlen("Basic realm=");
	realm += *realm == '"';
	len = strcspn(realm, "\"");
	return xstrndup(realm, len);
}

/* Exactly a file of the agent's folder, whatever its answer says. */
static bool is_key_file(const char *path)
{
	size_t len = strlen(auth_arc.keys);

	return strncmp(path, auth_arc.keys, len) == 0 && path[len] == '/' &&
	       !strchr(path + len + 1, '/') && ends_with(path, ".key") &&
	       strlen(path + len) > strlen("/.key");
}

static int arc_authorization(const struct auth_call *call, struct buf *ret, struct error *err)
{
	autofree char *path = challenge_file(call);
	CLEANUP(buf_wipe) struct buf key = BUF_INIT;
	autoerror failure = ERROR_INIT;

	if (!path || !is_key_file(path))
		return error_set(err, ERROR_NOT_TRUSTED,
			"the agent of Azure Arc names no key file below %s", auth_arc.keys);
	if (os_read_file(path, MAX_KEY_BYTES, &key, &failure) < 0) {
		error_set(err, ERROR_NOT_FOUND, "%s", failure.message);
		return error_hint(err, "the group 'himds' may read it: add your user to that "
				       "group, or run as root");
	}
	buf_trim(&key);
	if (!auth_is_token(key.ptr, key.len))
		return error_set(err, ERROR_NOT_FOUND, "the agent's key file holds no key");
	buf_addf(ret, "Basic %s", key.ptr);
	return 0;
}

static int answer_challenge(
	struct auth *auth, const struct service *service, struct auth_call *call, struct error *err)
{
	CLEANUP(buf_wipe) struct buf authorization = BUF_INIT;

	if (arc_authorization(call, &authorization, err) < 0)
		return -1;
	auth_call_clear(call);
	*call = (struct auth_call)AUTH_CALL_INIT;
	return send(auth, service, authorization.ptr, call, err);
}

/* ---- the source */

static char *absent(const struct auth *auth)
{
	(void)auth;
	return os_env("IDENTITY_SERVER_THUMBPRINT")
		       ? xstrdup("the identity of Service Fabric is not read")
		       : NULL;
}

/* The service is there and knows no identity, or is none of Azure: others are asked. */
static int refused(const struct auth *auth, const struct service *service,
	const struct auth_call *call, struct error *err)
{
	const char *id = service->id_name ? auth_client_id(auth) : NULL;
	autoerror failure = ERROR_INIT;

	auth_reply_refusal(call->reply.ptr, call->reply.len, call->status, NULL, &failure);
	error_set(err, ERROR_NOT_FOUND, "the %s has no identity for us%s: %s", service->what,
		id ? " by the id of AZURE_CLIENT_ID" : "", failure.message);
	if (call->status == 400)
		error_hint(err, "give the machine an identity%s",
			id ? ", or unset AZURE_CLIENT_ID to take the one it has" : "");
	return -1;
}

static int get(struct auth *auth, struct auth_token *ret, struct error *err)
{
	CLEANUP(auth_call_clear) struct auth_call call = AUTH_CALL_INIT;
	autofree char *imds = NULL;
	struct service service = service_here(&imds);

	if (send(auth, &service, NULL, &call, err) < 0) {
		if (err->kind != ERROR_NETWORK && err->kind != ERROR_TIMEOUT)
			return error_wrap(err, "the %s", service.what);
		err->kind = ERROR_NOT_FOUND;
		return error_wrap(err, "the %s does not answer", service.what);
	}
	if (service.endpoint && call.status == 401 && kind_here() == ARC &&
		answer_challenge(auth, &service, &call, err) < 0)
		return -1;
	if (call.status != 200)
		return refused(auth, &service, &call, err);
	if (auth_reply_read(call.reply.ptr, call.reply.len, call.date, ret, err) < 0) {
		/* Something at that address that is none of Azure's. */
		err->kind = ERROR_NOT_FOUND;
		return error_wrap(err, "the %s", service.what);
	}
	return 0;
}

const struct auth_source auth_managed = {absent, get};
