/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Git's pkt-lines (gitprotocol-common(5), gitprotocol-v2(5)): four hex digits of length, themselves
 * counted, then the data; "0000", "0001" and "0002" mark ends. Read from pieces of any size.
 */
#ifndef BUNDLE_PKTLINE_H
#define BUNDLE_PKTLINE_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"

#define PKT_MAX_DATA 65516

enum pkt_kind {
	PKT_FLUSH, /* 0000 */
	PKT_DELIM, /* 0001 */
	PKT_END,   /* 0002 */
	PKT_DATA,
};

struct pkt_reader {
	/* `data` is not terminated. 0: go on; 1: enough, what follows is not read; -1: failed. */
	int (*on_packet)(
		void *ctx, enum pkt_kind kind, const char *data, size_t len, struct error *err);
	void *ctx;
	struct buf held; /* the beginning of a packet whose end has not come */
};
#define PKT_READER_INIT          \
	{                        \
		.held = BUF_INIT \
	}
void pkt_reader_clear(struct pkt_reader *reader);
/* 0: all was read; 1: on_packet had enough, and `*used` (may be NULL) tells how much was read; -1:
 * ERROR_SERVER for what is no pkt-line, or on_packet's error. */
int pkt_feed(struct pkt_reader *reader, const char *data, size_t len, size_t *used,
	struct error *err) MUST_CHECK;
/* False in the middle of a packet. */
bool pkt_at_boundary(const struct pkt_reader *reader);

/* ---- writing */

/* At most PKT_MAX_DATA bytes. */
void pkt_add(struct buf *out, const void *data, size_t len);
void pkt_addf(struct buf *out, const char *format, ...) PRINTF(2, 3);
void pkt_add_flush(struct buf *out);
void pkt_add_delim(struct buf *out);

#endif
