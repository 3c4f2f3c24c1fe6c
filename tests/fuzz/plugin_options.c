/* SPDX-License-Identifier: Apache-2.0 */
/* Any words on the command line, one a line of the input; and completion of the same words. */
#include "base/base.h"

#include <stdlib.h>

#include "plugin/complete.h"
#include "plugin/options.h"
#include "plugin/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(parsed_clear) struct parsed parsed = PARSED_INIT;
	autostrv words = STRV_INIT;
	autobuf text = BUF_INIT;
	autobuf out = BUF_INIT;
	autoerror err = ERROR_INIT;

	buf_add(&text, data, size);
	strv_push(&words, "kubectl-flux_arc");
	strv_split(&words, text.ptr, "\n", true);
	if (options_parse((int)words.len, words.items, &parsed, &err) < 0) {
		if (err.kind != ERROR_USAGE || !err.message || !err.hint)
			abort();
		report_error(&out, &err);
	} else if (!parsed.command && parsed.args.len > 0) {
		abort();
	}
	strv_remove(&words, 0);
	buf_reset(&out);
	complete_words(&words, &out);
	if (!ends_with(out.ptr, ":4\n") && !ends_with(out.ptr, ":0\n") &&
		!ends_with(out.ptr, ":6\n"))
		abort();
	return 0;
}
