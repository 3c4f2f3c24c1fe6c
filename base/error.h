/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How failure travels: a `struct error *` is the last parameter, a failing call returns -1 (or
 * NULL) and fills it, callers add what they were doing in front, and only main() prints it.
 *
 *	if (kube_get(kube, path, &object, err) < 0)
 *		return error_wrap(err, "reading %s '%s'", kind->name, name);
 *	return error_set(err, ERROR_NOT_FOUND, "no %s named '%s'", kind->name, name);
 *
 * Messages are lower case without a full stop, and name what failed in single quotes; a message of
 * the Kubernetes API keeps the words that kubectl prints. Nothing secret may enter one.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/base.h"

/* X(NAME, exit status, what the man page says). Several kinds share a status: the kind is for
 * decisions. */
#define ERROR_KINDS(X)                                               \
	X(NONE, 0, "done")                                           \
	X(FAILED, 1, "failed")                                       \
	X(USAGE, 2, "wrong command line")                            \
	X(FINDINGS, 3, "it worked, and found problems")              \
	X(NOT_TRUSTED, 4, "a bundle that is not trusted")            \
	X(DAMAGED, 5, "a bundle that is damaged")                    \
	X(INCOMPLETE, 6, "a bundle that is incomplete")              \
	X(CONFIG, 1, "the kubeconfig or credentials cannot be used") \
	X(NETWORK, 1, "the server cannot be reached")                \
	X(TIMEOUT, 1, "no answer in time")                           \
	X(UNAUTHORIZED, 1, "not logged in")                          \
	X(FORBIDDEN, 1, "not allowed")                               \
	X(NOT_FOUND, 1, "not there")                                 \
	X(GONE, 1, "too old a resource version")                     \
	X(CONFLICT, 1, "in conflict with another change")            \
	X(SERVER, 1, "the server answered with an error")            \
	X(SYNTAX, 1, "what was read is malformed")

enum error_kind {
#define X(name, status, text) ERROR_##name,
	ERROR_KINDS(X)
#undef X
};

struct error {
	enum error_kind kind;
	char *message; /* owned; NULL only for ERROR_NONE. May hold several lines. */
	char *hint;    /* owned; what to type next, or NULL */
};

#define ERROR_INIT                 \
	{                          \
		.kind = ERROR_NONE \
	}
#define autoerror CLEANUP(error_clear) struct error

void error_clear(struct error *err);
/* Replace whatever `err` held. Always returns -1. `err` may be NULL: then the failure is not
 * explained. */
int error_set(struct error *err, enum error_kind kind, const char *format, ...) PRINTF(3, 4);
/* Put "…: " in front of the message. Always returns -1. */
int error_wrap(struct error *err, const char *format, ...) PRINTF(2, 3);
/* Set the hint. Always returns -1. */
int error_hint(struct error *err, const char *format, ...) PRINTF(2, 3);
/* Move `from` into `to`, which is cleared first; `from` is empty afterwards. Always returns -1. */
int error_move(struct error *to, struct error *from);
/* The exit status that stands for a kind. */
int error_exit_status(enum error_kind kind);
/* The kind's name in lower case ("not-found") for JSON output. */
const char *error_kind_name(enum error_kind kind);

#endif
