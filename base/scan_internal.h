/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tokens of JSON text, shared by the files behind base/scan.h. Everything works within
 * [start, end): the text need not be terminated.
 */
#ifndef BASE_SCAN_INTERNAL_H
#define BASE_SCAN_INTERNAL_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/scan.h"

/* A string as it stands between its quotes. */
struct scan_text {
	const char *raw;
	size_t len;
	bool escaped; /* holds backslashes */
};

/* A decoded key; borrowed from the text, or from the reader when it held escapes. */
struct scan_key {
	const char *text;
	size_t len;
};

struct scan_number {
	const char *text;
	size_t len;
	bool is_float; /* has a fraction or an exponent */
};

/* Reads one text. The keys of all open objects lie on one stack. */
struct scan {
	const char *start, *at, *end;
	unsigned depth;
	struct error *err;
	struct scan_key *keys;
	size_t keys_len, keys_cap;
	char **decoded; /* memory of the keys that held escapes */
	size_t decoded_len, decoded_cap;
};

void scan_init(struct scan *scan, const char *text, size_t len, struct error *err);
void scan_clear(struct scan *scan);
#define autoscan CLEANUP(scan_clear) struct scan

/* ERROR_SYNTAX with the offset of `at`. Always -1. */
int scan_fail(struct scan *scan, const char *at, const char *what);
/* "unexpected 'x'", or "unexpected end of input". Always -1. */
int scan_unexpected(struct scan *scan);

static inline void scan_space(struct scan *scan)
{
	const char *at = scan->at;

	while (at < scan->end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
		at++;
	scan->at = at;
}

/* The next byte after white space, or '\0' at the end (where NUL bytes are errors like any other).
 */
static inline char scan_peek(struct scan *scan)
{
	scan_space(scan);
	return scan->at < scan->end ? *scan->at : '\0';
}

/* Read a string, its opening quote being the next byte; checked fully. */
int scan_string(struct scan *scan, struct scan_text *ret) MUST_CHECK;
/* Read a number; its range is checked. */
int scan_number(struct scan *scan, struct scan_number *ret) MUST_CHECK;
/* Read true, false or null. */
int scan_literal(struct scan *scan) MUST_CHECK;
/* Read any value, checked fully. */
int scan_value(struct scan *scan) MUST_CHECK;
/* Nothing but white space may be left. */
int scan_end(struct scan *scan) MUST_CHECK;

/* Step into the object or array whose bracket is the next byte. */
int scan_enter(struct scan *scan) MUST_CHECK;
/*
 * The next member of the object entered, `first` for its first: 1 with the reader before its value,
 * 0 when the object has ended (and has been left), -1.
 */
int scan_member(struct scan *scan, bool first, struct scan_text *key) MUST_CHECK;
/* The same for an array's elements. */
int scan_element(struct scan *scan, bool first) MUST_CHECK;

/* The key decoded, memory if needed being the reader's; refuses NUL. */
int scan_decode_key(
	struct scan *scan, const struct scan_text *key, struct scan_key *ret) MUST_CHECK;
/* Put a decoded key on the stack. */
int scan_push_key(struct scan *scan, const struct scan_text *key) MUST_CHECK;
/* Byte order, the shorter first. */
static inline int scan_key_compare(const struct scan_key *a, const struct scan_key *b)
{
	size_t least = a->len < b->len ? a->len : b->len;
	int order;

	/* Neighbours differ in their first byte as a rule. */
	if (least && *a->text != *b->text)
		return (unsigned char)*a->text - (unsigned char)*b->text;
	order = memcmp(a->text, b->text, least);
	if (order)
		return order;
	return a->len < b->len ? -1 : a->len > b->len;
}
/*
 * Watch for duplicates while keys are pushed: `base` is the stack's height at the object's start.
 * Rising keys, as Go's maps print them, cost one comparison each and no search at the end.
 */
static inline bool scan_key_rises(const struct scan *scan, size_t base)
{
	size_t len = scan->keys_len;

	return len - base < 2 || scan_key_compare(&scan->keys[len - 2], &scan->keys[len - 1]) < 0;
}
/* Refuse equal keys among those above `base`. */
int scan_refuse_duplicates(struct scan *scan, size_t base) MUST_CHECK;
/* Drop the keys above `base`. */
static inline void scan_pop_keys(struct scan *scan, size_t base)
{
	scan->keys_len = base;
}

/* Length of the valid UTF-8 sequence at `at`, 0 if there is none. */
size_t scan_utf8(const char *at, const char *end);
/* Append what the string says. */
void scan_decode(const struct scan_text *text, struct buf *out);
/* Append a code point as UTF-8. */
void scan_add_utf8(struct buf *out, uint32_t code);

/*
 * Run over brackets and strings until the bracket that closes depth 0: returns the place after it,
 * or NULL if the data ends before (`skip` then carries on with the next piece). Also ends, with
 * skip->depth above JSON_MAX_DEPTH, when nesting gets too deep.
 */
const char *scan_skip_run(struct scan_skip *skip, const char *data, const char *end);
/* Skip the object or array whose bracket is the next byte. */
int scan_skip_container(struct scan *scan) MUST_CHECK;

/*
 * What a projection says of a member: false if it is left out, else *ret is the node of its value,
 * or NULL if all of that is kept.
 */
bool projection_member(
	const struct projection *node, const struct scan_text *key, const struct projection **ret);
/* Of the elements of an array, NULL for all. */
const struct projection *projection_element(const struct projection *node);
/* The same where they may also be left out: then false, as projection_member() has it. */
bool projection_elements(const struct projection *node, const struct projection **ret);

#endif
