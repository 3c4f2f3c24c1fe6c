/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recording: every kind of the catalog but Secrets, one list after the other, so that nothing is held
 * while it streams from the server into the store; beside the lists what the Look commands ask
 * otherwise: /version, the groups, the ConfigMaps that name the cluster, reviews, logs.
 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/time.h"
#include "bundle/snapshot_private.h"
#include "kube/lister.h"

#define PAGE 500 /* as kubectl's */

static void recording_clear(struct recording *recording)
{
	snapshot_writer_clear(&recording->writer);
	strv_clear(&recording->namespaces);
	strv_clear(&recording->logs);
	free(recording->kubernetes);
}

void snapshot_report_clear(struct snapshot_report *report)
{
	strv_clear(&report->unread);
}

static void add_namespace(struct recording *recording, const char *name)
{
	if (str_set(name) && !strv_contains(&recording->namespaces, name))
		strv_push(&recording->namespaces, name);
}

/* ---- lists */

struct listing {
	struct recording *recording;
	struct kind_list list;
	struct buf line; /* scratch */
	struct redaction redaction;
	bool begun;     /* its member is */
	bool restarted; /* what came before the list began anew is given up */
	bool failed;    /* the error is that of the store, not of the list */
};

static void give_up(struct listing *listing)
{
	if (listing->begun)
		snapshot_member_abandon(&listing->recording->writer);
	listing->begun = false;
	listing->redaction.count = 0;
}

static int begin(struct listing *listing, struct error *err)
{
	if (listing->begun)
		return 0;
	listing->begun = true;
	return snapshot_member_begin(&listing->recording->writer, listing->list.path, err);
}

static int on_item(struct kube_request *request, const char *json, size_t len, struct error *err)
{
	struct listing *listing = request->ctx;
	struct recording *recording = listing->recording;
	const struct kind *kind = listing->list.kind;

	if (request->restarted && !listing->restarted)
		give_up(listing);
	listing->restarted = request->restarted;
	buf_reset(&listing->line);
	if (snapshot_redact(&listing->redaction, json, len, &listing->line, err) < 0)
		return -1;
	if (streq(kind->name, "Pod") && recording_pod(recording, json, len, err) < 0)
		return -1;
	listing->failed =
		begin(listing, err) < 0 || snapshot_member_line(&recording->writer,
						   listing->line.ptr, listing->line.len, err) < 0;
	return listing->failed ? -1 : 0;
}

static int write_list(struct recording *recording, struct listing *listing, struct error *err)
{
	struct kube_request *request = &listing->list.request;
	autojson struct json_object *line = NULL;
	struct snapshot_report *report = recording->report;
	uint64_t size;

	if (begin(listing, err) < 0 || snapshot_member_end(&recording->writer, &size, err) < 0)
		return -1;
	line = recording_answer(listing->list.path, "list", request->status);
	json_set(line, "envelope", json_ref(request->envelope));
	json_set(line, "items", json_new_uint(recording->writer.items));
	json_set(line, "size", json_new_uint(size));
	snapshot_writer_answer(&recording->writer, line);
	*(streq(listing->list.kind->name, "Event") ? &report->events : &report->objects) +=
		recording->writer.items;
	report->redacted += listing->redaction.count;
	return 0;
}

static int take_list(struct recording *recording, struct listing *listing, struct error *err)
{
	struct kind_list *list = &listing->list;
	autobuf what = BUF_INIT;

	if (list->request.error.kind == ERROR_NONE)
		return write_list(recording, listing, err);
	if (listing->failed)
		return error_move(err, &list->request.error);
	give_up(listing);
	recording_error(recording, list->path, "list", &list->request);
	if (list->not_installed)
		return 0;
	buf_adds(&what, list->kind->name);
	if (list->namespace)
		buf_addf(&what, " in %s", list->namespace);
	recording_unread(recording, what.ptr, &list->request.error);
	return 0;
}

/* A server ends an answer that takes longer than a minute, as that of a very long list over a slow line
 * does. Then it is asked for in pages. */
static bool broke_off(const struct listing *listing)
{
	enum error_kind kind = listing->list.request.error.kind;

	return listing->begun && !listing->failed && kind != ERROR_NONE && kind != ERROR_SYNTAX;
}

static int run_list(struct listing *listing, struct error *err)
{
	struct kind_list *list = &listing->list;

	if (kind_lists_run(listing->recording->kube, &list, 1, err) < 0)
		return -1;
	if (!broke_off(listing))
		return 0;
	give_up(listing);
	list->request.chunk_size = PAGE;
	return kind_lists_run(listing->recording->kube, &list, 1, err);
}

static int record_list(struct recording *recording, const struct kind *kind, const char *namespace,
	bool *forbidden, struct error *err)
{
	struct listing listing = {
		.recording = recording,
		.list = KIND_LIST_INIT,
		.line = BUF_INIT,
		.redaction = {.kind = kind, .include_values = recording->options->include_values},
	};
	struct kind_list *list = &listing.list;
	int result;

	list->kind = kind;
	list->namespace = namespace;
	list->request.ctx = &listing;
	list->request.on_item = on_item;
	result = run_list(&listing, err);
	if (result == 0) {
		*forbidden = list->request.error.kind == ERROR_FORBIDDEN;
		result = take_list(recording, &listing, err);
	}
	kind_list_clear(list);
	buf_clear(&listing.line);
	return result;
}

static int record_kind(struct recording *recording, const struct kind *kind, struct error *err)
{
	bool forbidden = false;

	if (record_list(recording, kind, NULL, &forbidden, err) < 0)
		return -1;
	if (!forbidden || (kind->flags & KIND_CLUSTER))
		return 0;
	for (size_t i = 0; i < recording->namespaces.len; i++)
		if (record_list(recording, kind, recording->namespaces.items[i], &forbidden, err) <
			0)
			return -1;
	return 0;
}

/* ---- the whole */

static int record_all(struct recording *recording, struct error *err)
{
	bool openshift = false;

	if (recording_documents(recording, &openshift, err) < 0 ||
		recording_reviews(recording, openshift, err) < 0)
		return -1;
	for (size_t i = 0; i < kinds_count; i++)
		if (!streq(kinds[i].name, "Secret") && record_kind(recording, &kinds[i], err) < 0)
			return -1;
	return recording_logs(recording, err);
}

static struct json_object *head_of(const struct recording *recording)
{
	struct json_object *head = json_new_object();
	autobuf now = BUF_INIT;

	time_format_utc(&now, recording->kube->now);
	json_set_str(head, "apiVersion", SNAPSHOT_API_VERSION);
	json_set_str(head, "now", now.ptr);
	if (recording->kube->context_name)
		json_set_str(head, "context", recording->kube->context_name);
	json_set_str(head, "namespace", recording->kube->namespace);
	if (recording->kubernetes)
		json_set_str(head, "kubernetes", recording->kubernetes);
	json_set(head, "values", json_new_bool(recording->options->include_values));
	return head;
}

int snapshot_record(struct kube *kube, const struct snapshot_options *options, struct store *store,
	struct snapshot_report *report, struct error *err)
{
	CLEANUP(recording_clear)
	struct recording recording = {.kube = kube,
		.options = options,
		.report = report,
		.namespaces = STRV_INIT,
		.logs = STRV_INIT};
	autojson struct json_object *head = NULL;

	add_namespace(&recording, kube->namespace);
	add_namespace(&recording, "flux-system");
	add_namespace(&recording, "azure-arc");
	add_namespace(&recording, "kube-system");
	for (size_t i = 0; options->namespaces && i < options->namespaces->len; i++)
		add_namespace(&recording, options->namespaces->items[i]);
	if (snapshot_writer_begin(&recording.writer, store, err) < 0 ||
		record_all(&recording, err) < 0)
		return -1;
	head = head_of(&recording);
	return snapshot_writer_end(&recording.writer, head, &report->digest, &report->size, err);
}
