/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scalars of YAML, byte for byte as Go's yaml.v2 writes them: which of the four styles a text takes,
 * and where it folds (at the first space behind column 80).
 */
#include "base/base.h"

#include "base/scan_print.h"
#include "base/scan_simd.h"
#include "base/yaml.h"

#define FOLD_COLUMN 80
/* Bytes; longer keys take the form with a question mark. */
#define MAX_SIMPLE_KEY 128
/* In place of an indentation: the text stays in one line. */
#define KEY SIZE_MAX

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
	bool special; /* holds what cannot be written as it is */
	bool plain_allowed, single_allowed, literal_allowed;
};

/* ---- characters */

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
	switch (*text) {
	case '-':
	case '.':
		if (end - text >= 3 && text[1] == *text && text[2] == *text)
			return true;
		return *text == '-' && is_blank(text + 1, end);
	case '?':
	case ':':
		return is_blank(text + 1, end);
	case '#':
	case ',':
	case '[':
	case ']':
	case '{':
	case '}':
	case '&':
	case '*':
	case '!':
	case '|':
	case '>':
	case '\'':
	case '"':
	case '%':
	case '@':
	case '`':
		return true;
	default:
		return false;
	}
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

/* A remarkable character that is neither a space nor visible ASCII. */
static bool note_unusual(const char *at, const char *end, struct analysis *analysis)
{
	bool line_break = is_break(at, end);

	analysis->ascii &= (signed char)*at >= 0;
	analysis->breaks |= line_break;
	analysis->line_feed |= *at == '\n';
	analysis->wide_breaks |= is_wide_break(at, end);
	analysis->special |= !is_printable(at);
	return line_break;
}

static void analyze(const struct print_text *text, struct analysis *ret)
{
	const char *end = text->end;
	struct spacing spacing = {.after_space = false};
	bool syntax = begins_like_syntax(text->text, end);
	const char *at = text->text;

	*ret = (struct analysis){.ascii = true};
	for (;;) {
		const char *next = scan_find_remarkable(at, text->limit);
		bool line_break = false;

		if (next > at)
			spacing.after_space = spacing.after_break = false;
		at = next;
		if (at == end)
			break;
		if (*at < ' ' || *at == 0x7f)
			line_break = note_unusual(at, end, ret);
		note_spacing(&spacing, *at == ' ', line_break);
		syntax = syntax || is_syntax(text->text, at, end);
		at += char_len(*at);
	}
	ret->literal_allowed = !spacing.after_space && !spacing.space_break && !ret->special;
	ret->single_allowed = !spacing.break_space && !spacing.space_break && !ret->special;
	ret->plain_allowed = ret->single_allowed && !ret->breaks && !syntax && *text->text != ' ' &&
			     !spacing.after_space;
}

static enum style choose(const struct print_text *text, bool key, const struct analysis *analysis)
{
	size_t len = (size_t)(text->end - text->text);

	if (analysis->line_feed)
		return analysis->literal_allowed ? LITERAL : DOUBLE;
	/* Not so in yaml.v2, whose own output with such a key cannot be read again. */
	if (key && len == 2 && memcmp(text->text, "<<", 2) == 0)
		return DOUBLE;
	if (!yaml_reads_as_text(text->text, len))
		return DOUBLE;
	if (analysis->plain_allowed)
		return PLAIN;
	return analysis->single_allowed ? SINGLE : DOUBLE;
}

/* ---- writing */

static inline void put_chars(struct printer *printer, const char *text, size_t len, bool ascii)
{
	printer_put(printer, text, len);
	printer->column += len;
	if (!ascii)
		for (size_t i = 0; i < len; i++)
			printer->column -= (text[i] & 0xc0) == 0x80;
}

static inline void put_char(struct printer *printer, char byte)
{
	printer_putc(printer, byte);
	printer->column++;
}

static void put_break(struct printer *printer, const char *text, size_t len)
{
	printer_put(printer, text, len);
	printer->column = 0;
}

static void pad(struct printer *printer, size_t indent)
{
	if (printer->column >= indent)
		return;
	printer_spaces(printer, indent - printer->column);
	printer->column = indent;
}

/* The character at `at` and those behind it that need no thought. */
static size_t word_len(const char *at, const char *end, char quote)
{
	const char *from = at;

	for (at += char_len(*at); at<end && * at> ' ' && *at != quote;)
		at++;
	return (size_t)(at - from);
}

/* Plain and single-quoted text, which differ in the quote alone; it holds no line feeds. `indent`
 * may be KEY. */
static void put_folded(
	struct printer *printer, const char *text, size_t len, size_t indent, char quote)
{
	const char *end = text + len;
	bool after_space = false;
	bool after_break = false;

	for (const char *at = text; at < end;) {
		size_t width = char_len(*at);

		if (*at == ' ') {
			bool inner = indent != KEY && (!quote || at > text);

			if (inner && !after_space && printer->column > FOLD_COLUMN &&
				at + 1 < end && at[1] != ' ')
				printer_newline(printer, indent);
			else
				put_char(printer, *at);
			after_space = true;
		} else if (is_break(at, end)) {
			put_break(printer, at, width);
			after_break = true;
		} else {
			if (after_break)
				pad(printer, indent);
			if (*at == quote)
				put_char(printer, *at);
			width = word_len(at, end, quote);
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
		put_char(printer, quote);
	if (whole)
		put_chars(printer, text, len, analysis->ascii);
	else
		put_folded(printer, text, len, indent, quote);
	if (quote)
		put_char(printer, quote);
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

	put_char(printer, '"');
	for (const char *at = text; at < end; at += char_len(*at)) {
		if (mark || !is_printable(at) || is_break(at, end) || *at == '"' || *at == '\\') {
			put_escape(printer, code_point(at));
			after_space = false;
		} else if (*at == ' ') {
			bool fold = indent != KEY && !after_space &&
				    printer->column > FOLD_COLUMN && at > text && at + 1 < end;

			if (fold)
				printer_newline(printer, indent);
			if (!fold || at[1] == ' ')
				put_char(printer, fold ? '\\' : ' ');
			after_space = true;
		} else {
			put_chars(printer, at, char_len(*at), false);
			after_space = false;
		}
	}
	put_char(printer, '"');
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
		put_char(printer, '2');
	if (!is_break(last, end))
		put_char(printer, '-');
	else if (last == text || is_break(char_before(last), end))
		put_char(printer, '+');
}

static void put_literal(struct printer *printer, const char *text, size_t len, size_t indent,
	const struct analysis *analysis)
{
	const char *end = text + len;

	put_char(printer, '|');
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

static void put_scalar(struct printer *printer, const struct print_text *text, size_t indent,
	const struct analysis *analysis)
{
	size_t len = (size_t)(text->end - text->text);

	switch (choose(text, indent == KEY, analysis)) {
	case PLAIN:
		put_quotable(printer, text->text, len, indent, '\0', analysis);
		break;
	case SINGLE:
		put_quotable(printer, text->text, len, indent, '\'', analysis);
		break;
	case DOUBLE:
		/* What stood between quotes without an escape can do so again, if it fits. */
		if (text->limit != text->end && !analysis->special && !analysis->breaks &&
			printer->column + len <= FOLD_COLUMN)
			put_quotable(printer, text->text, len, indent, '"', analysis);
		else
			put_double(printer, text->text, len, indent);
		break;
	case LITERAL:
		put_literal(printer, text->text, len, indent, analysis);
		break;
	}
}

void print_yaml_scalar(struct printer *printer, const struct print_text *text, size_t indent)
{
	struct analysis analysis;

	analyze(text, &analysis);
	put_scalar(printer, text, indent, &analysis);
}

bool print_yaml_key(struct printer *printer, const struct print_text *text)
{
	struct analysis analysis;

	if (text->end - text->text > MAX_SIMPLE_KEY)
		return false;
	analyze(text, &analysis);
	if (analysis.breaks)
		return false;
	put_scalar(printer, text, KEY, &analysis);
	return true;
}
