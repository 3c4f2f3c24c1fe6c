/* SPDX-License-Identifier: Apache-2.0 */
/* The catalog of fields, and what was asked of them. Bodies: arm/fluxconfig_body.c. */
#include "base/base.h"

#include <strings.h>

#include "arm/duration.h"
#include "arm/fluxconfig.h"
#include "arm/fluxconfig_internal.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/scan.h"

enum {
	GIT = 1,
	BUCKET = 2,
	BLOB = 4,
	OCI = 8,
	ANY = GIT | BUCKET | BLOB | OCI
};

/* clang-format off */
const struct arm_config_kind arm_config_kinds[] = {
	{"git",    "GitRepository", "gitRepository", GIT},
	{"bucket", "Bucket",        "bucket",        BUCKET},
	{"azblob", "AzureBlob",     "azureBlob",     BLOB},
	{"oci",    "OCIRepository", "ociRepository", OCI},
};

const struct arm_config_field arm_config_fields[FLUX_FIELDS] = {
	[FLUX_SCOPE] =                 {"scope", 0, {"scope"}, FLUX_TEXT, "cluster namespace", false, true},
	[FLUX_NAMESPACE] =             {"namespace", 0, {"namespace"}, FLUX_TEXT, NULL, false, true},
	[FLUX_SUSPEND] =               {"suspend", 0, {"suspend"}, FLUX_BOOL, NULL, false, false},
	[FLUX_WAIT] =                  {"wait-for-reconciliation", 0, {"waitForReconciliation"}, FLUX_BOOL, NULL, false, true},
	[FLUX_WAIT_DURATION] =         {"reconciliation-wait-duration", 0, {"reconciliationWaitDuration"}, FLUX_ISO, NULL, false, true},
	[FLUX_URL] =                   {"url", ANY, {"@", "url"}, FLUX_TEXT, NULL, false, false},
	[FLUX_TIMEOUT] =               {"timeout", ANY, {"@", "timeoutInSeconds"}, FLUX_SECONDS, NULL, false, false},
	[FLUX_INTERVAL] =              {"sync-interval", ANY, {"@", "syncIntervalInSeconds"}, FLUX_SECONDS, NULL, false, false},
	[FLUX_LOCAL_AUTH_REF] =        {"local-auth-ref", ANY, {"@", "localAuthRef"}, FLUX_TEXT, NULL, false, false},
	[FLUX_BRANCH] =                {"branch", GIT, {"@", "repositoryRef", "branch"}, FLUX_TEXT, NULL, false, false},
	[FLUX_TAG] =                   {"tag", GIT | OCI, {"@", "repositoryRef", "tag"}, FLUX_TEXT, NULL, false, false},
	[FLUX_SEMVER] =                {"semver", GIT | OCI, {"@", "repositoryRef", "semver"}, FLUX_TEXT, NULL, false, false},
	[FLUX_COMMIT] =                {"commit", GIT, {"@", "repositoryRef", "commit"}, FLUX_TEXT, NULL, false, false},
	[FLUX_PROVIDER] =              {"provider", GIT, {"@", "provider"}, FLUX_TEXT, "Generic Azure GitHub", false, false},
	[FLUX_HTTPS_USER] =            {"https-user", GIT, {"@", "httpsUser"}, FLUX_TEXT, NULL, false, false},
	[FLUX_HTTPS_KEY] =             {"https-key", GIT, {ARM_CONFIG_SECRETS, "httpsKey"}, FLUX_TO_BASE64, NULL, true, false},
	[FLUX_HTTPS_CA_CERT] =         {"https-ca-cert", GIT, {"@", "httpsCACert"}, FLUX_BASE64, NULL, false, false},
	[FLUX_SSH_PRIVATE_KEY] =       {"ssh-private-key", GIT, {ARM_CONFIG_SECRETS, "sshPrivateKey"}, FLUX_BASE64, NULL, true, false},
	[FLUX_KNOWN_HOSTS] =           {"known-hosts", GIT, {"@", "sshKnownHosts"}, FLUX_BASE64, NULL, false, false},
	[FLUX_BUCKET_NAME] =           {"bucket-name", BUCKET, {"@", "bucketName"}, FLUX_TEXT, NULL, false, false},
	[FLUX_BUCKET_INSECURE] =       {"bucket-insecure", BUCKET, {"@", "insecure"}, FLUX_BOOL, NULL, false, false},
	[FLUX_BUCKET_ACCESS_KEY] =     {"bucket-access-key", BUCKET, {"@", "accessKey"}, FLUX_TEXT, NULL, false, false},
	[FLUX_BUCKET_SECRET_KEY] =     {"bucket-secret-key", BUCKET, {ARM_CONFIG_SECRETS, "bucketSecretKey"}, FLUX_TO_BASE64, NULL, true, false},
	[FLUX_CONTAINER_NAME] =        {"container-name", BLOB, {"@", "containerName"}, FLUX_TEXT, NULL, false, false},
	[FLUX_ACCOUNT_KEY] =           {"account-key", BLOB, {"@", "accountKey"}, FLUX_TEXT, NULL, true, false},
	[FLUX_SAS_TOKEN] =             {"sas-token", BLOB, {"@", "sasToken"}, FLUX_TEXT, NULL, true, false},
	[FLUX_MI_CLIENT_ID] =          {"mi-client-id", BLOB, {"@", "managedIdentity", "clientId"}, FLUX_TEXT, NULL, false, false},
	[FLUX_SP_CLIENT_ID] =          {"sp-client-id", BLOB, {"@", "servicePrincipal", "clientId"}, FLUX_TEXT, NULL, false, false},
	[FLUX_SP_TENANT_ID] =          {"sp-tenant-id", BLOB, {"@", "servicePrincipal", "tenantId"}, FLUX_TEXT, NULL, false, false},
	[FLUX_SP_CLIENT_SECRET] =      {"sp-client-secret", BLOB, {"@", "servicePrincipal", "clientSecret"}, FLUX_TEXT, NULL, true, false},
	[FLUX_SP_CLIENT_CERT] =        {"sp-client-cert", BLOB, {"@", "servicePrincipal", "clientCertificate"}, FLUX_BASE64, NULL, true, false},
	[FLUX_SP_CERT_PASSWORD] =      {"sp-cert-password", BLOB, {"@", "servicePrincipal", "clientCertificatePassword"}, FLUX_TEXT, NULL, true, false},
	[FLUX_SP_CERT_SEND_CHAIN] =    {"sp-cert-send-chain", BLOB, {"@", "servicePrincipal", "clientCertificateSendChain"}, FLUX_BOOL, NULL, false, false},
	[FLUX_DIGEST] =                {"digest", OCI, {"@", "repositoryRef", "digest"}, FLUX_TEXT, NULL, false, false},
	[FLUX_OCI_MEDIA_TYPE] =        {"oci-media-type", OCI, {"@", "layerSelector", "mediaType"}, FLUX_TEXT, NULL, false, false},
	[FLUX_OCI_OPERATION] =         {"oci-operation", OCI, {"@", "layerSelector", "operation"}, FLUX_TEXT, "extract copy", false, false},
	[FLUX_OCI_INSECURE] =          {"oci-insecure", OCI, {"@", "insecure"}, FLUX_BOOL, NULL, false, false},
	[FLUX_TLS_CA] =                {"tls-ca-certificate", OCI, {"@", "tlsConfig", "caCertificate"}, FLUX_BASE64, NULL, true, false},
	[FLUX_TLS_CERT] =              {"tls-client-certificate", OCI, {"@", "tlsConfig", "clientCertificate"}, FLUX_BASE64, NULL, true, false},
	[FLUX_TLS_KEY] =               {"tls-private-key", OCI, {"@", "tlsConfig", "privateKey"}, FLUX_BASE64, NULL, true, false},
	[FLUX_SERVICE_ACCOUNT] =       {"service-account-name", OCI, {"@", "serviceAccountName"}, FLUX_TEXT, NULL, false, false},
	[FLUX_WORKLOAD_IDENTITY] =     {"use-workload-identity", OCI, {"@", "useWorkloadIdentity"}, FLUX_BOOL, NULL, false, false},
	[FLUX_VERIFICATION_PROVIDER] = {"verification-provider", OCI, {"@", "verify", "provider"}, FLUX_TEXT, NULL, false, false},
	[FLUX_VERIFICATION_CONFIG] =   {"verification-config", OCI, {"@", "verify", "verificationConfig"}, FLUX_MAP, NULL, false, false},
	[FLUX_OIDC_IDENTITY] =         {"match-oidc-identity", OCI, {"@", "verify", "matchOidcIdentity"}, FLUX_LIST, NULL, false, false},
};
/* clang-format on */
const size_t arm_config_kinds_count = countof(arm_config_kinds);

const struct arm_config_kind *arm_config_kind_find(const char *name)
{
	for (size_t i = 0; i < arm_config_kinds_count; i++)
		if (strcasecmp(name, arm_config_kinds[i].name) == 0 ||
			strcasecmp(name, arm_config_kinds[i].source_kind) == 0)
			return &arm_config_kinds[i];
	return NULL;
}

void arm_config_clear(struct arm_config *config)
{
	for (size_t i = 0; i < FLUX_FIELDS; i++)
		json_free(config->values[i]);
	json_free(config->kustomizations);
	*config = (struct arm_config)ARM_CONFIG_INIT;
}

/* ---- values */

int arm_config_check_text(const char *label, const char *text, struct error *err)
{
	if (!scan_is_utf8(text, strlen(text)))
		return error_set(err, ERROR_USAGE, "%s: it is not UTF-8", label);
	for (const char *at = text; *at; at++)
		if (((unsigned char)*at < ' ' && !strchr("\n\r\t", *at)) || *at == 0x7f)
			return error_set(
				err, ERROR_USAGE, "%s: it has a control character in it", label);
	return 0;
}

/* The word as the catalog spells it, whatever its case; NULL if it is not allowed. Owned. */
static char *allowed(const char *words, const char *text)
{
	autostrv list = STRV_INIT;

	if (!words)
		return xstrdup(text);
	strv_split(&list, words, " ", false);
	for (size_t i = 0; i < list.len; i++)
		if (strcasecmp(list.items[i], text) == 0)
			return xstrdup(list.items[i]);
	return NULL;
}

static int set_text(const struct arm_config_field *field, const char *label, const char *text,
	struct json_object **ret, struct error *err)
{
	autofree char *word = allowed(field->one_of, text);

	if (arm_config_check_text(label, text, err) < 0)
		return -1;
	if (!word)
		return error_set(
			err, ERROR_USAGE, "%s: '%s' is not one of: %s", label, text, field->one_of);
	*ret = json_new_string(word);
	return 0;
}

static int set_bool(
	const char *label, const char *text, struct json_object **ret, struct error *err)
{
	if (strcasecmp(text, "true") != 0 && strcasecmp(text, "false") != 0)
		return error_set(
			err, ERROR_USAGE, "%s: '%s' is neither true nor false", label, text);
	*ret = json_new_bool(strcasecmp(text, "true") == 0);
	return 0;
}

static int set_duration(const struct arm_config_field *field, const char *label, const char *text,
	struct json_object **ret, struct error *err)
{
	autobuf iso = BUF_INIT;
	int64_t seconds;

	if (arm_duration_parse(label, text, &seconds, err) < 0)
		return -1;
	arm_duration_iso(&iso, seconds);
	*ret = field->type == FLUX_ISO ? json_new_string(iso.ptr) : json_new_int(seconds);
	return 0;
}

/* The text may be a secret: it stands in no message. */
static int set_base64(
	const char *label, const char *text, struct json_object **ret, struct error *err)
{
	CLEANUP(buf_wipe) struct buf plain = BUF_INIT;
	CLEANUP(buf_wipe) struct buf one_line = BUF_INIT;
	size_t bad;

	if (!base64_decode(text, strlen(text), &plain, &bad)) {
		error_set(err, ERROR_USAGE, "%s: not base64 (byte %zu)", label, bad);
		return error_hint(
			err, "give the file itself: %s-file FILE, or base64 of it", label);
	}
	base64_encode(plain.ptr, plain.len, &one_line);
	*ret = json_new_string(one_line.ptr);
	return 0;
}

static struct json_object *to_base64(const char *text)
{
	CLEANUP(buf_wipe) struct buf encoded = BUF_INIT;

	base64_encode(text, strlen(text), &encoded);
	return json_new_string(encoded.ptr);
}

static int read_value(const struct arm_config_field *field, const char *label, const char *text,
	struct json_object **ret, struct error *err)
{
	switch (field->type) {
	case FLUX_BOOL:
		return set_bool(label, text, ret, err);
	case FLUX_SECONDS:
	case FLUX_ISO:
		return set_duration(field, label, text, ret, err);
	case FLUX_BASE64:
		return set_base64(label, text, ret, err);
	case FLUX_TO_BASE64:
		*ret = to_base64(text);
		return 0;
	case FLUX_TEXT:
	case FLUX_MAP:
	case FLUX_LIST:
		break;
	}
	return set_text(field, label, text, ret, err);
}

/* `value` becomes the configuration's. */
static void keep(struct arm_config *config, enum arm_config_id id, struct json_object *value)
{
	json_free(config->values[id]);
	config->values[id] = value;
	config->given[id] = true;
}

int arm_config_set(struct arm_config *config, enum arm_config_id id, const char *label,
	const char *text, struct error *err)
{
	const struct arm_config_field *field = &arm_config_fields[id];
	autofree char *flag = xasprintf("--%s", field->name);
	struct json_object *value = NULL;

	if (*text && read_value(field, label ? label : flag, text, &value, err) < 0)
		return -1;
	keep(config, id, value);
	return 0;
}

/* ---- words */

static int map_word(struct json_object *map, const char *flag, const char *word, struct error *err)
{
	const char *equals = strchr(word, '=');
	autofree char *key = equals ? xstrndup(word, (size_t)(equals - word)) : NULL;

	if (!str_set(key))
		return error_set(err, ERROR_USAGE, "--%s: '%s' is not KEY=VALUE", flag, word);
	if (arm_config_check_text(flag, word, err) < 0)
		return -1;
	json_set_str(map, key, equals + 1);
	return 0;
}

static int list_word(
	struct json_object *list, const char *flag, const char *word, struct error *err)
{
	autojson struct json_object *item = NULL;

	if (json_parse(word, strlen(word), &item, err) < 0)
		return error_wrap(err, "--%s", flag);
	if (!json_str(item, "issuer") || !json_str(item, "subject"))
		return error_set(err, ERROR_USAGE,
			"--%s: '%s' is not {\"issuer\": TEXT, \"subject\": TEXT}", flag, word);
	json_push(list, TAKE(item));
	return 0;
}

int arm_config_set_words(struct arm_config *config, enum arm_config_id id, const struct strv *words,
	struct error *err)
{
	const struct arm_config_field *field = &arm_config_fields[id];
	bool map = field->type == FLUX_MAP;
	autojson struct json_object *value = map ? json_new_object() : json_new_array();

	for (size_t i = 0; i < words->len; i++) {
		const char *word = words->items[i];

		if (streq(word, "--"))
			continue;
		if ((map ? map_word(value, field->name, word, err)
			 : list_word(value, field->name, word, err)) < 0) {
			if (err)
				err->kind = ERROR_USAGE;
			return -1;
		}
	}
	keep(config, id, TAKE(value));
	return 0;
}

/* ---- the kind */

static int unknown_kind(const char *name, struct error *err)
{
	return error_set(
		err, ERROR_USAGE, "--kind: '%s' is not one of: git bucket azblob oci", name);
}

int arm_config_set_kind(struct arm_config *config, const char *name, struct error *err)
{
	config->kind = arm_config_kind_find(name);
	return config->kind ? 0 : unknown_kind(name, err);
}

static void list_fields(unsigned bit, struct buf *out)
{
	for (size_t i = 0; i < FLUX_FIELDS; i++)
		if (arm_config_fields[i].kinds & bit)
			buf_addf(out, "%s--%s", out->len ? ", " : "", arm_config_fields[i].name);
}

int arm_config_check_kind(const struct arm_config *config, struct error *err)
{
	const struct arm_config_kind *kind = config->kind ? config->kind : &arm_config_kinds[0];
	autobuf wrong = BUF_INIT;
	autobuf valid = BUF_INIT;

	for (size_t i = 0; i < FLUX_FIELDS; i++) {
		const struct arm_config_field *field = &arm_config_fields[i];

		if (config->given[i] && field->kinds && !(field->kinds & kind->bit))
			buf_addf(&wrong, "%s--%s", wrong.len ? ", " : "", field->name);
	}
	if (!wrong.len)
		return 0;
	list_fields(kind->bit, &valid);
	error_set(err, ERROR_USAGE, "%s: not for sources of kind '%s'", wrong.ptr, kind->name);
	return error_hint(err, "of a source of kind '%s' there are: %s", kind->name, valid.ptr);
}

/* ---- --kustomization */

/* Words of one use: from `start` up to the next "--". */
static size_t use_length(const struct strv *words, size_t start)
{
	size_t count = 0;

	while (start + count < words->len && !streq(words->items[start + count], "--"))
		count++;
	return count;
}

static int add_kustomization(
	struct arm_config *config, char *const words[], size_t count, struct error *err)
{
	autojson struct json_object *tree = NULL;
	autofree char *name = NULL;

	if (arm_config_kustomization(words, count, &name, &tree, err) < 0)
		return error_wrap(err, "--kustomization");
	if (!name)
		return error_set(err, ERROR_USAGE, "--kustomization: name=NAME is missing in '%s'",
			words[0]);
	if (json_get(config->kustomizations, name))
		return error_set(err, ERROR_USAGE, "--kustomization: '%s' is given twice", name);
	json_set(config->kustomizations, name, TAKE(tree));
	return 0;
}

int arm_config_set_kustomizations(
	struct arm_config *config, const struct strv *words, struct error *err)
{
	size_t at = 0;

	if (!config->kustomizations)
		config->kustomizations = json_new_object();
	while (at < words->len) {
		size_t count = use_length(words, at);

		if (count && add_kustomization(config, words->items + at, count, err) < 0)
			return -1;
		at += count + 1;
	}
	return 0;
}
