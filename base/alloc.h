/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory. Being out of memory ends the program with a message: no caller checks, no caller can
 * forget to. Everything here is released with free().
 */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include "base/base.h"

void *xmalloc(size_t size) NEVER_NULL;
/* Zeroed; count * size may not overflow. */
void *xcalloc(size_t count, size_t size) NEVER_NULL;
/* Resize to count * size bytes; the product may not overflow. */
void *xreallocarray(void *pointer, size_t count, size_t size) NEVER_NULL;
char *xstrdup(const char *text) NEVER_NULL;
/* A copy of the first `len` bytes, terminated; `data` may hold any bytes. */
char *xstrndup(const char *data, size_t len) NEVER_NULL;
/* NULL stays NULL. */
char *xstrdup_or_null(const char *text);
char *xasprintf(const char *format, ...) PRINTF(1, 2) NEVER_NULL;
char *xvasprintf(const char *format, va_list args) PRINTF(1, 0) NEVER_NULL;

/* Replace an owned string by a copy of `text` (NULL empties it). `text` may be the old value. */
void str_replace(char **owned, const char *text);

/* Overwrite a secret, which no compiler leaves out because nobody reads it again. */
void wipe(void *data, size_t len);
/* The same of an owned string, which is freed and becomes NULL. */
void str_wipe(char **owned);

/* For CLEANUP: the variable is a pointer to anything that came from malloc. */
void free_pointer(void *slot);
#define autofree CLEANUP(free_pointer)

#endif
