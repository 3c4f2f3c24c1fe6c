/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a bundle is to hold, decided before anything is downloaded: from a cluster's objects
 * (plan_read), or by hand (plan_add_url, plan_add_file).
 */
#ifndef BUNDLE_PLAN_H
#define BUNDLE_PLAN_H

#include "base/base.h"
#include "base/error.h"
#include "base/strv.h"
#include "bundle/lock.h"
#include "bundle/refs.h"
#include "kube/kinds.h"
#include "kube/kube.h"

struct json_object;

/* How an object says that its source is logged in to: names of Secrets in its own namespace. */
struct plan_access {
	char *namespace;
	char *secret, *cert_secret, *proxy_secret; /* NULL: none */
	char *user, *password;                     /* that stood in the URL */
	char *provider; /* "azure", "github": an identity that only the cluster has; NULL: none */
	bool pass_credentials; /* charts: also to other hosts that the index names */
	bool insecure;         /* plain http is meant */
};

/* What source-controller holds of a source. */
struct plan_artifact {
	char *url, *revision;
	char *digest;  /* "sha256:…"; NULL: none is said */
	uint64_t size; /* 0: not said */
};

/* What one object takes from its repository. */
struct plan_want {
	char *used_by; /* "GitRepository/flux-system/app"; NULL: by hand */
	struct ref_want ref;
	struct plan_access access;
	struct plan_artifact artifact;
	char *ignore;    /* spec.ignore; NULL: none */
	bool submodules; /* spec.recurseSubmodules */
	bool composed;   /* spec.include or spec.sparseCheckout: not simply the tree of a commit */
};

/* One repository: everything that takes from one URL. */
struct plan_git {
	char *url; /* as it was given, but without user and password */
	struct plan_want *wants;
	size_t want_count;
	struct strv used_by; /* sorted; FluxConfigs too */
};

/* A chart in use, out of a plain Helm repository. */
struct plan_chart {
	char *repository; /* URL */
	char *name, *version;
	struct strv used_by;
	struct plan_access access;
	struct plan_artifact artifact; /* of its HelmChart */
	struct plan_artifact index;    /* of the HelmRepository */
};

struct plan_link; /* bundle/plan_link.h */

struct plan {
	struct plan_git *git; /* sorted by URL once complete, as are the others by their keys */
	size_t git_count;
	struct plan_chart *charts;
	size_t chart_count;
	struct lock_unresolved *unresolved;
	size_t unresolved_count;
	char *flux, *kubernetes; /* versions; NULL: not known */
	struct strv unread;      /* "OCIRepository: forbidden: …": what could not be looked at */
	struct plan_link *link;
};
#define PLAN_INIT                   \
	{                           \
		.unread = STRV_INIT \
	}
void plan_clear(struct plan *plan);
#define autoplan CLEANUP(plan_clear) struct plan

/* ---- from a cluster */

struct plan_options {
	const char *namespace;    /* NULL: all */
	const char *selector;     /* labels; NULL: none */
	const struct strv *names; /* "NAME" or "KIND/NAME"; empty: all */
	bool latest;              /* the newest revision, not the one that is applied */
};
/*
 * Lists everything that Flux takes from outside. Fails where GitRepositories cannot be listed,
 * where a name is not there, or on an interrupt.
 */
int plan_read(struct kube *kube, const struct plan_options *options, struct plan *plan,
	struct error *err) MUST_CHECK;

/* The parts of it, pure. Take one object of a kind of Flux, of Azure or a Pod… */
void plan_take(struct plan *plan, const struct plan_options *options, const struct kind *kind,
	struct json_object *object);
/* …and once all are taken, find the charts of HelmReleases, and sort. */
void plan_complete(struct plan *plan);
/* Objects that others name but which were not taken: "HelmRepository/flux-system/podinfo". */
void plan_missing(const struct plan *plan, struct strv *ret);

/* ---- by hand */

/* "URL[@REF]". A password in it is refused: ERROR_USAGE. */
int plan_add_url(struct plan *plan, const char *text, struct error *err) MUST_CHECK;
/*
 * --sources FILE: YAML or JSON.
 *
 *	sources:
 *	- url: https://git.example.com/team/app
 *	  ref: {branch: main}       # or tag, semver, name, commit; all as in a GitRepository
 *	  recurseSubmodules: true
 *	charts:
 *	- repository: https://charts.example.com
 *	  name: podinfo
 *	  version: 6.5.0
 */
int plan_add_file(struct plan *plan, const char *path, struct error *err) MUST_CHECK;

/* ---- building */

/* The want becomes the plan's. */
void plan_add_want(struct plan *plan, const char *url, struct plan_want *want);
/* The chart of that repository and version, a new one if there is none yet. */
struct plan_chart *plan_add_chart(struct plan *plan, const char *repository, const char *name,
	const char *version, const char *used_by);
/* `digest` may be NULL. The same thing once, with all that use it; used_by may be NULL. */
void plan_add_unresolved(struct plan *plan, const char *kind, const char *ref, const char *digest,
	const char *used_by, const char *why);
void plan_access_clear(struct plan_access *access);
struct plan_access plan_access_copy(const struct plan_access *from);
bool plan_access_equal(const struct plan_access *left, const struct plan_access *right);
struct plan_artifact plan_artifact_copy(const struct plan_artifact *from);
void plan_artifact_clear(struct plan_artifact *artifact);

/* Secrets that would be read, sorted; the caller frees. `skip` (may be NULL): another login is known
 * for this URL. */
struct plan_secret {
	char *name; /* "flux-system/token" */
	struct strv used_by;
};
size_t plan_secrets(const struct plan *plan, bool (*skip)(void *ctx, const char *url), void *ctx,
	struct plan_secret **ret);
void plan_secrets_free(struct plan_secret *secrets, size_t count);

#endif
