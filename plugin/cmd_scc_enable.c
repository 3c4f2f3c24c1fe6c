/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "kube/scc.h"
#include "plugin/command.h"
#include "plugin/output.h"
#include "plugin/scc.h"
#include "plugin/scc_write.h"

/* A new binding is known to the authorizer a moment after it was made: asked so often, so far apart. */
#define REVIEWS 20
#define REVIEW_MS 250

struct enable_opts {
	const char *output, *scc;
	bool dry_run;
};

/* clang-format off */
static const struct option options[] = {
	OPT_FLAG(struct enable_opts, dry_run, 0, "dry-run", "let the server check what would be made, and make nothing"),
	OPT_CHOICE(struct enable_opts, output, 'o', "output", "FORMAT", "print the objects as json or yaml, for somebody else to apply, and change nothing", OUTPUT_FORMATS),
	OPT_STRING(struct enable_opts, scc, 0, "scc", "NAME", "this security context constraint, in place of the one that is needed"),
	OPT_END,
};
/* clang-format on */

static const struct example examples[] = {
	{"let the controllers' pods run on OpenShift", "scc enable"},
	{"objects for an administrator: kubectl apply -f scc.yaml", "scc enable -o yaml"},
	{NULL, NULL},
};

static void say_why(const struct scc *scc)
{
	fprintf(scc->app->err, "SCC %s: %s\n", scc->name, scc->because);
	scc_warn_unanswered(scc);
	if (scc->warning)
		app_warn(scc->app, "%s", scc->warning);
}

/* ---- the objects, to hand on */

/* The binding complete with those whom others bound: applying it takes nothing from them. */
static struct json_object *binding_to_apply(struct scc *scc, struct error *err)
{
	autojson struct json_object *binding = NULL;
	struct json_object *made = scc_new_binding(scc->name);
	autostrv added = STRV_INIT;
	autoerror why = ERROR_INIT;

	if (scc_get_binding(scc->app->kube, scc->name, &binding, &why) < 0)
		app_warn(scc->app,
			"whom others bound could not be read, and would be unbound: look at the "
			"ClusterRoleBinding before you apply this (%s)",
			why.message);
	if (!binding)
		return made;
	if (scc_check_binding(binding, scc->name, err) < 0) {
		json_free(made);
		return NULL;
	}
	scc_binding_add(binding, &added);
	json_set(made, "subjects", json_ref(json_get(binding, "subjects")));
	return made;
}

static int print_objects(struct scc *scc, const char *format, struct error *err)
{
	autojson struct json_object *role = NULL;
	autojson struct json_object *list = json_new_object();
	struct json_object *items = json_new_array();
	struct json_object *binding;
	autoerror why = ERROR_INIT;
	bool known;

	json_set_str(list, "apiVersion", "v1");
	json_set_str(list, "kind", "List");
	json_set(list, "items", items);
	binding = binding_to_apply(scc, err);
	if (!binding)
		return -1;
	/* OpenShift has the role itself; only where it is known to be missing it is ours to make. */
	known = scc_get_role(scc->app->kube, scc->name, &role, &why) == 0;
	if (!known)
		app_warn(scc->app, "whether the ClusterRole is there could not be read: %s",
			why.message);
	if (known && !role)
		json_push(items, scc_new_role(scc->name));
	json_push(items, binding);
	app_progress_end(scc->app);
	return output_tree(scc->app, format, list, err);
}

/* ---- the change */

static int verify(struct scc *scc, struct error *err)
{
	autostrv missing = STRV_INIT;
	autofree char *names = NULL;

	for (int i = 0; i < REVIEWS; i++) {
		strv_clear(&scc->unanswered);
		if (scc_review(scc, i ? REVIEW_MS : 0, err) < 0)
			return error_wrap(err, "bound, but not verified");
		if (scc->unanswered.len || !scc_missing(scc))
			break;
	}
	app_progress_end(scc->app);
	if (scc->unanswered.len) {
		app_warn(scc->app, "bound, but not verified: %s", scc->unanswered.items[0]);
		return 0;
	}
	for (size_t i = 0; i < SCC_ACCOUNTS; i++)
		if (!scc->accounts[i].allowed)
			strv_push(&missing, scc->accounts[i].name);
	if (!missing.len) {
		fprintf(scc->app->out, "%d service accounts of " SCC_NAMESPACE " may use SCC %s\n",
			SCC_ACCOUNTS, scc->name);
		return 0;
	}
	names = strv_join(&missing, ", ");
	error_set(err, ERROR_FAILED,
		"bound, but the API server says that these may not use SCC %s: %s", scc->name,
		names);
	return error_hint(err,
		"what the role allows: kubectl get clusterrole " SCC_ROLE_PREFIX "%s -o yaml",
		scc->name);
}

static void say_restart(const struct scc *scc)
{
	for (size_t i = 0; i < SCC_ACCOUNTS; i++) {
		if (!scc->accounts[i].refused)
			continue;
		fprintf(scc->app->err, "pods that were refused are tried again by themselves, at "
				       "the latest after a "
				       "quarter of an hour; at once: kubectl -n " SCC_NAMESPACE
				       " rollout restart deployment\n");
		return;
	}
}

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct enable_opts *given = opts;
	CLEANUP(scc_clear) struct scc scc = {.app = app};

	(void)args;
	if (scc_read(app, given->scc, false, &scc, err) < 0 || scc_need_openshift(&scc, err) < 0)
		return -1;
	app_progress_end(app);
	say_why(&scc);
	if (given->output)
		return print_objects(&scc, given->output, err);
	app_progress(app, "the cluster");
	if (scc_enable(app, scc.name, given->dry_run, err) < 0)
		return -1;
	if (given->dry_run)
		return 0;
	if (verify(&scc, err) < 0)
		return -1;
	say_restart(&scc);
	return 0;
}

const struct command cmd_scc_enable = {
	.name = "scc enable",
	.summary = "Let OpenShift run the controllers' pods",
	.description =
		"Binds the six service accounts of Flux to the security context constraint that "
		"their "
		"pods need, as six 'oc adm policy add-scc-to-user' would: in ClusterRoleBinding "
		"system:openshift:scc:NAME, beside whatever is bound there. The ClusterRole of "
		"that name "
		"is made where it is absent. nonroot-v2 is chosen where the pods set a "
		"seccompProfile (the "
		"extension since 1.22.1) and OpenShift has it (since 4.11), else nonroot; the "
		"reason is "
		"said. Afterwards the API server is asked whether each account may use it. What is "
		"there "
		"already is left as it is.",
	.needs = NEEDS_KUBE | NEEDS_LIVE | MUTATES,
	.options = options,
	.opts_size = sizeof(struct enable_opts),
	.examples = examples,
	.run = run,
};
