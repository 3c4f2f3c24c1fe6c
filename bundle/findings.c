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
	bool lfs;              /* some .gitattributes speaks of it */
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

static void add_submodule(struct scan *scan, const char *path, const struct oid *oid)
{
	struct findings *findings = scan->findings;

	for (size_t i = 0; i < findings->submodule_count; i++)
		if (streq(findings->submodules[i].path, path))
			return;
	findings->submodules = xreallocarray(
		findings->submodules, findings->submodule_count + 1, sizeof(*findings->submodules));
	findings->submodules[findings->submodule_count++] =
		(struct lock_submodule){.path = utf8_copy(path), .oid = *oid};
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

/* What is known by its name. */
static int visit_name(
	void *ctx, const char *path, const struct tree_entry *entry, struct error *err)
{
	struct scan *scan = ctx;
	const char *name = file_name(path);

	if (entry->mode == MODE_GITLINK) {
		if (scan->findings->submodule_count == LIMIT_SUBMODULES)
			return error_set(
				err, ERROR_FAILED, "more than %d submodules", LIMIT_SUBMODULES);
		add_submodule(scan, path, &entry->oid);
		return 0;
	}
	if (!is_file(entry))
		return 0;
	if (streq(path, ".gitmodules"))
		return read_blob(scan, &entry->oid, err) < 0
			       ? -1
			       : (buf_add(&scan->gitmodules, scan->blob.ptr, scan->blob.len), 0);
	if (streq(name, ".gitattributes")) {
		if (read_blob(scan, &entry->oid, err) < 0)
			return -1;
		scan->lfs = scan->lfs || strstr(scan->blob.ptr, "filter=lfs");
	} else if (findings_reads(path)) {
		if (read_blob(scan, &entry->oid, err) < 0)
			return -1;
		findings_add(scan->findings, path, &scan->blob);
	}
	return 0;
}

/* Only where some .gitattributes speaks of LFS, since every file has to be read. */
static int visit_content(
	void *ctx, const char *path, const struct tree_entry *entry, struct error *err)
{
	struct scan *scan = ctx;

	(void)path;
	if (!is_file(entry))
		return 0;
	if (read_blob(scan, &entry->oid, err) < 0)
		return -1;
	if (scan->blob.len <= MAX_LFS_POINTER && starts_with(scan->blob.ptr, LFS_HEADER))
		scan->findings->lfs_pointers++;
	return 0;
}

static int scan_commit(struct scan *scan, const struct oid *oid, struct error *err)
{
	struct oid peeled;
	struct commit commit;
	size_t first = scan->findings->submodule_count;
	int result;

	if (odb_peel(scan->odb, oid, &peeled, err) < 0 ||
		odb_commit(scan->odb, &peeled, &commit, err) < 0)
		return -1;
	buf_reset(&scan->gitmodules);
	scan->lfs = false;
	result = tree_walk(scan->odb, &commit.tree, visit_name, scan, err);
	if (result == 0 && scan->lfs)
		result = tree_walk(scan->odb, &commit.tree, visit_content, scan, err);
	commit_clear(&commit);
	for (size_t i = first; i < scan->findings->submodule_count; i++) {
		struct lock_submodule *submodule = &scan->findings->submodules[i];

		submodule->url =
			gitmodules_url(scan->gitmodules.ptr, scan->gitmodules.len, submodule->path);
		if (!submodule->url)
			submodule->url = xstrdup("");
	}
	return result;
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

	for (size_t i = 0; i < count; i++)
		if (scan_commit(&scan, &commits[i], err) < 0)
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
