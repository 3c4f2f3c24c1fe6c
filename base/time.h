/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moments and durations. A moment is milliseconds since 1970 in UTC, int64_t; TIME_NONE means
 * unknown. A duration is int64_t milliseconds unless its name says otherwise.
 */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include "base/base.h"
#include "base/buf.h"

#define TIME_NONE INT64_MIN

/* The wall clock, through the seam that tests replace: see time_set_clock(). */
int64_t time_now(void);
/* Milliseconds of a clock that never jumps, for time-outs. */
int64_t time_monotonic(void);
/* Replace time_now() (tests, replays); NULL restores the system's clock. */
void time_set_clock(int64_t (*clock)(void));

/* RFC 3339 with optional fraction and any offset; TIME_NONE if malformed or NULL. */
int64_t time_parse(const char *text);
/* The Date header of HTTP ("Tue, 24 Nov 2026 07:13:30 GMT"); TIME_NONE if malformed. */
int64_t time_parse_http(const char *text);
/* "2026-11-24T07:13:30Z". */
void time_format_utc(struct buf *out, int64_t moment);
/* "07:13:30Z" if on the same UTC day as `now`, else the whole. */
void time_format_short(struct buf *out, int64_t moment, int64_t now);

/* An age as kubectl prints it (HumanDuration): "45s", "3m10s", "47h", "2d1h", "<invalid>";
 * "<unknown>" for TIME_NONE. */
void time_format_age(struct buf *out, int64_t age_ms);

/*
 * A Go duration ("1h30m", "500ms", "-1.5h", "0") to nanoseconds; false if malformed or out of
 * range. Units ns us µs ms s m h.
 */
bool duration_parse(const char *text, int64_t *ret_ns);
/* As Go prints it: "1m30s", "500ms", "0s". */
void duration_format(struct buf *out, int64_t ns);

#endif
