/* SPDX-License-Identifier: Apache-2.0 */
/* Logs of Flux's controllers and of the Azure agents, found while the pods are recorded. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/scan.h"
#include "bundle/snapshot_private.h"
#include "kube/install.h"

#define LOG_LINES 500
#define LOG_BYTES (1 << 20)
#define LOGS_AT_ONCE 4
/* Of all controllers and agents; a cluster has about twenty. */
#define MAX_LOGS 400

/* Pods whose logs say what Flux and the agents do. */
static bool is_controller(struct json_object *pod)
{
	struct json_object *containers = json_get(pod, "spec", "containers");

	if (streq(json_str(pod, "metadata", "namespace"), "azure-arc") ||
		streq(json_str(pod, "metadata", "labels", "app.kubernetes.io/name"),
			"extension-manager"))
		return true;
	for (size_t i = 0; i < json_len(containers); i++)
		if (controller_of_image(json_str(json_item(containers, i), "image")))
			return true;
	return false;
}

static bool has_restarted(struct json_object *pod, const char *container)
{
	struct json_object *statuses = json_get(pod, "status", "containerStatuses");

	for (size_t i = 0; i < json_len(statuses); i++)
		if (streq(json_str(json_item(statuses, i), "name"), container))
			return json_int(json_item(statuses, i), 0, "restartCount") > 0;
	return false;
}

static void want_logs(struct recording *recording, struct json_object *pod)
{
	struct json_object *containers = json_get(pod, "spec", "containers");
	const char *namespace = json_str(pod, "metadata", "namespace");
	const char *name = json_str(pod, "metadata", "name");

	if (!namespace || !name || !is_controller(pod))
		return;
	for (size_t i = 0; i < json_len(containers) && recording->logs.len < MAX_LOGS; i++) {
		const char *container = json_str(json_item(containers, i), "name");
		autobuf path = BUF_INIT;

		kind_path(kind_find("Pod", ""), "v1", namespace, name, &path);
		buf_addf(&path, "/log?container=%s", container ? container : "");
		if (strv_contains(&recording->logs, path.ptr))
			continue; /* the list was begun anew */
		strv_push(&recording->logs, path.ptr);
		if (has_restarted(pod, container))
			strv_pushf(&recording->logs, "%s&previous=true", path.ptr);
	}
}

int recording_pod(struct recording *recording, const char *json, size_t len, struct error *err)
{
	static const char *const fields[] = {"metadata.name", "metadata.namespace",
		"metadata.labels", "spec.containers[].name", "spec.containers[].image",
		"status.containerStatuses[].name", "status.containerStatuses[].restartCount", NULL};
	autojson struct json_object *pod = NULL;
	struct projection *projection = projection_new(fields);
	int result = json_project(projection, json, len, &pod, err);

	projection_free(projection);
	if (result == 0)
		want_logs(recording, pod);
	return result;
}

static int write_log_lines(struct recording *recording, const struct buf *text, struct error *err)
{
	autobuf scrubbed = BUF_INIT;

	snapshot_scrub(text->ptr, text->len, &scrubbed, &recording->report->redacted);
	for (size_t at = 0; at < scrubbed.len;) {
		const char *start = scrubbed.ptr + at;
		const char *newline = memchr(start, '\n', scrubbed.len - at);
		size_t len = newline ? (size_t)(newline - start) : scrubbed.len - at;
		autojson struct json_object *line = json_new_string_of_bytes(start, len);
		autobuf json = BUF_INIT;

		json_write(&json, line);
		if (snapshot_member_line(&recording->writer, json.ptr, json.len, err) < 0)
			return -1;
		at += len + 1;
	}
	return 0;
}

static int write_log(struct recording *recording, const char *path, struct kube_request *request,
	struct error *err)
{
	autojson struct json_object *line = NULL;
	uint64_t size;

	if (request->error.kind != ERROR_NONE) {
		recording_error(recording, path, "log", request);
		/* That a container has no earlier one is no loss. */
		if (!ends_with(path, "&previous=true"))
			recording_unread(recording, path, &request->error);
		return 0;
	}
	if (snapshot_member_begin(&recording->writer, path, err) < 0 ||
		write_log_lines(recording, &request->reply, err) < 0 ||
		snapshot_member_end(&recording->writer, &size, err) < 0)
		return -1;
	line = recording_answer(path, "log", request->status);
	json_set(line, "items", json_new_uint(recording->writer.items));
	json_set(line, "size", json_new_uint(size));
	snapshot_writer_answer(&recording->writer, line);
	recording->report->logs++;
	return 0;
}

/* A few side by side: each may take a MiB. */
static int record_some_logs(
	struct recording *recording, size_t from, size_t count, struct error *err)
{
	struct kube_request requests[LOGS_AT_ONCE];
	struct kube_request *pointers[LOGS_AT_ONCE];
	autostrv paths = STRV_INIT;
	autostrv queries = STRV_INIT;
	int lines = recording->options->log_lines ? recording->options->log_lines : LOG_LINES;
	int result;

	for (size_t i = 0; i < count; i++) {
		const char *path = recording->logs.items[from + i];
		const char *query = strchr(path, '?');

		strv_push_owned(&paths, xstrndup(path, (size_t)(query - path)));
		strv_pushf(&queries, "%s&tailLines=%d&limitBytes=%d", query + 1, lines, LOG_BYTES);
	}
	for (size_t i = 0; i < count; i++) {
		requests[i] = (struct kube_request)KUBE_REQUEST_INIT;
		requests[i].path = paths.items[i];
		requests[i].query = queries.items[i];
		requests[i].accept = "*/*";
		pointers[i] = &requests[i];
	}
	result = kube_run(recording->kube, pointers, count, err);
	for (size_t i = 0; i < count; i++) {
		if (result == 0)
			result = write_log(
				recording, recording->logs.items[from + i], &requests[i], err);
		kube_request_clear(&requests[i]);
	}
	return result;
}

int recording_logs(struct recording *recording, struct error *err)
{
	for (size_t i = 0; i < recording->logs.len; i += LOGS_AT_ONCE) {
		size_t left = recording->logs.len - i;

		if (record_some_logs(recording, i, left < LOGS_AT_ONCE ? left : LOGS_AT_ONCE, err) <
			0)
			return -1;
	}
	return 0;
}
