/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "loopback.h"

#include "base/error.h"
#include "base/json.h"
#include "base/time.h"
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

static enum loopback_action answer(
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

static void remember_warning(void *ctx, const char *text)
{
	struct strv *warnings = ctx;

	strv_push(warnings, text);
}

static void play_start(struct play *play, const struct row *rows)
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

static void play_stop(struct play *play)
{
	kube_free(play->kube);
	play->kube = NULL;
	loopback_stop(&play->server);
}

static void play_clear(struct play *play)
{
	strv_clear(&play->warnings);
	loopback_clear(&play->server);
}

/* Names of the items, with spaces between. */
static int take_name(struct kube_request *request, struct json_object *object, struct error *err)
{
	struct buf *names = request->ctx;

	(void)err;
	buf_addf(names, "%s ", json_str(object, "metadata", "name"));
	return 0;
}

static int take_text(struct kube_request *request, const char *json, size_t len, struct error *err)
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
static int run_list(struct play *play, struct kube_request *request, struct buf *names)
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

/* ---- lists */

static void test_streams_a_list(void **state)
{
	static const struct row rows[] = {
		{"GET /api/v1/pods", 200, NULL, LIST(ITEM("a") "," ITEM("b")), 0, 0}, {0}};
	static const char *const paths[] = {"metadata.name", NULL};
	struct projection *fields = projection_new(paths);
	struct kube_request request = KUBE_REQUEST_INIT;
	struct play play;
	autobuf names = BUF_INIT;

	(void)state;
	play_start(&play, rows);
	assert_int_equal(run_list(&play, &request, &names), 0);
	assert_int_equal(request.error.kind, ERROR_NONE);
	assert_string_equal(names.ptr, "a b ");
	assert_int_equal(request.items, 2);
	assert_int_equal(request.status, 200);
	assert_string_equal(json_str(request.envelope, "kind"), "PodList");
	buf_reset(&names);
	kube_request_clear(&request);
	request.on_item = take_text;
	request.fields = fields;
	assert_int_equal(run_list(&play, &request, &names), 0);
	assert_string_equal(names.ptr, "{\"metadata\":{\"name\":\"a\"}}\n"
				       "{\"metadata\":{\"name\":\"b\"}}\n");
	kube_request_clear(&request);
	projection_free(fields);
	play_stop(&play);
	const char *sent = play.server.requests.items[0];
	assert_non_null(strstr(sent, "User-Agent: test/1\r\n"));
	assert_non_null(strstr(sent, "Accept: application/json\r\n"));
	assert_non_null(strstr(sent, "Authorization: Bearer t0\r\n"));
	play_clear(&play);
}

static void test_writes_the_query(void **state)
{
	static const struct row rows[] = {{"GET ", 200, NULL, LIST(""), 0, 0}, {0}};
	struct kube_request request = KUBE_REQUEST_INIT;
	struct play play;
	autobuf names = BUF_INIT;

	(void)state;
	play_start(&play, rows);
	play.target.timeout_ns = 90 * INT64_C(1000000000);
	request.label_selector = "a in (b,c)";
	request.field_selector = "metadata.name=x";
	request.query = "tailLines=5";
	request.chunk_size = 7;
	assert_int_equal(run_list(&play, &request, &names), 0);
	kube_request_clear(&request);
	play_stop(&play);
	assert_true(starts_with(play.server.requests.items[0],
		"GET "
		"/api/v1/pods?fieldSelector=metadata.name%3Dx&labelSelector=a%20in%20%28b%2Cc%29"
		"&limit=7&tailLines=5&timeout=1m30s HTTP/1.1\r\n"));
	play_clear(&play);
}

static void test_follows_pages(void **state)
{
	static const struct row rows[] = {
		{"continue=t2", 200, NULL, LIST(ITEM("e")), 0, 0},
		{"continue=t1", 200, NULL, PAGE(ITEM("c") "," ITEM("d"), "t2"), 0, 0},
		{"GET ", 200, NULL, PAGE(ITEM("a") "," ITEM("b"), "t1"), 0, 0},
		{0},
	};
	struct kube_request request = KUBE_REQUEST_INIT;
	struct play play;
	autobuf names = BUF_INIT;

	(void)state;
	play_start(&play, rows);
	request.chunk_size = 2;
	request.label_selector = "x=y";
	assert_int_equal(run_list(&play, &request, &names), 0);
	assert_string_equal(names.ptr, "a b c d e ");
	assert_int_equal(request.items, 5);
	assert_false(request.restarted);
	kube_request_clear(&request);
	play_stop(&play);
	assert_int_equal(play.server.requests.len, 3);
	assert_true(starts_with(play.server.requests.items[2],
		"GET /api/v1/pods?continue=t2&labelSelector=x%3Dy&limit=2 "));
	play_clear(&play);
}

static void test_starts_again_when_the_token_expired(void **state)
{
	static const struct row rows[] = {
		{"continue=t1", 410, NULL, STATUS("410", "Expired", "too old"), 0, 0},
		{"limit=2", 200, NULL, PAGE(ITEM("a") "," ITEM("b"), "t1"), 0, 0},
		{"GET ", 200, NULL, LIST(ITEM("a") "," ITEM("b") "," ITEM("c")), 0, 0},
		{0},
	};
	struct kube_request request = KUBE_REQUEST_INIT;
	struct play play;
	autobuf names = BUF_INIT;

	(void)state;
	play_start(&play, rows);
	request.chunk_size = 2;
	assert_int_equal(run_list(&play, &request, &names), 0);
	assert_int_equal(request.error.kind, ERROR_NONE);
	assert_string_equal(names.ptr, "a b a b c ");
	assert_true(request.restarted);
	assert_int_equal(request.items, 3);
	kube_request_clear(&request);
	play_stop(&play);
	play_clear(&play);
}

static void test_does_not_follow_a_loop(void **state)
{
	static const struct row rows[] = {{"GET ", 200, NULL, PAGE("", "t1"), 0, 0}, {0}};
	struct kube_request request = KUBE_REQUEST_INIT;
	struct play play;
	autobuf names = BUF_INIT;

	(void)state;
	play_start(&play, rows);
	assert_int_equal(run_list(&play, &request, &names), 0);
	assert_string_equal(request.error.message, "the answer to /api/v1/pods repeats its "
						   "continue token: the list would never end");
	kube_request_clear(&request);
	play_stop(&play);
	assert_int_equal(play.server.requests.len, 2);
	play_clear(&play);
}

static int refuse_item(struct kube_request *request, struct json_object *object, struct error *err)
{
	(void)request;
	(void)object;
	return error_set(err, ERROR_FAILED, "not this one");
}

static void test_callbacks_end_the_list(void **state)
{
	static const struct row rows[] = {{"GET ", 200, NULL, LIST(ITEM("a")), 0, 0}, {0}};
	struct kube_request request = KUBE_REQUEST_INIT;
	struct play play;
	autobuf names = BUF_INIT;

	(void)state;
	play_start(&play, rows);
	request.on_object = refuse_item;
	assert_int_equal(run_list(&play, &request, &names), 0);
	assert_string_equal(request.error.message, "not this one");
	kube_request_clear(&request);
	play_stop(&play);
	play_clear(&play);
}

/* Replies that are not what was asked for, and what is said of them. */
static void test_says_what_is_wrong_with_a_reply(void **state)
{
	static const struct {
		const char *headers, *body;
		const char *message; /* its beginning */
		enum error_kind kind;
	} table[] = {
		{JSON_HEAD, "{\"kind\":\"Pod\",\"metadata\":{}}",
			"the answer to /api/v1/pods is not a list but a Pod", ERROR_SERVER},
		{JSON_HEAD, "{\"items\":{}}", "the answer to /api/v1/pods is not a list",
			ERROR_SERVER},
		{JSON_HEAD, "[]",
			"the answer to /api/v1/pods cannot be read, after 0 items: ", ERROR_SYNTAX},
		{JSON_HEAD, "",
			"the answer to /api/v1/pods cannot be read, after 0 items: ", ERROR_SYNTAX},
		{JSON_HEAD, "{\"items\":[" ITEM("a") ",",
			"the answer to /api/v1/pods cannot be read, after 1 items: ", ERROR_SYNTAX},
		{JSON_HEAD, LIST(ITEM("a")) "x",
			"the answer to /api/v1/pods cannot be read, after 1 items: ", ERROR_SYNTAX},
		{JSON_HEAD, LIST(ITEM("a") ",{\"a\":01}"),
			"the answer to /api/v1/pods cannot be read, after ", ERROR_SYNTAX},
		{"Content-Type: text/html; charset=utf-8\r\n", "<html>Log in</html>",
			"the answer to /api/v1/pods is text/html, not JSON", ERROR_SERVER},
		{"Content-Type: application/yaml\r\n", "a: b",
			"the answer to /api/v1/pods is application/yaml, not JSON", ERROR_SERVER},
	};

	(void)state;
	for (size_t i = 0; i < countof(table); i++) {
		const struct row rows[] = {
			{"GET ", 200, table[i].headers, table[i].body, 0, 0}, {0}};
		struct kube_request request = KUBE_REQUEST_INIT;
		struct play play;
		autobuf names = BUF_INIT;

		play_start(&play, rows);
		assert_int_equal(run_list(&play, &request, &names), 0);
		assert_non_null(request.error.message);
		if (!starts_with(request.error.message, table[i].message))
			assert_string_equal(request.error.message, table[i].message);
		assert_int_equal(request.error.kind, table[i].kind);
		kube_request_clear(&request);
		play_stop(&play);
		play_clear(&play);
	}
}

static void test_null_items_are_an_empty_list(void **state)
{
	static const struct row rows[] = {
		{"GET ", 200, NULL, "{\"kind\":\"PodList\",\"items\":null}", 0, 0}, {0}};
	struct kube_request request = KUBE_REQUEST_INIT;
	struct play play;
	autobuf names = BUF_INIT;

	(void)state;
	play_start(&play, rows);
	assert_int_equal(run_list(&play, &request, &names), 0);
	assert_int_equal(request.error.kind, ERROR_NONE);
	assert_int_equal(request.items, 0);
	kube_request_clear(&request);
	play_stop(&play);
	play_clear(&play);
}

/* ---- whole replies */

static void test_keeps_whole_replies(void **state)
{
	static const struct row rows[] = {
		{"GET /log", 200, "Content-Type: text/plain\r\n", "line\n", 0, 0},
		{"POST /review", 201, NULL, "{\"status\":{\"allowed\":true}}", 0, 0},
		{"GET /object", 200, NULL, ITEM("a"), 0, 0},
		{"GET /broken", 200, NULL, "{", 0, 0},
		{0},
	};
	struct kube_request log = KUBE_REQUEST_INIT;
	struct kube_request post = KUBE_REQUEST_INIT;
	struct kube_request small = KUBE_REQUEST_INIT;
	struct kube_request *requests[] = {&log, &post, &small};
	struct json_object *object = NULL;
	autoerror err = ERROR_INIT;
	struct play play;

	(void)state;
	play_start(&play, rows);
	log.path = "/log";
	post.path = "/review";
	post.body = "{}";
	small.path = "/log";
	small.max_reply = 3;
	assert_int_equal(kube_run(play.kube, requests, 3, &err), 0);
	assert_string_equal(log.reply.ptr, "line\n");
	assert_string_equal(post.reply.ptr, "{\"status\":{\"allowed\":true}}");
	assert_int_equal(post.status, 201);
	assert_string_equal(small.error.message, "the answer to /log is larger than 3 bytes");
	assert_int_equal(kube_get(play.kube, "/object", &object, &err), 0);
	assert_string_equal(json_str(object, "metadata", "name"), "a");
	json_free(object);
	assert_int_equal(kube_get(play.kube, "/broken", &object, &err), -1);
	assert_true(starts_with(err.message, "the answer to /broken cannot be read: "));
	for (size_t i = 0; i < countof(requests); i++)
		kube_request_clear(requests[i]);
	play_stop(&play);
	play_clear(&play);
}

/* ---- errors and retries */

static void test_words_errors(void **state)
{
	static const struct row rows[] = {
		{"GET /api/v1/namespaces/d/pods/x ", 404, NULL,
			STATUS("404", "NotFound", "pods \\\"x\\\" not found"), 0, 0},
		{"GET /apis/g.io/v1/things ", 404, "Content-Type: text/plain\r\n",
			"404 page not found\n", 0, 0},
		{"GET /api/v1/pods", 401, NULL, STATUS("401", "Unauthorized", "Unauthorized"), 0,
			0},
		{"GET /plain", 400, "Content-Type: text/plain\r\n",
			"Client sent an HTTP request to an HTTPS server.\n", 0, 0},
		{"GET /redirect", 302, "Location: https://login.test/\r\n", "", 0, 0},
		{0},
	};
	static const struct {
		const char *path, *message, *hint;
		enum error_kind kind;
	} table[] = {
		{"/api/v1/namespaces/d/pods/x",
			"Error from server (NotFound): pods \"x\" not found", NULL,
			ERROR_NOT_FOUND},
		{"/apis/g.io/v1/things",
			"Error from server (NotFound): the server could not find the requested "
			"resource (get things.g.io)",
			NULL, ERROR_NOT_FOUND},
		{"/api/v1/pods", "You must be logged in to the server (Unauthorized)",
			"the credentials of user 'ivy' are missing, wrong or expired: log in again",
			ERROR_UNAUTHORIZED},
		{"/plain",
			"Error from server (BadRequest): the server rejected our request for an "
			"unknown reason",
			"it said: Client sent an HTTP request to an HTTPS server.", ERROR_SERVER},
		{"/redirect",
			"Error from server: the server responded with the status code 302 but did "
			"not return more information",
			"the server redirects to https://login.test/: does a login page or a proxy "
			"stand in between?",
			ERROR_SERVER},
	};
	struct play play;

	(void)state;
	play_start(&play, rows);
	for (size_t i = 0; i < countof(table); i++) {
		struct kube_request request = KUBE_REQUEST_INIT;
		autobuf names = BUF_INIT;

		request.path = table[i].path;
		assert_int_equal(run_list(&play, &request, &names), 0);
		assert_string_equal(request.error.message, table[i].message);
		assert_int_equal(request.error.kind, table[i].kind);
		if (table[i].hint)
			assert_string_equal(request.error.hint, table[i].hint);
		kube_request_clear(&request);
	}
	play_stop(&play);
	play_clear(&play);
}

/* What is tried again, and how often. */
static void test_retries(void **state)
{
	static const struct {
		int status; /* of the first replies */
		const char *headers;
		int times; /* how many of them; 0: all */
		size_t requests;
		bool works;
	} table[] = {
		{429, "Retry-After: 0\r\n", 1, 2, true},
		{500, "Retry-After: 0\r\n", 3, 4, true},
		{503, "Retry-After: 0\r\n", 0, 11, false},
		{400, "Retry-After: 0\r\n", 0, 1, false},
		{429, "", 0, 1, false},
		{500, "Retry-After: Wed, 21 Oct 2026 07:28:00 GMT\r\n", 0, 1, false},
		{500, "Retry-After: -1\r\n", 0, 1, false},
		{429, "Retry-After: 86400\r\n", 0, 1, false},
	};

	(void)state;
	for (size_t i = 0; i < countof(table); i++) {
		const struct row rows[] = {
			{"GET ", table[i].status, table[i].headers, "no", 0, table[i].times},
			{"GET ", 200, NULL, LIST(ITEM("a")), 0, 0},
			{0},
		};
		struct kube_request request = KUBE_REQUEST_INIT;
		struct play play;
		autobuf names = BUF_INIT;

		play_start(&play, rows);
		assert_int_equal(run_list(&play, &request, &names), 0);
		assert_int_equal(request.error.kind == ERROR_NONE, table[i].works);
		assert_string_equal(names.ptr, table[i].works ? "a " : "");
		kube_request_clear(&request);
		play_stop(&play);
		assert_int_equal(play.server.requests.len, table[i].requests);
		play_clear(&play);
	}
}

static void test_waits_as_long_as_told(void **state)
{
	static const struct row rows[] = {
		{"GET ", 429, "Retry-After: 1\r\n", "", 0, 1},
		{"GET ", 200, NULL, LIST(""), 0, 0},
		{0},
	};
	struct kube_request request = KUBE_REQUEST_INIT;
	struct play play;
	autobuf names = BUF_INIT;
	int64_t before = time_monotonic();

	(void)state;
	play_start(&play, rows);
	assert_int_equal(run_list(&play, &request, &names), 0);
	assert_int_equal(request.error.kind, ERROR_NONE);
	assert_true(time_monotonic() - before >= 1000);
	/* But not longer than --request-timeout. */
	play.used[0] = 0;
	play.target.timeout_ns = 500 * INT64_C(1000000);
	kube_request_clear(&request);
	assert_int_equal(run_list(&play, &request, &names), 0);
	assert_true(starts_with(request.error.message, "Error from server (TooManyRequests): "));
	kube_request_clear(&request);
	play_stop(&play);
	play_clear(&play);
}

static void test_broken_connections(void **state)
{
	static const struct row reset_once[] = {
		{"GET ", 0, NULL, "", LOOPBACK_RESET, 1},
		{"GET ", 200, NULL, LIST(ITEM("a")), 0, 0},
		{0},
	};
	static const struct row cut_list[] = {
		{"GET ", 0, NULL,
			"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
			"999\r\n\r\n{\"items\":[" ITEM("a") ",",
			LOOPBACK_CLOSE, 0},
		{0},
	};
	struct kube_request request = KUBE_REQUEST_INIT;
	struct play play;
	autobuf names = BUF_INIT;

	(void)state;
	play_start(&play, reset_once);
	assert_int_equal(run_list(&play, &request, &names), 0);
	assert_string_equal(names.ptr, "a ");
	kube_request_clear(&request);
	play_stop(&play);
	assert_int_equal(play.server.requests.len, 2);
	play_clear(&play);
	/* Items were handed out: asking again would give them twice. */
	buf_reset(&names);
	play_start(&play, cut_list);
	assert_int_equal(run_list(&play, &request, &names), 0);
	assert_string_equal(names.ptr, "a ");
	assert_string_equal(request.error.message,
		"the answer to /api/v1/pods broke off after 1 items: unexpected EOF");
	assert_int_equal(request.error.kind, ERROR_NETWORK);
	kube_request_clear(&request);
	play_stop(&play);
	assert_int_equal(play.server.requests.len, 1);
	play_clear(&play);
}

static void test_does_not_send_a_body_twice(void **state)
{
	static const struct row rows[] = {{"POST ", 0, NULL, "", LOOPBACK_RESET, 0}, {0}};
	struct kube_request request = KUBE_REQUEST_INIT;
	struct kube_request *requests[] = {&request};
	struct play play;
	autoerror err = ERROR_INIT;

	(void)state;
	play_start(&play, rows);
	request.path = "/review";
	request.body = "{}";
	assert_int_equal(kube_run(play.kube, requests, 1, &err), -1);
	assert_string_equal(
		err.message, "Unable to connect to the server: read: connection reset by peer");
	kube_request_clear(&request);
	play_stop(&play);
	assert_int_equal(play.server.requests.len, 1);
	play_clear(&play);
}

static void test_unreachable_is_one_error(void **state)
{
	static const struct row rows[] = {{0}};
	struct kube_request a = KUBE_REQUEST_INIT;
	struct kube_request b = KUBE_REQUEST_INIT;
	struct kube_request *requests[] = {&a, &b};
	struct play play;
	autoerror err = ERROR_INIT;

	(void)state;
	play_start(&play, rows);
	loopback_stop(&play.server);
	a.path = "/a";
	b.path = "/b";
	assert_int_equal(kube_run(play.kube, requests, 2, &err), -1);
	autofree char *message = xasprintf("The connection to the server 127.0.0.1:%d was refused "
					   "- did you specify the right host or port?",
		play.server.port);
	assert_string_equal(err.message, message);
	assert_string_equal(a.error.message, message);
	assert_int_equal(err.kind, ERROR_NETWORK);
	assert_true(starts_with(err.hint, "context 'here' has the server http://127.0.0.1:"));
	kube_request_clear(&a);
	kube_request_clear(&b);
	kube_free(play.kube);
	play_clear(&play);
}

/* ---- credentials */

static void test_renews_refused_credentials_once(void **state)
{
	static const struct row rows[] = {
		{"Bearer t0", 401, NULL, STATUS("401", "Unauthorized", "Unauthorized"), 0, 0},
		{"Bearer t1", 200, NULL, LIST(ITEM("a")), 0, 0},
		{"GET ", 401, NULL, STATUS("401", "Unauthorized", "Unauthorized"), 0, 0},
		{0},
	};
	struct kube_request request = KUBE_REQUEST_INIT;
	struct play play;
	autobuf names = BUF_INIT;

	(void)state;
	play_start(&play, rows);
	token_renewable = true;
	assert_int_equal(run_list(&play, &request, &names), 0);
	assert_int_equal(request.error.kind, ERROR_NONE);
	assert_string_equal(names.ptr, "a ");
	/* And then not for ever. */
	token_number = 7;
	kube_request_clear(&request);
	assert_int_equal(run_list(&play, &request, &names), 0);
	assert_int_equal(request.error.kind, ERROR_UNAUTHORIZED);
	kube_request_clear(&request);
	play_stop(&play);
	assert_int_equal(play.server.requests.len, 4);
	play_clear(&play);
}

static void test_sends_nothing_without_credentials(void **state)
{
	static const struct row rows[] = {{0}};
	struct kube_request request = KUBE_REQUEST_INIT;
	struct play play;
	autobuf names = BUF_INIT;

	(void)state;
	play_start(&play, rows);
	token_fails = true;
	assert_int_equal(run_list(&play, &request, &names), -1);
	assert_string_equal(request.error.message, "no token today");
	kube_request_clear(&request);
	play_stop(&play);
	assert_int_equal(play.server.requests.len, 0);
	play_clear(&play);
}

/* ---- what comes beside the answer */

static void test_hands_out_each_warning_once(void **state)
{
	static const struct row rows[] = {
		{"GET ", 200,
			"Warning: 299 - \"old API\"\r\n"
			"Warning: 299 - \"a \\\"quoted\\\" \\\\ one\" \"Sat, 25 Aug 2029 23:34:45 "
			"GMT\", 299 agent:1 \"second, with a comma\"\r\n"
			"Warning: 199 - \"not for users\"\r\n"
			"Warning: 299 - unquoted\r\n"
			"warning: 299 - \"old API\"\r\n",
			LIST(""), 0, 0},
		{0},
	};
	struct kube_request request = KUBE_REQUEST_INIT;
	struct play play;
	autobuf names = BUF_INIT;

	(void)state;
	play_start(&play, rows);
	assert_int_equal(run_list(&play, &request, &names), 0);
	kube_request_clear(&request);
	assert_int_equal(run_list(&play, &request, &names), 0);
	kube_request_clear(&request);
	assert_int_equal(play.warnings.len, 3);
	assert_string_equal(play.warnings.items[0], "old API");
	assert_string_equal(play.warnings.items[1], "a \"quoted\" \\ one");
	assert_string_equal(play.warnings.items[2], "second, with a comma");
	play_stop(&play);
	play_clear(&play);
}

static void test_takes_the_servers_clock(void **state)
{
	static const struct row rows[] = {
		{"GET ", 200, JSON_HEAD "Date: Tue, 24 Nov 2026 07:13:30 GMT\r\n", LIST(""), 0, 1},
		{"GET ", 200, JSON_HEAD "Date: yesterday\r\n", LIST(""), 0, 0},
		{0},
	};
	struct kube_request request = KUBE_REQUEST_INIT;
	struct play play;
	autobuf names = BUF_INIT;

	(void)state;
	play_start(&play, rows);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(run_list(&play, &request, &names), 0);
		kube_request_clear(&request);
		assert_int_equal(play.kube->now, time_parse("2026-11-24T07:13:30Z"));
	}
	play_stop(&play);
	play_clear(&play);
}

static int stop_now(void *ctx, struct error *err)
{
	(void)ctx;
	return error_set(err, ERROR_FAILED, "interrupted");
}

static void test_an_interrupt_ends_the_run(void **state)
{
	static const struct row rows[] = {{"GET ", 429, "Retry-After: 30\r\n", "", 0, 0}, {0}};
	struct kube_request request = KUBE_REQUEST_INIT;
	struct kube_request *requests[] = {&request};
	struct play play;
	autoerror err = ERROR_INIT;
	int64_t before = time_monotonic();

	(void)state;
	play_start(&play, rows);
	play.kube->tick = stop_now;
	request.path = "/api/v1/pods";
	assert_int_equal(kube_run(play.kube, requests, 1, &err), -1);
	assert_string_equal(err.message, "interrupted");
	assert_string_equal(request.error.message, "interrupted");
	assert_true(time_monotonic() - before < 20000);
	kube_request_clear(&request);
	play_stop(&play);
	play_clear(&play);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_streams_a_list),
		cmocka_unit_test(test_writes_the_query),
		cmocka_unit_test(test_follows_pages),
		cmocka_unit_test(test_starts_again_when_the_token_expired),
		cmocka_unit_test(test_does_not_follow_a_loop),
		cmocka_unit_test(test_callbacks_end_the_list),
		cmocka_unit_test(test_says_what_is_wrong_with_a_reply),
		cmocka_unit_test(test_null_items_are_an_empty_list),
		cmocka_unit_test(test_keeps_whole_replies),
		cmocka_unit_test(test_words_errors),
		cmocka_unit_test(test_retries),
		cmocka_unit_test(test_waits_as_long_as_told),
		cmocka_unit_test(test_broken_connections),
		cmocka_unit_test(test_does_not_send_a_body_twice),
		cmocka_unit_test(test_unreachable_is_one_error),
		cmocka_unit_test(test_renews_refused_credentials_once),
		cmocka_unit_test(test_sends_nothing_without_credentials),
		cmocka_unit_test(test_hands_out_each_warning_once),
		cmocka_unit_test(test_takes_the_servers_clock),
		cmocka_unit_test(test_an_interrupt_ends_the_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
