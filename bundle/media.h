/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes of a bundle, whatever files hold them: one file, or a set of parts in one or several
 * folders (NAME.tar.0001-of-0007 beside NAME.parts.json), read across without joining them.
 */
#ifndef BUNDLE_MEDIA_H
#define BUNDLE_MEDIA_H

#include "base/base.h"
#include "base/error.h"
#include "base/strv.h"
#include "bundle/sha256_text.h"

struct media;

/*
 * `path`: the file, any part of a set, or its parts list; `folders`: where else parts are looked
 * for (NULL: nowhere; the folder of `path` always is). Sizes of parts are compared now, their digests
 * by media_part_digest(). A lost part that a parity part can give back is given back while reading.
 * ERROR_INCOMPLETE names parts that are not there, ERROR_DAMAGED those of another set or size.
 */
int media_open(const char *path, const struct strv *folders, struct media **ret,
	struct error *err) MUST_CHECK;
void media_free(struct media *media);
void media_free_pointer(struct media **slot);
#define automedia CLEANUP(media_free_pointer) struct media

/* The folders that it was given, for what belongs to it; borrowed. */
const struct strv *media_folders(const struct media *media);
/* As it was given, for messages. */
const char *media_name(const struct media *media);
uint64_t media_size(const struct media *media);
size_t media_parts(const struct media *media); /* 1 for a file */
/* The name of the part that holds this byte, for messages; borrowed. */
const char *media_part_at(const struct media *media, uint64_t offset);
/* All of `len` bytes or an error that names the part; safe to call from several threads. */
int media_read(
	struct media *media, uint64_t offset, void *data, size_t len, struct error *err) MUST_CHECK;

/* ---- the parts themselves; a file is one part without a digest in a list */

struct parts;
/* The list of the set; NULL: a file. Borrowed. */
const struct parts *media_list(const struct media *media);
/* "site-a.tar.0003-of-0007"; `index` of media_parts(): the parity part, NULL if there is none.
 * Borrowed. */
const char *media_part_name(const struct media *media, size_t index);
/* Whether the part is not there, and made from the parity part while reading. */
bool media_part_rebuilt(const struct media *media, size_t index);
/* Take a part for lost from now on: true if the parity part can give it back. */
bool media_part_drop(struct media *media, size_t index);
/* Read it all, `index` as above. */
int media_part_digest(struct media *media, size_t index, struct sha256_text *digest,
	struct error *err) MUST_CHECK;

#endif
