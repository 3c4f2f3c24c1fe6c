/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growing run of bytes, always terminated.
 *
 * Invariants: `ptr` is never NULL and ptr[len] is '\0', so it can be read as a C string at any
 * time. Do not keep `ptr` across a call that may grow the buffer, and never free it: buf_detach()
 * alone hands over memory that free() may release. Start with BUF_INIT, end with buf_clear().
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/base.h"

struct buf {
	char *ptr;
	size_t len;
	size_t cap; /* 0 while ptr is the shared empty string */
};

extern char buf_empty[1];
#define BUF_INIT                 \
	{                        \
		.ptr = buf_empty \
	}
#define autobuf CLEANUP(buf_clear) struct buf

void buf_clear(struct buf *buf);
/* The same of a secret, overwritten first. */
void buf_wipe(struct buf *buf);
/* Empty it but keep the memory. */
void buf_reset(struct buf *buf);
/* Make room for `more` bytes past len (and the terminator). */
void buf_grow(struct buf *buf, size_t more);
/* `more` bytes were written behind `ptr + len` after buf_grow() made the room. */
void buf_commit(struct buf *buf, size_t more);
/* Cut to `len` bytes, which may not exceed the present length. */
void buf_truncate(struct buf *buf, size_t len);
void buf_add(struct buf *buf, const void *data, size_t len);
void buf_adds(struct buf *buf, const char *text);
void buf_addc(struct buf *buf, char byte);
/* The same byte `count` times. */
void buf_fill(struct buf *buf, char byte, size_t count);
void buf_addf(struct buf *buf, const char *format, ...) PRINTF(2, 3);
void buf_vaddf(struct buf *buf, const char *format, va_list args) PRINTF(2, 0);
/* Cut white space from both ends. */
void buf_trim(struct buf *buf);
/* The content, owned by the caller (free()); the buffer is empty afterwards. Never NULL. */
char *buf_detach(struct buf *buf);

#endif
