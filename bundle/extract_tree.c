/* SPDX-License-Identifier: Apache-2.0 */
/* Working trees, and artifacts as source-controller makes them. */
#include "base/base.h"

#include "base/alloc.h"
#include "base/digest.h"
#include "bundle/extract_private.h"
#include "bundle/limits.h"
#include "bundle/object.h"
#include "bundle/tarball.h"

/* ---- which commit */

/* The whole name of a ref, or what follows refs/heads/ or refs/tags/. */
static bool is_called(const char *name, const char *wanted)
{
	if (streq(name, wanted))
		return true;
	if (starts_with(name, "refs/heads/"))
		return streq(name + strlen("refs/heads/"), wanted);
	return starts_with(name, "refs/tags/") && streq(name + strlen("refs/tags/"), wanted);
}

static int find_ref(
	const struct source *source, const char *wanted, struct oid *ret, struct error *err)
{
	const struct lock_git *git = source->git;

	for (size_t i = 0; i < git->ref_count; i++) {
		if (!is_called(git->refs[i].name, wanted))
			continue;
		*ret = git->refs[i].oid;
		return 0;
	}
	if (strlen(wanted) == OID_HEX_LEN && oid_parse(wanted, OID_HEX_LEN, ret) &&
		odb_has(source->odb, ret))
		return 0;
	return error_set(err, ERROR_NOT_FOUND, "it has no ref and no commit '%s'", wanted);
}

/* The tree of what was asked for, or of HEAD; `*revision` tells, "refs/heads/main@sha1:…". */
static int find_tree(struct extract *extract, const struct source *source, struct oid *tree,
	char **revision, struct error *err)
{
	const struct lock_git *git = source->git;
	const char *wanted = extract->options->ref;
	struct commit commit;
	struct oid oid;
	char hex[OID_HEX_LEN + 1];

	if (!wanted)
		wanted = extract_head(git);
	if (!wanted && git->ref_count)
		wanted = git->refs[0].name;
	if (!wanted)
		return error_set(err, ERROR_NOT_FOUND, "it has no ref");
	if (find_ref(source, wanted, &oid, err) < 0 || odb_peel(source->odb, &oid, &oid, err) < 0 ||
		odb_commit(source->odb, &oid, &commit, err) < 0)
		return -1;
	*tree = commit.tree;
	commit_clear(&commit);
	oid_hex(&oid, hex);
	*revision = xasprintf("%s@sha1:%s", wanted, hex);
	return 0;
}

/* ---- trees */

struct walk {
	struct extract *extract;
	struct extract_modules modules;
	struct odb *odb;    /* that the tree is read of, a submodule's while in one */
	const char *prefix; /* of paths: "", or a submodule's with a slash */
	const char *folder;
	size_t links, empty;
	struct extract_file file; /* of a tar */
};

static int put_entry(
	void *ctx, const char *path, const struct tree_entry *entry, struct error *err);

/* A submodule: a folder, with its files if the bundle holds them. */
static int put_module(
	struct walk *walk, const char *path, const struct tree_entry *entry, struct error *err)
{
	autofree char *here = xasprintf("%s%s", walk->prefix, path);
	autofree char *whole = xasprintf("%s/%s", walk->folder, here);
	autofree char *inside = NULL;
	const char *prefix = walk->prefix;
	struct odb *odb = walk->odb;
	struct oid tree;
	int found = tree_output_folder(walk->extract->tree, whole, err);

	if (found == 0)
		found = extract_module_open(
			&walk->modules, here, &entry->oid, &walk->odb, &tree, err);
	if (found <= 0) {
		walk->empty += found == 0;
		return found;
	}
	inside = xasprintf("%s/", here);
	walk->prefix = inside;
	found = tree_walk(walk->odb, &tree, put_entry, walk, err);
	walk->prefix = prefix;
	walk->odb = odb;
	return found;
}

static int put_entry(void *ctx, const char *path, const struct tree_entry *entry, struct error *err)
{
	struct walk *walk = ctx;
	CLEANUP(extract_file_clear) struct extract_file file = EXTRACT_FILE_INIT;
	autofree char *whole = xasprintf("%s/%s%s", walk->folder, walk->prefix, path);
	enum object_type type;
	autobuf content = BUF_INIT;

	if (entry->mode == MODE_GITLINK)
		return put_module(walk, path, entry, err);
	walk->links += entry->mode == MODE_LINK;
	if (odb_read(walk->odb, &entry->oid, &type, &content, err) < 0 ||
		extract_file_open(
			walk->extract, TAKE(whole), entry->mode == MODE_EXECUTABLE, &file, err) < 0)
		return -1;
	return extract_file_write(&file, content.ptr, content.len, err);
}

static char *tree_note(const struct walk *walk, const char *revision)
{
	autobuf text = BUF_INIT;

	buf_adds(&text, revision);
	if (walk->links)
		buf_addf(&text, "; links as files that hold their target: %zu", walk->links);
	if (walk->empty)
		buf_addf(&text, "; submodules as empty folders: %zu", walk->empty);
	return buf_detach(&text);
}

static int tree_of_pack(struct extract *extract, const struct lock_git *git, struct walk *walk,
	char **note, struct error *err)
{
	autofree char *revision = NULL;
	struct source *source;
	struct oid tree;

	if (extract_source(extract, git, &source, err) < 0)
		return -1;
	extract_modules_begin(&walk->modules, extract, source);
	walk->odb = source->odb;
	walk->prefix = "";
	if (find_tree(extract, source, &tree, &revision, err) < 0 ||
		tree_walk(source->odb, &tree, put_entry, walk, err) < 0)
		return error_wrap(err, "source '%s'", git->name);
	*note = tree_note(walk, revision);
	return 0;
}

/* ---- trees out of an artifact */

static const char *revision_of(const struct lock_git *git)
{
	return git->revision ? git->revision : "a revision that is not known";
}

static int tar_entry(void *ctx, const struct tarball_entry *entry, struct error *err)
{
	struct walk *walk = ctx;
	autofree char *whole = xasprintf("%s/%s", walk->folder, entry->path);

	extract_file_clear(&walk->file);
	walk->file = (struct extract_file)EXTRACT_FILE_INIT;
	if (entry->folder)
		return tree_output_folder(walk->extract->tree, whole, err);
	return extract_file_open(walk->extract, TAKE(whole), entry->executable, &walk->file, err);
}

static int tar_data(void *ctx, const void *data, size_t len, struct error *err)
{
	struct walk *walk = ctx;

	return extract_file_write(&walk->file, data, len, err);
}

static int tar_feed(void *ctx, const void *data, size_t len, struct error *err)
{
	return tarball_reader_feed(ctx, data, len, err);
}

static int tree_of_artifact(struct extract *extract, const struct lock_git *git, struct walk *walk,
	char **note, struct error *err)
{
	const struct tarball_visitor visitor = {tar_entry, tar_data, walk};
	const struct tarball_limits limits = {.entries = LIMIT_TREE_FILES, .bytes = LIMIT_ARTIFACT};
	autotarball *reader = tarball_reader_new(&visitor, &limits);

	if (extract->options->ref)
		return error_set(err, ERROR_NOT_FOUND,
			"source '%s' has one revision alone, '%s': no ref can be chosen", git->name,
			revision_of(git));
	if (extract_blob(extract, &git->snapshot, tar_feed, reader, err) < 0 ||
		tarball_reader_end(reader, err) < 0)
		return error_wrap(err, "the artifact of source '%s'", git->name);
	*note = xasprintf("%s, as source-controller had it", revision_of(git));
	return 0;
}

int extract_tree(struct extract *extract, const struct lock_git *git, struct error *err)
{
	autofree char *folder = xasprintf("trees/%s", git->name);
	struct walk walk = {.extract = extract, .folder = folder, .file = EXTRACT_FILE_INIT};
	char *note = NULL;
	int result;

	if (tree_output_folder(extract->tree, folder, err) < 0)
		return -1;
	result = git->bundle.text[0] ? tree_of_pack(extract, git, &walk, &note, err)
				     : tree_of_artifact(extract, git, &walk, &note, err);
	extract_file_clear(&walk.file);
	extract_modules_clear(&walk.modules);
	if (result == 0)
		extract_tell(extract, "tree", git->name, TAKE(folder), note);
	return result;
}

/* ---- artifacts */

/* A file, and the digest of what goes into it. */
struct summed {
	struct extract_file file;
	struct digest *digest;
};

static int put_summed(void *ctx, const void *data, size_t len, struct error *err)
{
	struct summed *summed = ctx;

	digest_add(summed->digest, data, len);
	return extract_file_write(&summed->file, data, len, err);
}

/* Made anew of the commit. */
static int artifact_of_pack(struct extract *extract, const struct lock_git *git, const char *rules,
	struct summed *summed, char **note, struct error *err)
{
	CLEANUP(extract_modules_clear) struct extract_modules modules = {.count = 0};
	const struct tarball_modules open_modules = {extract_module_open, &modules};
	const struct tarball_output output = {put_summed, summed};
	autofree char *revision = NULL;
	struct source *source;
	struct sha256_text digest;
	struct oid tree;

	if (extract_source(extract, git, &source, err) < 0)
		return -1;
	extract_modules_begin(&modules, extract, source);
	if (find_tree(extract, source, &tree, &revision, err) < 0 ||
		tarball_write(source->odb, &tree, rules, &open_modules, &output, err) < 0)
		return error_wrap(err, "source '%s'", git->name);
	sha256_text_end(summed->digest, &digest);
	*note = xasprintf("%s, %s", revision, digest.text);
	return 0;
}

static int one_artifact(struct extract *extract, const struct lock_git *git, const char *name,
	const char *rules, struct error *err)
{
	autodigest *digest = digest_new(DIGEST_SHA256);
	struct summed summed = {.file = EXTRACT_FILE_INIT, .digest = digest};
	bool packed = git->snapshot.text[0] && !extract->options->ref;
	char *note = NULL;
	int result = extract_file_open(
		extract, xasprintf("artifacts/%s.tar.gz", name), false, &summed.file, err);

	if (result == 0 && packed) {
		result = extract_blob(
			extract, &git->snapshot, extract_file_write, &summed.file, err);
		note = xasprintf("%s, %s", revision_of(git), git->snapshot.text);
	} else if (result == 0) {
		result = artifact_of_pack(extract, git, rules, &summed, &note, err);
	}
	if (result == 0)
		extract_tell(extract, "artifact", git->name, TAKE(summed.file.path), TAKE(note));
	free(note);
	extract_file_clear(&summed.file);
	return result;
}

/* The rules of all GitRepositories that take from a source, if they agree; else NULL. */
static const char *common_rules(const struct lock_git *git)
{
	size_t users = 0;

	for (size_t i = 0; i < git->used_by.len; i++)
		users += starts_with(git->used_by.items[i], "GitRepository/");
	if (!git->ignore_count || git->ignore_count != users)
		return NULL;
	for (size_t i = 1; i < git->ignore_count; i++)
		if (!streq(git->ignores[i].rules, git->ignores[0].rules))
			return NULL;
	return git->ignores[0].rules;
}

/* "NAME+NAMESPACE+OBJECT": no source has such a name. */
static char *name_for(const struct lock_git *git, const struct lock_ignore *ignore)
{
	char *name = xasprintf("%s%s", git->name, strchr(ignore->used_by, '/'));

	for (char *at = name; *at; at++)
		if (*at == '/')
			*at = '+';
	return name;
}

int extract_artifact(struct extract *extract, const struct lock_git *git, struct error *err)
{
	const char *common = common_rules(git);

	if (one_artifact(extract, git, git->name, common, err) < 0)
		return -1;
	for (size_t i = 0; !common && i < git->ignore_count; i++) {
		autofree char *name = name_for(git, &git->ignores[i]);

		if (one_artifact(extract, git, name, git->ignores[i].rules, err) < 0)
			return -1;
	}
	return 0;
}
