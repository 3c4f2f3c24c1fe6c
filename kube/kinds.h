/* SPDX-License-Identifier: Apache-2.0 */
/* CATALOG of the resource kinds that the program knows. Adding a kind is adding a row to
 * kube/kinds.c. */
#ifndef KUBE_KINDS_H
#define KUBE_KINDS_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/strv.h"

enum kind_family {
	FAMILY_AZURE, /* FluxConfig, ExtensionConfig */
	FAMILY_SOURCE,
	FAMILY_APPLIER, /* Kustomization, HelmRelease */
	FAMILY_IMAGE,
	FAMILY_NOTIFY,
	FAMILY_CORE, /* namespaces, pods, deployments… read, not listed by `get all` */
	FAMILY_CRD,
};

enum kind_flags {
	KIND_GET = 1 << 0,     /* a user may name it in `get` */
	KIND_FLUX = 1 << 1,    /* reconciled by Flux: part of `status` */
	KIND_STATIC = 1 << 2,  /* has no status by design in its newest version */
	KIND_CLUSTER = 1 << 3, /* not namespaced */
	KIND_ALL = 1 << 4,     /* part of `get all`: those of Flux, and Azure's that wrap them */
};

struct kind {
	const char *name;   /* "GitRepository" */
	const char *plural; /* "gitrepositories" */
	const char *singular;
	const char *group;         /* "" for core */
	const char *versions;      /* known versions, newest first, separated by spaces: "v1 v1beta2
				      v1beta1" */
	const char *short_names;   /* separated by spaces: "gitrepo" */
	const char *flux_names;    /* as flux users type it after `get`, each word in the singular:
				      "source git"; NULL: none */
	const char *controller;    /* Deployment that reconciles it, or NULL */
	const char *since, *until; /* first and last Flux minor that has it ("2.7", NULL: all) */
	enum kind_family family;
	unsigned flags;
};

extern const struct kind kinds[];
extern const size_t kinds_count;

/* By Kind and group (group NULL: the first of that name). NULL if unknown. */
const struct kind *kind_find(const char *name, const char *group);
/*
 * What a user typed: plural, singular, short name, with the group or the beginning of it after a
 * dot ("kustomization.kustomize.toolkit.fluxcd.io", "hr.helm"), or flux's two words in singular or
 * plural ("sources git"); any case. NULL if unknown. Two groups of one name (ExtensionConfig) give
 * the first; kind_next_named() the other.
 */
const struct kind *kind_by_word(const char *word);
const struct kind *kind_next_named(const struct kind *kind);
/* The nearest word that `get` knows for a misspelt one, or NULL. */
const char *kind_suggest(const char *word);
/*
 * Whether a name or namespace may stand in a path at all; else why not, in the words of client-go's
 * IsValidPathSegmentName ("may not be '..'").
 */
bool kind_name_fits(const char *name, struct buf *why);
/* The same of an object's name on the command line. */
int kind_check_name(const char *name, struct error *err) MUST_CHECK;
/* "/apis/GROUP/VERSION[/namespaces/NS]/PLURAL[/NAME]"; namespace and name may be NULL. */
void kind_path(const struct kind *kind, const char *version, const char *namespace,
	const char *name, struct buf *out);
/* "kustomization.kustomize.toolkit.fluxcd.io": the form of -o name. */
void kind_full_name(const struct kind *kind, struct buf *out);

#endif
