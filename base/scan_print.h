/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Printing JSON text in another form without a tree, shared by scan_print_json.c and
 * scan_print_yaml.c.
 *
 * Members are printed as they come. An object whose keys do not rise is put in order afterwards, by
 * moving the text of its members, so that no text is scanned twice. Most objects come sorted.
 */
#ifndef BASE_SCAN_PRINT_H
#define BASE_SCAN_PRINT_H

#include "base/base.h"
#include "base/buf.h"
#include "base/scan_internal.h"

/* Where the text of a member is in `out`. */
struct print_member {
	struct scan_key key;
	size_t from, to;
};

struct printer {
	struct scan scan;
	struct buf *out;
	struct print_member *members; /* of all open objects */
	size_t members_len, members_cap;
	struct projection *drop; /* NULL: everything is printed */
	struct buf moved;        /* text on its way to another place */
	struct buf text;         /* a decoded string */
	size_t column;           /* characters in the present line (YAML) */
};

/*
 * A decoded string. Up to `limit` it may be looked at, which lets many bytes be looked at at once: a
 * quote stands at `end` if that is not the limit.
 */
struct print_text {
	const char *text, *end, *limit;
};

/* The members of one object while it is printed. */
struct print_object {
	size_t base;   /* of its members */
	bool rising;   /* keys so far are in order of bytes, hence all different */
	bool sorted;   /* ... and in the order of printing */
	size_t indent; /* of its lines */
	int (*compare)(
		const void *a, const void *b); /* the order of printing, of struct print_member */
	void (*join)(struct printer *printer, size_t indent); /* between two members */
};

void printer_init(struct printer *printer, const char *text, size_t len, const char *const *drop,
	struct buf *out);
void printer_clear(struct printer *printer);
#define autoprinter CLEANUP(printer_clear) struct printer

/* Begin the member `key`, whose text begins here. */
int printer_begin_member(struct printer *printer, struct print_object *object,
	const struct scan_text *key) MUST_CHECK;
/* The text of the object's latest member ends here. */
void printer_end_member(struct printer *printer);
/* Put the members in order, refuse duplicates, forget them. */
int printer_end_object(struct printer *printer, struct print_object *object) MUST_CHECK;

/* Whether the member is printed; if so *ret is the node for its value. */
static inline bool printer_keeps(
	const struct projection *node, const struct scan_text *key, const struct projection **ret)
{
	*ret = NULL;
	return !node || projection_member(node, key, ret);
}

int printer_skip_value(struct printer *printer) MUST_CHECK;

/* What the string says; borrowed until the next call. */
struct print_text printer_decode(struct printer *printer, const struct scan_text *text);

/* Order of bytes, as Go sorts the keys of maps. */
int print_member_compare(const void *a, const void *b);

/* Room for `len` bytes and a terminator. */
static inline char *printer_room(struct printer *printer, size_t len)
{
	struct buf *out = printer->out;

	if (out->cap - out->len <= len)
		buf_grow(out, len + out->len / 2);
	return out->ptr + out->len;
}

/* Append without a terminator; the end of printing sets it. */
static inline void printer_put(struct printer *printer, const char *text, size_t len)
{
	memcpy(printer_room(printer, len), text, len);
	printer->out->len += len;
}

static inline void printer_putc(struct printer *printer, char byte)
{
	*printer_room(printer, 1) = byte;
	printer->out->len++;
}

/* Append spaces, few as a rule. */
static inline void printer_spaces(struct printer *printer, size_t count)
{
	static const char few[] = "                                ";
	char *room = printer_room(printer, count + sizeof(few));

	if (count < sizeof(few))
		memcpy(room, few, sizeof(few));
	else
		memset(room, ' ', count);
	printer->out->len += count;
}

/* A new line with `indent` spaces. */
static inline void printer_newline(struct printer *printer, size_t indent)
{
	printer_putc(printer, '\n');
	printer_spaces(printer, indent);
	printer->column = indent;
}

/* The number as Go reads and prints it again in JSON: integers as they are, floats shortest. */
void print_number(struct buf *out, const struct scan_number *number);

/*
 * Append `text` as a scalar of YAML that begins at printer->column; further lines are indented by
 * `indent`.
 */
void print_yaml_scalar(struct printer *printer, const struct print_text *text, size_t indent);
/* Append a key that can stand before its colon; false if it needs the form with a question mark. */
bool print_yaml_key(struct printer *printer, const struct print_text *text);

#endif
