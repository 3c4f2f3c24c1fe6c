/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/yaml.h"
#include "bundle/findings.h"
#include "bundle/limits.h"

#define LFS_HEADER "version https://git-lfs.github.com/spec/v1\n"
#define MAX_LFS_POINTER 1024
/* Larger ones are nobody's kustomization.yaml. */
#define MAX_SMALL_FILE ((size_t)4 << 20)
#define MAX_BASES 10000

void findings_clear(struct findings *findings)
{
	for (size_t i = 0; i < findings->submodule_count; i++) {
		free(findings->submodules[i].path);
		free(findings->submodules[i].url);
		free(findings->submodules[i].source);
	}
	for (size_t i = 0; i < findings->base_count; i++) {
		free(findings->bases[i].path);
		free(findings->bases[i].url);
	}
	free(findings->submodules);
	free(findings->bases);
	*findings = (struct findings){.objects = 0};
}

/* ---- one tree */

struct scan {
	struct odb *odb;
	struct findings *findings;
	struct buf gitmodules; /* of the present tree */
	size_t lfs_files;      /* .gitattributes of the present tree that speak of it */
	struct buf blob;       /* scratch */
};

static void scan_clear(struct scan *scan)
{
	buf_clear(&scan->gitmodules);
	buf_clear(&scan->blob);
}

static const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_file(const struct tree_entry *entry)
{
	return entry->mode == MODE_FILE || entry->mode == MODE_EXECUTABLE;
}

static int read_blob(struct scan *scan, const struct oid *oid, struct error *err)
{
	enum object_type type;

	return odb_read(scan->odb, oid, &type, &scan->blob, err);
}

/* Names in trees are any bytes, in a lock UTF-8. */
static char *utf8_copy(const char *text)
{
	autojson struct json_object *value = json_new_string_of_bytes(text, strlen(text));

	return xstrdup(json_text(value));
}

static int add_submodule(
	struct scan *scan, const char *path, const struct oid *oid, struct error *err)
{
	struct findings *findings = scan->findings;

	if (findings->submodule_count == LIMIT_SUBMODULES)
		return error_set(err, ERROR_FAILED, "more than %d submodules", LIMIT_SUBMODULES);
	for (size_t i = 0; i < findings->submodule_count; i++)
		if (streq(findings->submodules[i].path, path))
			return 0;
	findings->submodules = xreallocarray(
		findings->submodules, findings->submodule_count + 1, sizeof(*findings->submodules));
	findings->submodules[findings->submodule_count++] =
		(struct lock_submodule){.path = utf8_copy(path), .oid = *oid};
	return 0;
}

static void add_base(struct findings *findings, const char *path, const char *url)
{
	if (!url || !is_remote_base(url) || findings->base_count == MAX_BASES)
		return;
	for (size_t i = 0; i < findings->base_count; i++)
		if (streq(findings->bases[i].path, path) && streq(findings->bases[i].url, url))
			return;
	findings->bases =
		xreallocarray(findings->bases, findings->base_count + 1, sizeof(*findings->bases));
	findings->bases[findings->base_count++] =
		(struct remote_base){.path = utf8_copy(path), .url = utf8_copy(url)};
}

/* A file that cannot be read as YAML fails in the cluster too, and not because of us. */
void findings_add(struct findings *findings, const char *path, const struct buf *text)
{
	static const char *const lists[] = {"resources", "bases", "components", "crds",
		"configurations", "generators", "transformers", "validators",
		"patchesStrategicMerge"};
	autojson struct json_object *document = NULL;
	struct json_object *patches;

	if (text->len > MAX_SMALL_FILE || yaml_parse(text->ptr, text->len, &document, NULL) < 0)
		return;
	for (size_t i = 0; i < countof(lists); i++) {
		struct json_object *list = json_get(document, lists[i]);

		for (size_t j = 0; j < json_len(list); j++)
			if (json_kind(json_item(list, j)) == JSON_STRING)
				add_base(findings, path, json_text(json_item(list, j)));
	}
	patches = json_get(document, "patches");
	for (size_t i = 0; i < json_len(patches); i++)
		add_base(findings, path, json_str(json_item(patches, i), "path"));
}

bool findings_reads(const char *path)
{
	const char *name = file_name(path);

	return streq(name, "kustomization.yaml") || streq(name, "kustomization.yml") ||
	       streq(name, "Kustomization");
}

static int read_gitmodules(struct scan *scan, const struct tree_entry *after, struct error *err)
{
	buf_reset(&scan->gitmodules);
	if (!after || !is_file(after))
		return 0;
	if (read_blob(scan, &after->oid, err) < 0)
		return -1;
	buf_add(&scan->gitmodules, scan->blob.ptr, scan->blob.len);
	return 0;
}

/* Does this .gitattributes, which need not be there, speak of LFS? -1: it cannot be read. */
static int speaks_of_lfs(struct scan *scan, const struct tree_entry *entry, struct error *err)
{
	if (!entry || !is_file(entry))
		return 0;
	if (read_blob(scan, &entry->oid, err) < 0)
		return -1;
	return strstr(scan->blob.ptr, "filter=lfs") != NULL;
}

static int count_attributes(struct scan *scan, const struct tree_entry *before,
	const struct tree_entry *after, struct error *err)
{
	int gone = speaks_of_lfs(scan, before, err);
	int come = gone < 0 ? -1 : speaks_of_lfs(scan, after, err);

	if (come < 0)
		return -1;
	scan->lfs_files += (size_t)come;
	scan->lfs_files -= (size_t)gone;
	return 0;
}

/* What is known by its name. */
static int differ_name(void *ctx, const char *path, const struct tree_entry *before,
	const struct tree_entry *after, struct error *err)
{
	struct scan *scan = ctx;

	if (streq(path, ".gitmodules") && read_gitmodules(scan, after, err) < 0)
		return -1;
	if (streq(file_name(path), ".gitattributes"))
		return count_attributes(scan, before, after, err);
	if (after && after->mode == MODE_GITLINK)
		return add_submodule(scan, path, &after->oid, err);
	if (!after || !is_file(after) || !findings_reads(path))
		return 0;
	if (read_blob(scan, &after->oid, err) < 0)
		return -1;
	findings_add(scan->findings, path, &scan->blob);
	return 0;
}

/* Only where some .gitattributes speaks of LFS, since every file has to be read. */
static int differ_content(void *ctx, const char *path, const struct tree_entry *before,
	const struct tree_entry *after, struct error *err)
{
	struct scan *scan = ctx;

	(void)path;
	(void)before;
	if (!after || !is_file(after))
		return 0;
	if (read_blob(scan, &after->oid, err) < 0)
		return -1;
	if (scan->blob.len <= MAX_LFS_POINTER && starts_with(scan->blob.ptr, LFS_HEADER))
		scan->findings->lfs_pointers++;
	return 0;
}

/* ---- all trees */

struct tip {
	struct oid tree;
	int64_t time;
};

/* Trees of neighbours in time differ least. */
static int compare_tips(const void *left, const void *right)
{
	const struct tip *a = left;
	const struct tip *b = right;

	if (a->time != b->time)
		return a->time > b->time ? -1 : 1;
	return oid_compare(&a->tree, &b->tree);
}

static int read_tip(struct odb *odb, const struct oid *oid, struct tip *ret, struct error *err)
{
	struct oid peeled;
	struct commit commit;

	if (odb_peel(odb, oid, &peeled, err) < 0 || odb_commit(odb, &peeled, &commit, err) < 0)
		return -1;
	*ret = (struct tip){commit.tree, commit.time};
	commit_clear(&commit);
	return 0;
}

/* `before` is what was looked through last, and `read` that of which the contents were. */
static int scan_tree(struct scan *scan, const struct oid *before, const struct oid **read,
	const struct oid *tree, struct error *err)
{
	size_t first = scan->findings->submodule_count;

	if (tree_diff(scan->odb, before, tree, differ_name, scan, err) < 0)
		return -1;
	for (size_t i = first; i < scan->findings->submodule_count; i++) {
		struct lock_submodule *submodule = &scan->findings->submodules[i];

		submodule->url =
			gitmodules_url(scan->gitmodules.ptr, scan->gitmodules.len, submodule->path);
		if (!submodule->url)
			submodule->url = xstrdup("");
	}
	if (!scan->lfs_files)
		return 0;
	if (tree_diff(scan->odb, *read, tree, differ_content, scan, err) < 0)
		return -1;
	*read = tree;
	return 0;
}

int findings_scan(struct odb *odb, const struct oid *commits, size_t count, struct findings *ret,
	struct error *err)
{
	CLEANUP(scan_clear)
	struct scan scan = {
		.odb = odb,
		.findings = ret,
		.gitmodules = BUF_INIT,
		.blob = BUF_INIT,
	};
	autofree struct tip *tips = xcalloc(count + 1, sizeof(*tips));
	const struct oid *read = NULL;

	for (size_t i = 0; i < count; i++)
		if (read_tip(odb, &commits[i], &tips[i], err) < 0)
			return -1;
	qsort(tips, count, sizeof(*tips), compare_tips);
	for (size_t i = 0; i < count; i++)
		if (scan_tree(&scan, i ? &tips[i - 1].tree : NULL, &read, &tips[i].tree, err) < 0)
			return -1;
	return 0;
}

/* ---- JSON */

void findings_write(const struct findings *findings, struct buf *out)
{
	autojson struct json_object *tree = json_new_object();
	struct json_object *submodules = json_new_array();
	struct json_object *bases = json_new_array();

	for (size_t i = 0; i < findings->submodule_count; i++) {
		const struct lock_submodule *submodule = &findings->submodules[i];
		struct json_object *row = json_new_object();
		char hex[OID_HEX_LEN + 1];

		oid_hex(&submodule->oid, hex);
		json_set_str(row, "path", submodule->path);
		json_set_str(row, "url", submodule->url);
		json_set_str(row, "oid", hex);
		json_push(submodules, row);
	}
	for (size_t i = 0; i < findings->base_count; i++) {
		struct json_object *row = json_new_object();

		json_set_str(row, "path", findings->bases[i].path);
		json_set_str(row, "url", findings->bases[i].url);
		json_push(bases, row);
	}
	json_set(tree, "objects", json_new_uint(findings->objects));
	json_set(tree, "lfsPointers", json_new_uint(findings->lfs_pointers));
	json_set(tree, "submodules", submodules);
	json_set(tree, "remoteBases", bases);
	json_write(out, tree);
}

static bool read_submodule(struct json_object *row, struct lock_submodule *ret)
{
	const char *path = json_str(row, "path");
	const char *url = json_str(row, "url");
	const char *hex = json_str(row, "oid");

	if (!path || !url || !hex || !oid_parse(hex, strlen(hex), &ret->oid))
		return false;
	ret->path = xstrdup(path);
	ret->url = xstrdup(url);
	return true;
}

static bool read_rows(
	struct json_object *submodules, struct json_object *bases, struct findings *ret)
{
	ret->submodules = xcalloc(json_len(submodules) + 1, sizeof(*ret->submodules));
	for (size_t i = 0; i < json_len(submodules); i++, ret->submodule_count++)
		if (!read_submodule(json_item(submodules, i), &ret->submodules[i]))
			return false;
	ret->bases = xcalloc(json_len(bases) + 1, sizeof(*ret->bases));
	for (size_t i = 0; i < json_len(bases); i++) {
		const char *path = json_str(json_item(bases, i), "path");
		const char *url = json_str(json_item(bases, i), "url");

		if (!path || !url)
			return false;
		ret->bases[ret->base_count++] =
			(struct remote_base){.path = xstrdup(path), .url = xstrdup(url)};
	}
	return true;
}

bool findings_read(const char *text, size_t len, struct findings *ret)
{
	autojson struct json_object *tree = NULL;
	int64_t objects;
	int64_t pointers;

	*ret = (struct findings){.objects = 0};
	if (json_parse(text, len, &tree, NULL) < 0)
		return false;
	objects = json_int(tree, -1, "objects");
	pointers = json_int(tree, -1, "lfsPointers");
	if (objects < 0 || pointers < 0 ||
		!read_rows(json_get(tree, "submodules"), json_get(tree, "remoteBases"), ret)) {
		findings_clear(ret);
		return false;
	}
	ret->objects = (uint64_t)objects;
	ret->lfs_pointers = (uint64_t)pointers;
	return true;
}
