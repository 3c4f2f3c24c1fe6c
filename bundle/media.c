/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <inttypes.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/os.h"
#include "bundle/limits.h"
#include "bundle/media.h"
#include "bundle/parts.h"

#define CHUNK MiB
#define NONE SIZE_MAX

struct part {
	char *path;
	const char *name; /* the path's last element */
	int fd;           /* -1: lost */
	uint64_t start, size;
};

struct media {
	char *name;
	struct part *parts;
	size_t count;
	struct part parity; /* fd -1: there is none */
	size_t lost;        /* the part that the parity part stands for; NONE */
	uint64_t size;
	struct parts list; /* of a set */
	struct strv folders;
};

static const char *last_element(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void part_clear(struct part *part)
{
	file_close(part->fd);
	free(part->path);
}

void media_free(struct media *media)
{
	if (!media)
		return;
	for (size_t i = 0; i < media->count; i++)
		part_clear(&media->parts[i]);
	part_clear(&media->parity);
	parts_clear(&media->list);
	strv_clear(&media->folders);
	free(media->parts);
	free(media->name);
	free(media);
}

void media_free_pointer(struct media **slot)
{
	media_free(*slot);
}

static struct media *media_new(const char *name, size_t count)
{
	struct media *media = xcalloc(1, sizeof(*media));

	*media = (struct media){.name = xstrdup(name),
		.parts = xcalloc(count, sizeof(*media->parts)),
		.count = count,
		.parity = {.fd = -1},
		.folders = STRV_INIT,
		.lost = NONE};
	for (size_t i = 0; i < count; i++)
		media->parts[i].fd = -1;
	return media;
}

static int open_file(const char *path, struct media **ret, struct error *err)
{
	automedia *media = media_new(path, 1);
	struct part *part = &media->parts[0];

	if (file_open_read(path, &part->size, &part->fd, err) < 0)
		return -1;
	part->path = xstrdup(path);
	part->name = last_element(part->path);
	media->size = part->size;
	*ret = TAKE(media);
	return 0;
}

/* ---- a set */

/* A set that is being looked for. */
struct search {
	const char *beside; /* the folder of the path that was given */
	const struct strv *folders;
};

/* Open the file of this name wherever it is; ERROR_NOT_FOUND if nowhere. */
static int find(const struct search *search, const char *name, struct part *part, struct error *err)
{
	size_t count = search->folders ? search->folders->len : 0;

	for (size_t i = 0; i <= count; i++) {
		const char *folder = i ? search->folders->items[i - 1] : search->beside;
		autofree char *path = xasprintf("%s/%s", folder, name);
		autoerror why = ERROR_INIT;

		if (file_open_read(path, &part->size, &part->fd, &why) == 0) {
			part->path = streq(folder, ".") ? xstrdup(name) : TAKE(path);
			part->name = last_element(part->path);
			return 0;
		}
		if (why.kind != ERROR_NOT_FOUND)
			return error_move(err, &why);
	}
	return error_set(err, ERROR_NOT_FOUND, "%s", name);
}

static int check_size(const struct part *part, uint64_t size, struct error *err)
{
	if (part->size == size)
		return 0;
	return error_set(err, part->size < size ? ERROR_INCOMPLETE : ERROR_DAMAGED,
		"%s: has %" PRIu64 " bytes, the parts list says %" PRIu64
		": cut off, or of another set",
		part->path, part->size, size);
}

/* Is the part there? 1, 0, or -1. */
static int open_part(const struct search *search, const char *name, uint64_t size,
	struct part *part, struct error *err)
{
	autoerror why = ERROR_INIT;

	if (find(search, name, part, &why) == 0)
		return check_size(part, size, err) < 0 ? -1 : 1;
	if (why.kind != ERROR_NOT_FOUND)
		return error_move(err, &why);
	part->path = xstrdup(name);
	part->name = part->path;
	part->size = size;
	return 0;
}

static int open_parity(struct media *media, const struct search *search, struct error *err)
{
	autofree char *name = parts_parity_path(media->list.name);

	if (!*media->list.parity.text)
		return 0;
	return open_part(search, name, media->list.entries[0].size, &media->parity, err) < 0 ? -1
											     : 0;
}

/* "the part X is not there", of any number of parts. */
static int lost_error(const struct media *media, const struct strv *lost, struct error *err)
{
	autofree char *names = strv_join(lost, ", ");

	error_set(err, ERROR_INCOMPLETE, "%s: of its %zu parts %s %s not there", media->name,
		media->count, names, lost->len == 1 ? "is" : "are");
	return error_hint(err, "where they are: --parts FOLDER (may be repeated)");
}

static int open_parts(struct media *media, const struct search *search, struct error *err)
{
	autostrv lost = STRV_INIT;

	for (size_t i = 0; i < media->count; i++) {
		autofree char *name = parts_path(media->list.name, i, media->count);
		struct part *part = &media->parts[i];
		int found = open_part(search, name, media->list.entries[i].size, part, err);

		if (found < 0)
			return -1;
		part->start = media->size;
		media->size += part->size;
		if (found)
			continue;
		media->lost = i;
		strv_push(&lost, name);
	}
	if (lost.len > (media->parity.fd >= 0 ? 1 : 0))
		return lost_error(media, &lost, err);
	return 0;
}

static int read_list(
	const struct search *search, const char *name, struct parts *ret, struct error *err)
{
	struct part file = {.fd = -1};
	autobuf text = BUF_INIT;
	int result = find(search, name, &file, err);

	if (result == 0)
		result = os_read_file(file.path, LIMIT_PARTS_LIST, &text, err);
	if (result == 0 && parts_read(text.ptr, text.len, ret, err) < 0)
		result = error_wrap(err, "%s", file.path);
	part_clear(&file);
	return result;
}

static int open_set(const char *path, const char *list_path, const struct strv *folders,
	struct media **ret, struct error *err)
{
	autofree char *beside = os_dirname(list_path);
	struct search search = {.beside = beside, .folders = folders};
	const char *list_name = last_element(list_path);
	autofree char *expected = NULL;
	autoparts list = PARTS_INIT;
	automedia *media = NULL;

	if (read_list(&search, list_name, &list, err) < 0)
		return -1;
	expected = parts_list_path(list.name);
	if (!streq(expected, list_name))
		return error_set(err, ERROR_DAMAGED, "%s: the list of '%s', not of this", list_path,
			list.name);
	file_allow_many(list.count);
	media = media_new(path, list.count);
	media->list = list;
	list = (struct parts)PARTS_INIT;
	if (open_parity(media, &search, err) < 0 || open_parts(media, &search, err) < 0)
		return -1;
	*ret = TAKE(media);
	return 0;
}

/* A set without its list, or no such file at all. */
static int no_list(const char *path, const char *whole, struct error *err)
{
	if (!whole)
		return error_set(err, ERROR_NOT_FOUND, "open %s: no such file or directory", path);
	error_set(err, ERROR_INCOMPLETE, "%s: the list of its parts is not there", path);
	return error_hint(err, "copy the .parts.json to it, or join the parts: cat %s.*-of-* > %s",
		whole, whole);
}

static int open_any(
	const char *path, const struct strv *folders, struct media **ret, struct error *err)
{
	autofree char *whole = parts_whole_path(path);
	autofree char *list = NULL;
	autoerror why = ERROR_INIT;

	if (ends_with(path, PARTS_LIST_SUFFIX))
		return open_set(path, path, folders, ret, err);
	if (!whole && open_file(path, ret, &why) == 0)
		return 0;
	if (!whole && why.kind != ERROR_NOT_FOUND)
		return error_move(err, &why);
	list = parts_list_path(whole ? whole : path);
	error_clear(&why);
	if (open_set(path, list, folders, ret, &why) == 0)
		return 0;
	if (why.kind == ERROR_NOT_FOUND)
		return no_list(path, whole, err);
	return error_move(err, &why);
}

int media_open(const char *path, const struct strv *folders, struct media **ret, struct error *err)
{
	if (open_any(path, folders, ret, err) < 0)
		return -1;
	if (folders)
		strv_push_all(&(*ret)->folders, folders);
	return 0;
}

/* ---- reading */

const struct strv *media_folders(const struct media *media)
{
	return &media->folders;
}

const char *media_name(const struct media *media)
{
	return media->name;
}

uint64_t media_size(const struct media *media)
{
	return media->size;
}

size_t media_parts(const struct media *media)
{
	return media->count;
}

/* All parts but the last are of one size. */
static size_t part_at(const struct media *media, uint64_t offset)
{
	uint64_t index = media->parts[0].size ? offset / media->parts[0].size : 0;

	return index < media->count ? (size_t)index : media->count - 1;
}

const char *media_part_at(const struct media *media, uint64_t offset)
{
	return media->parts[part_at(media, offset)].name;
}

static int read_there(
	const struct part *part, uint64_t offset, void *data, size_t len, struct error *err)
{
	return file_pread(part->fd, part->path, offset, data, len, err);
}

/* XOR what `part` has of these bytes into `data`; behind its end it is zeros. */
static int add_part(
	const struct part *part, uint64_t offset, char *data, size_t len, struct error *err)
{
	autofree char *other = NULL;

	if (offset >= part->size)
		return 0;
	if (len > part->size - offset)
		len = (size_t)(part->size - offset);
	other = xmalloc(len);
	if (read_there(part, offset, other, len, err) < 0)
		return -1;
	for (size_t i = 0; i < len; i++)
		data[i] = (char)(data[i] ^ other[i]);
	return 0;
}

static int rebuild(
	const struct media *media, uint64_t offset, char *data, size_t len, struct error *err)
{
	if (read_there(&media->parity, offset, data, len, err) < 0)
		return -1;
	for (size_t i = 0; i < media->count; i++)
		if (i != media->lost && add_part(&media->parts[i], offset, data, len, err) < 0)
			return -1;
	return 0;
}

static int read_part(const struct media *media, size_t index, uint64_t offset, char *data,
	size_t len, struct error *err)
{
	/* Piece by piece, since rebuilding takes as much memory again. */
	while (index == media->lost && len > CHUNK) {
		if (rebuild(media, offset, data, CHUNK, err) < 0)
			return -1;
		data += CHUNK;
		offset += CHUNK;
		len -= CHUNK;
	}
	if (index == media->lost)
		return rebuild(media, offset, data, len, err);
	return read_there(&media->parts[index], offset, data, len, err);
}

int media_read(struct media *media, uint64_t offset, void *data, size_t len, struct error *err)
{
	char *at = data;

	if (offset > media->size || len > media->size - offset)
		return error_set(err, ERROR_INCOMPLETE,
			"%s: ends at byte %" PRIu64 ", where there should be more",
			media_part_at(media, media->size), media->size);
	while (len) {
		size_t index = part_at(media, offset);
		const struct part *part = &media->parts[index];
		uint64_t left = part->start + part->size - offset;
		size_t piece = len < left ? len : (size_t)left;

		if (read_part(media, index, offset - part->start, at, piece, err) < 0)
			return -1;
		at += piece;
		offset += piece;
		len -= piece;
	}
	return 0;
}

/* ---- the parts themselves */

const struct parts *media_list(const struct media *media)
{
	return media->list.count ? &media->list : NULL;
}

const char *media_part_name(const struct media *media, size_t index)
{
	if (index < media->count)
		return media->parts[index].name;
	return media->parity.fd >= 0 ? media->parity.name : NULL;
}

bool media_part_rebuilt(const struct media *media, size_t index)
{
	return index == media->lost;
}

bool media_part_drop(struct media *media, size_t index)
{
	if (media->parity.fd < 0 || media->lost != NONE || index >= media->count)
		return false;
	media->lost = index;
	return true;
}

int media_part_digest(
	struct media *media, size_t index, struct sha256_text *digest, struct error *err)
{
	const struct part *part = index < media->count ? &media->parts[index] : &media->parity;
	autodigest *hash = digest_new(DIGEST_SHA256);
	autofree char *chunk = xmalloc(CHUNK);

	for (uint64_t done = 0; done < part->size;) {
		size_t piece = part->size - done < CHUNK ? (size_t)(part->size - done) : CHUNK;
		int result = index < media->count ? read_part(media, index, done, chunk, piece, err)
						  : read_there(part, done, chunk, piece, err);

		if (result < 0)
			return -1;
		digest_add(hash, chunk, piece);
		done += piece;
	}
	sha256_text_end(hash, digest);
	return 0;
}
