/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing what bundle/media.h reads: one file, or a set of parts that appears whole. Everything has
 * a name of its own ending in ".partial" until the last byte is on disk; what a killed run left so
 * is replaced by the next.
 */
#ifndef BUNDLE_MEDIA_WRITE_H
#define BUNDLE_MEDIA_WRITE_H

#include "base/base.h"
#include "base/error.h"

struct media_plan {
	const char *path;   /* of the file, or of what the parts make together */
	uint64_t size;      /* exactly what will be written */
	uint64_t part_size; /* 0: one file */
	bool parity;
	/* Called with what is written of all; may be NULL. */
	int (*progress)(void *ctx, uint64_t done, uint64_t total, struct error *err);
	void *progress_ctx;
};

struct media_writer;
/* The free space is checked: nothing is written if all does not fit. `plan` is copied, its texts are
 * borrowed. */
int media_writer_begin(
	const struct media_plan *plan, struct media_writer **ret, struct error *err) MUST_CHECK;
int media_writer_write(
	struct media_writer *writer, const void *data, size_t len, struct error *err) MUST_CHECK;
/* Makes the parity part, gives everything its name. The writer is released in any case. */
int media_writer_end(struct media_writer *writer, struct error *err) MUST_CHECK;
void media_writer_abandon(struct media_writer *writer);
void media_writer_abandon_pointer(struct media_writer **slot);
#define autowriter CLEANUP(media_writer_abandon_pointer) struct media_writer

/* Parts of a plan; 1 for a file. */
uint64_t media_plan_parts(const struct media_plan *plan);

#endif
