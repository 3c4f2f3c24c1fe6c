/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <inttypes.h>

#include "base/alloc.h"
#include "bundle/bundle.h"
#include "bundle/limits.h"
#include "bundle/oci.h"
#include "bundle/signature.h"
#include "bundle/tar.h"

void bundle_free(struct bundle *bundle)
{
	if (!bundle)
		return;
	media_free(bundle->media);
	lock_clear(&bundle->lock);
	buf_clear(&bundle->lock_text);
	buf_clear(&bundle->signature);
	free(bundle->offsets);
	free(bundle);
}

void bundle_free_pointer(struct bundle **slot)
{
	bundle_free(*slot);
}

char *bundle_member(const struct sha256_text *digest)
{
	return xasprintf("blobs/sha256/%s", digest->text + strlen(SHA256_PREFIX));
}

/* ---- the head */

/* Where the head is being read, and the next header in sight. */
struct head {
	struct media *media;
	uint64_t at;
	unsigned char header[TAR_BLOCK];
};

/* What is said of this member, with the part that it is in. */
static int at_fault(const struct media *media, uint64_t offset, struct error *err)
{
	return error_wrap(err, "%s", media_part_at(media, offset));
}

static int read_header(struct head *head, struct error *err)
{
	return media_read(head->media, head->at, head->header, TAR_BLOCK, err);
}

static int check_limit(const char *name, uint64_t size, uint64_t limit, struct error *err)
{
	if (size <= limit)
		return 0;
	return error_set(err, ERROR_DAMAGED, "'%s' has %" PRIu64 " bytes, the limit is %" PRIu64,
		name, size, limit);
}

/* The header in sight is of this member: its content's size, and on to the content. */
static int enter(
	struct head *head, const char *name, uint64_t limit, uint64_t *size, struct error *err)
{
	if (tar_read(head->header, name, size, err) < 0 || check_limit(name, *size, limit, err) < 0)
		return at_fault(head->media, head->at, err);
	head->at += TAR_BLOCK;
	return 0;
}

/* The content of a member, with the zeros behind it, and on to the next header. */
static int read_member(
	struct head *head, const char *name, uint64_t limit, struct buf *ret, struct error *err)
{
	uint64_t size;
	size_t padded;

	if (enter(head, name, limit, &size, err) < 0)
		return -1;
	padded = (size_t)tar_padded(size);
	/* The size is checked against the media before memory is taken. */
	if (padded > media_size(head->media) - head->at)
		return error_set(err, ERROR_INCOMPLETE, "%s: cut off within '%s'",
			media_part_at(head->media, head->at), name);
	buf_grow(ret, padded);
	if (media_read(head->media, head->at, ret->ptr, padded, err) < 0)
		return -1;
	buf_commit(ret, padded);
	for (size_t i = (size_t)size; i < padded; i++) {
		if (!ret->ptr[i])
			continue;
		error_set(err, ERROR_DAMAGED, "padding of '%s': not zero", name);
		return at_fault(head->media, head->at + i, err);
	}
	buf_truncate(ret, (size_t)size);
	head->at += padded;
	return read_header(head, err);
}

/* Something else is told from a bundle that was cut off, however short it is. */
static int check_start(struct head *head, struct error *err)
{
	uint64_t size = media_size(head->media);
	size_t len = sizeof(BUNDLE_LAYOUT);
	char start[sizeof(BUNDLE_LAYOUT)];

	if (size < len)
		len = (size_t)size;
	if (media_read(head->media, 0, start, len, err) < 0)
		return -1;
	if (memcmp(start, BUNDLE_LAYOUT, len) == 0)
		return 0;
	error_set(err, ERROR_DAMAGED, "not a bundle");
	return at_fault(head->media, 0, err);
}

static int read_layout(struct head *head, struct error *err)
{
	autobuf text = BUF_INIT;

	if (check_start(head, err) < 0 || read_header(head, err) < 0)
		return -1;
	if (read_member(head, BUNDLE_LAYOUT, TAR_BLOCK, &text, err) < 0)
		return -1;
	if (streq(text.ptr, OCI_LAYOUT))
		return 0;
	error_set(err, ERROR_DAMAGED, "'" BUNDLE_LAYOUT "' is not as written");
	return at_fault(head->media, 0, err);
}

static int read_lock(struct head *head, struct bundle *bundle, struct error *err)
{
	uint64_t start = head->at;

	if (read_member(head, BUNDLE_LOCK, LIMIT_LOCK, &bundle->lock_text, err) < 0)
		return -1;
	sha256_text_of(bundle->lock_text.ptr, bundle->lock_text.len, &bundle->id);
	if (lock_read(bundle->lock_text.ptr, bundle->lock_text.len, &bundle->lock, err) == 0)
		return 0;
	error_wrap(err, "'" BUNDLE_LOCK "'");
	return at_fault(head->media, start, err);
}

static int read_signature(struct head *head, struct bundle *bundle, struct error *err)
{
	if (!tar_is_named(head->header, BUNDLE_SIGNATURE))
		return 0;
	bundle->signature_offset = head->at;
	if (read_member(head, BUNDLE_SIGNATURE, LIMIT_SIGNATURE, &bundle->signature, err) < 0)
		return -1;
	if (bundle->signature.len)
		return 0;
	error_set(err, ERROR_DAMAGED, "'" BUNDLE_SIGNATURE "' is empty");
	return at_fault(head->media, bundle->signature_offset, err);
}

/* The file does not end where the lock has it. Of the two a lock that is signed tells whether it is the
 * one to blame. */
static int wrong_size(const struct bundle *bundle, uint64_t size, struct error *err)
{
	const struct signature_trust nobody = {.text = ""};
	struct signer signer = {.principal = NULL};
	autoerror why = ERROR_INIT;

	if (bundle->signature.len && signature_verify(&bundle->signature, &bundle->lock_text,
					     &nobody, &signer, &why) < 0) {
		error_wrap(&why, "%s: '" BUNDLE_LOCK "'", media_part_at(bundle->media, 0));
		return error_move(err, &why);
	}
	signer_clear(&signer);
	if (size < bundle->end)
		return error_set(err, ERROR_INCOMPLETE,
			"%s: cut off: %" PRIu64 " of the %" PRIu64 " bytes that the lock gives",
			media_name(bundle->media), size, bundle->end);
	error_set(err, ERROR_DAMAGED, "%" PRIu64 " bytes behind the end that the lock gives",
		size - bundle->end);
	return at_fault(bundle->media, bundle->end, err);
}

/* Sizes are bounded, and so is their number: the sum stays below 2^62. */
static int place_blobs(struct bundle *bundle, uint64_t at, struct error *err)
{
	const struct lock *lock = &bundle->lock;
	uint64_t size = media_size(bundle->media);

	bundle->offsets = xcalloc(lock->blob_count + 1, sizeof(*bundle->offsets));
	for (size_t i = 0; i < lock->blob_count; i++) {
		const struct lock_blob *blob = &lock->blobs[i];

		bundle->offsets[i] = UINT64_MAX;
		if (blob->where != LOCK_SELF)
			continue;
		bundle->offsets[i] = at;
		at += tar_header_len(blob->size) + tar_padded(blob->size);
	}
	bundle->end = at + TAR_END;
	return size == bundle->end ? 0 : wrong_size(bundle, size, err);
}

static int read_head(struct bundle *bundle, struct error *err)
{
	struct head head = {.media = bundle->media};

	if (read_layout(&head, err) < 0 || read_lock(&head, bundle, err) < 0 ||
		read_signature(&head, bundle, err) < 0)
		return -1;
	bundle->index_offset = head.at;
	if (enter(&head, BUNDLE_INDEX, LIMIT_INDEX, &bundle->index_size, err) < 0)
		return -1;
	return place_blobs(bundle, head.at + tar_padded(bundle->index_size), err);
}

int bundle_open(
	const char *path, const struct strv *folders, struct bundle **ret, struct error *err)
{
	autobundle *bundle = xcalloc(1, sizeof(*bundle));

	bundle->lock = (struct lock)LOCK_INIT;
	bundle->lock_text = (struct buf)BUF_INIT;
	bundle->signature = (struct buf)BUF_INIT;
	if (media_open(path, folders, &bundle->media, err) < 0 || read_head(bundle, err) < 0)
		return -1;
	*ret = TAKE(bundle);
	return 0;
}

/* ---- blobs */

int bundle_check_header(struct bundle *bundle, size_t index, struct error *err)
{
	const struct lock_blob *blob = &bundle->lock.blobs[index];
	autofree char *name = bundle_member(&blob->digest);
	unsigned char header[TAR_HEADER_MAX];
	uint64_t offset = bundle->offsets[index];

	if (media_read(bundle->media, offset, header, tar_header_len(blob->size), err) < 0)
		return -1;
	if (tar_check(header, name, blob->size, err) < 0)
		return at_fault(bundle->media, offset, err);
	return 0;
}

int bundle_blob(struct bundle *bundle, const struct sha256_text *digest, uint64_t *offset,
	uint64_t *size, struct error *err)
{
	const struct lock_blob *blob = lock_blob(&bundle->lock, digest);
	size_t index;

	if (!blob)
		return error_set(err, ERROR_NOT_FOUND, "%s: no blob %s", media_name(bundle->media),
			digest->text);
	index = (size_t)(blob - bundle->lock.blobs);
	if (blob->where != LOCK_SELF)
		return error_set(err, ERROR_INCOMPLETE, "%s: blob %s is in the bundle before",
			media_name(bundle->media), digest->text);
	if (bundle_check_header(bundle, index, err) < 0)
		return -1;
	*offset = bundle->offsets[index] + tar_header_len(blob->size);
	*size = blob->size;
	return 0;
}

int bundle_blob_read(struct bundle *bundle, const struct sha256_text *digest, size_t limit,
	struct buf *ret, struct error *err)
{
	struct sha256_text actual;
	uint64_t offset = 0;
	uint64_t size = 0;

	if (bundle_blob(bundle, digest, &offset, &size, err) < 0)
		return -1;
	if (size > limit)
		return error_set(err, ERROR_DAMAGED,
			"%s: blob %s has %" PRIu64 " bytes, the limit is %zu",
			media_part_at(bundle->media, offset), digest->text, size, limit);
	buf_reset(ret);
	buf_grow(ret, (size_t)size);
	if (media_read(bundle->media, offset, ret->ptr, (size_t)size, err) < 0)
		return -1;
	buf_commit(ret, (size_t)size);
	sha256_text_of(ret->ptr, ret->len, &actual);
	if (sha256_text_equal(&actual, digest))
		return 0;
	error_set(err, ERROR_DAMAGED, "blob %s: its content is another", digest->text);
	return at_fault(bundle->media, offset, err);
}
