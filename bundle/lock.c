/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <inttypes.h>

#include "base/alloc.h"
#include "bundle/limits.h"
#include "bundle/lock.h"
#include "bundle/ref_name.h"
#include "bundle/shape.h"

/* ---- the JSON: members by key */

static int compare_git(const void *left, const void *right)
{
	const struct lock_git *a = left;
	const struct lock_git *b = right;

	return strcmp(a->name, b->name);
}

static int compare_charts(const void *left, const void *right)
{
	const struct lock_chart *a = left;
	const struct lock_chart *b = right;
	int order = strcmp(a->repository, b->repository);

	order = order ? order : strcmp(a->name, b->name);
	return order ? order : strcmp(a->version, b->version);
}

static int compare_unresolved(const void *left, const void *right)
{
	const struct lock_unresolved *a = left;
	const struct lock_unresolved *b = right;
	int order = strcmp(a->kind, b->kind);

	order = order ? order : strcmp(a->ref, b->ref);
	/* One tag may run as two images. */
	return order ? order : strcmp(a->digest ? a->digest : "", b->digest ? b->digest : "");
}

static int compare_submodules(const void *left, const void *right)
{
	const struct lock_submodule *a = left;
	const struct lock_submodule *b = right;

	return strcmp(a->path, b->path);
}

static int compare_ignores(const void *left, const void *right)
{
	const struct lock_ignore *a = left;
	const struct lock_ignore *b = right;

	return strcmp(a->used_by, b->used_by);
}

static int compare_blobs(const void *left, const void *right)
{
	const struct lock_blob *a = left;
	const struct lock_blob *b = right;

	return strcmp(a->digest.text, b->digest.text);
}

#define AT(field) .offset = offsetof(T, field)
#define LIST_AT(field, count) AT(field), .count_offset = offsetof(T, count)
#define OPTIONAL .optional = true
#define END                 \
	{                   \
		.key = NULL \
	}
#define USES .limit = LIMIT_LOCK_ITEMS

/* clang-format off */
#define T struct lock_submodule
static const struct shape_field submodule_fields[] = {
	{"oid", SHAPE_OID, AT(oid)},
	{"path", SHAPE_TEXT, AT(path)},
	{"source", SHAPE_TEXT, OPTIONAL, AT(source)},
	{"url", SHAPE_TEXT, AT(url)},
	END,
};
static const struct shape submodule_shape = {sizeof(T), submodule_fields, compare_submodules};
#undef T

#define T struct lock_ignore
static const struct shape_field ignore_fields[] = {
	{"rules", SHAPE_TEXT, AT(rules)},
	{"usedBy", SHAPE_TEXT, AT(used_by)},
	END,
};
static const struct shape ignore_shape = {sizeof(T), ignore_fields, compare_ignores};
#undef T

#define T struct lock_git
static const struct shape_field git_fields[] = {
	{"bundle", SHAPE_SHA256, OPTIONAL, AT(bundle)},
	{"head", SHAPE_TEXT, OPTIONAL, AT(head)},
	{"history", SHAPE_TEXT, AT(history)},
	{"ignore", SHAPE_LIST, OPTIONAL, LIST_AT(ignores, ignore_count), .shape = &ignore_shape, .limit = LIMIT_LOCK_ITEMS},
	{"lfsPointers", SHAPE_COUNT, AT(lfs_pointers)},
	{"name", SHAPE_TEXT, AT(name)},
	{"objects", SHAPE_COUNT, AT(objects)},
	{"packing", SHAPE_TEXT, OPTIONAL, AT(packing)},
	{"prerequisites", SHAPE_OIDS, LIST_AT(prerequisites, prerequisite_count), .limit = LIMIT_GIT_REFS},
	{"refs", SHAPE_REFS, LIST_AT(refs, ref_count), .limit = LIMIT_GIT_REFS},
	{"revision", SHAPE_TEXT, OPTIONAL, AT(revision)},
	{"snapshot", SHAPE_SHA256, OPTIONAL, AT(snapshot)},
	{"submodules", SHAPE_LIST, LIST_AT(submodules, submodule_count), .shape = &submodule_shape, .limit = LIMIT_SUBMODULES},
	{"thin", SHAPE_FLAG, AT(thin)},
	{"url", SHAPE_TEXT, AT(url)},
	{"usedBy", SHAPE_TEXTS, AT(used_by)},
	END,
};
static const struct shape git_shape = {sizeof(T), git_fields, compare_git};
#undef T

#define T struct lock_chart
static const struct shape_field chart_fields[] = {
	{"blob", SHAPE_SHA256, AT(blob)},
	{"entry", SHAPE_SHA256, AT(entry)},
	{"name", SHAPE_TEXT, AT(name)},
	{"repository", SHAPE_TEXT, AT(repository)},
	{"usedBy", SHAPE_TEXTS, AT(used_by)},
	{"version", SHAPE_TEXT, AT(version)},
	END,
};
static const struct shape chart_shape = {sizeof(T), chart_fields, compare_charts};
#undef T

#define T struct lock_unresolved
static const struct shape_field unresolved_fields[] = {
	{"digest", SHAPE_TEXT, OPTIONAL, AT(digest)},
	{"kind", SHAPE_TEXT, AT(kind)},
	{"ref", SHAPE_TEXT, AT(ref)},
	{"usedBy", SHAPE_TEXTS, AT(used_by)},
	{"why", SHAPE_TEXT, AT(why)},
	END,
};
static const struct shape unresolved_shape = {sizeof(T), unresolved_fields, compare_unresolved};
#undef T

#define T struct lock_blob
static const struct shape_field blob_fields[] = {
	{"digest", SHAPE_SHA256, AT(digest)},
	{"in", SHAPE_CHOICE, AT(where), .fixed = "self base"},
	{"mediaType", SHAPE_TEXT, AT(media_type)},
	{"size", SHAPE_COUNT, AT(size)},
	END,
};
static const struct shape blob_shape = {sizeof(T), blob_fields, compare_blobs};
#undef T

#define T struct lock
static const struct shape_field base_fields[] = {
	{"lock", SHAPE_SHA256, AT(base)},
	{"sequence", SHAPE_COUNT, AT(base_sequence)},
	END,
};
static const struct shape base_shape = {sizeof(T), base_fields, NULL};
static const struct shape_field cluster_fields[] = {
	{"flux", SHAPE_TEXT, OPTIONAL, AT(flux)},
	{"kubernetes", SHAPE_TEXT, OPTIONAL, AT(kubernetes)},
	{"snapshot", SHAPE_SHA256, OPTIONAL, AT(snapshot)},
	END,
};
static const struct shape cluster_shape = {sizeof(T), cluster_fields, NULL};
static const struct shape_field lock_fields[] = {
	{"apiVersion", SHAPE_FIXED, .fixed = LOCK_API_VERSION},
	{"base", SHAPE_OBJECT, OPTIONAL, .shape = &base_shape},
	{"blobs", SHAPE_LIST, LIST_AT(blobs, blob_count), .shape = &blob_shape, .limit = LIMIT_BLOBS},
	{"charts", SHAPE_LIST, LIST_AT(charts, chart_count), .shape = &chart_shape, .limit = LIMIT_BLOBS},
	{"cluster", SHAPE_OBJECT, OPTIONAL, .shape = &cluster_shape},
	{"git", SHAPE_LIST, LIST_AT(git, git_count), .shape = &git_shape, .limit = LIMIT_GIT_SOURCES},
	{"kind", SHAPE_FIXED, .fixed = "Lock"},
	{"sequence", SHAPE_COUNT, AT(sequence)},
	{"unresolved", SHAPE_LIST, LIST_AT(unresolved, unresolved_count), .shape = &unresolved_shape, .limit = LIMIT_LOCK_ITEMS},
	END,
};
static const struct shape lock_shape = {sizeof(T), lock_fields, NULL};
#undef T
/* clang-format on */

void lock_clear(struct lock *lock)
{
	shape_clear(&lock_shape, lock);
	*lock = (struct lock)LOCK_INIT;
}

void lock_write(struct lock *lock, struct buf *out)
{
	shape_write(&lock_shape, lock, out);
}

/* ---- what the struct has to hold together by */

static bool is_one_of(const char *text, const char *const *words)
{
	for (; *words; words++)
		if (streq(text, *words))
			return true;
	return false;
}

/* It becomes the name of a folder and a part of a URL. */
static bool name_valid(const char *name)
{
	size_t len = strlen(name);

	return len <= LIMIT_GIT_NAME && *name != '.' && *name != '-' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-") == len;
}

/* Of objects that take from it, with names that a file can have. */
static int check_ignores(const struct lock_git *git, struct error *err)
{
	static const char kind[] = "GitRepository/";

	for (size_t i = 0; i < git->ignore_count; i++) {
		const char *user = git->ignores[i].used_by;
		const char *name = user + strlen(kind);
		size_t len = starts_with(user, kind) ? strcspn(name, "/") : 0;
		autofree char *namespace = xstrndup(len ? name : "", len);

		if (!len || !name_valid(namespace) || !name[len] || !name_valid(name + len + 1) ||
			!strv_contains(&git->used_by, user))
			return error_set(
				err, ERROR_DAMAGED, "ignore[%zu]: no object of this source", i);
	}
	return 0;
}

static int check_git(const struct lock *lock, const struct lock_git *git, struct error *err)
{
	static const char *const histories[] = {"full", "tip", "artifact", NULL};
	static const char *const packings[] = {"received", "canonical", NULL};

	if (!name_valid(git->name))
		return error_set(err, ERROR_DAMAGED, "not a source's name");
	if (!is_one_of(git->history, histories))
		return error_set(err, ERROR_DAMAGED, "an unknown history");
	if (*git->bundle.text ? !git->packing || !is_one_of(git->packing, packings)
			      : git->packing != NULL)
		return error_set(err, ERROR_DAMAGED, "packing and bundle do not match");
	if (!*git->snapshot.text != !git->revision)
		return error_set(err, ERROR_DAMAGED, "revision and snapshot do not match");
	if (check_ignores(git, err) < 0)
		return -1;
	if ((git->thin || git->prerequisite_count) && !*lock->base.text)
		return error_set(err, ERROR_DAMAGED, "leans on a base, and there is none");
	for (size_t i = 0; i < git->ref_count; i++)
		if (!ref_name_valid(git->refs[i].name, strlen(git->refs[i].name)))
			return error_set(err, ERROR_DAMAGED, "refs[%zu]: not a ref's name", i);
	for (size_t i = 0; i < git->submodule_count; i++) {
		const char *source = git->submodules[i].source;

		if (source && !lock_git_find(lock, source))
			return error_set(
				err, ERROR_DAMAGED, "submodules[%zu]: no source '%s'", i, source);
	}
	return 0;
}

/* What builds on something follows it; a bundle that was merged keeps the number of its last part. */
static int check_sequence(const struct lock *lock, struct error *err)
{
	bool based = *lock->base.text;

	if (based ? lock->base_sequence && lock->sequence == lock->base_sequence + 1
		  : lock->sequence > 0)
		return 0;
	return error_set(err, ERROR_DAMAGED, "sequence: %" PRIu64 " does not follow from the base",
		lock->sequence);
}

static int check_blob(const struct lock *lock, const struct lock_blob *blob, struct error *err)
{
	if (blob->size > LIMIT_BLOB)
		return error_set(err, ERROR_DAMAGED, "blob %s: larger than the limit of %llu",
			blob->digest.text, LIMIT_BLOB);
	if (blob->where == LOCK_BASE && !*lock->base.text)
		return error_set(err, ERROR_DAMAGED, "blob %s: in a base, and there is none",
			blob->digest.text);
	return 0;
}

/* Marks the blob as named; one that is not listed is an error. */
static int name_blob(
	const struct lock *lock, const struct sha256_text *digest, bool *named, struct error *err)
{
	const struct lock_blob *blob;

	if (!*digest->text)
		return 0;
	blob = lock_blob(lock, digest);
	if (!blob)
		return error_set(err, ERROR_DAMAGED, "blobs: %s is not among them", digest->text);
	named[blob - lock->blobs] = true;
	return 0;
}

static int name_all(const struct lock *lock, bool *named, struct error *err)
{
	for (size_t i = 0; i < lock->git_count; i++)
		if (name_blob(lock, &lock->git[i].bundle, named, err) < 0 ||
			name_blob(lock, &lock->git[i].snapshot, named, err) < 0)
			return -1;
	for (size_t i = 0; i < lock->chart_count; i++)
		if (name_blob(lock, &lock->charts[i].blob, named, err) < 0 ||
			name_blob(lock, &lock->charts[i].entry, named, err) < 0)
			return -1;
	return name_blob(lock, &lock->snapshot, named, err);
}

static int check_blobs(const struct lock *lock, struct error *err)
{
	autofree bool *named = xcalloc(lock->blob_count + 1, sizeof(*named));

	if (name_all(lock, named, err) < 0)
		return -1;
	for (size_t i = 0; i < lock->blob_count; i++) {
		const struct lock_blob *blob = &lock->blobs[i];

		if (check_blob(lock, blob, err) < 0)
			return -1;
		if (!named[i] && !streq(blob->media_type, MEDIA_MANIFEST) &&
			!streq(blob->media_type, MEDIA_EMPTY))
			return error_set(err, ERROR_DAMAGED, "blobs[%zu]: nothing names it", i);
	}
	return 0;
}

int lock_read(const char *text, size_t len, struct lock *ret, struct error *err)
{
	*ret = (struct lock)LOCK_INIT;
	if (len > LIMIT_LOCK)
		return error_set(err, ERROR_DAMAGED, "larger than the limit of %lu", LIMIT_LOCK);
	if (shape_read(&lock_shape, text, len, ret, err) < 0 || check_sequence(ret, err) < 0)
		return -1;
	for (size_t i = 0; i < ret->git_count; i++)
		if (check_git(ret, &ret->git[i], err) < 0)
			return error_wrap(err, "git[%zu]", i);
	return check_blobs(ret, err);
}

/* ---- finding and adding */

/* Where a blob of this digest is, or belongs. */
static size_t blob_place(const struct lock *lock, const struct sha256_text *digest)
{
	size_t low = 0;
	size_t high = lock->blob_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(lock->blobs[middle].digest.text, digest->text) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct lock_blob *lock_blob(const struct lock *lock, const struct sha256_text *digest)
{
	size_t place = blob_place(lock, digest);

	if (place == lock->blob_count || !sha256_text_equal(&lock->blobs[place].digest, digest))
		return NULL;
	return &lock->blobs[place];
}

void lock_add_blob(struct lock *lock, const struct sha256_text *digest, uint64_t size,
	const char *media_type, enum lock_where where)
{
	size_t place = blob_place(lock, digest);

	if (lock_blob(lock, digest))
		return;
	lock->blobs = xreallocarray(lock->blobs, lock->blob_count + 1, sizeof(*lock->blobs));
	memmove(lock->blobs + place + 1, lock->blobs + place,
		(lock->blob_count - place) * sizeof(*lock->blobs));
	lock->blob_count++;
	lock->blobs[place] = (struct lock_blob){
		.digest = *digest, .size = size, .media_type = xstrdup(media_type), .where = where};
}

const struct lock_git *lock_git_find(const struct lock *lock, const char *name)
{
	for (size_t i = 0; i < lock->git_count; i++)
		if (streq(lock->git[i].name, name))
			return &lock->git[i];
	return NULL;
}
