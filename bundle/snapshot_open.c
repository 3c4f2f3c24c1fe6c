/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshots where they are: in a bundle, or in a file of their own. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/digest.h"
#include "base/file.h"
#include "bundle/snapshot_private.h"

#define STEP (64 << 10)

struct source {
	struct bundle *bundle, *own; /* `own`: freed with the source */
	uint64_t offset;             /* of the snapshot in the bundle's media */
	char *path;                  /* of a file without a bundle */
	int fd;
};

static struct source *source_new(void)
{
	struct source *source = xcalloc(1, sizeof(*source));

	source->fd = -1;
	return source;
}

static void source_close(void *ctx)
{
	struct source *source = ctx;

	bundle_free(source->own);
	file_close(source->fd);
	free(source->path);
	free(source);
}

static int source_read(void *ctx, uint64_t offset, void *data, size_t len, struct error *err)
{
	const struct source *source = ctx;

	if (source->bundle)
		return media_read(source->bundle->media, source->offset + offset, data, len, err);
	return file_pread(source->fd, source->path, offset, data, len, err);
}

/* The kube takes the source over, also when it fails. */
static int open_source(
	struct source *source, struct snapshot_bytes *bytes, struct kube **ret, struct error *err)
{
	bytes->read = source_read;
	bytes->ctx = source;
	if (kube_snapshot_new(bytes, ret, err) < 0) {
		source_close(source);
		return -1;
	}
	((struct recorded *)*ret)->close = source_close;
	((struct recorded *)*ret)->close_ctx = source;
	return 0;
}

/* ---- in a bundle */

static int check_digest(const struct source *source, uint64_t size, struct error *err)
{
	const struct sha256_text *wanted = &source->bundle->lock.snapshot;
	autodigest *digest = digest_new(DIGEST_SHA256);
	autofree char *piece = xmalloc(STEP);
	char hex[2 * DIGEST_MAX + 1];

	for (uint64_t at = 0; at < size;) {
		size_t len = size - at < STEP ? (size_t)(size - at) : STEP;

		if (media_read(source->bundle->media, source->offset + at, piece, len, err) < 0)
			return -1;
		digest_add(digest, piece, len);
		at += len;
	}
	digest_end_hex(digest, hex);
	if (streq(hex, strchr(wanted->text, ':') + 1))
		return 0;
	return error_set(err, ERROR_DAMAGED,
		"the cluster snapshot in %s is damaged: its digest is not %s",
		media_name(source->bundle->media), wanted->text);
}

static int open_in_bundle(struct source *source, struct kube **ret, struct error *err)
{
	const struct sha256_text *digest = &source->bundle->lock.snapshot;
	struct snapshot_bytes bytes = {.name = media_name(source->bundle->media)};
	int result;

	if (!*digest->text)
		result = error_set(err, ERROR_NOT_FOUND, "%s has no cluster snapshot", bytes.name);
	else
		result = bundle_blob(source->bundle, digest, &source->offset, &bytes.size, err);
	if (result < 0 || check_digest(source, bytes.size, err) < 0) {
		source_close(source);
		return -1;
	}
	return open_source(source, &bytes, ret, err);
}

int kube_bundle_new(struct bundle *bundle, struct kube **ret, struct error *err)
{
	struct source *source = source_new();

	source->bundle = bundle;
	return open_in_bundle(source, ret, err);
}

/* ---- by the name of a file */

static bool is_gzip(int fd, const char *path, uint64_t size)
{
	unsigned char magic[2];

	return size > sizeof(magic) && file_pread(fd, path, 0, magic, sizeof(magic), NULL) == 0 &&
	       magic[0] == 0x1f && magic[1] == 0x8b;
}

int kube_file_new(
	const char *path, const struct strv *folders, struct kube **ret, struct error *err)
{
	struct source *source = source_new();
	struct snapshot_bytes bytes = {.size = 0};

	source->path = xstrdup(path);
	bytes.name = source->path;
	if (file_open_read(path, &bytes.size, &source->fd, NULL) == 0 &&
		is_gzip(source->fd, path, bytes.size))
		return open_source(source, &bytes, ret, err);
	if (bundle_open(path, folders, &source->own, err) < 0) {
		source_close(source);
		return -1;
	}
	source->bundle = source->own;
	return open_in_bundle(source, ret, err);
}
