/* SPDX-License-Identifier: Apache-2.0 */
/* Several things are tried, and all that failed is told at once. */
#ifndef BUNDLE_FAILURES_H
#define BUNDLE_FAILURES_H

#include "base/base.h"
#include "base/error.h"
#include "base/strv.h"

struct failures {
	struct strv lines;
	enum error_kind kind; /* of the first, as is the hint */
	char *hint;
};
#define FAILURES_INIT              \
	{                          \
		.lines = STRV_INIT \
	}
void failures_clear(struct failures *failures);
#define autofailures CLEANUP(failures_clear) struct failures
/* Of `what`, which stands in front unless the message names it. */
void failures_add(struct failures *failures, const char *what, const struct error *failure);
/* 0 if there are none; else one error for all, "2 of 5 THINGS cannot be had: …". */
int failures_end(const struct failures *failures, size_t total, const char *things,
	struct error *err) MUST_CHECK;

#endif
