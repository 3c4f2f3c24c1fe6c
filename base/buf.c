/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <ctype.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/buf.h"

char buf_empty[1];

void buf_clear(struct buf *buf)
{
	if (buf->cap)
		free(buf->ptr);
	*buf = (struct buf)BUF_INIT;
}

void buf_wipe(struct buf *buf)
{
	if (buf->cap)
		wipe(buf->ptr, buf->cap);
	buf_clear(buf);
}

void buf_reset(struct buf *buf)
{
	buf_truncate(buf, 0);
}

void buf_grow(struct buf *buf, size_t more)
{
	size_t need;
	size_t cap;

	if (more > SIZE_MAX / 2 - buf->len - 1)
		abort();
	need = buf->len + more + 1;
	if (need <= buf->cap)
		return;
	cap = buf->cap ? buf->cap + buf->cap / 2 : 64;
	if (cap < need)
		cap = need;
	buf->ptr = xreallocarray(buf->cap ? buf->ptr : NULL, cap, 1);
	buf->cap = cap;
	buf->ptr[buf->len] = '\0';
}

void buf_commit(struct buf *buf, size_t more)
{
	buf->len += more;
	buf->ptr[buf->len] = '\0';
}

void buf_truncate(struct buf *buf, size_t len)
{
	if (len > buf->len)
		abort();
	buf->len = len;
	if (buf->cap)
		buf->ptr[len] = '\0';
}

void buf_add(struct buf *buf, const void *data, size_t len)
{
	if (!len)
		return;
	buf_grow(buf, len);
	memcpy(buf->ptr + buf->len, data, len);
	buf->len += len;
	buf->ptr[buf->len] = '\0';
}

void buf_adds(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void buf_addc(struct buf *buf, char byte)
{
	if (buf->len + 2 > buf->cap)
		buf_grow(buf, 1);
	buf->ptr[buf->len++] = byte;
	buf->ptr[buf->len] = '\0';
}

void buf_fill(struct buf *buf, char byte, size_t count)
{
	if (!count)
		return;
	buf_grow(buf, count);
	memset(buf->ptr + buf->len, byte, count);
	buf->len += count;
	buf->ptr[buf->len] = '\0';
}

void buf_vaddf(struct buf *buf, const char *format, va_list args)
{
	va_list again;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (len < 0)
		abort();
	buf_grow(buf, (size_t)len);
	vsnprintf(buf->ptr + buf->len, (size_t)len + 1, format, args);
	buf->len += (size_t)len;
}

void buf_addf(struct buf *buf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	buf_vaddf(buf, format, args);
	va_end(args);
}

void buf_trim(struct buf *buf)
{
	size_t start = 0;
	size_t end = buf->len;

	while (end > 0 && isspace((unsigned char)buf->ptr[end - 1]))
		end--;
	while (start < end && isspace((unsigned char)buf->ptr[start]))
		start++;
	if (start)
		memmove(buf->ptr, buf->ptr + start, end - start);
	buf_truncate(buf, end - start);
}

char *buf_detach(struct buf *buf)
{
	char *text = buf->cap ? buf->ptr : xstrdup("");

	*buf = (struct buf)BUF_INIT;
	return text;
}
