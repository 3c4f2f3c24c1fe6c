/* SPDX-License-Identifier: Apache-2.0 */
/* Text from a server on its way to a terminal: harmless, and as wide as it was asked to be. */
#include "base/base.h"

#include <stdlib.h>

#include "plugin/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* UTF-8 without anything that a terminal would act upon, but line breaks if allowed. */
static void expect_harmless(const char *text, bool line_breaks)
{
	while (*text) {
		int32_t code;

		text += text_decode(text, &code);
		if (code == '\n' && line_breaks)
			continue;
		if (code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x202e)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autobuf text = BUF_INIT;
	autobuf safe = BUF_INIT;
	autobuf cell = BUF_INIT;
	autobuf wrapped = BUF_INIT;
	size_t width = size > 0 ? data[0] % 40 : 0;

	buf_add(&text, data, size);
	text_safe(&safe, text.ptr);
	expect_harmless(safe.ptr, true);
	text_cell(&cell, text.ptr);
	expect_harmless(cell.ptr, false);
	text_wrap(&wrapped, text.ptr, width, 2);
	expect_harmless(wrapped.ptr, true);
	buf_reset(&safe);
	text_cut(&safe, cell.ptr, width);
	if (text_width(safe.ptr) > width)
		abort();
	return 0;
}
