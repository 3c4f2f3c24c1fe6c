/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <inttypes.h>

#include "base/alloc.h"
#include "bundle/oci.h"
#include "bundle/shape.h"

void oci_layout_clear(struct oci_layout *layout)
{
	for (size_t i = 0; i < layout->count; i++)
		buf_clear(&layout->manifests[i].text);
	free(layout->manifests);
	buf_clear(&layout->index);
	*layout = (struct oci_layout)OCI_LAYOUT_INIT;
}

/* What one manifest is about. */
struct artifact {
	const char *type;
	char *ref;                                       /* in the index: "git/fleet" */
	const char *source, *title, *version, *revision; /* NULL: not said */
	const struct sha256_text *layers[2];             /* empty or NULL: none */
};

static void add_descriptor(
	struct buf *out, const struct sha256_text *digest, const char *media_type, uint64_t size)
{
	buf_addf(out, "\"digest\":\"%s\",\"mediaType\":", digest->text);
	shape_write_text(media_type, out);
	buf_addf(out, ",\"size\":%" PRIu64 "}", size);
}

static void add_annotations(struct buf *out, const struct artifact *artifact)
{
	const struct {
		const char *key, *value;
	} rows[] = {
		{"revision", artifact->revision},
		{"source", artifact->source},
		{"title", artifact->title},
		{"version", artifact->version},
	};
	bool first = true;

	buf_adds(out, "{\"annotations\":{");
	for (size_t i = 0; i < countof(rows); i++) {
		if (!rows[i].value)
			continue;
		buf_addf(out, "%s\"org.opencontainers.image.%s\":", first ? "" : ",", rows[i].key);
		shape_write_text(rows[i].value, out);
		first = false;
	}
	buf_addf(out, "},\"artifactType\":\"%s\"", artifact->type);
}

static void add_layers(struct buf *out, const struct lock *lock, const struct artifact *artifact)
{
	bool first = true;

	buf_adds(out, ",\"layers\":[");
	for (size_t i = 0; i < countof(artifact->layers); i++) {
		const struct sha256_text *layer = artifact->layers[i];
		const struct lock_blob *blob =
			layer && *layer->text ? lock_blob(lock, layer) : NULL;

		if (!blob)
			continue;
		buf_adds(out, first ? "{" : ",{");
		add_descriptor(out, layer, blob->media_type, blob->size);
		first = false;
	}
	buf_adds(out, "]");
}

/* Everything of it, and anything at all, in the bundle itself? */
static bool is_here(const struct lock *lock, const struct artifact *artifact)
{
	bool any = false;

	for (size_t i = 0; i < countof(artifact->layers); i++) {
		const struct sha256_text *layer = artifact->layers[i];
		const struct lock_blob *blob;

		if (!layer || !*layer->text)
			continue;
		blob = lock_blob(lock, layer);
		if (!blob || blob->where != LOCK_SELF)
			return false;
		any = true;
	}
	return any;
}

static void add_to_index(struct oci_layout *layout, const struct artifact *artifact)
{
	const struct oci_manifest *manifest = &layout->manifests[layout->count - 1];

	buf_addf(&layout->index, "%s{\"annotations\":{\"org.opencontainers.image.ref.name\":",
		layout->count > 1 ? "," : "");
	shape_write_text(artifact->ref, &layout->index);
	buf_addf(&layout->index, "},\"artifactType\":\"%s\",", artifact->type);
	add_descriptor(&layout->index, &manifest->digest, MEDIA_MANIFEST, manifest->text.len);
}

static void add(struct oci_layout *layout, const struct lock *lock, const struct artifact *artifact)
{
	struct oci_manifest *manifest;
	struct sha256_text empty;

	if (!is_here(lock, artifact))
		return;
	layout->manifests =
		xreallocarray(layout->manifests, layout->count + 1, sizeof(*layout->manifests));
	manifest = &layout->manifests[layout->count++];
	*manifest = (struct oci_manifest){.text = BUF_INIT};
	sha256_text_of(OCI_EMPTY, strlen(OCI_EMPTY), &empty);
	add_annotations(&manifest->text, artifact);
	buf_adds(&manifest->text, ",\"config\":{");
	add_descriptor(&manifest->text, &empty, MEDIA_EMPTY, strlen(OCI_EMPTY));
	add_layers(&manifest->text, lock, artifact);
	buf_addf(&manifest->text, ",\"mediaType\":\"%s\",\"schemaVersion\":2}", MEDIA_MANIFEST);
	sha256_text_of(manifest->text.ptr, manifest->text.len, &manifest->digest);
	add_to_index(layout, artifact);
}

static void add_git(struct oci_layout *layout, const struct lock *lock, const struct lock_git *git)
{
	autofree char *ref = xasprintf("git/%s", git->name);

	/* The snapshot first: it is what an OCIRepository of Flux reads. */
	add(layout, lock,
		&(struct artifact){ARTIFACT_GIT, ref, git->url, git->name, NULL, git->revision,
			{&git->snapshot, &git->bundle}});
}

static void add_chart(
	struct oci_layout *layout, const struct lock *lock, const struct lock_chart *chart)
{
	autofree char *ref = xasprintf("charts/%s/%s", chart->name, chart->version);

	add(layout, lock,
		&(struct artifact){ARTIFACT_CHART, ref, chart->repository, chart->name,
			chart->version, NULL, {&chart->blob, &chart->entry}});
}

void oci_layout_make(const struct lock *lock, struct oci_layout *ret)
{
	*ret = (struct oci_layout)OCI_LAYOUT_INIT;
	buf_adds(&ret->index, "{\"manifests\":[");
	for (size_t i = 0; i < lock->git_count; i++)
		add_git(ret, lock, &lock->git[i]);
	for (size_t i = 0; i < lock->chart_count; i++)
		add_chart(ret, lock, &lock->charts[i]);
	add(ret, lock,
		&(struct artifact){ARTIFACT_CLUSTER, (char[]){"cluster"}, NULL, "cluster",
			lock->kubernetes, NULL, {&lock->snapshot, NULL}});
	buf_adds(&ret->index, "],\"mediaType\":\"application/vnd.oci.image.index.v1+json\""
			      ",\"schemaVersion\":2}\n");
}

const char *oci_layout_find(
	const struct oci_layout *layout, const struct sha256_text *digest, size_t *len)
{
	struct sha256_text empty;

	sha256_text_of(OCI_EMPTY, strlen(OCI_EMPTY), &empty);
	*len = strlen(OCI_EMPTY);
	if (layout->count && sha256_text_equal(digest, &empty))
		return OCI_EMPTY;
	for (size_t i = 0; i < layout->count; i++) {
		*len = layout->manifests[i].text.len;
		if (sha256_text_equal(digest, &layout->manifests[i].digest))
			return layout->manifests[i].text.ptr;
	}
	return NULL;
}

static bool is_ours(const struct lock_blob *blob)
{
	return streq(blob->media_type, MEDIA_MANIFEST) || streq(blob->media_type, MEDIA_EMPTY);
}

bool oci_layout_matches(const struct oci_layout *layout, const struct lock *lock)
{
	struct sha256_text empty;
	size_t len;

	for (size_t i = 0; i < lock->blob_count; i++) {
		const struct lock_blob *blob = &lock->blobs[i];

		if (is_ours(blob) &&
			(!oci_layout_find(layout, &blob->digest, &len) || len != blob->size))
			return false;
	}
	for (size_t i = 0; i < layout->count; i++)
		if (!lock_blob(lock, &layout->manifests[i].digest))
			return false;
	sha256_text_of(OCI_EMPTY, strlen(OCI_EMPTY), &empty);
	return !layout->count || lock_blob(lock, &empty);
}

void oci_layout_add(const struct oci_layout *layout, struct lock *lock)
{
	struct sha256_text empty;
	size_t kept = 0;

	for (size_t i = 0; i < lock->blob_count; i++) {
		if (is_ours(&lock->blobs[i]))
			free(lock->blobs[i].media_type);
		else
			lock->blobs[kept++] = lock->blobs[i];
	}
	lock->blob_count = kept;
	sha256_text_of(OCI_EMPTY, strlen(OCI_EMPTY), &empty);
	if (layout->count)
		lock_add_blob(lock, &empty, strlen(OCI_EMPTY), MEDIA_EMPTY, LOCK_SELF);
	for (size_t i = 0; i < layout->count; i++)
		lock_add_blob(lock, &layout->manifests[i].digest, layout->manifests[i].text.len,
			MEDIA_MANIFEST, LOCK_SELF);
}
