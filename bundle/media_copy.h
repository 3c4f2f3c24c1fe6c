/* SPDX-License-Identifier: Apache-2.0 */
/* From one way of lying on media to another: splitting and joining. */
#ifndef BUNDLE_MEDIA_COPY_H
#define BUNDLE_MEDIA_COPY_H

#include "base/base.h"
#include "base/error.h"
#include "bundle/media.h"
#include "bundle/media_write.h"

/*
 * Write all of `media` as `plan` says (its size is set here). Parts are checked against their
 * digests on the way: one that is damaged is made from the parity part if there is one, then
 * `*mended` (may be NULL) is its name, borrowed. ERROR_DAMAGED names a part that is.
 */
int media_copy(struct media *media, struct media_plan *plan, const char **mended,
	struct error *err) MUST_CHECK;

#endif
