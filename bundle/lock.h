/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flux-arc/lock.json: what a bundle holds, and the only thing that is signed. docs/bundle-format.md
 * describes the JSON; this is the same as structs, since every field of it is ours.
 *
 * The text is canonical: keys sorted, no white space, no floats, UTF-8, one LF at the end; no
 * clock, host, user or version of a tool in it. lock_read() refuses any text that lock_write() would
 * not give back byte for byte, so that one lock has one digest.
 */
#ifndef BUNDLE_LOCK_H
#define BUNDLE_LOCK_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/strv.h"
#include "bundle/oid.h"
#include "bundle/sha256_text.h"

#define LOCK_API_VERSION "bundle.flux-arc.io/v1"

#define MEDIA_GIT_BUNDLE "application/vnd.git.bundle"
#define MEDIA_FLUX_CONTENT "application/vnd.cncf.flux.content.v1.tar+gzip"
#define MEDIA_CHART "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
#define MEDIA_CHART_ENTRY "application/vnd.flux-arc.chart.entry.v1+json"
#define MEDIA_CLUSTER "application/vnd.flux-arc.cluster.v1+gzip"
#define MEDIA_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define MEDIA_EMPTY "application/vnd.oci.empty.v1+json"

struct lock_ref {
	char *name; /* "refs/heads/main" */
	struct oid oid;
};

struct lock_submodule {
	char *path;   /* in the parent's tree */
	char *url;    /* made absolute */
	char *source; /* name of the lock_git that holds it; NULL: not packed */
	struct oid oid;
};

/* spec.ignore of a GitRepository: what `bundle extract` leaves out of the artifact for it. */
struct lock_ignore {
	char *rules;
	char *used_by; /* "GitRepository/flux-system/cluster-config", one of the source's */
};

/* One Git repository. Sources of a cluster that have the same URL share it. */
struct lock_git {
	char *name;            /* unique in this bundle, [a-z0-9.-], from the URL's last element */
	char *url;             /* without user and password */
	struct strv used_by;   /* "GitRepository/flux-system/cluster-config", sorted */
	struct lock_ref *refs; /* sorted by name */
	size_t ref_count;
	char *head;    /* the branch that HEAD names; NULL: unknown */
	char *history; /* "full", "tip" (only a snapshot), "artifact" (source-controller's own) */
	char *packing; /* "received", "canonical"; NULL without a pack */
	struct sha256_text bundle;   /* the git bundle v2 blob; empty if there is none */
	struct sha256_text snapshot; /* a tar.gz as source-controller makes it; empty if none */
	char *revision;              /* of the snapshot, "main@sha1:…"; NULL without */
	struct oid *prerequisites;   /* commits that the other side must have, sorted */
	size_t prerequisite_count;
	uint64_t objects;
	bool thin; /* deltas against objects of the base */
	uint64_t lfs_pointers;
	struct lock_ignore *ignores; /* by object; none where there is no pack */
	size_t ignore_count;
	struct lock_submodule *submodules; /* sorted by path */
	size_t submodule_count;
};

struct lock_chart {
	char *repository, *name, *version;
	struct strv used_by; /* "HelmRelease/apps/podinfo" */
	struct sha256_text blob;
	struct sha256_text entry; /* the repository's own index entry, as JSON */
};

/* What is in use but is not in the bundle. */
struct lock_unresolved {
	char *kind;   /* "oci", "bucket", "external", "image", "chart", "lfs", "submodule",
			 "remote-base" */
	char *ref;    /* URL, image reference, "chart version" */
	char *digest; /* or revision; NULL: not known */
	struct strv used_by;
	char *why; /* a sentence without a full stop */
};

enum lock_where {
	LOCK_SELF,
	LOCK_BASE
};
struct lock_blob {
	struct sha256_text digest;
	uint64_t size;
	char *media_type;
	enum lock_where where; /* LOCK_BASE: in the bundle that this one builds on */
};

struct lock {
	uint64_t
		sequence; /* the base's plus 1; without a base 1, or that of the last that was merged */
	struct sha256_text base; /* digest of the base's lock; empty: none */
	uint64_t base_sequence;
	char *flux, *kubernetes;     /* versions of the cluster; NULL: not known */
	struct sha256_text snapshot; /* of the cluster; empty: none */
	struct lock_git *git;        /* sorted by name */
	size_t git_count;
	struct lock_chart *charts; /* sorted by repository, name, version */
	size_t chart_count;
	struct lock_unresolved *unresolved; /* sorted by kind, ref, digest */
	size_t unresolved_count;
	struct lock_blob *blobs; /* sorted by digest */
	size_t blob_count;
};
#define LOCK_INIT              \
	{                      \
		.base = { "" } \
	}
#define autolock CLEANUP(lock_clear) struct lock

void lock_clear(struct lock *lock);
/*
 * ERROR_DAMAGED, with the place in the document: unknown or missing member, wrong type or order,
 * something twice, a blob that nothing names (those of MEDIA_MANIFEST and MEDIA_EMPTY excepted, which
 * the index names) or that is not listed, a base that is not the one before. `ret` is to be cleared
 * in any case.
 */
int lock_read(const char *text, size_t len, struct lock *ret, struct error *err) MUST_CHECK;
/* Sorts what has to be sorted, then appends the canonical text. */
void lock_write(struct lock *lock, struct buf *out);
/* By digest, or NULL. */
const struct lock_blob *lock_blob(const struct lock *lock, const struct sha256_text *digest);
/* Adds it unless it is there; media_type is copied. */
void lock_add_blob(struct lock *lock, const struct sha256_text *digest, uint64_t size,
	const char *media_type, enum lock_where where);
const struct lock_git *lock_git_find(const struct lock *lock, const char *name);

#endif
