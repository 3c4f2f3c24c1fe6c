/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The block structure of YAML, as Go's yaml.v2 writes it: two spaces a level, sequences not indented
 * below a key, keys in natural order. yaml_scalar.c writes the scalars.
 */
#include "base/base.h"

#include "base/number.h"
#include "base/scan_print.h"
#include "base/yaml.h"

#define INDENT 2

/* What stands in front of a value on its line. */
enum place {
	FIRST,     /* nothing: a document, an item of the caller's */
	AFTER_KEY, /* "key:" */
	COMPACT,   /* "-", "?" or ":": an object or array begins on the same line */
};

/* `indent` is that of the collection in which the value is. */
static int print_value(
	struct printer *printer, const struct projection *node, enum place place, size_t indent);

/* Whether a block scalar has ended the line that it is in, with any of YAML's breaks. */
static bool line_ended(const struct buf *out)
{
	const char *end = out->ptr + out->len;

	if (out->len && end[-1] == '\n')
		return true;
	return out->len > 3 && end[-3] == '\xe2' && end[-2] == '\x80' &&
	       (end[-1] == '\xa8' || end[-1] == '\xa9');
}

static void new_line(struct printer *printer, size_t indent)
{
	if (!line_ended(printer->out)) {
		printer_newline(printer, indent);
		return;
	}
	printer_spaces(printer, indent);
	printer->column = indent;
}

static void put(struct printer *printer, const char *text, size_t len)
{
	printer_put(printer, text, len);
	printer->column += len;
}

/* ---- objects */

static int print_member(struct printer *printer, struct print_object *object,
	const struct scan_text *key, const struct projection *node)
{
	enum place place = AFTER_KEY;
	struct print_text text;

	if (printer->members_len > object->base)
		new_line(printer, object->indent);
	if (printer_begin_member(printer, object, key) < 0)
		return -1;
	text = printer_decode(printer, key);
	if (!print_yaml_key(printer, &text)) {
		put(printer, "? ", 2);
		print_yaml_scalar(printer, &text, object->indent + INDENT);
		new_line(printer, object->indent);
		place = COMPACT;
	}
	put(printer, ":", 1);
	if (print_value(printer, node, place, object->indent) < 0)
		return -1;
	printer_end_member(printer);
	return 0;
}

/* Where the first line of a collection begins, and with which indentation the others do. */
static size_t begin_collection(
	struct printer *printer, enum place place, size_t indent, size_t more)
{
	if (place == FIRST)
		return indent;
	if (place == COMPACT) {
		put(printer, " ", 1);
		return indent + INDENT;
	}
	new_line(printer, indent + more);
	return indent + more;
}

static void put_empty(struct printer *printer, enum place place, const char *text)
{
	if (place != FIRST)
		put(printer, " ", 1);
	put(printer, text, 2);
}

static int compare_natural(const void *a, const void *b)
{
	const struct print_member *left = a;
	const struct print_member *right = b;

	return yaml_key_compare(left->key.text, left->key.len, right->key.text, right->key.len);
}

static int print_object(
	struct printer *printer, const struct projection *node, enum place place, size_t indent)
{
	struct scan *scan = &printer->scan;
	struct print_object object = {
		.base = printer->members_len,
		.rising = true,
		.sorted = true,
		.compare = compare_natural,
		.join = new_line,
	};
	const struct projection *child;
	struct scan_text key;
	bool begun = false;
	int more;

	if (scan_enter(scan) < 0)
		return -1;
	for (more = scan_member(scan, true, &key); more > 0;
		more = scan_member(scan, false, &key)) {
		bool keep = printer_keeps(node, &key, &child);

		if (keep && !begun)
			object.indent = begin_collection(printer, place, indent, INDENT);
		begun |= keep;
		if ((keep ? print_member(printer, &object, &key, child)
			  : printer_skip_value(printer)) < 0)
			return -1;
	}
	if (more < 0)
		return -1;
	if (!begun)
		put_empty(printer, place, "{}");
	return printer_end_object(printer, &object);
}

/* ---- arrays */

static int print_array(
	struct printer *printer, const struct projection *node, enum place place, size_t indent)
{
	struct scan *scan = &printer->scan;
	bool begun = false;
	int more;

	if (scan_enter(scan) < 0)
		return -1;
	for (more = scan_element(scan, true); more > 0; more = scan_element(scan, false)) {
		if (begun)
			new_line(printer, indent);
		else
			indent = begin_collection(printer, place, indent, 0);
		begun = true;
		put(printer, "-", 1);
		if (print_value(printer, node ? projection_element(node) : NULL, COMPACT, indent) <
			0)
			return -1;
	}
	if (more < 0)
		return -1;
	if (!begun)
		put_empty(printer, place, "[]");
	return 0;
}

/* ---- scalars */

/* kubectl reads the JSON that it has made of a number once more as YAML: 1000000.0 is an integer. */
static void put_number(struct printer *printer, const struct scan_number *number)
{
	autobuf json = BUF_INIT;
	struct yaml_value value;

	print_number(&json, number);
	if (number->is_float && yaml_resolve_value(json.ptr, json.len, &value) == YAML_FLOAT) {
		buf_reset(&json);
		number_format_yaml(&json, value.number);
	} else if (streq(json.ptr, "-0")) {
		buf_truncate(&json, 0);
		buf_addc(&json, '0');
	}
	put(printer, json.ptr, json.len);
}

static int print_scalar(struct printer *printer)
{
	struct scan *scan = &printer->scan;
	const char *from = scan->at;
	struct scan_number number;

	if (from < scan->end && (*from == 't' || *from == 'f' || *from == 'n')) {
		if (scan_literal(scan) < 0)
			return -1;
		put(printer, from, (size_t)(scan->at - from));
		return 0;
	}
	if (scan_number(scan, &number) < 0)
		return -1;
	if (number.is_float || *number.text == '-')
		put_number(printer, &number);
	else
		put(printer, number.text, number.len);
	return 0;
}

static int print_value(
	struct printer *printer, const struct projection *node, enum place place, size_t indent)
{
	struct scan_text raw;
	struct print_text text;
	char byte = scan_peek(&printer->scan);

	if (byte == '{')
		return print_object(printer, node, place, indent);
	if (byte == '[')
		return print_array(printer, node, place, indent);
	if (place != FIRST)
		put(printer, " ", 1);
	if (byte != '"')
		return print_scalar(printer);
	if (scan_string(&printer->scan, &raw) < 0)
		return -1;
	text = printer_decode(printer, &raw);
	/* What begins the caller's line "- " is an item of a sequence one level up already. */
	print_yaml_scalar(printer, &text, place == FIRST && indent ? indent : indent + INDENT);
	return 0;
}

int scan_print_yaml(const char *text, size_t len, unsigned indent, const char *const *drop,
	struct buf *out, struct error *err)
{
	autoprinter printer;

	printer_init(&printer, text, len, drop, out);
	printer.scan.err = err;
	printer.column = indent;
	if (print_value(&printer, printer.drop, FIRST, indent) < 0 || scan_end(&printer.scan) < 0)
		return -1;
	if (!line_ended(out))
		printer_putc(&printer, '\n');
	return 0;
}
