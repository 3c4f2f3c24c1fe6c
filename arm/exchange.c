/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request through all its tries. What can be tried again by itself is queued again when a try has
 * ended; what needs a new token or another api-version first is left to arm_run().
 */
#include "base/base.h"

#include <strings.h>

#include "arm/client_internal.h"
#include "arm/error.h"
#include "arm/retry.h"
#include "arm/secret.h"
#include "base/alloc.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/log.h"
#include "base/sign.h"

#define MAX_BODY ((size_t)16 << 20)
#define TRY_MS (120 * 1000)
/* A server that says "later" is obeyed for so long in all. */
#define MAX_THROTTLED_MS ((int64_t)10 * 60 * 1000)
#define LOW_LIMIT 10
#define TRACE_BODIES 8

static char *new_uuid(void)
{
	unsigned char b[16];
	char hex[33];

	sign_random(b, sizeof(b));
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	hex_encode(b, sizeof(b), hex);
	return xasprintf("%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

/* ---- before it is sent */

static void write_body(struct exchange *exchange)
{
	struct json_object *body = exchange->request->body;
	autojson struct json_object *shown = NULL;
	autobuf text = BUF_INIT;
	bool secret = false;

	exchange->call.secret = exchange->request->secret;
	if (!body)
		return;
	json_write(&exchange->body, body);
	shown = arm_secret_hide(body, &secret);
	if (!secret)
		return;
	exchange->call.secret = true;
	json_write(&text, shown);
	if (log_enabled(TRACE_BODIES))
		log_trace(TRACE_BODIES, "Request Body: %s", text.ptr);
}

bool exchange_init(struct exchange *exchange, struct arm *arm, struct arm_request *request)
{
	*exchange = (struct exchange){
		.arm = arm,
		.request = request,
		.headers = STRV_INIT,
		.body = BUF_INIT,
		.reply = BUF_INIT,
		.api_version = request->api_version,
		.type = arm_type_of(request->path),
	};
	error_clear(&request->error);
	free(TAKE(request->code));
	json_free(TAKE(request->reply));
	free(TAKE(request->operation));
	request->status = 0;
	request->retry_after_ms = -1;
	if (arm_url(arm, request, &exchange->url, &request->error) < 0)
		return false;
	exchange->id = new_uuid();
	write_body(exchange);
	return true;
}

static void clear_headers(struct exchange *exchange)
{
	for (size_t i = 0; i < exchange->headers.len; i++)
		wipe(exchange->headers.items[i], strlen(exchange->headers.items[i]));
	strv_clear(&exchange->headers);
}

static void set_headers(struct exchange *exchange, const char *token)
{
	struct strv *headers = &exchange->headers;

	clear_headers(exchange);
	strv_push(headers, "Accept: application/json");
	if (exchange->request->body)
		strv_push(headers, "Content-Type: application/json");
	strv_pushf(headers, "x-ms-client-request-id: %s", exchange->id);
	strv_push(headers, "x-ms-return-client-request-id: true");
	strv_pushf(headers, "Authorization: Bearer %s", token);
}

/* An api-version that was agreed on meanwhile. */
static void set_url(struct exchange *exchange)
{
	struct arm_request *request = exchange->request;
	struct arm_request again = *request;
	autoerror ignored = ERROR_INIT;
	char *url;

	if (exchange->wants != EXCHANGE_VERSION)
		return;
	exchange->api_version = arm_api_version(exchange->arm, exchange->type);
	again.api_version = exchange->api_version;
	if (arm_url(exchange->arm, &again, &url, &ignored) < 0)
		return;
	free(exchange->url);
	exchange->url = url;
}

static int on_data(struct http_call *call, const char *data, size_t len, struct error *err)
{
	struct exchange *exchange = call->ctx;

	(void)err;
	buf_add(&exchange->reply, data, len);
	return 0;
}

static void on_done(struct http_call *call);

void exchange_send(struct exchange *exchange, const char *token)
{
	struct arm_request *request = exchange->request;
	struct http_call *call = &exchange->call;

	set_url(exchange);
	set_headers(exchange, token);
	exchange->wants = EXCHANGE_ENDED;
	error_clear(&request->error);
	free(TAKE(request->code));
	buf_reset(&exchange->reply);
	call->method = request->method ? request->method : "GET";
	call->url = exchange->url;
	call->headers = &exchange->headers;
	call->body = request->body ? exchange->body.ptr : NULL;
	call->body_len = exchange->body.len;
	call->timeout_ms = TRY_MS;
	call->max_body = MAX_BODY;
	call->on_data = on_data;
	call->on_done = on_done;
	call->ctx = exchange;
	http_add_later(exchange->arm->http, call, exchange->attempt ? 0 : request->delay_ms);
}

void exchange_clear(struct exchange *exchange)
{
	http_call_reset(&exchange->call);
	clear_headers(exchange);
	buf_wipe(&exchange->body);
	buf_wipe(&exchange->reply);
	free(exchange->url);
	free(exchange->id);
	str_wipe(&exchange->claims);
}

/* ---- trying again */

static void say(struct exchange *exchange, const char *text)
{
	if (exchange->arm->options.on_warning)
		exchange->arm->options.on_warning(exchange->arm->options.warning_ctx, text);
}

/* A 429 is not a failure but a request to wait, which may be repeated; others are counted. */
static int64_t delay_before_next(struct exchange *exchange)
{
	const struct http_call *call = &exchange->call;
	struct arm *arm = exchange->arm;
	bool throttled = !call->failure && call->status == 429 && arm_retry_after(call) >= 0;
	int64_t delay;

	if (call->failure ? !arm_retry_failure(call->failure) : !arm_retry_status(call->status))
		return -1;
	if (!throttled && exchange->attempt >= ARM_RETRIES)
		return -1;
	delay = arm_retry_delay(call, throttled ? 0 : exchange->attempt);
	if (!throttled || delay < 0)
		return delay;
	/* At least a second: "0" in a storm would be a storm of ours. */
	if (delay < 1000)
		delay = 1000;
	if (arm->throttled_ms + delay > MAX_THROTTLED_MS)
		return -1;
	arm->throttled_ms += delay;
	return delay;
}

static bool try_again(struct exchange *exchange)
{
	struct arm *arm = exchange->arm;
	int64_t delay = delay_before_next(exchange);
	autofree char *text = NULL;

	if (delay < 0)
		return false;
	if (exchange->call.status == 429 && delay >= 3000 && !arm->said_throttled) {
		text = xasprintf("Azure asks for fewer requests (429): waiting as long as it says, "
				 "%lld s at first",
			(long long)((delay + 999) / 1000));
		say(exchange, text);
		arm->said_throttled = true;
	}
	if (exchange->call.status != 429)
		exchange->attempt++;
	buf_reset(&exchange->reply);
	http_add_later(arm->http, &exchange->call, delay);
	return true;
}

/* Once with the claims that a challenge asks for, once with a token that is new. */
static bool wants_token(struct exchange *exchange)
{
	const char *header = http_reply_header(&exchange->call, "WWW-Authenticate");
	char *claims;

	if (exchange->call.status != 401)
		return false;
	claims = arm_claims_of(header);
	if (claims && !exchange->challenged) {
		str_wipe(&exchange->claims);
		exchange->claims = claims;
		exchange->challenged = true;
		return true;
	}
	str_wipe(&claims);
	if (exchange->renewed)
		return false;
	exchange->renewed = true;
	str_wipe(&exchange->claims);
	return arm_tokens_refused(exchange->arm->options.tokens);
}

static bool is_one_of(const char *code, const char *const codes[])
{
	for (; code && *codes; codes++)
		if (strcasecmp(code, *codes) == 0)
			return true;
	return false;
}

/* Of a 404: what was asked for is not there; not that what it would be in is missing or unknown. */
static bool is_absence(const char *code)
{
	static const char *const others[] = {"InvalidResourceType", "NoRegisteredProviderFound",
		"InvalidResourceNamespace", "ResourceGroupNotFound", "SubscriptionNotFound",
		"InvalidSubscriptionId", "ParentResourceNotFound", NULL};

	return !is_one_of(code, others);
}

static bool wants_version(struct exchange *exchange)
{
	static const char *const codes[] = {"InvalidResourceType", "NoRegisteredProviderFound",
		"InvalidApiVersionParameter", NULL};

	if (exchange->negotiated || exchange->type == ARM_TYPES_COUNT ||
		!is_one_of(exchange->request->code, codes))
		return false;
	exchange->negotiated = true;
	return true;
}

/* ---- when it has ended */

static char *ids_of(const struct exchange *exchange)
{
	static const struct {
		const char *header, *label;
	} rows[] = {
		{"x-ms-request-id", "request"},
		{"x-ms-correlation-request-id", "correlation"},
		{"x-ms-routing-request-id", "routing"},
	};
	autobuf text = BUF_INIT;

	buf_adds(&text, "(for support:");
	for (size_t i = 0; i < countof(rows); i++) {
		const char *value = http_reply_header(&exchange->call, rows[i].header);

		if (str_set(value))
			buf_addf(&text, " %s %.120s,", rows[i].label, value);
	}
	buf_addf(&text, " client %s)", exchange->id);
	return buf_detach(&text);
}

static void fail(struct exchange *exchange)
{
	struct arm_request *request = exchange->request;
	CLEANUP(arm_failure_clear) struct arm_failure failure = ARM_FAILURE_INIT;
	autofree char *ids = ids_of(exchange);

	arm_failure_read(exchange->reply.ptr, exchange->reply.len, request->status, &failure);
	arm_failure_error(&failure, request->status, ids, &request->error);
	request->code = TAKE(failure.code);
}

static void fail_to_reach(struct exchange *exchange)
{
	struct error *error = &exchange->request->error;

	error_move(error, &exchange->call.error);
	error_wrap(error, "%s", exchange->arm->options.cloud->endpoint);
	switch (exchange->call.failure) {
	case HTTP_UNKNOWN_AUTHORITY:
		error_hint(error, "if a proxy of your network opens TLS, put its CA into the file "
				  "that SSL_CERT_FILE names");
		break;
	case HTTP_NO_SUCH_HOST:
	case HTTP_REFUSED:
	case HTTP_TIMED_OUT:
	case HTTP_PROXY:
		error_hint(error, "is there a way to Azure from here? A proxy is taken from "
				  "HTTPS_PROXY, the cloud from --cloud");
		break;
	default:
		break;
	}
}

static void warn_low(struct exchange *exchange)
{
	static const char prefix[] = "x-ms-ratelimit-remaining-";
	const struct strv *headers = &exchange->call.reply_headers;

	for (size_t i = 0; i < headers->len; i++) {
		const char *header = headers->items[i];
		const char *value = strchr(header, ':');
		autofree char *text = NULL;

		if (!value || strncasecmp(header, prefix, sizeof(prefix) - 1) != 0)
			continue;
		value += 1 + strspn(value + 1, " ");
		if (*value < '0' || *value > '9' || strtoul(value, NULL, 10) >= LOW_LIMIT)
			continue;
		text = xasprintf("Azure's limit is almost used up: %.*s",
			(int)strcspn(header + sizeof(prefix) - 1, ":"),
			header + sizeof(prefix) - 1);
		say(exchange, text);
	}
}

static bool is_page(const struct http_call *call)
{
	const char *type = http_reply_header(call, "Content-Type");

	return type && strncasecmp(type, "text/html", strlen("text/html")) == 0;
}

static void read_reply(struct exchange *exchange)
{
	struct arm_request *request = exchange->request;
	const char *operation = http_reply_header(&exchange->call, "Azure-AsyncOperation");
	autoerror why = ERROR_INIT;

	if (str_set(operation))
		request->operation = xstrdup(operation);
	request->retry_after_ms = arm_retry_after(&exchange->call);
	/* A page of a proxy or a portal is no answer of Azure's, whatever its status. */
	if (is_page(&exchange->call)) {
		error_set(&request->error, ERROR_SERVER, "%s: the reply is a page of HTML",
			exchange->arm->options.cloud->endpoint);
		return;
	}
	/* What comes with a DELETE may be anything else. */
	if (!exchange->reply.len || streq(request->method, "DELETE"))
		return;
	if (json_parse(exchange->reply.ptr, exchange->reply.len, &request->reply, &why) == 0)
		return;
	error_set(&request->error, ERROR_SERVER, "%s: the reply is not JSON: %s",
		exchange->arm->options.cloud->endpoint, why.message);
}

static void on_done(struct http_call *call)
{
	struct exchange *exchange = call->ctx;
	struct arm_request *request = exchange->request;

	request->status = call->status;
	arm_tokens_saw_date(exchange->arm->options.tokens, http_reply_header(call, "Date"));
	/* What is queued again has its results reset. */
	if (call->failure) {
		if (call->failure == HTTP_ABORTED || !try_again(exchange))
			fail_to_reach(exchange);
		return;
	}
	warn_low(exchange);
	if (call->status / 100 == 2) {
		read_reply(exchange);
		return;
	}
	if (try_again(exchange))
		return;
	fail(exchange);
	if (call->status == 404 && request->absent_ok && is_absence(request->code)) {
		error_clear(&request->error);
		return;
	}
	if (wants_token(exchange))
		exchange->wants = EXCHANGE_TOKEN;
	else if (wants_version(exchange))
		exchange->wants = EXCHANGE_VERSION;
}
