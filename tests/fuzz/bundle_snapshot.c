/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A snapshot from a stranger, and everything that can be asked of it. Input that begins with gzip's
 * magic is the snapshot itself; else it is text that becomes one (tests/unit/snapshot_text.h), so that
 * checksums do not keep the fuzzer out.
 */
#include "base/base.h"

#include "base/json.h"
#include "base/scan.h"
#include "kube/lister.h"
#include "tests/unit/snapshot_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int take_item(struct kube_request *request, const char *json, size_t len, struct error *err)
{
	autojson struct json_object *object = NULL;

	(void)request;
	return json_parse(json, len, &object, err);
}

static int take_object(struct kube_request *request, struct json_object *object, struct error *err)
{
	(void)request;
	(void)object;
	(void)err;
	return 0;
}

static void ask(struct kube *kube, const char *path, unsigned how)
{
	static const char *const labels[] = {NULL, "app=web,x notin (a,b)", "!app"};
	static const char *const fields[] = {NULL, "metadata.name!=a", "status.phase=Running"};
	struct kube_request request = KUBE_REQUEST_INIT;
	struct kube_request *list[] = {&request};
	autoerror err = ERROR_INIT;

	request.path = path;
	request.on_item = how % 3 == 1 ? take_item : NULL;
	request.on_object = how % 3 == 2 ? take_object : NULL;
	request.label_selector = labels[how / 3 % 3];
	request.field_selector = fields[how / 9 % 3];
	request.query = how % 2 ? "limit=1" : "tailLines=1";
	if (kube_run(kube, list, 1, &err) < 0 && err.kind != ERROR_DAMAGED)
		abort();
	if (request.error.kind == ERROR_DAMAGED || request.error.kind == ERROR_SYNTAX)
		abort();
	kube_request_clear(&request);
}

static void ask_all(struct kube *kube)
{
	static const char *const paths[] = {"/version", "/api/v1/pods", "/api/v1/namespaces/x/pods",
		"/api/v1/namespaces/x/pods/a", "/api/v1/namespaces/x/pods/a/log",
		"/apis/helm.toolkit.fluxcd.io/v2/namespaces/x/helmreleases"};

	for (size_t i = 0; i < countof(paths); i++)
		for (unsigned how = 0; how < 27; how += i == 0 ? 27 : 1)
			ask(kube, paths[i], how);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool packed = size > 1 && data[0] == 0x1f && data[1] == 0x8b;
	autobuf bytes = BUF_INIT;
	autoerror err = ERROR_INIT;
	struct kube *kube;

	if (packed)
		buf_add(&bytes, data, size);
	else
		snapshot_of_text((const char *)data, size, &bytes);
	if (snapshot_kube(&bytes, &kube, &err) == 0) {
		ask_all(kube);
		kube_free(kube);
	} else if (err.kind != ERROR_DAMAGED) {
		abort();
	}
	return 0;
}
