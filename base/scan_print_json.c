/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/scan_print.h"
#include "base/scan_simd.h"

#define INDENT 4

/* ---- strings, as Go's encoding/json writes them for HTML */

static void put_unicode_escape(struct printer *printer, unsigned code)
{
	static const char hex[] = "0123456789abcdef";
	char escape[6] = {'\\', 'u', hex[code >> 12 & 15], hex[code >> 8 & 15], hex[code >> 4 & 15],
		hex[code & 15]};

	printer_put(printer, escape, sizeof(escape));
}

static void put_ascii(struct printer *printer, char byte)
{
	static const char letters[] = {['"'] = '"',
		['\\'] = '\\',
		['\b'] = 'b',
		['\f'] = 'f',
		['\n'] = 'n',
		['\r'] = 'r',
		['\t'] = 't'};
	char escape[2] = {'\\', '\0'};

	if ((size_t)byte < sizeof(letters))
		escape[1] = letters[(size_t)byte];
	if (escape[1])
		printer_put(printer, escape, sizeof(escape));
	else if (byte < 0x20 || byte == '<' || byte == '>' || byte == '&')
		put_unicode_escape(printer, (unsigned char)byte);
	else
		printer_putc(printer, byte);
}

/* One sequence of UTF-8 beyond ASCII. */
static void put_sequence(struct printer *printer, const char *at, size_t len)
{
	/* U+2028 and U+2029 end a line in JavaScript. */
	if (len == 3 && at[0] == '\xe2' && at[1] == '\x80' && (at[2] == '\xa8' || at[2] == '\xa9'))
		put_unicode_escape(printer, at[2] == '\xa8' ? 0x2028 : 0x2029);
	else
		printer_put(printer, at, len);
}

static void put_string(struct printer *printer, const struct scan_text *raw)
{
	struct print_text text = printer_decode(printer, raw);
	const char *at = text.text;

	printer_putc(printer, '"');
	for (;;) {
		const char *special = scan_find_special_html(at, text.limit);
		size_t sequence;

		printer_put(printer, at, (size_t)(special - at));
		at = special;
		if (at == text.end)
			break;
		if ((signed char)*at >= 0) {
			put_ascii(printer, *at++);
			continue;
		}
		sequence = scan_utf8(at, text.end);
		put_sequence(printer, at, sequence);
		at += sequence;
	}
	printer_putc(printer, '"');
}

/* ---- values */

static int print_value(struct printer *printer, const struct projection *node, size_t indent);

static void join(struct printer *printer, size_t indent)
{
	printer_putc(printer, ',');
	printer_newline(printer, indent);
}

static int print_member(struct printer *printer, struct print_object *object,
	const struct scan_text *key, const struct projection *node)
{
	if (printer->members_len > object->base)
		join(printer, object->indent);
	else
		printer_newline(printer, object->indent);
	if (printer_begin_member(printer, object, key) < 0)
		return -1;
	put_string(printer, key);
	printer_put(printer, ": ", 2);
	if (print_value(printer, node, object->indent) < 0)
		return -1;
	printer_end_member(printer);
	return 0;
}

static int print_object(struct printer *printer, const struct projection *node, size_t indent)
{
	struct scan *scan = &printer->scan;
	struct print_object object = {
		.base = printer->members_len,
		.rising = true,
		.sorted = true,
		.indent = indent + INDENT,
		.compare = print_member_compare,
		.join = join,
	};
	const struct projection *child;
	struct scan_text key;
	bool some;
	int more;

	printer_putc(printer, '{');
	if (scan_enter(scan) < 0)
		return -1;
	for (more = scan_member(scan, true, &key); more > 0;
		more = scan_member(scan, false, &key)) {
		bool keep = printer_keeps(node, &key, &child);

		if ((keep ? print_member(printer, &object, &key, child)
			  : printer_skip_value(printer)) < 0)
			return -1;
	}
	some = printer->members_len > object.base;
	if (more < 0 || printer_end_object(printer, &object) < 0)
		return -1;
	if (some)
		printer_newline(printer, indent);
	printer_putc(printer, '}');
	return 0;
}

static int print_array(struct printer *printer, const struct projection *node, size_t indent)
{
	struct scan *scan = &printer->scan;
	bool first = true;
	int more;

	printer_putc(printer, '[');
	if (scan_enter(scan) < 0)
		return -1;
	for (more = scan_element(scan, true); more > 0; more = scan_element(scan, false)) {
		if (first)
			printer_newline(printer, indent + INDENT);
		else
			join(printer, indent + INDENT);
		first = false;
		if (print_value(printer, node ? projection_element(node) : NULL, indent + INDENT) <
			0)
			return -1;
	}
	if (more < 0)
		return -1;
	if (!first)
		printer_newline(printer, indent);
	printer_putc(printer, ']');
	return 0;
}

static int print_scalar(struct printer *printer)
{
	struct scan *scan = &printer->scan;
	const char *from = scan->at;
	struct scan_number number;

	if (from < scan->end && (*from == 't' || *from == 'f' || *from == 'n')) {
		if (scan_literal(scan) < 0)
			return -1;
		printer_put(printer, from, (size_t)(scan->at - from));
		return 0;
	}
	if (scan_number(scan, &number) < 0)
		return -1;
	print_number(printer->out, &number);
	return 0;
}

/* The value's own lines are indented by `indent`. */
static int print_value(struct printer *printer, const struct projection *node, size_t indent)
{
	struct scan_text text;

	switch (scan_peek(&printer->scan)) {
	case '{':
		return print_object(printer, node, indent);
	case '[':
		return print_array(printer, node, indent);
	case '"':
		if (scan_string(&printer->scan, &text) < 0)
			return -1;
		put_string(printer, &text);
		return 0;
	default:
		return print_scalar(printer);
	}
}

int scan_print_json(const char *text, size_t len, unsigned indent, const char *const *drop,
	struct buf *out, struct error *err)
{
	autoprinter printer;

	printer_init(&printer, text, len, drop, out);
	printer.scan.err = err;
	if (print_value(&printer, printer.drop, (size_t)indent * INDENT) < 0)
		return -1;
	return scan_end(&printer.scan);
}
