/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "kube/scc.h"
#include "kube/write.h"
#include "plugin/scc_write.h"

#define RBAC "rbac.authorization.k8s.io"
#define ROLES_PATH "/apis/" RBAC "/v1/clusterroles"
#define BINDINGS_PATH "/apis/" RBAC "/v1/clusterrolebindings"
/* Somebody else wrote at the same time: read and decide anew, so often. */
#define MAX_TRIES 5

static int get(struct kube *kube, const char *collection, const char *name,
	struct json_object **ret, struct error *err)
{
	autofree char *path = xasprintf("%s/" SCC_ROLE_PREFIX "%s", collection, name);
	autoerror why = ERROR_INIT;

	*ret = NULL;
	if (kube_get(kube, path, ret, &why) == 0 || why.kind == ERROR_NOT_FOUND)
		return 0;
	return error_move(err, &why);
}

int scc_get_role(struct kube *kube, const char *name, struct json_object **ret, struct error *err)
{
	return get(kube, ROLES_PATH, name, ret, err);
}

int scc_get_binding(
	struct kube *kube, const char *name, struct json_object **ret, struct error *err)
{
	return get(kube, BINDINGS_PATH, name, ret, err);
}

int scc_check_binding(struct json_object *binding, const char *name, struct error *err)
{
	if (scc_binding_is(binding, name))
		return 0;
	error_set(err, ERROR_FAILED,
		"ClusterRoleBinding '" SCC_ROLE_PREFIX
		"%s' gives %s '%s', not the ClusterRole of its "
		"own name",
		name, json_text(json_get(binding, "roleRef", "kind")),
		json_text(json_get(binding, "roleRef", "name")));
	return error_hint(err,
		"somebody made it by hand, and a roleRef cannot be changed: delete it "
		"after a look at whom it serves");
}

/* As kubectl says what it did. */
static void print_done(
	struct app *app, const char *resource, const char *name, const char *done, bool dry_run)
{
	fprintf(app->out, "%s." RBAC "/" SCC_ROLE_PREFIX "%s %s%s\n", resource, name, done,
		dry_run ? " (server dry run)" : "");
}

/* Who may not is helped by who may. */
static int hint_refused(struct error *err, const char *command)
{
	if (err->kind != ERROR_FORBIDDEN)
		return -1;
	return error_hint(err, "%s", command);
}

/* ---- enable */

static int make_role(struct app *app, const char *name, bool dry_run, struct error *err)
{
	autojson struct json_object *role = NULL;
	autojson struct json_object *made = NULL;
	autoerror why = ERROR_INIT;

	if (scc_get_role(app->kube, name, &role, err) < 0)
		return -1;
	if (role)
		return 0;
	made = scc_new_role(name);
	const struct kube_write write = {
		.how = KUBE_CREATE, .path = ROLES_PATH, .body = made, .dry_run = dry_run};

	if (kube_write(app->kube, &write, NULL, &why) < 0) {
		/* Made by somebody else in between. */
		if (why.kind == ERROR_CONFLICT)
			return 0;
		return error_move(err, &why);
	}
	print_done(app, "clusterrole", name, "created", dry_run);
	return 0;
}

/* One attempt; ERROR_CONFLICT asks for another. */
static int make_binding(struct app *app, const char *name, bool dry_run, struct error *err)
{
	autofree char *path = xasprintf(BINDINGS_PATH "/" SCC_ROLE_PREFIX "%s", name);
	autojson struct json_object *binding = NULL;
	autostrv added = STRV_INIT;
	struct kube_write write = {.how = KUBE_CREATE, .path = BINDINGS_PATH, .dry_run = dry_run};

	if (scc_get_binding(app->kube, name, &binding, err) < 0)
		return -1;
	if (binding) {
		if (scc_check_binding(binding, name, err) < 0)
			return -1;
		scc_binding_add(binding, &added);
		if (!added.len) {
			print_done(app, "clusterrolebinding", name, "unchanged", false);
			return 0;
		}
		write.how = KUBE_REPLACE;
		write.path = path;
	} else {
		binding = scc_new_binding(name);
	}
	write.body = binding;
	if (kube_write(app->kube, &write, NULL, err) < 0)
		return -1;
	print_done(app, "clusterrolebinding", name, added.len ? "configured" : "created", dry_run);
	return 0;
}

int scc_enable(struct app *app, const char *name, bool dry_run, struct error *err)
{
	static const char hint[] =
		"'kubectl flux-arc scc enable -o yaml' prints what a cluster administrator can "
		"apply with kubectl";

	if (make_role(app, name, dry_run, err) < 0)
		return hint_refused(err, hint);
	for (int i = 0; i < MAX_TRIES; i++) {
		error_clear(err);
		if (make_binding(app, name, dry_run, err) == 0)
			return 0;
		if (err->kind != ERROR_CONFLICT)
			return hint_refused(err, hint);
	}
	return -1;
}

/* ---- disable */

/* Only as it was read: a subject that somebody adds meanwhile is not deleted with it. */
static struct json_object *delete_options(struct json_object *binding)
{
	struct json_object *tree = json_new_object();
	struct json_object *conditions = json_new_object();

	json_set_str(
		conditions, "resourceVersion", json_str(binding, "metadata", "resourceVersion"));
	json_set_str(conditions, "uid", json_str(binding, "metadata", "uid"));
	json_set(tree, "preconditions", conditions);
	return tree;
}

static int empty_binding(struct app *app, const char *name, bool dry_run, struct error *err)
{
	autofree char *path = xasprintf(BINDINGS_PATH "/" SCC_ROLE_PREFIX "%s", name);
	autojson struct json_object *binding = NULL;
	autojson struct json_object *options = NULL;
	autostrv removed = STRV_INIT;
	struct kube_write write = {.how = KUBE_REPLACE, .path = path, .dry_run = dry_run};

	if (scc_get_binding(app->kube, name, &binding, err) < 0)
		return -1;
	if (!binding || !scc_binding_is(binding, name))
		return 0;
	scc_binding_remove(binding, &removed);
	if (!removed.len)
		return 0;
	write.body = binding;
	if (scc_binding_is_over(binding)) {
		options = delete_options(binding);
		write.how = KUBE_DELETE;
		write.body = options;
	}
	if (kube_write(app->kube, &write, NULL, err) < 0)
		return -1;
	print_done(app, "clusterrolebinding", name,
		write.how == KUBE_DELETE ? "deleted" : "configured", dry_run);
	return 0;
}

int scc_disable(struct app *app, const char *name, bool dry_run, struct error *err)
{
	for (int i = 0; i < MAX_TRIES; i++) {
		error_clear(err);
		if (empty_binding(app, name, dry_run, err) == 0)
			return 0;
		if (err->kind != ERROR_CONFLICT)
			return -1;
	}
	return -1;
}
