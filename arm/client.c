/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <strings.h>

#include "arm/client_internal.h"
#include "base/alloc.h"
#include "base/json.h"
#include "base/url.h"

/* Rounds of asking anew for a token or an api-version: each of these is done once by each request. */
#define MAX_ROUNDS 5
/* Four tries of half a minute would be a long time to learn that there is no way. */
#define CONNECT_MS 10000
#define MAX_PAGES 200
#define MAX_ITEMS 100000

/* ---- the client */

struct arm *arm_new(const struct arm_options *options)
{
	struct arm *arm = xcalloc(1, sizeof(*arm));
	struct http_options http = {
		.user_agent = options->user_agent, .connect_timeout_ms = CONNECT_MS};
	autourl url = URL_INIT;

	arm->options = *options;
	arm->asked = (struct strv)STRV_INIT;
	arm->proxy = url_parse(options->cloud->endpoint, &url) ? url_proxy_from_environment(&url)
							       : xstrdup("");
	http.proxy = arm->proxy;
	arm->http = http_new(&http);
	return arm;
}

void arm_free(struct arm *arm)
{
	if (!arm)
		return;
	http_free(arm->http);
	free(arm->proxy);
	for (size_t i = 0; i < ARM_TYPES_COUNT; i++) {
		free(arm->chosen[i]);
		free(arm->negotiated[i]);
	}
	strv_clear(&arm->asked);
	free(arm);
}

void arm_free_pointer(struct arm **slot)
{
	arm_free(*slot);
}

const struct arm_cloud *arm_cloud_of(const struct arm *arm)
{
	return arm->options.cloud;
}

void arm_request_clear(struct arm_request *request)
{
	error_clear(&request->error);
	free(request->code);
	json_free(request->reply);
	free(request->operation);
	*request = (struct arm_request)ARM_REQUEST_INIT;
}

/* ---- addresses */

static bool same_place(const char *a, const struct url *url)
{
	autourl own = URL_INIT;
	autobuf left = BUF_INIT;
	autobuf right = BUF_INIT;

	if (!url_parse(a, &own) || !streq(url->scheme, own.scheme))
		return false;
	url_host_port(&own, &left);
	url_host_port(url, &right);
	return strcasecmp(left.ptr, right.ptr) == 0;
}

static int refuse_url(const struct arm *arm, const char *text, struct error *err)
{
	autourl url = URL_INIT;
	autobuf place = BUF_INIT;

	if (url_parse(text, &url) && str_set(url.host))
		url_host_port(&url, &place);
	else
		buf_adds(&place, text);
	return error_set(err, ERROR_SERVER,
		"the address '%.200s' is not at %s: nothing is sent there, so that no token gets "
		"into other hands",
		place.ptr, arm->options.cloud->endpoint);
}

static bool has_controls(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text <= ' ' || *text == 0x7f)
			return true;
	return false;
}

int arm_url(const struct arm *arm, const struct arm_request *request, char **ret, struct error *err)
{
	const char *endpoint = arm->options.cloud->endpoint;
	struct buf out = BUF_INIT;
	autourl url = URL_INIT;
	const char *separator;

	buf_adds(&out, endpoint);
	if (has_controls(request->path)) {
		buf_clear(&out);
		return error_set(
			err, ERROR_USAGE, "an address has no spaces and control characters");
	}
	if (*request->path == '/') {
		buf_adds(&out, request->path);
	} else {
		if (!url_parse(request->path, &url) || url.user || url.password ||
			!same_place(endpoint, &url)) {
			buf_clear(&out);
			return refuse_url(arm, request->path, err);
		}
		if (*url.path != '/')
			buf_addc(&out, '/');
		buf_adds(&out, url.path);
		if (url.query)
			buf_addf(&out, "?%s", url.query);
	}
	separator = strchr(out.ptr, '?') ? "&" : "?";
	if (request->api_version)
		buf_addf(&out, "%sapi-version=%s", separator, request->api_version);
	if (request->query)
		buf_addf(&out, "%s%s", strchr(out.ptr, '?') ? "&" : "?", request->query);
	*ret = buf_detach(&out);
	return 0;
}

/* ---- running */

struct run {
	struct arm *arm;
	struct exchange *exchanges;
	size_t count;
};

static void run_clear(struct run *run)
{
	for (size_t i = 0; i < run->count; i++)
		exchange_clear(&run->exchanges[i]);
	free(run->exchanges);
}

/* What the exchanges that want a new token answer to, if it is a challenge; borrowed. */
static const char *claims_wanted(const struct run *run)
{
	for (size_t i = 0; i < run->count; i++)
		if (run->exchanges[i].wants == EXCHANGE_TOKEN && run->exchanges[i].claims)
			return run->exchanges[i].claims;
	return NULL;
}

/* Those that want another api-version get one, or stay ended with the error that they have. */
static void negotiate(struct run *run)
{
	for (size_t i = 0; i < run->count; i++) {
		struct exchange *exchange = &run->exchanges[i];

		if (exchange->wants != EXCHANGE_VERSION)
			continue;
		if (!arm_negotiate(run->arm, exchange->request->path, exchange->type,
			    exchange->api_version))
			exchange->wants = EXCHANGE_ENDED;
	}
}

/* Send all that are not ended. False if none was left. */
static int send_round(struct run *run, bool *sent, struct error *err)
{
	struct arm *arm = run->arm;
	const char *token;

	*sent = false;
	for (size_t i = 0; i < run->count; i++)
		*sent = *sent || run->exchanges[i].wants != EXCHANGE_ENDED;
	if (!*sent)
		return 0;
	if (arm_token(arm->options.tokens, arm->options.cloud->audience, claims_wanted(run), &token,
		    err) < 0)
		return -1;
	for (size_t i = 0; i < run->count; i++)
		if (run->exchanges[i].wants != EXCHANGE_ENDED)
			exchange_send(&run->exchanges[i], token);
	return http_run(arm->http, arm->options.tick, arm->options.tick_ctx, err);
}

int arm_run(struct arm *arm, struct arm_request *requests[], size_t count, struct error *err)
{
	CLEANUP(run_clear) struct run run = {.arm = arm, .count = count};
	bool sent = true;

	run.exchanges = xcalloc(count ? count : 1, sizeof(*run.exchanges));
	for (size_t i = 0; i < count; i++)
		if (exchange_init(&run.exchanges[i], arm, requests[i]))
			run.exchanges[i].wants = EXCHANGE_TOKEN;
	for (int round = 0; sent && round < MAX_ROUNDS; round++) {
		if (round)
			negotiate(&run);
		if (send_round(&run, &sent, err) < 0)
			return -1;
	}
	return 0;
}

int arm_send(struct arm *arm, struct arm_request *request, struct error *err)
{
	struct arm_request *requests[] = {request};

	if (arm_run(arm, requests, 1, err) < 0)
		return -1;
	return request->error.kind == ERROR_NONE ? 0 : error_move(err, &request->error);
}

int arm_get(struct arm *arm, const char *path, const char *api_version, struct json_object **ret,
	struct error *err)
{
	CLEANUP(arm_request_clear) struct arm_request request = ARM_REQUEST_INIT;

	request.path = path;
	request.api_version = api_version;
	if (arm_send(arm, &request, err) < 0)
		return -1;
	*ret = TAKE(request.reply);
	return 0;
}

/* ---- lists */

int arm_list_page(
	struct json_object *list, struct json_object *page, char **next, struct error *err)
{
	const char *link = json_str(page, "nextLink");
	struct json_object *items = json_get(page, "value");

	if (json_kind(items) != JSON_ARRAY)
		return error_set(err, ERROR_SERVER, "the reply of Azure is no list");
	if (json_len(items) + json_len(list) > MAX_ITEMS)
		return error_set(err, ERROR_SERVER, "the list has more than %d items", MAX_ITEMS);
	for (size_t i = 0; i < json_len(items); i++)
		json_push(list, json_ref(json_item(items, i)));
	str_replace(next, str_set(link) ? link : NULL);
	return 0;
}

int arm_list(struct arm *arm, const char *path, const char *api_version, struct json_object **ret,
	struct error *err)
{
	autojson struct json_object *list = json_new_array();
	autofree char *next = NULL;

	for (int page = 0; page < MAX_PAGES; page++) {
		autojson struct json_object *reply = NULL;

		if (arm_get(arm, next ? next : path, next ? NULL : api_version, &reply, err) < 0)
			return page ? error_wrap(err, "page %d of the list", page + 1) : -1;
		if (arm_list_page(list, reply, &next, err) < 0)
			return -1;
		if (!next) {
			*ret = TAKE(list);
			return 0;
		}
		/* A link without a host would be taken for a path of ours. */
		if (*next == '/')
			return refuse_url(arm, next, err);
	}
	return error_set(err, ERROR_SERVER, "the list has more than %d pages", MAX_PAGES);
}
