/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "plugin/app.h"
#include "plugin/check.h"
#include "plugin/check_azure.h"
#include "plugin/command.h"
#include "plugin/output.h"

struct check_opts {
	bool pre;
	const char *output, *cloud, *region;
};

static const struct option options[] = {
	OPT_CHOICE(struct check_opts, cloud, 0, "cloud", "CLOUD",
		"Azure cloud for the endpoints of --pre: public, usgov or china",
		"public usgov china"),
	OPT_CHOICE(struct check_opts, output, 'o', "output", "FORMAT", "text, json or yaml",
		"text json yaml"),
	OPT_FLAG_LIVE(struct check_opts, pre, 0, "pre",
		"look at what an installation of the extension would meet"),
	OPT_STRING(struct check_opts, region, 0, "region", "REGION",
		"Azure region for the endpoints of --pre, as eastus2"),
	OPT_END,
};

static const struct example examples[] = {
	{"the installation", "check"},
	{"the place for one, endpoints of a region included", "check --pre --region eastus2"},
	{"ids of what was found, for a script", "check -o json"},
	{NULL, NULL},
};

static int survey(struct check *check, struct error *err)
{
	struct survey_options options_read = {
		.parts = SURVEY_FLUX | SURVEY_AZURE | SURVEY_WORKLOADS | SURVEY_PODS |
			 SURVEY_CLUSTER | SURVEY_CRDS,
	};

	if (check->pre)
		options_read.parts |= SURVEY_QUOTAS;
	app_progress(check->app, "reading the cluster");
	if (survey_read(check->app->kube, &options_read, &check->survey, err) < 0)
		return -1;
	check->install = install_read(check->survey);
	return 0;
}

/* Whose cloud it is decides which endpoints matter. */
static const char *cloud_word(const struct azure *azure)
{
	if (streq(azure->cloud.name, "AzureUSGovernment"))
		return "usgov";
	return streq(azure->cloud.name, "AzureChinaCloud") ? "china" : "public";
}

/* Where Azure cannot be asked the cluster's half stands, and that is said. */
static void ask_azure(struct check *check, const struct check_opts *given)
{
	autoerror err = ERROR_INIT;
	const char *location;

	check->azure = check_azure_read(check->app, &err);
	if (!check->azure) {
		check_unanswered(check, "Azure (providers, connection, permissions): %.*s%s",
			(int)strcspn(err.message, "\n"), err.message,
			err.kind == ERROR_UNAUTHORIZED
				? ": 'kubectl flux-arc login status' tells why"
				: "");
		return;
	}
	if (!given->cloud)
		check->cloud = cloud_word(check->azure->azure);
	location = json_str(check->azure->cluster.reply, "location");
	if (!given->region && location)
		check->region = location;
}

static int print(const struct check *check, const char *format, struct error *err)
{
	autojson struct json_object *tree = NULL;

	app_progress_end(check->app);
	if (!format || streq(format, "text")) {
		check_print(check);
		return 0;
	}
	tree = check_json(check);
	return output_tree(check->app, format, tree, err);
}

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct check_opts *given = opts;
	CLEANUP(check_clear)
	struct check check = {
		.app = app,
		.pre = given->pre,
		.cloud = given->cloud ? given->cloud : "public",
		.region = given->region,
		.passed = STRV_INIT,
		.unanswered = STRV_INIT,
	};

	(void)args;
	if (survey(&check, err) < 0)
		return -1;
	if (check.pre)
		ask_azure(&check, given);
	check_all(&check);
	if (print(&check, given->output, err) < 0)
		return -1;
	if (check.count)
		return error_set(err, ERROR_FINDINGS, "%s", "");
	if (check.unanswered.len)
		return error_set(err, ERROR_FINDINGS, "%s", "");
	return 0;
}

const struct command cmd_check = {
	.name = "check",
	.summary = "Find what is wrong with the installation, and what helps",
	.description =
		"Looks at controllers, agents, CRDs, versions, the extension and your permissions. "
		"Each finding "
		"says what was seen, why it matters and what to type. A question that could not be "
		"asked is "
		"listed as that; then, and with any finding, the exit status is 3.\n\n"
		"--pre looks at a cluster that Flux is to be installed on: nodes, quotas, Pod "
		"Security, another "
		"Flux, and whether Azure's endpoints answer from this machine (proxies honoured). "
		"Where "
		"somebody is signed in, Azure is asked as well: providers registered, the cluster "
		"connected or on a managed identity, its region, the extension and its support, "
		"and what "
		"you may do there.",
	.needs = NEEDS_KUBE,
	.options = options,
	.opts_size = sizeof(struct check_opts),
	.examples = examples,
	.run = run,
};
