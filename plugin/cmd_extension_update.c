/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/json.h"
#include "plugin/extension.h"

/* Decided when it is created. */
static int refuse_fixed(const struct extension_opts *opts, struct error *err)
{
	const struct {
		const char *option, *value;
	} fixed[] = {
		{"extension-type", opts->extension_type},
		{"scope", opts->scope},
		{"release-namespace", opts->release_namespace},
		{"target-namespace", opts->target_namespace},
		{"plan-name", opts->plan_name},
		{"plan-product", opts->plan_product},
		{"plan-publisher", opts->plan_publisher},
	};

	for (size_t i = 0; i < countof(fixed); i++)
		if (fixed[i].value)
			return error_set(err, ERROR_USAGE,
				"--%s cannot be changed: it is decided when an extension is "
				"created",
				fixed[i].option);
	return opts->ignore_scc
		       ? error_set(err, ERROR_USAGE, "--ignore-scc is for 'extension create'")
		       : 0;
}

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct extension_opts *wanted = opts;
	autoextension extension = EXTENSION_INIT;
	autojson struct json_object *patch = NULL;

	(void)args;
	if (refuse_fixed(wanted, err) < 0 ||
		extension_read_existing(app->azure, wanted->azure.name, &extension, err) < 0 ||
		extension_ask(wanted, &extension, err) < 0)
		return -1;
	/* Of another type than Flux's nothing is known. */
	extension.asked.type = json_str(extension.now, "properties", "extensionType");
	if (extension_check(&extension, err) < 0)
		return -1;
	patch = arm_extension_patch(&extension.asked, extension.now);
	if (!patch) {
		fprintf(app->err, "nothing to change: '%s' is as it was asked for\n",
			extension.name);
		return 0;
	}
	extension_print_diff(&extension, patch);
	return extension_send(&extension, "PATCH", patch, "update extension", "updated", err);
}

static const struct example examples[] = {
	{"give source-controller more memory",
		"extension update --memory-limit source-controller=2Gi"},
	{"the same as az has it", "extension update -g flux-demo-rg -c flux-demo-arc -t "
				  "connectedClusters --name flux "
				  "--config source-controller.resources.limits.memory=2Gi "
				  "source-controller.resources.requests.memory=300Mi"},
	{"take a setting away, without a question",
		"extension update --unset helm-controller.detectDrift --yes"},
	{"the request that would be sent", "extension update --strict-substitution --dry-run"},
	{NULL, NULL},
};

const struct command cmd_extension_update = {
	.name = "extension update",
	.needs = NEEDS_AZURE_CLUSTER,
	.summary = "Change settings or the version of the extension",
	.description = "What was not given stays as it is. The difference is shown and has to be "
		       "agreed to; nothing is "
		       "sent if there is none. Every switch has its off form "
		       "(--strict-substitution=false), and --unset "
		       "takes a setting away, so that its default holds again.",
	.options = extension_options,
	.opts_size = sizeof(struct extension_opts),
	.examples = examples,
	.run = run,
};
