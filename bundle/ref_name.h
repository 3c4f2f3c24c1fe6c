/* SPDX-License-Identifier: Apache-2.0 */
/* Names of refs: the rules of git-check-ref-format(1), and what this program adds to them. */
#ifndef BUNDLE_REF_NAME_H
#define BUNDLE_REF_NAME_H

#include "base/base.h"

/*
 * True for "refs/…" as `git check-ref-format` takes it: no element empty, beginning with '.' or
 * ending in ".lock", no "..", "@{", control characters, space, '~', '^', ':', '?', '*', '[', '\',
 * no '/' or '.' at the end; and at most LIMIT_GIT_REF_NAME bytes.
 */
bool ref_name_valid(const char *name, size_t len);

#endif
