/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all commands of the Azure side share: options, sign-in, which cluster is meant (inferred from
 * the kubeconfig context where it can be, and said), operations with their progress.
 *
 * The options struct of a command that NEEDS_ARM begins with `struct azure_flags azure`; its table
 * lists those of the options below that it takes, in their order by name. Before run() is called
 * app->azure is ready, and for NEEDS_AZURE_CLUSTER its target is complete.
 */
#ifndef PLUGIN_AZURE_H
#define PLUGIN_AZURE_H

#include "arm/client.h"
#include "arm/operation.h"
#include "arm/target.h"
#include "base/base.h"
#include "base/error.h"
#include "plugin/app.h"
#include "plugin/command.h"

struct azure_flags {
	const char *api_version, *auth, *cloud, *token_file, *tenant; /* NULL: not given */
	const char *subscription, *group, *cluster, *type,
		*provider; /* provider: --cluster-resource-provider */
	const char *name;  /* -n, of commands that have one */
	bool no_wait, yes, dry_run;
};

/* clang-format off */
#define AZURE_OPT_API_VERSION(T) OPT_STRING(T, azure.api_version, 0, "api-version", "VERSION", "api-version of Azure Resource Manager to use, in place of the one that is agreed on")
#define AZURE_OPT_AUTH(T) OPT_STRING(T, azure.auth, 0, "auth", "SOURCE", "sign in by this way alone: see 'login status'")
#define AZURE_OPT_CLOUD(T) OPT_STRING(T, azure.cloud, 0, "cloud", "NAME", "AzureCloud, AzureUSGovernment, AzureChinaCloud or one that az knows")
#define AZURE_OPT_CLUSTER(T) OPT_STRING(T, azure.cluster, 'c', "cluster-name", "NAME", "cluster, as Azure names it; without it the one of the kubeconfig context")
#define AZURE_OPT_PROVIDER(T) OPT_STRING(T, azure.provider, 0, "cluster-resource-provider", "NAME", "resource provider of the cluster, for provisionedClusters")
#define AZURE_OPT_TYPE(T) OPT_STRING(T, azure.type, 't', "cluster-type", "TYPE", "connectedClusters (Arc), managedClusters (AKS) or provisionedClusters")
#define AZURE_OPT_DRY_RUN(T) OPT_FLAG(T, azure.dry_run, 0, "dry-run", "show what would be sent, and send nothing")
#define AZURE_OPT_NAME(T, help) OPT_STRING(T, azure.name, 'n', "name", "NAME", help)
#define AZURE_OPT_NO_WAIT(T) OPT_FLAG(T, azure.no_wait, 0, "no-wait", "do not wait until Azure is done: print what 'operation wait' takes")
#define AZURE_OPT_GROUP(T) OPT_STRING(T, azure.group, 'g', "resource-group", "GROUP", "resource group of the cluster")
#define AZURE_OPT_SUBSCRIPTION(T) OPT_STRING(T, azure.subscription, 0, "subscription", "ID", "subscription; without it AZURE_SUBSCRIPTION_ID, the cluster's, or az's default")
#define AZURE_OPT_TENANT(T) OPT_STRING(T, azure.tenant, 0, "tenant", "ID", "tenant to sign in to")
#define AZURE_OPT_TOKEN_FILE(T) OPT_STRING_FROM(T, azure.token_file, 0, "token-file", "FILE", "use the access token in this file (or descriptor: fd:3)", COMPLETE_FILE)
#define AZURE_OPT_YES(T) OPT_FLAG(T, azure.yes, 'y', "yes", "do not ask")
/* clang-format on */

struct azure {
	struct app *app;
	const struct azure_flags *flags;
	struct arm_cloud cloud;
	struct arm_login login;
	struct arm_tokens *tokens;
	struct arm *arm;
	struct arm_target target; /* complete where the command NEEDS_AZURE_CLUSTER */
	bool inferred;            /* some of the target was not typed */
};

/* Choose the cloud, make tokens and client; nothing of ARM is asked yet. With `cluster` the target is
 * resolved, which may ask the kubeconfig's cluster, and is said on stderr if it was inferred. */
int azure_open(struct app *app, const struct azure_flags *flags, bool cluster, struct azure **ret,
	struct error *err) MUST_CHECK;
void azure_free(struct azure *azure);
/* For commands that need a subscription but no cluster: azure->target.subscription, by --subscription, the
 * environment, az's default, the kubeconfig's cluster. ERROR_USAGE. */
int azure_find_subscription(struct azure *azure, struct error *err) MUST_CHECK;
/* For what destroys: with --yes names have to be typed, an inferred cluster is not enough. ERROR_USAGE. */
int azure_require_typed(const struct azure *azure, struct error *err) MUST_CHECK;
/* Is the kubeconfig's cluster the one that is meant? Where it was found by it, it is; else its agents' own
 * ConfigMap says so. False with the reason, also where it cannot be asked. */
bool azure_cluster_at_hand(struct azure *azure, struct error *err) MUST_CHECK;
/* "flux-demo-arc in flux-demo-rg": how messages name the cluster. The caller frees. */
char *azure_place(const struct azure *azure);
/* Who acts, for the question before a change: "as NAME (sign-in: az)". Asks for a token. The caller frees; NULL
 * with an error. */
char *azure_actor(struct azure *azure, struct error *err);
/*
 * Send a request that changes something, and wait for it with progress; with --no-wait say on stdout
 * what resumes it. `what` is for messages: "creating extension 'flux'". `*reply` (owned; may be NULL) is
 * the resource at the end.
 */
int azure_change(struct azure *azure, struct arm_request *request, const char *what,
	struct json_object **reply, struct error *err) MUST_CHECK;
/* For --dry-run: print method, URL and body (secrets as "(secret)") on stdout. */
int azure_print_request(
	struct azure *azure, const struct arm_request *request, struct error *err) MUST_CHECK;

#endif
