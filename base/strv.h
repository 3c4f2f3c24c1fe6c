/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A vector of owned strings, NULL-terminated, so that `items` serves as an argument vector.
 * `items` is never NULL. Start with STRV_INIT, end with strv_clear().
 */
#ifndef BASE_STRV_H
#define BASE_STRV_H

#include "base/base.h"

struct strv {
	char **items;
	size_t len;
	size_t cap; /* 0 while items is the shared empty vector */
};

extern char *strv_empty[1];
#define STRV_INIT                   \
	{                           \
		.items = strv_empty \
	}
#define autostrv CLEANUP(strv_clear) struct strv

void strv_clear(struct strv *strv);
/* Append a copy. */
void strv_push(struct strv *strv, const char *text);
void strv_pushf(struct strv *strv, const char *format, ...) PRINTF(2, 3);
/* Append `text` itself, which becomes the vector's. */
void strv_push_owned(struct strv *strv, char *text);
void strv_push_all(struct strv *strv, const struct strv *from);
/* Remove item `index`. */
void strv_remove(struct strv *strv, size_t index);
/* Append the pieces of `text` between the bytes of `separators`; empty pieces are kept when asked.
 */
void strv_split(struct strv *strv, const char *text, const char *separators, bool keep_empty);
bool strv_contains(const struct strv *strv, const char *text);
void strv_sort(struct strv *strv);
/* All items with `separator` between them; the caller frees. */
char *strv_join(const struct strv *strv, const char *separator);

#endif
