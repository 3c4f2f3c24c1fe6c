/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "live_play.h"

#include "kube/write.h"

#define THINGS "/apis/g.io/v1/things"
#define THING THINGS "/x"

/* What goes over the wire for each way to change something. */
static void test_requests(void **state)
{
	static const struct row rows[] = {
		{"", 200, NULL, "{\"metadata\":{\"name\":\"x\"}}", 0, 0},
		{0},
	};
	static const struct {
		enum kube_write_how how;
		const char *path;
		bool body, dry_run;
		const char *line, *sent;
	} table[] = {
		{KUBE_CREATE, THINGS, true, false, "POST " THINGS "?fieldManager=kubectl-flux-arc ",
			"application/json"},
		{KUBE_CREATE, THINGS, true, true,
			"POST " THINGS "?dryRun=All&fieldManager=kubectl-flux-arc ",
			"application/json"},
		{KUBE_REPLACE, THING, true, false, "PUT " THING "?fieldManager=kubectl-flux-arc ",
			"application/json"},
		{KUBE_PATCH_MERGE, THING, true, false,
			"PATCH " THING "?fieldManager=kubectl-flux-arc ",
			"application/merge-patch+json"},
		{KUBE_PATCH_STRATEGIC, THING, true, false,
			"PATCH " THING "?fieldManager=kubectl-flux-arc ",
			"application/strategic-merge-patch+json"},
		{KUBE_PATCH_JSON, THING, true, true,
			"PATCH " THING "?dryRun=All&fieldManager=kubectl-flux-arc ",
			"application/json-patch+json"},
		/* Beside a body the server does not look at the query. */
		{KUBE_DELETE, THING, false, false, "DELETE " THING " ",
			"{\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\"}"},
		{KUBE_DELETE, THING, true, true, "DELETE " THING " ",
			"{\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\",\"dryRun\":[\"All\"]}"},
	};
	autojson struct json_object *body = json_new_object();
	struct play play;

	(void)state;
	play_start(&play, rows);
	for (size_t i = 0; i < countof(table); i++) {
		autojson struct json_object *reply = NULL;
		const struct kube_write write = {
			.how = table[i].how,
			.path = table[i].path,
			.body = table[i].body ? body : NULL,
			.dry_run = table[i].dry_run,
		};

		assert_int_equal(kube_write(play.kube, &write, &reply, NULL), 0);
		assert_string_equal(json_str(reply, "metadata", "name"), "x");
	}
	play_stop(&play);
	for (size_t i = 0; i < countof(table); i++) {
		const char *request = play.server.requests.items[i];

		assert_memory_equal(request, table[i].line, strlen(table[i].line));
		assert_non_null(strstr(request, table[i].sent));
	}
	play_clear(&play);
}

/* What the server refuses, in kubectl's words; who was too late is told apart. */
static void test_refusals(void **state)
{
	static const struct row rows[] = {
		{"POST ", 409, NULL,
			STATUS("409", "AlreadyExists", "things \\\"x\\\" already exists"), 0, 0},
		{"PUT ", 409, NULL, STATUS("409", "Conflict", "the object has been modified"), 0,
			0},
		{"PATCH ", 403, NULL, STATUS("403", "Forbidden", "things is forbidden"), 0, 0},
		{"DELETE ", 404, NULL, STATUS("404", "NotFound", "things \\\"x\\\" not found"), 0,
			0},
		{0},
	};
	static const struct {
		enum kube_write_how how;
		enum error_kind kind;
		const char *message;
	} table[] = {
		{KUBE_CREATE, ERROR_CONFLICT,
			"Error from server (AlreadyExists): things \"x\" already exists"},
		{KUBE_REPLACE, ERROR_CONFLICT,
			"Error from server (Conflict): the object has been modified"},
		{KUBE_PATCH_MERGE, ERROR_FORBIDDEN,
			"Error from server (Forbidden): things is forbidden"},
		{KUBE_DELETE, ERROR_NOT_FOUND,
			"Error from server (NotFound): things \"x\" not found"},
	};
	struct play play;

	(void)state;
	play_start(&play, rows);
	for (size_t i = 0; i < countof(table); i++) {
		const struct kube_write write = {.how = table[i].how, .path = THING};
		autoerror err = ERROR_INIT;

		assert_int_equal(kube_write(play.kube, &write, NULL, &err), -1);
		assert_int_equal(err.kind, table[i].kind);
		assert_string_equal(err.message, table[i].message);
	}
	play_stop(&play);
	play_clear(&play);
}

/* A connection that breaks leaves open whether the change was made: it is sent once, and that is said. */
static void test_broken(void **state)
{
	static const enum kube_write_how hows[] = {
		KUBE_CREATE, KUBE_REPLACE, KUBE_PATCH_JSON, KUBE_DELETE};
	static const struct row rows[] = {{"", 0, NULL, "", LOOPBACK_RESET, 0}, {0}};

	(void)state;
	for (size_t i = 0; i < countof(hows); i++) {
		const struct kube_write write = {.how = hows[i], .path = THING};
		autoerror err = ERROR_INIT;
		struct play play;

		play_start(&play, rows);
		assert_int_equal(kube_write(play.kube, &write, NULL, &err), -1);
		play_stop(&play);
		assert_int_equal(play.server.requests.len, 1);
		assert_string_equal(err.hint, "whether the change was made is not known: look "
					      "before it is sent again");
		play_clear(&play);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
