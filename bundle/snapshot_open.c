/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshots in files of their own. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/file.h"
#include "bundle/snapshot_private.h"

struct source {
	char *path;
	int fd;
	uint64_t offset; /* of the snapshot in the file */
};

static void source_close(void *ctx)
{
	struct source *source = ctx;

	file_close(source->fd);
	free(source->path);
	free(source);
}

static int source_read(void *ctx, uint64_t offset, void *data, size_t len, struct error *err)
{
	const struct source *source = ctx;

	return file_pread(source->fd, source->path, source->offset + offset, data, len, err);
}

int kube_file_new(const char *path, struct kube **ret, struct error *err)
{
	struct source *source = xcalloc(1, sizeof(*source));
	struct snapshot_bytes bytes = {.read = source_read, .ctx = source, .name = path};

	source->fd = -1;
	source->path = xstrdup(path);
	bytes.name = source->path;
	if (file_open_read(path, &bytes.size, &source->fd, err) < 0 ||
		kube_snapshot_new(&bytes, ret, err) < 0) {
		source_close(source);
		return -1;
	}
	((struct recorded *)*ret)->close = source_close;
	((struct recorded *)*ret)->close_ctx = source;
	return 0;
}
