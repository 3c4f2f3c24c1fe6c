/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/json.h"
#include "kube/write.h"

/* Who changed a field, in the object's managedFields. */
#define MANAGER "fieldManager=kubectl-flux-arc"

static const struct {
	const char *method, *content_type;
} hows[] = {
#define X(name, method, type) [KUBE_##name] = {method, type},
	KUBE_WRITES(X)
#undef X
};

/* The options of a DELETE stand in its body; beside a body its server does not look at the query. */
static struct json_object *delete_body(const struct kube_write *write)
{
	struct json_object *body = write->body ? json_copy(write->body) : json_new_object();
	struct json_object *all;

	json_set_str(body, "apiVersion", "v1");
	json_set_str(body, "kind", "DeleteOptions");
	if (write->dry_run) {
		all = json_new_array();
		json_push(all, json_new_string("All"));
		json_set(body, "dryRun", all);
	}
	return body;
}

int kube_write(struct kube *kube, const struct kube_write *write, struct json_object **ret,
	struct error *err)
{
	CLEANUP(kube_request_clear) struct kube_request request = KUBE_REQUEST_INIT;
	struct kube_request *requests[] = {&request};
	autojson struct json_object *options = NULL;
	autobuf body = BUF_INIT;

	request.path = write->path;
	request.method = hows[write->how].method;
	request.content_type = hows[write->how].content_type;
	if (write->how == KUBE_DELETE)
		options = delete_body(write);
	else
		request.query = write->dry_run ? "dryRun=All&" MANAGER : MANAGER;
	json_write(&body, options ? options : write->body);
	request.body = body.ptr;
	if (kube_run(kube, requests, 1, err) < 0)
		return -1;
	if (request.error.kind != ERROR_NONE)
		return error_move(err, &request.error);
	return ret ? json_parse(request.reply.ptr, request.reply.len, ret, err) : 0;
}
