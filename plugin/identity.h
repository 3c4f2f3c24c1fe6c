/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `identity`: what workload identity needs from end to end, from the cluster's OIDC issuer to the role on
 * a registry. Read once, then told as steps, each in place, missing, unknown, or a person's to do.
 */
#ifndef PLUGIN_IDENTITY_H
#define PLUGIN_IDENTITY_H

#include "arm/identity.h"
#include "base/base.h"
#include "base/strv.h"
#include "plugin/azure.h"

struct json_object;

/* X(NAME, "words") */
#define IDENTITY_STATES(X)    \
	X(DONE, "in place")   \
	X(MISSING, "missing") \
	X(UNKNOWN, "unknown") \
	X(PERSON, "by a person")

enum identity_state {
#define X(name, words) IDENTITY_##name,
	IDENTITY_STATES(X)
#undef X
};

struct identity_step {
	char *what, *detail;
	char *next; /* what to type; NULL: nothing */
	enum identity_state state;
};

/* An object of the cluster that fetches from Azure. Owned texts. */
struct identity_source {
	char *object;   /* "OCIRepository cluster-config/apps" */
	char *host;     /* "contoso.azurecr.io" */
	char *provider; /* spec.provider; NULL: not set */
};

struct identity {
	struct azure *azure;
	/* Which managed identity; owned. */
	char *name, *group;
	/* Replies; owned, NULL where there is none. */
	struct json_object *cluster, *extension, *resource, *credentials;
	struct arm_issuer issuer; /* borrowed from `cluster` */
	struct identity_source *sources;
	size_t source_count;
	char *sources_unknown; /* why the cluster could not be asked; NULL: it was */
	struct identity_step *steps;
	size_t step_count;
};
#define IDENTITY_INIT         \
	{                     \
		.azure = NULL \
	}
void identity_clear(struct identity *identity);

/*
 * Ask Azure. `name` and `group` of the managed identity
 * may be NULL: the one that the extension names, else "flux-CLUSTER" in the cluster's group.
 */
int identity_read(struct azure *azure, const char *name, const char *group, struct identity *ret,
	struct error *err) MUST_CHECK;
/* Objects of the cluster that fetch from Azure, where the kubeconfig leads to it. */
void identity_read_sources(struct identity *identity);
/* The setting of the extension, or NULL. Borrowed. */
const char *identity_setting(const struct identity *identity, const char *key);
/* Does the extension deploy the controller, and can it act as an identity in this release? */
bool identity_wants(const struct identity *identity, const struct arm_federation_row *row);
/* Of the managed identity ("clientId", "principalId", "tenantId"); NULL while there is none. Borrowed. */
const char *identity_property(const struct identity *identity, const char *key);

/* Look at what was read, at the cluster's sources, and at the registries in use; fills `steps`. */
int identity_judge(struct identity *identity, struct error *err) MUST_CHECK;
/* Append a step; the texts are taken over. */
void identity_step(
	struct identity *identity, enum identity_state state, char *what, char *detail, char *next);
/* May the identity pull from the registries that sources name? Part of identity_judge(). */
int identity_judge_registries(struct identity *identity, struct error *err) MUST_CHECK;

void identity_print(const struct identity *identity);
struct json_object *identity_json(const struct identity *identity);
/* ERROR_FINDINGS if a step is missing; warns of those that could not be looked at. */
int identity_outcome(const struct identity *identity, struct error *err) MUST_CHECK;

#endif
