/* SPDX-License-Identifier: Apache-2.0 */
/* What can be known to be wrong with a configuration before Azure sees it. */
#include "base/base.h"

#include <strings.h>

#include "arm/fluxconfig.h"
#include "arm/fluxconfig_internal.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/url.h"

#define HEX "0123456789abcdef"

/* The check with what it looks at at hand. */
struct look {
	const struct arm_config_check *check;
	const struct arm_config_kind *kind;
	struct json_object *source;  /* as it will be */
	struct json_object *secrets; /* that were asked now */
	struct error *err;
};

static int fail(const struct look *look, const char *text)
{
	return error_set(look->err, ERROR_USAGE, "%s", text);
}

static void warn(const struct look *look, const char *text)
{
	if (look->check->warnings)
		strv_push(look->check->warnings, text);
}

/* The text of a member of the source, NULL for what is absent or empty. */
static const char *text_of(const struct look *look, const char *key)
{
	const char *text = json_str(look->source, key);

	return str_set(text) ? text : NULL;
}

static bool has_secret(const struct look *look, const char *key)
{
	return str_set(json_str(look->secrets, key));
}

/* ---- URLs */

bool arm_config_url_is_ssh(const char *url)
{
	return strncasecmp(url, "ssh://", 6) == 0 || strncmp(url, "git@", 4) == 0;
}

static bool is_http(const char *url)
{
	return strncasecmp(url, "http://", 7) == 0 || strncasecmp(url, "https://", 8) == 0;
}

static int check_form(const struct look *look, const char *url)
{
	bool git = streq(look->kind->name, "git");
	bool oci = streq(look->kind->name, "oci");
	bool fits = oci ? strncasecmp(url, "oci://", 6) == 0
			: is_http(url) || (git && arm_config_url_is_ssh(url));

	for (const char *at = url; *at; at++)
		if ((unsigned char)*at <= ' ' || *at == 0x7f)
			return fail(look, "--url: it has a space or a control character in it");
	if (!fits)
		return error_set(look->err, ERROR_USAGE, "--url: '%s' does not begin with %s", url,
			git   ? "https://, http://, ssh:// or git@"
			: oci ? "oci://"
			      : "https:// or http://");
	return 0;
}

static bool has_signature(const struct url *url)
{
	return url->query && (starts_with(url->query, "sig=") || strstr(url->query, "&sig="));
}

/* A URL is stored and shown in the clear. The message has nothing of it. */
static int check_credentials(const struct look *look, const char *text)
{
	autourl url = URL_INIT;
	bool http = is_http(text);

	if (strncmp(text, "git@", 4) == 0)
		return 0;
	if (!url_parse(text, &url) || !str_set(url.host))
		return fail(look, "--url: it is no URL");
	if (has_signature(&url)) {
		fail(look, "--url: it has a signature in it, which everybody would see");
		return error_hint(look->err, "give it as --sas-token @FILE");
	}
	if (!url.password && !(http && url.user))
		return 0;
	fail(look, "--url: it has credentials in it, which everybody would see");
	return error_hint(look->err,
		streq(look->kind->name, "git")
			? "give them as --https-user NAME --https-key @FILE, or in a Secret with "
			  "--local-auth-ref"
			: "give them in a Secret with --local-auth-ref");
}

static int check_url(const struct look *look)
{
	const char *url = text_of(look, "url");

	if (!url)
		return fail(look, "--url is missing");
	if (check_form(look, url) < 0 || check_credentials(look, url) < 0)
		return -1;
	if (strncmp(url, "git@", 4) == 0 && strchr(url, ':'))
		warn(look, "Flux knows ssh://git@HOST/PATH and not git@HOST:PATH; Azure may not "
			   "rewrite it");
	return 0;
}

/* ---- git */

static size_t count_refs(const struct look *look, const char *const names[], size_t count)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		found += str_set(json_str(look->source, "repositoryRef", names[i]));
	return found;
}

static int check_git_ref(const struct look *look)
{
	static const char *const names[] = {"branch", "tag", "semver", "commit"};
	const char *commit = json_str(look->source, "repositoryRef", "commit");
	size_t count = count_refs(look, names, countof(names));
	bool both = count == 2 && str_set(commit) &&
		    str_set(json_str(look->source, "repositoryRef", "branch"));
	size_t len = commit ? strlen(commit) : 0;

	if (count == 0)
		return fail(look, "one of --branch, --tag, --semver and --commit is needed");
	if (count > 1 && !both)
		return fail(look, "only one of --branch, --tag, --semver and --commit can be "
				  "followed");
	if (len && ((len != 40 && len != 64) || strspn(commit, HEX "ABCDEF") != len))
		return fail(look, "--commit: all 40 digits of it are needed");
	return 0;
}

static int check_base64(const struct look *look, const char *base64,
	int (*check)(const char *text, size_t len, const char **warning, struct error *err))
{
	CLEANUP(buf_wipe) struct buf text = BUF_INIT;
	const char *warning = NULL;
	size_t bad;

	if (!base64_decode(base64, strlen(base64), &text, &bad))
		return fail(look, "a value is not base64");
	if (check(text.ptr, text.len, &warning, look->err) < 0)
		return -1;
	if (warning)
		warn(look, warning);
	return 0;
}

static int known_hosts(const char *text, size_t len, const char **warning, struct error *err)
{
	(void)warning;
	return arm_config_check_known_hosts(text, len, err);
}

/* Which way to log in goes with which URL. */
static int check_git_login(const struct look *look)
{
	const char *url = text_of(look, "url");
	bool ssh = arm_config_url_is_ssh(url);
	bool user = text_of(look, "httpsUser") != NULL;
	bool key = has_secret(look, "httpsKey");

	if (ssh && (user || key))
		return fail(look, "--https-user and --https-key: the URL is one of ssh");
	if (!ssh && has_secret(look, "sshPrivateKey"))
		return fail(look, "--ssh-private-key: the URL is not one of ssh");
	if (!ssh && text_of(look, "sshKnownHosts"))
		return fail(look, "--known-hosts: the URL is not one of ssh");
	if (key && !user)
		return fail(look, "--https-key needs --https-user");
	if (look->check->creates && user && !key)
		return fail(look, "--https-user needs --https-key");
	if (key && strncasecmp(url, "http://", 7) == 0)
		warn(look, "http: password and content cross the network in the clear");
	return 0;
}

static int check_git(const struct look *look)
{
	const char *hosts = text_of(look, "sshKnownHosts");

	if (check_git_ref(look) < 0 || check_git_login(look) < 0)
		return -1;
	if (hosts && check_base64(look, hosts, known_hosts) < 0)
		return -1;
	if (!has_secret(look, "sshPrivateKey"))
		return 0;
	return check_base64(
		look, json_str(look->secrets, "sshPrivateKey"), arm_config_check_private_key);
}

/* ---- bucket */

static int check_bucket(const struct look *look)
{
	bool access = text_of(look, "accessKey") != NULL;
	bool secret = has_secret(look, "bucketSecretKey");

	if (!text_of(look, "bucketName"))
		return fail(look, "--bucket-name is missing");
	if (secret && !access)
		return fail(look, "--bucket-secret-key needs --bucket-access-key");
	if (look->check->creates && access && !secret)
		return fail(look, "--bucket-access-key needs --bucket-secret-key");
	if (look->check->creates && !access && !text_of(look, "localAuthRef"))
		return fail(look, "a bucket needs --bucket-access-key and --bucket-secret-key, or "
				  "--local-auth-ref");
	return 0;
}

/* ---- azblob */

static bool sp_has(const struct look *look, const char *key)
{
	return str_set(json_str(look->source, "servicePrincipal", key));
}

static int check_principal(const struct look *look)
{
	bool secret = sp_has(look, "clientSecret");
	bool cert = sp_has(look, "clientCertificate");

	if (!sp_has(look, "clientId") || !sp_has(look, "tenantId"))
		return fail(look, "a service principal needs --sp-client-id and --sp-tenant-id");
	if (secret && cert)
		return fail(look, "--sp-client-secret and --sp-client-cert: only one of them");
	if (look->check->creates && !secret && !cert)
		return fail(look, "a service principal needs --sp-client-secret or "
				  "--sp-client-cert");
	if (sp_has(look, "clientCertificatePassword") && look->check->creates && !cert)
		return fail(look, "--sp-cert-password needs --sp-client-cert");
	return 0;
}

static int check_blob(const struct look *look)
{
	bool principal = json_next(
		json_get(look->source, "servicePrincipal"), &(struct json_iter)JSON_ITER_INIT);
	int ways = (text_of(look, "accountKey") != NULL) + (text_of(look, "sasToken") != NULL) +
		   (text_of(look, "localAuthRef") != NULL) +
		   str_set(json_str(look->source, "managedIdentity", "clientId")) + principal;

	if (!text_of(look, "containerName"))
		return fail(look, "--container-name is missing");
	if (ways > 1)
		return fail(look, "only one way to log in: --account-key, --sas-token, "
				  "--mi-client-id, --sp-client-id … or --local-auth-ref");
	return principal ? check_principal(look) : 0;
}

/* ---- oci */

static int check_digest(const struct look *look)
{
	const char *digest = json_str(look->source, "repositoryRef", "digest");

	if (!str_set(digest))
		return 0;
	if (!starts_with(digest, "sha256:") || strlen(digest) != 7 + SHA256_HEX_LEN ||
		strspn(digest + 7, HEX) != SHA256_HEX_LEN)
		return fail(look, "--digest: it has to be sha256: and 64 digits");
	return 0;
}

static int check_oci(const struct look *look)
{
	struct json_object *tls = json_get(look->source, "tlsConfig");
	struct json_object *verify = json_get(look->source, "verify");

	if (check_digest(look) < 0)
		return -1;
	if (look->check->creates &&
		str_set(json_str(tls, "clientCertificate")) != str_set(json_str(tls, "privateKey")))
		return fail(look, "--tls-client-certificate and --tls-private-key belong together");
	if (json_next(verify, &(struct json_iter)JSON_ITER_INIT) &&
		!str_set(json_str(verify, "provider")))
		return fail(look, "--verification-config and --match-oidc-identity need "
				  "--verification-provider");
	if (json_bool(look->source, "useWorkloadIdentity") && text_of(look, "localAuthRef"))
		return fail(look, "--use-workload-identity and --local-auth-ref: only one of them");
	return 0;
}

/* ---- all of it */

static int check_namespace(const struct look *look)
{
	const char *name = json_str(look->check->properties, "namespace");
	size_t len = name ? strlen(name) : 0;

	if (!name)
		return 0;
	if (len == 0 || len > ARM_CONFIG_MAX_NAMESPACE ||
		strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != len || name[0] == '-' ||
		name[len - 1] == '-')
		return error_set(look->err, ERROR_USAGE,
			"--namespace: '%s' is no name of a namespace: at most %d lower-case "
			"letters, digits and -, none of these at its ends",
			name, ARM_CONFIG_MAX_NAMESPACE);
	return 0;
}

static int check_wait(const struct look *look)
{
	struct json_object *asked = look->check->asked;

	if (look->check->creates && json_get(asked, "reconciliationWaitDuration") &&
		!json_bool(asked, "waitForReconciliation"))
		return fail(look, "--reconciliation-wait-duration needs --wait-for-reconciliation");
	return 0;
}

static int check_source(const struct look *look)
{
	static int (*const checks[])(const struct look *) = {
		check_git, check_bucket, check_blob, check_oci};

	return checks[look->kind - arm_config_kinds](look);
}

int arm_config_check(const struct arm_config_check *check, struct error *err)
{
	const struct arm_config_kind *kind = arm_config_kind_of(check->properties);
	struct look look = {
		.check = check,
		.kind = kind,
		.source = json_get(check->properties, kind->member),
		.secrets = json_get(check->asked, ARM_CONFIG_SECRETS),
		.err = err,
	};

	if (arm_config_check_name(check->name, err) < 0 || check_namespace(&look) < 0 ||
		check_wait(&look) < 0 || check_url(&look) < 0 || check_source(&look) < 0)
		return -1;
	return arm_config_check_kustomizations(
		check->name, json_get(check->properties, "kustomizations"), err);
}
