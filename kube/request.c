/* SPDX-License-Identifier: Apache-2.0 */
/* The part of kube/kube.h that every implementation shares. */
#include "base/base.h"

#include "base/json.h"
#include "kube/kube.h"

void kube_request_clear(struct kube_request *request)
{
	error_clear(&request->error);
	json_free(request->envelope);
	request->envelope = NULL;
	buf_clear(&request->reply);
}

int kube_run(struct kube *kube, struct kube_request *requests[], size_t count, struct error *err)
{
	return kube->ops->run(kube, requests, count, err);
}

int kube_get(struct kube *kube, const char *path, struct json_object **ret, struct error *err)
{
	struct kube_request request = KUBE_REQUEST_INIT;
	struct kube_request *list[] = {&request};
	int result;

	request.path = path;
	result = kube_run(kube, list, 1, err);
	if (result == 0 && request.error.kind != ERROR_NONE)
		result = error_move(err, &request.error);
	if (result == 0 && json_parse(request.reply.ptr, request.reply.len, ret, err) < 0)
		result = error_wrap(err, "the answer to %s cannot be read", path);
	kube_request_clear(&request);
	return result;
}

void kube_free(struct kube *kube)
{
	if (kube)
		kube->ops->free(kube);
}

void kube_free_pointer(struct kube **slot)
{
	kube_free(*slot);
}
