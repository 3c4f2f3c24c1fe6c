/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How Flux got into a cluster, and whether its controllers and the Azure agents run: read from the
 * Deployments and pods of a survey. Pure.
 *
 * A controller is known by the image of its container (".../source-controller:v1.7.4-23"), since
 * labels differ between upstream, the Azure extension and the Flux Operator, and shards have other
 * names.
 */
#ifndef KUBE_INSTALL_H
#define KUBE_INSTALL_H

#include "base/base.h"
#include "kube/releases.h"
#include "kube/survey.h"

/* X(NAME, "words"): what is wrong with a controller. */
#define CONTROLLER_FAULTS(X)                    \
	X(NONE, "ready")                        \
	X(UNKNOWN, "not read")                  \
	X(MISSING, "not there")                 \
	X(SCALED_TO_ZERO, "scaled to zero")     \
	X(CRASH_LOOP, "crash loop")             \
	X(OUT_OF_MEMORY, "out of memory")       \
	X(IMAGE_PULL, "image cannot be pulled") \
	X(NO_PODS, "no pods")                   \
	X(NOT_READY, "not ready")

enum controller_fault {
#define X(name, words) CONTROLLER_##name,
	CONTROLLER_FAULTS(X)
#undef X
};
const char *controller_fault_words(enum controller_fault fault);

enum controller_role {
	ROLE_FLUX,     /* source-controller … */
	ROLE_CONFIG,   /* fluxconfig-agent, fluxconfig-controller: the extension's own */
	ROLE_AGENT,    /* of Azure Arc (azure-arc) and of AKS extensions (kube-system) */
	ROLE_OPERATOR, /* flux-operator */
};

/* One Deployment and its pods, the worst of them. Texts live as long as the survey. */
struct controller {
	const char *name; /* what it is: "source-controller" */
	enum controller_role role;
	const struct survey_object *deployment; /* NULL: not there (CONTROLLER_MISSING) */
	const char *image, *tag;                /* of its own container, tag "v1.7.4-23"; or NULL */
	int ready, wanted;
	int64_t restarts; /* of all containers of its pods */
	enum controller_fault fault;
	bool down; /* no ready pod at all: its objects are not looked at */
	/* The pod and container that are ill, if pods were read. */
	const char *pod, *container, *waiting, *waiting_message;
	bool exited; /* a container ended before: the fields below */
	const char *exit_reason;
	int exit_code;
	int64_t exited_at;
};

enum distribution {
	DISTRIBUTION_NONE,      /* no Flux */
	DISTRIBUTION_AZURE,     /* extension microsoft.flux */
	DISTRIBUTION_BOOTSTRAP, /* flux bootstrap: syncs itself from Git */
	DISTRIBUTION_OPERATOR,  /* Flux Operator */
	DISTRIBUTION_UPSTREAM,  /* flux install, a Helm chart, plain manifests */
};

struct install {
	enum distribution distribution;
	const char *namespace;                 /* of the controllers; NULL: none found */
	const struct survey_object *extension; /* ExtensionConfig of microsoft.flux, or NULL */
	const char *extension_version;         /* its version, or the tag of its agents; or NULL */
	const char *flux_version;              /* "2.7.5", or only "2.7"; NULL: unknown */
	const struct flux_release *flux;       /* row of that minor, or NULL */
	const struct extension_release *release; /* row of the extension's version, or NULL */
	struct controller *controllers; /* Flux's and the extension's own first, then agents */
	size_t count;
	bool known; /* Deployments could be read */
};

/* The name of the Flux controller or Azure agent that an image is, by its last path segment; NULL: none. */
const char *controller_of_image(const char *image);

struct install *install_read(struct survey *survey);
void install_free(struct install *install);
void install_free_pointer(struct install **slot);
/* By name; of several shards the first that is down, else the first. NULL: never heard of. */
const struct controller *install_find(const struct install *install, const char *name);
/* What a Deployment is; NULL: no controller. */
const struct controller *install_of(
	const struct install *install, const struct survey_object *deployment);
/* The controller of a kind does not run (or is not there): nobody looks at its objects. False where
 * that is not known. */
bool install_down(const struct install *install, const struct kind *kind);

#endif
