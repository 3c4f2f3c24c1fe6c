/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <stdio.h>

#include "base/alloc.h"

static void *or_abort(void *pointer)
{
	if (!pointer) {
		fputs("error: out of memory\n", stderr);
		abort();
	}
	return pointer;
}

void *xmalloc(size_t size)
{
	return or_abort(malloc(size ? size : 1));
}

void *xcalloc(size_t count, size_t size)
{
	return or_abort(calloc(count ? count : 1, size ? size : 1));
}

void *xreallocarray(void *pointer, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		return or_abort(NULL);
	return or_abort(realloc(pointer, count && size ? count * size : 1));
}

char *xstrdup(const char *text)
{
	return xstrndup(text, strlen(text));
}

char *xstrndup(const char *data, size_t len)
{
	char *copy = xmalloc(len + 1);

	if (len)
		memcpy(copy, data, len);
	copy[len] = '\0';
	return copy;
}

char *xstrdup_or_null(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

char *xvasprintf(const char *format, va_list args)
{
	va_list again;
	int len;
	char *text;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (len < 0)
		return or_abort(NULL);
	text = xmalloc((size_t)len + 1);
	vsnprintf(text, (size_t)len + 1, format, args);
	return text;
}

char *xasprintf(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = xvasprintf(format, args);
	va_end(args);
	return text;
}

void str_replace(char **owned, const char *text)
{
	char *copy = xstrdup_or_null(text);

	free(*owned);
	*owned = copy;
}

void free_pointer(void *slot)
{
	void *pointer;

	memcpy(&pointer, slot, sizeof(pointer));
	free(pointer);
}

void wipe(void *data, size_t len)
{
	static void *(*const volatile fill)(void *, int, size_t) = memset;

	if (len)
		fill(data, 0, len);
}

void str_wipe(char **owned)
{
	if (*owned)
		wipe(*owned, strlen(*owned));
	free(*owned);
	*owned = NULL;
}
