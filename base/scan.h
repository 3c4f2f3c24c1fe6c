/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON as a stream: split the items out of a list while it arrives, keep only the fields that are
 * asked for, hold nothing else.
 *
 * Why not json-c: a list of 10,000 HelmReleases as one json-c tree takes 970 MiB and over a second;
 * split and projected first it takes 2 MiB and a tenth of that. The scanner is strict where json-c's
 * parser is not (see base/json.h), and is fuzzed against it.
 */
#ifndef BASE_SCAN_H
#define BASE_SCAN_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"

/*
 * Check that `text` is one JSON value and nothing else, by RFC 8259 and UTF-8, at most
 * JSON_MAX_DEPTH deep, integers within int64 or uint64, floats within double, no key twice in one
 * object and no NUL in a key (json-c would cut it there). Errors are ERROR_SYNTAX and name the byte
 * offset.
 *
 * An escaped surrogate without its other half is accepted and reads as U+FFFD: Go's decoder and
 * json-c both do so, hence what kubectl shows can also be shown here.
 */
int scan_check(const char *text, size_t len, struct error *err) MUST_CHECK;

/* Whether JSON has words for a text. */
bool scan_is_utf8(const char *text, size_t len);

/* ---- splitting */

/* An item larger than this ends the read: nothing in a cluster may be (etcd's own limit is 1.5
 * MiB). */
#define SPLIT_MAX_ITEM ((size_t)32 << 20)
/* The list without its items may not exceed this. */
#define SPLIT_MAX_ENVELOPE ((size_t)1 << 20)

/* Where a run over brackets and strings stands, so that it can go on with the next piece. */
struct scan_skip {
	unsigned depth; /* open brackets */
	bool in_string;
	bool escaped; /* the next byte follows a backslash */
};

/*
 * Fed with the bytes of one JSON object in pieces of any size. Each element of its top-level array
 * `array_key` ("items" of a list, "rows" of a Table) is handed to `on_item` as text: complete,
 * bracket- and string-checked, but checked fully only by whoever reads it (scan_check,
 * scan_project, scan_print_*). An item that lies within one piece is handed out in place, without a
 * copy. Everything else of the object is kept as `envelope`, with the array left empty, and checked
 * by splitter_finish(). A failing on_item ends the feed with its error; nothing may be fed after a
 * failure. Items are not in memory after on_item has returned.
 */
struct splitter {
	const char *array_key;
	int (*on_item)(void *ctx, const char *item, size_t len, struct error *err);
	void *ctx;
	/* Results; `envelope` is complete after splitter_finish(). */
	struct buf envelope;
	uint64_t items;
	/* Private. */
	int state;
	uint64_t offset;       /* of the present piece */
	struct scan_skip skip; /* brackets and strings of the item, or of the envelope */
	struct buf item;       /* an item that began in an earlier piece */
	struct buf key;        /* the key being read at depth 1, raw */
	bool key_next;         /* the next string at depth 1 is a key */
	bool array_next;       /* the key was array_key: its value comes */
	bool array_seen;
};

void splitter_init(struct splitter *splitter, const char *array_key,
	int (*on_item)(void *ctx, const char *item, size_t len, struct error *err), void *ctx);
void splitter_clear(struct splitter *splitter);
int splitter_feed(
	struct splitter *splitter, const char *data, size_t len, struct error *err) MUST_CHECK;
/* The input has ended: fails unless the object was complete (a cut body) with nothing after it. */
int splitter_finish(struct splitter *splitter, struct error *err) MUST_CHECK;

/* ---- projection */

/*
 * Which members of an object to keep, built from paths of keys with dots:
 *
 *	"metadata.name"                              this value, whole
 *	"status.conditions[].type"                   of every element of the array
 *	"metadata.annotations.[example.com/key]"     a key with dots stands in brackets
 *	"!metadata.managedFields"                    not this: an exception from what is kept
 *
 * With nothing but exceptions everything else is kept. Where a value is not of the kind that a path
 * expects (text where an object should be), a scalar is kept as it is, an object or array empty.
 */
struct projection;
/* `paths` ends with NULL. A malformed path is a fault of the program and aborts. */
struct projection *projection_new(const char *const *paths);
void projection_free(struct projection *projection);

/*
 * Append `item` without what the projection does not keep, in the order of the item. What is
 * visited is checked as by scan_check(); a key twice among the kept ones is refused; of skipped
 * objects and arrays only brackets and strings are looked at. On failure `out` holds a part.
 */
int scan_project(const struct projection *projection, const char *item, size_t len, struct buf *out,
	struct error *err) MUST_CHECK;

/* ---- printing, text to text, without a tree */

/*
 * Append the value as kubectl -o json prints it: keys sorted, four spaces a level (`indent` levels
 * are put in front of every line but the first), `<`, `>`, `&` and U+2028/9 as \u escapes, no line
 * break at the end. Integers stand as they came (kubectl rounds those beyond int64), floats with the
 * fewest digits: 1.50 is 1.5, and 1e3 is 1000. The text is checked as by scan_check().
 *
 * Members named by `drop` (NULL-terminated paths, as "metadata.managedFields"; may be NULL) are left
 * out; of them only brackets and strings are looked at. On failure `out` holds a part.
 */
int scan_print_json(const char *text, size_t len, unsigned indent, const char *const *drop,
	struct buf *out, struct error *err) MUST_CHECK;

/*
 * The same as kubectl -o yaml (sigs.k8s.io/yaml): keys in natural order, sequences not indented
 * under their key, block scalars for text with line breaks, quotes where YAML 1.1 would read another
 * type, folded behind column 80. `indent` counts spaces in front of every line but the first, which
 * is taken to begin in that column. Always ends with a line break.
 */
int scan_print_yaml(const char *text, size_t len, unsigned indent, const char *const *drop,
	struct buf *out, struct error *err) MUST_CHECK;

#endif
