/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text on a terminal: how wide it is, cut, wrapped, made harmless. Widths are display columns:
 * wide characters count two, combining ones none, an invalid byte one. Tables of our own (Unicode
 * 14) and not the C library's, so that a locale that is missing changes nothing.
 */
#ifndef PLUGIN_TEXT_H
#define PLUGIN_TEXT_H

#include "base/base.h"
#include "base/buf.h"

/*
 * Decode the character at `text` (terminated): its bytes, at least 1 unless at the end, and in
 * `*ret` its code point, or -1 for a byte that is not UTF-8.
 */
size_t text_decode(const char *text, int32_t *ret);
/* Bytes at the start that are printable ASCII: one column each, nothing to make safe. */
size_t text_plain(const char *text);
/* Display columns of a code point; 1 for -1 and for control characters. */
size_t text_char_width(int32_t code);
/* Display columns of a UTF-8 text; an invalid byte counts one. */
size_t text_width(const char *text);

/*
 * Append `text` made safe for a terminal: ESC as ^[ and other control characters alike, tabs and
 * carriage returns as \t and \r, what reverses the direction of text and C1 controls as \u009b,
 * bytes that are not UTF-8 as \xff. Line breaks stay.
 */
void text_safe(struct buf *out, const char *text);
/*
 * The same for a cell of a table: cut at the first line break (or form feed), with "..." as kubectl
 * does it.
 */
void text_cell(struct buf *out, const char *text);
/* Append `text` cut to `width` display columns, with "…" if something was cut. */
void text_cut(struct buf *out, const char *text, size_t width);
/*
 * Append `text`, made safe, wrapped at spaces to lines of at most `width` columns (0: as it is),
 * its own line breaks kept, each line after the first indented by `indent` spaces. The first line
 * is taken to begin at column `indent`. No line break at the end. A word longer than a line stands
 * alone, uncut.
 */
void text_wrap(struct buf *out, const char *text, size_t width, unsigned indent);
/* Append a size for people: "812 B", "64.0 KiB", "12.3 MiB", "1.2 TiB". */
void text_bytes(struct buf *out, uint64_t bytes);
/* The terminal shows ASCII only: "..." instead of "…" from now on. */
void text_set_ascii(bool ascii);

#endif
