/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked beside the lists: documents and reviews, and how answers stand in the index. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "bundle/snapshot_private.h"
#include "kube/access.h"
#include "kube/survey.h"

/* ---- lines of the index */

void recording_unread(struct recording *recording, const char *what, const struct error *error)
{
	autobuf text = BUF_INIT;

	snapshot_scrub(error->message, strlen(error->message), &text, &recording->report->redacted);
	strv_pushf(&recording->report->unread, "%s: %s", what, text.ptr);
}

static void set_scrubbed(
	struct recording *recording, struct json_object *object, const char *key, const char *text)
{
	autobuf out = BUF_INIT;

	snapshot_scrub(text, strlen(text), &out, &recording->report->redacted);
	json_set_str(object, key, out.ptr);
}

struct json_object *recording_answer(const char *path, const char *form, int status)
{
	struct json_object *line = json_new_object();

	json_set_str(line, "path", path);
	if (form)
		json_set_str(line, "form", form);
	json_set(line, "status", json_new_int(status));
	return line;
}

void recording_error(struct recording *recording, const char *path, const char *form,
	const struct kube_request *request)
{
	autojson struct json_object *line = recording_answer(path, form, request->status);
	struct json_object *error = json_new_object();

	json_set_str(error, "kind", error_kind_name(request->error.kind));
	set_scrubbed(recording, error, "message", request->error.message);
	if (request->error.hint)
		set_scrubbed(recording, error, "hint", request->error.hint);
	json_set(line, "error", error);
	if (request->body) {
		struct json_object *body = NULL;

		if (json_parse(request->body, strlen(request->body), &body, NULL) == 0)
			json_set(line, "body", body);
	}
	snapshot_writer_answer(&recording->writer, line);
}

/* ---- replies that are kept whole */

static int write_reply(struct recording *recording, struct kube_request *request, struct error *err)
{
	autojson struct json_object *line = recording_answer(request->path, NULL, request->status);
	autobuf text = BUF_INIT;
	struct json_object *reply = NULL;
	struct json_object *body = NULL;

	if (request->error.kind != ERROR_NONE) {
		recording_error(recording, request->path, NULL, request);
		return 0;
	}
	snapshot_scrub(request->reply.ptr, request->reply.len, &text, &recording->report->redacted);
	if (json_parse(text.ptr, text.len, &reply, err) < 0)
		return error_wrap(err, "the answer to %s cannot be read", request->path);
	json_set(line, "reply", reply);
	if (streq(request->path, "/version"))
		str_replace(&recording->kubernetes, json_str(reply, "gitVersion"));
	if (request->body && json_parse(request->body, strlen(request->body), &body, err) == 0)
		json_set(line, "body", body);
	snapshot_writer_answer(&recording->writer, line);
	return 0;
}

/* Requests that are asked side by side; paths and bodies are owned. */
struct questions {
	struct kube_request *items;
	size_t count;
};

static void questions_clear(struct questions *questions)
{
	for (size_t i = 0; i < questions->count; i++) {
		free_pointer(&questions->items[i].path);
		free_pointer(&questions->items[i].body);
		kube_request_clear(&questions->items[i]);
	}
	free(questions->items);
}

static void questions_add(struct questions *questions, const char *path, struct buf *body)
{
	questions->items =
		xreallocarray(questions->items, questions->count + 1, sizeof(*questions->items));
	questions->items[questions->count++] = (struct kube_request){
		.path = xstrdup(path), .body = body ? buf_detach(body) : NULL, .reply = BUF_INIT};
}

static int questions_run(
	struct recording *recording, struct questions *questions, struct error *err)
{
	struct kube_request **pointers = xcalloc(questions->count + 1, sizeof(*pointers));
	int result;

	for (size_t i = 0; i < questions->count; i++)
		pointers[i] = &questions->items[i];
	result = kube_run(recording->kube, pointers, questions->count, err);
	for (size_t i = 0; result == 0 && i < questions->count; i++)
		result = write_reply(recording, pointers[i], err);
	free(pointers);
	return result;
}

static bool has_path(const struct questions *questions, const char *path)
{
	for (size_t i = 0; i < questions->count; i++)
		if (streq(questions->items[i].path, path))
			return true;
	return false;
}

static void add_groups(struct questions *questions)
{
	for (size_t i = 0; i < kinds_count; i++) {
		autofree char *path = xasprintf("/apis/%s", kinds[i].group);

		if (*kinds[i].group && !has_path(questions, path))
			questions_add(questions, path, NULL);
	}
}

int recording_documents(struct recording *recording, bool *openshift, struct error *err)
{
	CLEANUP(questions_clear) struct questions questions = {.count = 0};

	questions_add(&questions, "/version", NULL);
	questions_add(&questions, SURVEY_ARC_CONFIG_PATH, NULL);
	questions_add(&questions, SURVEY_AKS_CONFIG_PATH, NULL);
	add_groups(&questions);
	if (questions_run(recording, &questions, err) < 0)
		return -1;
	for (size_t i = 0; i < questions.count; i++)
		*openshift |= streq(questions.items[i].path, ACCESS_OPENSHIFT_PATH) &&
			      questions.items[i].error.kind == ERROR_NONE;
	return 0;
}

int recording_reviews(struct recording *recording, bool openshift, struct error *err)
{
	CLEANUP(questions_clear) struct questions questions = {.count = 0};
	size_t accounts = openshift ? access_scc_accounts_count : 0;

	for (size_t i = 0; i < access_rows_count; i++) {
		struct buf body = BUF_INIT;

		if (access_rows[i].pre)
			continue;
		access_body(&access_rows[i], &body);
		questions_add(&questions, ACCESS_SELF_PATH, &body);
	}
	for (size_t i = 0; i < accounts * access_scc_names_count; i++) {
		struct buf body = BUF_INIT;

		access_scc_body(access_scc_accounts[i / access_scc_names_count],
			access_scc_names[i % access_scc_names_count], &body);
		questions_add(&questions, ACCESS_SUBJECT_PATH, &body);
	}
	for (size_t i = 0; i < recording->namespaces.len; i++) {
		struct buf body = BUF_INIT;

		access_rules_body(recording->namespaces.items[i], &body);
		questions_add(&questions, ACCESS_RULES_PATH, &body);
	}
	return questions_run(recording, &questions, err);
}
