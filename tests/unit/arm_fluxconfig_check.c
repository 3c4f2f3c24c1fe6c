/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/digest.h"
#include "fluxconfig_ask.h"

#define GIT "url=https://example.com/a branch=b "
#define SSH "url=ssh://git@example.com/a branch=b "
#define BUCKET "kind=bucket url=https://minio.example bucket-name=b "
#define BLOB "kind=azblob url=https://a.blob.example container-name=c "
#define OCI "kind=oci url=oci://example.com/a "
#define HASH40 "0123456789012345678901234567890123456789"

/* What is said of a new configuration "cfg"; owned; NULL: nothing. */
static char *verdict(const char *asked, struct strv *warnings)
{
	CLEANUP(arm_config_clear) struct arm_config config = ARM_CONFIG_INIT;
	autojson struct json_object *body = NULL;
	autoerror err = ERROR_INIT;
	struct arm_config_check check = {.name = "cfg", .creates = true, .warnings = warnings};

	if (ask_try(&config, asked, &err) < 0)
		return TAKE(err.message);
	body = arm_config_put(&config);
	check.properties = check.asked = json_get(body, "properties");
	if (arm_config_check(&check, &err) == 0)
		return NULL;
	assert_int_equal(err.kind, ERROR_USAGE);
	return TAKE(err.message);
}

static const struct {
	const char *asked, *wanted; /* NULL: nothing is wrong */
} sources[] = {
	{GIT, NULL},
	{"url=http://example.com/a tag=v1", NULL},
	{SSH, NULL},
	{"url=git@example.com:org/a branch=b", NULL},
	{"branch=b", "--url is missing"},
	{"url=ftp://example.com/a branch=b",
		"--url: 'ftp://example.com/a' does not begin with https://, http://, "
		"ssh:// or git@"},
	{"url=https://user:hush@example.com/a branch=b",
		"--url: it has credentials in it, which everybody would see"},
	{"url=https://hush@example.com/a branch=b",
		"--url: it has credentials in it, which everybody would see"},
	{"url=ssh://git:hush@example.com/a branch=b",
		"--url: it has credentials in it, which everybody would see"},
	{"url=https://a.example/c?sv=1&sig=hush branch=b",
		"--url: it has a signature in it, which everybody would see"},
	{"url=https:// branch=b", "--url: it is no URL"},
	{"url=https://example.com/a", "one of --branch, --tag, --semver and --commit is needed"},
	{GIT "tag=v1", "only one of --branch, --tag, --semver and --commit can be followed"},
	{GIT "commit=" HASH40, NULL},
	{"url=https://example.com/a commit=0123abc", "--commit: all 40 digits of it are needed"},
	{GIT "https-user=u https-key=k", NULL},
	{GIT "https-user=u", "--https-user needs --https-key"},
	{GIT "https-key=k", "--https-key needs --https-user"},
	{SSH "https-user=u https-key=k", "--https-user and --https-key: the URL is one of ssh"},
	{GIT "known-hosts=aGk=", "--known-hosts: the URL is not one of ssh"},
	{GIT "ssh-private-key=aGk=", "--ssh-private-key: the URL is not one of ssh"},
	{SSH "ssh-private-key=aGk=",
		"ssh private key: it is no private key in PEM or OpenSSH's form"},
	{SSH "known-hosts=aGk=", "known hosts, line 1: it is not HOST TYPE KEY"},
	{GIT "https-ca-cert=***", "--https-ca-cert: not base64 (byte 0)"},
	{GIT "bucket-name=x sas-token=y",
		"--bucket-name, --sas-token: not for sources of kind 'git'"},
	{GIT "provider=gitlab", "--provider: 'gitlab' is not one of: Generic Azure GitHub"},
	{GIT "timeout=1h30", "--timeout: '1h30' is no duration in whole seconds"},
	{GIT "namespace=Nope",
		"--namespace: 'Nope' is no name of a namespace: at most 63 lower-case "
		"letters, digits and -, none of these at its ends"},
	{GIT "reconciliation-wait-duration=PT30M",
		"--reconciliation-wait-duration needs --wait-for-reconciliation"},
	{BUCKET "bucket-access-key=a bucket-secret-key=s", NULL},
	{BUCKET "local-auth-ref=s", NULL},
	{BUCKET "bucket-access-key=a", "--bucket-access-key needs --bucket-secret-key"},
	{BUCKET "bucket-secret-key=a", "--bucket-secret-key needs --bucket-access-key"},
	{BUCKET, "a bucket needs --bucket-access-key and --bucket-secret-key, or "
		 "--local-auth-ref"},
	{"kind=bucket url=https://minio.example", "--bucket-name is missing"},
	{BLOB, NULL},
	{BLOB "account-key=k", NULL},
	{BLOB "mi-client-id=i", NULL},
	{BLOB "sp-client-id=i sp-tenant-id=t sp-client-secret=s", NULL},
	{BLOB "sp-client-id=i sp-tenant-id=t sp-client-cert=aGk= sp-cert-password=p", NULL},
	{BLOB "account-key=k sas-token=s",
		"only one way to log in: --account-key, --sas-token, --mi-client-id, "
		"--sp-client-id … or --local-auth-ref"},
	{BLOB "sp-client-id=i", "a service principal needs --sp-client-id and --sp-tenant-id"},
	{BLOB "sp-client-id=i sp-tenant-id=t",
		"a service principal needs --sp-client-secret or --sp-client-cert"},
	{BLOB "sp-client-id=i sp-tenant-id=t sp-client-secret=s sp-client-cert=aGk=",
		"--sp-client-secret and --sp-client-cert: only one of them"},
	{BLOB "sp-client-id=i sp-tenant-id=t sp-client-secret=s sp-cert-password=p",
		"--sp-cert-password needs --sp-client-cert"},
	{"kind=azblob url=https://a.example", "--container-name is missing"},
	{OCI, NULL},
	{"kind=oci url=https://example.com/a",
		"--url: 'https://example.com/a' does not begin with oci://"},
	{OCI "digest=sha256:12", "--digest: it has to be sha256: and 64 digits"},
	{OCI "tls-client-certificate=aGk=",
		"--tls-client-certificate and --tls-private-key belong together"},
	{OCI "oci-operation=unpack", "--oci-operation: 'unpack' is not one of: extract copy"},
	{"kind=svn", "--kind: 'svn' is not one of: git bucket azblob oci"},
};

static void test_sources(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(sources); i++) {
		autofree char *said = verdict(sources[i].asked, NULL);

		if (!streq(said, sources[i].wanted))
			fail_msg("%s:\n   got %s\nwanted %s", sources[i].asked,
				said ? said : "nothing",
				sources[i].wanted ? sources[i].wanted : "nothing");
		assert_true(!said || !strstr(said, "hush"));
	}
}

static void test_graph(void **state)
{
	static const struct {
		const char *asked, *wanted;
	} rows[] = {
		{"-k name=a -k name=b dependsOn=[a] -k name=c dependsOn=a,b", NULL},
		{"-k name=a dependsOn=b -k name=b dependsOn=c -k name=c dependsOn=a -k name=d "
		 "dependsOn=a",
			"kustomizations depend on each other in a circle, so none would ever "
			"start: b -> c -> a -> b"},
		{"-k name=a dependsOn=a", "kustomization 'a' depends on itself"},
		{"-k name=infra -k name=apps dependsOn=infar",
			"kustomization 'apps' depends on 'infar', and this configuration has none "
			"of that name"},
		{"-k name=a -k name=b dependsOn=a,a", "kustomization 'b' depends on 'a' twice"},
		{"-k name=a -k name=a", "--kustomization: 'a' is given twice"},
		{"-k path=x", "--kustomization: name=NAME is missing in 'path=x'"},
		{"-k name=Infra",
			"kustomization 'Infra': a name has lower-case letters, digits, - and ., "
			"and begins and ends with a letter or digit"},
		{"-k name=", "kustomization has no name"},
		/* with "cfg-" in front 62, and 63 */
		{"-k name=aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffff", NULL},
		{"-k name=aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeefffffffff",
			"kustomization "
			"'aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeefffffffff'"
			": 'cfg-aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeefffffffff' has "
			"63 characters, at most 62 are allowed"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autofree char *asked = xasprintf("%s%s", GIT, rows[i].asked);
		autofree char *said = verdict(asked, NULL);

		if (!streq(said, rows[i].wanted))
			fail_msg("%s:\n   got %s\nwanted %s", rows[i].asked,
				said ? said : "nothing",
				rows[i].wanted ? rows[i].wanted : "nothing");
	}
}

static void test_warnings(void **state)
{
	autostrv warnings = STRV_INIT;
	autofree char *said =
		verdict("url=http://example.com/a branch=b https-user=u https-key=k", &warnings);

	(void)state;
	assert_null(said);
	assert_int_equal(warnings.len, 1);
	assert_string_equal(
		warnings.items[0], "http: password and content cross the network in the clear");
}

/* ---- ssh */

#define HOST_KEY "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"

static void test_known_hosts(void **state)
{
	static const struct {
		const char *text, *wanted;
	} rows[] = {
		{"github.com ssh-ed25519 " HOST_KEY "\n", NULL},
		{"# c\n\n|1|a=|b= ssh-ed25519 " HOST_KEY " who\r\n", NULL},
		{"@revoked * ssh-ed25519 " HOST_KEY, NULL},
		{"# nobody\n", "known hosts: no host in it"},
		{"github.com ssh-rsa " HOST_KEY,
			"known hosts, line 1: its key is not one of the type that it names"},
		{"a ssh-ed25519 " HOST_KEY "\ngithub.com ssh-ed25519",
			"known hosts, line 2: it is not HOST TYPE KEY"},
		{"@who * ssh-ed25519 " HOST_KEY,
			"known hosts, line 1: its marker is neither @cert-authority nor @revoked"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		autoerror err = ERROR_INIT;

		(void)!arm_config_check_known_hosts(rows[i].text, strlen(rows[i].text), &err);
		if (!streq(err.message, rows[i].wanted))
			fail_msg("%s: %s", rows[i].text, err.message ? err.message : "taken");
	}
}

/* OpenSSH's container of a key of this type, as far as it is looked at. */
static char *openssh_key(const char *cipher, const char *type)
{
	autobuf blob = BUF_INIT;
	autobuf key = BUF_INIT;
	autobuf text = BUF_INIT;
	const char *const parts[] = {cipher, "none", ""};

	buf_add(&blob, "openssh-key-v1", 15);
	for (size_t i = 0; i < countof(parts); i++) {
		buf_add(&blob, "\0\0\0", 3);
		buf_addc(&blob, (char)strlen(parts[i]));
		buf_adds(&blob, parts[i]);
	}
	buf_add(&blob, "\0\0\0\1", 4);
	buf_add(&key, "\0\0\0", 3);
	buf_addc(&key, (char)strlen(type));
	buf_adds(&key, type);
	buf_add(&blob, "\0\0\0", 3);
	buf_addc(&blob, (char)key.len);
	buf_add(&blob, key.ptr, key.len);
	buf_adds(&text, "-----BEGIN OPENSSH PRIVATE KEY-----\n");
	base64_encode(blob.ptr, blob.len, &text);
	buf_adds(&text, "\n-----END OPENSSH PRIVATE KEY-----\n");
	return buf_detach(&text);
}

static void assert_key(const char *text, const char *wanted, const char *warned)
{
	autoerror err = ERROR_INIT;
	const char *warning = NULL;

	(void)!arm_config_check_private_key(text, strlen(text), &warning, &err);
	if (!streq(err.message, wanted))
		fail_msg("%s: %s", text, err.message ? err.message : "taken");
	assert_true(streq(warning, warned));
}

static void test_private_keys(void **state)
{
	static const char passphrase[] =
		"ssh private key: it has a passphrase, which Flux cannot type";
	autofree char *good = openssh_key("none", "ssh-ed25519");
	autofree char *locked = openssh_key("aes256-ctr", "ssh-ed25519");
	autofree char *old = openssh_key("none", "ssh-dss");

	(void)state;
	assert_key(good, NULL, NULL);
	assert_key(locked, passphrase, NULL);
	assert_key(old, NULL, "a DSA key: no Git server of today takes one");
	good[60] = '\0';
	assert_key(good, "ssh private key: its end is missing", NULL);
	assert_key("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\naGk=\n"
		   "-----END RSA PRIVATE KEY-----\n",
		passphrase, NULL);
	assert_key("-----BEGIN ENCRYPTED PRIVATE KEY-----\n", passphrase, NULL);
	assert_key("-----BEGIN PRIVATE KEY-----\naGk=\n-----END PRIVATE KEY-----\n", NULL, NULL);
	assert_key(
		"ssh-ed25519 " HOST_KEY, "ssh private key: it is the public half of a key", NULL);
	assert_key("PuTTY-User-Key-File-3: x", "ssh private key: it is in PuTTY's form", NULL);
	assert_key("-----BEGIN OPENSSH PRIVATE KEY-----\naGk=\n-----END OPENSSH PRIVATE KEY-----\n",
		"ssh private key: it is damaged", NULL);
}

/* ---- Secrets */

static void test_secret(void **state)
{
	static const struct {
		const char *asked, *type, *keys, *wanted;
	} rows[] = {
		{GIT, "Opaque", "username password", NULL},
		{GIT, "Opaque", "bearerToken", NULL},
		{GIT, "Opaque", "user password",
			"it has the keys user, password, and a source of kind git over https needs "
			"username and password, or bearerToken, or ca.crt, or caFile, or tls.crt "
			"and tls.key, or githubAppID and githubAppPrivateKey"},
		{SSH, "Opaque", "identity known_hosts identity.pub", NULL},
		{SSH, "Opaque", "username password",
			"it has the keys username, password, and a source of kind git over ssh "
			"needs identity and known_hosts"},
		{BUCKET, "Opaque", "accesskey secretkey", NULL},
		{BLOB, "Opaque", "sasKey", NULL},
		{BLOB, "Opaque", "",
			"it has the keys (none), and a source of kind azblob needs accountKey, or "
			"sasKey, or tenantId and clientId and clientSecret, or tenantId and "
			"clientId and clientCertificate, or clientId"},
		{OCI, "kubernetes.io/dockerconfigjson", ".dockerconfigjson", NULL},
		{OCI, "Opaque", ".dockerconfigjson",
			"it has the type 'Opaque', and a registry needs "
			"kubernetes.io/dockerconfigjson"},
	};

	(void)state;
	for (size_t i = 0; i < countof(rows); i++) {
		CLEANUP(arm_config_clear) struct arm_config config = ARM_CONFIG_INIT;
		autojson struct json_object *body = NULL;
		autostrv keys = STRV_INIT;
		autoerror err = ERROR_INIT;

		ask(&config, rows[i].asked);
		body = arm_config_put(&config);
		strv_split(&keys, rows[i].keys, " ", false);
		(void)!arm_config_check_secret(
			json_get(body, "properties"), rows[i].type, &keys, &err);
		if (!streq(err.message, rows[i].wanted))
			fail_msg("%s: %s", rows[i].keys, err.message ? err.message : "taken");
	}
}

/* ---- the catalog */

static void test_fields(void **state)
{
	(void)state;
	for (size_t i = 0; i < FLUX_FIELDS; i++) {
		assert_true(str_set(arm_config_fields[i].name));
		assert_non_null(arm_config_fields[i].path[0]);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(
				arm_config_fields[i].name, arm_config_fields[k].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sources),
		cmocka_unit_test(test_graph),
		cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_known_hosts),
		cmocka_unit_test(test_private_keys),
		cmocka_unit_test(test_secret),
		cmocka_unit_test(test_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
