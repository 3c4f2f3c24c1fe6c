/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/scan.h"
#include "kube/access.h"
#include "kube/scc.h"
#include "plugin/scc.h"

#define RBAC_PATH "/apis/rbac.authorization.k8s.io/v1"
#define IN_NAMESPACE "/namespaces/" SCC_NAMESPACE

static int take_scc(struct kube_request *request, struct json_object *object, struct error *err);
static int take_role(struct kube_request *request, struct json_object *object, struct error *err);
static int take_binding(
	struct kube_request *request, struct json_object *object, struct error *err);
static int take_pod(struct kube_request *request, struct json_object *object, struct error *err);
static int take_deployment(
	struct kube_request *request, struct json_object *object, struct error *err);

enum question {
	ASK_GROUP,
	ASK_RELEASE,
	ASK_SCCS,
	ASK_DEPLOYMENTS,
	ASK_CLUSTER_ROLES, /* from here on: who may use it, and does */
	ASK_ROLES,
	ASK_CLUSTER_BINDINGS,
	ASK_BINDINGS,
	ASK_PODS,
	QUESTIONS
};

/* clang-format off */
static const char *const role_fields[] = { "metadata.name", "rules", NULL };
static const char *const binding_fields[] = { "metadata.name", "roleRef", "subjects", NULL };
static const char *const scc_fields[] = { "metadata.name", "users", "groups", NULL };
static const char *const pod_fields[] = { "metadata.name", "metadata.annotations.[openshift.io/scc]", "spec.serviceAccountName", "status.phase", NULL };
static const char *const deployment_fields[] = {
	"metadata.name", "spec.template.spec.securityContext", "spec.template.spec.containers[].image",
	"spec.template.spec.containers[].securityContext", "spec.template.spec.serviceAccountName", "status.conditions", NULL,
};

static const struct {
	const char *path, *what, *kind;
	const char *const *fields;
	int (*take)(struct kube_request *request, struct json_object *object, struct error *err);
} asks[QUESTIONS] = {
	[ASK_GROUP] =            { ACCESS_OPENSHIFT_PATH,                                    "OpenShift or not",           NULL,                 NULL,              NULL },
	[ASK_RELEASE] =          { "/apis/config.openshift.io/v1/clusterversions/version",   "the version of OpenShift",   NULL,                 NULL,              NULL },
	[ASK_SCCS] =             { SCC_LIST_PATH,                                            "SecurityContextConstraints", NULL,                 scc_fields,        take_scc },
	[ASK_CLUSTER_ROLES] =    { RBAC_PATH "/clusterroles",                                "ClusterRoles",               "ClusterRole",        role_fields,       take_role },
	[ASK_ROLES] =            { RBAC_PATH IN_NAMESPACE "/roles",                          "Roles",                      "Role",               role_fields,       take_role },
	[ASK_CLUSTER_BINDINGS] = { RBAC_PATH "/clusterrolebindings",                         "ClusterRoleBindings",        "ClusterRoleBinding", binding_fields,    take_binding },
	[ASK_BINDINGS] =         { RBAC_PATH IN_NAMESPACE "/rolebindings",                   "RoleBindings",               "RoleBinding",        binding_fields,    take_binding },
	[ASK_PODS] =             { "/api/v1" IN_NAMESPACE "/pods",                           "Pods",                       NULL,                 pod_fields,        take_pod },
	[ASK_DEPLOYMENTS] =      { "/apis/apps/v1" IN_NAMESPACE "/deployments",              "Deployments",                NULL,                 deployment_fields, take_deployment },
};
/* clang-format on */

/* ---- what is kept of each answer: of roles and bindings those few that concern the six */

static struct scc *scc_of(struct kube_request *request)
{
	return request->ctx;
}

/* Which kind of list it came in: items do not say. */
static const char *kind_of(const struct kube_request *request)
{
	for (size_t i = 0; i < QUESTIONS; i++)
		if (streq(asks[i].path, request->path))
			return asks[i].kind;
	return NULL;
}

static void keep(
	const struct kube_request *request, struct json_object *list, struct json_object *object)
{
	if (kind_of(request))
		json_set_str(object, "kind", kind_of(request));
	json_push(list, json_ref(object));
}

static int take_scc(struct kube_request *request, struct json_object *object, struct error *err)
{
	(void)err;
	keep(request, scc_of(request)->sccs, object);
	return 0;
}

static int take_role(struct kube_request *request, struct json_object *object, struct error *err)
{
	(void)err;
	if (scc_role_uses(object, NULL))
		keep(request, scc_of(request)->roles, object);
	return 0;
}

static int take_binding(struct kube_request *request, struct json_object *object, struct error *err)
{
	(void)err;
	if (scc_binding_has(object, NULL))
		keep(request, scc_of(request)->bindings, object);
	return 0;
}

static int take_pod(struct kube_request *request, struct json_object *object, struct error *err)
{
	(void)err;
	keep(request, scc_of(request)->pods, object);
	return 0;
}

static int take_deployment(
	struct kube_request *request, struct json_object *object, struct error *err)
{
	(void)err;
	keep(request, scc_of(request)->deployments, object);
	return 0;
}

/* ---- the round of questions */

static bool answered(const struct kube_request *request)
{
	return request->error.kind == ERROR_NONE;
}

/* What the server does not have is an answer too: on a cluster without ClusterVersion. */
static void note_unanswered(struct scc *scc, const struct kube_request *requests, size_t count)
{
	for (size_t i = ASK_RELEASE; i < count; i++)
		if (!answered(&requests[i]) && requests[i].error.kind != ERROR_NOT_FOUND)
			strv_pushf(&scc->unanswered, "%s: %s", asks[i].what,
				requests[i].error.message);
}

static void take_release(struct scc *scc, struct kube_request *request)
{
	const char *version;

	if (!answered(request) ||
		json_parse(request->reply.ptr, request->reply.len, &scc->release, NULL) < 0)
		return;
	version = json_str(scc->release, "status", "desired", "version");
	if (str_set(version))
		scc->version = xstrdup(version);
}

static int take_answers(
	struct scc *scc, struct kube_request *requests, size_t count, struct error *err)
{
	scc->openshift = answered(&requests[ASK_GROUP]);
	if (!scc->openshift)
		return requests[ASK_GROUP].error.kind == ERROR_NOT_FOUND
			       ? 0
			       : error_move(err, &requests[ASK_GROUP].error);
	note_unanswered(scc, requests, count);
	take_release(scc, &requests[ASK_RELEASE]);
	scc->sccs_known = answered(&requests[ASK_SCCS]);
	scc->deployments_known = answered(&requests[ASK_DEPLOYMENTS]);
	scc->grants_known =
		answered(&requests[ASK_CLUSTER_ROLES]) && answered(&requests[ASK_CLUSTER_BINDINGS]);
	return 0;
}

static int ask(struct scc *scc, bool whole, struct error *err)
{
	struct kube_request requests[QUESTIONS];
	struct kube_request *pointers[QUESTIONS];
	struct projection *fields[QUESTIONS] = {NULL};
	size_t count = whole ? QUESTIONS : ASK_CLUSTER_ROLES;
	int result;

	for (size_t i = 0; i < QUESTIONS; i++) {
		fields[i] = asks[i].fields ? projection_new(asks[i].fields) : NULL;
		requests[i] = (struct kube_request){
			.path = asks[i].path,
			.on_object = asks[i].take,
			.fields = fields[i],
			.ctx = scc,
			.reply = BUF_INIT,
		};
		pointers[i] = &requests[i];
	}
	result = kube_run(scc->app->kube, pointers, count, err);
	if (result == 0)
		result = take_answers(scc, requests, count, err);
	for (size_t i = 0; i < QUESTIONS; i++) {
		kube_request_clear(&requests[i]);
		projection_free(fields[i]);
	}
	return result;
}

/* ---- about each account */

/* The role of a binding lets its holders use the SCC. A RoleBinding's Role is the namespace's own. */
static bool binding_gives(const struct scc *scc, struct json_object *binding)
{
	const char *kind = json_str(binding, "roleRef", "kind");
	const char *name = json_str(binding, "roleRef", "name");

	for (size_t i = 0; i < json_len(scc->roles); i++) {
		struct json_object *role = json_item(scc->roles, i);

		if (streq(json_str(role, "kind"), kind) &&
			streq(json_str(role, "metadata", "name"), name))
			return scc_role_uses(role, scc->name);
	}
	return false;
}

static void find_grants(struct scc *scc, struct scc_account *account)
{
	for (size_t i = 0; i < json_len(scc->bindings); i++) {
		struct json_object *binding = json_item(scc->bindings, i);

		if (scc_binding_has(binding, account->name) && binding_gives(scc, binding))
			strv_pushf(&account->grants, "%s %s", json_str(binding, "kind"),
				json_str(binding, "metadata", "name"));
	}
	for (size_t i = 0; i < json_len(scc->sccs); i++) {
		struct json_object *one = json_item(scc->sccs, i);
		const char *by = streq(json_str(one, "metadata", "name"), scc->name)
					 ? scc_names_account(one, account->name)
					 : NULL;

		if (by)
			strv_pushf(&account->grants, ".%s of the SCC", by);
	}
	strv_sort(&account->grants); /* whatever answered first */
	account->allowed = account->grants.len > 0;
}

static void find_pod(struct scc *scc, struct scc_account *account)
{
	for (size_t i = 0; i < json_len(scc->pods) && !account->pod; i++) {
		struct json_object *pod = json_item(scc->pods, i);
		const char *admitted = json_str(pod, "metadata", "annotations", "openshift.io/scc");

		if (!streq(json_str(pod, "spec", "serviceAccountName"), account->name))
			continue;
		account->pod = xstrdup(json_str(pod, "metadata", "name"));
		account->admitted = admitted ? xstrdup(admitted) : NULL;
	}
}

static void find_deployment(struct scc *scc, struct scc_account *account)
{
	for (size_t i = 0; i < json_len(scc->deployments); i++) {
		struct json_object *deployment = json_item(scc->deployments, i);
		struct json_object *conditions = json_get(deployment, "status", "conditions");

		if (!streq(json_str(deployment, "metadata", "name"), account->name))
			continue;
		account->deployed = true;
		for (size_t j = 0; j < json_len(conditions); j++) {
			struct json_object *condition = json_item(conditions, j);
			const char *message = json_str(condition, "message");

			if (streq(json_str(condition, "type"), "ReplicaFailure") && message &&
				streq(json_str(condition, "status"), "True"))
				str_replace(&account->refused, message);
		}
	}
}

/* ---- reviews */

static void take_review(struct scc *scc, struct scc_account *account, struct kube_request *request)
{
	autojson struct json_object *reply = NULL;

	if (!answered(request) ||
		json_parse(request->reply.ptr, request->reply.len, &reply, NULL) < 0 ||
		json_kind(json_get(reply, "status", "allowed")) != JSON_BOOL) {
		autofree char *text = xasprintf("SubjectAccessReviews: %s",
			request->error.message ? request->error.message : "an odd answer");

		if (!strv_contains(&scc->unanswered, text))
			strv_push(&scc->unanswered, text);
		return;
	}
	account->asked = true;
	account->allowed = json_bool(reply, "status", "allowed");
}

int scc_review(struct scc *scc, int delay_ms, struct error *err)
{
	struct kube_request requests[SCC_ACCOUNTS];
	struct kube_request *pointers[SCC_ACCOUNTS];
	struct buf bodies[SCC_ACCOUNTS];
	int result;

	for (size_t i = 0; i < SCC_ACCOUNTS; i++) {
		bodies[i] = (struct buf)BUF_INIT;
		access_scc_body(scc->accounts[i].name, scc->name, &bodies[i]);
		requests[i] = (struct kube_request){
			.path = ACCESS_SUBJECT_PATH,
			.body = bodies[i].ptr,
			.delay_ms = delay_ms,
			.reply = BUF_INIT,
		};
		pointers[i] = &requests[i];
	}
	result = kube_run(scc->app->kube, pointers, SCC_ACCOUNTS, err);
	for (size_t i = 0; i < SCC_ACCOUNTS; i++) {
		if (result == 0)
			take_review(scc, &scc->accounts[i], &requests[i]);
		kube_request_clear(&requests[i]);
		buf_clear(&bodies[i]);
	}
	return result;
}

/* ---- all of it */

static int check_exists(const struct scc *scc, struct error *err)
{
	autostrv names = STRV_INIT;
	autofree char *all = NULL;

	for (size_t i = 0; i < json_len(scc->sccs); i++) {
		const char *name = json_str(json_item(scc->sccs, i), "metadata", "name");

		if (streq(name, scc->name))
			return 0;
		strv_push(&names, name ? name : "");
	}
	if (!scc->sccs_known)
		return 0;
	strv_sort(&names);
	all = strv_join(&names, ", ");
	error_set(err, ERROR_NOT_FOUND, "there is no SCC '%s'", scc->name);
	return names.len ? error_hint(err, "there are %s", all) : -1;
}

int scc_read(struct app *app, const char *wanted, bool whole, struct scc *scc, struct error *err)
{
	_Static_assert(SCC_ACCOUNTS == 6, "as many as the tutorial names");
	*scc = (struct scc){
		.app = app,
		.unanswered = STRV_INIT,
		.sccs = json_new_array(),
		.roles = json_new_array(),
		.bindings = json_new_array(),
		.pods = json_new_array(),
		.deployments = json_new_array(),
	};
	for (size_t i = 0; i < SCC_ACCOUNTS; i++)
		scc->accounts[i] =
			(struct scc_account){.name = access_scc_accounts[i], .grants = STRV_INIT};
	if (wanted && !scc_name_valid(wanted))
		return error_set(err, ERROR_USAGE, "'%s' is no name of an SCC", wanted);
	app_progress(app, "reading the cluster");
	if (ask(scc, whole, err) < 0)
		return -1;
	if (!scc->openshift)
		return 0;
	scc_choose(scc);
	if (wanted) {
		scc->asked_for = true;
		str_replace(&scc->name, wanted);
		str_replace(&scc->because, "asked for");
		free(TAKE(scc->warning));
	}
	for (size_t i = 0; i < SCC_ACCOUNTS; i++) {
		find_grants(scc, &scc->accounts[i]);
		find_pod(scc, &scc->accounts[i]);
		find_deployment(scc, &scc->accounts[i]);
	}
	if (check_exists(scc, err) < 0)
		return -1;
	return whole ? scc_review(scc, 0, err) : 0;
}

void scc_clear(struct scc *scc)
{
	for (size_t i = 0; i < SCC_ACCOUNTS; i++) {
		strv_clear(&scc->accounts[i].grants);
		free(scc->accounts[i].pod);
		free(scc->accounts[i].admitted);
		free(scc->accounts[i].refused);
	}
	free(scc->version);
	free(scc->name);
	free(scc->because);
	free(scc->warning);
	strv_clear(&scc->unanswered);
	json_free(scc->sccs);
	json_free(scc->roles);
	json_free(scc->bindings);
	json_free(scc->pods);
	json_free(scc->deployments);
	json_free(scc->release);
}

bool scc_known(const struct scc *scc, const struct scc_account *account)
{
	return account->asked || scc->grants_known || account->allowed;
}

size_t scc_missing(const struct scc *scc)
{
	size_t count = 0;

	for (size_t i = 0; i < SCC_ACCOUNTS; i++)
		count += scc_known(scc, &scc->accounts[i]) && !scc->accounts[i].allowed;
	return count;
}

const char *scc_place(const struct app *app)
{
	return app->kube->context_name ? app->kube->context_name : app_place(app);
}

int scc_need_openshift(const struct scc *scc, struct error *err)
{
	if (scc->openshift)
		return 0;
	error_set(err, ERROR_FAILED, "%s is not OpenShift: it does not serve " SCC_GROUP,
		scc_place(scc->app));
	return error_hint(err, "no other cluster has security context constraints, and none needs "
			       "this");
}

void scc_warn_unanswered(const struct scc *scc)
{
	for (size_t i = 0; i < scc->unanswered.len; i++)
		app_warn(scc->app, "not read: %s", scc->unanswered.items[i]);
}
