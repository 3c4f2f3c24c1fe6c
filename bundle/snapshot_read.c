/* SPDX-License-Identifier: Apache-2.0 */
/* Reading: the index is held, members are inflated piece by piece. Nothing in either is believed. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/scan.h"
#include "base/time.h"
#include "bundle/limits.h"
#include "bundle/snapshot_private.h"

#define STEP (64 << 10)

static int damaged(const struct snapshot *snapshot, const char *what, struct error *err)
{
	return error_set(
		err, ERROR_DAMAGED, "the cluster snapshot in %s: %s", snapshot->bytes.name, what);
}

/* ---- a gzip member as lines */

struct reading {
	const struct snapshot *snapshot;
	const struct snapshot_lines *lines;
	uint64_t at,
		end; /* compressed bytes still to be read; a member ends before `end` or there */
	uint64_t inflated; /* so far */
	uint64_t most;     /* inflated bytes that are allowed */
	size_t longest;    /* bytes of a line that are allowed */
	struct buf line;   /* one that has begun */
	uint64_t count;    /* of lines handed out */
	bool stopped;
	char in[STEP], out[STEP];
	size_t have, used; /* of `in` */
};

static int hand_out(struct reading *reading, const char *line, size_t len, struct error *err)
{
	int result;

	reading->count++;
	result = reading->lines->take(reading->lines->ctx, line, len, err);
	reading->stopped = result > 0;
	return result < 0 ? -1 : 0;
}

/* Split what was inflated; a line that lies within one piece is not copied. */
static int split(struct reading *reading, size_t made, struct error *err)
{
	const char *p = reading->out;
	const char *end = p + made;

	while (p < end && !reading->stopped) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		size_t len = (size_t)((newline ? newline : end) - p);

		if (reading->line.len + len > reading->longest)
			return damaged(reading->snapshot, "a line is longer than is allowed", err);
		if (reading->line.len || !newline)
			buf_add(&reading->line, p, len);
		if (!newline)
			break;
		if (reading->line.len) {
			if (hand_out(reading, reading->line.ptr, reading->line.len, err) < 0)
				return -1;
			buf_reset(&reading->line);
		} else if (hand_out(reading, p, len, err) < 0) {
			return -1;
		}
		p = newline + 1;
	}
	return 0;
}

static int fill(struct reading *reading, struct error *err)
{
	const struct snapshot_bytes *bytes = &reading->snapshot->bytes;
	uint64_t left = reading->end - reading->at;

	if (reading->used < reading->have)
		return 0;
	if (!left)
		return damaged(reading->snapshot, "it ends too early", err);
	reading->have = left < STEP ? (size_t)left : STEP;
	reading->used = 0;
	if (bytes->read(bytes->ctx, reading->at, reading->in, reading->have, err) < 0)
		return -1;
	reading->at += reading->have;
	return 0;
}

/* One step; 1 when the member has ended. */
static int step(struct reading *reading, struct inflater *inflater, struct error *err)
{
	size_t used;
	size_t made = STEP;
	int ended;

	if (fill(reading, err) < 0)
		return -1;
	used = reading->have - reading->used;
	ended = inflater_step(
		inflater, reading->in + reading->used, &used, reading->out, &made, err);
	if (ended < 0)
		return error_wrap(err, "the cluster snapshot in %s", reading->snapshot->bytes.name);
	reading->used += used;
	reading->inflated += made;
	if (reading->inflated > reading->most)
		return damaged(reading->snapshot, "it inflates to more than is allowed", err);
	if (split(reading, made, err) < 0)
		return -1;
	if (reading->lines->tick && reading->lines->tick(reading->lines->tick_ctx, err) < 0)
		return -1;
	return ended;
}

/* From reading->at; afterwards that is behind the member, unless it was stopped. */
static int read_member(struct reading *reading, struct error *err)
{
	autoinflater *inflater = inflater_new(DEFLATE_GZIP);
	int ended = 0;

	while (!ended && !reading->stopped) {
		ended = step(reading, inflater, err);
		if (ended < 0)
			return -1;
	}
	if (reading->stopped)
		return 0;
	if (reading->line.len)
		return damaged(reading->snapshot, "its last line has no end", err);
	reading->at -= reading->have - reading->used;
	return 0;
}

/* ---- the index */

static const char *required(struct json_object *line, const char *key)
{
	const char *text = json_str(line, key);

	return text ? text : "";
}

static enum error_kind kind_of(const char *name)
{
	for (int kind = ERROR_FAILED; kind <= ERROR_SYNTAX; kind++)
		if (streq(error_kind_name((enum error_kind)kind), name))
			return (enum error_kind)kind;
	return ERROR_SERVER;
}

static void read_error(struct snapshot_answer *answer, struct json_object *error)
{
	const char *hint = json_str(error, "hint");

	error_set(
		&answer->error, kind_of(json_str(error, "kind")), "%s", required(error, "message"));
	if (hint)
		error_hint(&answer->error, "%s", hint);
}

static int read_head(struct snapshot *snapshot, struct json_object *line, struct error *err)
{
	const char *version = required(line, "apiVersion");

	if (!streq(version, SNAPSHOT_API_VERSION))
		return error_set(err, ERROR_DAMAGED,
			"the cluster snapshot in %s is '%s', not " SNAPSHOT_API_VERSION,
			snapshot->bytes.name, version);
	snapshot->now = time_parse(json_str(line, "now"));
	snapshot->context = xstrdup_or_null(json_str(line, "context"));
	snapshot->namespace = xstrdup(required(line, "namespace"));
	if (snapshot->now == TIME_NONE || !*snapshot->namespace)
		return damaged(snapshot, "its first line is malformed", err);
	return 0;
}

/* A member of the line as text, since a tree takes thirty times as much; NULL: none. */
static char *text_of(struct json_object *line, const char *key)
{
	struct json_object *value = json_get(line, key);
	struct buf text = BUF_INIT;

	if (!value)
		return NULL;
	json_write(&text, value);
	return buf_detach(&text);
}

/* False if the line is malformed. */
static bool read_answer(struct snapshot_answer *answer, struct json_object *line)
{
	const char *form = json_str(line, "form");
	struct json_object *body = json_get(line, "body");
	int64_t items = json_int(line, 0, "items");
	int64_t size = json_int(line, 0, "size");

	answer->path = xstrdup(required(line, "path"));
	answer->form = streq(form, "list")  ? SNAPSHOT_LIST
		       : streq(form, "log") ? SNAPSHOT_LOG
					    : SNAPSHOT_REPLY;
	answer->status = (int)json_int(line, 0, "status");
	answer->reply = text_of(line, "reply");
	answer->envelope = text_of(line, "envelope");
	answer->items = (uint64_t)items;
	answer->size = (uint64_t)size;
	if (json_get(line, "error"))
		read_error(answer, json_get(line, "error"));
	if (body) {
		autobuf text = BUF_INIT;
		struct buf printed = BUF_INIT;

		json_write(&text, body);
		if (scan_print_json(text.ptr, text.len, 0, NULL, &printed, NULL) < 0)
			return false;
		answer->body = buf_detach(&printed);
	}
	if (!*answer->path || items < 0 || size < 0)
		return false;
	if (answer->error.kind != ERROR_NONE)
		return size == 0;
	if (answer->form == SNAPSHOT_LIST && !(answer->envelope && *answer->envelope == '{'))
		return false;
	return answer->form == SNAPSHOT_REPLY ? answer->reply && !size : size > 0;
}

static int take_index_line(void *ctx, const char *text, size_t len, struct error *err)
{
	struct snapshot *snapshot = ctx;
	autojson struct json_object *line = NULL;
	struct snapshot_answer *answer;

	if (json_parse(text, len, &line, err) < 0 || json_kind(line) != JSON_OBJECT)
		return damaged(snapshot, "a line of its index is not a JSON object", err);
	if (!snapshot->namespace)
		return read_head(snapshot, line, err);
	if (snapshot->count == LIMIT_SNAPSHOT_ANSWERS)
		return damaged(snapshot, "its index has too many lines", err);
	snapshot->answers =
		xreallocarray(snapshot->answers, snapshot->count + 1, sizeof(*snapshot->answers));
	answer = &snapshot->answers[snapshot->count++];
	*answer = (struct snapshot_answer){.error = ERROR_INIT};
	if (!read_answer(answer, line))
		return damaged(snapshot, "a line of its index is malformed", err);
	return 0;
}

/* Members follow each other from `offset` on, up to the end. */
static int place_members(struct snapshot *snapshot, uint64_t offset, struct error *err)
{
	for (size_t i = 0; i < snapshot->count; i++) {
		struct snapshot_answer *answer = &snapshot->answers[i];

		if (answer->size > snapshot->bytes.size - offset)
			return damaged(snapshot, "it ends too early", err);
		answer->offset = offset;
		offset += answer->size;
	}
	if (offset != snapshot->bytes.size)
		return damaged(snapshot, "something follows its last list", err);
	return 0;
}

static int read_index(struct snapshot *snapshot, struct reading *reading, struct error *err)
{
	if (read_member(reading, err) < 0)
		return -1;
	if (!snapshot->namespace)
		return damaged(snapshot, "its index is empty", err);
	return place_members(snapshot, reading->at, err);
}

int snapshot_open(struct snapshot *ret, const struct snapshot_bytes *bytes, struct error *err)
{
	struct snapshot_lines lines = {.take = take_index_line, .ctx = ret};
	struct reading *reading = xcalloc(1, sizeof(*reading));
	int result;

	*ret = (struct snapshot){.bytes = *bytes};
	reading->snapshot = ret;
	reading->lines = &lines;
	reading->end = bytes->size;
	reading->most = LIMIT_SNAPSHOT_INDEX;
	reading->longest = LIMIT_SNAPSHOT_LINE;
	reading->line = (struct buf)BUF_INIT;
	result = read_index(ret, reading, err);
	buf_clear(&reading->line);
	free(reading);
	if (result < 0)
		snapshot_clear(ret);
	return result;
}

void snapshot_clear(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->count; i++) {
		struct snapshot_answer *answer = &snapshot->answers[i];

		free(answer->path);
		free(answer->body);
		error_clear(&answer->error);
		free(answer->reply);
		free(answer->envelope);
	}
	free(snapshot->answers);
	free(snapshot->context);
	free(snapshot->namespace);
	*snapshot = (struct snapshot){.count = 0};
}

/* ---- the lines of an answer */

/* The first line says whose member it is. */
struct member {
	const struct snapshot *snapshot;
	const struct snapshot_answer *answer;
	const struct snapshot_lines *lines;
	bool begun;
};

static int take_line(void *ctx, const char *text, size_t len, struct error *err)
{
	struct member *member = ctx;
	autojson struct json_object *head = NULL;

	if (member->begun)
		return member->lines->take(member->lines->ctx, text, len, err);
	member->begun = true;
	if (json_parse(text, len, &head, NULL) < 0 ||
		!streq(json_str(head, "path"), member->answer->path))
		return damaged(member->snapshot, "a list is not where the index says", err);
	return 0;
}

static int check_end(const struct reading *reading, const struct member *member, struct error *err)
{
	if (reading->stopped)
		return 0;
	if (reading->count != member->answer->items + 1)
		return damaged(
			member->snapshot, "a list has not as many items as the index says", err);
	if (reading->at != reading->end)
		return damaged(
			member->snapshot, "a list has not the size that the index says", err);
	return 0;
}

int snapshot_read(const struct snapshot *snapshot, const struct snapshot_answer *answer,
	const struct snapshot_lines *lines, struct error *err)
{
	struct member member = {.snapshot = snapshot, .answer = answer, .lines = lines};
	struct snapshot_lines own = {take_line, &member, lines->tick, lines->tick_ctx};
	struct reading *reading = xcalloc(1, sizeof(*reading));
	int result;

	reading->snapshot = snapshot;
	reading->lines = &own;
	reading->at = answer->offset;
	reading->end = answer->offset + answer->size;
	reading->most = LIMIT_SNAPSHOT;
	reading->longest = SPLIT_MAX_ITEM;
	reading->line = (struct buf)BUF_INIT;
	result = read_member(reading, err);
	if (result == 0)
		result = check_end(reading, &member, err);
	buf_clear(&reading->line);
	free(reading);
	return result;
}
