/* SPDX-License-Identifier: Apache-2.0 */
/* Any .gitmodules, and any URL in it against a parent's. */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/findings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const parents[] = {"https://h/o/r.git", "git@h:o/r", "ssh://git@h:22/r"};
	autofree char *text = xstrndup((const char *)data, size);
	autofree char *url = gitmodules_url(text, size, "lib");

	for (size_t i = 0; url && i < countof(parents); i++) {
		autofree char *whole = submodule_url(parents[i], url);

		/* What is relative stays below the parent's host. */
		if (whole && (starts_with(url, "./") || starts_with(url, "../")) &&
			strncmp(whole, parents[i],
				i == 0   ? 10
				: i == 1 ? 6
					 : 15) != 0)
			abort();
	}
	return 0;
}
