/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What ARM says when it refuses: `{"error":{code,message,details[],additionalInfo[]}}`, the same
 * without its wrapper, texts with JSON or another error inside, pages of a proxy. Unfolded to the
 * innermost cause, with the ids that support asks for, and what to do about it out of a catalog.
 */
#ifndef ARM_ERROR_H
#define ARM_ERROR_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"

struct json_object;

/* A refusal taken apart; texts owned, at most 4 KiB each. */
struct arm_failure {
	char *code;       /* innermost; NULL if there is none */
	char *message;    /* innermost, never NULL once read; "" if none was given */
	char *target;     /* NULL: not said */
	struct buf whole; /* "code: message" of every level, a line each, outermost first */
};
#define ARM_FAILURE_INIT          \
	{                         \
		.whole = BUF_INIT \
	}
void arm_failure_clear(struct arm_failure *failure);
/* From a reply's body, whatever it is. `ret` is cleared first, as below. */
void arm_failure_read(const char *body, size_t len, int status, struct arm_failure *ret);
/* From an ErrorDetail that stands inside another document (an operation, an extension), or a text that
 * is or holds one. */
void arm_failure_of(struct json_object *detail, struct arm_failure *ret);

/* CATALOG: what to do about a code or a text. */
struct arm_advice {
	const char *code; /* "AuthorizationFailed", of any level; NULL: any */
	const char *text; /* part of any level's message, in any case; NULL: any */
	enum error_kind kind;
	const char *hint;
};
extern const struct arm_advice arm_advice[];
extern const size_t arm_advice_count;
/* NULL: none. */
const struct arm_advice *arm_advice_find(const struct arm_failure *failure);

/* Where `part` stands in `text`, in any case; NULL: nowhere. */
const char *arm_text_find(const char *text, const char *part);

/* Set `err` from a failure: message, ids (may be NULL), hint of the catalog. `status` 0: not from HTTP.
 * Returns -1. */
int arm_failure_error(
	const struct arm_failure *failure, int status, const char *ids, struct error *err);

#endif
