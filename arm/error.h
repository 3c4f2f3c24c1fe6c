/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What ARM says when it refuses: `{"error":{code,message,details[],additionalInfo[]}}`, the same
 * without its wrapper, texts with JSON or another error inside, pages of a proxy. Unfolded to the
 * innermost cause, with the ids that support asks for, and what to do about it out of a catalog.
 */
#ifndef ARM_ERROR_H
#define ARM_ERROR_H

#include "base/base.h"
#include "base/error.h"

struct json_object;

/* A refusal taken apart; texts owned. */
struct arm_failure {
	char *code;    /* innermost; NULL if there is none */
	char *message; /* never NULL */
	char *target;  /* NULL: not said */
};
void arm_failure_clear(struct arm_failure *failure);
/* From a reply's body, whatever it is. */
void arm_failure_read(const char *body, size_t len, int status, struct arm_failure *ret);
/* From an ErrorDetail that stands inside another document (an operation, an extension). */
void arm_failure_of(struct json_object *detail, struct arm_failure *ret);

/* CATALOG: what to do about a code or a text. */
struct arm_advice {
	const char *code; /* "AuthorizationFailed"; NULL: any */
	const char *text; /* part of the message, in any case; NULL: any */
	enum error_kind kind;
	const char *hint;
};
extern const struct arm_advice arm_advice[];
extern const size_t arm_advice_count;
const struct arm_advice *arm_advice_find(const struct arm_failure *failure);

/* Set `err` from a failure: message, ids (may be NULL), hint of the catalog. Returns -1. */
int arm_failure_error(
	const struct arm_failure *failure, int status, const char *ids, struct error *err);

#endif
