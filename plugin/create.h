/* SPDX-License-Identifier: Apache-2.0 */
/* `bundle create`: its options, and what its files share. */
#ifndef PLUGIN_CREATE_H
#define PLUGIN_CREATE_H

#include "base/base.h"
#include "base/error.h"
#include "base/strv.h"
#include "bundle/collect.h"
#include "bundle/signature.h"
#include "bundle/snapshot.h"
#include "plugin/app.h"

struct create_opts {
	bool all_namespaces, all_refs, dry_run, from_artifacts, include_values, latest;
	bool canonical, no_snapshot, own_ssh, parity, strict;
	const char *base, *credentials, *history, *key, *part_size, *selector, *sources;
	struct strv git;
};

/* What is being transferred, for the line on the terminal. */
struct create_rate {
	const char *what; /* changes: a new beginning */
	int64_t began, shown;
};

struct create {
	struct app *app;
	const struct create_opts *opts;
	const char *file;
	const struct strv *names; /* FILE, then the sources that were named */
	uint64_t part_size;
	struct plan plan;
	struct store *store;
	struct credentials *credentials;
	struct base *base; /* NULL: none */
	struct signing_key *key;
	struct collect collect;
	struct create_rate rate;
	uint64_t snapshot_size; /* 0: none */
	uint64_t written;       /* bytes of the bundle */
};

/* ---- plugin/create_plan.c */

/* Sources by hand or from the cluster. */
int create_read_plan(struct create *create, struct error *err) MUST_CHECK;
/* Which Secrets are about to be read, on stderr. */
void create_tell_secrets(struct create *create);
/* The plan, on stdout: asks the servers what they have. */
int create_dry_run(struct create *create, struct error *err) MUST_CHECK;

/* ---- plugin/create_progress.c */

/* `on_progress` of the collecting, and `progress` of the writing, ctx the struct create. */
void create_on_collect(void *ctx, const struct collect_progress *progress);
int create_on_write(void *ctx, uint64_t done, uint64_t total, struct error *err);

/* ---- plugin/create_print.c */

/* What is in use and not in the bundle, in one line on stderr; nothing if there is nothing. */
void create_tell_unresolved(const struct create *create);
/* --strict: ERROR_INCOMPLETE names what is missing. */
int create_check_strict(const struct create *create, const struct lock_unresolved *unresolved,
	size_t count, struct error *err) MUST_CHECK;
/* The closing line. */
void create_print_done(const struct create *create, const struct sha256_text *id);

#endif
