/* SPDX-License-Identifier: Apache-2.0 */
/* What a snapshot answers. */
#include "test.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/scan.h"
#include "kube/access.h"
#include "kube/write.h"
#include "snapshot_text.h"

#define PODS                                                                                      \
	"{\"path\":\"/api/v1/pods\"}\n"                                                           \
	"{\"metadata\":{\"name\":\"a\",\"namespace\":\"x\",\"labels\":{\"app\":\"web\"}},"        \
	"\"status\":{\"phase\":\"Running\"}}\n"                                                   \
	"{\"metadata\":{\"name\":\"b\",\"namespace\":\"x\"},\"status\":{\"phase\":\"Failed\"}}\n" \
	"{\"metadata\":{\"name\":\"a\",\"namespace\":\"y\",\"labels\":{\"app\":\"db\"}}}\n"

static const char text[] =
	"{\"apiVersion\":\"cluster.flux-arc.io/v1\",\"now\":\"2026-11-24T07:13:30Z\","
	"\"context\":\"arc\",\"namespace\":\"x\"}\n"
	"{\"path\":\"/version\",\"status\":200,\"reply\":{\"gitVersion\":\"v1.2.3\"}}\n"
	"{\"path\":\"/apis/gone.io\",\"status\":404,\"error\":{\"kind\":\"not-found\",\"message\":"
	"\"Error from server (NotFound): no group\"}}\n"
	"{\"path\":\"" ACCESS_SELF_PATH "\",\"status\":201,\"body\":{\"spec\":{\"b\":1,\"a\":2}},"
	"\"reply\":{\"status\":{\"allowed\":true}}}\n"
	"{\"path\":\"/api/v1/pods\",\"form\":\"list\",\"status\":200,\"envelope\":{\"kind\":"
	"\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[]},"
	"\"items\":3,\"size\":$1}\n"
	"{\"path\":\"/apis/helm.toolkit.fluxcd.io/v2beta1/helmreleases\",\"form\":\"list\","
	"\"status\":200,\"envelope\":{\"metadata\":{},\"items\":[]},\"items\":1,\"size\":$2}\n"
	"{\"path\":\"/apis/source.toolkit.fluxcd.io/v1/buckets\",\"form\":\"list\",\"status\":404,"
	"\"error\":{\"kind\":\"not-found\",\"message\":\"no such type\"}}\n"
	"{\"path\":\"/apis/apps/v1/deployments\",\"form\":\"list\",\"status\":403,\"error\":{"
	"\"kind\":\"forbidden\",\"message\":\"no\",\"hint\":\"ask\"}}\n"
	"{\"path\":\"/apis/apps/v1/namespaces/x/deployments\",\"form\":\"list\",\"status\":200,"
	"\"envelope\":{\"items\":[]},\"items\":1,\"size\":$3}\n"
	"{\"path\":\"/api/v1/namespaces/x/pods/a/log?container=c\",\"form\":\"log\",\"status\":200,"
	"\"items\":3,\"size\":$4}\n"
	"{\"path\":\"/api/v1/namespaces/x/pods/a/log?container=c&previous=true\",\"form\":\"log\","
	"\"status\":200,\"items\":1,\"size\":$5}\n"
	"{\"path\":\"/api/v1/namespaces/x/pods/b/log?container=c\",\"form\":\"log\",\"status\":400,"
	"\"error\":{\"kind\":\"server\",\"message\":\"no log\"}}\n" SNAPSHOT_LINE PODS SNAPSHOT_LINE
	"{\"path\":\"/apis/helm.toolkit.fluxcd.io/v2beta1/helmreleases\"}\n"
	"{\"apiVersion\":\"helm.toolkit.fluxcd.io/v2beta1\",\"kind\":\"HelmRelease\",\"metadata\":"
	"{\"name\":\"r\",\"namespace\":\"x\"}}\n" SNAPSHOT_LINE
	"{\"path\":\"/apis/apps/v1/namespaces/x/deployments\"}\n"
	"{\"metadata\":{\"name\":\"d\",\"namespace\":\"x\"}}\n" SNAPSHOT_LINE
	"{\"path\":\"/api/v1/namespaces/x/pods/a/"
	"log?container=c\"}\n\"one\"\n\"two\\t\\\"\"\n\"\"\n" SNAPSHOT_LINE
	"{\"path\":\"/api/v1/namespaces/x/pods/a/log?container=c&previous=true\"}\n\"before\"\n";

struct world {
	struct buf bytes;
	struct kube *kube;
};

static int begin(void **state)
{
	static struct world world = {.bytes = BUF_INIT};

	snapshot_of_text(text, sizeof(text) - 1, &world.bytes);
	*state = &world;
	return snapshot_kube(&world.bytes, &world.kube, NULL);
}

static int end(void **state)
{
	struct world *world = *state;

	kube_free(world->kube);
	buf_clear(&world->bytes);
	return 0;
}

static void run(struct world *world, struct kube_request *request)
{
	struct kube_request *list[] = {request};

	assert_int_equal(kube_run(world->kube, list, 1, NULL), 0);
}

static void head(void **state)
{
	struct world *world = *state;

	assert_string_equal(world->kube->namespace, "x");
	assert_string_equal(world->kube->context_name, "arc");
	assert_int_equal(world->kube->now, 1795504410000);
}

/* ---- replies that are kept whole */

#define SERVER_404 "Error from server (NotFound): "
#define NOT_SERVED SERVER_404 "the server could not find the requested resource"

static const struct {
	const char *path, *body, *query, *labels, *fields;
	int status;
	const char *answer; /* the reply, or the error's message */
} replies[] = {
	/* clang-format off */
	{"/version", NULL, NULL, NULL, NULL, 200, "{\"gitVersion\":\"v1.2.3\"}"},
	{"/apis/gone.io", NULL, NULL, NULL, NULL, 404, SERVER_404 "no group"},
	{"/apis/other.io", NULL, NULL, NULL, NULL, 0, "x.tar does not hold the answer to /apis/other.io"},
	{ACCESS_SELF_PATH, "{\"spec\": {\"a\": 2, \"b\": 1}}", NULL, NULL, NULL, 201, "{\"status\":{\"allowed\":true}}"},
	{ACCESS_SELF_PATH, "{\"spec\":{\"a\":3,\"b\":1}}", NULL, NULL, NULL, 0, "x.tar does not hold the answer to " ACCESS_SELF_PATH},
	{ACCESS_SELF_PATH, "not JSON", NULL, NULL, NULL, 0, "x.tar does not hold the answer to " ACCESS_SELF_PATH},
	/* objects by name: what a list leaves out is put back */
	{"/api/v1/namespaces/x/pods/b", NULL, NULL, NULL, NULL, 200, "{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"b\",\"namespace\":\"x\"},\"status\":{\"phase\":\"Failed\"}}"},
	{"/api/v1/namespaces/y/pods/b", NULL, NULL, NULL, NULL, 404, SERVER_404 "pods \"b\" not found"},
	{"/api/v1/namespaces/y/pods/a%20b", NULL, NULL, NULL, NULL, 404, SERVER_404 "pods \"a b\" not found"},
	{"/apis/helm.toolkit.fluxcd.io/v2beta1/namespaces/x/helmreleases/r", NULL, NULL, NULL, NULL, 200, "{\"apiVersion\":\"helm.toolkit.fluxcd.io/v2beta1\",\"kind\":\"HelmRelease\",\"metadata\":{\"name\":\"r\",\"namespace\":\"x\"}}"},
	{"/apis/helm.toolkit.fluxcd.io/v2beta1/namespaces/x/helmreleases/s", NULL, NULL, NULL, NULL, 404, SERVER_404 "helmreleases.helm.toolkit.fluxcd.io \"s\" not found"},
	/* other versions than the recorded one, kinds that are not there, and what is not known */
	{"/apis/helm.toolkit.fluxcd.io/v2/helmreleases", NULL, NULL, NULL, NULL, 404, NOT_SERVED},
	{"/apis/helm.toolkit.fluxcd.io/v2/namespaces/x/helmreleases/r", NULL, NULL, NULL, NULL, 404, NOT_SERVED},
	{"/apis/source.toolkit.fluxcd.io/v1/buckets", NULL, NULL, NULL, NULL, 404, NOT_SERVED},
	{"/apis/source.toolkit.fluxcd.io/v1beta2/namespaces/x/buckets", NULL, NULL, NULL, NULL, 404, NOT_SERVED},
	{"/api/v1/nodes", NULL, NULL, NULL, NULL, 0, "x.tar does not hold the answer to /api/v1/nodes"},
	{"/api/v1/secrets", NULL, NULL, NULL, NULL, 0, "x.tar does not hold the answer to /api/v1/secrets: Secrets are never recorded"},
	{"/apis/acme.io/v1/things", NULL, NULL, NULL, NULL, 0, "x.tar does not hold the answer to /apis/acme.io/v1/things: this kind is not recorded"},
	{"/api/v1/namespaces/x/pods/a/exec", NULL, NULL, NULL, NULL, 0, "x.tar does not hold the answer to /api/v1/namespaces/x/pods/a/exec"},
	/* all namespaces forbidden, one recorded */
	{"/apis/apps/v1/deployments", NULL, NULL, NULL, NULL, 403, "no"},
	{"/apis/apps/v1beta9/deployments", NULL, NULL, NULL, NULL, 403, "no"},
	{"/apis/apps/v1/namespaces/x/deployments", NULL, NULL, NULL, NULL, 200, "{\"items\":[{\"metadata\":{\"name\":\"d\",\"namespace\":\"x\"}}]}"},
	{"/apis/apps/v1/namespaces/y/deployments", NULL, NULL, NULL, NULL, 0, "x.tar does not hold the answer to /apis/apps/v1/namespaces/y/deployments: deployments could not be listed in all namespaces; recorded: x"},
	/* lists that are kept whole */
	{"/api/v1/pods", NULL, NULL, "app=db", NULL, 200, "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[{\"metadata\":{\"name\":\"a\",\"namespace\":\"y\",\"labels\":{\"app\":\"db\"}}}]}"},
	{"/api/v1/pods", NULL, "limit=1", "app", NULL, 200, "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[{\"metadata\":{\"name\":\"a\",\"namespace\":\"x\",\"labels\":{\"app\":\"web\"}},\"status\":{\"phase\":\"Running\"}}]}"},
	{"/api/v1/namespaces/x/pods", NULL, "limit=1", NULL, NULL, 200, "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"7\",\"remainingItemCount\":1},\"items\":[{\"metadata\":{\"name\":\"a\",\"namespace\":\"x\",\"labels\":{\"app\":\"web\"}},\"status\":{\"phase\":\"Running\"}}]}"},
	{"/api/v1/namespaces/z/pods", NULL, NULL, NULL, NULL, 200, "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[]}"},
	{"/api/v1/pods", NULL, NULL, NULL, "status.phase=Failed,metadata.namespace=x", 200, "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[{\"metadata\":{\"name\":\"b\",\"namespace\":\"x\"},\"status\":{\"phase\":\"Failed\"}}]}"},
	{"/api/v1/pods", NULL, NULL, NULL, "a=b", 400, "Error from server (BadRequest): field label not supported: a"},
	{"/api/v1/pods", NULL, NULL, "=", NULL, 400, "Error from server (BadRequest): found '=', expected: !, identifier, or 'end of string'"},
	/* logs */
	{"/api/v1/namespaces/x/pods/a/log", NULL, "container=c", NULL, NULL, 200, "one\ntwo\t\"\n\n"},
	{"/api/v1/namespaces/x/pods/a/log", NULL, NULL, NULL, NULL, 200, "one\ntwo\t\"\n\n"},
	{"/api/v1/namespaces/x/pods/a/log", NULL, "tailLines=2", NULL, NULL, 200, "two\t\"\n\n"},
	{"/api/v1/namespaces/x/pods/a/log", NULL, "container=c&tailLines=0", NULL, NULL, 200, ""},
	{"/api/v1/namespaces/x/pods/a/log", NULL, "tailLines=99&timestamps=false", NULL, NULL, 200, "one\ntwo\t\"\n\n"},
	{"/api/v1/namespaces/x/pods/a/log", NULL, "previous=true", NULL, NULL, 200, "before\n"},
	{"/api/v1/namespaces/x/pods/b/log", NULL, NULL, NULL, NULL, 400, "no log"},
	{"/api/v1/namespaces/x/pods/a/log", NULL, "container=d", NULL, NULL, 0, "x.tar does not hold the answer to /api/v1/namespaces/x/pods/a/log"},
	{"/api/v1/namespaces/x/pods/a/log", NULL, "sinceSeconds=5", NULL, NULL, 0, "x.tar does not hold the answer to /api/v1/namespaces/x/pods/a/log: only container, previous and tailLines can be asked of a recording"},
	/* clang-format on */
};

static void kept_whole(void **state)
{
	for (size_t i = 0; i < countof(replies); i++) {
		struct kube_request request = KUBE_REQUEST_INIT;
		const char *said;

		request.path = replies[i].path;
		request.body = replies[i].body;
		request.query = replies[i].query;
		request.label_selector = replies[i].labels;
		request.field_selector = replies[i].fields;
		/* What an earlier run left is forgotten. */
		buf_adds(&request.reply, "old");
		error_set(&request.error, ERROR_FAILED, "old");
		run(*state, &request);
		said = request.error.message ? request.error.message : request.reply.ptr;
		if (!streq(said, replies[i].answer) || request.status != replies[i].status)
			fail_msg("%s %s: %d %s", request.path, request.query ? request.query : "",
				request.status, said);
		assert_int_equal(request.error.kind != ERROR_NONE, request.status / 100 != 2);
		if (!request.status)
			assert_int_equal(request.error.kind, ERROR_INCOMPLETE);
		kube_request_clear(&request);
	}
}

static void hint_stays(void **state)
{
	struct kube_request request = KUBE_REQUEST_INIT;

	request.path = "/apis/apps/v1/deployments";
	run(*state, &request);
	assert_int_equal(request.error.kind, ERROR_FORBIDDEN);
	assert_string_equal(request.error.hint, "ask");
	kube_request_clear(&request);
}

static void too_large(void **state)
{
	struct kube_request request = KUBE_REQUEST_INIT;

	request.path = "/api/v1/pods";
	request.max_reply = 100;
	run(*state, &request);
	assert_string_equal(
		request.error.message, "the answer to /api/v1/pods is larger than 100 bytes");
	kube_request_clear(&request);
}

/* ---- lists that are handed out */

static int take_item(struct kube_request *request, const char *json, size_t len, struct error *err)
{
	(void)err;
	buf_add(request->ctx, json, len);
	return 0;
}

static int take_object(struct kube_request *request, struct json_object *object, struct error *err)
{
	struct buf *taken = request->ctx;

	(void)err;
	buf_addf(taken, "%s ", json_str(object, "metadata", "name"));
	assert_null(json_get(object, "status"));
	return 0;
}

static void handed_out(void **state)
{
	static const char *const fields[] = {"metadata.name", NULL};
	autobuf taken = BUF_INIT;
	struct kube_request request = KUBE_REQUEST_INIT;
	struct projection *projection = projection_new(fields);

	request.path = "/api/v1/pods";
	request.ctx = &taken;
	request.fields = projection;
	request.on_item = take_item;
	request.chunk_size = 1; /* pages are the server's affair */
	run(*state, &request);
	assert_string_equal(taken.ptr,
		"{\"metadata\":{\"name\":\"a\"}}{\"metadata\":{\"name\":\"b\"}}"
		"{\"metadata\":{\"name\":\"a\"}}");
	assert_int_equal(request.items, 3);
	assert_string_equal(json_str(request.envelope, "kind"), "PodList");
	buf_reset(&taken);
	request.on_item = NULL;
	request.on_object = take_object;
	run(*state, &request);
	assert_string_equal(taken.ptr, "a b a ");
	kube_request_clear(&request);
	projection_free(projection);
}

static int refuse(struct kube_request *request, const char *json, size_t len, struct error *err)
{
	(void)request;
	(void)json;
	(void)len;
	return error_set(err, ERROR_FAILED, "the disk is full");
}

/* Who takes the items may fail: that is his request's affair, and no damage. */
static void taker_fails(void **state)
{
	struct kube_request request = KUBE_REQUEST_INIT;

	request.path = "/api/v1/pods";
	request.on_item = refuse;
	run(*state, &request);
	assert_int_equal(request.error.kind, ERROR_FAILED);
	assert_string_equal(request.error.message, "the disk is full");
	kube_request_clear(&request);
}

static int interrupt(void *ctx, struct error *err)
{
	(void)ctx;
	return error_set(err, ERROR_FAILED, "interrupted");
}

static void interrupted(void **state)
{
	struct world *world = *state;
	struct kube_request request = KUBE_REQUEST_INIT;
	struct kube_request *list[] = {&request};
	autoerror err = ERROR_INIT;

	request.path = "/api/v1/pods";
	world->kube->tick = interrupt;
	assert_int_equal(kube_run(world->kube, list, 1, &err), -1);
	world->kube->tick = NULL;
	assert_string_equal(err.message, "interrupted");
	kube_request_clear(&request);
}

/* A bundle is what was: changes are refused. */
static void writes(void **state)
{
	static const enum kube_write_how hows[] = {
		KUBE_CREATE, KUBE_REPLACE, KUBE_PATCH_MERGE, KUBE_DELETE};
	struct world *world = *state;

	for (size_t i = 0; i < countof(hows); i++) {
		const struct kube_write write = {.how = hows[i], .path = "/version"};
		autoerror err = ERROR_INIT;

		assert_int_equal(kube_write(world->kube, &write, NULL, &err), -1);
		assert_string_equal(err.message, "x.tar is a bundle: nothing in it can be changed");
		assert_int_equal(err.kind, ERROR_USAGE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(head),
		cmocka_unit_test(kept_whole),
		cmocka_unit_test(hint_stays),
		cmocka_unit_test(too_large),
		cmocka_unit_test(handed_out),
		cmocka_unit_test(taker_fails),
		cmocka_unit_test(interrupted),
		cmocka_unit_test(writes),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
