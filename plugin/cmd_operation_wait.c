/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "arm/operation.h"
#include "base/alloc.h"
#include "base/json.h"
#include "plugin/azure.h"
#include "plugin/output.h"
#include "plugin/text.h"

struct wait_opts {
	struct azure_flags azure;
	const char *output;
};

/* clang-format off */
static const struct option options[] = {
	AZURE_OPT_AUTH(struct wait_opts),
	AZURE_OPT_CLOUD(struct wait_opts),
	OPT_CHOICE(struct wait_opts, output, 'o', "output", "FORMAT", "the resource at the end: json or yaml", OUTPUT_FORMATS),
	AZURE_OPT_TENANT(struct wait_opts),
	AZURE_OPT_TOKEN_FILE(struct wait_opts),
	OPT_END,
};
/* clang-format on */

/* "extensions/flux", the end of the resource's path; borrowed. */
static const char *short_name(const char *resource)
{
	const char *at = resource + strlen(resource);
	int slashes = 0;

	while (at > resource && slashes < 2)
		slashes += *--at == '/';
	return slashes == 2 ? at + 1 : resource;
}

static void on_poll(void *ctx, const char *status)
{
	struct app *app = ctx;
	int64_t since = app->waiting_since;

	app_progress(app, "Azure, which says %s", status);
	app->waiting_since = since;
}

static int print_end(struct app *app, const char *format, const struct arm_operation *operation,
	struct error *err)
{
	autobuf safe = BUF_INIT;

	app_progress_end(app);
	if (format && operation->reply)
		return output_tree(app, format, operation->reply, err);
	text_safe(&safe, short_name(operation->resource));
	fprintf(app->out, "%s: %s%s\n", safe.ptr, operation->status,
		operation->reply ? "" : ", it is not there (any more)");
	return 0;
}

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct wait_opts *wanted = opts;
	CLEANUP(arm_operation_clear) struct arm_operation operation = ARM_OPERATION_INIT;
	struct arm *arm = app->azure->arm;

	if (arm_operation_resume(arm, args->items[0], &operation, err) < 0)
		return -1;
	app_progress(app, "Azure to end the operation on %s", short_name(operation.resource));
	if (arm_operation_wait(arm, &operation, on_poll, app, err) < 0)
		return -1;
	return print_end(app, wanted->output, &operation, err);
}

static const struct example examples[] = {
	{"wait for what 'extension create --no-wait' has printed",
		"operation wait "
		"'https://management.azure.com/subscriptions/00000000-0000-0000-0000-000000000000/"
		"resourceGroups/flux-demo-rg/providers/Microsoft.Kubernetes/connectedClusters/"
		"flux-demo-arc/providers/Microsoft.KubernetesConfiguration/extensions/flux/"
		"operations/1f2e3d4c?api-version=2024-11-01'"},
	{NULL, NULL},
};

const struct command cmd_operation_wait = {
	.name = "operation wait",
	.args = "URL",
	.min_args = 1,
	.max_args = 1,
	.needs = NEEDS_ARM,
	.summary = "Wait for a change in Azure that was begun earlier",
	.description = "Takes the address that a command printed with --no-wait, or when it was "
		       "interrupted, and polls it "
		       "until Azure is done; then shows how it ended. An address that is not the "
		       "cloud's own is refused, so "
		       "that no token is sent elsewhere. Exit status 1 if the operation failed.",
	.options = options,
	.opts_size = sizeof(struct wait_opts),
	.examples = examples,
	.run = run,
};
