/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts that live as long as their pool: each different one is stored once, so that thousands of
 * records may name the same namespace or reason for the price of a pointer.
 */
#ifndef BASE_INTERN_H
#define BASE_INTERN_H

#include "base/base.h"

struct intern;
struct intern *intern_new(void);
void intern_free(struct intern *pool);
/* The one copy of `text`; NULL stays NULL. Equal texts give equal pointers. */
const char *intern(struct intern *pool, const char *text);
/* `size` bytes of the pool, aligned for any object, zeroed. */
void *intern_alloc(struct intern *pool, size_t size);
/* Bytes that the pool holds. */
size_t intern_size(const struct intern *pool);

#endif
