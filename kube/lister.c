/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rounds: every list with its kind's newest version; then the groups of those that the server did
 * not know; then the versions that both sides know, newest first, until one answers. A group may
 * serve a version for one kind and not for another (Flux 2.1 has v1 of GitRepository alone), so
 * the group's list only narrows what is tried.
 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/scan.h"
#include "kube/lister.h"

/* A list with the versions that are still to be tried. */
struct attempt {
	struct kind_list *list;
	struct strv versions;
	size_t next;
	/* Of a GET by name: called by us with the one object. */
	int (*on_item)(
		struct kube_request *request, const char *json, size_t len, struct error *err);
	int (*on_object)(
		struct kube_request *request, struct json_object *object, struct error *err);
};

/* What GET /apis/GROUP said. */
struct group {
	const char *name; /* borrowed from the kind */
	char *path;
	struct kube_request request;
	struct strv served;
};

void kind_list_clear(struct kind_list *list)
{
	kube_request_clear(&list->request);
	free(list->version);
	free(list->path);
	list->version = NULL;
	list->path = NULL;
	list->request.path = NULL;
	list->not_installed = false;
}

/* Point the list at a version, with no outcome yet. */
static void aim(struct kind_list *list, const char *version)
{
	struct buf path = BUF_INIT;

	kube_request_clear(&list->request);
	list->request.status = 0;
	list->request.items = 0;
	list->not_installed = false;
	str_replace(&list->version, version);
	kind_path(list->kind, version, list->namespace, list->name, &path);
	free(list->path);
	list->path = buf_detach(&path);
	list->request.path = list->path;
}

static void attempt_init(struct attempt *attempt, struct kind_list *list)
{
	attempt->list = list;
	attempt->versions = (struct strv)STRV_INIT;
	if (!list->kind)
		return;
	strv_split(&attempt->versions, list->kind->versions, " ", false);
	aim(list, attempt->versions.items[attempt->next++]);
	if (!list->name)
		return;
	attempt->on_item = list->request.on_item;
	attempt->on_object = list->request.on_object;
	list->request.on_item = NULL;
	list->request.on_object = NULL;
}

/* The server does not know this version of the kind; false if it is only the named object that is
 * not there. */
static bool is_unknown(const struct kind_list *list)
{
	const struct error *error = &list->request.error;

	if (error->kind != ERROR_NOT_FOUND || !list->kind)
		return false;
	return !list->name ||
	       strstr(error->message, "the server could not find the requested resource") != NULL;
}

static int run_attempts(
	struct kube *kube, struct attempt *attempts[], size_t count, struct error *err)
{
	struct kube_request **requests = xcalloc(count, sizeof(struct kube_request *));
	int result;

	for (size_t i = 0; i < count; i++)
		requests[i] = &attempts[i]->list->request;
	result = count ? kube_run(kube, requests, count, err) : 0;
	free(requests);
	return result;
}

/* ---- groups */

static struct group *group_find(struct group *groups, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (streq(groups[i].name, name))
			return &groups[i];
	return NULL;
}

static void group_init(struct group *group, const char *name)
{
	*group = (struct group){.request = KUBE_REQUEST_INIT, .served = STRV_INIT};
	group->name = name;
	group->path = xasprintf("/apis/%s", name);
	group->request.path = group->path;
}

static void group_clear(struct group *group)
{
	kube_request_clear(&group->request);
	strv_clear(&group->served);
	free(group->path);
}

/* Served versions, the preferred one first. A reply of another shape serves nothing. */
static void group_read(struct group *group)
{
	autojson struct json_object *reply = NULL;
	const char *preferred;
	struct json_object *versions;

	if (group->request.error.kind != ERROR_NONE ||
		json_parse(group->request.reply.ptr, group->request.reply.len, &reply, NULL) < 0)
		return;
	preferred = json_str(reply, "preferredVersion", "version");
	if (preferred)
		strv_push(&group->served, preferred);
	versions = json_get(reply, "versions");
	for (size_t i = 0; i < json_len(versions); i++) {
		const char *version = json_str(json_item(versions, i), "version");

		if (version && !strv_contains(&group->served, version))
			strv_push(&group->served, version);
	}
}

/* Ask each group of the attempts once, side by side. `groups` has room for `count`. */
static int ask_groups(struct kube *kube, struct attempt *attempts[], size_t count,
	struct group *groups, size_t *group_count, struct error *err)
{
	struct kube_request **requests = xcalloc(count, sizeof(struct kube_request *));
	size_t n = 0;
	int result = 0;

	for (size_t i = 0; i < count; i++) {
		const char *name = attempts[i]->list->kind->group;

		/* The core group has one version, which was just asked for. */
		if (!*name || group_find(groups, n, name))
			continue;
		group_init(&groups[n], name);
		requests[n] = &groups[n].request;
		n++;
	}
	*group_count = n;
	if (n)
		result = kube_run(kube, requests, n, err);
	for (size_t i = 0; i < n; i++)
		group_read(&groups[i]);
	free(requests);
	return result;
}

/* Keep those versions to try that the group serves; all, if it may not be asked. */
static void narrow(struct attempt *attempt, const struct group *group)
{
	struct strv *versions = &attempt->versions;

	if (group && group->request.error.kind == ERROR_FORBIDDEN)
		return;
	for (size_t i = versions->len; i-- > attempt->next;)
		if (!group || !strv_contains(&group->served, versions->items[i]))
			strv_remove(versions, i);
	/* None that we know: then the one that the server prefers, unless it was just asked for. */
	if (attempt->next == versions->len && group && group->served.len &&
		!strv_contains(versions, group->served.items[0]))
		strv_push(versions, group->served.items[0]);
}

/* The group could not be asked for a reason that says nothing about the kind. */
static bool group_failed(const struct group *group)
{
	enum error_kind kind = group ? group->request.error.kind : ERROR_NONE;

	return kind != ERROR_NONE && kind != ERROR_NOT_FOUND && kind != ERROR_FORBIDDEN;
}

static void settle_unknown(struct attempt *attempt, const struct group *group)
{
	struct kind_list *list = attempt->list;
	struct error *error = &list->request.error;

	free(list->version);
	list->version = NULL;
	if (group_failed(group)) {
		error_set(error, group->request.error.kind, "%s", group->request.error.message);
		return;
	}
	list->not_installed = true;
	error_set(error, ERROR_NOT_FOUND, "the server doesn't have a resource type \"%s\"",
		list->kind->plural);
}

/* ---- rounds */

/* Move the attempts that are still unknown to the front; returns how many. */
static size_t keep_unknown(struct attempt *attempts[], size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (is_unknown(attempts[i]->list))
			attempts[kept++] = attempts[i];
	return kept;
}

/* Try the remaining versions of all attempts, round by round; `attempts` is reordered. */
static int try_versions(struct kube *kube, struct attempt *attempts[], size_t count,
	struct group *groups, size_t group_count, struct error *err)
{
	while (count) {
		size_t open = 0;

		for (size_t i = 0; i < count; i++) {
			struct attempt *attempt = attempts[i];

			if (attempt->next < attempt->versions.len) {
				aim(attempt->list, attempt->versions.items[attempt->next++]);
				attempts[open++] = attempt;
			} else {
				settle_unknown(attempt, group_find(groups, group_count,
								attempt->list->kind->group));
			}
		}
		if (run_attempts(kube, attempts, open, err) < 0)
			return -1;
		count = keep_unknown(attempts, open);
	}
	return 0;
}

static int fall_back(struct kube *kube, struct attempt *attempts[], size_t count, struct error *err)
{
	struct group *groups = xcalloc(count, sizeof(*groups));
	size_t group_count = 0;
	int result = ask_groups(kube, attempts, count, groups, &group_count, err);

	for (size_t i = 0; i < count; i++)
		narrow(attempts[i],
			group_find(groups, group_count, attempts[i]->list->kind->group));
	if (result == 0)
		result = try_versions(kube, attempts, count, groups, group_count, err);
	for (size_t i = 0; i < group_count; i++)
		group_clear(&groups[i]);
	free(groups);
	return result;
}

/* ---- one object by name */

static int hand_out(struct kube_request *request, struct error *err)
{
	autobuf projected = BUF_INIT;
	autojson struct json_object *object = NULL;
	const struct buf *text = &request->reply;

	if (!request->on_item && !request->on_object)
		return 0;
	if (request->fields) {
		if (scan_project(request->fields, text->ptr, text->len, &projected, err) < 0)
			return -1;
		text = &projected;
	}
	request->items = 1;
	if (request->on_item)
		return request->on_item(request, text->ptr, text->len, err);
	if (json_parse(text->ptr, text->len, &object, err) < 0)
		return -1;
	return request->on_object(request, object, err);
}

/* Give the callbacks of a GET by name back, and call them. */
static void attempt_end(struct attempt *attempt)
{
	struct kind_list *list = attempt->list;
	autoerror error = ERROR_INIT;

	strv_clear(&attempt->versions);
	if (!list->kind || !list->name)
		return;
	list->request.on_item = attempt->on_item;
	list->request.on_object = attempt->on_object;
	if (list->request.error.kind == ERROR_NONE && hand_out(&list->request, &error) < 0) {
		if (error.kind == ERROR_SYNTAX)
			error_wrap(&error, "the answer to %s cannot be read", list->path);
		error_move(&list->request.error, &error);
	}
}

int kind_lists_run(struct kube *kube, struct kind_list *lists[], size_t count, struct error *err)
{
	struct attempt *attempts = xcalloc(count, sizeof(*attempts));
	struct attempt **open = xcalloc(count, sizeof(*open));
	size_t unknown;
	int result;

	for (size_t i = 0; i < count; i++) {
		attempt_init(&attempts[i], lists[i]);
		open[i] = &attempts[i];
	}
	result = run_attempts(kube, open, count, err);
	unknown = result == 0 ? keep_unknown(open, count) : 0;
	if (unknown)
		result = fall_back(kube, open, unknown, err);
	for (size_t i = 0; i < count; i++)
		attempt_end(&attempts[i]);
	free(open);
	free(attempts);
	return result;
}

int kind_complete_item(const struct kind *kind, const char *version, const char *json, size_t len,
	struct buf *out, struct error *err)
{
	static const char *const paths[] = {"apiVersion", "kind", NULL};
	const char *brace = memchr(json, '{', len);
	struct projection *projection;
	autobuf kept = BUF_INIT;
	int result;

	if (!brace)
		return error_set(err, ERROR_SYNTAX, "an item of the list is not an object");
	projection = projection_new(paths);
	result = scan_project(projection, json, len, &kept, err);
	projection_free(projection);
	if (result < 0)
		return -1;
	if (!streq(kept.ptr, "{}")) {
		buf_add(out, json, len);
		return 0;
	}
	/* In the order in which a GET has them. */
	buf_addf(out, "{\"kind\":\"%s\",\"apiVersion\":\"%s%s%s\"", kind->name, kind->group,
		*kind->group ? "/" : "", version);
	brace++;
	if (brace[strspn(brace, " \t\r\n")] != '}')
		buf_addc(out, ',');
	buf_add(out, brace, len - (size_t)(brace - json));
	return 0;
}
