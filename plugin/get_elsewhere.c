/* SPDX-License-Identifier: Apache-2.0 */
/* Further questions when an answer was empty or forbidden: what there is elsewhere, what is allowed. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "kube/access.h"
#include "plugin/get.h"
#include "plugin/report.h"

/* ---- in other namespaces */

static uint64_t count_reply(const struct kube_request *request, struct error *err)
{
	autojson struct json_object *list = NULL;
	int64_t remaining;

	if (json_parse(request->reply.ptr, request->reply.len, &list, err) < 0)
		return 0;
	remaining = json_int(list, 0, "metadata", "remainingItemCount");
	return json_len(json_get(list, "items")) + (remaining > 0 ? (uint64_t)remaining : 0);
}

static void say_not_read(const struct get *get, const char *what, const struct error *error)
{
	autobuf report = BUF_INIT;

	report_error(&report, error);
	fprintf(get->app->err, "not read: %s: %s", what, report.ptr);
}

/* What one kind adds to the count. Who may read one namespace only is not told of others. */
static uint64_t count_kind(const struct get *get, struct kind_list *list)
{
	struct error *error = &list->request.error;
	autofree char *what = xasprintf("%s in other namespaces", list->kind->plural);
	uint64_t count = 0;

	if (error->kind == ERROR_NONE)
		count = count_reply(&list->request, error);
	if (error->kind == ERROR_NONE || error->kind == ERROR_FORBIDDEN || list->not_installed)
		return count;
	say_not_read(get, what, error);
	return 0;
}

/* One object a kind, and of that only its name: the server says how many more there are. */
static void ask_one(const struct get *get, size_t index, struct kind_list *list)
{
	get_list_init(get, &get->targets[index], list);
	list->namespace = NULL;
	list->request.accept =
		"application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json";
	list->request.chunk_size = 0;
	list->request.query = "limit=1";
}

uint64_t get_count_elsewhere(const struct get *get)
{
	struct kind_list *lists = xcalloc(get->count, sizeof(*lists));
	struct kind_list **pointers = xcalloc(get->count, sizeof(struct kind_list *));
	autoerror err = ERROR_INIT;
	uint64_t total = 0;
	size_t count = 0;

	for (size_t i = 0; i < get->count; i++) {
		/* Both namespaces of one kind are one question here. */
		if (i > 0 && get->targets[i].kind == get->targets[i - 1].kind)
			continue;
		if (get->targets[i].kind->flags & KIND_CLUSTER)
			continue;
		ask_one(get, i, &lists[count]);
		pointers[count] = &lists[count];
		count++;
	}
	if (kind_lists_run(get->app->kube, pointers, count, &err) < 0)
		say_not_read(get, "what is in other namespaces", &err);
	for (size_t i = 0; i < count && err.kind == ERROR_NONE; i++)
		total += count_kind(get, &lists[i]);
	for (size_t i = 0; i < count; i++)
		kind_list_clear(&lists[i]);
	free(lists);
	free(pointers);
	return total;
}

/* ---- what is allowed */

static bool has_text(struct json_object *list, const char *text)
{
	for (size_t i = 0; i < json_len(list); i++) {
		const char *item = json_text(json_item(list, i));

		if (streq(item, text) || streq(item, "*"))
			return true;
	}
	return false;
}

static bool may_list(struct json_object *rules, const struct kind *kind)
{
	for (size_t i = 0; i < json_len(rules); i++) {
		struct json_object *rule = json_item(rules, i);

		if (has_text(json_get(rule, "verbs"), "list") &&
			has_text(json_get(rule, "apiGroups"), kind->group) &&
			has_text(json_get(rule, "resources"), kind->plural) &&
			json_len(json_get(rule, "resourceNames")) == 0)
			return true;
	}
	return false;
}

static void say_allowed(struct json_object *rules, const char *namespace, struct buf *out)
{
	size_t count = 0;

	for (size_t i = 0; i < kinds_count; i++) {
		const struct kind *kind = &kinds[i];

		if (!(kind->flags & KIND_GET) || (kind->flags & KIND_CLUSTER) ||
			!may_list(rules, kind))
			continue;
		if (count == 0)
			buf_addf(out, "in namespace %s you may list ", namespace);
		buf_addf(out, "%s%s", count++ > 0 ? ", " : "", kind->plural);
	}
	if (count == 0)
		buf_addf(out, "in namespace %s you may list nothing that is known here", namespace);
}

/* The caller's rights in a namespace, asked once. NULL if the server does not say, or not all. */
static struct json_object *rules_in(struct get *get, const char *namespace)
{
	struct kube_request request = KUBE_REQUEST_INIT;
	struct kube_request *list[] = {&request};
	autojson struct json_object *review = NULL;
	autobuf text = BUF_INIT;

	if (streq(get->rules_namespace, namespace))
		return get->rules;
	str_replace(&get->rules_namespace, namespace);
	access_rules_body(namespace, &text);
	request.path = ACCESS_RULES_PATH;
	request.body = text.ptr;
	json_free(TAKE(get->rules));
	if (kube_run(get->app->kube, list, 1, NULL) == 0 && request.error.kind == ERROR_NONE &&
		json_parse(request.reply.ptr, request.reply.len, &review, NULL) == 0 &&
		!json_bool(review, "status", "incomplete"))
		get->rules = json_ref(json_get(review, "status", "resourceRules"));
	kube_request_clear(&request);
	return get->rules;
}

bool get_allowed(struct get *get, const struct get_target *target, struct buf *out)
{
	const char *namespace = target->namespace ? target->namespace : get->app->kube->namespace;
	struct json_object *rules = rules_in(get, namespace);

	if (target->namespace && rules)
		say_allowed(rules, namespace, out);
	else if (target->namespace)
		return false;
	else if (rules && may_list(rules, target->kind))
		buf_addf(out, "allowed in namespace %s: try -n %s", namespace, namespace);
	else
		buf_adds(out, "it may be allowed in one namespace: try -n NAMESPACE");
	return true;
}
