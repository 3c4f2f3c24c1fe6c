/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One read of a whole cluster, all lists side by side: what `status`, `check` and `describe` think
 * about.
 *
 * Memory: every object becomes a record of about 200 bytes with interned names; the (projected)
 * document is kept as text only where somebody will want it: objects that are not ready, kinds of
 * few objects (the first SURVEY_KEEP of each), FluxConfigs, ExtensionConfigs, nodes, CRDs, and the
 * Deployments and pods of Flux and of the Azure agents. Records are valid and do not move once
 * survey_read() has returned; they live as long as the survey.
 *
 * Every question keeps its outcome: what was forbidden, failed or is not installed is said, never
 * taken for "none".
 */
#ifndef KUBE_SURVEY_H
#define KUBE_SURVEY_H

#include "base/base.h"
#include "base/error.h"
#include "kube/kinds.h"
#include "kube/kube.h"
#include "kube/state.h"

struct json_object;
struct kind_list;

/* The ConfigMaps that name the cluster to Azure. */
#define SURVEY_ARC_CONFIG_PATH "/api/v1/namespaces/azure-arc/configmaps/azure-clusterconfig"
#define SURVEY_AKS_CONFIG_PATH "/api/v1/namespaces/kube-system/configmaps/extension-manager-config"

enum survey_parts {
	SURVEY_FLUX = 1 << 0,      /* all kinds with KIND_FLUX */
	SURVEY_AZURE = 1 << 1,     /* FluxConfig, ExtensionConfig (both groups), the ConfigMaps that
				      name the cluster */
	SURVEY_WORKLOADS = 1 << 2, /* Deployments, StatefulSets, DaemonSets of all namespaces */
	SURVEY_PODS = 1 << 3,      /* of the namespaces of Flux, azure-arc, and the extension agents
				      in kube-system */
	SURVEY_CLUSTER = 1 << 4,   /* /version, nodes, namespaces */
	SURVEY_CRDS = 1 << 5,      /* names, versions served and stored, labels, conditions */
	SURVEY_QUOTAS = 1 << 6,    /* ResourceQuotas of all namespaces */
	SURVEY_REPLICASETS = 1 << 7, /* of the same namespaces as the pods */
};

#define SURVEY_KEEP 500      /* documents of ready objects kept for each kind */
#define SURVEY_KEEP_ILL 2000 /* documents of objects that are not ready */

enum survey_outcome {
	SURVEY_NOT_ASKED,
	SURVEY_OK,
	SURVEY_NOT_INSTALLED, /* the server does not know the kind */
	SURVEY_FORBIDDEN,
	SURVEY_FAILED,
};
const char *survey_outcome_word(enum survey_outcome outcome); /* "not-installed" */

/* An object by name; all interned. `name` NULL: none. */
struct survey_ref {
	const char *kind, *namespace, *name;
};

struct survey_object {
	const struct kind *kind;
	const char *namespace, *name; /* namespace "" for cluster scope; interned */
	const char *revision;         /* what it holds or applied; interned; NULL: nothing */
	const char *reason, *message; /* only of objects that are not ready; else NULL */
	const char *stale_because;    /* static text, when STATE_STALE */
	int64_t since;                /* moment of the deciding condition, or TIME_NONE */
	int64_t generation, observed_generation;
	struct survey_ref source; /* sourceRef, chartRef, chart.spec.sourceRef, imageRepositoryRef,
				     providerRef */
	struct survey_ref chart;  /* of a HelmRelease: its HelmChart */
	/* Who made it: "FluxConfig" (clusterconfig.azure.com/name), "Kustomization" or
	 * "HelmRelease" (toolkit labels). */
	struct survey_ref owner;
	const struct survey_ref *depends; /* dependsOn */
	uint32_t depends_count;
	uint32_t json_len;
	const char *json;      /* the projected document as text, or NULL; see survey_tree() */
	int32_t ready, wanted; /* of a workload: replicas; else 0 */
	enum object_state state;
	bool retrying;
	bool suspended;
};

/* All objects of one kind. */
struct survey_list {
	const struct kind *kind;
	enum survey_outcome outcome; /* the worst of its questions */
	const char *version;         /* the API version that answered, or NULL */
	struct survey_object *objects;
	size_t count, cap;
	size_t ill; /* not ready, by themselves */
};

/* One thing that was asked, for what was not answered. */
struct survey_question {
	char *what; /* "HelmRelease", "Pod in azure-arc", "/version" */
	const struct kind *kind;
	enum survey_outcome outcome;
	struct error error; /* words as kubectl prints them */
};

struct survey {
	int64_t now; /* the server's clock: kube->now after the reads */
	unsigned parts;
	const char *namespace;     /* the only one that was read of Flux; NULL: all */
	struct survey_list *lists; /* in the order of the catalog */
	size_t list_count;
	struct survey_question *questions;
	size_t question_count;
	struct json_object *version;    /* of /version; NULL: not read */
	struct json_object *arc_config; /* data of azure-arc/azure-clusterconfig; NULL: none */
	struct json_object *aks_config; /* data of kube-system/extension-manager-config */
	struct survey_private *private;
};

struct survey_options {
	unsigned parts;
	const char *namespace; /* Flux and Azure objects of this one alone; NULL: all */
	/* Asked along with the rest, in the same round; the caller reads their outcomes. */
	struct kind_list **extra;
	size_t extra_count;
};

/* Ask everything at once (and once more what an older server needs). Fails only where nothing could
 * be asked. */
int survey_read(struct kube *kube, const struct survey_options *options, struct survey **ret,
	struct error *err) MUST_CHECK;
void survey_free(struct survey *survey);
void survey_free_pointer(struct survey **slot);
#define autosurvey CLEANUP(survey_free_pointer) struct survey

/* The list of a kind ("Deployment", "apps"; group NULL: the first of that name); NULL if that kind
 * was not part of the read. */
const struct survey_list *survey_list(
	const struct survey *survey, const char *kind, const char *group);
/* An object by Kind, or NULL. */
struct survey_object *survey_find(
	const struct survey *survey, const char *kind, const char *namespace, const char *name);
struct survey_object *survey_find_ref(const struct survey *survey, const struct survey_ref *ref);
/* The kept document as a tree, owned by the caller; NULL if none was kept. */
struct json_object *survey_tree(const struct survey_object *object);
/* True if any Flux kind is served or anything of Flux is there. */
bool survey_has_flux(const struct survey *survey);

/* ---- building one by hand: what survey_read() uses, and tests */

struct survey *survey_new(int64_t now, unsigned parts);
/* Take one object of a kind, as the server sent it (projected or not). */
void survey_add(struct survey *survey, const struct kind *kind, struct json_object *object);
/* Note the outcome of a question; `error` is taken over (may be NULL). */
void survey_note(struct survey *survey, const struct kind *kind, const char *what,
	enum survey_outcome outcome, struct error *error);
/* The same text once; NULL stays NULL. */
const char *survey_intern(struct survey *survey, const char *text);

#endif
