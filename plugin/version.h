/* SPDX-License-Identifier: Apache-2.0 */
/* What this program calls itself. */
#ifndef PLUGIN_VERSION_H
#define PLUGIN_VERSION_H

/* "v0.1.0" */
const char *version_number(void);
/* The commit it was built from, 8 digits, "-dirty" behind it if there was more; "unknown" outside
 * of Git. */
const char *version_commit(void);
/* "linux/amd64", in Go's words as kubectl says it. */
const char *version_platform(void);
/* For HTTP: "kubectl-flux_arc/v0.1.0 (linux/amd64)". */
const char *version_user_agent(void);

#endif
