/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers and strings of SSH (RFC 4251, section 5), read with bounds and written. */
#ifndef BUNDLE_SSH_WIRE_H
#define BUNDLE_SSH_WIRE_H

#include "base/base.h"
#include "base/buf.h"
#include "base/sign.h"

/* What is left to read; every call that returns false leaves it as it was. */
struct ssh_reader {
	const unsigned char *at;
	size_t left;
};
struct ssh_reader ssh_reader(const void *data, size_t len);
bool ssh_read_byte(struct ssh_reader *reader, unsigned char *ret);
bool ssh_read_u32(struct ssh_reader *reader, uint32_t *ret);
/* Exactly `len` bytes, borrowed. */
bool ssh_read_raw(struct ssh_reader *reader, size_t len, struct sign_bytes *ret);
/* A string, borrowed. */
bool ssh_read_string(struct ssh_reader *reader, struct sign_bytes *ret);
/* An mpint that is positive and in its only form, without the zero byte in front of its highest
 * bit. */
bool ssh_read_mpint(struct ssh_reader *reader, struct sign_bytes *ret);

bool ssh_bytes_are(struct sign_bytes bytes, const char *text);
bool ssh_bytes_equal(struct sign_bytes left, struct sign_bytes right);

void ssh_add_u32(struct buf *out, uint32_t value);
void ssh_add_string(struct buf *out, const void *data, size_t len);
void ssh_add_text(struct buf *out, const char *text);
/* Leading zero bytes of `data` are left out. */
void ssh_add_mpint(struct buf *out, const unsigned char *data, size_t len);

#endif
