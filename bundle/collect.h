/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan carried out: everything that it names brought into the content store, and the lock of the
 * bundle that holds it.
 */
#ifndef BUNDLE_COLLECT_H
#define BUNDLE_COLLECT_H

#include "base/base.h"
#include "base/error.h"
#include "bundle/access.h"
#include "bundle/base.h"
#include "bundle/fetch.h"
#include "bundle/lock.h"
#include "bundle/plan.h"
#include "bundle/store.h"

/* What is being done, for whoever shows it. */
struct collect_progress {
	const char *what;     /* "https://github.com/o/r" */
	size_t item, items;   /* the how many-th of all */
	uint64_t received;    /* bytes */
	uint64_t total;       /* 0: not known */
	uint32_t objects, of; /* of a pack: seen, announced */
	const char *server_says;
};

enum collect_history {
	HISTORY_FULL,
	HISTORY_TIP,      /* no history: the tree as source-controller packs it */
	HISTORY_ARTIFACT, /* source-controller's own files */
};

struct collect {
	/* Filled by the caller; borrowed. The plan grows by the submodules that are followed. */
	struct plan *plan;
	struct store *store;
	struct access access;
	const char *user_agent;
	enum collect_history history;
	bool all_refs;
	const struct base *base; /* what the other side has; NULL: nothing */
	bool canonical;          /* packs made anew here, the same whatever a server has packed */
	int (*tick)(void *ctx, struct error *err);
	void (*on_progress)(void *ctx, const struct collect_progress *progress);
	void *ctx;
	/* Results. */
	struct lock lock;
	struct strv warnings; /* what went wrong and is no error */
	uint64_t downloaded;  /* bytes that were not in the store yet */
	/* Private. */
	struct collect_git *git; /* one for each of plan->git, as far as they were fetched */
	size_t git_count;
	struct collect_progress progress;
};
void collect_clear(struct collect *collect);

/* All Git sources and charts into `lock`. Every source is tried; the error names all that failed. */
int collect_run(struct collect *collect, struct error *err) MUST_CHECK;

/*
 * What a source would be, for --dry-run: the refs that would be packed, and how large it is if it is
 * in the store (else 0). Connects, downloads nothing.
 */
int collect_look(struct collect *collect, const struct plan_git *git, struct refs *ret,
	uint64_t *size, struct error *err) MUST_CHECK;

/* ---- bundle/collect_git.c */

/* What one want is, of a source without history. */
struct collect_tip {
	struct oid oid; /* a commit, or a tag that names one */
	char *ref;      /* "main", "v1.0.0", "refs/pull/1/head"; NULL: a commit alone */
};

/* One source of the plan after its fetch. */
struct collect_git {
	struct fetch fetch;          /* its results */
	size_t want_count;           /* that it was fetched for */
	struct collect_tip *tips;    /* HISTORY_TIP: one for each want */
	const struct lock_git *same; /* it is as in the base; NULL: it is not. Borrowed from it */
	struct lock_submodule *submodules; /* `url` absolute, `source` the URL of its plan_git */
	size_t submodule_count;
};
int collect_git_all(struct collect *collect, struct error *err) MUST_CHECK;
void collect_git_clear(struct collect_git *git);

/* ---- bundle/collect_tip.c */

/* Which commit each want of a source is; its fetch is open. */
int collect_tip_choose(
	struct collect_git *git, const struct plan_git *plan, struct error *err) MUST_CHECK;
/* The trees of the tips into the lock, packed as source-controller packs them. */
int collect_tips(struct collect *collect, struct error *err) MUST_CHECK;

/* ---- bundle/collect_artifacts.c */

/* Git sources as source-controller holds them, into the lock: one for each object, since each may have
 * a revision and an ignore list of its own. */
int collect_artifacts(struct collect *collect, struct error *err) MUST_CHECK;

/* ---- bundle/collect_base.c */

/* What is wanted of a source whose fetch is open. */
int collect_fetch(struct collect *collect, const struct plan_git *git, struct collect_git *result,
	struct error *err) MUST_CHECK;

/* ---- bundle/collect_charts.c */

/* The plan's charts, into the lock. */
int collect_charts(struct collect *collect, struct error *err) MUST_CHECK;

/* ---- bundle/collect_lock.c */

/* The Git part of the lock from what was fetched. */
void collect_lock_git(struct collect *collect);
/* Sorts the lock's sources and gives each a name of its own. */
void collect_lock_names(struct lock *lock);
/* Files of this source that are in LFS. */
void collect_tell_lfs(struct plan *plan, const struct lock_git *git);
/* Bases that kustomize would fetch, found in this source. */
void collect_tell_bases(struct plan *plan, const char *source, const struct findings *findings);

#endif
