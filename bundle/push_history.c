/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a new tip leads back to an old one, by the commits of the bundle. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/os.h"
#include "bundle/object.h"
#include "bundle/oid_map.h"
#include "bundle/push_internal.h"

/* ---- commits */

static int read_pack(void *ctx, uint64_t offset, void *data, size_t len, struct error *err)
{
	const struct push_history *history = ctx;

	return media_read(history->media, history->pack_offset + offset, data, len, err);
}

/* A delta without its base: what it builds on is in the target, so its own commits are enough. */
static int open_partial(const struct push *push, const struct lock_git *git,
	struct push_history *history, struct error *err)
{
	struct bundle *holder;
	struct source place;
	struct pack_work work = {.tick = push->options->tick, .ctx = push->options->ctx};
	struct pack *pack = NULL;

	if (push_find_pack(push, git, &holder, &place, err) < 0)
		return -1;
	history->media = holder->media;
	history->pack_offset = place.pack_offset;
	history->bytes =
		(struct pack_bytes){.read = read_pack, .ctx = history, .size = place.pack_size};
	if (pack_index_partial(&history->bytes, &work, &pack, err) < 0)
		return error_wrap(err, "source '%s'", git->name);
	history->odb = odb_new();
	odb_add(history->odb, pack);
	return 0;
}

int push_history_open(const struct push *push, const struct lock_git *git,
	struct push_history **ret, struct error *err)
{
	const struct push_options *options = push->options;
	const struct source_options source_options = {
		.bases = options->bases,
		.base_count = options->base_count,
		.tick = options->tick,
		.tick_ctx = options->ctx,
	};
	autohistory *history = xcalloc(1, sizeof(*history));

	if (git->prerequisite_count && !options->base_count) {
		if (open_partial(push, git, history, err) < 0)
			return -1;
	} else {
		if (source_open(options->bundle, git, &source_options, &history->source, err) < 0)
			return -1;
		history->odb = history->source->odb;
	}
	*ret = TAKE(history);
	return 0;
}

void push_history_free(struct push_history *history)
{
	if (!history)
		return;
	if (history->source)
		source_free(history->source);
	else
		odb_free(history->odb);
	free(history);
}

void push_history_free_pointer(struct push_history **slot)
{
	push_history_free(*slot);
}

/* ---- the walk */

struct walk {
	struct odb *odb;
	struct oid_map seen;
	struct oid *stack;
	size_t count, room;
};

static void walk_clear(struct walk *walk)
{
	oid_map_clear(&walk->seen);
	free(walk->stack);
}

static void walk_push(struct walk *walk, const struct oid *oid)
{
	/* What is not in the bundle is where it ends; the old tip may be there. */
	if (oid_map_get(&walk->seen, oid) || !odb_has(walk->odb, oid))
		return;
	*oid_map_put(&walk->seen, oid) = 1;
	if (walk->count == walk->room) {
		walk->room = walk->room ? 2 * walk->room : 64;
		walk->stack = xreallocarray(walk->stack, walk->room, sizeof(*walk->stack));
	}
	walk->stack[walk->count++] = *oid;
}

/* Look at a commit's parents; `*found` if the one that is sought is among them. */
static int step(struct walk *walk, const struct oid *to, bool *found, struct error *err)
{
	struct oid at = walk->stack[--walk->count];
	struct commit commit;

	if (odb_commit(walk->odb, &at, &commit, err) < 0)
		return -1;
	for (size_t i = 0; i < commit.parent_count; i++) {
		*found = *found || oid_equal(&commit.parents[i], to);
		walk_push(walk, &commit.parents[i]);
	}
	commit_clear(&commit);
	return 0;
}

int push_leads_to(
	struct odb *odb, const struct oid *from, const struct oid *to, bool *ret, struct error *err)
{
	CLEANUP(walk_clear) struct walk walk = {.odb = odb};
	struct oid start;

	*ret = oid_equal(from, to);
	if (!odb_has(odb, from)) {
		error_set(err, ERROR_INCOMPLETE,
			"its history is in a bundle that this one builds on");
		return error_hint(err, "name that one with --base");
	}
	if (odb_peel(odb, from, &start, err) < 0)
		return -1;
	*ret = *ret || oid_equal(&start, to);
	walk_push(&walk, &start);
	while (!*ret && walk.count)
		if (step(&walk, to, ret, err) < 0)
			return -1;
	return 0;
}
