/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "plugin/app.h"
#include "plugin/version.h"

struct version_opts {
	bool client;
};

/* clang-format off */
static const struct option options[] = {
	OPT_FLAG(struct version_opts, client, 0, "client", "the version of this program only: no cluster is asked"),
	OPT_END,
};
/* clang-format on */

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct version_opts *wanted = opts;

	(void)args;
	fprintf(app->out, "Client Version: %s\n", version_number());
	fprintf(app->out, "Commit: %s, for %s\n", version_commit(), version_platform());
	if (wanted->client)
		return 0;
	return app_open_kube(app, err);
}

static const struct example examples[] = {
	{"this program alone, without a cluster", "version --client"},
	{NULL, NULL},
};

const struct command cmd_version = {
	.name = "version",
	.max_args = 0,
	.summary = "Show the versions of this program and of the cluster",
	.options = options,
	.opts_size = sizeof(struct version_opts),
	.examples = examples,
	.run = run,
};
