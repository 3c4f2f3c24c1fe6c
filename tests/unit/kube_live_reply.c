/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "live_play.h"

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
		{JSON_HEAD, "[]", "the answer to /api/v1/pods cannot be read: ", ERROR_SYNTAX},
		{JSON_HEAD, "", "the answer to /api/v1/pods cannot be read: ", ERROR_SYNTAX},
		{JSON_HEAD, "{\"items\":[" ITEM("a") ",",
			"the answer to /api/v1/pods cannot be read after 1 item: ", ERROR_SYNTAX},
		{JSON_HEAD, LIST(ITEM("a")) "x",
			"the answer to /api/v1/pods cannot be read after 1 item: ", ERROR_SYNTAX},
		{JSON_HEAD, LIST(ITEM("a") ",{\"a\":01}"),
			"the answer to /api/v1/pods cannot be read", ERROR_SYNTAX},
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
