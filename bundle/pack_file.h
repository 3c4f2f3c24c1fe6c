/* SPDX-License-Identifier: Apache-2.0 */
/* An indexed pack as the two files that a Git repository has of it. */
#ifndef BUNDLE_PACK_FILE_H
#define BUNDLE_PACK_FILE_H

#include "base/base.h"
#include "base/error.h"
#include "bundle/pack.h"

struct pack_file_output {
	int (*write)(void *ctx, const void *data, size_t len, struct error *err);
	void *ctx;
};
#define PACK_FILE_NAME_MAX (5 + OID_HEX_LEN + 1)
/* "pack-HEX", from the pack's trailer. */
int pack_file_name(
	const struct pack *pack, char name[PACK_FILE_NAME_MAX], struct error *err) MUST_CHECK;
/*
 * NAME.pack and NAME.idx (version 2, gitformat-pack(5)). A thin pack gets those objects of `odb` behind
 * its own that its deltas lean on, since a repository's packs stand alone; NULL: it is not thin.
 */
int pack_file_write(const struct pack *pack, struct odb *odb, const struct pack_file_output *file,
	const struct pack_file_output *index, struct error *err) MUST_CHECK;

#endif
