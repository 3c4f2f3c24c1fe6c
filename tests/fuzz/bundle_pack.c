/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pack. The first byte says how the rest is read: 0: as the pack, whose trailer is put right; else as
 * objects of which one is made, since checksums would keep a fuzzer from ever getting far: the kind,
 * two bytes of length, and content, of which a delta's first byte says on which object before it is.
 * What is taken must read back under its own names.
 */
#include "base/base.h"

#include "bundle/pack_private.h"
#include "tests/unit/pack_maker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define OBJECTS 256

struct making {
	const uint8_t *at, *end;
	struct buf pack;
	uint64_t offsets[OBJECTS];
	struct oid names[OBJECTS];
	uint32_t count;
};

static int read_bytes(void *ctx, uint64_t offset, void *data, size_t len, struct error *err)
{
	const struct buf *pack = ctx;

	if (offset > pack->len || len > pack->len - offset)
		return error_set(err, ERROR_FAILED, "no such bytes");
	memcpy(data, pack->ptr + offset, len);
	return 0;
}

static void read_all(struct odb *odb, const struct pack *pack)
{
	autobuf content = BUF_INIT;

	for (uint32_t i = 0; i < pack_count(pack); i++) {
		enum object_type type;
		struct oid name;

		if (odb_read(odb, pack_oid(pack, i), &type, &content, NULL) < 0)
			abort();
		name = object_name_of(type, content.ptr, content.len);
		if (!oid_equal(&name, pack_oid(pack, i)))
			abort();
	}
}

static void index_pack(struct buf *bytes)
{
	struct pack_bytes source = {.read = read_bytes, .ctx = bytes, .size = bytes->len};
	struct pack *pack;
	autoodb *odb = odb_new();

	if (pack_index(&source, NULL, NULL, &pack, NULL) < 0)
		return;
	odb_add(odb, pack);
	read_all(odb, pack);
}

static void make_object(struct making *making, unsigned kind, const char *content, size_t len)
{
	unsigned on = len ? (unsigned char)content[0] : 0;
	struct buf delta = {.ptr = buf_empty};

	making->offsets[making->count] = making->pack.len;
	if (kind <= OBJECT_TAG && kind) {
		making->names[making->count] = object_name_of((enum object_type)kind, content, len);
		pack_object(&making->pack, (enum object_type)kind, content, len);
	} else if (len) {
		autobuf text = BUF_INIT;

		buf_add(&text, content + 1, len - 1);
		delta = text;
		if (kind == RAW_OFS_DELTA)
			pack_ofs(&making->pack, making->pack.len - making->offsets[on], &delta);
		else
			pack_ref(&making->pack, &making->names[on], &delta);
	}
	making->count++;
}

static void make(struct making *making)
{
	pack_begin(&making->pack);
	while (making->end - making->at > 3 && making->count < OBJECTS) {
		unsigned kind = making->at[0] & 7;
		size_t len = (size_t)(making->at[1] | making->at[2] << 8);
		size_t left = (size_t)(making->end - making->at) - 3;

		len = len < left ? len : left;
		make_object(making, kind, (const char *)making->at + 3, len);
		making->at += 3 + len;
	}
	pack_finish(&making->pack, making->count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct making making = {.at = data, .end = data + size, .pack = BUF_INIT};

	if (!size)
		return 0;
	making.at++;
	if (data[0]) {
		make(&making);
	} else {
		uint32_t count = 0;

		buf_add(&making.pack, data + 1, size - 1);
		if (making.pack.len < PACK_SIGNATURE_LEN + PACK_TRAILER_LEN) {
			index_pack(&making.pack);
			buf_clear(&making.pack);
			return 0;
		}
		for (int i = 8; i < PACK_SIGNATURE_LEN; i++)
			count = count << 8 | (unsigned char)making.pack.ptr[i];
		buf_truncate(&making.pack, making.pack.len - PACK_TRAILER_LEN);
		pack_finish(&making.pack, count);
	}
	index_pack(&making.pack);
	buf_clear(&making.pack);
	return 0;
}
