/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <inttypes.h>

#include "base/alloc.h"
#include "base/file.h"
#include "bundle/bundle.h"
#include "bundle/limits.h"
#include "bundle/media_write.h"
#include "bundle/oci.h"
#include "bundle/tar.h"

#define CHUNK MiB

/* Everything that goes into the file but what is in the store. */
struct content {
	struct lock *lock;
	struct store *store;
	struct oci_layout layout;
	struct buf lock_text, signature;
	char *chunk;
	struct digest *digest;
};

static void content_clear(struct content *content)
{
	oci_layout_clear(&content->layout);
	buf_clear(&content->lock_text);
	buf_clear(&content->signature);
	free(content->chunk);
	digest_free(content->digest);
}

/* The lock is read again as a reader will: what it would refuse is not written. */
static int make(struct content *content, const struct bundle_output *output, struct error *err)
{
	autobuf sorted = BUF_INIT;
	autolock check;

	lock_write(content->lock, &sorted);
	oci_layout_make(content->lock, &content->layout);
	oci_layout_add(&content->layout, content->lock);
	lock_write(content->lock, &content->lock_text);
	if (lock_read(content->lock_text.ptr, content->lock_text.len, &check, err) < 0)
		return error_wrap(err, "write %s: the lock", output->path);
	return output->sign ? output->sign(output->sign_ctx, &content->lock_text,
				      &content->signature, err)
			    : 0;
}

static uint64_t member_size(uint64_t size)
{
	return tar_header_len(size) + tar_padded(size);
}

static uint64_t total(const struct content *content)
{
	uint64_t size = member_size(strlen(OCI_LAYOUT)) + member_size(content->lock_text.len) +
			member_size(content->layout.index.len) + TAR_END;

	if (content->signature.len)
		size += member_size(content->signature.len);
	for (size_t i = 0; i < content->lock->blob_count; i++)
		if (content->lock->blobs[i].where == LOCK_SELF)
			size += member_size(content->lock->blobs[i].size);
	return size;
}

static int put_header(
	struct media_writer *writer, const char *name, uint64_t size, struct error *err)
{
	unsigned char header[TAR_HEADER_MAX];

	tar_header(name, size, header);
	return media_writer_write(writer, header, tar_header_len(size), err);
}

static int put_padding(struct media_writer *writer, uint64_t size, struct error *err)
{
	static const char zeros[TAR_BLOCK];

	return media_writer_write(writer, zeros, (size_t)(tar_padded(size) - size), err);
}

static int put_text(struct media_writer *writer, const char *name, const char *text, size_t len,
	struct error *err)
{
	if (put_header(writer, name, len, err) < 0 ||
		media_writer_write(writer, text, len, err) < 0)
		return -1;
	return put_padding(writer, len, err);
}

/* ---- blobs out of the store */

static int copy(struct content *content, int fd, const struct lock_blob *blob,
	struct media_writer *writer, struct error *err)
{
	for (uint64_t done = 0; done < blob->size;) {
		uint64_t left = blob->size - done;
		size_t piece = left < CHUNK ? (size_t)left : CHUNK;

		if (file_pread(fd, blob->digest.text, done, content->chunk, piece, err) < 0 ||
			media_writer_write(writer, content->chunk, piece, err) < 0)
			return -1;
		digest_add(content->digest, content->chunk, piece);
		done += piece;
	}
	return 0;
}

static int not_the_blob(
	const struct content *content, const struct lock_blob *blob, struct error *err)
{
	store_forget(content->store, &blob->digest);
	error_set(err, ERROR_FAILED, "the cache held another content as %s", blob->digest.text);
	return error_hint(err, "it was removed: run the command again");
}

/* A cache that was damaged since is found here, not behind the gap. */
static int put_stored(struct content *content, const struct lock_blob *blob,
	struct media_writer *writer, struct error *err)
{
	struct sha256_text actual;
	autofd fd = -1;
	uint64_t size = 0;

	if (store_read(content->store, &blob->digest, &fd, err) < 0)
		return error_wrap(err, "the cache");
	if (!store_has(content->store, &blob->digest, &size, NULL) || size != blob->size)
		return not_the_blob(content, blob, err);
	if (copy(content, fd, blob, writer, err) < 0)
		return -1;
	sha256_text_end(content->digest, &actual);
	if (!sha256_text_equal(&actual, &blob->digest))
		return not_the_blob(content, blob, err);
	return put_padding(writer, blob->size, err);
}

static int put_blob(struct content *content, const struct lock_blob *blob,
	struct media_writer *writer, struct error *err)
{
	autofree char *name = bundle_member(&blob->digest);
	size_t len;
	const char *text = oci_layout_find(&content->layout, &blob->digest, &len);

	if (text)
		return put_text(writer, name, text, len, err);
	if (put_header(writer, name, blob->size, err) < 0)
		return -1;
	return put_stored(content, blob, writer, err);
}

static int put_all(struct content *content, struct media_writer *writer, struct error *err)
{
	static const char end[TAR_END];
	const struct buf *lock = &content->lock_text;
	const struct buf *signature = &content->signature;
	const struct buf *index = &content->layout.index;

	if (put_text(writer, BUNDLE_LAYOUT, OCI_LAYOUT, strlen(OCI_LAYOUT), err) < 0 ||
		put_text(writer, BUNDLE_LOCK, lock->ptr, lock->len, err) < 0)
		return -1;
	if (signature->len &&
		put_text(writer, BUNDLE_SIGNATURE, signature->ptr, signature->len, err) < 0)
		return -1;
	if (put_text(writer, BUNDLE_INDEX, index->ptr, index->len, err) < 0)
		return -1;
	for (size_t i = 0; i < content->lock->blob_count; i++)
		if (content->lock->blobs[i].where == LOCK_SELF &&
			put_blob(content, &content->lock->blobs[i], writer, err) < 0)
			return -1;
	return media_writer_write(writer, end, sizeof(end), err);
}

int bundle_write(struct lock *lock, struct store *store, const struct bundle_output *output,
	struct sha256_text *id, struct error *err)
{
	CLEANUP(content_clear)
	struct content content = {.lock = lock,
		.store = store,
		.layout = OCI_LAYOUT_INIT,
		.lock_text = BUF_INIT,
		.signature = BUF_INIT,
		.chunk = xmalloc(CHUNK),
		.digest = digest_new(DIGEST_SHA256)};
	struct media_plan plan = {.path = output->path,
		.part_size = output->part_size,
		.parity = output->parity && output->part_size,
		.progress = output->progress,
		.progress_ctx = output->progress_ctx};
	autowriter *writer = NULL;

	if (make(&content, output, err) < 0)
		return -1;
	plan.size = total(&content);
	if (media_writer_begin(&plan, &writer, err) < 0 || put_all(&content, writer, err) < 0 ||
		media_writer_end(TAKE(writer), err) < 0)
		return -1;
	if (id)
		sha256_text_of(content.lock_text.ptr, content.lock_text.len, id);
	return 0;
}
