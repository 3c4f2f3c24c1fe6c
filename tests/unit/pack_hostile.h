/* SPDX-License-Identifier: Apache-2.0 */
/* Packs that mean harm, a row each, and what the indexer has to say of them. */
#ifndef TESTS_UNIT_PACK_HOSTILE_H
#define TESTS_UNIT_PACK_HOSTILE_H

#include "pack_maker.h"

struct hostile_row {
	void (*make)(struct buf *pack);
	const char *says; /* NULL: it is good */
};

static int index_bytes(struct buf *pack, struct error *err)
{
	struct pack_bytes source = git_bytes(pack);
	autopack *ret = NULL;
	int result = pack_index(&source, NULL, NULL, &ret, err);

	assert_true((result == 0) == (ret != NULL));
	return result;
}

static void hostile_rows(const struct hostile_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		autobuf pack = BUF_INIT;
		autoerror err = ERROR_INIT;

		pack_begin(&pack);
		rows[i].make(&pack);
		if (index_bytes(&pack, &err) == 0) {
			if (rows[i].says)
				fail_msg("row %zu is taken, though %s", i, rows[i].says);
			continue;
		}
		if (!rows[i].says || !strstr(err.message, rows[i].says))
			fail_msg("row %zu says: %s", i, err.message);
	}
}

#endif
