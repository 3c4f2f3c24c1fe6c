/* SPDX-License-Identifier: Apache-2.0 */
/* Commits walked, newest first. */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/object.h"
#include "bundle/oid_map.h"

enum {
	MARK_QUEUED = 1,
	MARK_OUT = 2, /* reachable from where the walk may not go */
};

struct waiting {
	struct oid oid;
	int64_t time;
	uint32_t order; /* of two of one time, the one found first goes first */
};

/* A heap: the newest commit is its first. */
struct queue {
	struct waiting *items;
	size_t count, cap;
	uint32_t pushed;
};

struct history {
	struct odb *odb;
	struct oid_map marks;
	struct queue queue;
};

static void history_clear(struct history *history)
{
	oid_map_clear(&history->marks);
	free(history->queue.items);
}

static bool goes_before(const struct waiting *left, const struct waiting *right)
{
	if (left->time != right->time)
		return left->time > right->time;
	return left->order < right->order;
}

static void swap(struct waiting *left, struct waiting *right)
{
	struct waiting other = *left;

	*left = *right;
	*right = other;
}

static void queue_push(struct queue *queue, const struct oid *oid, int64_t time)
{
	size_t at = queue->count++;

	if (at == queue->cap) {
		queue->cap = queue->cap ? 2 * queue->cap : 64;
		queue->items = xreallocarray(queue->items, queue->cap, sizeof(*queue->items));
	}
	queue->items[at] = (struct waiting){*oid, time, queue->pushed++};
	for (; at && goes_before(&queue->items[at], &queue->items[(at - 1) / 2]); at = (at - 1) / 2)
		swap(&queue->items[at], &queue->items[(at - 1) / 2]);
}

static struct oid queue_pop(struct queue *queue)
{
	struct oid first = queue->items[0].oid;
	size_t at = 0;

	queue->items[0] = queue->items[--queue->count];
	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= queue->count)
			return first;
		if (child + 1 < queue->count &&
			goes_before(&queue->items[child + 1], &queue->items[child]))
			child++;
		if (!goes_before(&queue->items[child], &queue->items[at]))
			return first;
		swap(&queue->items[child], &queue->items[at]);
		at = child;
	}
}

/* Queue a commit unless it was before; its time is read. */
static int enqueue(struct history *history, const struct oid *oid, uint32_t mark, struct error *err)
{
	uint32_t *marks = oid_map_put(&history->marks, oid);
	struct commit commit;

	if (*marks)
		return 0;
	*marks = mark;
	if (odb_commit(history->odb, oid, &commit, err) < 0)
		return -1;
	queue_push(&history->queue, oid, commit.time);
	commit_clear(&commit);
	return 0;
}

static int enqueue_parents(
	struct history *history, const struct commit *commit, uint32_t mark, struct error *err)
{
	for (size_t i = 0; i < commit->parent_count; i++)
		if (enqueue(history, &commit->parents[i], mark, err) < 0)
			return -1;
	return 0;
}

/* All that is reachable from `from`: clocks lie, so dates do not tell where to end. */
static int leave_out(struct history *history, const struct oid *from, struct error *err)
{
	if (enqueue(history, from, MARK_OUT, err) < 0)
		return -1;
	while (history->queue.count) {
		struct oid oid = queue_pop(&history->queue);
		struct commit commit;
		int result;

		if (odb_commit(history->odb, &oid, &commit, err) < 0)
			return -1;
		result = enqueue_parents(history, &commit, MARK_OUT, err);
		commit_clear(&commit);
		if (result < 0)
			return -1;
	}
	return 0;
}

static int visit_one(struct history *history, const struct oid *oid, commit_visit visit, void *ctx,
	struct error *err)
{
	struct commit commit;
	int result;

	if (odb_commit(history->odb, oid, &commit, err) < 0)
		return -1;
	result = visit(ctx, oid, &commit, err);
	if (result == 0)
		result = enqueue_parents(history, &commit, MARK_QUEUED, err);
	commit_clear(&commit);
	return result;
}

int commit_walk(struct odb *odb, const struct oid *from, const struct oid *to, size_t limit,
	commit_visit visit, void *ctx, bool *more, struct error *err)
{
	CLEANUP(history_clear) struct history history = {.odb = odb};

	*more = false;
	if (from && leave_out(&history, from, err) < 0)
		return -1;
	if (enqueue(&history, to, MARK_QUEUED, err) < 0)
		return -1;
	while (history.queue.count) {
		struct oid oid = queue_pop(&history.queue);

		if (limit-- == 0) {
			*more = true;
			return 0;
		}
		if (visit_one(&history, &oid, visit, ctx, err) < 0)
			return -1;
	}
	return 0;
}
