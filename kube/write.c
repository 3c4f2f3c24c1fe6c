/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/json.h"
#include "kube/write.h"

/* Who changed a field, in the object's managedFields. */
#define FIELD_MANAGER "kubectl-flux-arc"

static const struct {
	const char *method, *content_type;
} hows[] = {
#define X(name, method, type) [KUBE_##name] = {method, type},
	KUBE_WRITES(X)
#undef X
};

/* A DELETE has no field manager: the server refuses parameters that it does not know. */
static void add_query(const struct kube_write *write, struct buf *out)
{
	if (write->dry_run)
		buf_adds(out, "dryRun=All");
	if (write->how != KUBE_DELETE)
		buf_addf(out, "%sfieldManager=" FIELD_MANAGER, out->len ? "&" : "");
}

int kube_write(struct kube *kube, const struct kube_write *write, struct json_object **ret,
	struct error *err)
{
	CLEANUP(kube_request_clear) struct kube_request request = KUBE_REQUEST_INIT;
	struct kube_request *requests[] = {&request};
	autobuf query = BUF_INIT;
	autobuf body = BUF_INIT;

	add_query(write, &query);
	request.path = write->path;
	request.method = hows[write->how].method;
	request.query = query.ptr;
	if (write->body) {
		json_write(&body, write->body);
		request.body = body.ptr;
		request.content_type = hows[write->how].content_type;
	}
	if (kube_run(kube, requests, 1, err) < 0)
		return -1;
	if (request.error.kind != ERROR_NONE)
		return error_move(err, &request.error);
	return ret ? json_parse(request.reply.ptr, request.reply.len, ret, err) : 0;
}
