/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <inttypes.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/os.h"
#include "bundle/limits.h"
#include "bundle/media_write.h"
#include "bundle/parts.h"

#define CHUNK MiB
#define FAT_FILE_MAX (4ULL * GiB - 1)

struct media_writer {
	struct media_plan plan;
	struct file_output *outputs; /* of the parts, then of the parity part */
	size_t count;                /* without the parity part */
	size_t at;                   /* the part that is being written */
	uint64_t left;               /* of it; 0: it is to be begun */
	uint64_t done;
	struct digest *digest;
	struct parts list;
};

static bool is_set(const struct media_writer *writer)
{
	return writer->plan.part_size != 0;
}

uint64_t media_plan_parts(const struct media_plan *plan)
{
	if (!plan->part_size || plan->size <= plan->part_size)
		return 1;
	return plan->size / plan->part_size + (plan->size % plan->part_size != 0);
}

static uint64_t size_of(const struct media_writer *writer, size_t index)
{
	uint64_t part = writer->plan.part_size;

	if (index + 1 < writer->count)
		return part;
	return writer->plan.size - (uint64_t)index * part;
}

static void writer_free(struct media_writer *writer)
{
	digest_free(writer->digest);
	parts_clear(&writer->list);
	free(writer->outputs);
	free(writer);
}

void media_writer_abandon(struct media_writer *writer)
{
	if (!writer)
		return;
	for (size_t i = 0; i <= writer->count; i++)
		file_output_abandon(&writer->outputs[i]);
	writer_free(writer);
}

void media_writer_abandon_pointer(struct media_writer **slot)
{
	media_writer_abandon(*slot);
}

/* ---- beginning */

static int begin_part(struct media_writer *writer, struct error *err)
{
	autofree char *path = is_set(writer)
				      ? parts_path(writer->plan.path, writer->at, writer->count)
				      : xstrdup(writer->plan.path);

	writer->left = size_of(writer, writer->at);
	return file_output_begin(path, &writer->outputs[writer->at], err);
}

/* After the first .partial is there and an old one is gone. */
static int check_space(const struct media_writer *writer, struct error *err)
{
	const struct media_plan *plan = &writer->plan;
	autofree char *folder = os_dirname(plan->path);
	uint64_t needed = plan->size;
	uint64_t space;

	if (plan->parity)
		needed += size_of(writer, 0);
	if (folder_free_space(folder, &space, err) < 0)
		return -1;
	if (needed <= space)
		return 0;
	return error_set(err, ERROR_FAILED,
		"write %s: %" PRIu64 " bytes are needed, and %" PRIu64 " are free in %s",
		plan->path, needed, space, folder);
}

int media_writer_begin(const struct media_plan *plan, struct media_writer **ret, struct error *err)
{
	uint64_t count = media_plan_parts(plan);
	const char *slash = strrchr(plan->path, '/');
	autowriter *writer = NULL;

	if (count > LIMIT_PARTS)
		return error_set(err, ERROR_FAILED, "%" PRIu64 " parts, and %d is the limit", count,
			LIMIT_PARTS);
	file_allow_many((size_t)count);
	writer = xcalloc(1, sizeof(*writer));
	*writer = (struct media_writer){.plan = *plan,
		.outputs = xcalloc((size_t)count + 1, sizeof(*writer->outputs)),
		.count = (size_t)count,
		.digest = digest_new(DIGEST_SHA256),
		.list = {.name = xstrdup(slash ? slash + 1 : plan->path),
			.entries = xcalloc((size_t)count, sizeof(*writer->list.entries)),
			.count = (size_t)count}};
	for (size_t i = 0; i <= writer->count; i++)
		writer->outputs[i] = (struct file_output)FILE_OUTPUT_INIT;
	if (begin_part(writer, err) < 0 || check_space(writer, err) < 0)
		return -1;
	*ret = TAKE(writer);
	return 0;
}

/* ---- writing */

/* Where an old file system may be in the way, say so. */
static int write_failed(uint64_t size, struct error *err)
{
	if (size >= FAT_FILE_MAX - CHUNK && size <= FAT_FILE_MAX)
		error_hint(err, "a file on FAT holds 4 GiB: --part-size 4000M");
	return -1;
}

static int end_part(struct media_writer *writer, struct error *err)
{
	struct file_output *output = &writer->outputs[writer->at];
	struct parts_entry *entry = &writer->list.entries[writer->at];

	entry->size = output->size;
	if (is_set(writer))
		sha256_text_end(writer->digest, &entry->digest);
	writer->at++;
	return file_sync(output->fd, output->path, err);
}

int media_writer_write(struct media_writer *writer, const void *data, size_t len, struct error *err)
{
	const struct media_plan *plan = &writer->plan;
	const char *at = data;

	while (len) {
		struct file_output *output = &writer->outputs[writer->at];
		size_t piece = len < writer->left ? len : (size_t)writer->left;

		if (file_output_write(output, at, piece, err) < 0)
			return write_failed(output->size, err);
		if (is_set(writer))
			digest_add(writer->digest, at, piece);
		at += piece;
		len -= piece;
		writer->left -= piece;
		writer->done += piece;
		if (writer->left)
			continue;
		if (end_part(writer, err) < 0)
			return -1;
		if (writer->at < writer->count && begin_part(writer, err) < 0)
			return -1;
	}
	return plan->progress ? plan->progress(plan->progress_ctx, writer->done, plan->size, err)
			      : 0;
}

/* ---- ending */

/* XOR these bytes of a part into `sum`; behind its end it is zeros. */
static int add_part(
	const struct file_output *part, uint64_t offset, char *sum, size_t len, struct error *err)
{
	autofree char *piece = NULL;

	if (offset >= part->size)
		return 0;
	if (len > part->size - offset)
		len = (size_t)(part->size - offset);
	piece = xmalloc(len);
	if (file_pread(part->fd, part->partial, offset, piece, len, err) < 0)
		return -1;
	for (size_t i = 0; i < len; i++)
		sum[i] = (char)(sum[i] ^ piece[i]);
	return 0;
}

static int write_parity(struct media_writer *writer, struct error *err)
{
	struct file_output *output = &writer->outputs[writer->count];
	autofree char *path = parts_parity_path(writer->plan.path);
	autofree char *sum = xmalloc(CHUNK);
	uint64_t size = size_of(writer, 0);

	if (file_output_begin(path, output, err) < 0)
		return -1;
	while (output->size < size) {
		uint64_t left = size - output->size;
		size_t len = left < CHUNK ? (size_t)left : CHUNK;

		memset(sum, 0, len);
		for (size_t i = 0; i < writer->count; i++)
			if (add_part(&writer->outputs[i], output->size, sum, len, err) < 0)
				return -1;
		if (file_output_write(output, sum, len, err) < 0)
			return -1;
		digest_add(writer->digest, sum, len);
	}
	sha256_text_end(writer->digest, &writer->list.parity);
	return 0;
}

/*
 * The list of a set that had these names is taken away first, and the new one comes last: whoever
 * reads meanwhile finds no list, not a wrong one.
 */
static int name_set(struct media_writer *writer, struct error *err)
{
	autofree char *list = parts_list_path(writer->plan.path);
	autobuf text = BUF_INIT;

	file_remove(list);
	for (size_t i = 0; i < writer->count + writer->plan.parity; i++)
		if (file_output_end(&writer->outputs[i], err) < 0)
			return -1;
	parts_write(&writer->list, &text);
	return file_write(list, text.ptr, text.len, err);
}

static int finish(struct media_writer *writer, struct error *err)
{
	if (writer->done != writer->plan.size)
		return error_set(err, ERROR_FAILED,
			"write %s: %" PRIu64 " bytes came, not the %" PRIu64 " announced",
			writer->plan.path, writer->done, writer->plan.size);
	if (!is_set(writer))
		return file_output_end(&writer->outputs[0], err);
	if (writer->plan.parity && write_parity(writer, err) < 0)
		return -1;
	return name_set(writer, err);
}

int media_writer_end(struct media_writer *writer, struct error *err)
{
	int result = finish(writer, err);

	media_writer_abandon(writer);
	return result;
}
