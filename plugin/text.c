/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "plugin/text.h"

static bool ascii_only;

void text_set_ascii(bool ascii)
{
	ascii_only = ascii;
}

/* Marks that turn the direction of what follows can make one text look like another. */
static bool turns_direction(int32_t code)
{
	return code == 0x200e || code == 0x200f || code == 0x061c ||
	       (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

static void add_safe(struct buf *out, const char *text, size_t len, int32_t code)
{
	if (code < 0)
		buf_addf(out, "\\x%02x", (unsigned char)*text);
	else if (code == '\t' || code == '\r')
		buf_adds(out, code == '\t' ? "\\t" : "\\r");
	else if (code < 0x20 || code == 0x7f)
		buf_addf(out, "^%c", (char)(code ^ 0x40));
	else if (code < 0xa0 && code > 0x7f)
		buf_addf(out, "\\u%04x", (unsigned)code);
	else if (turns_direction(code))
		buf_addf(out, "\\u%04x", (unsigned)code);
	else
		buf_add(out, text, len);
}

void text_safe(struct buf *out, const char *text)
{
	while (*text) {
		int32_t code;
		size_t len = text_plain(text);

		if (len) {
			buf_add(out, text, len);
			text += len;
			continue;
		}
		len = text_decode(text, &code);
		if (code == '\n')
			buf_addc(out, '\n');
		else
			add_safe(out, text, len, code);
		text += len;
	}
}

void text_cell(struct buf *out, const char *text)
{
	while (*text) {
		int32_t code;
		size_t len = text_plain(text);

		if (len) {
			buf_add(out, text, len);
			text += len;
			continue;
		}
		len = text_decode(text, &code);
		if (code == '\n' || code == '\r' || code == '\f') {
			buf_adds(out, "...");
			return;
		}
		add_safe(out, text, len, code);
		text += len;
	}
}

void text_cut(struct buf *out, const char *text, size_t width)
{
	const char *mark = ascii_only ? "..." : "…";
	size_t mark_width = ascii_only ? 3 : 1;
	size_t used = 0;

	if (text_width(text) <= width) {
		buf_adds(out, text);
		return;
	}
	if (width < mark_width)
		return;
	while (*text) {
		int32_t code;
		size_t len = text_decode(text, &code);
		size_t columns = text_char_width(code);

		if (used + columns > width - mark_width)
			break;
		buf_add(out, text, len);
		used += columns;
		text += len;
	}
	buf_adds(out, mark);
}

/* Append the words of one line. */
static void wrap_line(struct buf *out, const char *line, size_t width, unsigned indent)
{
	size_t used = indent;
	bool first = true;

	while (*line) {
		size_t spaces = strspn(line, " ");
		size_t len = strcspn(line + spaces, " ");
		autobuf word = BUF_INIT;

		buf_add(&word, line + spaces, len);
		if (!first && used + spaces + text_width(word.ptr) > width) {
			buf_addc(out, '\n');
			buf_fill(out, ' ', indent);
			used = indent;
		} else {
			buf_fill(out, ' ', spaces);
			used += spaces;
		}
		buf_adds(out, word.ptr);
		used += text_width(word.ptr);
		first = false;
		line += spaces + len;
	}
}

void text_wrap(struct buf *out, const char *text, size_t width, unsigned indent)
{
	autobuf safe = BUF_INIT;
	char *line;

	text_safe(&safe, text);
	line = safe.ptr;
	for (;;) {
		char *end = strchr(line, '\n');

		if (end)
			*end = '\0';
		if (width > 0)
			wrap_line(out, line, width, indent);
		else
			buf_adds(out, line);
		if (!end)
			return;
		line = end + 1;
		buf_addc(out, '\n');
		if (*line && *line != '\n')
			buf_fill(out, ' ', indent);
	}
}

void text_bytes(struct buf *out, uint64_t bytes)
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double value = (double)bytes / 1024;
	size_t unit = 0;

	if (bytes < 1024) {
		buf_addf(out, "%u B", (unsigned)bytes);
		return;
	}
	/* 1023.95 would be printed as 1024.0. */
	for (; value >= 1023.95 && unit + 1 < countof(units); unit++)
		value /= 1024;
	buf_addf(out, "%.1f %s", value, units[unit]);
}
