/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/diff.h"

#define GROW(array, count) ((array) = xreallocarray((array), (count) + 1, sizeof(*(array))))

/* ---- memory */

static void ref_clear(struct diff_ref *ref)
{
	for (size_t i = 0; i < ref->commit_count; i++) {
		free(ref->commits[i].author);
		free(ref->commits[i].subject);
	}
	for (size_t i = 0; i < ref->file_count; i++)
		free(ref->files[i].path);
	free(ref->commits);
	free(ref->files);
	free(ref->name);
	free(ref->unread);
}

static void source_clear(struct diff_source *source)
{
	for (size_t i = 0; i < source->ref_count; i++)
		ref_clear(&source->refs[i]);
	free(source->refs);
	free(source->name);
	free(source->url);
	free(source->url_before);
}

void diff_clear(struct diff *diff)
{
	for (size_t i = 0; i < diff->source_count; i++)
		source_clear(&diff->sources[i]);
	for (size_t i = 0; i < diff->chart_count; i++) {
		free(diff->charts[i].repository);
		free(diff->charts[i].name);
		free(diff->charts[i].before);
		free(diff->charts[i].after);
	}
	free(diff->sources);
	free(diff->charts);
	*diff = (struct diff)DIFF_INIT;
}

bool diff_is_empty(const struct diff *diff)
{
	return !diff->source_count && !diff->chart_count && !diff->snapshot;
}

/* ---- commits and files of one ref */

struct reader {
	struct diff_ref *ref;
	const struct diff_options *options;
};

static int on_commit(
	void *ctx, const struct oid *oid, const struct commit *commit, struct error *err)
{
	struct reader *reader = ctx;
	struct diff_ref *ref = reader->ref;

	(void)err;
	GROW(ref->commits, ref->commit_count);
	ref->commits[ref->commit_count++] = (struct diff_commit){
		.oid = *oid,
		.time = commit->time,
		.author = xstrdup(commit->author),
		.subject = xstrdup(commit->subject),
	};
	return 0;
}

static int on_rewound(
	void *ctx, const struct oid *oid, const struct commit *commit, struct error *err)
{
	struct reader *reader = ctx;

	(void)oid;
	(void)commit;
	(void)err;
	reader->ref->rewound = true;
	return 0;
}

static char file_status(const struct tree_entry *before, const struct tree_entry *after)
{
	if (!before)
		return 'A';
	if (!after)
		return 'D';
	return (before->mode ^ after->mode) & 0170000 ? 'T' : 'M';
}

static int on_file(void *ctx, const char *path, const struct tree_entry *before,
	const struct tree_entry *after, struct error *err)
{
	struct reader *reader = ctx;
	struct diff_ref *ref = reader->ref;

	(void)err;
	ref->files_changed++;
	if (reader->options->files && ref->file_count >= reader->options->files)
		return 0;
	GROW(ref->files, ref->file_count);
	ref->files[ref->file_count++] = (struct diff_file){
		.status = file_status(before, after),
		.path = xstrdup(path),
	};
	return 0;
}

/* The commit behind a ref and its tree; false if there is none. */
static int tip(struct odb *odb, const struct oid *oid, struct oid *commit, struct oid *tree,
	struct error *err)
{
	CLEANUP(commit_clear) struct commit parsed = {.author = NULL};

	if (odb_peel(odb, oid, commit, err) < 0 || odb_commit(odb, commit, &parsed, err) < 0)
		return -1;
	*tree = parsed.tree;
	return 0;
}

/* `odb` holds both tips, or the only one that there is. */
static int read_ref(struct odb *odb, struct diff_ref *ref, const struct diff_options *options,
	struct error *err)
{
	struct reader reader = {.ref = ref, .options = options};
	bool has_before = !oid_is_zero(&ref->before);
	bool has_after = !oid_is_zero(&ref->after);
	struct oid commits[2];
	struct oid trees[2];
	struct commit_range forward = {.to = &commits[1], .limit = options->commits};
	struct commit_range back = {.from = &commits[1], .to = &commits[0], .limit = 1};
	bool more = false;

	if (has_before && tip(odb, &ref->before, &commits[0], &trees[0], err) < 0)
		return -1;
	if (has_after && tip(odb, &ref->after, &commits[1], &trees[1], err) < 0)
		return -1;
	if (has_before)
		forward.from = &commits[0];
	if (has_after &&
		commit_walk(odb, &forward, on_commit, &reader, &ref->more_commits, err) < 0)
		return -1;
	if (has_before && has_after && commit_walk(odb, &back, on_rewound, &reader, &more, err) < 0)
		return -1;
	return tree_diff(odb, has_before ? &trees[0] : NULL, has_after ? &trees[1] : NULL, on_file,
		&reader, err);
}

/* ---- where the objects are */

/* One side's source, opened when it is first wanted. */
struct side_source {
	const struct diff_side *side;
	const struct lock_git *git; /* NULL: the source is not there */
	struct source *source;
	char *why_not; /* it has no objects */
};

static void side_source_clear(struct side_source *side)
{
	source_free(side->source);
	free(side->why_not);
}

/* NULL in side->source if it has no objects; an error only of what is damaged. */
static int open_side(
	struct side_source *side, const struct diff_options *options, struct error *err)
{
	struct source_options source_options = {
		.bases = side->side->bases,
		.base_count = side->side->base_count,
		.tick = options->tick,
		.tick_ctx = options->tick_ctx,
	};
	autoerror why = ERROR_INIT;

	if (side->source || side->why_not || !side->git || !side->side->bundle)
		return 0;
	if (source_open(side->side->bundle, side->git, &source_options, &side->source, &why) == 0)
		return 0;
	if (why.kind != ERROR_NOT_FOUND && why.kind != ERROR_INCOMPLETE)
		return error_move(err, &why);
	side->why_not = xstrdup(why.message);
	return 0;
}

static bool holds(const struct side_source *side, const struct oid *oid)
{
	return oid_is_zero(oid) || (side->source && odb_has(side->source->odb, oid));
}

/* Which commit it is that nobody holds together with the other; the caller frees. */
static char *missing_text(const struct side_source sides[2], const struct diff_ref *ref)
{
	bool before = holds(&sides[0], &ref->before) || holds(&sides[1], &ref->before);
	bool after = holds(&sides[0], &ref->after) || holds(&sides[1], &ref->after);
	char hex[OID_HEX_LEN + 1];

	if (before && after)
		return xstrdup("no bundle that was given holds both commits");
	oid_hex(before ? &ref->after : &ref->before, hex);
	return xasprintf("commit %s is in no bundle that was given", hex);
}

/*
 * The side that has both tips. A full bundle holds the history of its refs, so the newer one has
 * what the older one had, unless history was rewritten.
 */
static int fill_ref(struct side_source sides[2], struct diff_ref *ref,
	const struct diff_options *options, struct error *err)
{
	for (int i = 1; i >= 0; i--) {
		if (open_side(&sides[i], options, err) < 0)
			return -1;
		if (sides[i].source && holds(&sides[i], &ref->before) &&
			holds(&sides[i], &ref->after))
			return read_ref(sides[i].source->odb, ref, options, err);
	}
	for (int i = 0; i < 2 && !ref->unread; i++)
		ref->unread = xstrdup_or_null(sides[i].why_not);
	if (!ref->unread)
		ref->unread = missing_text(sides, ref);
	return 0;
}

/* ---- refs of one source */

static int add_ref(struct diff_source *source, const struct lock_ref *before,
	const struct lock_ref *after, struct side_source sides[2],
	const struct diff_options *options, struct error *err)
{
	struct diff_ref *ref;

	GROW(source->refs, source->ref_count);
	ref = &source->refs[source->ref_count++];
	*ref = (struct diff_ref){.name = xstrdup(after ? after->name : before->name)};
	if (before)
		ref->before = before->oid;
	if (after)
		ref->after = after->oid;
	/* Of a source that came or went, its name says all. */
	return source->change == DIFF_CHANGED ? fill_ref(sides, ref, options, err) : 0;
}

/*
 * Equal names of objects; or, since a cluster knows only the commit behind a tag, the same commit.
 */
static int same_commit(struct side_source sides[2], const struct lock_ref *left,
	const struct lock_ref *right, const struct diff_options *options, bool *same,
	struct error *err)
{
	const struct side_source *side = sides[0].side->bundle ? &sides[0] : &sides[1];
	struct oid commits[2];

	*same = oid_equal(&left->oid, &right->oid);
	if (*same || (sides[0].side->bundle && sides[1].side->bundle))
		return 0;
	if (open_side(&sides[0], options, err) < 0 || open_side(&sides[1], options, err) < 0)
		return -1;
	if (!holds(side, &left->oid) || !holds(side, &right->oid))
		return 0;
	if (odb_peel(side->source->odb, &left->oid, &commits[0], err) < 0 ||
		odb_peel(side->source->odb, &right->oid, &commits[1], err) < 0)
		return -1;
	*same = oid_equal(&commits[0], &commits[1]);
	return 0;
}

/* A bundle may hold more refs than a cluster uses: those are no difference. */
static bool is_beside(const struct side_source *cluster, const struct side_source *bundle,
	const struct lock_ref *ref)
{
	return !ref && cluster->git && !cluster->side->bundle && bundle->side->bundle;
}

static int diff_ref_pair(struct diff_source *source, const struct lock_ref *left,
	const struct lock_ref *right, struct side_source sides[2],
	const struct diff_options *options, struct error *err)
{
	bool same = is_beside(&sides[0], &sides[1], left) || is_beside(&sides[1], &sides[0], right);

	if (left && right && same_commit(sides, left, right, options, &same, err) < 0)
		return -1;
	return same ? 0 : add_ref(source, left, right, sides, options, err);
}

static const struct lock_ref *ref_at(const struct lock_git *git, size_t index)
{
	return git && index < git->ref_count ? &git->refs[index] : NULL;
}

/* Both lists are sorted by name: walk them side by side. */
static int diff_refs(struct diff_source *source, struct side_source sides[2],
	const struct diff_options *options, struct error *err)
{
	size_t i = 0;
	size_t j = 0;

	for (;;) {
		const struct lock_ref *left = ref_at(sides[0].git, i);
		const struct lock_ref *right = ref_at(sides[1].git, j);
		int order = !left ? 1 : !right ? -1 : strcmp(left->name, right->name);

		if (!left && !right)
			return 0;
		i += order <= 0;
		j += order >= 0;
		if (diff_ref_pair(source, order <= 0 ? left : NULL, order >= 0 ? right : NULL,
			    sides, options, err) < 0)
			return -1;
	}
}

/* ---- sources */

static bool share_user(const struct lock_git *left, const struct lock_git *right)
{
	for (size_t i = 0; i < left->used_by.len; i++)
		if (starts_with(left->used_by.items[i], "GitRepository/") &&
			strv_contains(&right->used_by, left->used_by.items[i]))
			return true;
	return false;
}

static const struct lock_git *counterpart(const struct lock *lock, const struct lock_git *git)
{
	for (size_t i = 0; i < lock->git_count; i++)
		if (streq(lock->git[i].url, git->url))
			return &lock->git[i];
	for (size_t i = 0; i < lock->git_count; i++)
		if (share_user(&lock->git[i], git))
			return &lock->git[i];
	return NULL;
}

static int add_source(struct diff *diff, struct side_source sides[2],
	const struct diff_options *options, struct error *err)
{
	const struct lock_git *git = sides[1].git ? sides[1].git : sides[0].git;
	struct diff_source *source;

	GROW(diff->sources, diff->source_count);
	source = &diff->sources[diff->source_count++];
	*source = (struct diff_source){
		.change = !sides[0].git   ? DIFF_ADDED
			  : !sides[1].git ? DIFF_REMOVED
					  : DIFF_CHANGED,
		.name = xstrdup(git->name),
		.url = xstrdup(git->url),
	};
	if (sides[0].git && !streq(sides[0].git->url, git->url))
		source->url_before = xstrdup(sides[0].git->url);
	if (diff_refs(source, sides, options, err) < 0)
		return error_wrap(err, "comparing '%s'", git->name);
	if (source->change == DIFF_CHANGED && !source->ref_count) {
		source_clear(source);
		diff->source_count--;
	}
	return 0;
}

static int diff_source_pair(struct diff *diff, struct side_source before, struct side_source after,
	const struct diff_options *options, struct error *err)
{
	struct side_source sides[2] = {before, after};
	int result = add_source(diff, sides, options, err);

	side_source_clear(&sides[0]);
	side_source_clear(&sides[1]);
	return result;
}

static int diff_sources(struct diff *diff, const struct diff_side *before,
	const struct diff_side *after, const struct diff_options *options, struct error *err)
{
	for (size_t i = 0; i < after->lock->git_count; i++) {
		const struct lock_git *git = &after->lock->git[i];
		struct side_source left = {.side = before, .git = counterpart(before->lock, git)};
		struct side_source right = {.side = after, .git = git};

		if (diff_source_pair(diff, left, right, options, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < before->lock->git_count; i++) {
		const struct lock_git *git = &before->lock->git[i];
		struct side_source left = {.side = before, .git = git};
		struct side_source right = {.side = after};

		if (!counterpart(after->lock, git) &&
			diff_source_pair(diff, left, right, options, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- charts and bytes */

static bool has_chart(const struct lock *lock, const struct lock_chart *chart)
{
	for (size_t i = 0; i < lock->chart_count; i++)
		if (streq(lock->charts[i].repository, chart->repository) &&
			streq(lock->charts[i].name, chart->name) &&
			streq(lock->charts[i].version, chart->version))
			return true;
	return false;
}

/* A row that only has the other version yet, so that "1.0 -> 1.1" is one line. */
static struct diff_chart *half_row(struct diff *diff, const struct lock_chart *chart)
{
	for (size_t i = 0; i < diff->chart_count; i++)
		if (!diff->charts[i].after &&
			streq(diff->charts[i].repository, chart->repository) &&
			streq(diff->charts[i].name, chart->name))
			return &diff->charts[i];
	return NULL;
}

static struct diff_chart *add_chart(struct diff *diff, const struct lock_chart *chart)
{
	struct diff_chart *row;

	GROW(diff->charts, diff->chart_count);
	row = &diff->charts[diff->chart_count++];
	*row = (struct diff_chart){
		.repository = xstrdup(chart->repository),
		.name = xstrdup(chart->name),
	};
	return row;
}

static void diff_charts(struct diff *diff, const struct lock *before, const struct lock *after)
{
	for (size_t i = 0; i < before->chart_count; i++)
		if (!has_chart(after, &before->charts[i]))
			add_chart(diff, &before->charts[i])->before =
				xstrdup(before->charts[i].version);
	for (size_t i = 0; i < after->chart_count; i++) {
		const struct lock_chart *chart = &after->charts[i];
		struct diff_chart *row;

		if (has_chart(before, chart))
			continue;
		row = half_row(diff, chart);
		if (!row)
			row = add_chart(diff, chart);
		row->after = xstrdup(chart->version);
	}
}

static uint64_t total(const struct lock *lock)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < lock->blob_count; i++)
		sum += lock->blobs[i].size;
	return sum;
}

static void diff_bytes(struct diff *diff, const struct lock *before, const struct lock *after)
{
	diff->has_bytes = true;
	diff->bytes_before = total(before);
	diff->bytes_after = total(after);
	for (size_t i = 0; i < after->blob_count; i++) {
		if (lock_blob(before, &after->blobs[i].digest))
			continue;
		diff->blobs_new++;
		diff->bytes_new += after->blobs[i].size;
	}
	for (size_t i = 0; i < before->blob_count; i++)
		diff->blobs_gone += !lock_blob(after, &before->blobs[i].digest);
}

int diff_locks(const struct diff_side *before, const struct diff_side *after,
	const struct diff_options *options, struct diff *ret, struct error *err)
{
	diff_clear(ret);
	if (diff_sources(ret, before, after, options, err) < 0)
		return -1;
	diff_charts(ret, before->lock, after->lock);
	if (before->bundle && after->bundle) {
		ret->snapshot = !streq(before->lock->snapshot.text, after->lock->snapshot.text);
		diff_bytes(ret, before->lock, after->lock);
	}
	return 0;
}
