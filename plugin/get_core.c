/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cells of Kubernetes' own kinds, as kubectl computes them.
 * Source: kubernetes pkg/printers/internalversion/printers.go.
 */
#include "base/base.h"

#include "base/json.h"
#include "base/time.h"
#include "plugin/get.h"

/* ---- pods */

struct pod {
	struct json_object *object;
	struct buf status;
	int64_t ready, total;
	int64_t restarts, sidecar_restarts;
	int64_t restarted, sidecar_restarted; /* moments of the last one, or TIME_NONE */
	bool running, initializing;
};
#define POD_INIT                                                                            \
	{                                                                                   \
		.status = BUF_INIT, .restarted = TIME_NONE, .sidecar_restarted = TIME_NONE, \
	}

static void pod_clear(struct pod *pod)
{
	buf_clear(&pod->status);
}

static void set_status(struct pod *pod, const char *prefix, const char *text)
{
	buf_reset(&pod->status);
	buf_addf(&pod->status, "%s%s", prefix, text);
}

static bool has_condition(const struct pod *pod, const char *type, const char *status)
{
	return streq(json_str(object_condition(pod->object, type), "status"), status);
}

static struct json_object *container_named(struct json_object *containers, const char *name)
{
	for (size_t i = 0; i < json_len(containers); i++)
		if (streq(json_str(json_item(containers, i), "name"), name))
			return json_item(containers, i);
	return NULL;
}

static bool is_sidecar(struct json_object *container)
{
	return streq(json_str(container, "restartPolicy"), "Always");
}

static void note_restart(int64_t *moment, struct json_object *container)
{
	int64_t ended = time_parse(json_str(container, "lastState", "terminated", "finishedAt"));

	if (ended != TIME_NONE && (*moment == TIME_NONE || ended > *moment))
		*moment = ended;
}

/* How a container ended: the reason, else its signal or exit code. */
static void set_ended(struct pod *pod, const char *prefix, struct json_object *terminated)
{
	int64_t signal = json_int(terminated, 0, "signal");

	if (str_set(json_str(terminated, "reason"))) {
		set_status(pod, prefix, json_str(terminated, "reason"));
		return;
	}
	buf_reset(&pod->status);
	if (signal != 0)
		buf_addf(&pod->status, "%sSignal:%lld", prefix, (long long)signal);
	else
		buf_addf(&pod->status, "%sExitCode:%lld", prefix,
			(long long)json_int(terminated, 0, "exitCode"));
}

/* True if this init container is done, so that the next one counts. */
static bool init_container_done(
	struct pod *pod, struct json_object *status, struct json_object *container)
{
	struct json_object *ended = json_get(status, "state", "terminated");

	if (ended && json_int(ended, -1, "exitCode") == 0)
		return true;
	if (!is_sidecar(container) || !json_bool(status, "started"))
		return false;
	pod->ready += json_bool(status, "ready");
	return true;
}

static void read_init_containers(struct pod *pod)
{
	struct json_object *containers = json_get(pod->object, "spec", "initContainers");
	struct json_object *statuses = json_get(pod->object, "status", "initContainerStatuses");

	for (size_t i = 0; i < json_len(statuses); i++) {
		struct json_object *status = json_item(statuses, i);
		struct json_object *container =
			container_named(containers, json_str(status, "name"));
		struct json_object *ended = json_get(status, "state", "terminated");
		const char *waiting = json_str(status, "state", "waiting", "reason");

		pod->restarts += json_count(status, 0, "restartCount");
		note_restart(&pod->restarted, status);
		if (is_sidecar(container)) {
			pod->sidecar_restarts += json_count(status, 0, "restartCount");
			note_restart(&pod->sidecar_restarted, status);
		}
		if (init_container_done(pod, status, container))
			continue;
		pod->initializing = true;
		if (ended) {
			set_ended(pod, "Init:", ended);
		} else if (str_set(waiting) && !streq(waiting, "PodInitializing")) {
			set_status(pod, "Init:", waiting);
		} else {
			buf_reset(&pod->status);
			buf_addf(&pod->status, "Init:%zu/%zu", i, json_len(containers));
		}
		return;
	}
}

static void read_containers(struct pod *pod)
{
	struct json_object *statuses = json_get(pod->object, "status", "containerStatuses");

	pod->restarts = pod->sidecar_restarts;
	pod->restarted = pod->sidecar_restarted;
	for (size_t i = json_len(statuses); i-- > 0;) {
		struct json_object *status = json_item(statuses, i);
		struct json_object *ended = json_get(status, "state", "terminated");
		const char *waiting = json_str(status, "state", "waiting", "reason");

		pod->restarts += json_count(status, 0, "restartCount");
		note_restart(&pod->restarted, status);
		if (str_set(waiting)) {
			set_status(pod, "", waiting);
		} else if (ended) {
			set_ended(pod, "", ended);
		} else if (json_bool(status, "ready") && json_get(status, "state", "running")) {
			pod->running = true;
			pod->ready++;
		}
	}
	if (streq(pod->status.ptr, "Completed") && pod->running)
		set_status(pod, "", has_condition(pod, "Ready", "True") ? "Running" : "NotReady");
}

static bool has_ended(const char *phase)
{
	return streq(phase, "Failed") || streq(phase, "Succeeded");
}

static void pod_read(struct pod *pod, struct json_object *object)
{
	const char *phase = json_str(object, "status", "phase");
	const char *reason = json_str(object, "status", "reason");
	struct json_object *inits = json_get(object, "spec", "initContainers");
	struct json_object *scheduled = object_condition(object, "PodScheduled");

	pod->object = object;
	set_status(pod, "", str_set(reason) ? reason : phase ? phase : "");
	if (streq(json_str(scheduled, "reason"), "SchedulingGated"))
		set_status(pod, "", "SchedulingGated");
	pod->total = (int64_t)json_len(json_get(object, "spec", "containers"));
	for (size_t i = 0; i < json_len(inits); i++)
		pod->total += is_sidecar(json_item(inits, i));
	read_init_containers(pod);
	if (!pod->initializing || has_condition(pod, "Initialized", "True"))
		read_containers(pod);
	if (!json_str(object, "metadata", "deletionTimestamp"))
		return;
	if (streq(reason, "NodeLost"))
		set_status(pod, "", "Unknown");
	else if (!has_ended(phase))
		set_status(pod, "", "Terminating");
}

void get_cell_pod_ready(struct buf *out, const struct get_cell *cell)
{
	CLEANUP(pod_clear) struct pod pod = POD_INIT;

	pod_read(&pod, cell->object);
	buf_addf(out, "%lld/%lld", (long long)pod.ready, (long long)pod.total);
}

void get_cell_pod_status(struct buf *out, const struct get_cell *cell)
{
	CLEANUP(pod_clear) struct pod pod = POD_INIT;

	pod_read(&pod, cell->object);
	buf_adds(out, pod.status.ptr);
}

void get_cell_pod_restarts(struct buf *out, const struct get_cell *cell)
{
	CLEANUP(pod_clear) struct pod pod = POD_INIT;

	pod_read(&pod, cell->object);
	buf_addf(out, "%lld", (long long)pod.restarts);
	if (pod.restarts == 0 || pod.restarted == TIME_NONE)
		return;
	buf_adds(out, " (");
	time_format_age(out, cell->now - pod.restarted);
	buf_adds(out, " ago)");
}

enum app_style get_style_pod(const struct get_cell *cell)
{
	static const char *const waiting[] = {
		"Pending", "ContainerCreating", "PodInitializing", "Terminating", "NotReady"};
	CLEANUP(pod_clear) struct pod pod = POD_INIT;

	pod_read(&pod, cell->object);
	if (streq(pod.status.ptr, "Running"))
		return pod.ready < pod.total ? STYLE_WARN : STYLE_GOOD;
	if (streq(pod.status.ptr, "Completed") || streq(pod.status.ptr, "Succeeded"))
		return STYLE_PLAIN;
	for (size_t i = 0; i < countof(waiting); i++)
		if (streq(pod.status.ptr, waiting[i]))
			return STYLE_WARN;
	return starts_with(pod.status.ptr, "Init:") && strchr(pod.status.ptr, '/') ? STYLE_WARN
										   : STYLE_BAD;
}

/* ---- workloads, nodes, namespaces */

static int64_t wanted_replicas(const struct get_cell *cell)
{
	return json_int(cell->object, 1, "spec", "replicas");
}

void get_cell_replicas(struct buf *out, const struct get_cell *cell)
{
	buf_addf(out, "%lld/%lld", (long long)json_int(cell->object, 0, "status", "readyReplicas"),
		(long long)wanted_replicas(cell));
}

enum app_style get_style_replicas(const struct get_cell *cell)
{
	int64_t ready = json_int(cell->object, 0, "status", "readyReplicas");

	if (ready >= wanted_replicas(cell))
		return wanted_replicas(cell) == 0 ? STYLE_WARN : STYLE_GOOD;
	return ready == 0 ? STYLE_BAD : STYLE_WARN;
}

/* Kubernetes leaves out a number that is 0. */
void get_cell_number(struct buf *out, const struct get_cell *cell)
{
	struct json_object *value = get_value_at(cell->object, cell->path);

	buf_adds(out, json_kind(value) == JSON_INT ? json_text(value) : "0");
}

void get_cell_images(struct buf *out, const struct get_cell *cell)
{
	struct json_object *containers =
		json_get(cell->object, "spec", "template", "spec", "containers");

	if (!containers)
		containers = json_get(cell->object, "spec", "containers");
	for (size_t i = 0; i < json_len(containers); i++)
		buf_addf(out, "%s%s", i > 0 ? "," : "",
			json_text(json_get(json_item(containers, i), "image")));
}

enum app_style get_style_phase(const struct get_cell *cell)
{
	return streq(json_str(cell->object, "status", "phase"), "Active") ? STYLE_GOOD : STYLE_WARN;
}

void get_cell_node_status(struct buf *out, const struct get_cell *cell)
{
	const char *ready = json_str(object_condition(cell->object, "Ready"), "status");

	if (!ready)
		buf_adds(out, "Unknown");
	else
		buf_adds(out, streq(ready, "True") ? "Ready" : "NotReady");
	if (json_bool(cell->object, "spec", "unschedulable"))
		buf_adds(out, ",SchedulingDisabled");
}

void get_cell_node_roles(struct buf *out, const struct get_cell *cell)
{
	static const char prefix[] = "node-role.kubernetes.io/";
	struct json_iter iter = JSON_ITER_INIT;

	while (json_next(json_get(cell->object, "metadata", "labels"), &iter))
		if (starts_with(iter.key, prefix) && iter.key[strlen(prefix)])
			buf_addf(out, "%s%s", out->len > 0 ? "," : "", iter.key + strlen(prefix));
}
