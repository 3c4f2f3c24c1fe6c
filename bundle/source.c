/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/os.h"
#include "bundle/gitbundle.h"
#include "bundle/limits.h"
#include "bundle/source.h"

#define HEADER_FIRST (64 * KiB)

/* Where one pack stands; the odb reads it for as long as the source lives. */
struct place {
	struct media *media;
	uint64_t offset;
};

struct opening {
	struct source source; /* first: a struct source * is a struct opening * */
	const struct source_options *options;
	struct place **places;
	size_t place_count;
	const struct pack *pack; /* the odb's last */
};

void source_free(struct source *source)
{
	struct opening *opening = (struct opening *)source;

	if (!source)
		return;
	odb_free(source->odb);
	for (size_t i = 0; i < opening->place_count; i++)
		free(opening->places[i]);
	free(opening->places);
	free(opening);
}

const struct pack *source_pack(const struct source *source)
{
	return ((const struct opening *)source)->pack;
}

void source_free_pointer(struct source **slot)
{
	source_free(*slot);
}

/* ---- one git bundle file */

static int read_place(void *ctx, uint64_t offset, void *data, size_t len, struct error *err)
{
	const struct place *place = ctx;

	return media_read(place->media, place->offset + offset, data, len, err);
}

/* Read the header of the git bundle file at `offset`; `*pack`: bytes before the pack. */
static int read_header(struct media *media, uint64_t offset, uint64_t size,
	struct gitbundle *header, size_t *pack, struct error *err)
{
	autobuf text = BUF_INIT;
	size_t want = HEADER_FIRST;

	for (;;) {
		size_t len = size < want ? (size_t)size : want;
		int found;

		buf_reset(&text);
		buf_grow(&text, len);
		if (media_read(media, offset, text.ptr, len, err) < 0)
			return -1;
		buf_commit(&text, len);
		found = gitbundle_read(text.ptr, text.len, header, pack, err);
		if (found != 0)
			return found < 0 ? -1 : 0;
		if (len == size || want >= LIMIT_GIT_HEADER)
			return error_set(
				err, ERROR_DAMAGED, "the header of the git bundle has no end");
		want *= 4;
	}
}

static bool same_refs(const struct gitbundle *header, const struct lock_git *git)
{
	if (header->ref_count != git->ref_count ||
		header->prerequisite_count != git->prerequisite_count)
		return false;
	for (size_t i = 0; i < git->ref_count; i++)
		if (!streq(header->refs[i].name, git->refs[i].name) ||
			!oid_equal(&header->refs[i].oid, &git->refs[i].oid))
			return false;
	for (size_t i = 0; i < git->prerequisite_count; i++)
		if (!oid_equal(&header->prerequisites[i], &git->prerequisites[i]))
			return false;
	return true;
}

static int check_prerequisites(const struct odb *odb, const struct lock_git *git, struct error *err)
{
	for (size_t i = 0; i < git->prerequisite_count; i++) {
		char hex[OID_HEX_LEN + 1];

		if (odb_has(odb, &git->prerequisites[i]))
			continue;
		oid_hex(&git->prerequisites[i], hex);
		error_set(err, ERROR_INCOMPLETE,
			"it builds on commit %s, which no bundle that was given holds", hex);
		return error_hint(err, "name the bundle that it builds on with --base");
	}
	return 0;
}

static int check_refs(const struct odb *odb, const struct lock_git *git, struct error *err)
{
	for (size_t i = 0; i < git->ref_count; i++)
		if (!odb_has(odb, &git->refs[i].oid))
			return error_set(err, ERROR_DAMAGED,
				"ref '%s' names a commit that is not in it", git->refs[i].name);
	return 0;
}

/* Index the pack at a place and put it behind the odb's others. */
static int add_pack(struct opening *opening, struct media *media, uint64_t offset, uint64_t size,
	struct error *err)
{
	const struct source_options *options = opening->options;
	struct place *place = xcalloc(1, sizeof(*place));
	struct pack_bytes bytes = {.read = read_place, .ctx = place, .size = size};
	struct pack_work work = {
		.threads = options->threads, .tick = options->tick, .ctx = options->tick_ctx};
	struct pack *pack = NULL;

	*place = (struct place){.media = media, .offset = offset};
	opening->places =
		xreallocarray(opening->places, opening->place_count + 1, sizeof(*opening->places));
	opening->places[opening->place_count++] = place;
	if (pack_index(&bytes, opening->source.odb, &work, &pack, err) < 0)
		return -1;
	opening->source.objects = pack_count(pack);
	opening->pack = pack;
	odb_add(opening->source.odb, pack);
	return 0;
}

static int locate(
	struct bundle *bundle, const struct lock_git *git, struct source *source, struct error *err)
{
	autogitbundle header = {.refs = NULL};
	size_t before = 0;

	if (bundle_blob(bundle, &git->bundle, &source->offset, &source->size, err) < 0 ||
		read_header(bundle->media, source->offset, source->size, &header, &before, err) < 0)
		return -1;
	if (!same_refs(&header, git))
		return error_set(
			err, ERROR_DAMAGED, "the refs of its git bundle are not those of the lock");
	source->pack_offset = source->offset + before;
	source->pack_size = source->size - before;
	return 0;
}

static int no_pack(const struct lock_git *git, struct error *err)
{
	return error_set(err, ERROR_NOT_FOUND, "source '%s' has no pack: its history is '%s'",
		git->name, git->history);
}

int source_find(
	struct bundle *bundle, const struct lock_git *git, struct source *ret, struct error *err)
{
	*ret = (struct source){.git = git};
	if (!git->bundle.text[0])
		return no_pack(git, err);
	if (locate(bundle, git, ret, err) < 0)
		return error_wrap(err, "source '%s'", git->name);
	return 0;
}

/* A source's pack that is in this very bundle. */
static int add_git(struct opening *opening, struct bundle *bundle, const struct lock_git *git,
	struct error *err)
{
	struct source *source = &opening->source;

	if (check_prerequisites(source->odb, git, err) < 0 || locate(bundle, git, source, err) < 0)
		return -1;
	if (add_pack(opening, bundle->media, source->pack_offset, source->pack_size, err) < 0)
		return -1;
	return check_refs(source->odb, git, err);
}

/* ---- bases */

static bool is_here(const struct bundle *bundle, const struct lock_git *git)
{
	const struct lock_blob *blob = lock_blob(&bundle->lock, &git->bundle);

	return blob && blob->where == LOCK_SELF;
}

static const struct lock_git *find_url(const struct lock *lock, const char *url)
{
	for (size_t i = 0; i < lock->git_count; i++)
		if (streq(lock->git[i].url, url) && lock->git[i].bundle.text[0])
			return &lock->git[i];
	return NULL;
}

/* What the bases hold of this source, the oldest first; later ones lean on earlier ones. */
static int add_bases(struct opening *opening, const struct lock_git *git, struct error *err)
{
	const struct source_options *options = opening->options;

	for (size_t i = 0; i < options->base_count; i++) {
		struct bundle *base = options->bases[i];
		const struct lock_git *older = find_url(&base->lock, git->url);

		if (!older || !is_here(base, older))
			continue;
		if (add_git(opening, base, older, err) < 0)
			return error_wrap(err, "in %s", media_name(base->media));
	}
	return 0;
}

/* The whole of `git` is in a base: its blob has to be among the packs that were added. */
static int check_in_base(
	const struct opening *opening, const struct lock_git *git, struct error *err)
{
	const struct source_options *options = opening->options;

	for (size_t i = 0; i < options->base_count; i++) {
		const struct lock_blob *blob = lock_blob(&options->bases[i]->lock, &git->bundle);

		if (blob && blob->where == LOCK_SELF)
			return check_refs(opening->source.odb, git, err);
	}
	error_set(err, ERROR_INCOMPLETE, "it is in a bundle that this one builds on");
	return error_hint(err, "name the bundle that it builds on with --base");
}

static int open_git(struct opening *opening, struct bundle *bundle, const struct lock_git *git,
	struct error *err)
{
	bool here = is_here(bundle, git);

	if ((!here || git->prerequisite_count) && add_bases(opening, git, err) < 0)
		return -1;
	return here ? add_git(opening, bundle, git, err) : check_in_base(opening, git, err);
}

int source_open(struct bundle *bundle, const struct lock_git *git,
	const struct source_options *options, struct source **ret, struct error *err)
{
	static const struct source_options none = {.bases = NULL};
	struct opening *opening;

	if (!git->bundle.text[0])
		return no_pack(git, err);
	opening = xcalloc(1, sizeof(*opening));
	opening->options = options ? options : &none;
	opening->source.git = git;
	opening->source.odb = odb_new();
	if (open_git(opening, bundle, git, err) < 0) {
		source_free(&opening->source);
		return error_wrap(err, "source '%s'", git->name);
	}
	*ret = &opening->source;
	return 0;
}
