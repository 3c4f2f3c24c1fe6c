/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cluster of a snapshot: each request is answered as the API server would have answered it then.
 * What was not recorded is an error that says so, never "none".
 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/scan.h"
#include "bundle/snapshot_private.h"
#include "kube/path.h"

/* Of a whole reply, unless the request says otherwise: as the live server's. */
#define MAX_REPLY ((size_t)8 << 20)

/* ---- what lists and logs share */

int recorded_keep(struct kube_request *request, const char *text, size_t len, struct error *err)
{
	size_t most = request->max_reply ? request->max_reply : MAX_REPLY;

	if (request->reply.len > most || len > most - request->reply.len)
		return error_set(err, ERROR_SERVER, "the answer to %s is larger than %zu bytes",
			request->path, most);
	buf_add(&request->reply, text, len);
	return 0;
}

const struct snapshot_answer *recorded_find(
	const struct recorded *recorded, const char *path, const char *body)
{
	for (size_t i = 0; i < recorded->snapshot.count; i++) {
		const struct snapshot_answer *answer = &recorded->snapshot.answers[i];

		if (streq(answer->path, path) && streq(answer->body, body))
			return answer;
	}
	return NULL;
}

int recorded_missing(const struct recorded *recorded, const struct kube_request *request,
	const char *why, struct error *err)
{
	return error_set(err, ERROR_INCOMPLETE, "%s does not hold the answer to %s%s%s",
		recorded->snapshot.bytes.name, request->path, *why ? ": " : "", why);
}

int recorded_repeat_error(
	struct kube_request *request, const struct snapshot_answer *answer, struct error *err)
{
	request->status = answer->status;
	error_set(err, answer->error.kind, "%s", answer->error.message);
	return answer->error.hint ? error_hint(err, "%s", answer->error.hint) : -1;
}

/* ---- all requests */

static void request_begin(struct kube_request *request)
{
	error_clear(&request->error);
	json_free(request->envelope);
	request->envelope = NULL;
	buf_reset(&request->reply);
	request->status = 0;
	request->items = 0;
	request->restarted = false;
}

static void answer_reply(
	struct kube_request *request, const struct snapshot_answer *answer, struct error *err)
{
	request->status = answer->status;
	if (answer->error.kind != ERROR_NONE)
		recorded_repeat_error(request, answer, err);
	else
		(void)!recorded_keep(request, answer->reply, strlen(answer->reply), err);
}

static const struct snapshot_answer *find_reply(
	const struct recorded *recorded, const struct kube_request *request)
{
	const struct snapshot_answer *answer;
	autobuf body = BUF_INIT;

	if (request->body &&
		scan_print_json(request->body, strlen(request->body), 0, NULL, &body, NULL) < 0)
		return NULL;
	answer = recorded_find(recorded, request->path, request->body ? body.ptr : NULL);
	return answer && answer->form == SNAPSHOT_REPLY ? answer : NULL;
}

static int answer(struct recorded *recorded, struct kube_request *request, struct error *err)
{
	autokubepath path = KUBE_PATH_INIT;
	const struct snapshot_answer *answer = find_reply(recorded, request);

	request_begin(request);
	if (request->method && !streq(request->method, "GET")) {
		error_set(&request->error, ERROR_USAGE,
			"%s is a bundle: nothing in it can be changed",
			recorded->snapshot.bytes.name);
		return 0;
	}
	if (answer) {
		answer_reply(request, answer, &request->error);
		return 0;
	}
	if (request->body || !kube_path_parse(request->path, &path)) {
		recorded_missing(recorded, request, "", &request->error);
		return 0;
	}
	if (!path.subresource)
		return recorded_answer_list(recorded, request, &path, err);
	if (streq(path.plural, "pods") && streq(path.subresource, "log"))
		return recorded_answer_log(recorded, request, err);
	recorded_missing(recorded, request, "", &request->error);
	return 0;
}

static int recorded_run(
	struct kube *kube, struct kube_request *requests[], size_t count, struct error *err)
{
	struct recorded *recorded = (struct recorded *)kube;

	for (size_t i = 0; i < count; i++)
		if (answer(recorded, requests[i], err) < 0)
			return -1;
	return 0;
}

static void recorded_free(struct kube *kube)
{
	struct recorded *recorded = (struct recorded *)kube;

	snapshot_clear(&recorded->snapshot);
	if (recorded->close)
		recorded->close(recorded->close_ctx);
	free(recorded);
}

int kube_snapshot_new(const struct snapshot_bytes *bytes, struct kube **ret, struct error *err)
{
	static const struct kube_ops ops = {.run = recorded_run, .free = recorded_free};
	struct recorded *recorded = xcalloc(1, sizeof(*recorded));

	if (snapshot_open(&recorded->snapshot, bytes, err) < 0) {
		free(recorded);
		return -1;
	}
	recorded->kube.ops = &ops;
	recorded->kube.now = recorded->snapshot.now;
	recorded->kube.namespace = recorded->snapshot.namespace;
	recorded->kube.context_name = recorded->snapshot.context;
	*ret = &recorded->kube;
	return 0;
}
