/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tracing for -v, from any layer. Warnings, progress and errors are not traces: those belong to
 * plugin/. Level 6 names each request with its status and time, 8 adds headers and bodies
 * (credentials masked by the caller: what reaches this function is printed).
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/base.h"

void log_set_level(int level);
bool log_enabled(int level);
/* One line on stderr; control characters become '?'. */
void log_trace(int level, const char *format, ...) PRINTF(2, 3);

#endif
