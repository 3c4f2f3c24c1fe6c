/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/os.h"
#include "bundle/base.h"
#include "bundle/limits.h"
#include "bundle/receipt.h"

#define NOTE_VERSION "git-base-1"
/* Deltas on deltas: who builds more of them on each other merges some. */
#define MAX_CHAIN 100

void base_free(struct base *base)
{
	if (!base)
		return;
	free(base->path);
	lock_clear(&base->lock);
	bundle_free(base->bundle);
	free(base);
}

void base_free_pointer(struct base **slot)
{
	base_free(*slot);
}

/* ---- reading */

static int read_lock(struct base *base, const struct buf *text, struct error *err)
{
	sha256_text_of(text->ptr, text->len, &base->id);
	if (lock_read(text->ptr, text->len, &base->lock, err) < 0)
		return -1;
	base->sequence = base->lock.sequence;
	return 0;
}

/* The lock that a receipt speaks of, which an earlier run left in the store. */
static int recall_lock(const struct receipt *receipt, const struct store *store, struct base *base)
{
	autofd fd = -1;
	autobuf text = BUF_INIT;
	uint64_t size;

	if (!store_has(store, &receipt->lock, &size, NULL) || size > LIMIT_LOCK ||
		store_read(store, &receipt->lock, &fd, NULL) < 0)
		return -1;
	buf_grow(&text, (size_t)size);
	if (file_pread(fd, "the cache", 0, text.ptr, (size_t)size, NULL) < 0)
		return -1;
	buf_commit(&text, (size_t)size);
	return lock_read(text.ptr, text.len, &base->lock, NULL);
}

static const struct oid *confirmed_ref(const struct receipt_source *source, const char *name)
{
	for (size_t i = 0; source && i < source->ref_count; i++)
		if (streq(source->refs[i].name, name))
			return &source->refs[i].oid;
	return NULL;
}

/* Keep the refs that have arrived. */
static void keep_confirmed(struct lock_git *git, const struct receipt_source *source)
{
	size_t kept = 0;

	for (size_t i = 0; i < git->ref_count; i++) {
		const struct oid *there = confirmed_ref(source, git->refs[i].name);

		if (there && oid_equal(there, &git->refs[i].oid))
			git->refs[kept++] = git->refs[i];
		else
			free(git->refs[i].name);
	}
	git->ref_count = kept;
}

/* Without the lock the receipt's own sources, of which no pack is known. */
static void sources_of_receipt(struct base *base, const struct receipt *receipt)
{
	base->lock.git = xcalloc(receipt->source_count + 1, sizeof(*base->lock.git));
	for (size_t i = 0; i < receipt->source_count; i++) {
		const struct receipt_source *source = &receipt->sources[i];
		struct lock_git *git = &base->lock.git[base->lock.git_count++];

		git->name = xstrdup(source->name);
		git->url = xstrdup(source->url);
		git->used_by = (struct strv)STRV_INIT;
		git->refs = xcalloc(source->ref_count + 1, sizeof(*git->refs));
		for (size_t j = 0; j < source->ref_count; j++)
			git->refs[git->ref_count++] = (struct lock_ref){
				.name = xstrdup(source->refs[j].name), .oid = source->refs[j].oid};
	}
}

static int read_receipt(
	struct base *base, const struct buf *text, const struct store *store, struct error *err)
{
	autoreceipt receipt = RECEIPT_INIT;

	if (receipt_parse(text->ptr, text->len, &receipt, err) < 0)
		return -1;
	base->confirmed = true;
	base->id = receipt.lock;
	base->sequence = receipt.sequence;
	if (recall_lock(&receipt, store, base) < 0) {
		lock_clear(&base->lock);
		sources_of_receipt(base, &receipt);
	} else {
		for (size_t i = 0; i < base->lock.git_count; i++)
			keep_confirmed(
				&base->lock.git[i], receipt_find(&receipt, base->lock.git[i].name));
	}
	return 0;
}

static int read_bundle(struct base *base, struct error *err)
{
	if (bundle_open(base->path, NULL, &base->bundle, err) < 0)
		return -1;
	/* A lock of its own, so that it may be cut down. */
	return read_lock(base, &base->bundle->lock_text, err);
}

static int first_byte(const char *path, char *ret, struct error *err)
{
	autofd fd = -1;
	uint64_t size;

	*ret = '\0';
	if (file_open_read(path, &size, &fd, err) < 0)
		return -1;
	return size ? file_pread(fd, path, 0, ret, 1, err) : 0;
}

/* A tar does not begin with a brace, and of JSON files a parts list is known by its name. */
static int read_any(struct base *base, const struct store *store, struct error *err)
{
	autobuf text = BUF_INIT;
	char first;

	if (first_byte(base->path, &first, err) < 0)
		return -1;
	if (first != '{' || ends_with(base->path, ".parts.json"))
		return read_bundle(base, err);
	if (os_read_file(base->path, LIMIT_LOCK + LIMIT_RECEIPT, &text, err) < 0)
		return -1;
	return receipt_looks_like(text.ptr, text.len) ? read_receipt(base, &text, store, err)
						      : read_lock(base, &text, err);
}

int base_open(const char *path, const struct store *store, struct base **ret, struct error *err)
{
	struct base *base = xcalloc(1, sizeof(*base));

	base->path = xstrdup(path);
	base->lock = (struct lock)LOCK_INIT;
	if (read_any(base, store, err) < 0) {
		base_free(base);
		return error_wrap(err, "--base %s", path);
	}
	*ret = base;
	return 0;
}

/* ---- asking */

const struct lock_git *base_git(const struct base *base, const char *url)
{
	for (size_t i = 0; base && i < base->lock.git_count; i++) {
		const struct lock_git *git = &base->lock.git[i];

		if (streq(git->url, url) && git->ref_count &&
			(base->confirmed || *git->bundle.text))
			return git;
	}
	return NULL;
}

/* Of remote bases the lock knows "SOURCE:PATH". */
static void bases_of(const struct lock_unresolved *row, const char *source, struct findings *ret)
{
	size_t len = strlen(source);

	for (size_t i = 0; i < row->used_by.len; i++) {
		const char *where = row->used_by.items[i];

		if (strncmp(where, source, len) != 0 || where[len] != ':')
			continue;
		ret->bases = xreallocarray(ret->bases, ret->base_count + 1, sizeof(*ret->bases));
		ret->bases[ret->base_count++] = (struct remote_base){
			.path = xstrdup(where + len + 1), .url = xstrdup(row->ref)};
	}
}

void base_findings(const struct base *base, const struct lock_git *git, struct findings *ret)
{
	*ret = (struct findings){.objects = git->objects, .lfs_pointers = git->lfs_pointers};
	ret->submodules = xcalloc(git->submodule_count + 1, sizeof(*ret->submodules));
	for (size_t i = 0; i < git->submodule_count; i++)
		ret->submodules[ret->submodule_count++] = (struct lock_submodule){
			.path = xstrdup(git->submodules[i].path),
			.url = xstrdup(git->submodules[i].url),
			.oid = git->submodules[i].oid,
		};
	for (size_t i = 0; i < base->lock.unresolved_count; i++)
		if (streq(base->lock.unresolved[i].kind, "remote-base"))
			bases_of(&base->lock.unresolved[i], git->name, ret);
}

/* ---- objects */

void base_objects_clear(struct base_objects *objects)
{
	odb_free(objects->odb);
	for (size_t i = 0; i < objects->stored_count; i++)
		stored_pack_free(objects->stored[i]);
	free(objects->stored);
	source_free(objects->source);
	*objects = (struct base_objects){.odb = NULL};
}

static char *note_key(const struct sha256_text *bundle)
{
	return xasprintf(NOTE_VERSION " %s", bundle->text);
}

int base_note(struct store *store, const struct sha256_text *bundle, const struct sha256_text *on,
	struct error *err)
{
	autofree char *key = note_key(bundle);

	return store_note(store, key, on, err);
}

/* What a git bundle builds on, and that in turn, the newest first. */
static size_t find_chain(
	const struct store *store, const struct sha256_text *bundle, struct sha256_text *chain)
{
	size_t count = 1;
	uint64_t size;

	chain[0] = *bundle;
	while (count < MAX_CHAIN) {
		autofree char *key = note_key(&chain[count - 1]);

		if (!store_recall(store, key, &chain[count], &size))
			break;
		count++;
	}
	return count;
}

bool base_objects_stored(
	const struct store *store, const struct sha256_text *bundle, struct base_objects *ret)
{
	struct sha256_text chain[MAX_CHAIN];
	size_t count = find_chain(store, bundle, chain);

	*ret = (struct base_objects){.odb = odb_new(), .packs = count};
	ret->stored = xcalloc(count, sizeof(struct stored_pack *));
	for (size_t i = count; i-- > 0;) {
		if (stored_pack_open(store, &chain[i], ret->odb, false,
			    &ret->stored[ret->stored_count], NULL) < 0) {
			base_objects_clear(ret);
			return false;
		}
		ret->stored_count++;
	}
	return true;
}

void base_objects_find(const struct base *base, const struct lock_git *git,
	const struct store *store, struct base_objects *ret)
{
	const struct source_options options = {.bases = NULL};

	*ret = (struct base_objects){.odb = NULL};
	if (!*git->bundle.text || base_objects_stored(store, &git->bundle, ret) || !base->bundle)
		return;
	if (source_open(base->bundle, git, &options, &ret->source, NULL) < 0)
		return;
	ret->odb = TAKE(ret->source->odb);
	ret->packs = 1;
}
