/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drives a fuzz target without libFuzzer: every file of the folders (or files) named is one input.
 * So any compiler runs the seeds as an ordinary test, sanitizers included. No input at all is a
 * failure.
 */
#include "base/base.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
	autobuf content = BUF_INIT;
	FILE *file = fopen(path, "rb");
	char chunk[4096];
	size_t got;

	if (!file) {
		perror(path);
		return -1;
	}
	while ((got = fread(chunk, 1, sizeof(chunk), file)) > 0)
		buf_add(&content, chunk, got);
	fclose(file);
	/* A copy of the exact size, so that reading past its end is seen. */
	autofree uint8_t *exact = xmalloc(content.len);
	memcpy(exact, content.ptr, content.len);
	LLVMFuzzerTestOneInput(exact, content.len);
	return 0;
}

static int run_folder(const char *path, size_t *count)
{
	DIR *folder = opendir(path);
	int result = 0;

	if (!folder) {
		perror(path);
		return -1;
	}
	for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
		autofree char *file = xasprintf("%s/%s", path, entry->d_name);

		if (entry->d_name[0] == '.')
			continue;
		result |= run_file(file);
		(*count)++;
	}
	closedir(folder);
	return result;
}

int main(int argc, char **argv)
{
	size_t count = 0;
	int result = 0;

	for (int i = 1; i < argc; i++) {
		struct stat info;

		if (stat(argv[i], &info) == 0 && S_ISDIR(info.st_mode)) {
			result |= run_folder(argv[i], &count);
		} else {
			result |= run_file(argv[i]);
			count++;
		}
	}
	printf("%zu inputs\n", count);
	return result < 0 || count == 0;
}
