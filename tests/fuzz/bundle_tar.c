/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file from a stranger, opened as a bundle, every blob of it read. The file lies in memory where
 * the system has such a folder.
 */
#include "base/base.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "bundle/bundle.h"
#include "bundle/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[64];

static void remove_file(void)
{
	file_remove(path);
}

static int open_file(void)
{
	const char *folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	int fd;

	snprintf(path, sizeof(path), "%s/fuzz-bundle-%ld.tar", folder, (long)getpid());
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		abort();
	atexit(remove_file);
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	autobundle *bundle = NULL;
	autobuf blob = BUF_INIT;

	if (fd < 0)
		fd = open_file();
	if (ftruncate(fd, 0) < 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	if (bundle_open(path, NULL, &bundle, NULL) < 0)
		return 0;
	for (size_t i = 0; i < bundle->lock.blob_count; i++)
		if (bundle_blob_read(bundle, &bundle->lock.blobs[i].digest, MiB, &blob, NULL) ==
				0 &&
			bundle->lock.blobs[i].where != LOCK_SELF)
			abort();
	return 0;
}
