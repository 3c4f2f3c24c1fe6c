/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fluxConfigurations (Microsoft.KubernetesConfiguration, api-version 2025-04-01): what was asked, checked
 * before anything is sent, and made into the bodies of PUT and PATCH. Nothing here sends or reads a file.
 *
 * What is asked comes from flags, from a file, or from a document in ARM's own form; all three end in the
 * same fields. A field that was given "" is to be removed (null in a PATCH).
 */
#ifndef ARM_FLUXCONFIG_H
#define ARM_FLUXCONFIG_H

#include "base/base.h"
#include "base/error.h"
#include "base/strv.h"

struct json_object;

/* CATALOG of the kinds of sources. */
struct arm_config_kind {
	const char *name;        /* --kind: "git" */
	const char *source_kind; /* "GitRepository" */
	const char *member;      /* of the properties: "gitRepository" */
	unsigned bit;            /* in arm_config_field.kinds */
};
extern const struct arm_config_kind arm_config_kinds[];
extern const size_t arm_config_kinds_count;
/* By either name, in any case; NULL if unknown. */
const struct arm_config_kind *arm_config_kind_find(const char *name);

enum arm_config_id {
	/* of every configuration */
	FLUX_SCOPE,
	FLUX_NAMESPACE,
	FLUX_SUSPEND,
	FLUX_WAIT,
	FLUX_WAIT_DURATION,
	/* of every source */
	FLUX_URL,
	FLUX_TIMEOUT,
	FLUX_INTERVAL,
	FLUX_LOCAL_AUTH_REF,
	/* of some */
	FLUX_BRANCH,
	FLUX_TAG,
	FLUX_SEMVER,
	FLUX_COMMIT,
	FLUX_PROVIDER,
	FLUX_HTTPS_USER,
	FLUX_HTTPS_KEY,
	FLUX_HTTPS_CA_CERT,
	FLUX_SSH_PRIVATE_KEY,
	FLUX_KNOWN_HOSTS,
	FLUX_BUCKET_NAME,
	FLUX_BUCKET_INSECURE,
	FLUX_BUCKET_ACCESS_KEY,
	FLUX_BUCKET_SECRET_KEY,
	FLUX_CONTAINER_NAME,
	FLUX_ACCOUNT_KEY,
	FLUX_SAS_TOKEN,
	FLUX_MI_CLIENT_ID,
	FLUX_SP_CLIENT_ID,
	FLUX_SP_TENANT_ID,
	FLUX_SP_CLIENT_SECRET,
	FLUX_SP_CLIENT_CERT,
	FLUX_SP_CERT_PASSWORD,
	FLUX_SP_CERT_SEND_CHAIN,
	FLUX_DIGEST,
	FLUX_OCI_MEDIA_TYPE,
	FLUX_OCI_OPERATION,
	FLUX_OCI_INSECURE,
	FLUX_TLS_CA,
	FLUX_TLS_CERT,
	FLUX_TLS_KEY,
	FLUX_SERVICE_ACCOUNT,
	FLUX_WORKLOAD_IDENTITY,
	FLUX_VERIFICATION_PROVIDER,
	FLUX_VERIFICATION_CONFIG,
	FLUX_OIDC_IDENTITY,
	FLUX_FIELDS
};

enum arm_config_type {
	FLUX_TEXT,
	FLUX_BOOL,
	FLUX_SECONDS,
	FLUX_ISO,    /* a duration in ISO 8601 */
	FLUX_BASE64, /* given and sent in base64 */
	FLUX_TO_BASE64,
	FLUX_MAP, /* texts by key */
	FLUX_LIST /* of objects */
};

/* CATALOG: where each field stands in the properties. The parent "@" is the source's object. */
struct arm_config_field {
	const char *name;    /* the flag, without dashes */
	unsigned kinds;      /* bits of arm_config_kind; 0: of the configuration itself */
	const char *path[3]; /* NULL ends it early */
	enum arm_config_type type;
	const char *one_of; /* allowed values with spaces between; NULL: any */
	bool secret;
	bool create_only; /* no PATCH takes it */
};
extern const struct arm_config_field arm_config_fields[FLUX_FIELDS];
/* "local-auth-ref", "localAuthRef", "local_auth_ref": an id, or FLUX_FIELDS if there is none. */
size_t arm_config_field_find(const char *name);

struct arm_config {
	const struct arm_config_kind *kind; /* NULL: not said */
	bool given[FLUX_FIELDS];
	struct json_object *values[FLUX_FIELDS]; /* owned; NULL of a given field: to be removed */
	struct json_object *kustomizations; /* map by name in ARM's form, owned; NULL: not given */
};
#define ARM_CONFIG_INIT      \
	{                    \
		.kind = NULL \
	}
void arm_config_clear(struct arm_config *config);

/* ---- what is asked (ERROR_USAGE throughout) */

/* From text, as flags have it. `label` is for messages: "--url"; NULL: the field's flag. */
int arm_config_set(struct arm_config *config, enum arm_config_id id, const char *label,
	const char *text, struct error *err) MUST_CHECK;
/* From words KEY=VALUE, or JSON objects, of fields that are maps or lists; "--" is skipped. */
int arm_config_set_words(struct arm_config *config, enum arm_config_id id, const struct strv *words,
	struct error *err) MUST_CHECK;
int arm_config_set_kind(struct arm_config *config, const char *name, struct error *err) MUST_CHECK;
/* --kustomization: words KEY=VALUE, each use behind an item "--". */
int arm_config_set_kustomizations(
	struct arm_config *config, const struct strv *words, struct error *err) MUST_CHECK;
/*
 * From a document: {name, kind, url, …, kustomizations} with the names of the flags, in camelCase or
 * with dashes; or ARM's own form ({properties: …}, as `config show -o yaml` prints it), of which what
 * only Azure writes is skipped. `*name` (owned) is the document's, or NULL.
 */
int arm_config_set_document(struct arm_config *config, struct json_object *document, char **name,
	struct error *err) MUST_CHECK;
/* Each field given belongs to the kind; the error names those that do. */
int arm_config_check_kind(const struct arm_config *config, struct error *err) MUST_CHECK;

/* ---- one kustomization (arm/fluxconfig_kustomization.c) */

/*
 * Words KEY=VALUE with az's keys and their other spellings, and our `substitute.NAME=VALUE` and
 * `substituteFrom=Secret/NAME[?],…`. `*name` (owned) is NULL if none was given; `*ret` is in ARM's form
 * with null for what was given empty.
 */
int arm_config_kustomization(char *const words[], size_t count, char **name,
	struct json_object **ret, struct error *err) MUST_CHECK;
/* One key; `label` is for messages. */
int arm_config_kustomization_set(struct json_object *kustomization, const char *key,
	const char *value, struct error *err) MUST_CHECK;
/* The same of a document: keys as above, values as YAML has them, or in ARM's own form. */
int arm_config_kustomization_document(const char *name, struct json_object *document,
	struct json_object **ret, struct error *err) MUST_CHECK;
/* Names in every quoting that people use: "a,b", "[a,b]", ["a"], \["a"\], 'a'. Appends an array. */
int arm_config_depends_on(const char *text, struct json_object **ret, struct error *err) MUST_CHECK;

/* ---- bodies (arm/fluxconfig_body.c) */

/* The name and defaults that az gives a configuration without --kustomization. */
#define ARM_CONFIG_DEFAULT_KUSTOMIZATION "kustomization-1"
/* {"properties": …} of a PUT; owned. What is not given is left out, but for scope, namespace, sourceKind
 * and suspend, which az sends always. */
struct json_object *arm_config_put(const struct arm_config *config);
/*
 * {"properties": …} of a PATCH against what is there (`current`: its properties): what was given alone;
 * another kind empties the old source; of branch, tag, semver and commit one stands, so the others are
 * removed. NULL members of the document stand for null. Owned.
 */
struct json_object *arm_config_patch(const struct arm_config *config, struct json_object *current);
/* A PATCH that makes `current` what `wanted` (properties of a PUT) says: what that does not have is
 * removed. Secrets are sent anew. Owned. */
struct json_object *arm_config_patch_to(struct json_object *current, struct json_object *wanted);
/*
 * What of ARM's properties can be compared with what was asked: a copy without what only Azure writes,
 * and without secrets, of which it shows a mask at most. Owned. All functions here take it as `current`.
 */
struct json_object *arm_config_comparable(struct json_object *properties);
/* RFC 7396; owned. */
struct json_object *arm_config_merge(struct json_object *target, struct json_object *patch);
/* The source in a PATCH, whole but for what is not ours to send: the answer to "Invalid source kind
 * match". */
void arm_config_patch_whole_source(struct json_object *patch, struct json_object *current);
/* The one of arm_config_kinds that these properties name. */
const struct arm_config_kind *arm_config_kind_of(struct json_object *properties);
/* A copy for eyes: secrets as "(secret)". Owned. */
struct json_object *arm_config_redacted(struct json_object *document);
bool arm_config_holds_secrets(struct json_object *properties);

/* ---- what changes (arm/fluxconfig_diff.c) */

struct arm_config_change {
	char *path;           /* "kustomizations.infra.path" */
	char *before, *after; /* NULL: not there */
};
struct arm_config_diff {
	struct arm_config_change *changes;
	size_t count;
};
#define ARM_CONFIG_DIFF_INIT \
	{                    \
		.count = 0   \
	}
/* Between two properties; defaults that are spelt out are no change. Secrets of `after` are always one,
 * since Azure never says what it has. */
void arm_config_diff(
	struct json_object *before, struct json_object *after, struct arm_config_diff *ret);
void arm_config_diff_clear(struct arm_config_diff *diff);

/* ---- checks (arm/fluxconfig_check.c; ERROR_USAGE) */

#define ARM_CONFIG_MAX_NAME 63
#define ARM_CONFIG_MAX_JOINED 62 /* "<configuration>-<kustomization>" */
#define ARM_CONFIG_MAX_NAMESPACE 63

int arm_config_check_name(const char *name, struct error *err) MUST_CHECK;
/*
 * The configuration as it will be (`properties`: of a PUT, or merged), and what of it was asked now
 * (`asked`: the same, or of a PATCH). With `creates`, what a new one needs has to be there.
 */
struct arm_config_check {
	const char *name;
	struct json_object *properties, *asked;
	bool creates;
	struct strv *warnings; /* what is allowed and unwise; NULL: nobody hears it */
};
int arm_config_check(const struct arm_config_check *check, struct error *err) MUST_CHECK;
/* Kustomizations: names, joined lengths, unknown names in dependsOn, cycles. Part of arm_config_check(). */
int arm_config_check_kustomizations(
	const char *name, struct json_object *kustomizations, struct error *err) MUST_CHECK;
/* ssh is spoken to the server of this URL. */
bool arm_config_url_is_ssh(const char *url);
/* Lines of a known_hosts file; ERROR_USAGE names the line. */
int arm_config_check_known_hosts(const char *text, size_t len, struct error *err) MUST_CHECK;
/* A private key in PEM or OpenSSH's form, looked at from outside. `*warning` (static; may be NULL) says
 * what a server may have against it. */
int arm_config_check_private_key(
	const char *text, size_t len, const char **warning, struct error *err) MUST_CHECK;

/* ---- the Secret of --local-auth-ref (arm/fluxconfig_secret.c) */

/*
 * Does a Secret with these keys and type serve such a source? ERROR_FAILED says what is missing. Works
 * on names alone: no value is needed.
 */
int arm_config_check_secret(struct json_object *properties, const char *type,
	const struct strv *keys, struct error *err) MUST_CHECK;

#endif
