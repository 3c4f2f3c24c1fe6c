/* SPDX-License-Identifier: Apache-2.0 */
/* How main() shows a failure. */
#ifndef PLUGIN_REPORT_H
#define PLUGIN_REPORT_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"

/*
 * Append what goes to stderr: "error: MESSAGE", or the message alone where kubectl prints it so
 * ("Error from server …", "Unable to connect to the server: …"), then the hint. Ends with a line
 * break; nothing for ERROR_FINDINGS without a message.
 */
void report_error(struct buf *out, const struct error *err);

#endif
