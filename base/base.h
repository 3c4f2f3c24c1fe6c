/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The few words that every file of the program may use. Included first everywhere.
 *
 * Ownership is said by names: x_init/x_clear for values, x_new/x_free for heap objects; all clear
 * and free functions accept what is empty. A variable that owns something is declared with
 * CLEANUP(), and ownership leaves it only through TAKE() or a detach function.
 */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Run `fn(&variable)` when the variable goes out of scope. */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

/* Check printf arguments: FMT and FIRST are 1-based parameter positions. */
#define PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))

/* The result says whether it worked, and has to be looked at. */
#define MUST_CHECK __attribute__((warn_unused_result))

/* The argument list ends with a null pointer. */
#define SENTINEL __attribute__((sentinel))

/* The function ends the program rather than return NULL. */
#define NEVER_NULL __attribute__((returns_nonnull))

#define UNUSED __attribute__((unused))

#define countof(array) (sizeof(array) / sizeof((array)[0]))

/* Move an owned pointer out of a CLEANUP() variable, which becomes NULL. */
#define TAKE(pointer) ((__typeof__(pointer))base_take(&(pointer)))

static inline void *base_take(void *slot)
{
	void *taken;
	void *none = NULL;

	memcpy(&taken, slot, sizeof(taken));
	memcpy(slot, &none, sizeof(none));
	return taken;
}

/* Equal texts; NULL equals only NULL. */
static inline bool streq(const char *a, const char *b)
{
	if (!a || !b)
		return a == b;
	return strcmp(a, b) == 0;
}

/* Text that says something: neither NULL nor "". */
static inline bool str_set(const char *text)
{
	return text && *text;
}

static inline bool starts_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static inline bool ends_with(const char *text, const char *suffix)
{
	size_t n = strlen(text);
	size_t m = strlen(suffix);

	return n >= m && memcmp(text + n - m, suffix, m) == 0;
}

/*
 * Unbounded or stateful functions have better replacements: buf.h, strv.h, time.h. Their headers
 * are read before, since with _FORTIFY_SOURCE they define what is banned here.
 */
#define BANNED(name, instead) name##_is_banned_use_##instead
#undef strcpy
#define strcpy(...) BANNED(strcpy, buf_adds)
#undef strcat
#define strcat(...) BANNED(strcat, buf_adds)
#undef sprintf
#define sprintf(...) BANNED(sprintf, buf_addf)
#undef vsprintf
#define vsprintf(...) BANNED(vsprintf, buf_addf)
#undef strtok
#define strtok(...) BANNED(strtok, strv_split)
#undef gmtime
#define gmtime(...) BANNED(gmtime, time_format_utc)
#undef localtime
#define localtime(...) BANNED(localtime, time_format_utc)
#undef ctime
#define ctime(...) BANNED(ctime, time_format_utc)

#endif
