/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "plugin/extension.h"

/* az would replace it without a word. */
static int refuse_existing(struct extension *extension, struct error *err)
{
	autojson struct json_object *patch = arm_extension_patch(&extension->asked, extension->now);
	const struct arm_target *target = &extension->azure->target;

	if (patch) {
		fprintf(extension->app->err, "What was asked differs from what is there:\n");
		extension_print_diff(extension, patch);
	}
	error_set(err, ERROR_FAILED, "the extension '%s' is there already%s", extension->name,
		patch ? "" : ", as it was asked for");
	return error_hint(err,
		"kubectl flux-arc extension update -g %s -c %s -t %s -n %s … changes it",
		target->group, target->cluster, target->type->name, extension->name);
}

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	const struct extension_opts *wanted = opts;
	autoextension extension = EXTENSION_INIT;
	autojson struct json_object *body = NULL;
	autofree char *location = NULL;

	(void)args;
	if (wanted->unset.len)
		return error_set(
			err, ERROR_USAGE, "--unset: nothing is there yet that could be taken away");
	if (extension_read(app->azure, wanted->azure.name, &extension, err) < 0 ||
		extension_ask(wanted, &extension, err) < 0)
		return -1;
	if (extension.now)
		return refuse_existing(&extension, err);
	if (extension_check(&extension, err) < 0 || extension_check_scc(&extension, err) < 0 ||
		extension_location(app->azure, &location, err) < 0)
		return -1;
	body = arm_extension_body(&extension.asked, location);
	return extension_send(&extension, "PUT", body, "create extension", "created", err);
}

static const struct example examples[] = {
	{"install Flux on the kubeconfig context's cluster", "extension create"},
	{"with the image controllers",
		"extension create -g flux-demo-rg -c flux-demo-arc -t connectedClusters "
		"--enable image-automation-controller --enable image-reflector-controller"},
	{"as az has it", "extension create -g flux-demo-rg -c flux-demo-arc -t connectedClusters "
			 "--name flux "
			 "--extension-type microsoft.flux --config "
			 "image-automation-controller.enabled=true"},
	{NULL, NULL},
};

const struct command cmd_extension_create = {
	.name = "extension create",
	.needs = NEEDS_AZURE_CLUSTER,
	.summary = "Install the extension microsoft.flux on a cluster",
	.description = "Settings are checked before anything is sent: a misspelt key is answered "
		       "with the nearest right "
		       "one, and a value that is impossible, a key that is newer than a pinned "
		       "release, or settings "
		       "that exclude each other are said. An extension that is there already is "
		       "never replaced.\n\n"
		       "Where the kubeconfig leads to the cluster and that is OpenShift, the "
		       "command stops if the "
		       "controllers' pods would be refused there.",
	.options = extension_options,
	.opts_size = sizeof(struct extension_opts),
	.examples = examples,
	.run = run,
};
