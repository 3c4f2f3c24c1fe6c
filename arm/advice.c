/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <strings.h>

#include "arm/error.h"

/* CATALOG, the first row that fits stands. What a text says is more telling than a code, so texts go first. */
/* clang-format off */
const struct arm_advice arm_advice[] = {
	/* code, text, kind, hint */
	/* -- what an extension's installation says */
	{NULL, "cannot re-use a name that is still in use", ERROR_NONE, "a Helm release 'flux' of an earlier installation is still there. To remove it, and all that it runs: 'extension delete --force', 'helm uninstall flux -n flux-system', 'kubectl delete namespace flux-system', then 'extension create'"},
	{NULL, "the object has been modified", ERROR_NONE, "two writers met in the cluster: repeat the command"},
	{NULL, "status not populated", ERROR_NONE, "the agent got no token of its identity. With AAD pod identity (v1) in the cluster: a newer version of the extension, or an AzurePodIdentityException in flux-system for pods with app.kubernetes.io/name=flux-extension"},
	{NULL, "index of untyped nil", ERROR_NONE, "a mistake of the extension 1.15.1 and older and of 1.16.2: 'extension update --version' to 1.16.3 or newer"},
	{NULL, "Unable to render the Helm chart", ERROR_NONE, "a setting may be of a form that the chart cannot use: compare 'extension show' with 'extension settings'"},
	{NULL, "only supported on clusters using Managed Service Identity", ERROR_NONE, "this cluster runs on a service principal: 'az aks update -g GROUP -n CLUSTER --enable-managed-identity', then repeat"},
	{NULL, "Unable to create identity for extension", ERROR_NONE, "this cluster runs on a service principal: 'az aks update -g GROUP -n CLUSTER --enable-managed-identity', then repeat"},
	{NULL, "extensionaddons", ERROR_NONE, "an old subscription: 'az feature register --namespace Microsoft.ContainerService --name AKS-ExtensionManager', then 'provider register Microsoft.ContainerService'"},
	{NULL, "get a response from the agent in time", ERROR_NONE, "the extension agents do not answer: on AKS look at extension-agent and extension-operator in kube-system, on Arc at extension-manager and config-agent in azure-arc; then 'check' for what they cannot reach"},
	{NULL, "download the Helm chart from the repo", ERROR_NONE, "the cluster cannot fetch from mcr.microsoft.com: 'check --pre' tries the endpoints"},
	{NULL, "is string, not map", ERROR_NONE, "the settings have both a key and a longer one that begins with it and a dot ('a.b' and 'a.b.c'): remove one of them with 'extension update --unset KEY'"},
	{NULL, "already exists in your cluster", ERROR_NONE, "Flux was installed here by other means, or parts of it are left: remove or adopt that installation, two do not live in flux-system"},
	{NULL, "invalid ownership metadata", ERROR_NONE, "Flux was installed here by other means, or parts of it are left: remove or adopt that installation, two do not live in flux-system"},
	{NULL, "already in progress for Helm", ERROR_NONE, "wait ten minutes and repeat; if it stays, the newest Secret sh.helm.release.v1.flux.vN in flux-system is of an installation that was interrupted: delete that one Secret and repeat"},
	{NULL, "has been uninstalled due to atomic being set", ERROR_NONE, "the pods did not become ready and Helm took all back: repeat, and meanwhile watch 'kubectl -n flux-system get events,pods'; then 'check'"},
	{NULL, "to come to a ready/completed state", ERROR_NONE, "the pods did not become ready (resources, taints, policies, images): watch 'kubectl -n flux-system get events,pods' while it is tried again; then 'check'"},
	{NULL, "Deployment is not ready", ERROR_NONE, "the pods did not become ready (resources, taints, policies, images): watch 'kubectl -n flux-system get events,pods' while it is tried again; then 'check'"},
	{NULL, "BackoffLimitExceeded", ERROR_NONE, "a job of the installation failed: watch 'kubectl -n flux-system get events,pods' while it is tried again; then 'check'"},
	{NULL, "unable to add the configuration with configId", ERROR_NONE, "the agent could not reach the API server at that moment: look at CNI, kube-proxy and the API server, then repeat"},
	{NULL, "fluxconfig-immutable-values", ERROR_NONE, "AKS Automatic protects flux-system; the extension 1.20.4 or newer may write there: 'extension update --version 1.20.4'"},
	{NULL, "invalid source kind", ERROR_NONE, "the kind of the source cannot be changed by an update: give the kind that it has, or delete and create the configuration"},
	/* -- what stands in the way in Azure */
	{NULL, "disallowed by policy", ERROR_FORBIDDEN, "an Azure Policy forbids it: whoever owns the policy can exempt Microsoft.KubernetesConfiguration on this cluster"},
	{"RequestDisallowedByPolicy", NULL, ERROR_FORBIDDEN, "an Azure Policy forbids it: whoever owns the policy can exempt Microsoft.KubernetesConfiguration on this cluster"},
	{NULL, "scope(s) are locked", ERROR_FORBIDDEN, "a lock on the resource, its group or the subscription: an owner has to lift it ('az lock list -g GROUP')"},
	{"ScopeLocked", NULL, ERROR_FORBIDDEN, "a lock on the resource, its group or the subscription: an owner has to lift it ('az lock list -g GROUP')"},
	{"MissingSubscriptionRegistration", NULL, ERROR_NONE, "the subscription does not know the resource provider yet: 'provider register'"},
	{"SubscriptionNotRegistered", NULL, ERROR_NONE, "the subscription does not know the resource provider yet: 'provider register'"},
	{"AuthorizationFailed", NULL, ERROR_FORBIDDEN, "the message names the action and the scope: a role with that action on that scope is needed, and a new one takes some minutes to work. 'login status' says who you are"},
	{"LinkedAuthorizationFailed", NULL, ERROR_FORBIDDEN, "the message names the action and the scope: a role with that action on that scope is needed, and a new one takes some minutes to work. 'login status' says who you are"},
	{"InvalidAuthenticationTokenTenant", NULL, ERROR_UNAUTHORIZED, "the token is of another tenant than the subscription: --tenant ID, or 'az login --tenant ID'"},
	{"InvalidAuthenticationToken", NULL, ERROR_UNAUTHORIZED, "sign in anew ('az login' if az is the source); 'login status' says which source the token is from"},
	{"ExpiredAuthenticationToken", NULL, ERROR_UNAUTHORIZED, "sign in anew ('az login' if az is the source); is the clock of this machine right?"},
	{"AuthenticationFailed", NULL, ERROR_UNAUTHORIZED, "sign in anew ('az login' if az is the source); 'login status' says which source the token is from"},
	{"InvalidSubscriptionId", NULL, ERROR_NONE, "--subscription takes the id of a subscription"},
	{"SubscriptionNotFound", NULL, ERROR_NOT_FOUND, "is it the right --subscription, --tenant and --cloud? 'login status' says who you are"},
	{"ResourceGroupNotFound", NULL, ERROR_NOT_FOUND, "is it the right -g, and the right --subscription?"},
	{"ParentResourceNotFound", NULL, ERROR_NOT_FOUND, "there is no such cluster here: check -c, -t (connectedClusters or managedClusters), -g and --subscription"},
	{"ResourceNotFound", NULL, ERROR_NOT_FOUND, "check the name, -c, -t (connectedClusters or managedClusters), -g and --subscription"},
	{"NotFound", NULL, ERROR_NOT_FOUND, "check the name, -c, -t (connectedClusters or managedClusters), -g and --subscription"},
	{"InvalidResourceType", NULL, ERROR_NONE, "this cloud or region does not have that type or api-version: 'provider show' lists what there is; --api-version chooses"},
	{"NoRegisteredProviderFound", NULL, ERROR_NONE, "this cloud or region does not have that type or api-version: 'provider show' lists what there is; --api-version chooses"},
	{"InvalidApiVersionParameter", NULL, ERROR_NONE, "this cloud or region does not have that api-version: 'provider show' lists what there is; --api-version chooses"},
	{"AnotherOperationInProgress", NULL, ERROR_NONE, "wait until it has ended, then repeat"},
	{"OperationNotAllowed", NULL, ERROR_NONE, "another operation may be under way on the cluster: wait until it has ended, then repeat"},
	{"Conflict", NULL, ERROR_NONE, "another operation may be under way on it: wait until it has ended, then repeat"},
	{"ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity", NULL, ERROR_NONE, "somebody else changes this identity's credentials: repeat"},
	{"TooManyRequests", NULL, ERROR_NONE, "the subscription's limit of requests is used up: wait some minutes, then repeat"},
	{"SubscriptionRequestsThrottled", NULL, ERROR_NONE, "the subscription's limit of requests is used up: wait some minutes, then repeat"},
	{"ResourceOperationFailure", NULL, ERROR_NONE, "the resource itself may say more: 'extension show' or 'config show'"},
	{"ExtensionCreationFailed", NULL, ERROR_NONE, "'check' looks at the agents and their way out; 'kubectl -n flux-system get events,pods' while it is tried again shows what fails"},
	{"ExtensionOperationFailed", NULL, ERROR_NONE, "'check' looks at the agents and their way out; 'kubectl -n flux-system get events,pods' while it is tried again shows what fails"},
};
/* clang-format on */
const size_t arm_advice_count = countof(arm_advice);

const char *arm_text_find(const char *text, const char *part)
{
	size_t len = strlen(part);

	for (; *text; text++)
		if (strncasecmp(text, part, len) == 0)
			return text;
	return len ? NULL : text;
}

/* A line of `whole` begins with the code and a colon. */
static bool has_code(const char *whole, const char *code)
{
	size_t len = strlen(code);

	for (const char *line = whole; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncasecmp(line, code, len) == 0 && line[len] == ':')
			return true;
	}
	return false;
}

const struct arm_advice *arm_advice_find(const struct arm_failure *failure)
{
	for (size_t i = 0; i < arm_advice_count; i++) {
		const struct arm_advice *row = &arm_advice[i];

		if ((!row->code || has_code(failure->whole.ptr, row->code)) &&
			(!row->text || arm_text_find(failure->whole.ptr, row->text)))
			return row;
	}
	return NULL;
}
