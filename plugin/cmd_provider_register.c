/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/time.h"
#include "plugin/ask.h"
#include "plugin/provider.h"

#define POLL_MS 5000
#define LONGEST_MS ((int64_t)10 * 60 * 1000)

struct register_opts {
	struct azure_flags azure;
};

/* clang-format off */
static const struct option options[] = {
	AZURE_OPT_AUTH(struct register_opts),
	AZURE_OPT_CLOUD(struct register_opts),
	AZURE_OPT_DRY_RUN(struct register_opts),
	AZURE_OPT_NO_WAIT(struct register_opts),
	AZURE_OPT_SUBSCRIPTION(struct register_opts),
	AZURE_OPT_TENANT(struct register_opts),
	AZURE_OPT_TOKEN_FILE(struct register_opts),
	AZURE_OPT_YES(struct register_opts),
	OPT_END,
};
/* clang-format on */

/* " A, B": those that are not registered; empty if all are. */
static void add_missing(struct buf *out, const struct providers *providers)
{
	for (size_t i = 0; i < providers->len; i++)
		if (!provider_registered(&providers->items[i]))
			buf_addf(out, "%s %s", out->len ? "," : "", providers->items[i].namespace);
}

static int send_one(struct azure *azure, const struct provider *provider, struct error *err)
{
	CLEANUP(arm_request_clear) struct arm_request request = ARM_REQUEST_INIT;
	autofree char *above = provider_path(azure, provider);
	autofree char *path = xasprintf("%s/register", above);

	request.method = "POST";
	request.path = path;
	request.api_version = arm_api_version(azure->arm, ARM_PROVIDERS);
	if (azure->flags->dry_run)
		return azure_print_request(azure, &request, err);
	if (arm_send(azure->arm, &request, err) < 0)
		return error_wrap(err, "registering '%s'", provider->namespace);
	return 0;
}

static int send_all(struct azure *azure, const struct providers *providers, struct error *err)
{
	for (size_t i = 0; i < providers->len; i++)
		if (!provider_registered(&providers->items[i]) &&
			send_one(azure, &providers->items[i], err) < 0)
			return -1;
	return 0;
}

static int wait_for_all(struct azure *azure, struct providers *providers, struct error *err)
{
	int64_t until = time_monotonic() + LONGEST_MS;

	for (;;) {
		autobuf missing = BUF_INIT;
		int64_t since = azure->app->waiting_since;

		add_missing(&missing, providers);
		if (!missing.len)
			return 0;
		app_progress(azure->app, "Azure to register%s", missing.ptr);
		azure->app->waiting_since = since;
		if (time_monotonic() > until) {
			error_set(err, ERROR_TIMEOUT, "not registered after ten minutes:%s",
				missing.ptr);
			return error_hint(err, "Azure goes on: look again with 'provider show'");
		}
		if (providers_read(azure, providers, POLL_MS, err) < 0)
			return -1;
	}
}

static void print_states(struct app *app, const struct providers *providers)
{
	for (size_t i = 0; i < providers->len; i++)
		fprintf(app->out, "%s: %s\n", providers->items[i].namespace,
			provider_state(&providers->items[i]));
}

static int confirm(struct azure *azure, const char *missing, struct error *err)
{
	autofree char *actor = NULL;

	if (azure->flags->yes)
		return 0;
	actor = azure_actor(azure, err);
	if (!actor)
		return -1;
	return ask_yes(azure->app, false, err, "Register%s in subscription %s, %s?", missing,
		azure->target.subscription, actor);
}

static int register_all(struct azure *azure, struct providers *providers, struct error *err)
{
	autobuf missing = BUF_INIT;

	add_missing(&missing, providers);
	if (missing.len && azure->flags->dry_run)
		return send_all(azure, providers, err);
	if (missing.len &&
		(confirm(azure, missing.ptr, err) < 0 || send_all(azure, providers, err) < 0))
		return -1;
	if (azure->flags->no_wait ? missing.len && providers_read(azure, providers, 0, err) < 0
				  : wait_for_all(azure, providers, err) < 0)
		return -1;
	app_progress_end(azure->app);
	print_states(azure->app, providers);
	return 0;
}

static int run(struct app *app, void *opts, const struct strv *args, struct error *err)
{
	CLEANUP(providers_clear) struct providers providers = PROVIDERS_INIT;

	(void)opts;
	if (providers_choose(args, &providers, err) < 0 ||
		azure_find_subscription(app->azure, err) < 0)
		return -1;
	app_progress(app, "Azure to say which resource providers are registered");
	if (providers_read(app->azure, &providers, 0, err) < 0)
		return -1;
	return register_all(app->azure, &providers, err);
}

static const struct example examples[] = {
	{"what clusters and Flux need", "provider register"},
	{"one, without a question, and without waiting",
		"provider register Microsoft.KubernetesConfiguration --yes --no-wait"},
	{NULL, NULL},
};

const struct command cmd_provider_register = {
	.name = "provider register",
	.args = "[NAMESPACE...]",
	.max_args = -1,
	.needs = NEEDS_ARM | MUTATES,
	.summary = "Register the resource providers that Flux needs",
	.description = "Without names: Microsoft.Kubernetes, Microsoft.ContainerService and "
		       "Microsoft.KubernetesConfiguration. "
		       "What is registered already is left alone. Waits until Azure is done, which "
		       "may take "
		       "ten minutes.",
	.options = options,
	.opts_size = sizeof(struct register_opts),
	.examples = examples,
	.run = run,
};
