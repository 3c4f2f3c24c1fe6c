/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Workload identity: the managed identity that Flux's controllers act as, the federated credentials
 * which let their service accounts do so, and the roles that let it pull from a registry. Paths and
 * bodies; nothing here sends.
 */
#ifndef ARM_IDENTITY_H
#define ARM_IDENTITY_H

#include "base/base.h"

struct json_object;

#define ARM_FEDERATION_AUDIENCE "api://AzureADTokenExchange"
/* Of one identity; Azure's limit. */
#define ARM_FEDERATION_MAX 20

/* CATALOG of the controllers that can act as an identity. */
struct arm_federation_row {
	const char *controller; /* its Deployment and its service account in flux-system */
	const char *setting;    /* of the extension, which deploys it or not */
	bool enabled;           /* without that setting */
	const char *since,
		*since_arc; /* first extension release in which it can, on AKS and on Arc */
};
extern const struct arm_federation_row arm_federation_rows[];
extern const size_t arm_federation_rows_count;

/* "system:serviceaccount:flux-system:CONTROLLER"; the caller frees. */
char *arm_federation_subject(const char *controller);
/*
 * A name for the credential of this cluster and controller: of the characters that Azure takes, at most
 * 120, and not among the names of `credentials` (an array; NULL: none). The caller frees.
 */
char *arm_federation_name(
	const char *cluster, const char *controller, struct json_object *credentials);
/*
 * The name of the credential that already serves; NULL: none. The issuer is compared byte by byte, as
 * Azure does: a slash at the end matters. Borrowed.
 */
const char *arm_federation_find(
	struct json_object *credentials, const char *issuer, const char *subject);
/* The body of a PUT; owned. */
struct json_object *arm_federation_body(const char *issuer, const char *subject);

/* The path of a user-assigned identity, without `name` of all in the group; the caller frees. */
char *arm_user_identity_path(const char *subscription, const char *group, const char *name);

/* What a cluster's resource says of its OIDC issuer; borrowed texts. */
struct arm_issuer {
	const char *url; /* NULL: none */
	bool enabled, workload_identity;
};
/* Arc writes issuerUrl, AKS issuerURL. */
void arm_issuer_read(struct json_object *cluster, struct arm_issuer *ret);

/* CATALOG of the built-in roles with which an identity may pull from a registry. */
struct arm_pull_role {
	const char *id; /* of the role definition, the same in every tenant */
	const char *name;
	bool repository; /* counts where the registry asks for permissions on repositories (ABAC), and
			    only there; the others only where it does not */
};
extern const struct arm_pull_role arm_pull_roles[];
extern const size_t arm_pull_roles_count;
/* The first role out of role assignments (an array) that lets pull; NULL: none. */
const struct arm_pull_role *arm_pull_role_find(struct json_object *assignments);

#endif
