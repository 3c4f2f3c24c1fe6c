/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/strv.h"

char *strv_empty[1];

void strv_clear(struct strv *strv)
{
	for (size_t i = 0; i < strv->len; i++)
		free(strv->items[i]);
	if (strv->cap)
		free(strv->items);
	*strv = (struct strv)STRV_INIT;
}

void strv_push_owned(struct strv *strv, char *text)
{
	if (strv->len + 2 > strv->cap) {
		size_t cap = strv->cap ? strv->cap * 2 : 8;

		strv->items = xreallocarray(strv->cap ? strv->items : NULL, cap, sizeof(char *));
		strv->cap = cap;
	}
	strv->items[strv->len++] = text;
	strv->items[strv->len] = NULL;
}

void strv_push(struct strv *strv, const char *text)
{
	strv_push_owned(strv, xstrdup(text));
}

void strv_pushf(struct strv *strv, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	strv_push_owned(strv, xvasprintf(format, args));
	va_end(args);
}

void strv_push_all(struct strv *strv, const struct strv *from)
{
	for (size_t i = 0; i < from->len; i++)
		strv_push(strv, from->items[i]);
}

void strv_remove(struct strv *strv, size_t index)
{
	if (index >= strv->len)
		abort();
	free(strv->items[index]);
	memmove(strv->items + index, strv->items + index + 1,
		(strv->len - index) * sizeof(char *)); /* with the terminator */
	strv->len--;
}

void strv_split(struct strv *strv, const char *text, const char *separators, bool keep_empty)
{
	for (;;) {
		size_t len = strcspn(text, separators);

		if (len || keep_empty)
			strv_push_owned(strv, xstrndup(text, len));
		if (!text[len])
			return;
		text += len + 1;
	}
}

bool strv_contains(const struct strv *strv, const char *text)
{
	for (size_t i = 0; i < strv->len; i++) {
		if (streq(strv->items[i], text))
			return true;
	}
	return false;
}

static int compare_items(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void strv_sort(struct strv *strv)
{
	qsort(strv->items, strv->len, sizeof(char *), compare_items);
}

char *strv_join(const struct strv *strv, const char *separator)
{
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < strv->len; i++) {
		if (i)
			buf_adds(&out, separator);
		buf_adds(&out, strv->items[i]);
	}
	return buf_detach(&out);
}
