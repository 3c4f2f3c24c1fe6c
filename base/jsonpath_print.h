/* SPDX-License-Identifier: Apache-2.0 */
/* How Go prints a value found by a path. */
#ifndef BASE_JSONPATH_PRINT_H
#define BASE_JSONPATH_PRINT_H

#include "base/base.h"
#include "base/buf.h"

struct json_object;

/* Text raw, null as "<nil>", objects and arrays as compact JSON with sorted keys. */
void jsonpath_print_value(struct buf *out, struct json_object *value);

#endif
