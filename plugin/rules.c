/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts are those of Flux 2.0 to 2.7 and of the services that it talks to: source-controller and pkg/git
 * (SSH, proxies), pkg/auth/azure (workload identity, AADSTS codes of Entra ID), fluxcd/pkg/runtime (ACLs), Go's
 * net and crypto/x509.
 */
#include "base/base.h"

#include <ctype.h>
#include <strings.h>

#include "plugin/rules.h"

#define SELF "kubectl flux-arc "
#define IDENTITY SELF "identity federate -n IDENTITY"

/* clang-format off */
const struct message_rule message_rules[] = {
	{ "ssh-rsa-retired",           { "ssh-rsa", "deprecated|blocked|dev.azure.com" }, NULL, "Azure DevOps no longer takes SSH-RSA", SELF "extension update --ssh-rsa-sha2" },
	{ "ssh-host-key-algorithms",   { "no common algorithm for host key" }, NULL, "the Git server has no host key of the kinds that the setting ssh-host-key-args allows", SELF "extension settings source-controller.ssh-host-key-args" },
	{ "workload-identity-env",     { "missing environment variables for workload identity|AZURE_FEDERATED_TOKEN_FILE" }, NULL, "workload identity is not enabled on the cluster or in the extension", IDENTITY },
	{ "federated-credential",      { "AADSTS70021|AADSTS700213|AADSTS700211|AADSTS700212" }, NULL, "the identity has no federated credential for this issuer, service account and audience", IDENTITY },
	{ "identity-tenant",           { "AADSTS700016|AADSTS90002|AADSTS700054" }, NULL, "the client id is not known in that tenant", SELF "extension update --workload-identity CLIENT,TENANT" },
	{ "object-level-identity",     { "ObjectLevelWorkloadIdentity" }, NULL, "spec.serviceAccountName needs extension 1.20.4 or newer", SELF "extension versions" },
	{ "cross-namespace-blocked",   { "cross-namespace references have been blocked" }, NULL, "multi-tenancy is on, as it is by default: what is referred to has to be in the same namespace", SELF "extension update --no-multi-tenancy" },
	{ "applier-missing",           { "serviceaccount \"flux-applier\" not found|serviceaccounts \"flux-applier\" not found" }, NULL, "flux-applier exists only in the namespace of a configuration, and multi-tenancy makes everything use it", SELF "extension update --no-multi-tenancy" },
	{ "applier-forbidden",         { "flux-applier", "forbidden|cannot|does not have opinion" }, NULL, "flux-applier may not do that: scope namespace is for that namespace alone", SELF "config create --scope cluster (under another name)" },
	{ "scc-missing",               { "unable to validate against any security context constraint" }, NULL, "OpenShift does not admit the pod", SELF "scc enable" },
	{ "proxy-refused",             { "proxyconnect tcp|proxy authentication required" }, NULL, "the proxy is that of the Arc agents, and does not let this through", "az connectedk8s update --proxy-https URL" },
	{ "unknown-authority",         { "certificate signed by unknown authority" }, ".svc", "a private CA, or a proxy that opens TLS", SELF "config update --https-ca-cert-file FILE (for all agents: az connectedk8s update --proxy-cert FILE)" },
	{ "name-not-resolved",         { "no such host|server misbehaving", "lookup" }, ".svc", "the name is not known to the cluster's DNS", "kubectl -n kube-system get configmap coredns -o yaml" },
	{ "api-server-by-address",     { ":443/api", "i/o timeout|connection reset|handshake timeout" }, NULL, "the API server is not reached by its address: a firewall that goes by names?", SELF "extension update --kube-service-host-fqdn" },
	{ "no-way-out",                { "dial tcp", "i/o timeout|connection refused|no route to host|deadline exceeded" }, ".svc", "nothing answers there: is a firewall in between?", SELF "check --pre" },
};
/* clang-format on */
const size_t message_rules_count = countof(message_rules);

/* `len` bytes of `word` occur in `text`, in any case. */
static bool occurs(const char *text, const char *word, size_t len)
{
	for (; *text; text++)
		if (strncasecmp(text, word, len) == 0)
			return true;
	return false;
}

static bool any_occurs(const char *text, const char *alternatives)
{
	while (*alternatives) {
		size_t len = strcspn(alternatives, "|");

		if (occurs(text, alternatives, len))
			return true;
		alternatives += len;
		alternatives += *alternatives == '|';
	}
	return false;
}

static bool knows(const struct message_rule *rule, const char *message)
{
	for (size_t i = 0; i < RULE_PATTERNS && rule->patterns[i]; i++)
		if (!any_occurs(message, rule->patterns[i]))
			return false;
	return !rule->unless || !any_occurs(message, rule->unless);
}

const struct message_rule *message_rule_find(const char *message)
{
	for (size_t i = 0; message && i < countof(message_rules); i++)
		if (knows(&message_rules[i], message))
			return &message_rules[i];
	return NULL;
}

void message_rule_remark(const char *message, struct strv *ret)
{
	const struct message_rule *rule = message_rule_find(message);

	if (rule)
		strv_pushf(ret, "%s: %s", rule->cause, rule->remedy);
}

bool message_rule_is_command(const struct message_rule *rule)
{
	bool word_to_fill = false;

	/* A word in capitals is for the reader to fill in, a remark stands in parentheses. */
	for (const char *p = rule->remedy; *p; p++)
		word_to_fill = word_to_fill || isupper((unsigned char)*p) || *p == '(';
	return !word_to_fill;
}
