/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of one namespace, by selectors or with a limit, and objects by name, taken out of the
 * recorded list.
 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/scan.h"
#include "bundle/snapshot_private.h"
#include "kube/lister.h"
#include "kube/path.h"
#include "kube/selector.h"

/* ---- which list */

static const struct kind *kind_of(const struct kube_path *path)
{
	for (size_t i = 0; i < kinds_count; i++)
		if (streq(kinds[i].plural, path->plural) && streq(kinds[i].group, path->group))
			return &kinds[i];
	return NULL;
}

/* The list of the kind in another version than was asked for. */
static const struct snapshot_answer *find_other_version(
	const struct recorded *recorded, const struct kube_path *path)
{
	for (size_t i = 0; i < recorded->snapshot.count; i++) {
		const struct snapshot_answer *answer = &recorded->snapshot.answers[i];
		autokubepath other = KUBE_PATH_INIT;

		if (answer->form == SNAPSHOT_LIST && kube_path_parse(answer->path, &other) &&
			!other.namespace && streq(other.group, path->group) &&
			streq(other.plural, path->plural))
			return answer;
	}
	return NULL;
}

/* One namespace was asked for, all of them may not be read, and this one was not read by itself. */
static int namespace_not_recorded(const struct recorded *recorded, const struct kube_path *path,
	const struct kube_request *request, struct error *err)
{
	autostrv names = STRV_INIT;
	autofree char *joined = NULL;
	autofree char *why = NULL;

	for (size_t i = 0; i < recorded->snapshot.count; i++) {
		const struct snapshot_answer *answer = &recorded->snapshot.answers[i];
		autokubepath other = KUBE_PATH_INIT;

		if (answer->form == SNAPSHOT_LIST && answer->error.kind == ERROR_NONE &&
			kube_path_parse(answer->path, &other) && other.namespace &&
			streq(other.group, path->group) && streq(other.plural, path->plural))
			strv_push(&names, other.namespace);
	}
	joined = strv_join(&names, ", ");
	why = xasprintf("%s could not be listed in all namespaces; recorded: %s", path->plural,
		names.len ? joined : "none");
	return recorded_missing(recorded, request, why, err);
}

static int not_served(struct kube_request *request, struct error *err)
{
	request->status = 404;
	return error_set(err, ERROR_NOT_FOUND,
		"Error from server (NotFound): the server could not find the requested resource");
}

/* The list that an answer is to be taken from; fails with the error that the request has then. */
static int find_list(const struct recorded *recorded, const struct kube_path *path,
	struct kube_request *request, const struct snapshot_answer **ret, struct error *err)
{
	const struct kind *kind = kind_of(path);
	autobuf all = BUF_INIT;
	autobuf one = BUF_INIT;
	const struct snapshot_answer *answer = NULL;

	if (!kind || streq(kind->name, "Secret"))
		return recorded_missing(recorded, request,
			kind ? "Secrets are never recorded" : "this kind is not recorded", err);
	kind_path(kind, path->version, path->namespace, NULL, &one);
	kind_path(kind, path->version, NULL, NULL, &all);
	answer = recorded_find(recorded, one.ptr, NULL);
	if (!answer)
		answer = recorded_find(recorded, all.ptr, NULL);
	if (answer && answer->error.kind == ERROR_FORBIDDEN && path->namespace &&
		!streq(answer->path, one.ptr))
		return namespace_not_recorded(recorded, path, request, err);
	if (answer && answer->error.kind == ERROR_NONE) {
		*ret = answer;
		return 0;
	}
	if (!answer) {
		answer = find_other_version(recorded, path);
		if (!answer)
			return recorded_missing(recorded, request, "", err);
		if (answer->error.kind == ERROR_NONE)
			return not_served(request, err);
	}
	if (answer->error.kind == ERROR_NOT_FOUND)
		return not_served(request, err);
	return recorded_repeat_error(request, answer, err);
}

/* ---- the items of a list */

struct listing {
	struct kube_request *request;
	const struct kube_path *path;
	const struct kind *kind;
	struct label_selector *labels;
	struct field_selector *fields;
	struct projection *looked_at; /* what decides on an item; NULL: all are wanted */
	struct buf projected;         /* scratch */
	uint64_t limit, beyond;       /* `limit=`, 0: none; wanted items behind it */
	bool refused;                 /* the error is the request's, not the snapshot's */
	bool found;                   /* the one object by name */
};

static void listing_clear(struct listing *listing)
{
	label_selector_free(listing->labels);
	field_selector_free(listing->fields);
	projection_free(listing->looked_at);
	buf_clear(&listing->projected);
}

static int bad_request(struct kube_request *request, struct error *err)
{
	request->status = 400;
	return error_wrap(err, "Error from server (BadRequest)");
}

static int listing_init(struct listing *listing, struct error *err)
{
	struct kube_request *request = listing->request;
	autostrv paths = STRV_INIT;

	if (str_set(request->label_selector) &&
		label_selector_parse(request->label_selector, &listing->labels, err) < 0)
		return bad_request(request, err);
	if (str_set(request->field_selector) &&
		field_selector_parse(
			listing->kind, request->field_selector, &listing->fields, err) < 0)
		return bad_request(request, err);
	if (request->query && starts_with(request->query, "limit="))
		listing->limit = strtoull(request->query + strlen("limit="), NULL, 10);
	if (!listing->labels && !listing->fields && !listing->path->name &&
		!listing->path->namespace)
		return 0;
	strv_push(&paths, "metadata.name");
	strv_push(&paths, "metadata.namespace");
	if (listing->labels)
		strv_push(&paths, "metadata.labels");
	if (listing->fields)
		field_selector_paths(listing->fields, &paths);
	listing->looked_at = projection_new((const char *const *)(void *)paths.items);
	return 0;
}

static int is_wanted(const struct listing *listing, const char *json, size_t len, struct error *err)
{
	const struct kube_path *path = listing->path;
	autojson struct json_object *object = NULL;

	if (!listing->looked_at)
		return 1;
	/* Names need no escape in JSON: most objects are passed over without a closer look. */
	if (path->name && !snapshot_mentions(json, len, path->name))
		return 0;
	if (json_project(listing->looked_at, json, len, &object, err) < 0)
		return -1;
	if (path->name && !streq(json_str(object, "metadata", "name"), path->name))
		return 0;
	if (path->namespace && !streq(json_str(object, "metadata", "namespace"), path->namespace))
		return 0;
	if (listing->labels &&
		!label_selector_matches(listing->labels, json_get(object, "metadata", "labels")))
		return 0;
	return !listing->fields || field_selector_matches(listing->fields, object);
}

static int hand_out(struct listing *listing, const char *json, size_t len, struct error *err)
{
	struct kube_request *request = listing->request;
	autojson struct json_object *object = NULL;
	int result;

	request->items++;
	if (!request->on_item) {
		if (json_project(request->fields, json, len, &object, err) < 0)
			return -1;
		result = request->on_object(request, object, err);
		listing->refused = result < 0;
		return result;
	}
	if (request->fields) {
		buf_reset(&listing->projected);
		if (scan_project(request->fields, json, len, &listing->projected, err) < 0)
			return -1;
		json = listing->projected.ptr;
		len = listing->projected.len;
	}
	result = request->on_item(request, json, len, err);
	listing->refused = result < 0 && err->kind != ERROR_SYNTAX;
	return result;
}

/* An item of a list whose reply is kept whole. */
static int keep_item(struct listing *listing, const char *json, size_t len, struct error *err)
{
	struct kube_request *request = listing->request;

	if (listing->limit && request->items == listing->limit) {
		listing->beyond++;
		return 0;
	}
	listing->refused = true;
	if (request->items++ && recorded_keep(request, ",", 1, err) < 0)
		return -1;
	if (recorded_keep(request, json, len, err) < 0)
		return -1;
	listing->refused = false;
	return 0;
}

/* One object by name, as a GET answers it. */
static int keep_object(struct listing *listing, const char *json, size_t len, struct error *err)
{
	autobuf item = BUF_INIT;

	if (kind_complete_item(listing->kind, listing->path->version, json, len, &item, err) < 0)
		return -1;
	listing->found = true;
	listing->refused = true;
	return recorded_keep(listing->request, item.ptr, item.len, err) < 0 ? -1 : 1;
}

static int take_line(void *ctx, const char *json, size_t len, struct error *err)
{
	struct listing *listing = ctx;
	int wanted = is_wanted(listing, json, len, err);

	if (wanted <= 0)
		return wanted;
	if (listing->path->name)
		return keep_object(listing, json, len, err);
	if (listing->request->on_item || listing->request->on_object)
		return hand_out(listing, json, len, err);
	return keep_item(listing, json, len, err);
}

/* Put the kept items into the list's envelope. */
static int finish_reply(
	struct listing *listing, const struct snapshot_answer *answer, struct error *err)
{
	struct kube_request *request = listing->request;
	autojson struct json_object *envelope = NULL;
	autobuf items = request->reply;
	struct json_object *metadata;

	request->reply = (struct buf)BUF_INIT;
	if (json_parse(answer->envelope, strlen(answer->envelope), &envelope, err) < 0)
		return -1;
	json_delete(envelope, "items");
	metadata = json_get(envelope, "metadata");
	/* The server does not count what a selector lets through. */
	if (metadata && listing->beyond && !listing->labels && !listing->fields)
		json_set(metadata, "remainingItemCount", json_new_uint(listing->beyond));
	json_write(&request->reply, envelope);
	buf_truncate(&request->reply, request->reply.len - 1);
	buf_addf(&request->reply, "%s\"items\":[", request->reply.len > 1 ? "," : "");
	buf_add(&request->reply, items.ptr, items.len);
	buf_adds(&request->reply, "]}");
	return 0;
}

static int finish(struct listing *listing, const struct snapshot_answer *answer, struct error *err)
{
	struct kube_request *request = listing->request;
	const struct kind *kind = listing->kind;

	request->status = 200;
	if (!listing->path->name && (request->on_item || request->on_object))
		return json_parse(
			answer->envelope, strlen(answer->envelope), &request->envelope, err);
	if (!listing->path->name)
		return finish_reply(listing, answer, err);
	if (listing->found)
		return 0;
	listing->refused = true;
	request->status = 404;
	return error_set(err, ERROR_NOT_FOUND,
		"Error from server (NotFound): %s%s%s \"%s\" not found", kind->plural,
		*kind->group ? "." : "", kind->group, listing->path->name);
}

int recorded_answer_list(struct recorded *recorded, struct kube_request *request,
	const struct kube_path *path, struct error *err)
{
	CLEANUP(listing_clear)
	struct listing listing = {
		.request = request, .path = path, .kind = kind_of(path), .projected = BUF_INIT};
	struct snapshot_lines lines = {
		take_line, &listing, recorded->kube.tick, recorded->kube.tick_ctx};
	const struct snapshot_answer *answer;
	autoerror error = ERROR_INIT;

	if (find_list(recorded, path, request, &answer, &request->error) < 0 ||
		listing_init(&listing, &request->error) < 0)
		return 0;
	if (snapshot_read(&recorded->snapshot, answer, &lines, &error) == 0 &&
		finish(&listing, answer, &error) == 0)
		return 0;
	if (listing.refused) {
		error_move(&request->error, &error);
		return 0;
	}
	error_move(err, &error);
	if (err->kind != ERROR_SYNTAX)
		return -1;
	err->kind = ERROR_DAMAGED;
	return error_wrap(err, "the cluster snapshot in %s: an answer to %s",
		recorded->snapshot.bytes.name, request->path);
}
