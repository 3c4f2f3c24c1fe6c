/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <stdio.h>

#include "base/alloc.h"
#include "base/log.h"

static int log_level;

void log_set_level(int level)
{
	log_level = level;
}

bool log_enabled(int level)
{
	return level <= log_level;
}

/* A server's bytes must not steer the terminal that they are shown on. */
static void make_harmless(char *text)
{
	for (; *text; text++)
		if (((unsigned char)*text < ' ' && *text != '\n' && *text != '\t') ||
			*text == '\177')
			*text = '?';
}

void log_trace(int level, const char *format, ...)
{
	autofree char *text = NULL;
	va_list args;

	if (!log_enabled(level))
		return;
	va_start(args, format);
	text = xvasprintf(format, args);
	va_end(args);
	make_harmless(text);
	fprintf(stderr, "%s\n", text);
}
