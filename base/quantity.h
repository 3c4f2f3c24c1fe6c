/* SPDX-License-Identifier: Apache-2.0 */
/* Amounts in the notation of Kubernetes: "100m", "1Gi", "0.5", "2k", "1e3". */
#ifndef BASE_QUANTITY_H
#define BASE_QUANTITY_H

#include "base/base.h"

/* Thousandths of the unit, so that "100m" is 100 and "1Ki" is 1024000; false if malformed or too large. */
bool quantity_parse(const char *text, int64_t *ret_milli);

#endif
