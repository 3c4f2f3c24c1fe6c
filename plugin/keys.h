/* SPDX-License-Identifier: Apache-2.0 */
/* The allowed_signers file that the keys commands read and write. */
#ifndef PLUGIN_KEYS_H
#define PLUGIN_KEYS_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"

/* The file that --trust names, else the user's own; the caller frees. */
int keys_trust_path(const char *named, char **ret, struct error *err) MUST_CHECK;
/* Its text; empty, with *absent, if there is none yet. */
int keys_trust_read(const char *path, struct buf *ret, bool *absent, struct error *err) MUST_CHECK;

#endif
