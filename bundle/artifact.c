/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/url.h"
#include "bundle/artifact.h"
#include "kube/lister.h"

/* --storage-addr of source-controller, if the pod does not name a port. */
#define STORAGE_PORT 9090

/* "http://source-controller.flux-system.svc.cluster.local./gitrepository/…" */
struct place {
	char *service, *namespace;
	const char *port, *path; /* borrowed from the URL */
	struct url url;
};

static void place_clear(struct place *place)
{
	free(place->service);
	free(place->namespace);
	url_clear(&place->url);
}

static int parse_place(const char *text, struct place *ret, struct error *err)
{
	const char *dot;
	const char *rest;
	autobuf why = BUF_INIT;

	*ret = (struct place){.url = URL_INIT};
	if (!text)
		return error_set(err, ERROR_NOT_FOUND, "source-controller holds no artifact of it");
	if (!url_parse(text, &ret->url) || !streq(ret->url.scheme, "http"))
		goto malformed;
	dot = strchr(ret->url.host, '.');
	if (!dot || !starts_with(ret->url.path, "/"))
		goto malformed;
	rest = dot + 1;
	dot = strchr(rest, '.');
	if (!dot || (!streq(dot, ".svc") && !starts_with(dot, ".svc.")))
		goto malformed;
	ret->service = xstrndup(ret->url.host, strcspn(ret->url.host, "."));
	ret->namespace = xstrndup(rest, strcspn(rest, "."));
	ret->port = ret->url.port ? ret->url.port : "80";
	ret->path = ret->url.path;
	if (*ret->service && *ret->namespace && kind_name_fits(ret->service, &why) &&
		kind_name_fits(ret->namespace, &why))
		return 0;
malformed:
	return error_set(
		err, ERROR_SERVER, "status.artifact.url '%.200s' is no address of a Service", text);
}

/* ---- one download */

struct download {
	struct artifact *artifact;
	struct store_file file;
};

static int on_bytes(struct kube_request *request, const char *data, size_t len, struct error *err)
{
	struct download *download = request->ctx;
	struct artifact *artifact = download->artifact;

	if (len > artifact->limit - download->file.size)
		return error_set(err, ERROR_SERVER, "the artifact is larger than %llu bytes",
			(unsigned long long)artifact->limit);
	if (store_write(&download->file, data, len, err) < 0)
		return -1;
	if (artifact->on_progress)
		artifact->on_progress(artifact->ctx, download->file.size);
	return 0;
}

static int check_digest(struct artifact *artifact, struct error *err)
{
	const char *wanted = artifact->what->digest;

	artifact->unchecked = !wanted || !starts_with(wanted, SHA256_PREFIX);
	if (artifact->unchecked || streq(wanted, artifact->digest.text))
		return 0;
	return error_set(err, ERROR_DAMAGED, "the artifact is %s, status.artifact says %s",
		artifact->digest.text, wanted);
}

static int download(struct artifact *artifact, const char *path, struct error *err)
{
	struct download download = {.artifact = artifact};
	CLEANUP(kube_request_clear) struct kube_request request = KUBE_REQUEST_INIT;
	struct kube_request *requests[] = {&request};

	if (store_begin(artifact->store, &download.file, err) < 0)
		return -1;
	request.path = path;
	request.accept = "*/*";
	request.on_bytes = on_bytes;
	request.ctx = &download;
	if (kube_run(artifact->kube, requests, countof(requests), err) < 0) {
		store_abandon(&download.file);
		return -1;
	}
	if (request.error.kind != ERROR_NONE) {
		store_abandon(&download.file);
		return error_move(err, &request.error);
	}
	artifact->size = download.file.size;
	if (store_end(&download.file, &artifact->digest, err) < 0)
		return -1;
	return check_digest(artifact, err);
}

/* ---- the two ways */

static int by_service(struct artifact *artifact, const struct place *place, struct error *err)
{
	autofree char *path = xasprintf("/api/v1/namespaces/%s/services/http:%s:%s/proxy%s",
		place->namespace, place->service, place->port, place->path);

	return download(artifact, path, err);
}

/* A pod of the Service, and the port that its files are served on. */
struct pod {
	char *name;
	int64_t port;
};

static int on_pod(struct kube_request *request, struct json_object *object, struct error *err)
{
	struct pod *pod = request->ctx;
	const char *name = json_str(object, "metadata", "name");
	struct json_object *containers = json_get(object, "spec", "containers");

	(void)err;
	if (pod->name || !name || !streq(json_str(object, "status", "phase"), "Running"))
		return 0;
	pod->name = xstrdup(name);
	for (size_t i = 0; i < json_len(containers); i++) {
		struct json_object *ports = json_get(json_item(containers, i), "ports");

		for (size_t j = 0; j < json_len(ports); j++)
			if (streq(json_str(json_item(ports, j), "name"), "http"))
				pod->port = json_int(
					json_item(ports, j), STORAGE_PORT, "containerPort");
	}
	return 0;
}

static int find_pod(
	struct artifact *artifact, const struct place *place, struct pod *ret, struct error *err)
{
	autofree char *selector = xasprintf("app=%s", place->service);
	CLEANUP(kind_list_clear) struct kind_list list = KIND_LIST_INIT;
	struct kind_list *lists[] = {&list};

	list.kind = kind_find("Pod", "");
	list.namespace = place->namespace;
	list.request.label_selector = selector;
	list.request.on_object = on_pod;
	list.request.ctx = ret;
	if (kind_lists_run(artifact->kube, lists, countof(lists), err) < 0)
		return -1;
	if (list.request.error.kind != ERROR_NONE)
		return error_move(err, &list.request.error);
	if (!ret->name)
		return error_set(err, ERROR_NOT_FOUND, "no pod with label %s runs in %s", selector,
			place->namespace);
	return 0;
}

static int by_pod(struct artifact *artifact, const struct place *place, struct error *err)
{
	struct pod pod = {.port = STORAGE_PORT};
	autofree char *path = NULL;
	int result = find_pod(artifact, place, &pod, err);

	if (result == 0) {
		path = xasprintf("/api/v1/namespaces/%s/pods/http:%s:%lld/proxy%s",
			place->namespace, pod.name, (long long)pod.port, place->path);
		result = download(artifact, path, err);
	}
	free(pod.name);
	return result;
}

/* True if what status.artifact says is in the store. */
static bool recall(struct artifact *artifact)
{
	const char *digest = artifact->what->digest;

	return digest && sha256_text_parse(digest, strlen(digest), &artifact->digest) &&
	       store_has(artifact->store, &artifact->digest, &artifact->size, NULL);
}

int artifact_get(struct artifact *artifact, struct error *err)
{
	CLEANUP(place_clear) struct place place = {.url = URL_INIT};
	autoerror second = ERROR_INIT;

	artifact->recalled = recall(artifact);
	if (artifact->recalled)
		return 0;
	if (parse_place(artifact->what->url, &place, err) < 0)
		return -1;
	if (by_service(artifact, &place, err) == 0)
		return 0;
	if (err->kind == ERROR_DAMAGED || by_pod(artifact, &place, &second) < 0) {
		error_wrap(err, "from source-controller");
		if (err->kind != ERROR_FORBIDDEN)
			return -1;
		return error_hint(err,
			"that needs the right to get services/proxy or pods/proxy in %s",
			place.namespace);
	}
	error_clear(err);
	return 0;
}
