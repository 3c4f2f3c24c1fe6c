/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>

#include "base/alloc.h"
#include "base/digest.h"
#include "bundle/limits.h"
#include "bundle/oci.h"
#include "bundle/parts.h"
#include "bundle/tar.h"
#include "bundle/verify_scan.h"

#define CHUNK (256 * KiB) /* stays in a core's cache between reading and hashing */
#define LOOK_MS 100

struct verify_scan {
	struct bundle *bundle;
	struct verify_stage *contents, *parts;
	pthread_t scanner, follower;
	bool scans, follows;  /* on threads of their own */
	pthread_mutex_t lock; /* of the four below */
	pthread_cond_t moved;
	uint64_t done; /* bytes that have been passed; UINT64_MAX: all */
	bool stop;
	bool *bad; /* of each blob */
};

/* ---- faults */

static void add_fault(struct verify_stage *stage, enum error_kind kind, const char *text)
{
	if (stage->state != VERIFY_BAD)
		stage->kind = kind;
	stage->state = VERIFY_BAD;
	strv_push(&stage->faults, text);
}

void verify_fault(struct verify_stage *stage, enum error_kind kind, const char *format, ...)
{
	autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = xvasprintf(format, args);
	va_end(args);
	add_fault(stage, kind, text);
}

void verify_fault_error(struct verify_stage *stage, struct error *why)
{
	add_fault(stage, why->kind, why->message);
	error_clear(why);
}

/* "PART", or "PART to PART". */
static char *where(const struct media *media, uint64_t offset, uint64_t len)
{
	const char *first = media_part_at(media, offset);
	const char *last = media_part_at(media, len ? offset + len - 1 : offset);

	return streq(first, last) ? xstrdup(first) : xasprintf("%s to %s", first, last);
}

/* ---- how far it is */

static void move(struct verify_scan *scan, uint64_t done)
{
	pthread_mutex_lock(&scan->lock);
	scan->done = done;
	pthread_cond_broadcast(&scan->moved);
	pthread_mutex_unlock(&scan->lock);
}

static bool stopped(struct verify_scan *scan)
{
	bool stop;

	pthread_mutex_lock(&scan->lock);
	stop = scan->stop;
	pthread_mutex_unlock(&scan->lock);
	return stop;
}

static void mark_bad(struct verify_scan *scan, size_t blob)
{
	pthread_mutex_lock(&scan->lock);
	scan->bad[blob] = true;
	pthread_mutex_unlock(&scan->lock);
}

bool verify_scan_is_bad(struct verify_scan *scan, size_t blob)
{
	bool bad;

	pthread_mutex_lock(&scan->lock);
	bad = scan->bad[blob];
	pthread_mutex_unlock(&scan->lock);
	return bad;
}

/* ---- the file */

/* The first byte that is not zero, or -1. */
static int64_t find_byte(const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (data[i])
			return (int64_t)i;
	return -1;
}

/* `what` ("padding of 'x'"): zeros from `offset` on. */
static void check_zeros(
	struct verify_scan *scan, uint64_t offset, size_t len, const char *what, const char *name)
{
	char data[TAR_END];
	autoerror why = ERROR_INIT;
	struct media *media = scan->bundle->media;
	int64_t at;

	if (media_read(media, offset, data, len, &why) < 0) {
		verify_fault_error(scan->contents, &why);
		return;
	}
	at = find_byte(data, len);
	if (at >= 0)
		verify_fault(scan->contents, ERROR_DAMAGED, "%s: %s%s: not zero at byte %" PRIu64,
			media_part_at(media, offset + (uint64_t)at), what, name,
			offset + (uint64_t)at);
}

/* Who in the lock names the blob, for messages; owned by the caller. */
static char *blob_use(const struct lock *lock, const struct lock_blob *blob)
{
	for (size_t i = 0; i < lock->git_count; i++)
		if (sha256_text_equal(&lock->git[i].bundle, &blob->digest) ||
			sha256_text_equal(&lock->git[i].snapshot, &blob->digest))
			return xasprintf("Git source '%s'", lock->git[i].name);
	for (size_t i = 0; i < lock->chart_count; i++)
		if (sha256_text_equal(&lock->charts[i].blob, &blob->digest) ||
			sha256_text_equal(&lock->charts[i].entry, &blob->digest))
			return xasprintf(
				"chart '%s' %s", lock->charts[i].name, lock->charts[i].version);
	return xstrdup(sha256_text_equal(&lock->snapshot, &blob->digest)
			       ? "the snapshot of the cluster"
			       : "a manifest");
}

static int hash_blob(struct verify_scan *scan, uint64_t start, uint64_t size, char *chunk,
	struct digest *digest, struct error *err)
{
	for (uint64_t done = 0; done < size;) {
		size_t len = size - done < CHUNK ? (size_t)(size - done) : CHUNK;

		if (media_read(scan->bundle->media, start + done, chunk, len, err) < 0)
			return -1;
		digest_add(digest, chunk, len);
		done += len;
		move(scan, start + done);
		if (stopped(scan))
			return error_set(err, ERROR_FAILED, "stopped");
	}
	return 0;
}

/* Content and padding. */
static int check_blob(struct verify_scan *scan, size_t index, char *chunk, struct digest *digest,
	struct error *err)
{
	const struct lock_blob *blob = &scan->bundle->lock.blobs[index];
	uint64_t start = scan->bundle->offsets[index] + tar_header_len(blob->size);
	int result = hash_blob(scan, start, blob->size, chunk, digest, err);
	struct sha256_text actual;

	sha256_text_end(digest, &actual);
	if (result < 0)
		return -1;
	check_zeros(scan, start + blob->size, (size_t)(tar_padded(blob->size) - blob->size),
		"padding behind blob ", blob->digest.text);
	if (sha256_text_equal(&actual, &blob->digest))
		return 0;
	return error_set(err, ERROR_DAMAGED, "its content is another");
}

static void blob_fault(struct verify_scan *scan, size_t index, const struct error *why)
{
	const struct bundle *bundle = scan->bundle;
	const struct lock_blob *blob = &bundle->lock.blobs[index];
	autofree char *use = blob_use(&bundle->lock, blob);
	autofree char *parts = where(
		bundle->media, bundle->offsets[index] + tar_header_len(blob->size), blob->size);

	verify_fault(scan->contents, why->kind, "%s: blob %s (%s): %s", parts, blob->digest.text,
		use, why->message);
}

static void check_blobs(struct verify_scan *scan)
{
	struct bundle *bundle = scan->bundle;
	autofree char *chunk = xmalloc(CHUNK);
	autodigest *digest = digest_new(DIGEST_SHA256);

	for (size_t i = 0; i < bundle->lock.blob_count && !stopped(scan); i++) {
		autoerror why = ERROR_INIT;

		if (bundle->lock.blobs[i].where != LOCK_SELF)
			continue;
		if (bundle_check_header(bundle, i, &why) < 0)
			verify_fault_error(scan->contents, &why);
		else if (check_blob(scan, i, chunk, digest, &why) < 0)
			blob_fault(scan, i, &why);
		else
			continue;
		mark_bad(scan, i);
	}
}

/* The lock's manifests are those that follow from it, and so is the index. */
static void check_layout(struct verify_scan *scan)
{
	struct bundle *bundle = scan->bundle;
	uint64_t start = bundle->index_offset + TAR_BLOCK;
	uint64_t size = bundle->index_size;
	autolayout layout = OCI_LAYOUT_INIT;
	autofree char *index = xmalloc((size_t)size);
	autoerror why = ERROR_INIT;

	oci_layout_make(&bundle->lock, &layout);
	if (media_read(bundle->media, start, index, (size_t)size, &why) < 0)
		verify_fault_error(scan->contents, &why);
	else if (size != layout.index.len || memcmp(index, layout.index.ptr, (size_t)size) != 0)
		verify_fault(scan->contents, ERROR_DAMAGED, "%s: '%s' is not what the lock says",
			media_part_at(bundle->media, start), BUNDLE_INDEX);
	check_zeros(scan, start + size, (size_t)(tar_padded(size) - size), "padding behind ",
		BUNDLE_INDEX);
	if (!oci_layout_matches(&layout, &bundle->lock))
		verify_fault(scan->contents, ERROR_DAMAGED,
			"%s: the manifests in the lock are not those that follow from it",
			media_part_at(bundle->media, 0));
}

static void *scan_file(void *ctx)
{
	struct verify_scan *scan = ctx;
	const struct bundle *bundle = scan->bundle;
	size_t blobs = 0;

	check_layout(scan);
	check_blobs(scan);
	check_zeros(scan, bundle->end - TAR_END, TAR_END, "end of the archive", "");
	for (size_t i = 0; i < bundle->lock.blob_count; i++)
		blobs += bundle->lock.blobs[i].where == LOCK_SELF;
	scan->contents->text =
		xasprintf("%zu blobs, %" PRIu64 " bytes", blobs, media_size(bundle->media));
	if (scan->contents->state == VERIFY_NONE)
		scan->contents->state = VERIFY_GOOD;
	move(scan, UINT64_MAX);
	return NULL;
}

/* ---- the parts */

/* Close behind the scanner; false if all is to stop. */
static bool follow(struct verify_scan *scan, uint64_t offset)
{
	bool stop;

	pthread_mutex_lock(&scan->lock);
	while (scan->done < offset && !scan->stop)
		pthread_cond_wait(&scan->moved, &scan->lock);
	stop = scan->stop;
	pthread_mutex_unlock(&scan->lock);
	return !stop;
}

static int hash_part(struct verify_scan *scan, uint64_t start, uint64_t size,
	struct sha256_text *ret, struct error *err)
{
	autofree char *chunk = xmalloc(CHUNK);
	autodigest *digest = digest_new(DIGEST_SHA256);

	for (uint64_t done = 0; done < size;) {
		size_t len = size - done < CHUNK ? (size_t)(size - done) : CHUNK;

		if (!follow(scan, start + done + len))
			return error_set(err, ERROR_FAILED, "stopped");
		if (media_read(scan->bundle->media, start + done, chunk, len, err) < 0)
			return -1;
		digest_add(digest, chunk, len);
		done += len;
	}
	sha256_text_end(digest, ret);
	return 0;
}

static void part_is(struct verify_scan *scan, size_t index, const struct sha256_text *actual,
	const struct sha256_text *wanted)
{
	const struct media *media = scan->bundle->media;
	const char *name = media_part_name(media, index);

	if (sha256_text_equal(actual, wanted))
		return;
	if (media_part_rebuilt(media, index))
		verify_fault(scan->parts, ERROR_DAMAGED,
			"%s: not there, and what the parity part makes of the others is not it",
			name);
	else
		verify_fault(scan->parts, ERROR_DAMAGED, "%s: damaged, or of another set", name);
}

static void check_parity(struct verify_scan *scan, const struct parts *list)
{
	struct media *media = scan->bundle->media;
	struct sha256_text actual;
	autoerror why = ERROR_INIT;

	if (!media_part_name(media, list->count))
		return;
	if (media_part_digest(media, list->count, &actual, &why) < 0)
		verify_fault_error(scan->parts, &why);
	else
		part_is(scan, list->count, &actual, &list->parity);
}

static void say_parts(struct verify_scan *scan, const struct parts *list)
{
	const struct media *media = scan->bundle->media;
	const char *parity = media_part_name(media, list->count) ? " and the parity part"
			     : *list->parity.text                ? ", without the parity part"
								 : "";
	const char *lost = NULL;

	for (size_t i = 0; i < list->count; i++)
		if (media_part_rebuilt(media, i))
			lost = media_part_name(media, i);
	scan->parts->text = xasprintf("%zu%s, set %s%s%s", list->count, parity, list->set.text,
		lost ? "; not there, and made from the parity part: " : "", lost ? lost : "");
	if (scan->parts->state == VERIFY_NONE)
		scan->parts->state = VERIFY_GOOD;
}

static void *follow_parts(void *ctx)
{
	struct verify_scan *scan = ctx;
	const struct parts *list = media_list(scan->bundle->media);
	uint64_t start = 0;

	for (size_t i = 0; i < list->count && !stopped(scan); i++) {
		struct sha256_text actual;
		autoerror why = ERROR_INIT;

		if (hash_part(scan, start, list->entries[i].size, &actual, &why) < 0)
			verify_fault_error(scan->parts, &why);
		else
			part_is(scan, i, &actual, &list->entries[i].digest);
		start += list->entries[i].size;
	}
	if (!stopped(scan))
		check_parity(scan, list);
	say_parts(scan, list);
	return NULL;
}

/* ---- both */

/* Where no thread can be had it is done here and now. */
static bool start(pthread_t *thread, void *(*run)(void *), struct verify_scan *scan)
{
	if (pthread_create(thread, NULL, run, scan) == 0)
		return true;
	run(scan);
	return false;
}

struct verify_scan *verify_scan_begin(
	struct bundle *bundle, struct verify_stage *contents, struct verify_stage *parts)
{
	struct verify_scan *scan = xcalloc(1, sizeof(*scan));

	*scan = (struct verify_scan){.bundle = bundle,
		.contents = contents,
		.parts = parts,
		.bad = xcalloc(bundle->lock.blob_count + 1, sizeof(*scan->bad))};
	pthread_mutex_init(&scan->lock, NULL);
	pthread_cond_init(&scan->moved, NULL);
	scan->scans = start(&scan->scanner, scan_file, scan);
	if (media_list(bundle->media))
		scan->follows = start(&scan->follower, follow_parts, scan);
	return scan;
}

/* False if it has not got there in a tenth of a second. */
static bool wait_a_little(struct verify_scan *scan, uint64_t offset, uint64_t *done)
{
	struct timespec until;
	bool there;

	timespec_get(&until, TIME_UTC);
	until.tv_nsec += LOOK_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&scan->lock);
	while (scan->done < offset &&
		pthread_cond_timedwait(&scan->moved, &scan->lock, &until) != ETIMEDOUT)
		continue;
	there = scan->done >= offset;
	*done = scan->done;
	pthread_mutex_unlock(&scan->lock);
	return there;
}

int verify_scan_tick(
	struct verify_scan *scan, const struct verify_options *options, struct error *err)
{
	uint64_t total = media_size(scan->bundle->media);
	uint64_t done;

	if (!options->progress)
		return 0;
	wait_a_little(scan, 0, &done);
	return options->progress(options->progress_ctx, done < total ? done : total, total, err);
}

int verify_scan_wait(struct verify_scan *scan, uint64_t offset,
	const struct verify_options *options, struct error *err)
{
	uint64_t done;

	while (!wait_a_little(scan, offset, &done))
		if (verify_scan_tick(scan, options, err) < 0)
			return -1;
	return 0;
}

void verify_scan_end(struct verify_scan *scan)
{
	pthread_mutex_lock(&scan->lock);
	scan->stop = scan->done != UINT64_MAX;
	pthread_cond_broadcast(&scan->moved);
	pthread_mutex_unlock(&scan->lock);
	if (scan->scans)
		pthread_join(scan->scanner, NULL);
	if (scan->follows)
		pthread_join(scan->follower, NULL);
	pthread_mutex_destroy(&scan->lock);
	pthread_cond_destroy(&scan->moved);
	free(scan->bad);
	free(scan);
}
