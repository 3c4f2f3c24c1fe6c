/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store's folder holds a file `lock`, which those that use it share, and three folders: `sha256` (blobs by their hex digest), `notes` (one small file a
 * key, named by the key's digest: the answer's digest, a line break, the key), `tmp` (what is being
 * written). Blobs and notes only ever appear by a rename.
 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/os.h"
#include "bundle/store.h"

#define NOTE_MAX ((size_t)1 << 20)

struct store {
	char *blobs, *notes, *temporary; /* folders */
	int lock;
};

int store_open(struct store **ret, struct error *err)
{
	autofree char *cache = folder_cache();
	autostore *store = xcalloc(1, sizeof(*store));
	autofree char *lock = NULL;

	store->lock = -1;
	if (!cache) {
		error_set(err, ERROR_FAILED, "no place for the cache: HOME is not set");
		return error_hint(err, "set XDG_CACHE_HOME to a folder");
	}
	store->blobs = xasprintf("%s/store/sha256", cache);
	store->notes = xasprintf("%s/store/notes", cache);
	store->temporary = xasprintf("%s/store/tmp", cache);
	if (folder_make(store->blobs, err) < 0 || folder_make(store->notes, err) < 0 ||
		folder_make(store->temporary, err) < 0)
		return -1;
	lock = xasprintf("%s/store/lock", cache);
	if (file_share(lock, &store->lock, err) < 0)
		return error_wrap(err, "the cache");
	file_use(store->lock);
	file_temporary_clean(store->temporary);
	*ret = TAKE(store);
	return 0;
}

void store_free(struct store *store)
{
	if (!store)
		return;
	file_close_pointer(&store->lock);
	free(store->blobs);
	free(store->notes);
	free(store->temporary);
	free(store);
}

void store_free_pointer(struct store **slot)
{
	store_free(*slot);
}

static char *blob_path(const struct store *store, const struct sha256_text *digest)
{
	return xasprintf("%s/%s", store->blobs, digest->text + strlen(SHA256_PREFIX));
}

int store_read(
	const struct store *store, const struct sha256_text *digest, int *fd, struct error *err)
{
	autofree char *path = blob_path(store, digest);
	uint64_t size;

	if (file_open_read(path, &size, fd, err) < 0)
		return -1;
	file_use(*fd);
	return 0;
}

bool store_has(
	const struct store *store, const struct sha256_text *digest, uint64_t *size, char **path)
{
	autofree char *found = blob_path(store, digest);
	autofd fd = -1;
	uint64_t bytes;

	if (file_open_read(found, &bytes, &fd, NULL) < 0)
		return false;
	file_use(fd);
	if (size)
		*size = bytes;
	if (path)
		*path = TAKE(found);
	return true;
}

void store_forget(const struct store *store, const struct sha256_text *digest)
{
	autofree char *path = blob_path(store, digest);

	file_remove(path);
}

/* ---- what is kept */

/* A file of the store that may go. */
struct old_file {
	char *path;
	uint64_t size;
	int64_t used_at;
};
struct old_files {
	struct old_file *items;
	size_t count;
	uint64_t size; /* of all, those that stay too */
};

static int compare_used(const void *left, const void *right)
{
	const struct old_file *a = left;
	const struct old_file *b = right;

	if (a->used_at != b->used_at)
		return a->used_at < b->used_at ? -1 : 1;
	return strcmp(a->path, b->path);
}

static void look_at(struct old_files *files, char *path, int64_t before)
{
	autofd fd = -1;
	uint64_t size = 0;
	int64_t used_at;

	if (file_open_read(path, &size, &fd, NULL) < 0) {
		free(path);
		return;
	}
	files->size += size;
	used_at = file_used_at(fd);
	if (used_at >= before) {
		free(path);
		return;
	}
	files->items = xreallocarray(files->items, files->count + 1, sizeof(*files->items));
	files->items[files->count++] = (struct old_file){path, size, used_at};
}

static void look_into(struct old_files *files, const char *folder, int64_t before)
{
	autostrv names = STRV_INIT;

	if (folder_list(folder, &names, NULL) < 0)
		return;
	for (size_t i = 0; i < names.len; i++)
		look_at(files, xasprintf("%s/%s", folder, names.items[i]), before);
}

static void remove_old(struct old_files *files, uint64_t bytes, int64_t expired)
{
	if (files->count)
		qsort(files->items, files->count, sizeof(*files->items), compare_used);
	for (size_t i = 0; i < files->count; i++) {
		struct old_file *file = &files->items[i];

		if (files->size > bytes || file->used_at < expired) {
			file_remove(file->path);
			files->size -= file->size;
		}
		free(file->path);
	}
	free(files->items);
}

void store_trim(struct store *store, uint64_t bytes, int64_t days)
{
	struct old_files files = {.items = NULL};
	int64_t opened = file_used_at(store->lock);

	if (file_alone(store->lock)) {
		look_into(&files, store->blobs, opened);
		look_into(&files, store->notes, opened);
		remove_old(&files, bytes, opened - days * 24 * 60 * 60 * 1000);
	}
	file_share_again(store->lock);
}

/* ---- writing */

int store_begin(struct store *store, struct store_file *ret, struct error *err)
{
	*ret = (struct store_file){.store = store, .fd = -1};
	if (file_temporary(store->temporary, &ret->path, &ret->fd, err) < 0)
		return error_wrap(err, "the cache");
	ret->digest = digest_new(DIGEST_SHA256);
	return 0;
}

int store_write(struct store_file *file, const void *data, size_t len, struct error *err)
{
	if (file_write_all(file->fd, file->path, data, len, err) < 0)
		return error_wrap(err, "the cache");
	digest_add(file->digest, data, len);
	file->size += len;
	return 0;
}

static void file_clear(struct store_file *file)
{
	file_close_pointer(&file->fd);
	digest_free(file->digest);
	free(file->path);
	*file = (struct store_file){.fd = -1};
}

void store_abandon(struct store_file *file)
{
	if (file->path)
		file_remove(file->path);
	file_clear(file);
}

/* Give the file its name at last, `path`. */
static int keep(struct store_file *file, const char *path, struct error *err)
{
	int result = file_rename(file->path, path, err);

	if (result < 0)
		store_abandon(file);
	else
		file_clear(file);
	return result;
}

int store_end(struct store_file *file, struct sha256_text *digest, struct error *err)
{
	autofree char *path = NULL;
	uint64_t size;

	sha256_text_end(file->digest, digest);
	if (store_has(file->store, digest, &size, NULL) && size == file->size) {
		store_abandon(file);
		return 0;
	}
	path = blob_path(file->store, digest);
	if (file_sync(file->fd, file->path, err) < 0) {
		store_abandon(file);
		return error_wrap(err, "the cache");
	}
	return keep(file, path, err);
}

int store_add(struct store *store, const void *data, size_t len, struct sha256_text *digest,
	struct error *err)
{
	struct store_file file;

	if (store_begin(store, &file, err) < 0)
		return -1;
	if (store_write(&file, data, len, err) < 0) {
		store_abandon(&file);
		return -1;
	}
	return store_end(&file, digest, err);
}

/* ---- notes */

static char *note_path(const struct store *store, const char *key)
{
	char hex[SHA256_HEX_LEN + 1];

	sha256_hex(key, strlen(key), hex);
	return xasprintf("%s/%s", store->notes, hex);
}

bool store_recall(
	const struct store *store, const char *key, struct sha256_text *digest, uint64_t *size)
{
	autofree char *path = note_path(store, key);
	autobuf text = BUF_INIT;
	autofd fd = -1;
	uint64_t len;

	/* A note that power loss has damaged is as none. */
	if (os_read_file(path, NOTE_MAX, &text, NULL) < 0 || text.len <= SHA256_TEXT_LEN ||
		!sha256_text_parse(text.ptr, SHA256_TEXT_LEN, digest) ||
		text.ptr[SHA256_TEXT_LEN] != '\n' || !streq(text.ptr + SHA256_TEXT_LEN + 1, key) ||
		!store_has(store, digest, size, NULL))
		return false;
	if (file_open_read(path, &len, &fd, NULL) == 0)
		file_use(fd);
	return true;
}

int store_note(
	struct store *store, const char *key, const struct sha256_text *digest, struct error *err)
{
	autofree char *path = note_path(store, key);
	autobuf text = BUF_INIT;
	struct store_file file;

	buf_addf(&text, "%s\n%s", digest->text, key);
	if (store_begin(store, &file, err) < 0)
		return -1;
	if (store_write(&file, text.ptr, text.len, err) < 0) {
		store_abandon(&file);
		return -1;
	}
	return keep(&file, path, err);
}
