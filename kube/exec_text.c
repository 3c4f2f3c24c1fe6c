/* SPDX-License-Identifier: Apache-2.0 */
/* Which code points print, for text that a kubeconfig wants shown (cleanANSIEscapeCodes). */
#include "base/base.h"

#include "base/buf.h"
#include "kube/exec.h"

/* Ranges of the Unicode categories Cc, Cf, Cs and Co and of what will never be assigned. */
/* clang-format off */
static const uint32_t hidden[][2] = {
	{0x0000, 0x0008}, {0x000e, 0x001f}, {0x007f, 0x009f}, {0x00ad, 0x00ad}, {0x0600, 0x0605},
	{0x061c, 0x061c}, {0x06dd, 0x06dd}, {0x070f, 0x070f}, {0x0890, 0x0891}, {0x08e2, 0x08e2},
	{0x180e, 0x180e}, {0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x206f}, {0xd800, 0xf8ff},
	{0xfdd0, 0xfdef}, {0xfeff, 0xfeff}, {0xfff0, 0xfffb}, {0xfffe, 0xffff}, {0x110bd, 0x110bd},
	{0x110cd, 0x110cd}, {0x13430, 0x1343f}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a},
	{0xe0000, 0xe00ff}, {0xe01f0, 0x10ffff},
};
/* clang-format on */

static bool prints(uint32_t point)
{
	for (size_t i = 0; i < countof(hidden); i++) {
		if (point >= hidden[i][0] && point <= hidden[i][1])
			return false;
	}
	return true;
}

/* Length of the UTF-8 sequence at `text`, its code point in `*ret`; 0 if it is malformed. */
static size_t decode(const char *text, uint32_t *ret)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char first = (unsigned char)*text;
	size_t len = first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	uint32_t point = len == 1 ? first : first & (0xffU >> (len + 1));

	if (len == 0 || first > 0xf4)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | ((unsigned char)text[i] & 0x3f);
	}
	if (point < least[len] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
		return 0;
	*ret = point;
	return len;
}

char *exec_clean_text(const char *text)
{
	struct buf out = BUF_INIT;

	while (*text) {
		uint32_t point = 0;
		size_t len = decode(text, &point);

		if (len == 0) {
			buf_adds(&out, "\xef\xbf\xbd"); /* U+FFFD, as in Go */
			text++;
			continue;
		}
		if (prints(point))
			buf_add(&out, text, len);
		else
			buf_addf(&out, "U+%04X", (unsigned)point);
		text += len;
	}
	return buf_detach(&out);
}
