/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sources without history: the tree of each commit in use as a tar.gz, with the ignore rules of the
 * object that uses it. A pack cannot say that its history is cut, so there is none in the bundle.
 */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/collect.h"
#include "bundle/stored_pack.h"
#include "bundle/tarball.h"

/* ---- choosing, while the server is there */

/* How a revision names a ref: a branch or tag by its short name, anything else whole. */
static char *short_ref(const char *name)
{
	static const char *const prefixes[] = {"refs/heads/", "refs/tags/"};

	if (starts_with(name, REFS_ANCHOR))
		return NULL;
	for (size_t i = 0; i < countof(prefixes); i++)
		if (starts_with(name, prefixes[i]))
			return xstrdup(name + strlen(prefixes[i]));
	return xstrdup(name);
}

static int choose(const struct fetch *fetch, const struct ref_want *want, struct collect_tip *ret,
	struct error *err)
{
	struct refs_server server;
	struct refs refs;

	server.refs = remote_refs(fetch->remote, &server.count);
	if (refs_choose(&server, want, 1, false, &refs, err) < 0)
		return -1;
	ret->oid = refs.in_use[0];
	for (size_t i = 0; i < refs.count && !ret->ref; i++)
		if (oid_equal(&refs.items[i].oid, &ret->oid))
			ret->ref = want->name ? xstrdup(refs.items[i].name)
					      : short_ref(refs.items[i].name);
	refs_clear(&refs);
	return 0;
}

int collect_tip_choose(struct collect_git *git, const struct plan_git *plan, struct error *err)
{
	git->tips = xcalloc(plan->want_count + 1, sizeof(*git->tips));
	for (size_t i = 0; i < plan->want_count; i++)
		if (choose(&git->fetch, &plan->wants[i].ref, &git->tips[i], err) < 0)
			return -1;
	return 0;
}

/* ---- packing */

struct packing {
	struct collect *collect;
	const struct plan_git *plan;
	const struct collect_git *from;
	struct odb *odb;
};

static int write_piece(void *ctx, const void *data, size_t len, struct error *err)
{
	return store_write(ctx, data, len, err);
}

static int pack_tree(const struct packing *packing, const struct oid *tree, const char *rules,
	struct sha256_text *digest, uint64_t *size, struct error *err)
{
	struct store_file file;
	const struct tarball_output output = {.write = write_piece, .ctx = &file};

	if (store_begin(packing->collect->store, &file, err) < 0)
		return -1;
	if (tarball_write(packing->odb, tree, rules, NULL, &output, err) < 0) {
		store_abandon(&file);
		return -1;
	}
	*size = file.size;
	return store_end(&file, digest, err);
}

static char *revision_of(
	const struct plan_want *want, const struct collect_tip *tip, const struct oid *commit)
{
	char hex[OID_HEX_LEN + 1];

	if (want->ref.revision)
		return xstrdup(want->ref.revision);
	oid_hex(commit, hex);
	return tip->ref ? xasprintf("%s@sha1:%s", tip->ref, hex) : xasprintf("sha1:%s", hex);
}

static void use(struct lock_git *git, const struct packing *packing, const struct plan_want *want)
{
	const char *rest = want->used_by ? strchr(want->used_by, '/') : NULL;
	autofree char *config = rest ? xasprintf("FluxConfig%s", rest) : NULL;

	if (want->used_by && !strv_contains(&git->used_by, want->used_by))
		strv_push(&git->used_by, want->used_by);
	if (config && strv_contains(&packing->plan->used_by, config) &&
		!strv_contains(&git->used_by, config))
		strv_push(&git->used_by, config);
}

/* Two objects may want the very same. */
static struct lock_git *lock_row(struct lock *lock, const struct packing *packing,
	const struct sha256_text *digest, char *revision)
{
	for (size_t i = 0; i < lock->git_count; i++) {
		struct lock_git *git = &lock->git[i];

		if (streq(git->url, packing->plan->url) && streq(git->revision, revision) &&
			sha256_text_equal(&git->snapshot, digest)) {
			free(revision);
			return git;
		}
	}
	lock->git = xreallocarray(lock->git, lock->git_count + 1, sizeof(*lock->git));
	lock->git[lock->git_count] = (struct lock_git){
		.url = xstrdup(packing->plan->url),
		.used_by = STRV_INIT,
		.history = xstrdup("tip"),
		.snapshot = *digest,
		.revision = revision,
		.lfs_pointers = packing->from->fetch.findings.lfs_pointers,
	};
	return &lock->git[lock->git_count++];
}

static int pack_want(const struct packing *packing, size_t index, struct error *err)
{
	const struct plan_want *want = &packing->plan->wants[index];
	const struct collect_tip *tip = &packing->from->tips[index];
	struct lock *lock = &packing->collect->lock;
	struct sha256_text digest;
	struct oid oid;
	struct commit commit;
	uint64_t size = 0;
	int result;

	if (odb_peel(packing->odb, &tip->oid, &oid, err) < 0 ||
		odb_commit(packing->odb, &oid, &commit, err) < 0)
		return -1;
	result = pack_tree(packing, &commit.tree, want->ignore, &digest, &size, err);
	commit_clear(&commit);
	if (result < 0)
		return -1;
	use(lock_row(lock, packing, &digest, revision_of(want, tip, &oid)), packing, want);
	lock_add_blob(lock, &digest, size, MEDIA_FLUX_CONTENT, LOCK_SELF);
	if (want->composed)
		strv_pushf(&packing->collect->warnings,
			"%s: spec.include and spec.sparseCheckout are not applied to its tree; "
			"--from-artifacts has them",
			want->used_by);
	return 0;
}

static int pack_source(struct packing *packing, struct error *err)
{
	struct stored_pack *stored = NULL;
	int result;

	packing->odb = odb_new();
	result = stored_pack_open(packing->collect->store, &packing->from->fetch.bundle,
		packing->odb, true, &stored, err);
	for (size_t i = 0; result == 0 && i < packing->plan->want_count; i++)
		result = pack_want(packing, i, err);
	odb_free(packing->odb);
	stored_pack_free(stored);
	return result;
}

int collect_tips(struct collect *collect, struct error *err)
{
	for (size_t i = 0; i < collect->git_count; i++) {
		struct packing packing = {
			.collect = collect,
			.plan = &collect->plan->git[i],
			.from = &collect->git[i],
		};

		if (pack_source(&packing, err) < 0)
			return error_wrap(err, "%s", packing.plan->url);
	}
	collect_lock_names(&collect->lock);
	for (size_t i = 0; i < collect->lock.git_count; i++)
		collect_tell_lfs(collect->plan, &collect->lock.git[i]);
	for (size_t i = 0; i < collect->git_count; i++)
		collect_tell_bases(
			collect->plan, collect->plan->git[i].url, &collect->git[i].fetch.findings);
	return 0;
}
