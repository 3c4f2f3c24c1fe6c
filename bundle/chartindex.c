/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/scan.h"
#include "bundle/chartindex.h"

#define NAME_MAX_CHART 200 /* bytes of a name, and of a version: a file's name holds both */

struct chartindex {
	struct json_object *entries;
};

struct chartindex *chartindex_new(void)
{
	struct chartindex *index = xcalloc(1, sizeof(*index));

	index->entries = json_new_object();
	return index;
}

void chartindex_free(struct chartindex *index)
{
	if (!index)
		return;
	json_free(index->entries);
	free(index);
}

void chartindex_free_pointer(struct chartindex **slot)
{
	chartindex_free(*slot);
}

/* What Helm allows in names and versions, all of it harmless in a file's name and in a URL. */
static bool is_word(const char *text)
{
	size_t len =
		strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-");

	return len && !text[len] && len <= NAME_MAX_CHART && *text != '.' && *text != '-';
}

/* The digest of an entry, which may be written with or without its kind. */
static bool same_digest(const char *said, const struct sha256_text *blob)
{
	if (starts_with(said, "sha256:"))
		return streq(said, blob->text);
	return streq(said, blob->text + strlen("sha256:"));
}

static int read_entry(const struct lock_chart *chart, const struct buf *text,
	struct json_object **ret, struct error *err)
{
	const char *digest;

	if (!text->len) {
		*ret = json_new_object();
		json_set_str(*ret, "apiVersion", "v2");
		json_set_str(*ret, "name", chart->name);
		json_set_str(*ret, "version", chart->version);
		return 0;
	}
	if (json_parse(text->ptr, text->len, ret, err) < 0) {
		if (err)
			err->kind = ERROR_DAMAGED;
		return -1;
	}
	if (json_kind(*ret) != JSON_OBJECT || !streq(json_str(*ret, "name"), chart->name) ||
		!streq(json_str(*ret, "version"), chart->version))
		return error_set(err, ERROR_DAMAGED, "its entry is of another chart");
	digest = json_str(*ret, "digest");
	if (str_set(digest) && !same_digest(digest, &chart->blob))
		return error_set(err, ERROR_DAMAGED, "its entry has another digest");
	return 0;
}

static struct json_object *versions_of(struct chartindex *index, const char *name)
{
	struct json_object *versions = json_get(index->entries, name);

	if (!versions) {
		versions = json_new_array();
		json_set(index->entries, name, versions);
	}
	return versions;
}

static bool has_version(struct json_object *versions, const char *version)
{
	for (size_t i = 0; i < json_len(versions); i++)
		if (streq(json_str(json_item(versions, i), "version"), version))
			return true;
	return false;
}

int chartindex_add(struct chartindex *index, const struct lock_chart *chart,
	const struct buf *entry, char **file, struct error *err)
{
	autojson struct json_object *object = NULL;
	struct json_object *versions;
	struct json_object *urls;
	autofree char *name = NULL;

	if (!is_word(chart->name) || !is_word(chart->version))
		return error_set(err, ERROR_DAMAGED, "chart '%s' '%s' cannot be a file's name",
			chart->name, chart->version);
	if (read_entry(chart, entry, &object, err) < 0)
		return error_wrap(err, "chart %s %s", chart->name, chart->version);
	versions = versions_of(index, chart->name);
	if (has_version(versions, chart->version))
		return error_set(err, ERROR_DAMAGED, "chart %s %s is there twice", chart->name,
			chart->version);
	name = xasprintf("%s-%s.tgz", chart->name, chart->version);
	urls = json_new_array();
	json_push(urls, json_new_string(name));
	json_set(object, "urls", urls);
	json_set_str(object, "digest", chart->blob.text + strlen("sha256:"));
	json_push(versions, TAKE(object));
	*file = TAKE(name);
	return 0;
}

int chartindex_write(const struct chartindex *index, struct buf *out, struct error *err)
{
	autojson struct json_object *tree = json_new_object();
	autobuf text = BUF_INIT;

	json_set_str(tree, "apiVersion", "v1");
	json_set(tree, "entries", json_ref(index->entries));
	json_write(&text, tree);
	return scan_print_yaml(text.ptr, text.len, 0, NULL, out, err);
}
