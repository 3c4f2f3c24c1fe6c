/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include "base/alloc.h"
#include "bundle/failures.h"

void failures_clear(struct failures *failures)
{
	strv_clear(&failures->lines);
	free(failures->hint);
	failures->hint = NULL;
}

void failures_add(struct failures *failures, const char *what, const struct error *failure)
{
	if (!failures->lines.len) {
		failures->kind = failure->kind;
		failures->hint = xstrdup_or_null(failure->hint);
	}
	if (strstr(failure->message, what))
		strv_push(&failures->lines, failure->message);
	else
		strv_pushf(&failures->lines, "%s: %s", what, failure->message);
}

int failures_end(
	const struct failures *failures, size_t total, const char *things, struct error *err)
{
	autofree char *lines = strv_join(&failures->lines, "\n  ");

	if (!failures->lines.len)
		return 0;
	if (failures->lines.len == 1)
		error_set(err, failures->kind, "%s", lines);
	else
		error_set(err, failures->kind, "%zu of %zu %s cannot be had:\n  %s",
			failures->lines.len, total, things, lines);
	return failures->hint ? error_hint(err, "%s", failures->hint) : -1;
}
