/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a request is sent again, and how long to wait before: as Azure's own libraries do it (three
 * times; 0.8 s, doubled, with jitter, at most a minute; what the server asks for goes before).
 */
#ifndef ARM_RETRY_H
#define ARM_RETRY_H

#include "base/base.h"
#include "base/http.h"

#define ARM_RETRIES 3
/* A server that wants more than this is not waited for. */
#define ARM_RETRY_MAX_MS (5 * 60 * 1000)

/* 408, 429, 500, 502, 503, 504. */
bool arm_retry_status(int status);
/* Did the transfer fail in a way that another try may mend: no connection, no reply, a reply cut off? */
bool arm_retry_failure(enum http_failure failure);
/* What the reply asks for in retry-after-ms, x-ms-retry-after-ms or Retry-After (seconds or a date, which
 * is counted from the reply's own Date); -1: nothing. */
int64_t arm_retry_after(const struct http_call *call);
/* Milliseconds before try `attempt` + 2 (0: after the first); -1: the server wants too long a wait. */
int64_t arm_retry_delay(const struct http_call *call, unsigned attempt);

#endif
