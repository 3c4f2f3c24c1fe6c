/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sending a pack out of the bundle. Its SHA-256 is taken on the way, and the pack's last bytes are
 * held back until it is known to be the one that the lock names: a server takes no pack without its
 * end. Where a server takes no thin packs, the objects that deltas lie on are put behind the others.
 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/deflate.h"
#include "base/digest.h"
#include "bundle/limits.h"
#include "bundle/pack_private.h"
#include "bundle/push_internal.h"

#define PIECE ((size_t)256 << 10)

int push_find_pack(const struct push *push, const struct lock_git *git, struct bundle **holder,
	struct source *ret, struct error *err)
{
	const struct push_options *options = push->options;
	const struct lock_blob *blob = lock_blob(&options->bundle->lock, &git->bundle);

	*holder = options->bundle;
	for (size_t i = 0; blob && blob->where == LOCK_BASE && i < options->base_count; i++) {
		blob = lock_blob(&options->bases[i]->lock, &git->bundle);
		*holder = options->bases[i];
	}
	if (blob && blob->where == LOCK_SELF)
		return source_find(*holder, git, ret, err);
	error_set(err, ERROR_INCOMPLETE, "source '%s' is in a bundle that this one builds on",
		git->name);
	return error_hint(err, "push that one first, or name it with --base");
}

/* ---- the objects that a thin pack lacks */

struct completion {
	struct buf objects; /* as entries of a pack */
	uint32_t count;
};

static void add_entry(struct buf *out, enum object_type type, const struct buf *data)
{
	autodeflater *deflater = deflater_new(DEFLATE_ZLIB, 6);
	uint64_t rest = data->len >> 4;
	unsigned char byte = (unsigned char)((unsigned)type << 4 | (data->len & 15));

	while (rest) {
		buf_addc(out, (char)(byte | 0x80));
		byte = rest & 0x7f;
		rest >>= 7;
	}
	buf_addc(out, (char)byte);
	deflater_add(deflater, data->ptr, data->len, true, out);
}

static int add_bases(
	struct odb *odb, const struct pack *pack, struct completion *ret, struct error *err)
{
	size_t count;
	const struct oid *outside = pack_outside(pack, &count);
	autobuf data = BUF_INIT;

	for (size_t i = 0; i < count; i++) {
		enum object_type type;

		if (odb_read(odb, &outside[i], &type, &data, err) < 0)
			return -1;
		add_entry(&ret->objects, type, &data);
		if (ret->objects.len > LIMIT_OBJECT_HELD)
			return error_set(err, ERROR_FAILED,
				"the objects that it lacks have more than %lu bytes",
				LIMIT_OBJECT_HELD);
	}
	ret->count = (uint32_t)count;
	return 0;
}

static int complete(const struct push *push, const struct push_source *source,
	struct completion *ret, struct error *err)
{
	autohistory *history = NULL;

	if (!push->options->base_count) {
		error_set(err, ERROR_INCOMPLETE, "'%s' takes no thin packs, and '%s' is one",
			source->shown, source->git->name);
		return error_hint(err, "name the bundle that this one builds on with --base");
	}
	if (push_history_open(push, source->git, &history, err) < 0)
		return -1;
	return add_bases(history->odb, source_pack(history->source), ret, err);
}

/* ---- the stream */

struct stream {
	const struct push *push;
	const struct push_source *source;
	struct bundle *holder;
	struct source place;
	struct digest *sha256; /* of the git bundle's blob */
	struct digest *sha1;   /* of the pack that is made; NULL: it goes as it stands */
	struct completion added;
	uint64_t at, end; /* in the pack as it stands; `end`: without its trailer, if one is made */
	size_t added_at;
	struct buf tail; /* what follows all that, and how much of it is sent */
	size_t tail_at;
	uint64_t sent;
};

static void stream_clear(struct stream *stream)
{
	digest_free(stream->sha256);
	digest_free(stream->sha1);
	buf_clear(&stream->added.objects);
	buf_clear(&stream->tail);
}

static int hash_header(struct stream *stream, struct error *err)
{
	uint64_t len = stream->place.pack_offset - stream->place.offset;
	autofree char *piece = xmalloc(PIECE);

	for (uint64_t at = 0; at < len;) {
		size_t now = len - at < PIECE ? (size_t)(len - at) : PIECE;

		if (media_read(stream->holder->media, stream->place.offset + at, piece, now, err) <
			0)
			return -1;
		digest_add(stream->sha256, piece, now);
		at += now;
	}
	return 0;
}

/* The last bytes, once it is known that all before were right. */
static int make_tail(struct stream *stream, struct error *err)
{
	const struct source *place = &stream->place;
	unsigned char trailer[DIGEST_MAX];
	struct sha256_text digest;

	if (media_read(stream->holder->media, place->pack_offset + place->pack_size - OID_LEN,
		    trailer, OID_LEN, err) < 0)
		return -1;
	digest_add(stream->sha256, trailer, OID_LEN);
	sha256_text_end(stream->sha256, &digest);
	if (!sha256_text_equal(&digest, &place->git->bundle))
		return error_set(err, ERROR_DAMAGED,
			"blob %s of source '%s' in '%s' has another digest: %s",
			place->git->bundle.text, place->git->name,
			media_name(stream->holder->media), digest.text);
	if (stream->sha1)
		digest_end(stream->sha1, trailer);
	buf_add(&stream->tail, trailer, OID_LEN);
	return 0;
}

static void put32(unsigned char *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (unsigned char)(value >> (24 - 8 * i));
}

/* The number of objects, in the pack's head. */
static void patch_count(const struct stream *stream, unsigned char *head)
{
	uint32_t count = (uint32_t)head[8] << 24 | (uint32_t)head[9] << 16 |
			 (uint32_t)head[10] << 8 | head[11];

	put32(head + 8, count + stream->added.count);
}

static int64_t next_stored(struct stream *stream, void *data, size_t len, struct error *err)
{
	uint64_t left = stream->end - stream->at;
	/* The head at once, so that it can be changed. */
	size_t most = stream->at ? PIECE : PACK_SIGNATURE_LEN;

	if (len > most)
		len = most;
	if (len > left)
		len = (size_t)left;
	if (media_read(stream->holder->media, stream->place.pack_offset + stream->at, data, len,
		    err) < 0)
		return -1;
	digest_add(stream->sha256, data, len);
	if (!stream->at && stream->sha1)
		patch_count(stream, data);
	stream->at += len;
	return (int64_t)len;
}

static int64_t next_of(const struct buf *buf, size_t *at, void *data, size_t len)
{
	if (len > buf->len - *at)
		len = buf->len - *at;
	memcpy(data, buf->ptr + *at, len);
	*at += len;
	return (int64_t)len;
}

static int64_t next_bytes(struct stream *stream, void *data, size_t len, struct error *err)
{
	int64_t got;

	if (stream->at < stream->end) {
		got = next_stored(stream, data, len, err);
	} else if (stream->added_at < stream->added.objects.len) {
		got = next_of(&stream->added.objects, &stream->added_at, data, len);
	} else {
		if (!stream->tail.len && make_tail(stream, err) < 0)
			return -1;
		return next_of(&stream->tail, &stream->tail_at, data, len);
	}
	if (stream->sha1 && got > 0)
		digest_add(stream->sha1, data, (size_t)got);
	return got;
}

static int64_t next_pack(void *ctx, void *data, size_t len, struct error *err)
{
	struct stream *stream = ctx;
	const struct push_options *options = stream->push->options;
	int64_t got = next_bytes(stream, data, len, err);

	if (got > 0)
		stream->sent += (uint64_t)got;
	if (got > 0 && options->on_sent &&
		options->on_sent(options->ctx, stream->source, stream->sent, err) < 0)
		return -1;
	return got;
}

static int open_stream(struct stream *stream, bool completed, struct error *err)
{
	const struct push_source *source = stream->source;

	if (push_find_pack(stream->push, source->git, &stream->holder, &stream->place, err) < 0)
		return -1;
	if (stream->place.pack_size < PACK_SIGNATURE_LEN + PACK_TRAILER_LEN)
		return error_set(
			err, ERROR_DAMAGED, "source '%s' has no whole pack", source->git->name);
	stream->sha256 = digest_new(DIGEST_SHA256);
	stream->end = stream->place.pack_size - PACK_TRAILER_LEN;
	if (completed) {
		stream->sha1 = digest_new(DIGEST_SHA1);
		if (complete(stream->push, source, &stream->added, err) < 0)
			return -1;
	}
	return hash_header(stream, err);
}

/* ---- */

static void on_progress(void *ctx, const char *line)
{
	const struct stream *stream = ctx;
	const struct push_options *options = stream->push->options;

	if (options->on_said)
		options->on_said(options->ctx, stream->source, line);
}

static struct remote_update *make_updates(const struct push_source *source, size_t *count)
{
	struct remote_update *updates = xcalloc(source->changes, sizeof(*updates));

	*count = 0;
	for (size_t i = 0; i < source->ref_count; i++) {
		const struct push_ref *ref = &source->refs[i];

		if (ref->change != PUSH_NOTHING)
			updates[(*count)++] = (struct remote_update){
				.name = ref->name, .old = ref->old, .wanted = ref->wanted};
	}
	return updates;
}

/* Some servers tell only now that they lack what a delta builds on. */
static int explain(const struct push_source *source, struct error *err)
{
	if (source->git->prerequisite_count && err->message &&
		(strstr(err->message, "unresolved delta") ||
			strstr(err->message, "missing necessary objects"))) {
		err->kind = ERROR_INCOMPLETE;
		return error_hint(err,
			"the target lacks what this delta builds on: push the bundle "
			"before it first");
	}
	return -1;
}

int push_send(const struct push *push, struct push_source *source, struct error *err)
{
	CLEANUP(stream_clear)
	struct stream stream = {
		.push = push, .source = source, .added = {.objects = BUF_INIT}, .tail = BUF_INIT};
	struct remote_push request = {.on_progress = on_progress, .ctx = &stream};
	int result;

	if (push_connect(push, source, err) < 0)
		return -1;
	if (source->pack_size) {
		bool thin = source->git->thin;
		bool completed = thin && !remote_takes_thin(source->remote);

		if (open_stream(&stream, completed, err) < 0)
			return -1;
		request.next_pack = next_pack;
		request.pack_size = stream.place.pack_size + stream.added.objects.len;
		request.thin = thin && !completed;
	}
	request.updates = make_updates(source, &request.update_count);
	result = remote_push(source->remote, &request, err);
	for (size_t i = 0; i < request.update_count; i++)
		free(request.updates[i].rejected);
	free(request.updates);
	return result < 0 ? explain(source, err) : 0;
}
