/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tar of a bundle, by offset. There is one way to write a member (POSIX ustar, mode 0644, no
 * time, no owner; a pax record of the size from 8 GiB on), so a header is read by comparing it with
 * the one that would have been written: links, folders, devices, odd names and fields of another
 * tool cannot come in. The archive ends with two zero blocks and nothing else.
 */
#ifndef BUNDLE_TAR_H
#define BUNDLE_TAR_H

#include "base/base.h"
#include "base/error.h"

#define TAR_BLOCK 512U
#define TAR_END (2 * TAR_BLOCK)
#define TAR_HEADER_MAX (3 * TAR_BLOCK)
#define TAR_NAME_MAX 100
#define TAR_PAX_FROM (8ULL << 30) /* octal digits end here */

/* Bytes of the header of a member of this size, and of its content with the padding. */
size_t tar_header_len(uint64_t size);
uint64_t tar_padded(uint64_t size);
/* Fills tar_header_len() bytes. `name` has at most TAR_NAME_MAX bytes. */
void tar_header(const char *name, uint64_t size, unsigned char header[TAR_HEADER_MAX]);
/* ERROR_DAMAGED says which field is not as it would have been written. */
int tar_check(
	const unsigned char *header, const char *name, uint64_t size, struct error *err) MUST_CHECK;
/* The same where the size is not known: below TAR_PAX_FROM, in one block. */
int tar_read(const unsigned char header[TAR_BLOCK], const char *name, uint64_t *size,
	struct error *err) MUST_CHECK;
/* Does a block claim to be the header of this member? For what need not be there. */
bool tar_is_named(const unsigned char header[TAR_BLOCK], const char *name);

#endif
