/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Splitting a list while it arrives. Between and around the items bytes are looked at one by one
 * (there are few); inside of an item scan_skip_run() does the work. No byte is seen twice, however
 * the pieces are cut.
 */
#include "base/base.h"

#include "base/scan_internal.h"

/* Where the next byte is. */
enum state {
	BEFORE,       /* before the object */
	ENVELOPE,     /* in the object, outside of the array */
	FIRST_ITEM,   /* after the array's bracket */
	NEXT_ITEM,    /* after a comma */
	AFTER_ITEM,   /* before a comma or the array's end */
	IN_CONTAINER, /* in an item that is an object or array */
	IN_STRING,    /* in an item that is a string */
	IN_SCALAR,    /* in an item that is a number, true, false or null */
	AFTER,        /* behind the object */
	FAILED,
};

/* A piece of input, and the place in it. */
struct piece {
	const char *start, *end;
	struct error *err;
};

void splitter_init(struct splitter *splitter, const char *array_key,
	int (*on_item)(void *ctx, const char *item, size_t len, struct error *err), void *ctx)
{
	*splitter = (struct splitter){
		.array_key = array_key,
		.on_item = on_item,
		.ctx = ctx,
		.envelope = BUF_INIT,
		.item = BUF_INIT,
		.key = BUF_INIT,
		.state = BEFORE,
	};
}

void splitter_clear(struct splitter *splitter)
{
	buf_clear(&splitter->envelope);
	buf_clear(&splitter->item);
	buf_clear(&splitter->key);
}

/* Always NULL, the failure of a step. */
static const char *fail(const struct splitter *splitter, const struct piece *piece, const char *at,
	const char *what)
{
	uint64_t offset = splitter->offset + (uint64_t)(at - piece->start);

	error_set(piece->err, ERROR_SYNTAX, "malformed JSON at byte %llu: %s",
		(unsigned long long)offset, what);
	return NULL;
}

static bool is_space(char byte)
{
	return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

static const char *skip_space(const struct piece *piece, const char *at)
{
	while (at < piece->end && is_space(*at))
		at++;
	return at;
}

static const char *step_before(struct splitter *splitter, const struct piece *piece, const char *at)
{
	at = skip_space(piece, at);
	if (at == piece->end)
		return at;
	if (*at != '{')
		return fail(splitter, piece, at, "not an object");
	splitter->state = ENVELOPE;
	return at;
}

/* ---- the envelope */

static bool key_is_array(struct splitter *splitter)
{
	struct scan_text raw = {
		.raw = splitter->key.ptr, .len = splitter->key.len, .escaped = true};
	autobuf key = BUF_INIT;

	scan_decode(&raw, &key);
	return key.len == strlen(splitter->array_key) && streq(key.ptr, splitter->array_key);
}

static void envelope_string_byte(struct splitter *splitter, char byte)
{
	struct scan_skip *skip = &splitter->skip;

	if (!skip->escaped && byte == '"') {
		skip->in_string = false;
		splitter->array_next = splitter->key_next && key_is_array(splitter);
		splitter->key_next = false;
		return;
	}
	skip->escaped = !skip->escaped && byte == '\\';
	if (splitter->key_next)
		buf_addc(&splitter->key, byte);
}

/* Returns true when the array begins with this byte. */
static bool envelope_byte(struct splitter *splitter, char byte)
{
	struct scan_skip *skip = &splitter->skip;
	bool array = splitter->array_next && byte == '[';

	if (is_space(byte) || byte == ':')
		return false;
	splitter->array_next = false;
	switch (byte) {
	case '"':
		skip->in_string = true;
		buf_reset(&splitter->key);
		return false;
	case '{':
	case '[':
		skip->depth++;
		splitter->key_next = skip->depth == 1;
		return array;
	case '}':
	case ']':
		skip->depth--;
		return false;
	default:
		splitter->key_next = byte == ',' && skip->depth == 1;
		return false;
	}
}

static const char *step_envelope(
	struct splitter *splitter, const struct piece *piece, const char *from)
{
	const char *at = from;

	while (at < piece->end && splitter->state == ENVELOPE) {
		char byte = *at++;

		if (splitter->skip.in_string)
			envelope_string_byte(splitter, byte);
		else if (envelope_byte(splitter, byte))
			splitter->state = FIRST_ITEM;
		else if (splitter->skip.depth == 0)
			splitter->state = AFTER;
	}
	buf_add(&splitter->envelope, from, (size_t)(at - from));
	if (splitter->envelope.len > SPLIT_MAX_ENVELOPE)
		return fail(splitter, piece, at, "too much outside of the list's items");
	if (splitter->state == FIRST_ITEM && splitter->array_seen)
		return fail(splitter, piece, at, "a second list of items");
	splitter->array_seen |= splitter->state == FIRST_ITEM;
	return at;
}

/* ---- the array */

static const char *end_array(struct splitter *splitter, const char *at)
{
	buf_addc(&splitter->envelope, ']');
	splitter->skip = (struct scan_skip){.depth = 1};
	splitter->state = ENVELOPE;
	return at + 1;
}

static const char *step_item(struct splitter *splitter, const struct piece *piece, const char *at)
{
	at = skip_space(piece, at);
	if (at == piece->end)
		return at;
	splitter->skip = (struct scan_skip){.depth = 0};
	switch (*at) {
	case '{':
	case '[':
		splitter->state = IN_CONTAINER;
		return at;
	case '"':
		splitter->state = IN_STRING;
		return at;
	case ']':
		if (splitter->state == FIRST_ITEM)
			return end_array(splitter, at);
		return fail(splitter, piece, at, "unexpected ']'");
	case ',':
	case '}':
	case ':':
		return fail(splitter, piece, at, "an item is missing");
	default:
		splitter->state = IN_SCALAR;
		return at;
	}
}

static const char *step_after_item(
	struct splitter *splitter, const struct piece *piece, const char *at)
{
	at = skip_space(piece, at);
	if (at == piece->end)
		return at;
	if (*at == ']')
		return end_array(splitter, at);
	if (*at != ',')
		return fail(splitter, piece, at, "no comma after an item");
	splitter->state = NEXT_ITEM;
	return at + 1;
}

/* The item goes on until `after`, or beyond the piece if that is NULL. */
static const char *take(
	struct splitter *splitter, const struct piece *piece, const char *from, const char *after)
{
	struct buf *item = &splitter->item;
	const char *to = after ? after : piece->end;
	const char *text = from;
	size_t len = (size_t)(to - from);

	if (len > SPLIT_MAX_ITEM - item->len)
		return fail(splitter, piece, from, "an item is too large");
	if (item->len || !after) {
		buf_add(item, from, len);
		text = item->ptr;
		len = item->len;
	}
	if (!after)
		return to;
	splitter->state = AFTER_ITEM;
	splitter->items++;
	if (splitter->on_item(splitter->ctx, text, len, piece->err) < 0)
		return NULL;
	buf_reset(item);
	return after;
}

static const char *step_container(
	struct splitter *splitter, const struct piece *piece, const char *from)
{
	const char *after = scan_skip_run(&splitter->skip, from, piece->end);

	if (after && splitter->skip.depth)
		return fail(splitter, piece, after, "nested too deeply");
	return take(splitter, piece, from, after);
}

static const char *step_string(
	struct splitter *splitter, const struct piece *piece, const char *from)
{
	struct scan_skip *skip = &splitter->skip;
	const char *at = from;

	if (!skip->in_string) {
		skip->in_string = true;
		at++;
	}
	for (; at < piece->end; at++) {
		if (!skip->escaped && *at == '"')
			return take(splitter, piece, from, at + 1);
		skip->escaped = !skip->escaped && *at == '\\';
	}
	return take(splitter, piece, from, NULL);
}

static const char *step_scalar(
	struct splitter *splitter, const struct piece *piece, const char *from)
{
	const char *at = from;

	while (at < piece->end && *at != ',' && *at != ']' && !is_space(*at))
		at++;
	return take(splitter, piece, from, at < piece->end ? at : NULL);
}

/* ---- the whole */

static const char *step_after(struct splitter *splitter, const struct piece *piece, const char *at)
{
	at = skip_space(piece, at);
	if (at < piece->end)
		return fail(splitter, piece, at, "text after the end of the object");
	return at;
}

static const char *step_failed(struct splitter *splitter, const struct piece *piece, const char *at)
{
	return fail(splitter, piece, at, "input after a failure");
}

int splitter_feed(struct splitter *splitter, const char *data, size_t len, struct error *err)
{
	static const char *(*const steps[])(
		struct splitter * splitter, const struct piece *piece, const char *at) = {
		[BEFORE] = step_before,
		[ENVELOPE] = step_envelope,
		[FIRST_ITEM] = step_item,
		[NEXT_ITEM] = step_item,
		[AFTER_ITEM] = step_after_item,
		[IN_CONTAINER] = step_container,
		[IN_STRING] = step_string,
		[IN_SCALAR] = step_scalar,
		[AFTER] = step_after,
		[FAILED] = step_failed,
	};
	struct piece piece = {.start = data, .end = data + len, .err = err};
	const char *at = data;

	while (at < piece.end) {
		at = steps[splitter->state](splitter, &piece, at);
		if (!at) {
			splitter->state = FAILED;
			return -1;
		}
	}
	splitter->offset += len;
	return 0;
}

int splitter_finish(struct splitter *splitter, struct error *err)
{
	struct piece piece = {.err = err};

	if (splitter->state != AFTER) {
		fail(splitter, &piece, NULL, "unexpected end of input");
		return -1;
	}
	if (scan_check(splitter->envelope.ptr, splitter->envelope.len, err) < 0)
		return error_wrap(err, "outside of '%s'", splitter->array_key);
	return 0;
}
