/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "plugin/rules.h"

/* Messages as they are seen; NULL: nobody is to think that he knows them. */
static void test_messages(void **state)
{
	static const struct {
		const char *message, *id;
	} table[] = {
		/* clang-format off */
		{ "failed to checkout and determine revision: unable to list remote for 'ssh://git@ssh.dev.azure.com/v3/o/p/r': remote: Command git-upload-pack: You\xe2\x80\x99re using ssh-rsa that is about to be deprecated and your request has been blocked intentionally.", "ssh-rsa-retired" },
		{ "failed to checkout and determine revision: unable to clone 'ssh://git@h/r': ssh: handshake failed: ssh: no common algorithm for host key; client offered: [rsa-sha2-512 rsa-sha2-256], server offered: [ssh-ed25519]", "ssh-host-key-algorithms" },
		{ "failed to get credential from azure: WorkloadIdentityCredential: no token file specified. Check pod configuration or set AZURE_FEDERATED_TOKEN_FILE", "workload-identity-env" },
		{ "missing environment variables for workload identity. Check webhook and pod configuration", "workload-identity-env" },
		{ "WorkloadIdentityCredential authentication failed. POST https://login.microsoftonline.com/t/oauth2/v2.0/token RESPONSE 401 Unauthorized AADSTS700213: No matching federated identity record found for presented assertion subject 'system:serviceaccount:flux-system:source-controller'", "federated-credential" },
		{ "AADSTS700016: Application with identifier 'c' was not found in the directory 'd'", "identity-tenant" },
		{ "to use spec.serviceAccountName for provider authentication please enable the ObjectLevelWorkloadIdentity feature gate in the controller", "object-level-identity" },
		{ "can't access 'HelmRepository/flux-system/podinfo', cross-namespace references have been blocked", "cross-namespace-blocked" },
		{ "serviceaccounts \"flux-applier\" not found", "applier-missing" },
		{ "Namespace/nginx dry-run failed (Forbidden): namespaces \"nginx\" is forbidden: User \"system:serviceaccount:cluster-config:flux-applier\" cannot patch resource \"namespaces\" in API group \"\" at the cluster scope", "applier-forbidden" },
		{ "pods \"source-controller-6\" is forbidden: unable to validate against any security context constraint: []", "scc-missing" },
		{ "failed to fetch Helm repository index: Get \"https://h/index.yaml\": proxyconnect tcp: dial tcp 10.1.2.3:3128: connect: connection refused", "proxy-refused" },
		{ "failed to fetch https://h/index.yaml : tls: failed to verify certificate: x509: certificate signed by unknown authority", "unknown-authority" },
		{ "unable to clone 'https://gihub.com/a/b': Get \"https://gihub.com/a/b/info/refs\": dial tcp: lookup gihub.com on 10.0.0.10:53: no such host", "name-not-resolved" },
		{ "failed to get server groups: Get \"https://10.0.0.1:443/api?timeout=32s\": dial tcp 10.0.0.1:443: i/o timeout", "api-server-by-address" },
		{ "unable to clone 'https://github.com/a/b': Get \"https://github.com/a/b\": dial tcp 140.82.121.4:443: i/o timeout", "no-way-out" },
		/* Of the cluster's own services no firewall is to blame. */
		{ "failed to download archive: Get \"http://source-controller.flux-system.svc.cluster.local./x\": dial tcp 10.0.3.4:80: connect: connection refused", NULL },
		{ "kustomization path not found: stat /tmp/kustomization-1/nowhere: no such file or directory", NULL },
		{ "health check failed after 10m: timeout waiting for: [Deployment/a/b status: 'InProgress']", NULL },
		{ "couldn't find remote ref \"refs/heads/master\"", NULL },
		{ "", NULL },
		{ NULL, NULL },
		/* clang-format on */
	};

	(void)state;
	for (size_t i = 0; i < countof(table); i++) {
		const struct message_rule *rule = message_rule_find(table[i].message);

		if (!table[i].id)
			assert_null(rule);
		else if (!rule || !streq(rule->id, table[i].id))
			fail_msg("%s: %s", table[i].id, rule ? rule->id : "no rule");
	}
}

static void test_catalog(void **state)
{
	(void)state;
	for (size_t i = 0; i < message_rules_count; i++) {
		const struct message_rule *rule = &message_rules[i];

		assert_true(str_set(rule->id) && str_set(rule->patterns[0]));
		assert_true(str_set(rule->cause) && str_set(rule->remedy));
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(rule->id, message_rules[k].id);
	}
	assert_true(message_rule_is_command(message_rule_find("ssh-rsa is deprecated")));
	assert_false(message_rule_is_command(message_rule_find("AADSTS70021")));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_catalog),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
