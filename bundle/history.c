/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/history.h"

/* Items are a heap: the newest is the first. */
struct history_item {
	struct oid oid;
	int64_t time;
	uint32_t order; /* of two of one time, the one added first goes first */
};

void history_clear(struct history *history)
{
	oid_map_clear(&history->known);
	free(history->items);
}

static bool goes_before(const struct history_item *left, const struct history_item *right)
{
	if (left->time != right->time)
		return left->time > right->time;
	return left->order < right->order;
}

static void swap(struct history_item *left, struct history_item *right)
{
	struct history_item other = *left;

	*left = *right;
	*right = other;
}

static void push(struct history *history, const struct oid *oid, int64_t time)
{
	size_t at = history->count++;
	struct history_item *items;

	if (at == history->cap) {
		history->cap = history->cap ? 2 * history->cap : 64;
		history->items =
			xreallocarray(history->items, history->cap, sizeof(*history->items));
	}
	items = history->items;
	items[at] = (struct history_item){*oid, time, history->added++};
	for (; at && goes_before(&items[at], &items[(at - 1) / 2]); at = (at - 1) / 2)
		swap(&items[at], &items[(at - 1) / 2]);
}

static struct oid pop(struct history *history)
{
	struct history_item *items = history->items;
	struct oid first = items[0].oid;
	size_t at = 0;

	items[0] = items[--history->count];
	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= history->count)
			return first;
		if (child + 1 < history->count && goes_before(&items[child + 1], &items[child]))
			child++;
		if (!goes_before(&items[child], &items[at]))
			return first;
		swap(&items[child], &items[at]);
		at = child;
	}
}

int history_add(struct history *history, const struct oid *oid, struct error *err)
{
	uint32_t *known = oid_map_put(&history->known, oid);
	struct commit commit;

	if (*known)
		return 0;
	*known = 1;
	if (odb_commit(history->odb, oid, &commit, err) < 0)
		return -1;
	push(history, oid, commit.time);
	commit_clear(&commit);
	return 0;
}

int history_add_parents(struct history *history, const struct commit *commit, struct error *err)
{
	for (size_t i = 0; i < commit->parent_count; i++)
		if (history_add(history, &commit->parents[i], err) < 0)
			return -1;
	return 0;
}

int history_next(struct history *history, struct oid *oid, struct commit *commit, struct error *err)
{
	if (!history->count)
		return 0;
	*oid = pop(history);
	return odb_commit(history->odb, oid, commit, err) < 0 ? -1 : 1;
}

/* ---- commit_walk() */

/* All that is reachable from `from`: clocks lie, so dates do not tell where to end. */
static int leave_out(struct history *history, const struct oid *from, struct error *err)
{
	int got;

	if (history_add(history, from, err) < 0)
		return -1;
	for (;;) {
		struct oid oid;
		struct commit commit;
		int result;

		got = history_next(history, &oid, &commit, err);
		if (got <= 0)
			return got;
		result = history_add_parents(history, &commit, err);
		commit_clear(&commit);
		if (result < 0)
			return -1;
	}
}

/* 1: there was one. */
static int visit_next(struct history *history, commit_visit visit, void *ctx, struct error *err)
{
	struct oid oid;
	struct commit commit;
	int got = history_next(history, &oid, &commit, err);

	if (got <= 0)
		return got;
	if (visit(ctx, &oid, &commit, err) < 0 || history_add_parents(history, &commit, err) < 0)
		got = -1;
	commit_clear(&commit);
	return got;
}

int commit_walk(struct odb *odb, const struct commit_range *range, commit_visit visit, void *ctx,
	bool *more, struct error *err)
{
	CLEANUP(history_clear) struct history history = {.odb = odb};
	size_t left = range->limit;
	int got = 1;

	*more = false;
	if (range->from && leave_out(&history, range->from, err) < 0)
		return -1;
	if (history_add(&history, range->to, err) < 0)
		return -1;
	while (got > 0 && left--)
		got = visit_next(&history, visit, ctx, err);
	*more = got > 0 && history.count > 0;
	return got < 0 ? -1 : 0;
}
