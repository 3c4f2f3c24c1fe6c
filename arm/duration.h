/* SPDX-License-Identifier: Apache-2.0 */
/* Durations as people write them, and as ARM wants them: whole seconds, or ISO 8601. */
#ifndef ARM_DURATION_H
#define ARM_DURATION_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"

#define ARM_DURATION_MAX ((int64_t)366 * 24 * 3600) /* seconds */

/*
 * "90s", "1h30m", "10m", a bare number of seconds as "120", or ISO 8601 as "PT30M" and "P1D". Whole
 * seconds, more than none, at most ARM_DURATION_MAX. `what` is for the message: "--timeout".
 * ERROR_USAGE.
 */
int arm_duration_parse(
	const char *what, const char *text, int64_t *ret_seconds, struct error *err) MUST_CHECK;
/* "PT1H30M", "P1D". */
void arm_duration_iso(struct buf *out, int64_t seconds);
/* "1h30m", "10m", "90s" becomes "1m30s". */
void arm_duration_text(struct buf *out, int64_t seconds);

#endif
