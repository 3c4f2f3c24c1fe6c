/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "plugin/ask.h"
#include "plugin/extension.h"

typedef struct extension_show_opts T;

/* clang-format off */
static const struct option options[] = {
	AZURE_OPT_API_VERSION(T),
	AZURE_OPT_AUTH(T),
	AZURE_OPT_CLOUD(T),
	AZURE_OPT_CLUSTER(T),
	AZURE_OPT_PROVIDER(T),
	OPT_ALIAS("cluster-rp", "cluster-resource-provider"),
	AZURE_OPT_TYPE(T),
	AZURE_OPT_DRY_RUN(T),
	OPT_FLAG(T, force, 0, "force", "let Azure forget it without waiting for the cluster, where all stays behind"),
	OPT_FLAG(T, ignore_configurations, 0, "ignore-configurations", "delete it although there are configurations"),
	AZURE_OPT_NAME(T, "name of the extension; without it the one of microsoft.flux"),
	AZURE_OPT_NO_WAIT(T),
	AZURE_OPT_GROUP(T),
	AZURE_OPT_SUBSCRIPTION(T),
	AZURE_OPT_TENANT(T),
	AZURE_OPT_TOKEN_FILE(T),
	AZURE_OPT_YES(T),
	OPT_END,
};
/* clang-format on */

/* Without the extension nothing takes their objects away, and they stay in deletion for ever. */
static int refuse_configurations(struct extension *extension, bool ignore, struct error *err)
{
	struct azure *azure = extension->azure;
	autofree char *path = arm_target_child(&azure->target, "fluxConfigurations", NULL);
	autojson struct json_object *list = NULL;
	autobuf names = BUF_INIT;

	if (ignore)
		return 0;
	if (arm_list(azure->arm, path, arm_api_version(azure->arm, ARM_FLUX_CONFIGURATIONS), &list,
		    err) < 0)
		return error_wrap(err, "looking for configurations");
	for (size_t i = 0; i < json_len(list); i++)
		buf_addf(&names, "%s%s", i ? ", " : "", json_str(json_item(list, i), "name"));
	if (!json_len(list))
		return 0;
	error_set(err, ERROR_FAILED,
		"%zu configuration%s still on %s: %s. Without the extension nothing removes what "
		"they made, "
		"nor them",
		json_len(list), json_len(list) == 1 ? " is" : "s are", azure->target.cluster,
		names.ptr);
	return error_hint(err,
		"kubectl flux-arc config delete -g %s -c %s -t %s -n %s    "
		"(--ignore-configurations goes on all "
		"the same)",
		azure->target.group, azure->target.cluster, azure->target.type->name,
		json_str(json_item(list, 0), "name"));
}

static int agree(const struct extension *extension, struct error *err)
{
	const struct azure_flags *flags = extension->azure->flags;
	autofree char *place = azure_place(extension->azure);
	autofree char *actor = NULL;

	if (flags->yes || flags->dry_run)
		return 0;
	actor = azure_actor(extension->azure, err);
	if (!actor)
		return -1;
	return ask_yes(extension->app, false, err, "delete extension '%s' from %s, %s?",
		extension->name, place, actor);
}

static void tell_rest(const struct extension *extension, const struct extension_show_opts *wanted)
{
	FILE *out = extension->app->err;

	if (wanted->ignore_configurations)
		fputs("configurations were not looked at: those that are there stay, and so does "
		      "what they made\n",
			out);
	if (wanted->force)
		fputs("Azure has forgotten it; nothing was removed from the cluster: 'helm "
		      "uninstall flux -n "
		      "flux-system' does that\n",
			out);
	else
		fputs("left behind: the custom resource definitions of Flux, and what "
		      "configurations without "
		      "prune had made\n",
			out);
}

static int delete_it(
	struct extension *extension, const struct extension_show_opts *wanted, struct error *err)
{
	CLEANUP(arm_request_clear) struct arm_request request = ARM_REQUEST_INIT;
	struct azure *azure = extension->azure;
	autofree char *what = xasprintf("deleting extension '%s'", extension->name);

	request.method = "DELETE";
	request.path = extension->path;
	request.query = wanted->force ? "forceDelete=true" : NULL;
	request.api_version = arm_api_version(azure->arm, ARM_EXTENSIONS);
	request.absent_ok = true;
	if (azure->flags->dry_run)
		return azure_print_request(azure, &request, err);
	if (azure_change(azure, &request, what, NULL, err) < 0)
		return -1;
	if (azure->flags->no_wait)
		return 0;
	fprintf(extension->app->out, "extension '%s' deleted\n", extension->name);
	tell_rest(extension, wanted);
	return 0;
}

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct extension_show_opts *wanted = opts;
	autoextension extension = EXTENSION_INIT;

	(void)args;
	if (azure_require_typed(app->azure, err) < 0 ||
		extension_read(app->azure, wanted->azure.name, &extension, err) < 0)
		return -1;
	if (!extension.now) {
		fprintf(app->err, "no extension '%s' on %s: nothing to delete\n", extension.name,
			app->azure->target.cluster);
		return 0;
	}
	if (refuse_configurations(&extension, wanted->ignore_configurations, err) < 0 ||
		agree(&extension, err) < 0)
		return -1;
	return delete_it(&extension, wanted, err);
}

static const struct example examples[] = {
	{"remove Flux from the kubeconfig context's cluster, after a question", "extension delete"},
	{"the same in a script", "extension delete -g flux-demo-rg -c flux-demo-arc -t "
				 "connectedClusters -n flux --yes"},
	{NULL, NULL},
};

const struct command cmd_extension_delete = {
	.name = "extension delete",
	.needs = NEEDS_AZURE_CLUSTER,
	.summary = "Remove the extension from a cluster",
	.description = "Refuses while the cluster has configurations: they have to go first, since "
		       "without the extension "
		       "nothing removes what they made. With --yes the cluster has to be named.",
	.options = options,
	.opts_size = sizeof(struct extension_show_opts),
	.examples = examples,
	.run = run,
};
