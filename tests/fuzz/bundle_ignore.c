/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules of a .sourceignore file and paths: lines of rules, an empty line, lines of paths (a folder ends
 * with a slash). A path is left out or not: that is printed when FLUX_ARC_FUZZ_PRINT is set, so that another
 * implementation's answers can be compared.
 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/strv.h"
#include "bundle/ignore.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autofree char *text = xstrndup((const char *)data, size);
	char *gap = strstr(text, "\n\n");
	autoignore *ignore = ignore_new();
	autostrv paths = STRV_INIT;

	if (!gap || ignore_add(ignore, "", text, (size_t)(gap + 1 - text), NULL) < 0)
		return 0;
	strv_split(&paths, gap, "\n", false);
	for (size_t i = 0; i < paths.len; i++) {
		char *path = paths.items[i];
		size_t len = strlen(path);
		bool folder = len > 1 && path[len - 1] == '/';
		bool out;

		path[len - folder] = '\0';
		out = ignore_match(ignore, path, folder);
		if (getenv("FLUX_ARC_FUZZ_PRINT"))
			printf("%d", out);
	}
	if (getenv("FLUX_ARC_FUZZ_PRINT"))
		printf("\n");
	return 0;
}
