/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/os.h"
#include "bundle/gitbundle.h"
#include "bundle/stored_pack.h"

int stored_file_read(void *ctx, uint64_t offset, void *data, size_t len, struct error *err)
{
	const struct stored_file *file = ctx;

	return file_pread(file->fd, file->name, file->offset + offset, data, len, err);
}

struct stored_pack {
	struct stored_file file;
	uint64_t objects;
};

uint64_t stored_pack_objects(const struct stored_pack *pack)
{
	return pack->objects;
}

void stored_pack_free(struct stored_pack *pack)
{
	if (!pack)
		return;
	file_close(pack->file.fd);
	free(pack);
}

/* Where the pack begins in a git bundle of ours: behind the first empty line. */
static int skip_header(struct stored_pack *stored, uint64_t size, struct error *err)
{
	size_t want = size < 65536 ? (size_t)size : 65536;

	for (;;) {
		autogitbundle header = {.refs = NULL};
		autobuf text = BUF_INIT;
		size_t pack = 0;
		int found;

		buf_grow(&text, want);
		if (file_pread(stored->file.fd, stored->file.name, 0, text.ptr, want, err) < 0)
			return -1;
		buf_commit(&text, want);
		found = gitbundle_read(text.ptr, text.len, &header, &pack, err);
		if (found < 0)
			return -1;
		stored->file.offset = pack;
		if (found)
			return 0;
		if (want == size)
			return error_set(err, ERROR_DAMAGED, "a git bundle without a pack");
		want = size / 4 < want ? (size_t)size : want * 4;
	}
}

int stored_pack_open(const struct store *store, const struct sha256_text *digest, struct odb *odb,
	bool cut, struct stored_pack **ret, struct error *err)
{
	const struct pack_work work = {.cut = cut};
	struct stored_pack *stored = xcalloc(1, sizeof(*stored));
	struct pack_bytes bytes = {.read = stored_file_read, .ctx = &stored->file};
	struct pack *pack = NULL;
	uint64_t size = 0;

	stored->file = (struct stored_file){.fd = -1, .name = "a git bundle of the cache"};
	if (store_read(store, digest, &stored->file.fd, err) < 0 ||
		!store_has(store, digest, &size, NULL) || skip_header(stored, size, err) < 0)
		goto fail;
	bytes.size = size - stored->file.offset;
	if (pack_index(&bytes, odb, &work, &pack, err) < 0)
		goto fail;
	stored->objects = pack_count(pack);
	odb_add(odb, pack);
	*ret = stored;
	return 0;
fail:
	stored_pack_free(stored);
	return error_wrap(err, "the cache");
}
