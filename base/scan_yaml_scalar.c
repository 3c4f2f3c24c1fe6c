/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scalars of YAML, byte for byte as Go's yaml.v2 writes them: which of the four styles a text takes,
 * and where it folds (at the first space behind column 80).
 */
#include "base/base.h"

#include "base/scan_print.h"
#include "base/yaml.h"

#define FOLD_COLUMN 80
/* Bytes; longer keys take the form with a question mark. */
#define MAX_SIMPLE_KEY 128

enum style {
	PLAIN,
	SINGLE,
	DOUBLE,
	LITERAL,
};

/* What decides the style. */
struct analysis {
	bool line_feed;   /* holds \n */
	bool breaks;      /* holds any line break of YAML */
	bool wide_breaks; /* holds U+2028 or U+2029 */
	bool ascii;
	bool plain_allowed, single_allowed, literal_allowed;
};

/* ---- characters */

/* Bytes that an analysis cannot just pass over. */
static bool is_remarkable(char byte)
{
	return byte <= ' ' || byte == ':' || byte == '#' || byte == 0x7f; /* <=: also non-ASCII */
}

static size_t char_len(char byte)
{
	unsigned char lead = (unsigned char)byte;

	return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/* U+2028 or U+2029. */
static bool is_wide_break(const char *at, const char *end)
{
	return end - at >= 3 && at[0] == '\xe2' && at[1] == '\x80' &&
	       (at[2] == '\xa8' || at[2] == '\xa9');
}

static bool is_break(const char *at, const char *end)
{
	return *at == '\n' || *at == '\r' || is_wide_break(at, end) ||
	       (end - at >= 2 && at[0] == '\xc2' && at[1] == '\x85');
}

/* What yaml.v2 writes as it is; of the planes beyond the first it writes none. */
static bool is_printable(const char *at)
{
	unsigned char lead = (unsigned char)at[0];
	unsigned char next;

	if (lead < 0x80)
		return lead == '\n' || (lead >= ' ' && lead < 0x7f);
	next = (unsigned char)at[1];
	if (lead == 0xc2)
		return next >= 0xa0;
	if (lead == 0xef && next == 0xbb)
		return (unsigned char)at[2] != 0xbf;
	if (lead == 0xef && next == 0xbf)
		return (unsigned char)at[2] < 0xbe;
	return lead < 0xf0;
}

static bool is_blank(const char *at, const char *end)
{
	return at >= end || *at == ' ' || *at == '\t';
}

/* ---- the choice */

static bool begins_like_syntax(const char *text, const char *end)
{
	if (end - text >= 3 && (memcmp(text, "---", 3) == 0 || memcmp(text, "...", 3) == 0))
		return true;
	if (*text && strchr("#,[]{}&*!|>'\"%@`", *text))
		return true;
	return (*text == '?' || *text == ':' || *text == '-') && is_blank(text + 1, end);
}

/* A colon before a blank, or a number sign after one. */
static bool is_syntax(const char *text, const char *at, const char *end)
{
	if (*at == ':')
		return is_blank(at + 1, end);
	return *at == '#' && at > text && (is_blank(at - 1, end) || at[-1] == '\n' || !at[-1]);
}

/* Where spaces and breaks stand. */
struct spacing {
	bool after_space, after_break;
	bool break_space, space_break; /* the one followed by the other */
};

static void note_spacing(struct spacing *spacing, bool space, bool line_break)
{
	spacing->break_space |= space && spacing->after_break;
	spacing->space_break |= line_break && spacing->after_space;
	spacing->after_space = space;
	spacing->after_break = line_break;
}

static void analyze(const char *text, size_t len, struct analysis *ret)
{
	const char *end = text + len;
	struct spacing spacing = {.after_space = false};
	bool syntax = begins_like_syntax(text, end);
	bool special = false;

	*ret = (struct analysis){.ascii = true};
	for (const char *at = text; at < end; at += char_len(*at)) {
		bool line_break;

		if (!is_remarkable(*at)) {
			spacing.after_space = spacing.after_break = false;
			continue;
		}
		line_break = is_break(at, end);
		note_spacing(&spacing, *at == ' ', line_break);
		syntax = syntax || is_syntax(text, at, end);
		special |= !is_printable(at);
		ret->ascii &= (signed char)*at >= 0;
		ret->breaks |= line_break;
		ret->line_feed |= *at == '\n';
		ret->wide_breaks |= is_wide_break(at, end);
	}
	ret->literal_allowed = !spacing.after_space && !spacing.space_break && !special;
	ret->single_allowed = !spacing.break_space && !spacing.space_break && !special;
	ret->plain_allowed = ret->single_allowed && !ret->breaks && !syntax && text[0] != ' ' &&
			     !spacing.after_space;
}

static enum style choose(const char *text, size_t len, bool simple_key, struct analysis *ret)
{
	if (!len) {
		*ret = (struct analysis){.ascii = true};
		return DOUBLE;
	}
	analyze(text, len, ret);
	if (ret->line_feed)
		return ret->literal_allowed && !simple_key ? LITERAL : DOUBLE;
	/* Not so in yaml.v2, whose own output with such a key cannot be read again. */
	if (simple_key && len == 2 && memcmp(text, "<<", 2) == 0)
		return DOUBLE;
	if (!yaml_reads_as_text(text, len))
		return DOUBLE;
	if (ret->plain_allowed)
		return PLAIN;
	return ret->single_allowed ? SINGLE : DOUBLE;
}

bool print_yaml_simple_key(const char *text, size_t len)
{
	struct analysis analysis;

	if (len > MAX_SIMPLE_KEY)
		return false;
	if (!len)
		return true;
	analyze(text, len, &analysis);
	return !analysis.breaks;
}

/* ---- writing */

static void put_chars(struct printer *printer, const char *text, size_t len, bool ascii)
{
	printer_put(printer, text, len);
	printer->column += len;
	if (ascii)
		return;
	for (size_t i = 0; i < len; i++)
		printer->column -= (text[i] & 0xc0) == 0x80;
}

static void put_break(struct printer *printer, const char *text, size_t len)
{
	printer_put(printer, text, len);
	printer->column = 0;
}

static void pad(struct printer *printer, size_t indent)
{
	while (printer->column < indent)
		put_chars(printer, " ", 1, true);
}

/* Plain and single-quoted text, which differ in the quote alone; it holds no line feeds. `indent`
 * is PRINT_YAML_KEY for a simple key. */
static void put_folded(
	struct printer *printer, const char *text, size_t len, size_t indent, char quote)
{
	const char *end = text + len;
	bool after_space = false;
	bool after_break = false;

	for (const char *at = text; at < end;) {
		size_t width = char_len(*at);

		if (*at == ' ') {
			bool inner = indent != PRINT_YAML_KEY && (!quote || at > text);

			if (inner && !after_space && printer->column > FOLD_COLUMN &&
				at + 1 < end && at[1] != ' ')
				printer_newline(printer, indent);
			else
				put_chars(printer, at, 1, true);
			after_space = true;
		} else if (is_break(at, end)) {
			put_break(printer, at, width);
			after_break = true;
		} else {
			if (after_break)
				pad(printer, indent);
			if (*at == quote)
				put_chars(printer, at, 1, true);
			put_chars(printer, at, width, false);
			after_space = after_break = false;
		}
		at += width;
	}
}

/* Text in one piece if it fits in the line. */
static void put_quotable(struct printer *printer, const char *text, size_t len, size_t indent,
	char quote, const struct analysis *analysis)
{
	bool whole = !analysis->breaks && printer->column + len <= FOLD_COLUMN &&
		     (!quote || !memchr(text, quote, len));

	if (quote)
		put_chars(printer, &quote, 1, true);
	if (whole)
		put_chars(printer, text, len, analysis->ascii);
	else
		put_folded(printer, text, len, indent, quote);
	if (quote)
		put_chars(printer, &quote, 1, true);
}

static uint32_t code_point(const char *at)
{
	static const unsigned char lead_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	size_t len = char_len(*at);
	uint32_t code = (unsigned char)at[0] & lead_bits[len];

	for (size_t i = 1; i < len; i++)
		code = code << 6 | ((unsigned char)at[i] & 0x3f);
	return code;
}

/* The letter of a two-character escape, or '\0'. */
static char escape_letter(uint32_t code)
{
	static const char controls[] = {['\0'] = '0',
		['\a'] = 'a',
		['\b'] = 'b',
		['\t'] = 't',
		['\n'] = 'n',
		['\v'] = 'v',
		['\f'] = 'f',
		['\r'] = 'r',
		[0x1b] = 'e'};

	if (code < sizeof(controls))
		return controls[code];
	switch (code) {
	case '"':
	case '\\':
		return (char)code;
	case 0x85:
		return 'N';
	case 0xa0:
		return '_';
	case 0x2028:
		return 'L';
	case 0x2029:
		return 'P';
	default:
		return '\0';
	}
}

static void put_escape(struct printer *printer, uint32_t code)
{
	char escape[10] = {'\\', escape_letter(code)};
	size_t len = 2;

	if (!escape[1]) {
		int digits = code <= 0xff ? 2 : code <= 0xffff ? 4 : 8;

		escape[1] = digits == 2 ? 'x' : digits == 4 ? 'u' : 'U';
		for (int i = digits - 1; i >= 0; i--)
			escape[len++] = "0123456789ABCDEF"[code >> 4 * i & 15];
	}
	put_chars(printer, escape, len, true);
}

static void put_double(struct printer *printer, const char *text, size_t len, size_t indent)
{
	const char *end = text + len;
	bool mark = len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0; /* then all is escaped */
	bool after_space = false;

	put_chars(printer, "\"", 1, true);
	for (const char *at = text; at < end; at += char_len(*at)) {
		if (mark || !is_printable(at) || is_break(at, end) || *at == '"' || *at == '\\') {
			put_escape(printer, code_point(at));
			after_space = false;
		} else if (*at == ' ') {
			bool fold = indent != PRINT_YAML_KEY && !after_space &&
				    printer->column > FOLD_COLUMN && at > text && at + 1 < end;

			if (fold)
				printer_newline(printer, indent);
			if (!fold || at[1] == ' ')
				put_chars(printer, fold ? "\\" : " ", 1, true);
			after_space = true;
		} else {
			put_chars(printer, at, char_len(*at), false);
			after_space = false;
		}
	}
	put_chars(printer, "\"", 1, true);
}

/* The character before `at`. */
static const char *char_before(const char *at)
{
	do
		at--;
	while ((*at & 0xc0) == 0x80);
	return at;
}

/* What follows the bar: an indentation if the text's own would mislead, and what ends it. */
static void put_hints(struct printer *printer, const char *text, const char *end)
{
	const char *last = char_before(end);

	if (*text == ' ' || is_break(text, end))
		put_chars(printer, "2", 1, true);
	if (!is_break(last, end))
		put_chars(printer, "-", 1, true);
	else if (last == text || is_break(char_before(last), end))
		put_chars(printer, "+", 1, true);
}

static void put_literal(struct printer *printer, const char *text, size_t len, size_t indent,
	const struct analysis *analysis)
{
	const char *end = text + len;

	put_chars(printer, "|", 1, true);
	put_hints(printer, text, end);
	put_break(printer, "\n", 1);
	while (text < end) {
		const char *line = text;

		while (text < end && *text != '\n' &&
			!(analysis->wide_breaks && is_break(text, end)))
			text++;
		if (text > line) {
			pad(printer, indent);
			put_chars(printer, line, (size_t)(text - line), analysis->ascii);
		}
		if (text < end) {
			size_t width = char_len(*text);

			put_break(printer, text, width);
			text += width;
		}
	}
}

void print_yaml_scalar(struct printer *printer, const char *text, size_t len, size_t indent)
{
	struct analysis analysis;

	switch (choose(text, len, indent == PRINT_YAML_KEY, &analysis)) {
	case PLAIN:
		put_quotable(printer, text, len, indent, '\0', &analysis);
		break;
	case SINGLE:
		put_quotable(printer, text, len, indent, '\'', &analysis);
		break;
	case DOUBLE:
		put_double(printer, text, len, indent);
		break;
	case LITERAL:
		put_literal(printer, text, len, indent, &analysis);
		break;
	}
}
