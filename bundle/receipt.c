/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/json.h"
#include "base/os.h"
#include "bundle/limits.h"
#include "bundle/receipt.h"
#include "bundle/ref_name.h"

#define KIND "Receipt"

void receipt_clear_refs(struct receipt_source *source)
{
	for (size_t i = 0; i < source->ref_count; i++)
		free(source->refs[i].name);
	free(source->refs);
	source->refs = NULL;
	source->ref_count = 0;
}

static void source_clear(struct receipt_source *source)
{
	receipt_clear_refs(source);
	free(source->name);
	free(source->url);
	free(source->target);
}

void receipt_clear(struct receipt *receipt)
{
	for (size_t i = 0; i < receipt->source_count; i++)
		source_clear(&receipt->sources[i]);
	free(receipt->sources);
	*receipt = (struct receipt)RECEIPT_INIT;
}

/* ---- building */

const struct receipt_source *receipt_find(const struct receipt *receipt, const char *name)
{
	for (size_t i = 0; i < receipt->source_count; i++)
		if (streq(receipt->sources[i].name, name))
			return &receipt->sources[i];
	return NULL;
}

struct receipt_source *receipt_source(struct receipt *receipt, const char *name)
{
	const struct receipt_source *found = receipt_find(receipt, name);
	struct receipt_source *added;

	if (found)
		return &receipt->sources[found - receipt->sources];
	receipt->sources = xreallocarray(
		receipt->sources, receipt->source_count + 1, sizeof(*receipt->sources));
	added = &receipt->sources[receipt->source_count++];
	*added = (struct receipt_source){.name = xstrdup(name)};
	return added;
}

void receipt_add_ref(struct receipt_source *source, const char *name, const struct oid *oid)
{
	source->refs = xreallocarray(source->refs, source->ref_count + 1, sizeof(*source->refs));
	source->refs[source->ref_count++] = (struct lock_ref){.name = xstrdup(name), .oid = *oid};
}

/* ---- writing */

static int compare_refs(const void *left, const void *right)
{
	const struct lock_ref *a = left;
	const struct lock_ref *b = right;

	return strcmp(a->name, b->name);
}

static int compare_sources(const void *left, const void *right)
{
	const struct receipt_source *a = left;
	const struct receipt_source *b = right;

	return strcmp(a->name, b->name);
}

/* Keys are added in the order of their names, which is the order of the text. */
static struct json_object *source_tree(struct receipt_source *source)
{
	struct json_object *tree = json_new_object();
	struct json_object *refs = json_new_object();

	if (source->ref_count)
		qsort(source->refs, source->ref_count, sizeof(*source->refs), compare_refs);
	for (size_t i = 0; i < source->ref_count; i++) {
		char hex[OID_HEX_LEN + 1];

		oid_hex(&source->refs[i].oid, hex);
		json_set_str(refs, source->refs[i].name, hex);
	}
	json_set_str(tree, "name", source->name);
	json_set(tree, "refs", refs);
	json_set_str(tree, "target", source->target);
	json_set_str(tree, "url", source->url);
	return tree;
}

void receipt_print(struct receipt *receipt, struct buf *out)
{
	autojson struct json_object *tree = json_new_object();
	struct json_object *sources = json_new_array();

	if (receipt->source_count)
		qsort(receipt->sources, receipt->source_count, sizeof(*receipt->sources),
			compare_sources);
	for (size_t i = 0; i < receipt->source_count; i++)
		json_push(sources, source_tree(&receipt->sources[i]));
	json_set_str(tree, "apiVersion", LOCK_API_VERSION);
	json_set_str(tree, "kind", KIND);
	json_set_str(tree, "lock", receipt->lock.text);
	json_set(tree, "sequence", json_new_uint(receipt->sequence));
	json_set(tree, "sources", sources);
	json_write(out, tree);
	buf_addc(out, '\n');
}

int receipt_write(const char *path, struct receipt *receipt, struct error *err)
{
	autobuf text = BUF_INIT;

	receipt_print(receipt, &text);
	return file_write(path, text.ptr, text.len, err);
}

/* ---- reading */

static int damaged(struct error *err, const char *what)
{
	return error_set(err, ERROR_DAMAGED, "not a receipt: %s", what);
}

static int read_refs(struct json_object *refs, struct receipt_source *source, struct error *err)
{
	struct json_iter iter = JSON_ITER_INIT;

	if (json_kind(refs) != JSON_OBJECT)
		return damaged(err, "a source has no 'refs'");
	while (json_next(refs, &iter)) {
		const char *text = json_text(iter.value);
		struct oid oid;

		if (!ref_name_valid(iter.key, strlen(iter.key)) || strlen(text) != OID_HEX_LEN ||
			!oid_parse(text, OID_HEX_LEN, &oid))
			return damaged(err, "a ref's name or object is malformed");
		if (source->ref_count >= LIMIT_GIT_REFS)
			return damaged(err, "a source has too many refs");
		receipt_add_ref(source, iter.key, &oid);
	}
	return 0;
}

static int read_source(struct json_object *object, struct receipt *receipt, struct error *err)
{
	const char *name = json_str(object, "name");
	const char *url = json_str(object, "url");
	const char *target = json_str(object, "target");
	struct receipt_source *source;

	if (!name || !url || !target)
		return damaged(err, "a source lacks 'name', 'target' or 'url'");
	if (receipt_find(receipt, name))
		return damaged(err, "two sources have one name");
	source = receipt_source(receipt, name);
	source->url = xstrdup(url);
	source->target = xstrdup(target);
	return read_refs(json_get(object, "refs"), source, err);
}

static int read_tree(struct json_object *tree, struct receipt *ret, struct error *err)
{
	struct json_object *sources = json_get(tree, "sources");
	const char *lock = json_str(tree, "lock");
	int64_t sequence = json_int(tree, 0, "sequence");

	if (!streq(json_str(tree, "apiVersion"), LOCK_API_VERSION) ||
		!streq(json_str(tree, "kind"), KIND))
		return damaged(err, "its apiVersion and kind are others");
	if (!lock || strlen(lock) != SHA256_TEXT_LEN ||
		!sha256_text_parse(lock, SHA256_TEXT_LEN, &ret->lock) || sequence < 1)
		return damaged(err, "'lock' or 'sequence' is malformed");
	if (json_kind(sources) != JSON_ARRAY || json_len(sources) > LIMIT_GIT_SOURCES)
		return damaged(err, "'sources' is no list, or too long");
	ret->sequence = (uint64_t)sequence;
	for (size_t i = 0; i < json_len(sources); i++)
		if (read_source(json_item(sources, i), ret, err) < 0)
			return -1;
	return 0;
}

int receipt_parse(const char *text, size_t len, struct receipt *ret, struct error *err)
{
	autojson struct json_object *tree = NULL;
	autoreceipt receipt = RECEIPT_INIT;

	if (json_parse(text, len, &tree, err) < 0) {
		err->kind = ERROR_DAMAGED;
		return error_wrap(err, "not a receipt");
	}
	if (read_tree(tree, &receipt, err) < 0)
		return -1;
	*ret = receipt;
	receipt = (struct receipt)RECEIPT_INIT;
	return 0;
}

int receipt_read(const char *path, struct receipt *ret, struct error *err)
{
	autobuf text = BUF_INIT;

	if (os_read_file(path, LIMIT_RECEIPT, &text, err) < 0)
		return -1;
	if (receipt_parse(text.ptr, text.len, ret, err) < 0)
		return error_wrap(err, "'%s'", path);
	return 0;
}

bool receipt_looks_like(const char *text, size_t len)
{
	autojson struct json_object *tree = NULL;

	return json_parse(text, len, &tree, NULL) == 0 && streq(json_str(tree, "kind"), KIND);
}
