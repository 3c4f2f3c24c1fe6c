/* SPDX-License-Identifier: Apache-2.0 */
/* A person signs in with a browser on whatever machine, by a code (RFC 8628). */
#include "base/base.h"

#include "arm/auth.h"
#include "base/alloc.h"
#include "base/json.h"
#include "base/time.h"

/* The public client that az itself signs in as. */
#define AZ_CLIENT_ID "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
/* Which accounts may sign in where no tenant is named: those of any organization. */
#define ANY_TENANT "organizations"
#define GRANT "urn:ietf:params:oauth:grant-type:device_code"
#define INTERVAL_MS 5000
#define MAX_INTERVAL_MS 60000
#define MAX_WAIT_MS ((int64_t)30 * 60 * 1000)

struct device {
	char *code; /* a secret */
	char *message;
	int64_t interval_ms, wait_ms;
};

static void device_clear(struct device *device)
{
	str_wipe(&device->code);
	free(device->message);
}

static char *absent(const struct auth *auth)
{
	if (!auth->named)
		return xstrdup("it waits for a person: only --auth device-code asks for it");
	return auth->login->say ? NULL : xstrdup("nobody is there who could be told the code");
}

static const char *tenant_of(const struct auth *auth)
{
	return auth_tenant(auth) ? auth_tenant(auth) : ANY_TENANT;
}

static const char *client_of(const struct auth *auth)
{
	return auth_client_id(auth) ? auth_client_id(auth) : AZ_CLIENT_ID;
}

static int64_t bounded_ms(int64_t seconds, int64_t most_ms)
{
	return seconds < 0 ? 0 : seconds > most_ms / 1000 ? most_ms : seconds * 1000;
}

/* What a person is told; made here, so that it says what the parts of the reply say. */
static int read_device(struct json_object *reply, struct device *ret, struct error *err)
{
	const char *code = json_str(reply, "device_code");
	const char *user_code = json_str(reply, "user_code");
	const char *uri = json_str(reply, "verification_uri");

	if (!str_set(code) || !str_set(user_code) || !uri || !starts_with(uri, "https://"))
		return error_set(err, ERROR_SERVER, "the reply has no code for a person");
	ret->code = xstrdup(code);
	ret->message =
		xasprintf("To sign in, open %s in a browser and enter the code %s", uri, user_code);
	ret->interval_ms =
		bounded_ms(json_int(reply, INTERVAL_MS / 1000, "interval"), MAX_INTERVAL_MS);
	ret->wait_ms = bounded_ms(json_int(reply, 900, "expires_in"), MAX_WAIT_MS);
	return 0;
}

static int begin(struct auth *auth, struct device *ret, struct error *err)
{
	CLEANUP(auth_call_clear) struct auth_call call = AUTH_CALL_INIT;
	autojson struct json_object *reply = NULL;
	autofree char *scope =
		xasprintf("%s/.default offline_access openid profile", auth->audience);
	autofree char *endpoint = NULL;

	if (auth_endpoint(auth, tenant_of(auth), "devicecode", &endpoint, err) < 0)
		return -1;
	call.url = endpoint;
	call.method = "POST";
	auth_form_add(&call, "client_id", client_of(auth));
	auth_form_add(&call, "scope", scope);
	auth_form_add(&call, "claims", auth->claims);
	if (auth_http_send(&auth->http, &call, err) < 0)
		return -1;
	auth_saw(auth, &call);
	if (call.status != 200)
		return auth_reply_refusal(call.reply.ptr, call.reply.len, call.status, NULL, err);
	if (json_parse(call.reply.ptr, call.reply.len, &reply, NULL) < 0)
		return error_set(err, ERROR_SERVER, "the reply is no JSON");
	return read_device(reply, ret, err);
}

/* One question whether the person is done. 1: not yet. */
static int poll(struct auth *auth, const char *endpoint, struct device *device,
	struct auth_token *ret, struct error *err)
{
	CLEANUP(auth_call_clear) struct auth_call call = AUTH_CALL_INIT;
	autoerror failure = ERROR_INIT;
	autofree char *code = NULL;

	call.url = endpoint;
	call.method = "POST";
	call.delay_ms = device->interval_ms;
	auth_form_add(&call, "client_id", client_of(auth));
	auth_form_add(&call, "grant_type", GRANT);
	auth_form_add(&call, "device_code", device->code);
	if (auth_ask(auth, &call, ret, &code, &failure) == 0)
		return 0;
	if (streq(code, "authorization_pending") || streq(code, "70016"))
		return 1;
	if (streq(code, "slow_down")) {
		device->interval_ms += INTERVAL_MS;
		return 1;
	}
	return error_move(err, &failure);
}

static int get(struct auth *auth, struct auth_token *ret, struct error *err)
{
	CLEANUP(device_clear) struct device device = {NULL};
	autofree char *endpoint = NULL;
	int64_t deadline;
	int result;

	if (begin(auth, &device, err) < 0 ||
		auth_endpoint(auth, tenant_of(auth), "token", &endpoint, err) < 0)
		return -1;
	auth->login->say(auth->login->say_ctx, device.message);
	deadline = time_monotonic() + device.wait_ms;
	do {
		if (time_monotonic() >= deadline)
			return error_set(
				err, ERROR_TIMEOUT, "nobody entered the code before it expired");
		result = poll(auth, endpoint, &device, ret, err);
	} while (result > 0);
	return result;
}

const struct auth_source auth_device = {absent, get};
