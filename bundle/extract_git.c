/* SPDX-License-Identifier: Apache-2.0 */
/* Bare repositories, and git bundle files. */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/extract_private.h"
#include "bundle/object.h"
#include "bundle/pack_file.h"

#define HEADS "refs/heads/"

/* All packs that will be read: the source's own and what the bases have of it. */
static int check_digests(struct extract *extract, const struct lock_git *git, struct error *err)
{
	const struct extract_options *options = extract->options;

	if (extract_blob(extract, &git->bundle, NULL, NULL, err) < 0)
		return -1;
	for (size_t i = 0; i < options->base_count; i++) {
		const struct lock *lock = &options->bases[i]->lock;

		for (size_t k = 0; k < lock->git_count; k++) {
			const struct lock_git *older = &lock->git[k];

			if (!streq(older->url, git->url) || !older->bundle.text[0] ||
				sha256_text_equal(&older->bundle, &git->bundle))
				continue;
			if (extract_base_blob(extract, options->bases[i], &older->bundle, err) < 0)
				return -1;
		}
	}
	return 0;
}

int extract_source(
	struct extract *extract, const struct lock_git *git, struct source **ret, struct error *err)
{
	const struct extract_options *options = extract->options;
	const struct source_options source_options = {.bases = options->bases,
		.base_count = options->base_count,
		.threads = options->threads,
		.tick = options->tick,
		.tick_ctx = options->tick_ctx};

	if (git->bundle.text[0] && check_digests(extract, git, err) < 0)
		return error_wrap(err, "source '%s'", git->name);
	return source_open(extract->bundle, git, &source_options, ret, err);
}

/* ---- a bare repository */

/* A pack and its index, with the names that git gives them. */
static int put_pack(struct extract *extract, const char *folder, const struct pack *pack,
	struct odb *odb, struct error *err)
{
	CLEANUP(extract_file_clear) struct extract_file file = EXTRACT_FILE_INIT;
	CLEANUP(extract_file_clear) struct extract_file index = EXTRACT_FILE_INIT;
	const struct pack_file_output to_file = {extract_file_write, &file};
	const struct pack_file_output to_index = {extract_file_write, &index};
	char name[PACK_FILE_NAME_MAX];

	if (pack_file_name(pack, name, err) < 0 ||
		extract_file_open(extract, xasprintf("%s/objects/pack/%s.pack", folder, name),
			false, &file, err) < 0 ||
		extract_file_open(extract, xasprintf("%s/objects/pack/%s.idx", folder, name), false,
			&index, err) < 0)
		return -1;
	return pack_file_write(pack, odb, &to_file, &to_index, err);
}

static int put_folders(struct extract *extract, const char *folder, struct error *err)
{
	static const char *const names[] = {
		"objects/info", "objects/pack", "refs/heads", "refs/tags"};

	for (size_t i = 0; i < countof(names); i++) {
		autofree char *path = xasprintf("%s/%s", folder, names[i]);

		if (tree_output_folder(extract->tree, path, err) < 0)
			return -1;
	}
	return 0;
}

static int put_refs(
	struct extract *extract, const char *folder, const struct lock_git *git, struct error *err)
{
	autobuf text = BUF_INIT;

	buf_adds(&text, "# pack-refs with: sorted \n");
	for (size_t i = 0; i < git->ref_count; i++) {
		char hex[OID_HEX_LEN + 1];

		oid_hex(&git->refs[i].oid, hex);
		if (starts_with(git->refs[i].name, "refs/"))
			buf_addf(&text, "%s %s\n", hex, git->refs[i].name);
	}
	return extract_text(extract, xasprintf("%s/packed-refs", folder), text.ptr, text.len, err);
}

const char *extract_head(const struct lock_git *git)
{
	const char *first = NULL;

	for (size_t i = git->ref_count; i > 0; i--) {
		const char *name = git->refs[i - 1].name;

		if (streq(name, git->head))
			return name;
		if (starts_with(name, HEADS))
			first = name;
	}
	return first;
}

static int put_head(
	struct extract *extract, const char *folder, const struct source *source, struct error *err)
{
	const struct lock_git *git = source->git;
	const char *head = extract_head(git);
	autobuf text = BUF_INIT;
	struct oid commit;
	char hex[OID_HEX_LEN + 1];

	if (!head && git->ref_count &&
		odb_peel(source->odb, &git->refs[0].oid, &commit, NULL) == 0) {
		oid_hex(&commit, hex);
		buf_addf(&text, "%s\n", hex);
	} else {
		buf_addf(&text, "ref: %s\n", head ? head : HEADS "main");
	}
	return extract_text(extract, xasprintf("%s/HEAD", folder), text.ptr, text.len, err);
}

int extract_git(struct extract *extract, const struct lock_git *git, struct error *err)
{
	static const char config[] = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n"
				     "\tbare = true\n";
	autofree char *folder = xasprintf("git/%s.git", git->name);
	autosource *source = NULL;
	const struct pack *pack;

	if (extract_source(extract, git, &source, err) < 0 || put_folders(extract, folder, err) < 0)
		return -1;
	for (size_t i = 0; (pack = odb_pack(source->odb, i)); i++)
		/* The first was indexed with nothing before it, so it leans on nothing. */
		if (put_pack(extract, folder, pack, i ? source->odb : NULL, err) < 0)
			return error_wrap(err, "source '%s'", git->name);
	if (put_refs(extract, folder, git, err) < 0 ||
		extract_text(extract, xasprintf("%s/config", folder), config, strlen(config), err) <
			0 ||
		put_head(extract, folder, source, err) < 0)
		return -1;
	extract_tell(extract, "git", git->name, TAKE(folder),
		extract_head(git) ? xasprintf("HEAD is %s", extract_head(git)) : NULL);
	return 0;
}

int extract_gitbundle(struct extract *extract, const struct lock_git *git, struct error *err)
{
	CLEANUP(extract_file_clear) struct extract_file file = EXTRACT_FILE_INIT;

	if (!git->bundle.text[0])
		return error_set(err, ERROR_NOT_FOUND,
			"source '%s' has no pack: its history is '%s'", git->name, git->history);
	if (extract_file_open(
		    extract, xasprintf("bundles/%s.bundle", git->name), false, &file, err) < 0 ||
		extract_blob(extract, &git->bundle, extract_file_write, &file, err) < 0)
		return error_wrap(err, "source '%s'", git->name);
	extract_tell(extract, "bundle", git->name, TAKE(file.path),
		git->prerequisite_count ? xstrdup("needs the commits that it builds on") : NULL);
	return 0;
}
