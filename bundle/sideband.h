/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three channels in one (gitprotocol-pack(5), side-band-64k): data, what the server says of its
 * progress, and why it gives up.
 */
#ifndef BUNDLE_SIDEBAND_H
#define BUNDLE_SIDEBAND_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"

struct sideband {
	int (*on_data)(void *ctx, const char *data, size_t len, struct error *err);
	void (*on_progress)(void *ctx, const char *line); /* may be NULL */
	void *data_ctx, *progress_ctx;
	struct buf line;         /* of progress, not ended yet */
	uint64_t progress_bytes; /* in all */
	int64_t data_at;         /* time_monotonic() of the last data; 0: none yet */
};
#define SIDEBAND_INIT            \
	{                        \
		.line = BUF_INIT \
	}
void sideband_clear(struct sideband *sideband);
/* The data of one pkt-line. Returns what on_data returned; a server that only talks, without end,
 * is an error. */
int sideband_take(
	struct sideband *sideband, const char *packet, size_t len, struct error *err) MUST_CHECK;
/* Hand out a last line of progress that was not ended. */
void sideband_end(struct sideband *sideband);

#endif
