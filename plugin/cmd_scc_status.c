/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "kube/scc.h"
#include "plugin/command.h"
#include "plugin/output.h"
#include "plugin/scc.h"
#include "plugin/table.h"

#define ENABLE "kubectl flux-arc scc enable"

struct status_opts {
	const char *output, *scc;
};

/* clang-format off */
static const struct option options[] = {
	OPT_CHOICE(struct status_opts, output, 'o', "output", "FORMAT", "text, json or yaml", "text " OUTPUT_FORMATS),
	OPT_STRING(struct status_opts, scc, 0, "scc", "NAME", "the security context constraint that is looked for, in place of the one that is needed"),
	OPT_END,
};
/* clang-format on */

static const struct example examples[] = {
	{"which service accounts may use the constraint that they need", "scc status"},
	{"the same for another one", "scc status --scc anyuid"},
	{NULL, NULL},
};

/* "yes", "no", or "?" where neither a review nor the bindings could tell. */
static const char *may_use(const struct scc *scc, const struct scc_account *account)
{
	if (!scc_known(scc, account))
		return "?";
	return account->allowed ? "yes" : "no";
}

static const char *pod_words(const struct scc_account *account)
{
	if (account->pod)
		return account->pod;
	if (account->refused)
		return "refused";
	return account->deployed ? "none" : "not deployed";
}

static void print_table(const struct scc *scc)
{
	static const struct table_column columns[] = {
		{"SERVICE ACCOUNT", false, false},
		{"MAY USE", false, false},
		{"GRANTED BY", true, false},
		{"POD", false, false},
		{"ADMITTED BY", false, false},
	};
	CLEANUP(table_free_pointer) struct table *table = table_new(columns, countof(columns));

	for (size_t i = 0; i < SCC_ACCOUNTS; i++) {
		const struct scc_account *account = &scc->accounts[i];
		autofree char *grants = strv_join(&account->grants, ", ");
		const char *cells[] = {account->name, may_use(scc, account),
			account->grants.len ? grants : "-", pod_words(account),
			account->admitted ? account->admitted : "-"};

		table_add(table, cells, account->allowed ? STYLE_GOOD : STYLE_BAD, 1);
	}
	table_print(table, scc->app, true, 0);
}

static void print_text(const struct scc *scc)
{
	FILE *out = scc->app->out;
	size_t missing = scc_missing(scc);

	if (!scc->openshift) {
		fprintf(out, "%s is not OpenShift: no security context constraint is needed\n",
			scc_place(scc->app));
		return;
	}
	fprintf(out, "OpenShift%s%s, SCC %s: %s\n\n", scc->version ? " " : "",
		scc->version ? scc->version : "", scc->name, scc->because);
	print_table(scc);
	for (size_t i = 0; i < SCC_ACCOUNTS; i++)
		if (scc->accounts[i].refused)
			fprintf(out, "\n%s: %s\n", scc->accounts[i].name, scc->accounts[i].refused);
	if (scc->warning)
		fprintf(out, "\n%s\n", scc->warning);
	for (size_t i = 0; i < scc->unanswered.len; i++)
		fprintf(out, "%snot read: %s\n", i ? "" : "\n", scc->unanswered.items[i]);
	if (missing)
		fprintf(out, "\n%zu of %d may not use %s: " ENABLE "%s%s\n", missing, SCC_ACCOUNTS,
			scc->name, scc->asked_for ? " --scc " : "",
			scc->asked_for ? scc->name : "");
}

/* ---- as a tree */

static struct json_object *strings(const struct strv *strv)
{
	struct json_object *list = json_new_array();

	for (size_t i = 0; i < strv->len; i++)
		json_push(list, json_new_string(strv->items[i]));
	return list;
}

static struct json_object *account_tree(const struct scc *scc, const struct scc_account *account)
{
	struct json_object *tree = json_new_object();

	json_set_str(tree, "serviceAccount", account->name);
	json_set(tree, "mayUse", scc_known(scc, account) ? json_new_bool(account->allowed) : NULL);
	json_set(tree, "reviewed", json_new_bool(account->asked));
	json_set(tree, "grantedBy", strings(&account->grants));
	json_set(tree, "deployed", json_new_bool(account->deployed));
	json_set_str(tree, "pod", account->pod);
	json_set_str(tree, "admittedBy", account->admitted);
	json_set_str(tree, "refused", account->refused);
	return tree;
}

static struct json_object *status_tree(const struct scc *scc)
{
	struct json_object *tree = json_new_object();
	struct json_object *accounts = json_new_array();
	autofree char *next = NULL;

	json_set(tree, "openshift", json_new_bool(scc->openshift));
	json_set_str(tree, "version", scc->version);
	json_set_str(tree, "scc", scc->name);
	json_set_str(tree, "because", scc->because);
	json_set_str(tree, "warning", scc->warning);
	for (size_t i = 0; scc->openshift && i < SCC_ACCOUNTS; i++)
		json_push(accounts, account_tree(scc, &scc->accounts[i]));
	json_set(tree, "serviceAccounts", accounts);
	json_set(tree, "notRead", strings(&scc->unanswered));
	if (scc->openshift && scc_missing(scc))
		next = xasprintf(ENABLE "%s%s", scc->asked_for ? " --scc " : "",
			scc->asked_for ? scc->name : "");
	json_set_str(tree, "next", next);
	return tree;
}

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct status_opts *given = opts;
	CLEANUP(scc_clear) struct scc scc = {.app = app};
	autojson struct json_object *tree = NULL;

	(void)args;
	if (scc_read(app, given->scc, true, &scc, err) < 0)
		return -1;
	app_progress_end(app);
	if (!given->output || streq(given->output, "text")) {
		print_text(&scc);
	} else {
		tree = status_tree(&scc);
		if (output_tree(app, given->output, tree, err) < 0)
			return -1;
	}
	if (scc.openshift && (scc_missing(&scc) || scc.unanswered.len || scc.warning))
		return error_set(err, ERROR_FINDINGS, "%s", "");
	return 0;
}

const struct command cmd_scc_status = {
	.name = "scc status",
	.summary = "Show whether OpenShift lets the controllers' pods run, and by what",
	.description =
		"On OpenShift the pods of Flux need the security context constraint nonroot or, if "
		"they set a seccompProfile, nonroot-v2. For each of the six service accounts: may "
		"it "
		"use the constraint (asked by a SubjectAccessReview), what gives that, and which "
		"constraint let its pod in. Other clusters need nothing.\n\n"
		"The exit status is 3 when something is missing, or was not answered.",
	.needs = NEEDS_KUBE | NEEDS_LIVE,
	.options = options,
	.opts_size = sizeof(struct status_opts),
	.examples = examples,
	.run = run,
};
