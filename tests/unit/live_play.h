/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of kube/live*.c share: a live client against a server whose replies are a table.
 */
#ifndef TESTS_UNIT_LIVE_PLAY_H
#define TESTS_UNIT_LIVE_PLAY_H

#include "loopback.h"

#include "base/error.h"
#include "base/json.h"
#include "kube/credentials.h"
#include "kube/kube.h"

/*
 * Credentials of the test, in place of kube/credentials.c (a program that defines all of its names
 * is not given the library's): a token with a number that grows when a 401 made it stale.
 */
struct kube_credentials {
	const struct kube_target *target;
};
static int token_number;
static bool token_renewable;
static bool token_fails;

struct kube_credentials *kube_credentials_new(const struct kube_target *target)
{
	struct kube_credentials *credentials = xcalloc(1, sizeof(*credentials));

	credentials->target = target;
	return credentials;
}

void kube_credentials_free(struct kube_credentials *credentials)
{
	free(credentials);
}

int kube_credentials_headers(
	struct kube_credentials *credentials, struct strv *headers, struct error *err)
{
	(void)credentials;
	if (token_fails)
		return error_set(err, ERROR_CONFIG, "no token today");
	strv_pushf(headers, "Authorization: Bearer t%d", token_number);
	return 0;
}

void kube_credentials_certificate(
	const struct kube_credentials *credentials, const char **cert_pem, const char **key_pem)
{
	(void)credentials;
	*cert_pem = NULL;
	*key_pem = NULL;
}

bool kube_credentials_refused(struct kube_credentials *credentials)
{
	(void)credentials;
	if (token_renewable)
		token_number++;
	return token_renewable;
}

/* ---- a client against a server whose replies are a table */

#define JSON_HEAD "Content-Type: application/json\r\n"

/* One reply: to the first request that has not been answered by this row yet and holds `match`. */
struct row {
	const char *match; /* in the request's head */
	int status;        /* 0: `body` is the raw reply */
	const char *headers;
	const char *body;
	enum loopback_action action;
	int times; /* 0: always */
};

struct play {
	struct loopback server;
	const struct row *rows;
	int used[16];
	struct kube_target target;
	struct kube *kube;
	struct strv warnings;
};

static inline enum loopback_action answer(
	struct loopback *server, size_t number, const char *request, struct buf *reply)
{
	struct play *play = server->ctx;

	(void)number;
	for (size_t i = 0; play->rows[i].match; i++) {
		const struct row *row = &play->rows[i];

		if (!strstr(request, row->match) || (row->times && play->used[i] >= row->times))
			continue;
		play->used[i]++;
		if (row->status)
			loopback_reply(reply, row->status, row->headers ? row->headers : JSON_HEAD,
				row->body ? row->body : "");
		else
			buf_adds(reply, row->body ? row->body : "");
		return row->action;
	}
	loopback_reply(reply, 418, "", "no row for this request");
	return LOOPBACK_KEEP;
}

static inline void remember_warning(void *ctx, const char *text)
{
	struct strv *warnings = ctx;

	strv_push(warnings, text);
}

static inline void play_start(struct play *play, const struct row *rows)
{
	static char namespace[] = "default";
	static char user[] = "ivy";
	static char context[] = "here";

	*play = (struct play){.rows = rows, .target = KUBE_TARGET_INIT, .warnings = STRV_INIT};
	play->server.handle = answer;
	play->server.ctx = play;
	loopback_start(&play->server, "");
	token_number = 0;
	token_renewable = false;
	token_fails = false;
	play->target.server = play->server.url;
	play->target.namespace = namespace;
	play->target.user = user;
	play->target.context = context;
	play->kube = kube_live_new(&play->target, "test/1");
	play->kube->on_warning = remember_warning;
	play->kube->warning_ctx = &play->warnings;
}

static inline void play_stop(struct play *play)
{
	kube_free(play->kube);
	play->kube = NULL;
	loopback_stop(&play->server);
}

static inline void play_clear(struct play *play)
{
	strv_clear(&play->warnings);
	loopback_clear(&play->server);
}

/* Names of the items, with spaces between. */
static inline int take_name(
	struct kube_request *request, struct json_object *object, struct error *err)
{
	struct buf *names = request->ctx;

	(void)err;
	buf_addf(names, "%s ", json_str(object, "metadata", "name"));
	return 0;
}

static inline int take_text(
	struct kube_request *request, const char *json, size_t len, struct error *err)
{
	struct buf *texts = request->ctx;

	(void)err;
	buf_add(texts, json, len);
	buf_addc(texts, '\n');
	return 0;
}

#define ITEM(name) "{\"metadata\":{\"name\":\"" name "\",\"x\":1},\"spec\":{\"big\":[1,2,3]}}"
#define LIST(items) \
	"{\"apiVersion\":\"v1\",\"items\":[" items "],\"kind\":\"PodList\",\"metadata\":{}}"
#define PAGE(items, token)                         \
	"{\"apiVersion\":\"v1\",\"items\":[" items \
	"],\"kind\":\"PodList\",\"metadata\":{\"continue\":\"" token "\"}}"
#define STATUS(code, reason, message)                                                        \
	"{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\"," \
	"\"message\":\"" message "\",\"reason\":\"" reason "\",\"code\":" code "}"

/* One list of names with everything of the request set by the caller. */
static inline int run_list(struct play *play, struct kube_request *request, struct buf *names)
{
	struct kube_request *requests[] = {request};
	autoerror err = ERROR_INIT;

	request->ctx = names;
	if (!request->path)
		request->path = "/api/v1/pods";
	if (!request->on_item && !request->on_object)
		request->on_object = take_name;
	return kube_run(play->kube, requests, 1, &err);
}

#endif
