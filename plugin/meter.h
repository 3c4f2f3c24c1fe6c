/* SPDX-License-Identifier: Apache-2.0 */
/* One line on the terminal while bytes move: what, how much of how much, how fast, how long still. */
#ifndef PLUGIN_METER_H
#define PLUGIN_METER_H

#include "plugin/app.h"

struct meter {
	struct app *app;
	int64_t began, shown; /* time_monotonic() */
};

/* From here on time is taken. */
void meter_begin(struct meter *meter, struct app *app);
/* Now and then shows "WHAT: 3.1 MiB of 12.0 MiB, 1.2 MiB/s, 7s left"; `total` 0: not known. The line
 * is taken away by app_progress_end(). */
void meter_show(struct meter *meter, const char *what, uint64_t done, uint64_t total);

#endif
