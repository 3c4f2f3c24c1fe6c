/* SPDX-License-Identifier: Apache-2.0 */
/* Finite doubles as Go writes them: the fewest digits that read back as the same value. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include "base/base.h"
#include "base/buf.h"

/*
 * As encoding/json does: 1, 0.1, 1e+21, 1e-7. Go writes digits alone up to 1e21; here what 64 bits
 * cannot hold has an exponent, since it would be taken for an integer out of range.
 */
void number_format_json(struct buf *out, double value);
/* As strconv's format 'g' does, which YAML is written with: 1, 0.1, 1e+06, 1e-07. */
void number_format_yaml(struct buf *out, double value);

#endif
