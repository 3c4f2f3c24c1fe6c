/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about what the caller may do, and what OpenShift lets the controllers do. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "kube/access.h"
#include "plugin/check.h"

static void rule_permissions(struct check *check, const struct check_rule *rule);
static void rule_scc(struct check *check, const struct check_rule *rule);

/* clang-format off */
const struct check_rule check_access_rules[] = {
	{ "permission-missing",    SEVERITY_WARNING, "what may not be read is missing from every answer about this cluster", rule_permissions, 0 },
	{ "openshift-scc-missing", SEVERITY_ERROR,   "OpenShift refuses the controllers' pods without this security context constraint", rule_scc, 0 },
};
/* clang-format on */
const size_t check_access_rules_count = countof(check_access_rules);

/* An answer to "may I?", or the fact that it could not be asked. */
struct access_answer {
	bool asked, allowed;
};

/* Reviews that are asked together. */
struct reviews {
	struct kube_request *requests;
	struct kube_request **pointers;
	size_t count;
};

/* `body` is taken over. */
static void reviews_add(struct reviews *reviews, const char *path, struct buf *body)
{
	reviews->requests =
		xreallocarray(reviews->requests, reviews->count + 1, sizeof(*reviews->requests));
	reviews->requests[reviews->count++] =
		(struct kube_request){.path = path, .body = buf_detach(body), .reply = BUF_INIT};
}

static int reviews_run(struct reviews *reviews, struct kube *kube, struct error *err)
{
	reviews->pointers = xcalloc(reviews->count + 1, sizeof(*reviews->pointers));
	for (size_t i = 0; i < reviews->count; i++)
		reviews->pointers[i] = &reviews->requests[i];
	return kube_run(kube, reviews->pointers, reviews->count, err);
}

static void reviews_clear(struct reviews *reviews)
{
	for (size_t i = 0; i < reviews->count; i++) {
		free_pointer(&reviews->requests[i].body);
		kube_request_clear(&reviews->requests[i]);
	}
	free(reviews->requests);
	free(reviews->pointers);
}

/* The answer of one review; not asked when the reply cannot be read. */
static struct access_answer read_answer(struct kube_request *request, struct error *err)
{
	struct access_answer answer = {.asked = false};
	autojson struct json_object *reply = NULL;

	if (request->error.kind != ERROR_NONE) {
		error_set(err, request->error.kind, "%s", request->error.message);
		return answer;
	}
	if (json_parse(request->reply.ptr, request->reply.len, &reply, err) < 0)
		return answer;
	if (json_kind(json_get(reply, "status", "allowed")) != JSON_BOOL) {
		error_set(err, ERROR_SERVER, "a reply without status.allowed");
		return answer;
	}
	answer.asked = true;
	answer.allowed = json_bool(reply, "status", "allowed");
	return answer;
}

/* "list helmreleases.helm.toolkit.fluxcd.io" and its scope. */
static char *permission_words(const struct access_row *row)
{
	return xasprintf("%s %s%s%s%s%s%s", row->verb, row->resource, row->subresource ? "/" : "",
		row->subresource ? row->subresource : "", *row->group ? "." : "", row->group,
		row->namespace ? " in flux-system" : " in all namespaces");
}

static char *permission_command(const struct access_row *row)
{
	return xasprintf("kubectl auth can-i %s %s%s%s%s%s%s", row->verb, row->resource,
		*row->group ? "." : "", row->group, row->subresource ? " --subresource=" : "",
		row->subresource ? row->subresource : "",
		row->namespace ? " -n flux-system" : " -A");
}

static void judge_permissions(
	struct check *check, const struct check_rule *rule, struct reviews *reviews)
{
	size_t asked = 0;
	size_t index = 0;
	size_t allowed = 0;

	for (size_t i = 0; i < access_rows_count; i++) {
		const struct access_row *row = &access_rows[i];
		autofree char *words = permission_words(row);
		struct access_answer answer;
		autoerror err = ERROR_INIT;

		if (row->pre && !check->pre)
			continue;
		answer = read_answer(&reviews->requests[index++], &err);
		asked += answer.asked;
		allowed += answer.allowed;
		if (!answer.asked) {
			check_unanswered(check,
				"your permissions: POST selfsubjectaccessreviews: %s",
				err.message ? err.message : "no answer");
			continue;
		}
		if (answer.allowed)
			continue;
		check_found(check, rule, xstrdup("your permissions"),
			xasprintf("not allowed to %s", words), permission_command(row));
	}
	if (asked && allowed == asked)
		check_passed(check, "%zu permissions of yours", asked);
}

static void rule_permissions(struct check *check, const struct check_rule *rule)
{
	struct reviews reviews = {.count = 0};
	autoerror err = ERROR_INIT;

	for (size_t i = 0; i < access_rows_count; i++) {
		struct buf body = BUF_INIT;

		if (access_rows[i].pre && !check->pre)
			continue;
		access_body(&access_rows[i], &body);
		reviews_add(&reviews, ACCESS_SELF_PATH, &body);
	}
	if (reviews_run(&reviews, check->app->kube, &err) < 0)
		check_unanswered(check, "your permissions: %s", err.message);
	else
		judge_permissions(check, rule, &reviews);
	reviews_clear(&reviews);
}

/* Accounts that may use neither SCC, in `missing`; false if that could not be asked. */
static bool scc_missing(struct check *check, struct reviews *reviews, struct strv *missing)
{
	for (size_t i = 0; i < access_scc_accounts_count; i++) {
		bool allowed = false;

		for (size_t j = 0; j < access_scc_names_count; j++) {
			autoerror err = ERROR_INIT;
			struct access_answer answer = read_answer(
				&reviews->requests[i * access_scc_names_count + j], &err);

			if (!answer.asked) {
				check_unanswered(check,
					"OpenShift SCC: POST subjectaccessreviews: %s",
					err.message ? err.message : "no answer");
				return false;
			}
			allowed = allowed || answer.allowed;
		}
		if (!allowed)
			strv_push(missing, access_scc_accounts[i]);
	}
	return true;
}

static void ask_scc(struct check *check, const struct check_rule *rule)
{
	struct reviews reviews = {.count = 0};
	autostrv missing = STRV_INIT;
	autoerror err = ERROR_INIT;

	for (size_t i = 0; i < access_scc_accounts_count; i++) {
		for (size_t j = 0; j < access_scc_names_count; j++) {
			struct buf body = BUF_INIT;

			access_scc_body(access_scc_accounts[i], access_scc_names[j], &body);
			reviews_add(&reviews, ACCESS_SUBJECT_PATH, &body);
		}
	}
	if (reviews_run(&reviews, check->app->kube, &err) < 0) {
		check_unanswered(check, "OpenShift SCC: %s", err.message);
	} else if (scc_missing(check, &reviews, &missing)) {
		for (size_t i = 0; i < missing.len; i++)
			check_found(check, rule,
				xasprintf("ServiceAccount flux-system/%s", missing.items[i]),
				xstrdup("may use neither SCC nonroot nor nonroot-v2"),
				xstrdup("kubectl flux-arc scc enable"));
		if (!missing.len)
			check_passed(check, "OpenShift SCC nonroot granted");
	}
	reviews_clear(&reviews);
}

static void rule_scc(struct check *check, const struct check_rule *rule)
{
	autojson struct json_object *group = NULL;
	autoerror err = ERROR_INIT;

	if (kube_get(check->app->kube, ACCESS_OPENSHIFT_PATH, &group, &err) == 0)
		ask_scc(check, rule);
	else if (err.kind == ERROR_NOT_FOUND)
		check_passed(check, "not OpenShift");
	else
		check_unanswered(check, "OpenShift or not: %s", err.message);
}
