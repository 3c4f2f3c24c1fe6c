/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "kube/access.h"
#include "kube/scc.h"
#include "plugin/ask.h"
#include "plugin/command.h"
#include "plugin/scc.h"
#include "plugin/scc_write.h"

struct disable_opts {
	const char *scc;
	bool dry_run, yes;
};

/* clang-format off */
static const struct option options[] = {
	OPT_FLAG(struct disable_opts, dry_run, 0, "dry-run", "let the server check what would be taken away, and take nothing"),
	OPT_STRING(struct disable_opts, scc, 0, "scc", "NAME", "only from this security context constraint, in place of nonroot and nonroot-v2"),
	OPT_FLAG(struct disable_opts, yes, 'y', "yes", "do not ask"),
	OPT_END,
};
/* clang-format on */

static const struct example examples[] = {
	{"what scc enable did, undone", "scc disable"},
	{"after a change to nonroot-v2", "scc disable --scc nonroot"},
	{NULL, NULL},
};

/* The SCCs out of whose bindings the accounts can be taken. */
static int find_bound(
	struct app *app, const struct strv *names, struct strv *bound, struct error *err)
{
	for (size_t i = 0; i < names->len; i++) {
		autojson struct json_object *binding = NULL;
		autostrv removed = STRV_INIT;

		if (scc_get_binding(app->kube, names->items[i], &binding, err) < 0)
			return -1;
		if (!binding || !scc_binding_is(binding, names->items[i]))
			continue;
		scc_binding_remove(binding, &removed);
		if (removed.len)
			strv_push(bound, names->items[i]);
	}
	return 0;
}

/* What others bound stays, and is said. */
static int say_rest(struct app *app, const char *name, struct error *err)
{
	CLEANUP(scc_clear) struct scc scc = {.app = app};
	autoerror why = ERROR_INIT;

	if (scc_read(app, name, true, &scc, &why) < 0)
		return why.kind == ERROR_NOT_FOUND ? 0 : error_move(err, &why);
	app_progress_end(app);
	scc_warn_unanswered(&scc);
	for (size_t i = 0; i < SCC_ACCOUNTS; i++) {
		autofree char *grants = strv_join(&scc.accounts[i].grants, ", ");

		if (scc.accounts[i].grants.len)
			fprintf(app->err, "%s may still use %s by what others bound: %s\n",
				scc.accounts[i].name, name, grants);
	}
	return 0;
}

static int disable(struct app *app, const struct disable_opts *given, const struct strv *names,
	struct error *err)
{
	autostrv bound = STRV_INIT;
	autofree char *list = NULL;

	if (find_bound(app, names, &bound, err) < 0)
		return -1;
	list = strv_join(bound.len ? &bound : names, " and ");
	app_progress_end(app);
	if (!bound.len)
		fprintf(app->out, "nothing to take away: no account of Flux is bound to %s\n",
			list);
	else if (!given->dry_run &&
		 ask_yes(app, given->yes, err,
			 "take SCC %s from the service accounts of Flux in %s? Pods that start "
			 "afterwards may be refused.",
			 list, scc_place(app)) < 0)
		return -1;
	for (size_t i = 0; i < bound.len; i++)
		if (scc_disable(app, bound.items[i], given->dry_run, err) < 0)
			return -1;
	for (size_t i = 0; i < names->len && !given->dry_run; i++)
		if (say_rest(app, names->items[i], err) < 0)
			return -1;
	return 0;
}

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct disable_opts *given = opts;
	CLEANUP(scc_clear) struct scc scc = {.app = app};
	autostrv names = STRV_INIT;

	(void)args;
	if (scc_read(app, given->scc, false, &scc, err) < 0 || scc_need_openshift(&scc, err) < 0)
		return -1;
	app_progress_end(app);
	scc_warn_unanswered(&scc);
	if (given->scc)
		strv_push(&names, given->scc);
	for (size_t i = 0; !given->scc && i < access_scc_names_count; i++)
		strv_push(&names, access_scc_names[i]);
	return disable(app, given, &names, err);
}

const struct command cmd_scc_disable = {
	.name = "scc disable",
	.summary = "Take back what scc enable gave",
	.description = "Takes the six service accounts of Flux out of the ClusterRoleBindings "
		       "system:openshift:scc:nonroot and system:openshift:scc:nonroot-v2. Whom "
		       "others bound there "
		       "stays bound; a binding with nobody left is deleted, unless it is marked to "
		       "be kept. The "
		       "ClusterRole stays. Bindings of other names and the users of the constraint "
		       "itself are not "
		       "touched, and are named if they still let an account use it.",
	.needs = NEEDS_KUBE | NEEDS_LIVE | MUTATES,
	.options = options,
	.opts_size = sizeof(struct disable_opts),
	.examples = examples,
	.run = run,
};
