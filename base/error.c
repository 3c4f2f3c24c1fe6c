/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "base/error.h"

void error_clear(struct error *err)
{
	free(err->message);
	free(err->hint);
	*err = (struct error)ERROR_INIT;
}

int error_set(struct error *err, enum error_kind kind, const char *format, ...)
{
	va_list args;
	char *message;

	if (!err)
		return -1;
	va_start(args, format);
	message = xvasprintf(format, args);
	va_end(args);
	error_clear(err);
	err->kind = kind;
	err->message = message;
	return -1;
}

int error_wrap(struct error *err, const char *format, ...)
{
	va_list args;
	char *prefix;
	char *message;

	if (!err)
		return -1;
	va_start(args, format);
	prefix = xvasprintf(format, args);
	va_end(args);
	message = xasprintf("%s: %s", prefix, err->message ? err->message : "");
	free(prefix);
	free(err->message);
	err->message = message;
	return -1;
}

int error_hint(struct error *err, const char *format, ...)
{
	va_list args;

	if (!err)
		return -1;
	free(err->hint);
	va_start(args, format);
	err->hint = xvasprintf(format, args);
	va_end(args);
	return -1;
}

int error_move(struct error *to, struct error *from)
{
	if (!to) {
		error_clear(from);
		return -1;
	}
	error_clear(to);
	*to = *from;
	*from = (struct error)ERROR_INIT;
	return -1;
}

int error_exit_status(enum error_kind kind)
{
	static const int statuses[] = {
#define X(name, status, text) [ERROR_##name] = (status),
		ERROR_KINDS(X)
#undef X
	};

	return statuses[kind];
}

const char *error_kind_name(enum error_kind kind)
{
	static const char *const names[] = {
		[ERROR_NONE] = "none",
		[ERROR_FAILED] = "failed",
		[ERROR_USAGE] = "usage",
		[ERROR_FINDINGS] = "findings",
		[ERROR_NOT_TRUSTED] = "not-trusted",
		[ERROR_DAMAGED] = "damaged",
		[ERROR_INCOMPLETE] = "incomplete",
		[ERROR_CONFIG] = "config",
		[ERROR_NETWORK] = "network",
		[ERROR_TIMEOUT] = "timeout",
		[ERROR_UNAUTHORIZED] = "unauthorized",
		[ERROR_FORBIDDEN] = "forbidden",
		[ERROR_NOT_FOUND] = "not-found",
		[ERROR_GONE] = "gone",
		[ERROR_CONFLICT] = "conflict",
		[ERROR_SERVER] = "server",
		[ERROR_SYNTAX] = "syntax",
	};

	return names[kind];
}
