/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests to Azure Resource Manager (ARM): one host, over https alone; a token goes nowhere else.
 * Retries as Azure's own libraries do (three, on 408, 429, 5xx and broken connections, honouring
 * Retry-After), one answer to a claims challenge, pages followed on the ARM host only.
 */
#ifndef ARM_CLIENT_H
#define ARM_CLIENT_H

#include "arm/cloud.h"
#include "arm/token.h"
#include "base/base.h"
#include "base/error.h"

struct json_object;

struct arm_options {
	const struct arm_cloud *cloud; /* borrowed, as all here */
	struct arm_tokens *tokens;
	const char *user_agent;
	int (*tick)(void *ctx, struct error *err); /* NULL: none */
	void *tick_ctx;
	void (*on_warning)(void *ctx, const char *text); /* low limits, deprecations; NULL: none */
	void *warning_ctx;
};

struct arm;
struct arm *arm_new(const struct arm_options *options);
void arm_free(struct arm *arm);
void arm_free_pointer(struct arm **slot);
const struct arm_cloud *arm_cloud_of(const struct arm *arm);
/* One request. Fill the first part; clear it afterwards. */
struct arm_request {
	const char *method; /* NULL: GET */
	/* "/subscriptions/…", or a whole URL, which has to be on the ARM host; borrowed, as all here */
	const char *path;
	const char *api_version;  /* NULL: the path carries its own */
	const char *query;        /* more parameters, already encoded; NULL: none */
	struct json_object *body; /* NULL: none. What arm/secret.h knows is left out of traces. */
	int64_t delay_ms;         /* before it is sent */
	bool secret;              /* the reply holds secrets: no trace shows it, nor the body */
	bool absent_ok;           /* 404 is no error: status 404, reply NULL */
	/* Results. */
	struct error error; /* ERROR_NONE: it worked. See arm/error.h for its words. */
	char *code;         /* ARM's innermost error code ("AuthorizationFailed"), owned; NULL */
	int status;
	struct json_object *reply; /* owned; NULL if empty, and after a DELETE */
	char *operation;           /* Azure-AsyncOperation: poll this; owned; NULL: none */
	int64_t retry_after_ms;    /* -1: not said */
};
#define ARM_REQUEST_INIT             \
	{                            \
		.retry_after_ms = -1 \
	}
void arm_request_clear(struct arm_request *request);

/*
 * The URL that a request goes to, owned: always the cloud's own endpoint, with the path and query of
 * `path`. Refused if `path` is a URL of another host, not https, or with a user in it (host and scheme in
 * any case): ERROR_SERVER, since it is a server that gives such addresses.
 */
int arm_url(const struct arm *arm, const struct arm_request *request, char **ret,
	struct error *err) MUST_CHECK;

/* Run all side by side; each keeps its own error. Fails only on an interrupt or without a token. */
int arm_run(struct arm *arm, struct arm_request *requests[], size_t count,
	struct error *err) MUST_CHECK;
/* One request whose failure is the call's. */
int arm_send(struct arm *arm, struct arm_request *request, struct error *err) MUST_CHECK;
/* One GET; `*ret` owned. */
int arm_get(struct arm *arm, const char *path, const char *api_version, struct json_object **ret,
	struct error *err) MUST_CHECK;
/* All pages of a list: `*ret` an array, owned. At most 200 pages; none on another host than ARM's. */
int arm_list(struct arm *arm, const char *path, const char *api_version, struct json_object **ret,
	struct error *err) MUST_CHECK;

/* ---- which api-version */

enum arm_type {
	ARM_FLUX_CONFIGURATIONS,
	ARM_EXTENSIONS,
	ARM_EXTENSION_TYPES,
	ARM_SOURCE_CONTROL_CONFIGURATIONS,
	ARM_CONNECTED_CLUSTERS,
	ARM_MANAGED_CLUSTERS,
	ARM_PROVISIONED_CLUSTERS,
	ARM_PROVIDERS,
	ARM_RESOURCE_GROUPS,
	ARM_SUBSCRIPTIONS,
	ARM_USER_IDENTITIES,
	ARM_FEDERATED_CREDENTIALS,
	ARM_ROLE_ASSIGNMENTS,
	ARM_PERMISSIONS,
	ARM_TYPES_COUNT
};
/*
 * The api-version to use for a type: the default, or where the provider of this subscription does not
 * list it, the newest that both know (asked once a provider, and only after ARM refused the default).
 * Borrowed. What the user chose by name goes before all.
 */
const char *arm_api_version(struct arm *arm, enum arm_type type);
/* "Microsoft.KubernetesConfiguration", "extensions". */
const char *arm_type_provider(enum arm_type type);
const char *arm_type_resource(enum arm_type type);
/* Is it one of the versions that this program knows for the type? */
bool arm_type_speaks(enum arm_type type, const char *version);
/* Out of a provider's reply ("resourceTypes"): the newest that both know; NULL: none. Borrowed
 * from the reply. */
const char *arm_version_choose(enum arm_type type, struct json_object *provider);
/* --api-version: for fluxConfigurations and extensions. Borrowed. */
void arm_set_api_version(struct arm *arm, enum arm_type type, const char *version);

#endif
