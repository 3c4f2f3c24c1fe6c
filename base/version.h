/* SPDX-License-Identifier: Apache-2.0 */
/* Version numbers as releases of Flux, of its extension and of Kubernetes have them. */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#include "base/base.h"

/* Compare dotted versions with optional v and "-N" rebuild suffix: <0, 0, >0. */
int version_compare(const char *a, const char *b);

#endif
