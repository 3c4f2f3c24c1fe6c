/* SPDX-License-Identifier: Apache-2.0 */
/* Packs in files of the content store. */
#ifndef BUNDLE_STORED_PACK_H
#define BUNDLE_STORED_PACK_H

#include "base/base.h"
#include "base/error.h"
#include "bundle/pack.h"
#include "bundle/store.h"

/* `read` of struct pack_bytes for a pack in the middle of a file. */
struct stored_file {
	int fd;
	uint64_t offset; /* of the pack */
	const char *name;
};
int stored_file_read(void *ctx, uint64_t offset, void *data, size_t len, struct error *err);

/*
 * The pack of a git bundle of the store, indexed and put behind the packs of `odb`, on which it may
 * lean. It has to live as long as the odb. `cut`: as in struct pack_work. ERROR_NOT_FOUND: it is not in the store.
 */
struct stored_pack;
int stored_pack_open(const struct store *store, const struct sha256_text *digest, struct odb *odb,
	bool cut, struct stored_pack **ret, struct error *err) MUST_CHECK;
uint64_t stored_pack_objects(const struct stored_pack *pack);
void stored_pack_free(struct stored_pack *pack);

#endif
