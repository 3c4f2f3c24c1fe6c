/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about what the caller may do, and what OpenShift lets the controllers do. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
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

struct permission {
	const char *verb, *group, *resource, *subresource;
	const char *namespace; /* NULL: all */
	bool pre;              /* asked by --pre: what an installation does */
};

/* clang-format off */
static const struct permission permissions[] = {
	{ "list",   "source.toolkit.fluxcd.io",       "gitrepositories",   NULL,  NULL,          false },
	{ "list",   "source.toolkit.fluxcd.io",       "helmrepositories",  NULL,  NULL,          false },
	{ "list",   "source.toolkit.fluxcd.io",       "helmcharts",        NULL,  NULL,          false },
	{ "list",   "source.toolkit.fluxcd.io",       "ocirepositories",   NULL,  NULL,          false },
	{ "list",   "source.toolkit.fluxcd.io",       "buckets",           NULL,  NULL,          false },
	{ "list",   "kustomize.toolkit.fluxcd.io",    "kustomizations",    NULL,  NULL,          false },
	{ "list",   "helm.toolkit.fluxcd.io",         "helmreleases",      NULL,  NULL,          false },
	{ "list",   "notification.toolkit.fluxcd.io", "alerts",            NULL,  NULL,          false },
	{ "list",   "clusterconfig.azure.com",        "fluxconfigs",       NULL,  NULL,          false },
	{ "list",   "clusterconfig.azure.com",        "extensionconfigs",  NULL,  NULL,          false },
	{ "list",   "apps",                           "deployments",       NULL,  NULL,          false },
	{ "list",   "",                               "pods",              NULL,  "flux-system", false },
	{ "get",    "",                               "pods",              "log", "flux-system", false },
	{ "list",   "",                               "events",            NULL,  NULL,          false },
	{ "list",   "apiextensions.k8s.io",           "customresourcedefinitions", NULL, NULL,   false },
	{ "patch",  "kustomize.toolkit.fluxcd.io",    "kustomizations",    NULL,  NULL,          false },
	{ "create", "",                               "namespaces",        NULL,  NULL,          true },
	{ "create", "apiextensions.k8s.io",           "customresourcedefinitions", NULL, NULL,   true },
	{ "create", "rbac.authorization.k8s.io",      "clusterrolebindings", NULL, NULL,         true },
	{ "create", "apps",                           "deployments",       NULL,  "flux-system", true },
};

/* The service accounts that the tutorial gives the SCC nonroot. */
static const char *const scc_accounts[] = {
	"kustomize-controller", "helm-controller", "source-controller", "notification-controller",
	"image-automation-controller", "image-reflector-controller",
};
static const char *const scc_names[] = { "nonroot", "nonroot-v2" };
/* clang-format on */

/* An answer to "may I?", or the fact that it could not be asked. */
struct access_answer {
	bool asked, allowed;
};

/* {"apiVersion": "authorization.k8s.io/v1", "kind": KIND, "spec": {"resourceAttributes": …}}. */
static char *review_body(const char *kind, const char *user, struct json_object *attributes)
{
	autojson struct json_object *body = json_new_object();
	struct json_object *spec = json_new_object();
	struct buf out = BUF_INIT;

	json_set_str(body, "apiVersion", "authorization.k8s.io/v1");
	json_set_str(body, "kind", kind);
	json_set(spec, "resourceAttributes", attributes);
	if (user)
		json_set_str(spec, "user", user);
	json_set(body, "spec", spec);
	json_write(&out, body);
	return buf_detach(&out);
}

static char *permission_body(const struct permission *row)
{
	struct json_object *attributes = json_new_object();

	json_set_str(attributes, "verb", row->verb);
	json_set_str(attributes, "group", row->group);
	json_set_str(attributes, "resource", row->resource);
	if (row->subresource)
		json_set_str(attributes, "subresource", row->subresource);
	if (row->namespace)
		json_set_str(attributes, "namespace", row->namespace);
	return review_body("SelfSubjectAccessReview", NULL, attributes);
}

/* Reviews that are asked together. */
struct reviews {
	struct kube_request *requests;
	struct kube_request **pointers;
	size_t count;
};

static void reviews_add(struct reviews *reviews, const char *path, char *body)
{
	reviews->requests =
		xreallocarray(reviews->requests, reviews->count + 1, sizeof(*reviews->requests));
	reviews->requests[reviews->count++] =
		(struct kube_request){.path = path, .body = body, .reply = BUF_INIT};
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
static char *permission_words(const struct permission *row)
{
	return xasprintf("%s %s%s%s%s%s%s", row->verb, row->resource, row->subresource ? "/" : "",
		row->subresource ? row->subresource : "", *row->group ? "." : "", row->group,
		row->namespace ? " in flux-system" : " in all namespaces");
}

static char *permission_command(const struct permission *row)
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

	for (size_t i = 0; i < countof(permissions); i++) {
		const struct permission *row = &permissions[i];
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

	for (size_t i = 0; i < countof(permissions); i++) {
		if (permissions[i].pre && !check->pre)
			continue;
		reviews_add(&reviews, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
			permission_body(&permissions[i]));
	}
	if (reviews_run(&reviews, check->app->kube, &err) < 0)
		check_unanswered(check, "your permissions: %s", err.message);
	else
		judge_permissions(check, rule, &reviews);
	reviews_clear(&reviews);
}

static char *scc_body(const char *account, const char *scc)
{
	struct json_object *attributes = json_new_object();
	autofree char *user = xasprintf("system:serviceaccount:flux-system:%s", account);

	json_set_str(attributes, "verb", "use");
	json_set_str(attributes, "group", "security.openshift.io");
	json_set_str(attributes, "resource", "securitycontextconstraints");
	json_set_str(attributes, "name", scc);
	json_set_str(attributes, "namespace", "flux-system");
	return review_body("SubjectAccessReview", user, attributes);
}

/* Accounts that may use neither SCC, in `missing`; false if that could not be asked. */
static bool scc_missing(struct check *check, struct reviews *reviews, struct strv *missing)
{
	for (size_t i = 0; i < countof(scc_accounts); i++) {
		bool allowed = false;

		for (size_t j = 0; j < countof(scc_names); j++) {
			autoerror err = ERROR_INIT;
			struct access_answer answer =
				read_answer(&reviews->requests[i * countof(scc_names) + j], &err);

			if (!answer.asked) {
				check_unanswered(check,
					"OpenShift SCC: POST subjectaccessreviews: %s",
					err.message ? err.message : "no answer");
				return false;
			}
			allowed = allowed || answer.allowed;
		}
		if (!allowed)
			strv_push(missing, scc_accounts[i]);
	}
	return true;
}

static void ask_scc(struct check *check, const struct check_rule *rule)
{
	struct reviews reviews = {.count = 0};
	autostrv missing = STRV_INIT;
	autoerror err = ERROR_INIT;

	for (size_t i = 0; i < countof(scc_accounts); i++) {
		for (size_t j = 0; j < countof(scc_names); j++)
			reviews_add(&reviews, "/apis/authorization.k8s.io/v1/subjectaccessreviews",
				scc_body(scc_accounts[i], scc_names[j]));
	}
	if (reviews_run(&reviews, check->app->kube, &err) < 0) {
		check_unanswered(check, "OpenShift SCC: %s", err.message);
	} else if (scc_missing(check, &reviews, &missing)) {
		for (size_t i = 0; i < missing.len; i++)
			check_found(check, rule,
				xasprintf("ServiceAccount flux-system/%s", missing.items[i]),
				xstrdup("may use neither SCC nonroot nor nonroot-v2"),
				xasprintf("oc adm policy add-scc-to-user nonroot "
					  "system:serviceaccount:flux-system:%s",
					missing.items[i]));
		if (!missing.len)
			check_passed(check, "OpenShift SCC nonroot granted");
	}
	reviews_clear(&reviews);
}

static void rule_scc(struct check *check, const struct check_rule *rule)
{
	autojson struct json_object *group = NULL;
	autoerror err = ERROR_INIT;

	if (kube_get(check->app->kube, "/apis/security.openshift.io", &group, &err) == 0)
		ask_scc(check, rule);
	else if (err.kind == ERROR_NOT_FOUND)
		check_passed(check, "not OpenShift");
	else
		check_unanswered(check, "OpenShift or not: %s", err.message);
}
